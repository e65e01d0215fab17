"""Several questions in one message are answered one by one, and shown under each."""

import io
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from bot.answers.question import split_questions
from bot.answers.replies import Outcome, Several, outcome_of, statements_of
from bot.answers.reply_json import load_schema, to_json
from bot.answers.reply_text import plain_text
from bot.application import Application
from bot.community.showing.reply import reply_contents, reply_embed
from bot.settings import Settings
from bot.terminal.rich_screen import TerminalScreen
from knowledge.errors import QuestionError
from tests.bot.fakes import SKILLS, SNAPSHOT, WORK, make_answer, make_not_covered


@pytest.mark.parametrize(
    ("message", "questions"),
    [
        ("what is an SRE?", ("what is an SRE?",)),
        ("what is an SRE", ("what is an SRE",)),
        (
            "what does an SRE do? and what do they earn?",
            ("what does an SRE do?", "and what do they earn?"),
        ),
        ("what is it\nhow do i get in", ("what is it", "how do i get in")),
        (
            "i hate travel. what is it like? thx. does it pay well? lol",
            ("i hate travel. what is it like?", "thx. does it pay well? lol"),
        ),
        ("really?? is it hard", ("really?? is it hard",)),
        ("so? what? is it far away?", ("so? what? is it far away?",)),
        ("tell me about nurses.\nthanks", ("tell me about nurses. thanks",)),
    ],
)
def test_a_message_is_taken_apart_into_its_questions(
    message: str, questions: tuple[str, ...]
) -> None:
    assert split_questions(message) == questions


def test_a_message_without_a_word_is_refused() -> None:
    with pytest.raises(QuestionError, match="empty"):
        split_questions(" \n ")


def test_a_long_message_is_refused_though_its_questions_are_short() -> None:
    with pytest.raises(QuestionError, match="more than 2,000"):
        split_questions("what is it like? " * 200)


def test_what_is_not_answered_of_many_questions_is_said(application: Application) -> None:
    reply = application.assistant.reply("what is the role? " * 6)
    assert isinstance(reply, Several)
    assert len(reply.parts) == 4
    assert "Only the first 4 questions are answered" in plain_text(reply)


def test_of_two_questions_the_second_knows_the_first(application: Application) -> None:
    reply = application.assistant.reply("what skills does the role demand? and why is it exciting?")
    assert isinstance(reply, Several)
    assert len(reply.parts) == 2
    assert all(statements_of(part) for part in reply.parts)
    said = plain_text(reply)
    assert "Sources:" in said
    assert sum(len(statement.text) for statement in statements_of(reply)) <= 1_000


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    application = Application(Settings(home=tmp_path_factory.mktemp("home")))
    application.build()
    yield application
    application.close()


@pytest.fixture
def several() -> Several:
    parts = (
        make_answer(WORK, question="what do they do?"),
        make_not_covered(),
        make_answer(SKILLS, question="what do they need to know?"),
    )
    return Several(
        question="what do they do? what do they earn? what do they need to know?",
        standalone_question="what do they do?",
        snapshot=SNAPSHOT,
        confidence=0.5,
        parts=parts,
    )


def test_each_part_stands_under_its_question_with_sources_numbered_once(several: Several) -> None:
    shown = plain_text(several)
    for part in several.parts:
        assert part.question in shown.splitlines()
    assert shown.count("Sources:") == 1
    assert "They build pipelines that carry data. [1]" in shown
    assert "A data engineer needs: [2]" in shown


def test_json_holds_the_parts_and_fits_the_schema(several: Several) -> None:
    values = to_json(several)
    Draft202012Validator(load_schema()).validate(values)
    assert [part["question"] for part in values["parts"]] == [
        part.question for part in several.parts
    ]
    assert values["outcome"] == "answer"
    assert len(values["statements"]) == len(statements_of(several)) == 2


def test_the_outcome_is_the_best_of_the_parts(several: Several) -> None:
    assert outcome_of(several) is Outcome.ANSWER
    refused = Several(
        question="a? b?",
        standalone_question="a? b?",
        snapshot=SNAPSHOT,
        confidence=0.0,
        parts=(make_not_covered(), make_not_covered()),
    )
    assert outcome_of(refused) is Outcome.NOT_COVERED


def test_a_terminal_shows_every_part(several: Several) -> None:
    stream = io.StringIO()
    TerminalScreen(Console(file=stream, width=100)).show_reply(several)
    for part in several.parts:
        assert part.question in stream.getvalue()
    assert "They build pipelines" in stream.getvalue()


def test_discord_shows_every_part_within_its_limits(several: Several) -> None:
    embed = reply_embed(several, with_question=True)
    assert embed.description is not None
    assert len(embed) <= 6_000
    for part in several.parts:
        assert f"**{part.question}**" in embed.description
    contents = reply_contents(several, with_question=False)
    assert all(len(content) <= 2_000 for content in contents)
    assert "**what do they earn?**" in "\n".join(contents)
