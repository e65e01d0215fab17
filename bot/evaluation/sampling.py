"""Statistics of results, of all of them at once or of many resamples in parallel."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bot.evaluation.questions import Kind
from bot.evaluation.scoring import Result

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

BINS = 10

_FIELDS = (
    "confidence",
    "answered",
    "holds_answer",
    "is_correct",
    "recall_at_1",
    "recall_at_3",
    "recall_at_5",
    "all_sides_at_1",
    "all_sides_at_3",
    "all_sides_at_5",
    "reciprocal_rank",
    "first_statement_holds",
    "characters",
    "characters_to_answer",
)


class Sample:
    """Results drawn from a set, one draw a row; each statistic has one value for each draw.

    A statistic that doesn't apply to a draw, such as the median length where nothing was answered,
    is NaN.
    """

    def __init__(self, columns: Mapping[str, Values], rows: Rows) -> None:
        """Take the columns of the set and which of its results each draw holds.

        Args:
            columns: As `columns_of` gives them: of each result a value, or NaN.
            rows: Shape (draws, results of a draw).
        """
        self._columns = columns
        self._rows = rows
        self._draws = len(rows)

    def mean(self, name: str, *, among: str | None = None) -> Values:
        """Return the mean of a column, among the results of which another column is true."""
        values = self._pick(name, among)
        is_there = ~np.isnan(values)
        return _divide(np.where(is_there, values, 0.0).sum(axis=1), is_there.sum(axis=1))

    def quantile(self, name: str, share: float) -> Values:
        """Return a quantile of a column, linear between two results."""
        values = np.sort(self._pick(name, None), axis=1)
        last = (~np.isnan(values)).sum(axis=1) - 1
        place = np.maximum(last, 0) * share
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(last, 0))
        ends = np.take_along_axis(values, np.stack([low, high], axis=1), axis=1)
        found: Values = ends[:, 0] + (place - low) * (ends[:, 1] - ends[:, 0])
        return found

    def brier(self, *, among: str | None = None) -> Values:
        """Return the mean squared difference of confidence and truth; 0 is best.

        Source: Brier 1950.
        """
        return self.mean("squared_error", among=among)

    def brier_of_base_rate(self, *, among: str | None = None) -> Values:
        """Return the Brier score of saying each time how often replies hold the answer."""
        rate = self.mean("holds_answer", among=among)
        return rate * (1 - rate)

    def roc_area(self, truth: str, *, among: str | None = None) -> Values:
        """Return how often, of a true and a false result, the true one is the more confident.

        Equals count half. Source: Hanley and McNeil 1982.
        """
        keys, count = self._keys()
        truths = self._pick(truth, among)
        is_there = ~np.isnan(truths)
        shape, size = (self._draws, count), self._draws * count
        total = np.bincount(keys[is_there], minlength=size).reshape(shape)
        true = np.bincount(keys[is_there], truths[is_there], minlength=size).reshape(shape)
        false = total - true
        less_confident = np.cumsum(false, axis=1) - false
        wins = (true * (less_confident + false / 2)).sum(axis=1)
        return _divide(wins, true.sum(axis=1) * false.sum(axis=1))

    def calibration_error(self, *, among: str | None = None) -> Values:
        """Return the mean distance of confidence and truth over ten bins of equal mass; 0 is best.

        Source: Naeini et al. 2015, with bins of equal mass (Nguyen and O'Connor 2015).
        """
        bins, distances, counts = self._bins(among)
        sums = np.bincount(bins, distances, minlength=self._draws * BINS)
        return _divide(np.abs(sums.reshape(self._draws, BINS)).sum(axis=1), counts)

    def risk_coverage_area(self) -> Values:
        """Return the mean share of wrong replies over all levels of coverage; 0 is best.

        The answers are taken from the most confident down; among equals the order is left open.
        Source: Geifman and El-Yaniv 2017.
        """
        risks, counts = self._risks()
        return _divide(np.nansum(risks, axis=1), counts)

    def risk_coverage(self) -> list[float]:
        """Return of the first draw the share wrong of the first 1, 2, … most confident answers."""
        risks, counts = self._risks()
        return [float(risk) for risk in risks[0, : int(counts[0])]]

    def reliability(self) -> list[tuple[float, float, int]]:
        """Return of the first draw, of each bin, the mean confidence, the share true, the size."""
        confidences, truths, counts = self._sorted(None)
        number = int(counts[0])
        parts = np.arange(number) * BINS // max(number, 1)
        return [
            (
                float(confidences[0, :number][parts == one].mean()),
                float(truths[0, :number][parts == one].mean()),
                int((parts == one).sum()),
            )
            for one in range(BINS)
            if (parts == one).any()
        ]

    def _risks(self) -> tuple[Values, Values]:
        """Return risks by the number of answers taken, NaN behind the last; and how many are."""
        confidences, truths, counts = self._sorted("answered", descending=True)
        place = np.arange(1, confidences.shape[1] + 1)
        wrong = np.cumsum(1 - np.nan_to_num(truths), axis=1) / place
        return np.where(place <= counts[:, None], wrong, np.nan), counts

    def _bins(self, among: str | None) -> tuple[Rows, Values, Values]:
        """Return each result's bin and distance, without those left out, and how many are in."""
        confidences, truths, counts = self._sorted(among)
        place = np.arange(confidences.shape[1])
        is_in = place < counts[:, None]
        parts = place * BINS // np.maximum(counts, 1).astype(np.int64)[:, None]
        bins = parts + np.arange(self._draws)[:, None] * BINS
        return bins[is_in], (confidences - truths)[is_in], counts

    def _sorted(
        self, among: str | None, *, descending: bool = False
    ) -> tuple[Values, Values, Values]:
        """Return confidences in order, with their truths, those left out last; and how many are in.

        Among equally confident ones each has their mean truth, so that their order is nothing.
        """
        keys, count = self._keys()
        truths = self._pick("holds_answer", among)
        is_in = ~np.isnan(truths)
        size = self._draws * count
        total = np.bincount(keys[is_in], minlength=size)
        true = np.bincount(keys[is_in], truths[is_in], minlength=size)
        truths = np.where(is_in, _divide(true, total)[keys], np.nan)
        confidences = np.where(is_in, self._pick("confidence", None), np.nan)
        order = np.argsort(-confidences if descending else confidences, axis=1, kind="stable")
        return (
            np.take_along_axis(confidences, order, axis=1),
            np.take_along_axis(truths, order, axis=1),
            is_in.sum(axis=1).astype(np.float64),
        )

    def _keys(self) -> tuple[Rows, int]:
        """Return a number for each draw and confidence, ascending; and how many a draw can have."""
        levels, codes = np.unique(self._columns["confidence"], return_inverse=True)
        count = len(levels)
        return codes[self._rows] + np.arange(self._draws)[:, None] * count, count

    def _pick(self, name: str, among: str | None) -> Values:
        values = self._columns[name]
        if among is not None:
            values = np.where(self._columns[among] > 0, values, np.nan)
        return values[self._rows]


def whole_sample(results: Sequence[Result]) -> Sample:
    """Return one draw that holds each result once."""
    return Sample(columns_of(results), np.arange(len(results))[None, :])


def columns_of(results: Sequence[Result]) -> dict[str, Values]:
    """Return what is known of each result as columns of numbers, NaN where it doesn't apply."""
    columns = {
        name: np.array([_number(getattr(one, name)) for one in results], dtype=np.float64)
        for name in _FIELDS
    }
    columns["squared_error"] = (columns["confidence"] - columns["holds_answer"]) ** 2
    columns["is_answerable"] = np.array(
        [float(one.kind is not Kind.UNANSWERABLE) for one in results], dtype=np.float64
    )
    return columns


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _divide(sums: npt.NDArray[np.number], counts: npt.NDArray[np.number]) -> Values:
    """Divide, with NaN where there is nothing to divide by."""
    found = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=found, where=counts > 0)
    return found
