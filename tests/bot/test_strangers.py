"""Sentences about other roles are quoted only where nothing about the role answers better."""

import numpy as np
import pytest

from bot.answers.evidence import SIGNALS, Evidence
from bot.answers.lookup import _without_strangers


def _evidence(*signals: set[str]) -> Evidence:
    """Make evidence of sentences, each by the signals that it has."""
    rows = [[float(name in one) for name in SIGNALS] for one in signals]
    shares = np.zeros(len(rows), dtype=np.float32)
    return Evidence(candidates=(), signals=np.array(rows, dtype=np.float32), shares=shares)


EVIDENCE = _evidence(
    {"about_subject"},
    {"in_other_guide"},
    {"in_other_guide", "names_subject"},
    {"in_other_guide", "heading_names_subject"},
)


def test_a_stranger_is_about_another_role_and_does_not_name_this_one() -> None:
    assert EVIDENCE.strangers.tolist() == [False, True, False, False]
    assert EVIDENCE.is_of_subject.tolist() == [True, False, True, True]


@pytest.mark.parametrize(
    ("scores", "order"),
    [([3.0, 2.0, 1.0, 0.0], [0, 2, 3, 1]), ([2.0, 3.0, 1.0, 0.0], [1, 0, 2, 3])],
    ids=["beside what answers better", "alone"],
)
def test_strangers_come_last_unless_one_is_the_best(scores: list[float], order: list[int]) -> None:
    found = _without_strangers(EVIDENCE, np.array(scores, dtype=np.float32), always=False)
    assert np.argsort(-found).tolist() == order


def test_what_a_guide_always_tells_is_quoted_from_no_stranger() -> None:
    scores = np.array([2.0, 3.0, 1.0, 0.0], dtype=np.float32)
    found = _without_strangers(EVIDENCE, scores, always=True)
    assert np.argsort(-found).tolist() == [0, 2, 3, 1]


def test_without_sentences_there_are_no_strangers() -> None:
    empty = Evidence(
        candidates=(),
        signals=np.zeros((0, len(SIGNALS)), dtype=np.float32),
        shares=np.zeros(0, dtype=np.float32),
    )
    scores = np.zeros(0, dtype=np.float32)
    assert _without_strangers(empty, scores, always=True).tolist() == []
