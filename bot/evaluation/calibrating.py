"""Labelled questions become a calibration: when to refuse, and how likely a reply is to be right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.answers.answering import Sources
from bot.answers.judgement import answer_signals
from bot.answers.model import (
    ANSWER_SIGNALS,
    CalibrationValues,
    LogisticValues,
    ThresholdValues,
)
from bot.evaluation.findings import Example
from bot.evaluation.fitting import Numbers, Truths, fit_logistic
from bot.evaluation.questions import Kind
from index.encoder import Vectors
from knowledge.errors import EvaluationError

_SHARES_REFUSED = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
_FEWEST_OF_EACH = 20
_FOLDS = 10
_ANSWER_ALL = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One question's signals and what is known of it.

    Samples of one group are never predicted by what was learnt from that group.
    """

    signals: Vectors
    kind: str
    is_answerable: bool
    is_right: bool
    group: str
    importance: float = 1.0


def sample_of(
    sources: Sources, example: Example, *, group: str, importance: float = 1.0
) -> Sample:
    """Return an example's signals: its own, or those of a comparison's weakest side."""
    right = sources.model.calibration.right
    rows = [finding.judgement.signals for finding in example.findings]
    return Sample(
        signals=min(rows, key=right.logit),
        kind=(example.question.reason or example.question.kind).value,
        is_answerable=example.is_answerable,
        is_right=example.holds_answer,
        group=group,
        importance=importance,
    )


def calibrate(samples: Sequence[Sample], encoder: str) -> CalibrationValues:
    """Return the calibration that fits the samples.

    What comparisons ask is always there or nearly so; they tell of being right, not of refusing.

    Raises:
        EvaluationError: there are too few questions.
    """
    rows = np.array([sample.signals for sample in samples], dtype=np.float64)
    importance = np.array([sample.importance for sample in samples])
    right = np.array([sample.is_right for sample in samples])
    decided = np.array([sample.kind != Kind.COMPARISON for sample in samples])
    answerable = np.array([sample.is_answerable for sample in samples])
    fewest = min(answerable[decided].sum(), (~answerable[decided]).sum())
    if fewest < _FEWEST_OF_EACH or right.all() or not right.any():
        raise EvaluationError(
            f"A calibration needs at least {_FEWEST_OF_EACH} questions that the guides answer and"
            f" as many that they don't; there are {answerable[decided].sum()} and"
            f" {(~answerable[decided]).sum()}. Label more."
        )
    groups = _groups_of([sample for sample, used in zip(samples, decided, strict=True) if used])
    logits = _predict(rows[decided], answerable[decided], importance[decided], groups)
    weights, bias = fit_logistic(rows[decided], answerable[decided], importance[decided])
    right_weights, right_bias = fit_logistic(rows, right, importance)
    return CalibrationValues(
        encoder=encoder,
        questions=len(samples),
        answerable=_values(weights, bias),
        right=_values(right_weights, right_bias),
        thresholds=_thresholds(logits, answerable[decided], importance[decided]),
    )


def _groups_of(samples: Sequence[Sample]) -> list[str]:
    """Return the group of each; where all are of one, they are dealt into folds."""
    if len({sample.group for sample in samples}) > 1:
        return [sample.group for sample in samples]
    return [str(row % _FOLDS) for row in range(len(samples))]


def _predict(
    rows: Numbers, truths: Truths, importance: Numbers, groups: Sequence[str]
) -> Numbers:
    """Return each question's logit by a model fitted on the other groups."""
    logits = np.zeros(len(rows))
    names = np.array(groups)
    for name in dict.fromkeys(groups):
        of_group = names == name
        weights, bias = fit_logistic(rows[~of_group], truths[~of_group], importance[~of_group])
        logits[of_group] = rows[of_group] @ weights + bias
    return logits


def _thresholds(
    logits: Numbers, answerable: Truths, importance: Numbers
) -> tuple[ThresholdValues, ...]:
    order = np.argsort(logits[answerable])
    sorted_logits = logits[answerable][order]
    shares = np.cumsum(importance[answerable][order]) / importance[answerable].sum()
    values = []
    for share in _SHARES_REFUSED:
        logit = (
            -_ANSWER_ALL
            if share == 0
            else float(sorted_logits[min(np.searchsorted(shares, share), len(shares) - 1)])
        )
        answered = np.average(logits[~answerable] >= logit, weights=importance[~answerable])
        values.append(
            ThresholdValues(
                answerable_refused=share,
                unanswerable_answered=round(float(answered), 3),
                logit=round(logit, 3),
            )
        )
    return tuple(values)


def _values(weights: Numbers, bias: float) -> LogisticValues:
    return LogisticValues(
        bias=round(bias, 4),
        weights={
            name: round(float(weight), 4)
            for name, weight in zip(ANSWER_SIGNALS, weights, strict=True)
        },
    )
