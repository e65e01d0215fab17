"""What isn't asked about careers is off topic; what is asked in the guides' rare words isn't."""

from collections.abc import Iterator

import pytest

from bot.answers.conversation import Turn
from bot.answers.replies import Answer, Comparison, NotCovered, Reason
from bot.application import Application
from bot.settings import Settings
from tests.index.fakes import write_guides

GUIDES = {
    "talking.md": (
        "# Two jobs for people who talk\n\n## DevRel\n\nYou may be away eight days a month. In some"
        " months nobody sees you at home.\n\n## Technical writer\n\nA technical writer explains.\n"
    ),
    "nurse.md": "# Nurse\n\nNurses care for patients, day and night.\n",
}
OFF_TOPIC = (
    "anyone know a good pizza place",
    "why does my mic keep muting itself",
    "best ramen near here",
)


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp("topics")
    (folder / "guides").mkdir()
    application = Application(Settings(home=folder / "home"))
    application.build([write_guides(folder / "guides", GUIDES)])
    yield application
    application.close()


@pytest.mark.parametrize("question", OFF_TOPIC)
def test_small_talk_is_off_topic(application: Application, question: str) -> None:
    reply = application.assistant.reply(question)
    assert isinstance(reply, NotCovered)
    assert reply.reason is Reason.OFF_TOPIC


def test_small_talk_compares_nothing(application: Application) -> None:
    before = (Turn(role="user", text="nurse vs technical writer"),)
    reply = application.assistant.reply("whats for dinner", before)
    assert not isinstance(reply, Comparison)


def test_a_rare_word_of_a_heading_is_on_topic(application: Application) -> None:
    reply = application.assistant.reply("how many days away in devrel")
    assert isinstance(reply, Answer)
    assert "eight days" in " ".join(reply.statements[0].texts)
