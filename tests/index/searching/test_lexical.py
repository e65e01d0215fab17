import errno
import json
import math
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.searching.lexical import STOP_WORDS, LexicalIndex, Scores, find_best, terms_of, words_of

CORPUS = [
    ["data", "engineer", "data", "pipeline"],
    ["nurs", "patient"],
    [],
    ["data", "scientist", "ask", "question", "model", "statist"],
    ["c++", "c#", "工程师", "data"],
]
SAVED_FILES = [
    "data.csc.index.npy",
    "indices.csc.index.npy",
    "indptr.csc.index.npy",
    "params.index.json",
    "vocab.index.json",
]

ROOT = Path(__file__).parents[3]
_TERMS = st.sampled_from(["a1", "b2", "c3", "d4", "e5", "f6"])


def index_of(corpus: Sequence[Sequence[str]], folder: Path) -> LexicalIndex:
    """Build an index where none is yet, and open it."""
    LexicalIndex.build(corpus, folder)
    return LexicalIndex(folder, count=len(corpus))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "lexical #1 ü"


@pytest.fixture
def saved(place: Path) -> Path:
    """The folder of the index of `CORPUS`."""
    LexicalIndex.build(CORPUS, place)
    return place


@pytest.fixture
def index(saved: Path) -> LexicalIndex:
    """The index of `CORPUS`."""
    return LexicalIndex(saved, count=len(CORPUS))


