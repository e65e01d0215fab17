"""How high the passages that answer stand among those that were found; metrics by ir-measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from knowledge.errors import EvaluationError

_HALF = 0.5
_NEVER_FOUND = "never found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """Of one side of a question: 1 where its answer is in the best 1, 3 and 5 passages, else 0."""

    at_1: float
    at_3: float
    at_5: float
    reciprocal_rank: float


def is_relevant(passage: tuple[int, int], place: tuple[int, int]) -> bool:
    """Tell whether a passage and the place of an answer share half of either; both (start, end)."""
    shared = min(passage[1], place[1]) - max(passage[0], place[0])
    shortest = min(passage[1] - passage[0], place[1] - place[0])
    return shared > 0 and shared >= _HALF * shortest


def score_rankings(rankings: Sequence[Sequence[bool]]) -> list[Retrieval]:
    """Return how well each ranking does.

    One relevant passage answers, so that what counts is whether one is among the best k (success),
    and the rank of the first.

    Args:
        rankings: For each side of each question, of each passage found, best first, whether it is
            relevant.

    Raises:
        EvaluationError: ir-measures isn't installed.
    """
    ir_measures = load_library()
    success, reciprocal_rank = ir_measures.Success, ir_measures.RR
    measures = {
        "at_1": success @ 1,
        "at_3": success @ 3,
        "at_5": success @ 5,
        "reciprocal_rank": reciprocal_rank,
    }
    judged, ranked = [], []
    for number, ranking in enumerate(rankings):
        # A question of which nothing relevant was found has to count too.
        judged.append(ir_measures.Qrel(str(number), _NEVER_FOUND, 1))
        for rank, relevant in enumerate(ranking, start=1):
            judged.append(ir_measures.Qrel(str(number), str(rank), int(relevant)))
            ranked.append(ir_measures.ScoredDoc(str(number), str(rank), -float(rank)))
    if not ranked:
        return [Retrieval(at_1=0.0, at_3=0.0, at_5=0.0, reciprocal_rank=0.0) for _ in rankings]
    values: list[dict[str, float]] = [{} for _ in rankings]
    names = {measure: name for name, measure in measures.items()}
    for metric in ir_measures.iter_calc(list(names), judged, ranked):
        values[int(metric.query_id)][names[metric.measure]] = float(metric.value)
    return [Retrieval(**one) for one in values]


def load_library() -> ModuleType:
    """Return ir-measures, which is no part of the plain installation.

    Raises:
        EvaluationError: it isn't installed.
    """
    try:
        return import_module("ir_measures")
    except ImportError as error:
        raise EvaluationError(
            "rolewise evaluate needs ir-measures, which is not installed."
            ' Run: pip install "rolewise[evaluation]"'
        ) from error
