"""The measures as tables of words, which Markdown and HTML show alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.evaluation.comparing import Difference, RunComparison
from bot.evaluation.measures import (
    ALL,
    ANSWERABLE,
    GROUPS,
    MEASURE,
    MEASURES,
    Estimate,
    Group,
    Measure,
    group_results,
)
from bot.evaluation.questions import Gap, Kind
from bot.evaluation.runs import OUTCOMES, Evaluation, count_outcomes

NONE = "–"
_SHARE_BEYOND_NOISE_BY_CHANCE = 0.05

_NAMES: dict[str, str] = {
    Gap.OFF_TOPIC: "off topic",
    Gap.NOT_SAID: "not said",
    Gap.OTHER_ROLE: "said of another role",
    Gap.NO_GUIDE: "no guide",
    Kind.FOLLOWUP: "follow-up",
}
_COMPARED = (ALL, Kind.SINGLE, Kind.COMPARISON, Kind.FOLLOWUP, Kind.UNANSWERABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts under headers; the first column is words, the others numbers."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    emphasised: frozenset[tuple[int, int]] = frozenset()


def tables_of(evaluation: Evaluation) -> Iterator[Table]:
    """Yield what was measured, and how it compares where it is compared."""
    if evaluation.comparison is not None:
        yield _comparison(evaluation.comparison)
    yield _replies(evaluation)
    if ANSWERABLE in evaluation.measures:
        yield _passages(evaluation)
    yield _outcomes(evaluation)
    yield _confidence(evaluation)


def name_of(group: Group) -> str:
    """Return what a group is called."""
    return _NAMES.get(group, str(group))


def write_value(value: float | None, measure: Measure) -> str:
    """Return a value as it is read: .71, or 367 characters."""
    if value is None:
        return NONE
    return f"{value:.0f}" if measure.unit == "characters" else write_share(value)


def write_share(value: float) -> str:
    """Return a number with two decimals and without the zero before the point."""
    return f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.2f}"


def write_interval(estimate: Estimate) -> str:
    """Return the interval of a share."""
    if estimate.low is None or estimate.high is None:
        return NONE
    return f"{write_share(estimate.low)} to {write_share(estimate.high)}"


def _replies(evaluation: Evaluation) -> Table:
    names = (
        "answered",
        "correct",
        "correct_when_answered",
        "first_statement_holds",
        "characters_median",
        "characters_p90",
        "characters_to_answer_median",
    )
    titles = [MEASURE[name].title for name in names]
    rows = []
    for group, count in _counts(evaluation):
        values = _values(evaluation, group, names)
        interval = write_interval(evaluation.measures[group]["correct"])
        rows.append((name_of(group), count, *values[:2], interval, *values[2:]))
    return Table(
        title="Replies",
        headers=("kind", "questions", *titles[:2], "95 % interval", *titles[2:]),
        rows=tuple(rows),
        notes=(
            "Correct is a reply that quotes the answer (of a comparison, each side's), or, where"
            " the guides have none, none.",
        ),
    )


def _passages(evaluation: Evaluation) -> Table:
    names = ("recall_at_1", "recall_at_3", "recall_at_5", "mrr")
    of_sides = ("all_sides_at_1", "all_sides_at_3", "all_sides_at_5")
    rows = []
    for group, count in _counts(evaluation):
        if group in {Kind.SINGLE, Kind.COMPARISON, Kind.FOLLOWUP, ANSWERABLE}:
            values = _values(evaluation, group, (*names, *of_sides))
            rows.append((name_of(group), count, *values))
    return Table(
        title="Passages",
        headers=(
            "kind",
            "questions",
            *(MEASURE[name].title for name in (*names, *of_sides)),
        ),
        rows=tuple(rows),
        notes=("Recall and MRR are means over the sides of a question.",),
    )


def _outcomes(evaluation: Evaluation) -> Table:
    outcomes = count_outcomes(evaluation.results)
    return Table(
        title="What came of them",
        headers=("kind", "questions", *(outcome.replace("_", " ") for outcome in OUTCOMES)),
        rows=tuple(
            (name_of(group), count, *(str(outcomes[group][outcome]) for outcome in OUTCOMES))
            for group, count in _counts(evaluation)
        ),
        notes=("The last four are refusals, by the reason that was given.",),
    )


def _confidence(evaluation: Evaluation) -> Table:
    names = ("brier", "brier_of_base_rate", "calibration_error", "roc_area_of_holding")
    when_answered = tuple(f"{name}_when_answered" for name in names)
    shown = {*Kind, ANSWERABLE, ALL}
    rows = tuple(
        (
            name_of(group),
            *_values(evaluation, group, (*names, *when_answered, "risk_coverage_area")),
        )
        for group, _ in _counts(evaluation)
        if group in shown
    )
    area = evaluation.measures[ALL]["roc_area_of_answerable"]
    told = write_value(area.value, MEASURE["roc_area_of_answerable"])
    return Table(
        title="Confidence",
        headers=(
            "kind",
            "Brier",
            "of base rate",
            "calibration error",
            "ROC area",
            *("answered: Brier", "of base rate", "calibration error", "ROC area"),
            "risk-coverage area",
        ),
        rows=rows,
        notes=(
            "Confidence ought to be the probability that the reply holds the answer.",
            f"ROC area of the confidence, answerable against unanswerable: {told}"
            f" ({write_interval(area)}).",
        ),
    )


def _comparison(comparison: RunComparison) -> Table:
    groups = [group for group in _COMPARED if group in comparison.differences]
    rows: list[tuple[str, ...]] = []
    emphasised: set[tuple[int, int]] = set()
    beyond: list[str] = []
    compared = 0
    for measure in MEASURES:
        whole = comparison.differences[ALL][measure.name]
        row = [measure.title, *(write_value(one, measure) for one in (whole.before, whole.now))]
        for group in groups:
            difference = comparison.differences[group][measure.name]
            compared += difference.change.low is not None
            if difference.is_beyond_noise:
                emphasised.add((len(rows), len(row)))
                beyond.append(_tell(measure, group, difference))
            row.append(_write_difference(difference, measure))
        rows.append(tuple(row))
    by_chance = compared * _SHARE_BEYOND_NOISE_BY_CHANCE
    return Table(
        title="Against the earlier run",
        headers=("measure", "before", "now", *(name_of(group) for group in groups)),
        rows=tuple(rows),
        emphasised=frozenset(emphasised),
        notes=(
            f"{comparison.questions} questions in both runs"
            + (f", {len(comparison.left_out)} left out" if comparison.left_out else "")
            + "; differences with their 95 % intervals.",
            f"Beyond noise: {'; '.join(beyond) if beyond else 'nothing'}."
            + (
                f" (Of {compared} differences about {by_chance:.0f} would be by chance alone.)"
                if beyond
                else ""
            ),
            f"Newly correct ({len(comparison.gained)}): {_list(comparison.gained)}.",
            f"No longer correct ({len(comparison.lost)}): {_list(comparison.lost)}.",
        ),
    )


def _tell(measure: Measure, group: Group, difference: Difference) -> str:
    change = difference.change.value or 0.0
    way = "higher" if change > 0 else "lower"
    judged = "changed" if measure.better is None else "better" if way == measure.better else "worse"
    return f"{measure.title}, {name_of(group)}, {judged} by {_write_change(change, measure)}"


def _write_difference(difference: Difference, measure: Measure) -> str:
    change = difference.change
    if change.value is None:
        return NONE
    if change.value == change.low == change.high == 0:
        return "same"
    told = _write_change(change.value, measure)
    if change.low is None or change.high is None:
        return told
    ends = (_write_change(end, measure) for end in (change.low, change.high))
    return f"{told} ({' to '.join(ends)})"


def _write_change(change: float, measure: Measure) -> str:
    written = write_value(abs(change), measure)
    is_nothing = not written.strip(".0")
    return written if is_nothing else f"{'+' if change > 0 else '-'}{written}"


def _list(ids: Sequence[str]) -> str:
    return ", ".join(ids) if ids else "none"


def _counts(evaluation: Evaluation) -> list[tuple[Group, str]]:
    groups = group_results(evaluation.results)
    return [(group, str(len(groups[group]))) for group in GROUPS if group in groups]


def _values(evaluation: Evaluation, group: Group, names: Sequence[str]) -> list[str]:
    measured = evaluation.measures[group]
    return [write_value(measured[name].value, MEASURE[name]) for name in names]