def bm25(corpus: Sequence[Sequence[str]], terms: Sequence[str]) -> list[float]:
    """The formula as Lucene has it, straight from the counts."""
    mean_length = sum(map(len, corpus)) / len(corpus)
    scores = []
    for passage in corpus:
        counts = Counter(passage)
        score = 0.0
        for term in terms:
            frequency = sum(term in other for other in corpus)
            weight = math.log(1 + (len(corpus) - frequency + 0.5) / (frequency + 0.5))
            norm = 1.5 * (1 - 0.75 + 0.75 * len(passage) / mean_length)
            score += weight * counts[term] / (counts[term] + norm)
        scores.append(score)
    return scores


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    corpus=st.lists(st.lists(_TERMS, max_size=12), min_size=1, max_size=12).filter(any),
    terms=st.lists(st.one_of(_TERMS, st.just("unknown")), max_size=5),
)
def test_scores_equal_the_formula_and_bm25s(
    corpus: list[list[str]], terms: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "lexical"
    shutil.rmtree(folder, ignore_errors=True)
    index = index_of(corpus, folder)
    scores = index.scores(Counter(terms))
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, bm25(corpus, terms), rtol=1e-4, atol=1e-6)
    for term in set(terms):
        frequency = sum(term in passage for passage in corpus)
        assert index.document_frequency(term) == frequency
        assert index.inverse_document_frequency(term) == pytest.approx(
            math.log(1 + (len(corpus) - frequency + 0.5) / (frequency + 0.5))
        )
    assert set(index.vocabulary()) == {term for passage in corpus for term in passage}
    known = [term for term in terms if index.document_frequency(term)]
    if known:
        own = bm25s.BM25.load(folder, load_corpus=False, show_progress=False)
        np.testing.assert_allclose(scores, own.get_scores(known), rtol=1e-5, atol=1e-7)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    weights=st.dictionaries(
        st.sampled_from([*{term for passage in CORPUS for term in passage}, "unknown", ""]),
        st.floats(0, 10, width=32),
    ),
    factor=st.floats(0, 10, width=32),
)
def test_scores_are_linear_in_the_weights(
    weights: dict[str, float], factor: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "linear"
    if not folder.exists():
        LexicalIndex.build(CORPUS, folder)
    index = LexicalIndex(folder, count=len(CORPUS))
    scores = index.scores(weights)
    alone = [weight * index.scores({term: 1.0}) for term, weight in weights.items()]
    np.testing.assert_allclose(scores, sum(alone, np.zeros(5)), rtol=1e-4, atol=1e-5)
    scaled = index.scores({term: factor * weight for term, weight in weights.items()})
    np.testing.assert_allclose(scaled, factor * scores, rtol=1e-4, atol=1e-4)


def test_empty_passages_count_as_passages_and_score_nothing(index: LexicalIndex) -> None:
    scores = index.scores({"data": 1, "patient": 1})
    assert scores.shape == (5,)
    assert scores[2] == 0
    np.testing.assert_allclose(scores, bm25(CORPUS, ["data", "patient"]), rtol=1e-5)
    assert index.document_frequency("") == 0
    assert "" not in index.vocabulary()
    assert index.occurs("Data")
    assert not index.occurs("welding")
    assert not index.occurs("the")
    assert index.scores({"": 1}).tolist() == [0.0] * 5


@pytest.mark.parametrize(
    "question",
    [[], ["unknown"], ["unknown", "words"], [""]],
    ids=["none", "unknown", "several unknown", "empty"],
)
def test_words_that_no_passage_holds_score_nothing(
    question: list[str], index: LexicalIndex
) -> None:
    assert index.scores(Counter(question)).tolist() == [0.0] * 5


def test_unknown_words_change_nothing(index: LexicalIndex) -> None:
    scores = index.scores({"unknown": 1, "data": 1})
    assert scores.tolist() == index.scores({"data": 1}).tolist()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_corpus_without_terms_scores_nothing(count: int, place: Path) -> None:
    index = index_of([[] for _ in range(count)], place)
    assert not place.exists()
    assert index.scores({"data": 1}).tolist() == [0.0] * count
    assert index.vocabulary() == ()
    assert index.document_frequency("data") == 0


def test_one_passage(place: Path) -> None:
    index = index_of([["data"]], place)
    assert index.scores({"data": 1}).tolist() == pytest.approx(bm25([["data"]], ["data"]))


def test_a_corpus_may_be_read_once(place: Path) -> None:
    LexicalIndex.build((terms for terms in CORPUS), place)
    scores = LexicalIndex(place, count=5).scores({"data": 1})
    np.testing.assert_allclose(scores, bm25(CORPUS, ["data"]), rtol=1e-5)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("What does the Data-Engineer do?", ["data", "engin"]),
        ("How is it that you were?", []),
        ("", []),
        ("C++, C# and C", ["c++", "c#", "c"]),
        ("ＳＱＬ ﬁles STRASSE Straße", ["sql", "file", "strass", "strass"]),
        ("snake_case\u2028next", ["snake", "case", "next"]),
        ("工程师 😀 naïve", ["工程师", "naïv"]),
    ],
    ids=["stems", "stop words", "empty", "languages", "compatibility", "separators", "scripts"],
)
def test_terms_of_a_text(text: str, terms: list[str]) -> None:
    assert terms_of(text) == terms


def test_stop_words_are_words_as_texts_are_split_into() -> None:
    for word in STOP_WORDS:
        assert words_of(word) == [word]


def test_words_keep_their_order_and_repetitions() -> None:
    assert words_of("The data, the DATA!") == ["the", "data", "the", "data"]


