"""What is quoted for each role of a comparison: its own level, its own employer, what it does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answers.replies import Answer, Comparison
from bot.application import Application
from bot.settings import Settings
from tests.bot.comparing import texts_by_role
from tests.index.fakes import write_guides

GUIDES = {
    "norvik/cartographer.md": """# Cartographers

## Cartographer

- Draws maps of one valley.
- Checks the names of the villages.

## Senior cartographer

- Draws maps of whole countries.
- Teaches others how to draw maps of mountains.
""",
    "norvik/surveyor.md": "# Surveyor\n\nSurveyors of Norvik measure the valleys on foot.\n",
    "zorbex/surveyor.md": "# Surveyor\n\nSurveyors measure hull plates with a laser all day.\n",
    "zorbex/welder.md": "# Welder\n\nWelders of Zorbex join hull plates.\n",
    "zorbex/keeper.md": """Job Title: Lighthouse Keeper
Organisation: Office of Seas
Hours of work: 36 a week

At Zorbex, we believe in light. We are a small firm, and our founders love the sea. Zorbex keeps
every lighthouse of the coast.

You will trim the lamp each night, and you will write down which ships go by.

## What you bring

You don't mind being alone. Your eyes are good.
""",
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder: Path = tmp_path_factory.mktemp("compared")
    application = Application(Settings(home=folder / "home"))
    application.build([write_guides(folder / "guides", GUIDES)])
    yield application
    application.close()


def test_beside_its_level_the_role_as_such_is_not_told_by_that(application: Application) -> None:
    sides = texts_by_role(application, "cartographer vs senior cartographer")
    assert "one valley" in sides["Cartographer"]
    assert "whole countries" not in sides["Cartographer"]
    assert "whole countries" in sides["Senior Cartographer"]
    assert "one valley" not in sides["Senior Cartographer"]


@pytest.mark.parametrize(
    ("other", "told"), [("welder", "hull plates with a laser"), ("cartographer", "on foot")]
)
def test_roles_are_compared_where_all_of_them_are(
    application: Application, other: str, told: str
) -> None:
    reply = application.assistant.reply(f"surveyor vs {other}")
    assert isinstance(reply, Comparison)
    assert told in reply.sides[0].statements[0].texts[0]


def test_what_somebody_does_is_no_fact_of_the_vacancy_and_not_the_employer(
    application: Application,
) -> None:
    told = texts_by_role(application, "lighthouse keeper vs welder")["Lighthouse Keeper"]
    assert "trim the lamp" in told
    for left_out in ("Office of Seas", "36 a week", "believe", "founders", "coast"):
        assert left_out not in told
    reply = application.assistant.reply("how many hours a week does a lighthouse keeper work")
    assert isinstance(reply, Answer)
    assert "36 a week" in reply.statements[0].texts[0]
