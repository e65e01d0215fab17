from pathlib import Path

import numpy as np
import pytest

from bot.answers.aspects import AspectMatch
from bot.answers.matching import WordMatching, match_words, weigh_words
from bot.answers.model import load_model
from bot.answers.wording import Asked, Wording
from index.encoding.encoder import Vectors
from index.searching.words import WordBits, pack_signs

FREQUENCIES = {"salari": 4.0, "pilot": 1.0}


def word(question: str, vectors: Vectors) -> Wording:
    empty = np.zeros(vectors.shape[1], dtype=np.float32)
    aspect = AspectMatch(
        weights=empty, likeness=0.0, chatter=0.0, cues=frozenset(), essence=0.0, name=""
    )
    return Wording(
        asked=Asked(standalone=question, bare=question),
        vector=empty,
        bare_vector=empty,
        aspect=aspect,
        terms=frozenset(),
        words=tuple(question.split()),
        word_vectors=vectors,
    )


def unit(*axes: int) -> Vectors:
    return np.eye(4, dtype=np.float32)[list(axes)]


def frequency(term: str) -> float:
    return FREQUENCIES.get(term, 0.0)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("salary pilots", [0.8, 0.2]),
        ("when salary", [1 / 9, 8 / 9]),
        ("who", [1.0]),
        ("", []),
    ],
    ids=["the rarer the more", "stop words count a little", "alone", "none"],
)
def test_a_word_counts_the_more_the_rarer_it_is(question: str, expected: list[float]) -> None:
    wording = word(question, unit(*range(len(question.split()))))
    assert weigh_words(wording, frequency) == pytest.approx(expected)


def test_sentences_with_all_of_the_words_match_best() -> None:
    wording = word("salary pilots", unit(0, 1))
    both, rare, common, none = unit(0, 1), unit(0), unit(1), unit(2)
    sentences = WordBits(
        bits=pack_signs(np.concatenate([both, rare, common, none])),
        counts=np.array([2, 1, 1, 1, 0]),
    )
    found = match_words(wording, sentences, frequency, None)
    assert found[0] > found[1] > found[2] > found[3]
    # As far as signs tell, one without words is as near as one that stands square.
    assert found[4] == 0.0


def test_a_question_without_words_matches_nothing() -> None:
    sentences = WordBits(bits=pack_signs(unit(0)), counts=np.array([1]))
    assert match_words(word("", unit()), sentences, frequency, None).tolist() == [0.0]


def test_a_map_moves_words_to_what_answers_them() -> None:
    # What lies on the first axis is wanted on the second.
    matching = WordMatching(left=unit(0).T, right=2 * unit(1).T)
    assert matching.move(unit(0, 2)).tolist() == [[1, 2, 0, 0], [0, 0, 1, 0]]
    sentences = WordBits(bits=pack_signs(unit(0, 1)), counts=np.array([1, 1]))
    as_it_is = match_words(word("when", unit(0)), sentences, frequency, None)
    moved = match_words(word("when", unit(0)), sentences, frequency, matching)
    assert as_it_is[0] > as_it_is[1]
    assert moved[1] > moved[0]


def test_the_map_is_for_the_encoder_that_it_was_fitted_to(tmp_path: Path) -> None:
    shipped = load_model(tmp_path, "0" * 64)
    assert shipped.matching is None
    assert not shipped.is_calibrated
    own = load_model(tmp_path, shipped.calibration.encoder)
    assert own.matching is not None
    assert own.matching.left.shape == own.matching.right.shape
    assert own.matching.left.shape[0] == 384
