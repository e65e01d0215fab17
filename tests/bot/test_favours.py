"""Passages are looked for first where the conversation is, where a folder is, where a name is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answers.conversation import Turn
from bot.application import Application
from bot.settings import Settings
from tests.index.fakes import write_guides

_DEMO = (
    "# {0}\n\n{0}s of {1} meet on Fridays.\n\n## The demo\n\nA volunteer begins, and all watch.\n"
)
GUIDES = {
    "norvik/first.md": _DEMO.format("Painter", "Norvik"),
    "norvik/second.md": _DEMO.format("Potter", "Norvik"),
    "zorbex/third.md": _DEMO.format("Weaver", "Zorbex"),
    "zorbex/fourth.md": (
        "# Rope yard\n\nThe yard has a chief of knots. Ropes hang from hooks.\n\n## Splicing\n\n"
        "Those who splice ropes sit by the window, and they begin at six.\n"
    ),
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder: Path = tmp_path_factory.mktemp("favours")
    application = Application(Settings(home=folder / "home"))
    application.build([write_guides(folder / "guides", GUIDES)])
    yield application
    application.close()


def _first(application: Application, question: str, *before: Turn) -> str:
    reply = application.assistant.reply(question, before)
    return reply.hits[0].passage.document_id


@pytest.mark.parametrize("document", ["norvik/first.md", "norvik/second.md", "zorbex/third.md"])
def test_what_follows_is_looked_for_where_the_answer_before_was(
    application: Application, document: str
) -> None:
    quoted = GUIDES[document].splitlines()[2]
    before = (
        Turn(role="user", text="which day is the meeting on"),
        Turn(role="assistant", text=quoted),
    )
    assert _first(application, "and who begins the demo", *before) == document


def test_a_role_named_anew_is_looked_for_everywhere(application: Application) -> None:
    before = (
        Turn(role="user", text="which day is the meeting on"),
        Turn(role="assistant", text="Painters of Norvik meet on Fridays."),
    )
    assert _first(application, "and who begins for weavers", *before) == "zorbex/third.md"


def test_a_folder_that_is_only_spoken_of_comes_first(application: Application) -> None:
    assert _first(application, "who begins the demo (zorbex)") == "zorbex/third.md"
    assert _first(application, "norvik says someone begins the demo").startswith("norvik/")


def test_a_role_that_the_guides_only_name_is_looked_for_where_they_do(
    application: Application,
) -> None:
    assert _first(application, "what does a chief of knots do at the demo") == "zorbex/fourth.md"
