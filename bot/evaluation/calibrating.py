"""Labelled questions become a calibration: when to refuse, how likely a reply is to be right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.answers.calibration_file import CalibrationValues, LogisticValues, ThresholdValues
from bot.answers.judgement import answer_signals
from bot.answers.model import ANSWER_SIGNALS
from bot.answers.sources import Sources
from bot.evaluation.findings import Example
from bot.evaluation.fitting import Numbers, Truths, fit_logistic
from bot.evaluation.questions import Kind
from index.encoding.encoder import Vectors
from knowledge.errors import EvaluationError

_SHARES_REFUSED = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
_FEWEST_OF_EACH = 20
_FOLDS = 10
_ANSWER_ALL = 50.0
ANSWER_TAKEN_AWAY = "answer taken away"
GUIDE_TAKEN_AWAY = "guide taken away"
TAKEN_AWAY = frozenset({ANSWER_TAKEN_AWAY, GUIDE_TAKEN_AWAY})
"""The kinds of samples whose answer was there and was taken away."""
# With them, .67 instead of .46 of the questions without an answer, on guides never seen, are
# refused at the cost of .04 of the others. Where .12 of the answerable ones are lost, .05, .1 and
# .2 refuse .72, .71 and .68 of the near questions, and .52, .54 and .55 of those without a guide.
_IMPORTANCE_OF_TAKEN_AWAY = 0.1
# What others say of a role that no guide is about is seldom what was asked. With .6 taken off the
# logit, .50 for .44 of the questions whose guide was taken away are refused where .12 of the
# answerable ones are lost, .91 for .85 of those about roles that the guides lack, .71 for .70 of
# the near ones, and fewer right replies are lost, .077 for .082; on guides of others .31 for .19.
# With 1 it is .54 of the first, and fewer of the near ones.
_CAUTION_WITHOUT_GUIDE = 0.8
# Guides by others say what is asked of their own roles in more words than ours: on 800 questions
# of eight real sets .944 instead of .933 of the answerable are answered with this, and .82 instead
# of .85 of the near ones refused. What names no role is answered less for it, so that .48 are
# refused of those whose guide was taken away on thirteen development sets, as before.
_TRUST_IN_GUIDE = 0.5
# Where none of the best sentences tells the amount that is asked for, or the best one is about
# another role, the guides mostly don't say. With both, .73 for .68 of the near questions on real
# guides by others are refused where .05 of the answerable ones are lost, and .81 for .79 where .08
# are; on the development sets .79 for .78 where .14 are.
_CAUTION_OF_FOREIGN = 0.5
_CAUTION_OF_UNTOLD = 1.0
_CAUTIONS = {
    "is_mentioned": _CAUTION_WITHOUT_GUIDE,
    "is_unknown": _CAUTION_WITHOUT_GUIDE,
    "has_guide": -_TRUST_IN_GUIDE,
    "best_is_foreign": _CAUTION_OF_FOREIGN,
    "amount_untold": _CAUTION_OF_UNTOLD,
}


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


def samples_of(
    sources: Sources, example: Example, *, group: str, importance: float = 1.0
) -> Iterator[Sample]:
    """Yield an example's signals: its own, or those of a comparison's weakest side.

    A question about one role is yielded once more with the passages that answer it taken away.
    """
    right = sources.model.calibration.right
    rows = [finding.judgement.signals for finding in example.findings]
    own = Sample(
        signals=min(rows, key=right.logit),
        kind=(example.question.reason or example.question.kind).value,
        is_answerable=example.is_answerable,
        is_right=example.holds_answer,
        group=group,
        importance=importance,
    )
    yield own
    if (evidence := example.evidence_without_answer()) is None:
        return
    scores = sources.model.scorer.score(evidence.signals)
    yield replace(
        own,
        signals=answer_signals(
            sources.snapshot,
            sources.model,
            example.findings[0].wording,
            evidence,
            scores,
            example.subjects[0],
        ),
        kind=ANSWER_TAKEN_AWAY,
        is_answerable=False,
        is_right=False,
        importance=importance * _IMPORTANCE_OF_TAKEN_AWAY,
    )


def calibrate(samples: Sequence[Sample], encoder: str) -> CalibrationValues:
    """Return the calibration that fits the samples.

    What comparisons ask is always there or nearly so; they tell of being right, not of refusing.

    Raises:
        EvaluationError: there are too few questions.
    """
    real = np.array([sample.kind not in TAKEN_AWAY for sample in samples])
    rows = np.array([sample.signals for sample in samples], dtype=np.float64)
    importance = np.array([sample.importance for sample in samples])
    right = np.array([sample.is_right for sample in samples])
    decided = np.array([sample.kind != Kind.COMPARISON for sample in samples])
    answerable = np.array([sample.is_answerable for sample in samples])
    labelled = decided & real
    fewest = min(answerable[labelled].sum(), (~answerable[labelled]).sum())
    if fewest < _FEWEST_OF_EACH or right.all() or not right.any():
        raise EvaluationError(
            f"A calibration needs at least {_FEWEST_OF_EACH} questions that the guides answer and"
            f" as many that they don't; there are {answerable[labelled].sum()} and"
            f" {(~answerable[labelled]).sum()}. Label more."
        )
    groups = _groups_of([sample for sample, used in zip(samples, decided, strict=True) if used])
    logits = _predict(rows[decided], answerable[decided], importance[decided], groups)
    weights, bias = _fit_answerable(rows[decided], answerable[decided], importance[decided])
    right_weights, right_bias = fit_logistic(rows[real], right[real], importance[real])
    of_real = real[decided]
    return CalibrationValues(
        encoder=encoder,
        questions=int(real.sum()),
        answerable=_values(weights, bias),
        right=_values(right_weights, right_bias),
        thresholds=_thresholds(logits[of_real], answerable[labelled], importance[labelled]),
    )


def _groups_of(samples: Sequence[Sample]) -> list[str]:
    """Return the group of each; where all are of one, they are dealt into folds."""
    if len({sample.group for sample in samples}) > 1:
        return [sample.group for sample in samples]
    return [str(row % _FOLDS) for row in range(len(samples))]


def _fit_answerable(rows: Numbers, truths: Truths, importance: Numbers) -> tuple[Numbers, float]:
    weights, bias = fit_logistic(rows, truths, importance)
    for name, caution in _CAUTIONS.items():
        weights[ANSWER_SIGNALS.index(name)] -= caution
    return weights, bias


def _predict(rows: Numbers, truths: Truths, importance: Numbers, groups: Sequence[str]) -> Numbers:
    """Return each question's logit by a model fitted on the other groups."""
    logits = np.zeros(len(rows))
    names = np.array(groups)
    for name in dict.fromkeys(groups):
        of_group = names == name
        weights, bias = _fit_answerable(rows[~of_group], truths[~of_group], importance[~of_group])
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
            else float(sorted_logits[min(int(np.searchsorted(shares, share)), len(shares) - 1)])
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
