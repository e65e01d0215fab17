"""Gaps are grouped by meaning, and exported as what `rolewise evaluate` reads."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.cli
from bot.answers.replies import Reason
from bot.evaluation.questions import Kind, read_questions
from bot.feedback.book import FeedbackBook, Verdict
from bot.feedback.export import gaps_to_yaml
from bot.feedback.gaps import find_gaps
from bot.feedback.grouping import group_vectors
from index.encoding.encoder import Vectors
from tests.bot.fakes import make_answer, make_not_covered
from tests.index.fakes import WordHashEncoder

ALICE, BOB = 1, 2
HOSTILE = "- gold: [x] # \u202eno\n\x07 'quotes' \"and\" @everyone: 😀"


def ask(book: FeedbackBook, text: str, *, answered: bool = False) -> None:
    reply = make_answer() if answered else make_not_covered()
    book.add_reply(ALICE, replace(reply, question=text, standalone_question=text))


def fill(home: Path) -> FeedbackBook:
    book = FeedbackBook(home, keep_questions=True, retention_days=30)
    ask(book, "what does a nurse earn")
    ask(book, "what does a nurse earn")
    ask(book, "a nurse what does earn")
    ask(book, "how long is the training", answered=True)
    ask(book, "who is good at this", answered=True)
    book.add_verdict("4", BOB, Verdict.NOT_HELPFUL, question="how long is the training")
    return book


def unit(vectors: list[list[float]]) -> Vectors:
    rows = np.array(vectors, dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def test_vectors_that_point_the_same_way_are_one_group() -> None:
    vectors = unit([[1, 0, 0], [0, 1, 0], [1, 0.2, 0], [0, 0, 1], [1, -0.2, 0], [0, 1, 0.1]])
    assert group_vectors(vectors, 0.9) == [[0, 2, 4], [1, 5], [3]]
    assert group_vectors(vectors, 1.01) == [[row] for row in range(6)]
    assert group_vectors(vectors, -1.0)[0] != []


@given(
    rows=st.lists(
        st.lists(st.integers(-3, 3), min_size=3, max_size=3).filter(any), min_size=1, max_size=25
    ),
    least=st.sampled_from([-1.0, 0.0, 0.5, 0.9, 1.0]),
)
def test_groups_partition_the_rows_and_no_two_are_near(rows: list[list[int]], least: float) -> None:
    vectors = unit([[float(number) for number in row] for row in rows])
    groups = group_vectors(vectors, least)
    assert sorted(row for group in groups for row in group) == list(range(len(rows)))
    means = np.stack([vectors[group].astype(np.float64).mean(axis=0) for group in groups])
    between = means @ means.T
    np.fill_diagonal(between, -1.0)
    assert len(groups) == 1 or between.max() < least + 1e-6


def test_gaps_are_grouped_counted_and_ordered(tmp_path: Path) -> None:
    gaps = find_gaps(fill(tmp_path), WordHashEncoder)
    assert [(one.count, one.not_answered, one.not_helpful) for one in gaps.groups] == [
        (3, 3, 0),
        (1, 0, 1),
    ]
    assert gaps.groups[0].reason is Reason.NOT_SAID
    assert set(gaps.groups[0].wordings) == {"what does a nurse earn", "a nurse what does earn"}
    assert gaps.groups[1].question == "how long is the training"
    assert gaps.groups[1].reason is None
    assert gaps.are_all


def test_an_export_is_what_evaluate_reads(tmp_path: Path) -> None:
    book = fill(tmp_path)
    ask(book, HOSTILE)
    gaps = find_gaps(book, WordHashEncoder)
    path = tmp_path / "gaps.yaml"
    path.write_text(gaps_to_yaml(gaps.groups), encoding="utf-8")
    questions = read_questions(path)
    assert {one.kind for one in questions} == {Kind.UNANSWERABLE}
    expected = {wording for group in gaps.groups for wording in group.wordings}
    assert {one.question for one in questions} == expected
    assert HOSTILE in expected


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_command_shows_gaps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], is_kept: bool
) -> None:
    file = tmp_path / "rolewise.yaml"
    file.write_text(f"home: .\ndiscord: {{keep_questions: {str(is_kept).lower()}}}\n")
    arguments = ["--config", str(file), "gaps"]
    assert bot.cli.main(arguments) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Questions asked on Discord: 0\n")
    assert ("Nothing was left open." in shown) is is_kept
    assert ("discord.keep_questions" in shown) is not is_kept
    assert bot.cli.main([*arguments, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["keep_questions"] is is_kept
    assert printed["groups"] == []
