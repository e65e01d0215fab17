from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.searching.words import WordBits, bytes_of_word, ends_of, locate_words, pack_signs
from index.snapshots.snapshot import Snapshot
from knowledge.errors import DamagedSnapshotError


def brute_force(
    sentences: list[list[list[float]]], question: list[list[float]], dimension: int
) -> list[list[float]]:
    """Return for each sentence, and each word of the question, the best product with signs."""
    return [
        [
            max(
                (
                    sum(
                        asked * (1 if said > 0 else -1)
                        for asked, said in zip(word, other, strict=True)
                    )
                    for other in sentence
                ),
                default=0.0,
            )
            / dimension**0.5
            for word in question
        ]
        for sentence in sentences
    ]


@st.composite
def words(draw: st.DrawFn) -> tuple[int, list[list[list[float]]], list[list[float]]]:
    dimension = draw(st.integers(1, 20))
    word = st.lists(
        st.floats(-1, 1, allow_subnormal=False, width=32), min_size=dimension, max_size=dimension
    )
    sentences = draw(st.lists(st.lists(word, max_size=4), max_size=5))
    return dimension, sentences, draw(st.lists(word, max_size=4))


@settings(deadline=None, derandomize=True)
@given(words())
def test_each_word_of_a_question_is_matched_with_the_nearest_of_each_sentence(
    case: tuple[int, list[list[list[float]]], list[list[float]]],
) -> None:
    dimension, sentences, question = case
    flat = np.array(
        [word for sentence in sentences for word in sentence], dtype=np.float32
    ).reshape(-1, dimension)
    bits = pack_signs(flat)
    assert bits.shape == (len(flat), bytes_of_word(dimension))
    counts = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
    asked = np.array(question, dtype=np.float32).reshape(-1, dimension)
    found = WordBits(bits=bits, counts=counts).match(asked, dimension)
    assert found.shape == (len(sentences), len(question))
    expected = np.array(brute_force(sentences, question, dimension)).reshape(found.shape)
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("part", "with_stop_words", "expected"),
    [
        (((0, 23),), False, ["SQL", "naïve"]),
        (((0, 23),), True, ["Where", "is", "the", "SQL", "naïve"]),
        (((0, 8), (13, 16)), True, ["Where", "is", "SQL"]),
        ((), True, []),
    ],
    ids=["without stop words", "with stop words", "of ranges", "of nothing"],
)
def test_words_are_found_in_a_part(
    part: tuple[tuple[int, int], ...], with_stop_words: bool, expected: list[str]
) -> None:
    text = "Where is the SQL; naïve?"
    found = locate_words(text[:-1], part, with_stop_words=with_stop_words)
    assert [text[start:end] for [(start, end)] in found] == expected


def test_ends_go_on_from_what_is_there() -> None:
    assert ends_of(np.array([2, 0, 3]), 10).tolist() == [12, 12, 15]


def test_sentences_know_their_words_in_any_order(
    folder: Path, open_snapshot: Callable[[Path], Snapshot]
) -> None:
    snapshot = open_snapshot(folder)
    count = snapshot.manifest.sentences
    whole = snapshot.sentence_words(range(count))
    starts = np.cumsum(whole.counts) - whole.counts
    order = [*range(0, count, 2), *range(1, count, 2)][::-1]
    some = snapshot.sentence_words(order)
    assert some.counts.tolist() == whole.counts[order].tolist()
    expected = [
        row
        for position in order
        for row in whole.bits[starts[position] : starts[position] + whole.counts[position]].tolist()
    ]
    assert some.bits.tolist() == expected
    assert snapshot.sentence_words([]).bits.shape == (0, whole.bits.shape[1])


def test_words_that_lie_nowhere_are_refused(
    folder: Path, open_snapshot: Callable[[Path], Snapshot]
) -> None:
    snapshot = open_snapshot(folder)
    ends = np.array(snapshot._word_ends)
    ends[-1] += 1
    snapshot._word_ends = ends
    with pytest.raises(DamagedSnapshotError, match="build --full"):
        snapshot.sentence_words([len(ends) - 1])
