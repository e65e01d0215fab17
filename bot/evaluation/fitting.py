"""Weights are fitted to labelled questions: which sentence answers, and whether any does."""

import numpy as np
import numpy.typing as npt

from knowledge.errors import EvaluationError

Numbers = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

_INVERSE_PENALTY_OF_CLASSIFYING = 0.3


def fit_logistic(
    rows: Numbers, truths: Truths, importance: Numbers | None = None
) -> tuple[Numbers, float]:
    """Return the weights and the bias of a logistic model.

    Args:
        rows: Shape (questions, signals).
        truths: What is to be told, shape (questions,).
        importance: Of each question, shape (questions,); by default all count the same.

    Raises:
        EvaluationError: scikit-learn isn't installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise EvaluationError(
            "rolewise evaluate --calibrate needs scikit-learn, which is not installed."
            ' Run: pip install "rolewise[evaluation]"'
        ) from error

    centre = rows.mean(axis=0)
    scale = rows.std(axis=0) + 1e-9
    model = LogisticRegression(C=_INVERSE_PENALTY_OF_CLASSIFYING, max_iter=5_000)
    model.fit((rows - centre) / scale, truths, sample_weight=importance)
    weights = model.coef_[0] / scale
    return np.asarray(weights), float(model.intercept_[0] - weights @ centre)
