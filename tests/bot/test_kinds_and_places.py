"""Sides of a comparison that are kinds of one role, or named by a place and a word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answers.replies import Answer, Comparison
from bot.answers.reply_text import plain_text
from bot.application import Application
from bot.settings import Settings
from tests.bot.comparing import texts_by_role
from tests.index.fakes import write_guides

GUIDES = {
    "zorbex/AreasDescription.md": (
        "# Areas\n\n## Area Director (AD)\n\nAn Area Director reads every draft.\n\n"
        "### Security area\n\nA Security AD must know ciphers and keys.\n\n"
        "### Routing area\n\nA Routing AD must know the tables of all routers.\n"
    ),
    "quellbrook/project-director.md": (
        "# Project Director\n\nThe project director is paid 50,000 euros a year.\n"
    ),
    "quellbrook/coordinator.md": "# Coordinator\n\nThe coordinator is paid 40 euros an hour.\n",
    "norvik/education-buddy.md": (
        "# Education Buddy\n\nAn education buddy meets three learners each week.\n\n"
        "As a buddy you should listen. A buddy must be kind.\n"
    ),
    "norvik/mentor.md": "# Homework Mentor\n\nHomework mentors read what learners hand in.\n",
    "quellbrook/corporate-team.md": (
        "# Corporate Team\n\n## What the team does\n\n"
        "Everybody here designs how Quellbrook is run.\n"
    ),
    "norvik/qa-testing-engineer.md": (
        "# QA Testing Engineer\n\nYou need not know Rails to test at Norvik.\n"
    ),
    "zorbex/baker.md": "# Baker\n\nBakers at Zorbex bake rye bread.\n",
    "norvik/pilot.md": (
        "# Pilot\n\nPilots fly mail to the islands.\n\n## Experience\n\nNo pilot needs any.\n"
    ),
    "zorbex/business-analyst.md": (
        "# Digital Business Analyst\n\nDigital business analysts at Zorbex write short specs.\n"
    ),
    "norvik/project-manager.md": (
        "# NORVIK Project Manager\n\nThe NORVIK project manager seeks funds for the ferry.\n\n"
        "A NORVIK project manager plans.\n"
    ),
    "zorbex/product-manager.md": "# Product Manager\n\nProduct managers set prices.\n",
    "quellbrook/it-support.md": "# IT Support Analyst\n\nIT support analysts work on Saturdays.\n",
    "quellbrook/front.md": (
        "# Front of House Manager\n\nFront of house managers seat the guests.\n"
    ),
    "quellbrook/driver.md": "# Truck Driver\n\nTruck drivers drive lorries to the harbour.\n",
    "norvik/technology.md": (
        "# Director of Technology\n\nThe director of technology chooses all machines.\n"
    ),
    "quellbrook/programmers.md": "# Programmer\n\nProgrammers write programs.\n",
    "zorbex/software.md": (
        "# Software Engineer\n\nSoftware engineers write tide tables.\n\n## Pay\n\n"
        "They earn 700 shells a year.\n"
    ),
    "norvik/training.md": "# Training\n\nAn Initial Teacher (see below) is trained by an office.\n",
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder: Path = tmp_path_factory.mktemp("kinds and places")
    application = Application(Settings(home=folder / "home"))
    application.build([write_guides(folder / "guides", GUIDES)])
    yield application
    application.close()


def test_kinds_of_one_role_are_sides(application: Application) -> None:
    sides = texts_by_role(application, "what does a security AD need to know vs a routing AD")
    assert list(sides) == ["security AD", "routing AD"]
    assert "ciphers" in sides["security AD"]
    assert "routers" in sides["routing AD"]


def test_a_side_is_named_by_its_place_and_a_word(application: Application) -> None:
    sides = texts_by_role(application, "pay of the quellbrook director vs the coordinator")
    assert "50,000" in sides["Project Director at quellbrook"]
    sides = texts_by_role(application, "homework mentor vs ogv buddy")
    assert "three learners" in sides["Education Buddy"]
    for baker in ("baker", "zorbex baker"):
        sides = texts_by_role(application, f"quellbrook corporate team vs {baker}")
        assert "how Quellbrook is run" in " ".join(sides.values())
        assert "rye" in " ".join(sides.values())


def test_a_side_is_named_by_a_word_of_whom_is_meant(application: Application) -> None:
    sides = texts_by_role(application, "should i be a baker or a QA person at norvik?")
    assert list(sides)[1] == "QA Testing Engineer"
    for no_side in ("quit", "go back to school"):
        reply = application.assistant.reply(f"should i be a pilot or {no_side}?")
        assert not isinstance(reply, Comparison)


def test_a_place_before_the_second_role_is_of_that_alone(application: Application) -> None:
    sides = texts_by_role(application, "coord vs zorbex baker")
    assert "40 euros" in sides["Coordinator"]
    sides = texts_by_role(application, "pilot vs zorbex baker")
    assert "islands" in sides["Pilot"]
    assert "rye" in sides["Baker at zorbex"]


def test_letters_are_of_the_role_at_the_place_of_its_side(application: Application) -> None:
    sides = texts_by_role(application, "who seeks more funds, the PM at norvik or the PM at zorbex")
    assert list(sides) == ["NORVIK Project Manager at norvik", "Product Manager at zorbex"]
    assert "ferry" in sides["NORVIK Project Manager at norvik"]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("does a tester at norvik need to know rails", "You need not know Rails"),
        ("what does the head of tech at norvik choose", "chooses all machines"),
        ("what does the zorbex dev job pay", "700 shells"),
        ("what do the FOH managers do", "seat the guests"),
        ("how much baker experience must a pilot have", "No pilot needs"),
    ],
)
def test_whom_a_question_means(application: Application, question: str, told: str) -> None:
    reply = application.assistant.reply(question)
    assert isinstance(reply, Answer)
    assert told in plain_text(reply)


def test_an_unknown_name_behind_a_place_is_looked_for_there(application: Application) -> None:
    reply = application.assistant.reply("zorbex oven person vs pilot")
    assert isinstance(reply, Comparison)
    assert [side.role for side in reply.sides] == ["oven person", "Pilot"]


def test_who_does_something_is_nearest_to_whom_is_named_after_it(application: Application) -> None:
    reply = application.assistant.reply("what do truckers do all day")
    assert isinstance(reply, Answer)
    [notice] = reply.notices
    assert "truckers" in notice
    assert "Truck Driver" in notice
