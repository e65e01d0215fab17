"""How good answers are on the questions that nothing was chosen on: python -m benchmarks.quality.

Prints the headline figures with their 95 % intervals, saves them into benchmarks/results/, and
fails where one has become worse than in tests/quality/baseline.json by more than chance explains.
`--record` writes the baseline anew. With ROLEWISE_QUESTIONS naming a file of labelled questions on
the guides in ROLEWISE_ROLES, these are measured too, apart from the rest.
"""

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure import machine_facts
from benchmarks.quality_sets import TEST, OpenSet, QualitySet
from bot.answers.replies import statements_of
from bot.evaluation.measures import measure_all
from bot.evaluation.places import find_places
from bot.evaluation.questions import Gap, Kind
from bot.evaluation.scoring import Result, ask_all, score_all

_ROOT = Path(__file__).parent.parent
_RESULTS = _ROOT / "benchmarks" / "results"
_BASELINE = _ROOT / "tests" / "quality" / "baseline.json"
_RESAMPLES = 4_000
_INTERVAL = (2.5, 97.5)
# Of what is no mean over questions: how much worse it may be than it was.
_TOLERANCE = 0.04
_NEAR = (Gap.NOT_SAID, Gap.OTHER_ROLE)

Values = dict[str, float]
"""A figure's value for each question, by the question's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A headline figure: the mean over questions, and the value to reach."""

    title: str
    values: Values
    wanted: float

    @property
    def mean(self) -> float:
        """Return the figure."""
        return statistics.fmean(self.values.values())

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of a bootstrap over the questions."""
        low, high = _bounds(np.array(list(self.values.values())))
        return low, high


def main() -> None:
    """Measure, print, save, and compare with the baseline."""
    figures, others = measure(TEST)
    print(to_table(figures, others))
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "quality.md").write_text(to_table(figures, others), encoding="utf-8")
    recorded = {
        "machine": machine_facts(),
        "means": {figure.title: round(figure.mean, 4) for figure in figures} | others,
        "values": {figure.title: figure.values for figure in figures},
    }
    (_RESULTS / "quality.json").write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
    if extra := os.environ.get("ROLEWISE_QUESTIONS"):
        guides = Path(os.environ["ROLEWISE_ROLES"]) / "guides"
        third = QualitySet(name="third", guides=(guides,), questions=Path(extra))
        print("## Guides written by others\n")
        print(to_table(*measure((third,))))
    if "--record" in sys.argv:
        del recorded["machine"]
        _BASELINE.write_text(json.dumps(recorded, indent=0) + "\n", encoding="utf-8")
        return
    if worse := list(compare(figures, others)):
        sys.exit("Worse than tests/quality/baseline.json:\n" + "\n".join(worse))


def measure(sets: Sequence[QualitySet]) -> tuple[list[Figure], Values]:
    """Return the headline figures, and those that are no means over questions."""
    results: list[tuple[str, Result]] = []
    refused: Values = {}
    with tempfile.TemporaryDirectory() as folder:
        for quality in sets:
            one = OpenSet(quality, Path(folder))
            results += [(f"{one.name}/{result.id}", result) for result in _ask(one)]
            for example in one.examples_without_guide():
                said = statements_of(example.reply)
                refused[f"{one.name}/{example.question.id}"] = float(not said)
            one.close()
    figures = [
        _figure("one role: answer in the first passage", 0.78, results, Kind.SINGLE, "recall_at_1"),
        _figure("one role: in the first five", 0.96, results, Kind.SINGLE, "recall_at_5"),
        _figure("one role: in the reply", 0.75, results, Kind.SINGLE, "holds_answer"),
        _figure(
            "comparison: both sides in the reply", 0.75, results, Kind.COMPARISON, "holds_answer"
        ),
        _figure(
            "follow-up: in the first five passages", 0.90, results, Kind.FOLLOWUP, "recall_at_5"
        ),
        _figure("follow-up: in the reply", 0.70, results, Kind.FOLLOWUP, "holds_answer"),
        _figure("answerable: answered", 0.95, results, None, "answered"),
        _figure("answerable: answered and correct", 0.72, results, None, "holds_answer"),
        _refusals("refused: off topic", 1.0, results, (Gap.OFF_TOPIC,)),
        _refusals("refused: not in the guides", 0.75, results, _NEAR),
        _refusals("refused: a role without a guide", 0.75, results, (Gap.NO_GUIDE,)),
        Figure(title="refused: the guide that answers taken away", values=refused, wanted=0.50),
    ]
    measures = measure_all([result for _, result in results])["all"]
    lengths = [
        result.characters
        for _, result in results
        if result.characters is not None and result.kind is Kind.SINGLE
    ]
    others = {
        "confidence: calibration error": measures["calibration_error"].value or 0.0,
        "confidence: ROC area": measures["roc_area_of_holding"].value or 0.0,
        "one role: characters, median": statistics.median(lengths),
    }
    return figures, {name: round(float(value), 4) for name, value in others.items()}


def compare(figures: Iterable[Figure], others: Values) -> Iterable[str]:
    """Yield what is worse than the baseline by more than chance explains."""
    before = json.loads(_BASELINE.read_text(encoding="utf-8"))
    for figure in figures:
        earlier = before["values"][figure.title]
        shared = sorted(earlier.keys() & figure.values.keys())
        change = np.array([figure.values[id_] - earlier[id_] for id_ in shared])
        if len(change) and _bounds(change)[1] < 0:
            yield f"{figure.title}: {change.mean():+.3f} over {len(change)} questions"
    means = before["means"]
    error, area = "confidence: calibration error", "confidence: ROC area"
    if others[error] > means[error] + _TOLERANCE:
        yield f"{error}: {others[error]:.3f}, was {means[error]:.3f}"
    if others[area] < means[area] - _TOLERANCE:
        yield f"{area}: {others[area]:.3f}, was {means[area]:.3f}"


def to_table(figures: Iterable[Figure], others: Values) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| figure | questions | measured | 95 % interval | to reach |",
        "|---|---|---|---|---|",
    ]
    for figure in figures:
        low, high = figure.interval()
        lines.append(
            f"| {figure.title} | {len(figure.values)} | {figure.mean:.2f}"
            f" | {low:.2f} to {high:.2f} | {figure.wanted:.2f} |"
        )
    wanted = {
        "confidence: calibration error": "at most .10",
        "confidence: ROC area": "0.75",
        "one role: characters, median": "at most 450",
    }
    lines += [f"| {name} | | {value:.3g} | | {wanted[name]} |" for name, value in others.items()]
    return "\n".join([*lines, ""])


def _ask(one: OpenSet) -> list[Result]:
    store = one.sources.snapshot.store
    places = find_places(one.quality.questions, one.questions, store.document_ids(), store.text_of)
    snapshot = one.sources.snapshot.name
    asked = ask_all(one.assistant, one.questions, places, snapshot, lambda *_: None)
    return score_all(asked)


def _figure(
    title: str, wanted: float, results: list[tuple[str, Result]], kind: Kind | None, column: str
) -> Figure:
    values = {
        id_: float(getattr(result, column))
        for id_, result in results
        if (result.kind is kind if kind else result.kind is not Kind.UNANSWERABLE)
    }
    return Figure(title=title, values=values, wanted=wanted)


def _refusals(
    title: str, wanted: float, results: list[tuple[str, Result]], reasons: tuple[Gap, ...]
) -> Figure:
    values = {id_: float(not one.answered) for id_, one in results if one.reason in reasons}
    return Figure(title=title, values=values, wanted=wanted)


def _bounds(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
    rows = np.random.default_rng(0).integers(len(values), size=(_RESAMPLES, len(values)))
    low, high = np.percentile(values[rows].mean(axis=1), _INTERVAL)
    return float(low), float(high)


if __name__ == "__main__":
    main()
