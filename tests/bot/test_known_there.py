"""Roles are known at a place by what the guides there call them, in their files' names as well."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answers.conversation import Turn
from bot.answers.replies import Answer, Comparison, NotCovered
from bot.answers.reply_text import plain_text
from bot.application import Application
from bot.settings import Settings
from tests.index.fakes import write_guides

GUIDES = {
    "quellbrook/lead-product-engineer.md": (
        "---\ntitle: Lead Product Engineer Framework\n---\n\n"
        "## Clients\n\nStands in with clients while the principal is away.\n\n"
        "## Skills\n\nIs an expert in two skills.\n"
    ),
    "quellbrook/principal-engineer.md": (
        "---\ntitle: Principal Engineer Framework\n---\n\n"
        "## Clients\n\nIs a trusted adviser to clients.\n\n"
        "## Skills\n\nIs an expert in three skills.\n"
    ),
    "norvik/principal-engineer.md": (
        "---\ntitle: Principal Software Engineer\n---\n\n"
        "## Learning\n\nYou show others what you learned, in demos.\n\n"
        "## Services\n\nYou watch over all services of your team.\n"
    ),
    "zorbex/software-engineer.md": "# Software Engineer\n\nSoftware engineers write games.\n",
    "zorbex/product-engineer.md": "# Product Engineer\n\nProduct engineers test games.\n",
    "zorbex/engineering-manager.md": (
        "# Engineering Manager\n\n## Pods\n\nA pod at Zorbex is typically seven to ten people.\n\n"
        "## Reviews\n\nEngineering managers write reviews in March.\n"
    ),
    "quellbrook/gardener.md": (
        "# Gardener\n\nGardeners keep the roof green.\n\n"
        "Gardeners work with the architects on new roofs, and water them by hand.\n"
    ),
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder: Path = tmp_path_factory.mktemp("known there")
    guides = write_guides(folder / "guides", GUIDES)
    application = Application(Settings(home=folder / "home"))
    application.build([guides])
    yield application
    application.close()


def test_a_role_is_called_there_as_its_file_is(application: Application) -> None:
    reply = application.assistant.reply("what does a principal engineer at norvik show others")
    assert isinstance(reply, Answer)
    assert "in demos" in plain_text(reply)
    alone = application.assistant.reply("how many skills is a lead engineer at quellbrook good at")
    assert isinstance(alone, Answer)
    assert "expert in two skills" in plain_text(alone)


def test_sides_are_called_there_as_their_files_are(application: Application) -> None:
    reply = application.assistant.reply("quellbrook: lead vs principal engineer, what skills")
    assert isinstance(reply, Comparison)
    assert [side.role for side in reply.sides] == ["Product Engineer", "Principal Engineer"]
    assert "expert in two skills" in plain_text(reply)


def test_another_noun_is_another_role(application: Application) -> None:
    reply = application.assistant.reply("what does a lead product designer at quellbrook do")
    assert plain_text(reply).startswith("No guide at quellbrook is about the role product designer")


def test_a_question_about_another_place_is_not_dragged_back(application: Application) -> None:
    talk = (
        Turn(role="user", text="what does a gardener do"),
        Turn(role="assistant", text="Gardeners keep the roof green."),
    )
    assistant = application.assistant
    reply = assistant.reply("btw how big are the pods at zorbex", talk)
    assert isinstance(reply, Answer)
    assert "seven to ten people" in plain_text(reply)
    for going_on in ("and at zorbex?", "do they write reviews at zorbex"):
        reply = assistant.reply(going_on, talk)
        assert isinstance(reply, NotCovered)
        assert "Gardener at zorbex" in plain_text(reply)
