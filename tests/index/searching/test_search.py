import math
import shutil
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoding.encoder import Vectors
from index.searching.dense import DenseIndex
from index.searching.lexical import LexicalIndex, terms_of
from index.searching.search import Favour, Probe, search
from index.searching.vectors import VectorFile
from index.settings import IndexSettings
from index.snapshots.files import LEXICAL_NAME, PASSAGE_VECTORS_NAME, STORE_NAME
from index.snapshots.snapshot import Snapshot
from index.snapshots.store import Store
from index.snapshots.stored import Positions
from tests.index.conftest import lay_out, write_store
from tests.index.fakes import unit_vectors

SETTINGS = IndexSettings(dense_weight=0.6, candidates=10)

Lay = Callable[[Sequence[str], Vectors], Snapshot]


@dataclass(frozen=True)
class _Searchable:
    """The parts of a snapshot that are searched, of passages and vectors laid out by hand."""

    dense: DenseIndex
    lexical: LexicalIndex
    store: Store


def lay_in(folder: Path, texts: Sequence[str], vectors: Vectors) -> Snapshot:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    write_store(folder / STORE_NAME, [lay_out(texts)])
    count, dimension = vectors.shape
    with VectorFile(folder / PASSAGE_VECTORS_NAME, dimension) as file:
        file.append(vectors)
    DenseIndex.build(folder, count, dimension)
    LexicalIndex.build([terms_of(text) for text in texts], folder / LEXICAL_NAME)
    return cast(
        Snapshot,
        _Searchable(
            dense=DenseIndex(folder, count=count, dimension=dimension),
            lexical=LexicalIndex(folder / LEXICAL_NAME, count=count),
            store=Store(folder / STORE_NAME),
        ),
    )


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    return partial(lay_in, tmp_path / "laid out")


def at_angles(*cosines: float) -> Vectors:
    """Return unit vectors with these cosines to `QUESTION`."""
    return np.array([[c, math.sqrt(1 - c * c)] for c in cosines], dtype=np.float32)


QUESTION = np.array([1, 0], dtype=np.float32)


def at(*positions: int) -> Positions:
    return np.array(positions, dtype=np.int64)


def z_scores(values: Sequence[float]) -> list[float]:
    deviation = statistics.pstdev(values)
    mean = statistics.fmean(values)
    return [(value - mean) / deviation if deviation > 1e-6 else 0.0 for value in values]


def test_scores_are_absolute_and_fused_by_z_scores(lay: Lay) -> None:
    texts = ["Data pipelines. ", "Nurses care. ", "Data data data. "]
    cosines = [0.9, 0.5, 0.1]
    snapshot = lay(texts, at_angles(*cosines))
    hits = search(snapshot, [Probe(vector=QUESTION, text="the data")], 3, SETTINGS)
    # Lucene's BM25 by hand: idf ln(1 + 1.5 / 2.5); lengths 2, 2 and 3 about a mean of 7 / 3.
    idf = math.log(1 + 1.5 / 2.5)
    short, long = (1.5 * (0.25 + 0.75 * length / (7 / 3)) for length in (2, 3))
    lexical = [idf * 1 / (1 + short), 0.0, idf * 3 / (3 + long)]
    fused = [
        0.6 * dense + 0.4 * words
        for dense, words in zip(z_scores(cosines), z_scores(lexical), strict=True)
    ]
    by_position = {hit.position: hit for hit in hits}
    for position in range(3):
        assert by_position[position].dense == pytest.approx(cosines[position], abs=1e-6)
        assert by_position[position].lexical == pytest.approx(lexical[position], abs=1e-6)
        assert by_position[position].score == pytest.approx(fused[position], abs=1e-5)
    assert [hit.position for hit in hits] == [0, 2, 1]
    assert hits[0].passage.id == "guide.md#0-16"
    assert [hit.text for hit in hits] == [texts[0], texts[2], texts[1]]


@pytest.mark.parametrize(
    ("dense_weight", "order"), [(1.0, [1, 2, 0]), (0.0, [0, 2, 1])], ids=["dense", "lexical"]
)
def test_the_weight_decides_the_side(dense_weight: float, order: list[int], lay: Lay) -> None:
    texts = ["Data data. ", "Nurses care. ", "Data and nurses. "]
    snapshot = lay(texts, at_angles(0.1, 0.9, 0.5))
    wanted = IndexSettings(dense_weight=dense_weight, candidates=10)
    hits = search(snapshot, [Probe(vector=QUESTION, text="data")], 3, wanted)
    assert [hit.position for hit in hits] == order


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_passages_are_all_found(count: int, lay: Lay) -> None:
    cosines = [0.2, 0.8, 0.5][:count]
    snapshot = lay(["Something. "] * count, at_angles(*cosines))
    hits = search(snapshot, [Probe(vector=QUESTION, text="nothing")], 10, SETTINGS)
    assert [hit.position for hit in hits] == sorted(range(count), key=lambda row: -cosines[row])
    assert all(math.isfinite(hit.score) for hit in hits)
    assert [hit.lexical for hit in hits] == [0.0] * count