def test_threads_stem_at_once() -> None:
    words = ["engineering", "pipelines", "statistics", "nurses", "teaching"] * 50
    expected = terms_of(" ".join(words))
    failures: list[list[str]] = []

    def work() -> None:
        for _ in range(20):
            found = terms_of(" ".join(words))
            if found != expected:
                failures.append(found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert expected[:5] == ["engin", "pipelin", "statist", "nurs", "teach"]
    assert failures == []


def test_threads_score_at_once(index: LexicalIndex) -> None:
    expected = index.scores({"data": 1, "nurs": 2}).tolist()
    failures: list[list[float]] = []

    def work() -> None:
        for _ in range(50):
            found = index.scores({"data": 1, "nurs": 2}).tolist()
            if found != expected:
                failures.append(found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_files_are_bm25s_own_and_are_not_read_into_memory(
    index: LexicalIndex, place: Path
) -> None:
    assert sorted(path.name for path in place.iterdir()) == SAVED_FILES
    assert index.scores({"data": 1}).argmax() == 0
    assert sorted(index.vocabulary()) == sorted({term for passage in CORPUS for term in passage})
    assert index.document_frequency("data") == 3
    own = bm25s.BM25.load(place, load_corpus=False, show_progress=False)
    for terms in (["data"], ["c++", "工程师"], ["nurs", "nurs", "data"]):
        np.testing.assert_allclose(index.scores(Counter(terms)), own.get_scores(terms), rtol=1e-6)
    assert isinstance(index._positions.base, np.memmap)
    assert isinstance(index._weights.base, np.memmap)


def best_of(scores: Scores, count: int) -> list[int]:
    """Sort all, as plainly as can be."""
    order = np.argsort(-scores, kind="stable")[:count]
    return sorted(int(position) for position in order if scores[position] > 0)


_SIZES = st.one_of(
    st.integers(0, 3),
    st.builds(
        lambda blocks, more: max(256 * blocks + more, 0), st.integers(0, 60), st.integers(-2, 2)
    ),
    st.integers(0, 16_000),
)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    size=_SIZES,
    count=st.one_of(st.integers(1, 6), st.integers(1, 600)),
    levels=st.sampled_from([1, 2, 3, 20, 10_000]),
    share=st.sampled_from([0.0, 0.002, 0.02, 1.0]),
    seed=st.integers(0, 10_000),
)
@example(size=256 * 31, count=3, levels=2, share=0.01, seed=22)
def test_the_best_are_those_of_a_full_stable_sort(
    size: int, count: int, levels: int, share: float, seed: int
) -> None:
    # With few levels most scores are equal, and those of the first passages are to win.
    random = np.random.default_rng(seed)
    scores = random.integers(1, levels + 1, size).astype(np.float32)
    scores[random.random(size) >= share] = 0
    found = find_best(scores, count)
    assert found.dtype == np.int64
    assert found.tolist() == best_of(scores, count)


def test_the_best_of_many_are_found_in_the_last_block_too() -> None:
    for size in (256 * 50, 256 * 50 + 1, 256 * 50 + 255):
        scores = np.zeros(size, dtype=np.float32)
        scores[[0, 255, 256, size - 1]] = [0.5, 0.25, 1.0, 2.0]
        assert find_best(scores, 3).tolist() == [0, 256, size - 1]
        assert find_best(scores, 10).tolist() == [0, 255, 256, size - 1]
        assert scores.shape == (size,)


_LIMITED = """
import json, resource, signal, sys
from pathlib import Path
from index.searching.lexical import LexicalIndex
from knowledge.errors import RolewiseError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
corpus = [[f"term{row % 10}"] for row in range(2_400)]  # long arrays and few words
for limit in map(int, sys.argv[2:]):
    folder = Path(sys.argv[1]) / str(limit)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        LexicalIndex.build(corpus, folder)
        outcome = None
    except OSError as error:
        outcome = error.errno
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    sizes = [path.stat().st_size for path in folder.iterdir()]
    print(json.dumps([limit, outcome, max(sizes, default=0)]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of the size of files")
def test_a_full_disk_is_noticed_whatever_the_size(tmp_path: Path) -> None:
    # NumPy loses what still stands in its buffer, and says nothing.
    limits = [0, 100, 128, 129, 2_000, 4_000, 4_200, 5_000, *range(8_200, 9_728, 150), 10**6]
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path), *map(str, limits)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    *full, built = map(json.loads, done.stdout.splitlines())
    for limit, outcome, _ in full:
        assert outcome in {errno.ENOSPC, errno.EFBIG}, limit
    assert built[1] is None
    assert built[2] == 9_728, "some limits would have been enough"
