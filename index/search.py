"""Passages are found: dense and lexical scores of the candidates of both, fused into one order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.encoder import Vectors
from index.lexical import terms_of
from index.settings import IndexSettings
from index.snapshot import Snapshot
from knowledge.passages import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage found, with its fused score and what it was fused from; higher is better.

    `dense` is a cosine and `lexical` a BM25 score, both absolute. `score` only orders the hits of
    one search and means nothing beside another search's.
    """

    passage: Passage
    position: int
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One wording to search by, with the weight of its scores among the others'."""

    vector: Vectors
    text: str
    weight: float = 1.0


def search(
    snapshot: Snapshot,
    probes: Sequence[Probe],
    count: int,
    settings: IndexSettings,
    *,
    favoured: frozenset[int] = frozenset(),
    favour: float = 0.0,
) -> list[Hit]:
    """Return the passages that fit the probes best, best first.

    The scores of several probes are mixed by weight, never their words: joined words find less.
    Dense and lexical scores are made comparable as z-scores over the candidates and mixed with
    `settings.dense_weight`; both choices are the best of those measured on public sets.

    Args:
        snapshot: Where to search.
        probes: The wordings; at least one.
        count: How many passages at most.
        settings: The weight of the dense side and the number of candidates.
        favoured: Positions of passages about the role in question.
        favour: What these gain, in standard deviations.
    """
    if not probes:
        raise ValueError("search needs at least one probe")
    candidates = _candidates(snapshot, probes, max(count, settings.candidates), favoured)
    total = sum(probe.weight for probe in probes)
    dense = np.zeros(len(candidates), dtype=np.float32)
    lexical = np.zeros(len(candidates), dtype=np.float32)
    for probe in probes:
        share = probe.weight / total
        dense += share * snapshot.dense.similarities(probe.vector, candidates)
        lexical += share * snapshot.lexical.scores(terms_of(probe.text))[candidates]
    fused = settings.dense_weight * _z_scores(dense) + (1 - settings.dense_weight) * _z_scores(
        lexical
    )
    fused += favour * np.isin(candidates, list(favoured))
    # Equal scores keep the order of the guides, so that the same question has the same answer.
    order = np.lexsort((candidates, -fused))[:count]
    passages = snapshot.store.passages(candidates[order].tolist())
    return [
        Hit(
            passage=passages[int(candidates[row])],
            position=int(candidates[row]),
            score=float(fused[row]),
            dense=float(dense[row]),
            lexical=float(lexical[row]),
        )
        for row in order
    ]


def _candidates(
    snapshot: Snapshot, probes: Sequence[Probe], count: int, favoured: frozenset[int]
) -> npt.NDArray[np.int64]:
    found = [np.fromiter(favoured, dtype=np.int64)] if len(favoured) <= count else []
    for probe in probes:
        found.append(snapshot.dense.search(probe.vector, count))
        scores = snapshot.lexical.scores(terms_of(probe.text))
        nearest = np.argsort(-scores, kind="stable")[:count]
        found.append(nearest[scores[nearest] > 0].astype(np.int64))
    return np.unique(np.concatenate(found))


def _z_scores(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    deviation = float(scores.std())
    if deviation < 1e-6:
        return np.zeros_like(scores)
    return np.asarray((scores - scores.mean()) / deviation, dtype=np.float32)