def test_equal_passages_keep_the_order_of_the_guides(lay: Lay) -> None:
    for count in (2, 7, 23, 40):
        vectors = np.repeat(unit_vectors(1, 384, count), count, axis=0)
        vectors[count // 2] = unit_vectors(1, 384, 100)[0]
        snapshot = lay(["Something. "] * count, vectors)
        probe = Probe(vector=vectors[0], text="something")
        hits = search(snapshot, [probe], count, IndexSettings(candidates=50))
        others = [hit.position for hit in hits if hit.position != count // 2]
        assert others == sorted(others)
        assert len(hits) == count


@pytest.mark.parametrize("dense_weight", [0.0, 0.6, 1.0])
def test_ten_hits_where_there_are_ten(dense_weight: float, lay: Lay) -> None:
    snapshot = lay([f"Passage number{number}. " for number in range(10)], unit_vectors(10, 8))
    wanted = IndexSettings(dense_weight=dense_weight, candidates=10)
    hits = search(snapshot, [Probe(vector=unit_vectors(1, 8, 5)[0], text="number3")], 10, wanted)
    assert sorted(hit.position for hit in hits) == list(range(10))
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("count", "found"), [(1, 1), (15, 15), (30, 30), (31, 30), (500, 30)])
def test_as_many_hits_as_asked_for(count: int, found: int, lay: Lay) -> None:
    snapshot = lay(["Something. "] * 30, unit_vectors(30, 8))
    probe = Probe(vector=unit_vectors(1, 8, 5)[0], text="something")
    hits = search(snapshot, [probe], count, SETTINGS)
    assert len({hit.position for hit in hits}) == len(hits) == found


def test_words_find_what_vectors_miss(lay: Lay) -> None:
    texts = ["Something. "] * 29 + ["Kubernetes. "]
    snapshot = lay(texts, at_angles(*np.linspace(0.5, 0.4, 29), 0.2))
    probe = Probe(vector=QUESTION, text="kubernetes")
    without = search(snapshot, [Probe(vector=QUESTION, text="")], 10, SETTINGS)
    assert 29 not in {hit.position for hit in without}
    wanted = IndexSettings(dense_weight=0.4, candidates=10)
    hits = search(snapshot, [probe], 10, wanted)
    assert hits[0].position == 29
    assert hits[0].dense == pytest.approx(0.2, abs=1e-6)
    assert hits[0].lexical > 0


def test_probes_are_mixed_by_weight(lay: Lay) -> None:
    texts = ["Data. ", "Nurses. ", "Teachers. "]
    vectors = np.eye(3, dtype=np.float32)
    snapshot = lay(texts, vectors)
    probes = [
        Probe(vector=vectors[0], text="data", weight=1.0),
        Probe(vector=vectors[1], text="nurses", weight=3.0),
    ]
    hits = {hit.position: hit for hit in search(snapshot, probes, 3, SETTINGS)}
    assert [hits[row].dense for row in range(3)] == pytest.approx([0.25, 0.75, 0.0])
    whole = snapshot.lexical.scores({"data": 1})[0]
    assert [hits[row].lexical for row in range(3)] == pytest.approx(
        [0.25 * whole, 0.75 * whole, 0.0]
    )
    assert max(hits.values(), key=lambda hit: hit.score).position == 1
    twice = search(snapshot, [probes[0], probes[0]], 3, SETTINGS)
    assert twice == search(snapshot, [probes[0]], 3, SETTINGS)


def gain(positions: Positions, deviations: float) -> Favour:
    return Favour(positions=positions, deviations=deviations)


def test_favoured_passages_gain_and_are_candidates(lay: Lay) -> None:
    snapshot = lay(["Something. "] * 60, at_angles(*np.linspace(0.9, 0.1, 60)))
    probe = Probe(vector=QUESTION, text="unknown")
    plain = search(snapshot, [probe], 10, SETTINGS)
    assert 59 not in {hit.position for hit in plain}
    favoured = search(snapshot, [probe], 10, SETTINGS, favours=[gain(at(3, 59), 10.0)])
    assert [hit.position for hit in favoured[:2]] == [3, 59]
    assert favoured[1].dense == pytest.approx(0.1, abs=1e-6)
    nothing = search(snapshot, [probe], 10, SETTINGS, favours=[gain(at(3), 0.0)])
    assert nothing == plain
    gained = search(snapshot, [probe], 10, SETTINGS, favours=[gain(at(3), 0.5)])
    before, after = (
        next(hit.score for hit in hits if hit.position == 3) for hits in (plain, gained)
    )
    assert after - before == pytest.approx(0.5, abs=1e-6)


def test_more_favoured_passages_than_candidates_only_gain(lay: Lay) -> None:
    snapshot = lay(["Something. "] * 60, at_angles(*np.linspace(0.9, 0.1, 60)))
    probe = Probe(vector=QUESTION, text="unknown")
    hits = search(snapshot, [probe], 10, SETTINGS, favours=[gain(at(*range(60)), 1.0)])
    assert [hit.position for hit in hits] == list(range(10))
    # Were they candidates all the same, the z-scores would be over sixty passages.
    plain = search(snapshot, [probe], 10, SETTINGS)
    assert [hit.score - 1 for hit in hits] == pytest.approx([hit.score for hit in plain], abs=1e-5)


def test_of_more_favoured_passages_than_candidates_only_those_gain(lay: Lay) -> None:
    snapshot = lay(["Something. "] * 60, at_angles(*np.linspace(0.9, 0.1, 60)))
    probe = Probe(vector=QUESTION, text="unknown")
    favoured = at(*range(1, 60, 2))
    hits = search(snapshot, [probe], 10, SETTINGS, favours=[gain(favoured, 10.0)])
    assert [hit.position for hit in hits] == [1, 3, 5, 7, 9, 0, 2, 4, 6, 8]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    texts=st.lists(
        st.lists(st.sampled_from(["data", "nurse", "pay", "of"]), min_size=1, max_size=4),
        min_size=1,
        max_size=50,
    ),
    weights=st.lists(st.sampled_from([0.25, 1.0, 3.0]), min_size=1, max_size=3),
    favoured=st.sets(st.integers(0, 49), max_size=15),
    count=st.integers(1, 60),
    seed=st.integers(0, 1_000),
)
def test_hits_are_those_of_brute_force(
    texts: list[list[str]],
    weights: list[float],
    favoured: set[int],
    count: int,
    seed: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    passages = [" ".join(words) + ". " for words in texts]
    vectors = unit_vectors(len(texts), 8, seed)
    snapshot = lay_in(tmp_path_factory.getbasetemp() / "brute force", passages, vectors)
    questions = unit_vectors(len(weights), 8, seed + 1)
    words = ["data", "pay nurse data", "of"]
    probes = [
        Probe(vector=vector, text=text, weight=weight)
        for vector, text, weight in zip(questions, words, weights, strict=False)
    ]
    own = sorted(row for row in favoured if row < len(texts))
    wanted = max(count, SETTINGS.candidates)
    shares = np.array(weights) / sum(weights)
    dense = shares @ (questions @ vectors.T)
    scores = [snapshot.lexical.scores(Counter(terms_of(probe.text))) for probe in probes]
    lexical = shares @ np.stack(scores)
    found = set(np.argsort(-dense)[:wanted])
    found |= {row for row in np.argsort(-lexical, kind="stable")[:wanted] if lexical[row] > 0}
    candidates = sorted(map(int, found | set(own if len(own) <= wanted else [])))
    fused = {
        row: 0.6 * of_vectors + 0.4 * of_words + (row in own)
        for row, of_vectors, of_words in zip(
            candidates,
            z_scores(dense[candidates].tolist()),
            z_scores(lexical[candidates].tolist()),
            strict=True,
        )
    }
    hits = search(snapshot, probes, count, SETTINGS, favours=[gain(at(*own), 1.0)])
    assert [hit.score for hit in hits] == pytest.approx(
        sorted(fused.values(), reverse=True)[:count], abs=1e-4
    )
    for hit in hits:
        assert hit.score == pytest.approx(fused[hit.position], abs=1e-4)
        assert hit.dense == pytest.approx(dense[hit.position], abs=1e-5)
        assert hit.lexical == pytest.approx(lexical[hit.position], abs=1e-5)
        assert hit.text == passages[hit.position]


def test_a_search_without_probes_is_misuse(lay: Lay) -> None:
    with pytest.raises(ValueError, match="at least one probe"):
        search(lay(["Something. "], unit_vectors(1, 4)), [], 1, SETTINGS)


def test_only_the_passages_named_are_searched_however_far_they_are(lay: Lay) -> None:
    snapshot = lay(["bread", "milk", "sugar", "bread again"], at_angles(0.9, 0.5, -0.8, -0.9))
    probe = Probe(vector=QUESTION, text="bread")
    hits = search(snapshot, [probe], 10, SETTINGS, within=at(1, 2))
    assert [hit.position for hit in hits] == [1, 2]
    favour = Favour(positions=at(0), deviations=9.0)
    hits = search(snapshot, [probe], 10, SETTINGS, favours=[favour], within=at(2, 3))
    assert [hit.position for hit in hits] == [2, 3]
    assert search(snapshot, [probe], 10, SETTINGS, within=at()) == []
