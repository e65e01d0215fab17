import json
import math
import shutil
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import STOP_WORDS, LexicalIndex, terms_of, words_of
from knowledge.errors import DamagedSnapshotError

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

_TERMS = st.sampled_from(["a1", "b2", "c3", "d4", "e5", "f6"])


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
def test_scores_equal_the_formula(corpus: list[list[str]], terms: list[str]) -> None:
    index = LexicalIndex(corpus)
    scores = index.scores(terms)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, bm25(corpus, terms), rtol=1e-4, atol=1e-6)
    for term in set(terms):
        frequency = sum(term in passage for passage in corpus)
        assert index.document_frequency(term) == frequency
        assert index.inverse_document_frequency(term) == pytest.approx(
            math.log(1 + (len(corpus) - frequency + 0.5) / (frequency + 0.5))
        )
    assert set(index.vocabulary()) == {term for passage in corpus for term in passage}


def test_empty_passages_count_as_passages_and_score_nothing() -> None:
    index = LexicalIndex(CORPUS)
    scores = index.scores(["data", "patient"])
    assert scores.shape == (5,)
    assert scores[2] == 0
    np.testing.assert_allclose(scores, bm25(CORPUS, ["data", "patient"]), rtol=1e-5)
    assert index.document_frequency("") == 0
    assert "" not in index.vocabulary()
    assert index.scores([""]).tolist() == [0.0] * 5


@pytest.mark.parametrize(
    "question",
    [[], ["unknown"], ["unknown", "words"], [""]],
    ids=["none", "unknown", "several unknown", "empty"],
)
def test_words_that_no_passage_holds_score_nothing(question: list[str]) -> None:
    assert LexicalIndex(CORPUS).scores(question).tolist() == [0.0] * 5


def test_unknown_words_change_nothing() -> None:
    index = LexicalIndex(CORPUS)
    assert index.scores(["unknown", "data"]).tolist() == index.scores(["data"]).tolist()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_corpus_without_terms_scores_nothing(count: int, tmp_path: Path) -> None:
    index = LexicalIndex([[] for _ in range(count)])
    assert index.scores(["data"]).tolist() == [0.0] * count
    assert index.vocabulary() == ()
    assert index.document_frequency("data") == 0
    index.save(tmp_path / "lexical")
    assert not (tmp_path / "lexical").exists()
    loaded = LexicalIndex.load(tmp_path / "lexical", count=count)
    assert loaded.scores(["data"]).tolist() == [0.0] * count


def test_one_passage() -> None:
    index = LexicalIndex([["data"]])
    assert index.scores(["data"]).tolist() == pytest.approx(bm25([["data"]], ["data"]))


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


def test_save_then_load_scores_the_same(tmp_path: Path) -> None:
    saved = LexicalIndex(CORPUS)
    saved.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical", count=len(CORPUS))
    for terms in (["data"], ["c++", "工程师"], ["unknown"], ["nurs", "nurs", "data"]):
        assert loaded.scores(terms).tolist() == saved.scores(terms).tolist()
    assert loaded.scores(["data"]).argmax() == 0
    assert sorted(loaded.vocabulary()) == sorted(saved.vocabulary())
    assert loaded.document_frequency("data") == 3
    assert sorted(path.name for path in (tmp_path / "lexical").iterdir()) == SAVED_FILES


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    LexicalIndex(CORPUS).save(tmp_path / "lexical")
    return tmp_path / "lexical"


@pytest.mark.parametrize("name", SAVED_FILES)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "foreign", "folder"])
def test_damaged_files_are_refused(name: str, damage: str, saved: Path) -> None:
    path = saved / name
    data = path.read_bytes()
    path.unlink()
    if damage == "empty":
        path.touch()
    elif damage == "cut":
        path.write_bytes(data[:-2])
    elif damage == "foreign":
        path.write_bytes(b"\x89PNG\r\n\x1a\n" * 20)
    elif damage == "folder":
        path.mkdir()
    with pytest.raises(DamagedSnapshotError, match="Run: rolewise build"):
        LexicalIndex.load(saved, count=len(CORPUS))


@pytest.mark.parametrize("name", SAVED_FILES)
def test_files_of_another_index_are_refused(name: str, saved: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    LexicalIndex([["one", "two"], *CORPUS, *CORPUS]).save(other)
    shutil.copy(other / name, saved / name)
    with pytest.raises(DamagedSnapshotError, match="Run: rolewise build"):
        LexicalIndex.load(saved, count=len(CORPUS))


@pytest.mark.parametrize(
    "values",
    [
        [],
        {},
        {"num_docs": "many"},
        {"num_docs": None},
        {"num_docs": 5, "k1": 1.5, "unknown": 1},
    ],
    ids=json.dumps,
)
def test_wrong_parameters_are_refused(values: object, saved: Path) -> None:
    (saved / "params.index.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(DamagedSnapshotError):
        LexicalIndex.load(saved, count=len(CORPUS))


@pytest.mark.parametrize(
    "values",
    [{"dtype": "no type"}, {"method": "bm25+"}, {"backend": "numba"}, {"k1": "x"}],
    ids=json.dumps,
)
def test_other_parameters_are_not_followed(values: dict[str, str], saved: Path) -> None:
    path = saved / "params.index.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | values), encoding="utf-8")
    loaded = LexicalIndex.load(saved, count=len(CORPUS))
    assert loaded.scores(["data"]).tolist() == LexicalIndex(CORPUS).scores(["data"]).tolist()


@pytest.mark.parametrize("row", [-1, 99, "0", 1.5, None], ids=str)
def test_a_vocabulary_that_points_elsewhere_is_refused(row: object, saved: Path) -> None:
    path = saved / "vocab.index.json"
    values = json.loads(path.read_bytes())
    path.write_text(json.dumps(values | {"data": row}), encoding="utf-8")
    with pytest.raises(DamagedSnapshotError):
        LexicalIndex.load(saved, count=len(CORPUS))


@pytest.mark.parametrize("name", [name for name in SAVED_FILES if name.endswith(".npy")])
def test_pickled_objects_are_refused(name: str, saved: Path) -> None:
    np.save(saved / name, np.array([{"run": "me"}], dtype=object), allow_pickle=True)
    with pytest.raises(DamagedSnapshotError):
        LexicalIndex.load(saved, count=len(CORPUS))


def test_another_count_names_both(saved: Path) -> None:
    with pytest.raises(DamagedSnapshotError, match="of 5 passages, but the manifest says 6"):
        LexicalIndex.load(saved, count=6)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lexical").write_text("words", encoding="utf-8")
    with pytest.raises(DamagedSnapshotError):
        LexicalIndex.load(tmp_path / "lexical", count=1)
