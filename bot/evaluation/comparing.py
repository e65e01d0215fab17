"""Two runs over the same questions are compared: what has changed, and whether by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.evaluation.measures import (
    MEASURES,
    Estimate,
    Group,
    draw_rows,
    estimate,
    group_results,
    number_or_none,
)
from bot.evaluation.sampling import Sample, columns_of, whole_sample
from bot.evaluation.scoring import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How a measure has changed between two runs, with the 95 % interval of the change."""

    before: float | None
    now: float | None
    change: Estimate

    @property
    def is_beyond_noise(self) -> bool:
        """Return whether the interval leaves zero out."""
        low, high = self.change.low, self.change.high
        return low is not None and high is not None and (low > 0 or high < 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """Two runs side by side, over the questions that both asked with the same labels."""

    questions: int
    left_out: tuple[str, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    differences: dict[Group, dict[str, Difference]]


def compare_runs(before: Sequence[Result], now: Sequence[Result]) -> RunComparison:
    """Compare two runs by a paired bootstrap: both are resampled by the same questions.

    Source: Efron and Tibshirani 1993, percentile intervals.
    """
    earlier = {result.id: result for result in before}
    pairs = [
        (earlier[result.id], result)
        for result in now
        if result.id in earlier and earlier[result.id].label == result.label
    ]
    paired = {result.id for _, result in pairs}
    everything = dict.fromkeys(result.id for result in (*before, *now))
    by_id = {result.id: first for first, result in pairs}
    differences = {}
    for group, found in group_results([result for _, result in pairs]).items():
        differences[group] = _compare([by_id[result.id] for result in found], found)
    return RunComparison(
        questions=len(pairs),
        left_out=tuple(id_ for id_ in everything if id_ not in paired),
        gained=tuple(b.id for a, b in pairs if b.is_correct and not a.is_correct),
        lost=tuple(b.id for a, b in pairs if a.is_correct and not b.is_correct),
        differences=differences,
    )


def _compare(before: Sequence[Result], now: Sequence[Result]) -> dict[str, Difference]:
    first, second = whole_sample(before), whole_sample(now)
    draws = draw_rows(len(now))
    first_draws = Sample(columns_of(before), draws)
    second_draws = Sample(columns_of(now), draws)
    found = {}
    for measure in MEASURES:
        old, new = measure.compute(first)[0], measure.compute(second)[0]
        changes = measure.compute(second_draws) - measure.compute(first_draws)
        found[measure.name] = Difference(
            before=number_or_none(old),
            now=number_or_none(new),
            change=estimate(new - old, changes),
        )
    return found
