"""Weights are fitted to labelled questions: which sentence answers, and whether any does."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from knowledge.errors import EvaluationError

Numbers = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

_PENALTY_OF_RANKING = 0.003
_INVERSE_PENALTY_OF_CLASSIFYING = 0.3


def fit_ranking(
    signals: Sequence[npt.NDArray[np.float32]],
    answers: Sequence[npt.NDArray[np.float32]],
    importance: Sequence[float],
) -> Numbers:
    """Return the weights with which the sentences that answer come first.

    Each question's sentences share a probability of 1 by a softmax of their weighted signals; the
    probability of those that answer is made as large as can be. The weights of signals in their
    own units are penalised by their square.

    Args:
        signals: Of each question, shape (sentences, signals).
        answers: Of each question, from 0 to 1 how far each sentence answers, shape (sentences,).
        importance: Of each question.

    Source: Cao et al. 2007, the top-one case of ListNet.
    """
    from scipy.optimize import minimize

    rows = np.concatenate(signals).astype(np.float64)
    scale = rows.std(axis=0) + 1e-9
    rows /= scale
    starts = np.cumsum([0, *map(len, signals)])[:-1]
    lengths = np.array([len(one) for one in signals])
    gains = np.concatenate(answers).astype(np.float64)
    weight = np.array(importance, dtype=np.float64)
    weight /= weight.sum()
    of_row = np.repeat(weight, lengths)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        scores = rows @ weights
        scores -= np.repeat(np.maximum.reduceat(scores, starts), lengths)
        shares = np.exp(scores)
        all_of = np.repeat(np.add.reduceat(shares, starts), lengths)
        right = shares * gains
        right_of = np.add.reduceat(right, starts)
        value = -float(weight @ np.log(right_of / np.add.reduceat(shares, starts)))
        pull = of_row * (shares / all_of - right / np.repeat(right_of, lengths))
        penalty = _PENALTY_OF_RANKING * weights
        return value + 0.5 * float(penalty @ weights), rows.T @ pull + penalty

    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / scale)


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
