"""A question that names the folder guides lie in is answered from the guides in it alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answers.conversation import Turn
from bot.answers.folders import Folders
from bot.answers.replies import Answer, Comparison, NotCovered, OneReply, statements_of
from bot.answers.reply_text import plain_text
from bot.application import Application
from bot.settings import Settings
from tests.index.fakes import write_guides

GUIDES = {
    "norvik/designer.md": (
        "# Designers\n\nDesigners at Norvik draw maps for hikers and sailors.\n\n"
        "## Tools\n\nThey draw with Figma and with a pencil.\n"
    ),
    "norvik/engineer.md": (
        "# Engineers\n\nEngineers keep the map servers running.\n\n"
        "## Pay\n\nEngineers earn 61,000 euros a year.\n"
    ),
    "quellbrook-labs/designer.md": (
        "# Designers\n\nDesigners shape the screens of heart monitors.\n\n"
        "## Tools\n\nThey sketch in Penpot and print in plastic.\n"
    ),
    "quellbrook-labs/chemist.md": (
        "# Chemist\n\nA chemist tests the gel of electrodes.\n\n"
        "## Pay\n\nChemists earn 52,000 euros a year.\n"
    ),
    "bakery/baker.md": "# Baker\n\nBakers knead dough before dawn and mind the ovens.\n",
}
NO_WORDS = frozenset[str]()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder: Path = tmp_path_factory.mktemp("folders")
    application = Application(Settings(home=folder / "home"))
    application.build([write_guides(folder / "guides", GUIDES)])
    yield application
    application.close()


def _ask(application: Application, question: str, *before: str) -> OneReply:
    turns = tuple(Turn(role="user", text=text) for text in before)
    reply = application.assistant.reply(question, turns)
    assert isinstance(reply, Answer | Comparison | NotCovered)
    return reply


def _folders_quoted(reply: OneReply) -> set[str]:
    return {
        citation.document.split("/")[0]
        for statement in statements_of(reply)
        for citation in statement.citations
    }


@pytest.mark.parametrize(
    ("question", "folder"),
    [
        ("what tools do designers at Norvik use", "norvik"),
        ("what tools do designers at quellbrook labs use?", "quellbrook-labs"),
        ("which tools do norvik designers use", "norvik"),
        ("what do Quellbrook's designers draw with", "quellbrook-labs"),
        ("what does a designer do at the bakery or at norvik", "norvik"),
    ],
)
def test_only_guides_of_the_folder_answer(
    application: Application, question: str, folder: str
) -> None:
    reply = _ask(application, question)
    assert isinstance(reply, Answer)
    assert _folders_quoted(reply) == {folder}
    assert not reply.notices


def test_passages_of_other_folders_come_last(application: Application) -> None:
    reply = _ask(application, "what tools do designers at norvik use")
    folders = [hit.passage.document_id.split("/")[0] for hit in reply.hits]
    assert len(folders) == len(GUIDES)
    assert folders[: folders.count("norvik")] == ["norvik"] * folders.count("norvik")


def test_a_role_without_a_guide_there_is_not_answered_for_from_elsewhere(
    application: Application,
) -> None:
    reply = _ask(application, "what does a chemist do at Norvik")
    assert isinstance(reply, NotCovered)
    assert plain_text(reply).startswith("The guides at Norvik don't say that about Chemist.")


def test_both_sides_of_a_comparison_may_be_in_folders_of_their_own(
    application: Application,
) -> None:
    reply = _ask(application, "how does an engineer at norvik differ from a chemist at quellbrook")
    assert isinstance(reply, Comparison)
    assert _folders_quoted(reply) == {"norvik", "quellbrook-labs"}
    assert all(side.statements for side in reply.sides)


def test_what_follows_stays_there(application: Application) -> None:
    reply = _ask(application, "and which tools do they use?", "what do designers at quellbrook do")
    assert _folders_quoted(reply) == {"quellbrook-labs"}
    assert reply.standalone_question.endswith("at quellbrook")


def test_another_folder_may_be_asked_next(application: Application) -> None:
    reply = _ask(application, "and at norvik?", "which tools do designers at quellbrook use")
    assert _folders_quoted(reply) == {"norvik"}
    assert "quellbrook" not in reply.standalone_question


def test_another_question_is_asked_of_all_again(application: Application) -> None:
    reply = _ask(application, "how much does a chemist earn", "what do designers at norvik do")
    assert _folders_quoted(reply) == {"quellbrook-labs"}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("what does an engineer do at marketing", {"marketing/a.md"}),
        ("what does an engineer do in marketing", None),
        ("the marketing engineer", None),
        ("is there coffee in zorbex", {"zorbex/b.md"}),
        ("which zorbex engineer is on call", {"zorbex/b.md"}),
        ("does zorbex pay", None),
        ("at zorbexes", None),
        ("how is @zorbex different from @marketing", {"marketing/a.md", "zorbex/b.md"}),
        ("who works at Two Rivers", {"two-rivers/c.md"}),
        ("who works at the rivers", None),
        ("what is it like in the engineer", None),
    ],
)
def test_everyday_words_name_a_folder_behind_at_alone(
    question: str, found: set[str] | None
) -> None:
    everyday = {"marketing", "two", "rivers", "engineer"}
    folders = Folders(
        ["marketing/a.md", "zorbex/b.md", "two-rivers/c.md", "engineer/d.md", "e.md"],
        ["engineer"],
        lambda words: [word for word in words if word in everyday],
    )
    role = question.find("engineer")
    folder = folders.find(question, [role] if role >= 0 else [])
    assert (folder.documents if folder else None) == found


def test_a_folder_that_holds_everything_says_nothing() -> None:
    folders = Folders(["zorbex/a.md", "zorbex/b.md"], NO_WORDS, lambda _: [])
    assert folders.find("who works at zorbex", []) is None
