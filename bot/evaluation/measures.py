"""What is measured, for each kind of question and in all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bot.evaluation.questions import Gap, Kind
from bot.evaluation.sampling import Rows, Sample, Values, columns_of, whole_sample
from bot.evaluation.scoring import Result

RESAMPLES = 2_000
_SEED = 0
_INTERVAL = (2.5, 97.5)

Group = str
"""A kind of question, a reason why it has no answer, or one of the groups below."""

ALL = "all"
ANSWERABLE = "answerable"
GROUPS: tuple[Group, ...] = (
    Kind.SINGLE,
    Kind.COMPARISON,
    Kind.FOLLOWUP,
    ANSWERABLE,
    *Gap,
    Kind.UNANSWERABLE,
    ALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that is measured; `better` tells which way it ought to go, if either.

    A resample is never as well calibrated as the set that it is drawn from, so that the interval
    of a measure that resampling raises would be wrong.
    """

    name: str
    title: str
    compute: Callable[[Sample], Values]
    better: Literal["higher", "lower"] | None = "higher"
    unit: Literal["share", "characters"] = "share"
    is_raised_by_resampling: bool = False


def _mean(column: str, *, among: str | None = None) -> Callable[[Sample], Values]:
    return lambda sample: sample.mean(column, among=among)


MEASURES = (
    Measure(name="recall_at_1", title="recall@1", compute=_mean("recall_at_1")),
    Measure(name="recall_at_3", title="recall@3", compute=_mean("recall_at_3")),
    Measure(name="recall_at_5", title="recall@5", compute=_mean("recall_at_5")),
    Measure(name="mrr", title="MRR", compute=_mean("reciprocal_rank")),
    Measure(name="all_sides_at_1", title="all sides@1", compute=_mean("all_sides_at_1")),
    Measure(name="all_sides_at_3", title="all sides@3", compute=_mean("all_sides_at_3")),
    Measure(name="all_sides_at_5", title="all sides@5", compute=_mean("all_sides_at_5")),
    Measure(name="answered", title="answered", compute=_mean("answered"), better=None),
    Measure(name="correct", title="correct", compute=_mean("is_correct")),
    Measure(
        name="correct_when_answered",
        title="correct when answered",
        compute=_mean("is_correct", among="answered"),
    ),
    Measure(
        name="first_statement_holds",
        title="first statement holds it",
        compute=_mean("first_statement_holds"),
    ),
    Measure(
        name="characters_median",
        title="characters, median",
        compute=lambda sample: sample.quantile("characters", 0.5),
        better="lower",
        unit="characters",
    ),
    Measure(
        name="characters_p90",
        title="characters, p90",
        compute=lambda sample: sample.quantile("characters", 0.9),
        better="lower",
        unit="characters",
    ),
    Measure(
        name="characters_to_answer_median",
        title="characters to the answer, median",
        compute=lambda sample: sample.quantile("characters_to_answer", 0.5),
        better="lower",
        unit="characters",
    ),
    Measure(name="brier", title="Brier", compute=Sample.brier, better="lower"),
    Measure(
        name="brier_of_base_rate",
        title="Brier of the base rate",
        compute=Sample.brier_of_base_rate,
        better=None,
    ),
    Measure(
        name="calibration_error",
        title="calibration error",
        compute=Sample.calibration_error,
        better="lower",
        is_raised_by_resampling=True,
    ),
    Measure(
        name="roc_area_of_holding",
        title="ROC area: holds the answer",
        compute=lambda sample: sample.roc_area("holds_answer"),
    ),
    Measure(
        name="brier_when_answered",
        title="Brier, answered",
        compute=lambda sample: sample.brier(among="answered"),
        better="lower",
    ),
    Measure(
        name="brier_of_base_rate_when_answered",
        title="Brier of the base rate, answered",
        compute=lambda sample: sample.brier_of_base_rate(among="answered"),
        better=None,
    ),
    Measure(
        name="calibration_error_when_answered",
        title="calibration error, answered",
        compute=lambda sample: sample.calibration_error(among="answered"),
        better="lower",
        is_raised_by_resampling=True,
    ),
    Measure(
        name="roc_area_of_holding_when_answered",
        title="ROC area: holds the answer, answered",
        compute=lambda sample: sample.roc_area("holds_answer", among="answered"),
    ),
    Measure(
        name="roc_area_of_answerable",
        title="ROC area: answerable",
        compute=lambda sample: sample.roc_area("is_answerable"),
    ),
    Measure(
        name="risk_coverage_area",
        title="risk-coverage area",
        compute=Sample.risk_coverage_area,
        better="lower",
    ),
)
MEASURE = {measure.name: measure for measure in MEASURES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A measured value with the 95 % interval of it; both None where it doesn't apply."""

    value: float | None
    low: float | None = None
    high: float | None = None


Table = dict[Group, dict[str, Estimate]]


def group_results(results: Sequence[Result]) -> dict[Group, list[Result]]:
    """Return the results of each group that has some."""
    groups: dict[Group, list[Result]] = {}
    for group in GROUPS:
        if found := [result for result in results if _is_in(result, group)]:
            groups[group] = found
    return groups


def measure_all(results: Sequence[Result]) -> Table:
    """Return every measure of every group, with the interval of a bootstrap over questions."""
    return {group: _measure(found) for group, found in group_results(results).items()}


def draw_rows(count: int) -> Rows:
    """Return the resamples of a bootstrap, the same each time: shape (RESAMPLES, count)."""
    return np.random.default_rng(_SEED).integers(count, size=(RESAMPLES, count))


def estimate(value: float, resampled: Values) -> Estimate:
    """Return a value with its interval, if it and half of the resamples are numbers."""
    there = resampled[~np.isnan(resampled)]
    if np.isnan(value) or len(there) < len(resampled) / 2:
        return Estimate(value=number_or_none(value))
    low, high = np.percentile(there, _INTERVAL)
    return Estimate(value=value, low=float(low), high=float(high))


def number_or_none(value: float) -> float | None:
    """Return a number, or None for NaN."""
    return None if np.isnan(value) else float(value)


def _is_in(result: Result, group: Group) -> bool:
    match group:
        case "all":
            return True
        case "answerable":
            return result.kind is not Kind.UNANSWERABLE
        case _:
            return group in {result.kind, result.reason}


def _measure(results: Sequence[Result]) -> dict[str, Estimate]:
    whole = whole_sample(results)
    resampled = Sample(columns_of(results), draw_rows(len(results)))
    found = {}
    for measure in MEASURES:
        value = measure.compute(whole)[0]
        found[measure.name] = (
            Estimate(value=number_or_none(value))
            if measure.is_raised_by_resampling
            else estimate(value, measure.compute(resampled))
        )
    return found
