from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoding.encoder import Vectors
from index.encoding.parts import Part, PartVectors
from tests.index.encoding.models import DIMENSION

TOKENS = 6
HIDDEN = np.random.default_rng(1).normal(size=(TOKENS, DIMENSION)).astype(np.float32)
# Two characters each, but for the first and the last, which stand for none.
OFFSETS = [(0, 0), (0, 2), (2, 4), (4, 6), (6, 8), (0, 0)]
SPECIAL = [1, 0, 0, 0, 0, 1]
TEXT = "aabbccdd"


def must_not_encode(texts: Sequence[str]) -> Vectors:
    raise AssertionError(f"{texts} have tokens")


def pool(*parts: Part) -> Vectors:
    gathered = PartVectors([TEXT], [parts], DIMENSION)
    gathered.pool(0, HIDDEN, OFFSETS, SPECIAL)
    (vectors,) = gathered.finish(must_not_encode)
    return vectors


def mean_of(*tokens: int) -> Vectors:
    mean: Vectors = HIDDEN[list(tokens)].mean(axis=0)
    return mean / np.linalg.norm(mean)


@pytest.mark.parametrize(
    ("part", "tokens"),
    [
        pytest.param(((0, 8),), (1, 2, 3, 4), id="all, without special tokens"),
        pytest.param(((2, 4),), (2,), id="one"),
        pytest.param(((3, 5),), (2, 3), id="halves of two"),
        pytest.param(((0, 2), (6, 8)), (1, 4), id="two ranges"),
        pytest.param(((0, 3), (3, 4)), (1, 2), id="a token of two ranges counts once"),
        pytest.param(((7, 99),), (4,), id="beyond the end"),
    ],
)
def test_a_part_is_the_mean_of_the_tokens_that_it_overlaps(
    part: Part, tokens: tuple[int, ...]
) -> None:
    np.testing.assert_allclose(pool(part)[0], mean_of(*tokens), atol=1e-6)


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 7), st.integers(1, 8)).map(
                lambda span: (span[0], min(span[0] + span[1], 8))
            ),
            min_size=1,
            max_size=3,
        ).map(tuple),
        max_size=5,
    )
)
def test_pooling_equals_counting_characters(parts: list[Part]) -> None:
    for vector, part in zip(pool(*parts), parts, strict=True):
        characters = {place for start, end in part for place in range(start, end)}
        tokens = [place // 2 + 1 for place in sorted(characters)]
        np.testing.assert_allclose(vector, mean_of(*sorted(set(tokens))), atol=1e-5)


def test_what_has_no_tokens_is_encoded_by_its_words() -> None:
    texts = ["first text", "", "a third one", "the last"]
    parts: list[list[Part]] = [
        [((0, 5),), ((6, 10),)],
        [],
        [((0, 1), (8, 11))],
        [((0, 0),), (), ((4, 8),)],
    ]
    gathered = PartVectors(texts, parts, DIMENSION)
    gathered.pool(0, HIDDEN[:2], [(0, 5), (20, 30)], [0, 0])
    gathered.pool(1, HIDDEN[:1], [(0, 0)], [1])
    asked: list[str] = []

    def encode(words: list[str]) -> Vectors:
        asked.extend(words)
        return np.eye(len(words), DIMENSION, dtype=np.float32)

    found = gathered.finish(encode)
    assert asked == ["text", "a one", "", "", "last"]
    assert [vectors.shape for vectors in found] == [(2, 32), (0, 32), (1, 32), (3, 32)]
    np.testing.assert_allclose(found[0][0], mean_of(0), atol=1e-6)
    rows = np.concatenate([found[0][1:], found[2], found[3]])
    np.testing.assert_array_equal(rows, np.eye(5, DIMENSION))


def test_nothing_is_nothing() -> None:
    assert PartVectors([], [], DIMENSION).finish(must_not_encode) == []
    (vectors,) = PartVectors(["text"], [[]], DIMENSION).finish(must_not_encode)
    assert vectors.shape == (0, DIMENSION)


def test_each_text_needs_its_list_of_parts() -> None:
    with pytest.raises(ValueError, match="2 texts need as many lists of parts, not 1"):
        PartVectors(["a", "b"], [[]], DIMENSION)
