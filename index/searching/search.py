"""Passages are found: dense and lexical scores of the candidates of both, fused into one order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.encoding.encoder import Vectors
from index.searching.dense import DenseIndex
from index.searching.lexical import LexicalIndex, find_best, terms_of
from index.settings import IndexSettings
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import Positions
from knowledge.passages import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage found, with its fused score and what it was fused from; higher is better.

    `dense` is a cosine and `lexical` a BM25 score, both absolute. `score` only orders the hits of
    one search and means nothing beside another search's.
    """

    passage: Passage
    position: int
    text: str
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One wording to search by, with the weight of its scores among the others'."""

    vector: Vectors
    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Favour:
    """Passages, by position in order, and what they gain in standard deviations of the scores."""

    positions: Positions
    deviations: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The passages that fit best, best first, with the scores that a `Hit` has.

    All of shape (found,): `positions` int64, the scores float32.
    """

    positions: Positions
    scores: npt.NDArray[np.float32]
    dense: npt.NDArray[np.float32]
    lexical: npt.NDArray[np.float32]


def search(
    snapshot: Snapshot,
    probes: Sequence[Probe],
    count: int,
    settings: IndexSettings,
    *,
    favours: Sequence[Favour] = (),
    within: Positions | None = None,
) -> list[Hit]:
    """Return the passages that fit the probes best, best first, as `rank` ranks them.

    Args:
        snapshot: Where to search.
        probes: The wordings; at least one.
        count: How many passages at most.
        settings: The weight of the dense side and the number of candidates.
        favours: Passages that gain something beforehand.
        within: The passages that are searched, in order; by default all.

    Raises:
        DamagedSnapshotError: what was found is not there.
    """
    ranking = rank(
        snapshot.dense, snapshot.lexical, probes, count, settings, favours=favours, within=within
    )
    positions = ranking.positions.tolist()
    stored = snapshot.store.passages(positions)
    if len(stored) < len(positions):
        raise snapshot.store.damaged()
    return [
        Hit(
            passage=stored[position].passage,
            position=position,
            text=stored[position].text,
            score=score,
            dense=dense,
            lexical=lexical,
        )
        for position, score, dense, lexical in zip(
            positions,
            ranking.scores.tolist(),
            ranking.dense.tolist(),
            ranking.lexical.tolist(),
            strict=True,
        )
    ]


def rank(
    dense_index: DenseIndex,
    lexical_index: LexicalIndex,
    probes: Sequence[Probe],
    count: int,
    settings: IndexSettings,
    *,
    favours: Sequence[Favour] = (),
    within: Positions | None = None,
) -> Ranking:
    """Return where the passages that fit the probes best stand; no texts are needed.

    The scores of several probes are mixed by weight, never their words: joined words find less.
    Dense and lexical scores are made comparable as z-scores over the candidates and mixed with
    `settings.dense_weight`; both choices are the best of those measured on public sets.

    Args:
        dense_index: The passages' vectors.
        lexical_index: The words of the same passages.
        probes: The wordings; at least one.
        count: How many passages at most.
        settings: The weight of the dense side and the number of candidates.
        favours: Passages that gain something beforehand.
        within: The passages that are searched, in order; by default all.
    """
    if not probes:
        raise ValueError("search needs at least one probe")
    candidate_count = max(count, settings.candidates)
    shares = np.array([probe.weight for probe in probes], dtype=np.float32)
    shares /= shares.sum()
    # The mean of several cosines is the inner product with the mean of the vectors.
    vector = shares @ np.stack([probe.vector for probe in probes])
    words: Counter[str] = Counter()
    for probe, share in zip(probes, shares, strict=True):
        for term in terms_of(probe.text):
            words[term] += float(share)  # type: ignore[assignment] # weights, not counts
    of_all = lexical_index.scores(words)
    if within is None:
        best = [dense_index.search(vector, candidate_count), find_best(of_all, candidate_count)]
    else:
        nearest = dense_index.search_within(vector, within, candidate_count)
        best = [nearest, within[find_best(of_all[within], candidate_count)]]
    few = [one.positions for one in favours if len(one.positions) <= candidate_count]
    candidates = np.unique(np.concatenate([*best, *few]))
    if within is not None:
        candidates = candidates[_are_among(candidates, within)]
    if not len(candidates):
        nothing = np.zeros(0, dtype=np.float32)
        return Ranking(positions=candidates, scores=nothing, dense=nothing, lexical=nothing)
    dense = dense_index.similarities(vector, candidates)
    lexical = of_all[candidates]
    fused = settings.dense_weight * _z_scores(dense) + (1 - settings.dense_weight) * _z_scores(
        lexical
    )
    for favour in favours:
        fused += favour.deviations * _are_among(candidates, favour.positions)
    # Equal scores keep the order of the guides, so that the same question has the same answer.
    order = np.lexsort((candidates, -fused))[:count]
    return Ranking(
        positions=candidates[order],
        scores=fused[order],
        dense=dense[order],
        lexical=lexical[order],
    )


def _are_among(candidates: Positions, favoured: Positions) -> npt.NDArray[np.bool_]:
    if not len(favoured):
        return np.zeros(len(candidates), dtype=np.bool_)
    places = np.searchsorted(favoured, candidates).clip(max=len(favoured) - 1)
    return np.asarray(favoured[places] == candidates, dtype=np.bool_)


def _z_scores(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    deviation = float(scores.std())
    if deviation < 1e-6:
        return np.zeros_like(scores)
    return np.asarray((scores - scores.mean()) / deviation, dtype=np.float32)
