"""A role that no guide is about is said to be none, and answered for by the nearest that is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answers.conversation import Turn
from bot.answers.replies import Answer, Comparison, NotCovered, Reason
from bot.answers.reply_text import plain_text
from bot.application import Application
from bot.settings import Settings
from tests.index.fakes import write_guides

GUIDES = {
    "mobile.md": (
        "# Mobile developer\n\nMobile developers write apps for phones and tablets.\n\n## Pay\n\n"
        "They are paid between £45,000 and £71,000 a year.\n"
    ),
    "nurse.md": "# Nurse\n\nNurses care for patients, day and night.\n",
    "acme/press.md": "# Press officer\n\nPress officers ring up newspapers all day long.\n",
    "acme/ux.md": "# Product designer\n\nProduct designers draw screens and try them out.\n",
    "freight.md": (
        "# On the road\n\nWho loads the lorry? The warehouse does. "
        "Drivers stay out of the loading bay and must have slept eleven hours between two trips.\n"
    ),
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder: Path = tmp_path_factory.mktemp("nearest")
    (folder / "guides").mkdir()
    application = Application(Settings(home=folder / "home"))
    application.build([write_guides(folder / "guides", GUIDES)])
    yield application
    application.close()


def test_another_name_is_answered_for_and_said_to_be_another(application: Application) -> None:
    reply = application.assistant.reply("how much are smartphone developers paid")
    assert isinstance(reply, Answer)
    [notice] = reply.notices
    assert "smartphone developers" in notice
    assert "Mobile Developer" in notice
    assert "£45,000" in " ".join(reply.statements[0].texts)


def test_it_is_a_side_of_a_comparison_and_said_to_be_another(application: Application) -> None:
    reply = application.assistant.reply("who earns more, a nurse or a smartphone developer")
    assert isinstance(reply, Comparison)
    [notice] = reply.notices
    assert "smartphone developer" in notice
    assert reply.sides[1].role == "Mobile Developer"
    assert "£45,000" in " ".join(reply.sides[1].statements[0].texts)


def test_it_is_no_side_where_its_guide_does_not_say(application: Application) -> None:
    reply = application.assistant.reply("who gets more holidays, a nurse or a smartphone developer")
    assert isinstance(reply, NotCovered)


def test_no_role_is_compared_with_itself(application: Application) -> None:
    reply = application.assistant.reply(
        "who earns more, mobile developers or smartphone developers"
    )
    assert isinstance(reply, Comparison)
    assert not reply.notices
    assert not reply.sides[1].statements


def test_it_stays_the_nearest_in_what_follows(application: Application) -> None:
    conversation = (
        Turn(role="user", text="what does a smartphone developer do"),
        Turn(role="assistant", text="Mobile developers write apps for phones and tablets."),
    )
    reply = application.assistant.reply("and what are they paid", conversation)
    assert isinstance(reply, Answer)
    assert "£45,000" in " ".join(reply.statements[0].texts)


def test_where_one_role_alone_has_the_noun_less_is_enough(application: Application) -> None:
    reply = application.assistant.reply("what does a media officer do at acme")
    assert isinstance(reply, Answer)
    [notice] = reply.notices
    assert notice.startswith("No guide at acme is about the role media officer; the nearest")
    elsewhere = application.assistant.reply("what does a smartphone developer do at acme")
    assert isinstance(elsewhere, NotCovered)


@pytest.mark.parametrize("role", ["paramedic", "plumber", "network engineer"])
def test_what_is_only_near_is_not_answered_for(application: Application, role: str) -> None:
    reply = application.assistant.reply(f"how much is a {role} paid")
    assert isinstance(reply, NotCovered)
    assert reply.reason is Reason.NO_GUIDE
    assert role in reply.text


def test_the_guides_question_stands_before_its_answer(application: Application) -> None:
    said = plain_text(application.assistant.reply("who loads the lorry"))
    assert said.startswith("Who loads the lorry? The warehouse does.")


@pytest.mark.parametrize("asked", ["a dermatology nurse", "a nurse"])
def test_what_the_only_guide_with_a_noun_speaks_of_is_meant(tmp_path: Path, asked: str) -> None:
    text = (
        "# Registered ward nurse\n\nYou join the dermatology clinic of the hospital.\n\n"
        "## Pay\n\nYou are paid $32 an hour.\n"
    )
    application = Application(Settings(home=tmp_path / "home"))
    application.build([write_guides(tmp_path / "guides", GUIDES | {"nurse.md": text})])
    reply = application.assistant.reply(f"how much is {asked} paid")
    assert isinstance(reply, Answer)
    assert "$32" in plain_text(reply)
    application.close()
