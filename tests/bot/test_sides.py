"""What a question puts side by side, and sections of guides as sides."""

from contextlib import closing
from pathlib import Path

import pytest

from bot.answers.conversation import Turn
from bot.answers.replies import Answer, Comparison
from bot.answers.sections import Sections
from bot.application import Application
from bot.settings import Settings
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from tests.index.fakes import write_guides

GUIDES = {
    "brookside/governance.md": """# How Brookside is run

## Board of Directors

The directors see to it that the space is legal and solvent. They meet four times a year.

## Committee roles

### Membership Secretary

Answers the mail of the members and keeps the list of them.

### Sponsors

Those in this group ask firms for money and thank them afterwards.

### Marketing/Promotion

Posters, badges and the weekly letter are made here.

### Working with sponsors and others

They agree on the sums in May.

### Kiln engineering

Those who do this mend the bricks of the kiln, and light it.

### Responsibilities of the head TAs:

They see to it that each TA marks in time.

### Council

The council of Brookside meets by lamplight.

### Experience

Nobody needs to have done this before.
""",
    "brookside/committers.md": """# Committers and contributors

Anyone can become a contributor, and nobody is asked for a promise. Committers have the keys of the
repository and elect each other.
""",
    "brookside/tool-library-desk.md": """# Duties

Whoever sits there lends saws and drills, and writes down who has them.
""",
    "riverlab/manual.md": """# Lab manual

## Postdocs

Postdocs follow a line of research of their own, and apply for the K99.

## Council

The council of Riverlab counts fish.

## Undergraduate students

They wash the nets.

## Graduate students

They write a thesis of three experiments, and apply for a fellowship of the NSF.

## Watches

1. Harbour Team
    - Ties the boats up at night.
2. Night Watch Team
    - Walks round the harbour with a lamp.
""",
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    folder: Path = tmp_path_factory.mktemp("sides")
    application = Application(Settings(home=folder / "home"))
    application.build([write_guides(folder / "guides", GUIDES)])
    return application


def _sides(application: Application, question: str) -> list[str]:
    reply = application.assistant.reply(question)
    assert isinstance(reply, Comparison), reply
    return [" ".join(text for one in side.statements for text in one.texts) for side in reply.sides]


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("sponsors committee vs marketing committee", "ask firms", "Posters"),
        ("difference between the directors and the sponsors group", "solvent", "ask firms"),
        ("should i be in marketing or sponsors", "Posters", "ask firms"),
        ("postdoc or grad student in the lab, whats different", "K99", "thesis"),
        ("postdoc compared to a grad student?", "K99", "thesis"),
        ("membership secretary or sponsors, which one suits me", "mail", "ask firms"),
        ("harbour team vs night watch", "boats", "lamp"),
        ("does a postdoc do more than a grad student", "K99", "thesis"),
        ("whats the diff between a contributor and a commiter", "Anyone", "keys"),
        ("tool library desk vs sponsors, whats the difference", "saws", "ask firms"),
    ],
)
def test_sections_are_compared(
    application: Application, question: str, first: str, second: str
) -> None:
    sides = _sides(application, question)
    assert first in sides[0]
    assert second in sides[1]
    assert first not in sides[1]


def test_a_role_that_has_but_a_heading_is_asked_about_alone(application: Application) -> None:
    reply = application.assistant.reply("what is a kiln engineer")
    assert isinstance(reply, Answer), reply
    assert "bricks" in reply.statements[0].texts[0]


def test_what_has_a_heading_at_two_places_is_compared(application: Application) -> None:
    sides = _sides(application, "is the council at brookside different to the council at riverlab")
    assert "lamplight" in sides[0]
    assert "fish" in sides[1]
    assert "fish" not in sides[0]


def test_a_side_is_called_what_it_was_called(application: Application) -> None:
    reply = application.assistant.reply("sponsors committee vs marketing committee")
    assert isinstance(reply, Comparison)
    assert [side.role for side in reply.sides] == ["sponsors committee", "marketing committee"]
    assert all(side.has_guide for side in reply.sides)
    headings = {one.citations[0].heading for side in reply.sides for one in side.statements}
    assert {"Committee roles › Sponsors", "Committee roles › Marketing/Promotion"} <= headings


@pytest.mark.parametrize(
    "question",
    [
        "do they want experience or sponsors",  # a heading that any guide has
        "postdoc: python or matlab, which is better",
        "which is better, tea or coffee",
        "difference between a cat and a dog",
    ],
)
def test_what_the_guides_have_no_sections_for_is_not_compared(
    application: Application, question: str
) -> None:
    assert not isinstance(application.assistant.reply(question), Comparison)


@pytest.mark.parametrize(
    ("typed", "heading"),
    [
        ("membership secretary", "Membership Secretary"),
        ("directors", "Board of Directors"),
        ("promotion", "Marketing/Promotion"),
        ("head TA", "Responsibilities of the head TAs:"),
        ("undergrads", "Undergraduate students"),
        ("night watch", "Night Watch Team"),
        ("secretary membership of sponsors", None),
        ("others", None),  # "Working with sponsors and others" is about no others
        ("experience", None),
    ],
)
def test_a_heading_is_named_by_its_words(
    application: Application, typed: str, heading: str | None
) -> None:
    with closing(Snapshot.open_current(Home(application.settings.home))) as snapshot:
        section = Sections(snapshot).find(typed.split())
    assert (section and section.heading) == heading


def test_what_is_listed_before_is_a_side_too(application: Application) -> None:
    sides = _sides(application, "directors, sponsors or marketing, what is each of them about")
    assert ["solvent" in sides[0], "firms" in sides[1], "Posters" in sides[2]] == [True] * 3


def test_what_follows_a_comparison_may_name_one_by_its_own_word(application: Application) -> None:
    before = (Turn(role="user", text="sponsors committee vs marketing committee"),)
    reply = application.assistant.reply("and what do those sponsors ask for", before)
    assert isinstance(reply, Answer)
    assert "ask firms" in " ".join(text for one in reply.statements for text in one.texts)


def test_a_third_side_is_told_too(application: Application) -> None:
    sides = _sides(application, "sponsors vs marketing vs board of directors")
    assert ["firms" in sides[0], "Posters" in sides[1], "solvent" in sides[2]] == [True] * 3


def test_what_somebody_does_is_no_side(application: Application) -> None:
    reply = application.assistant.reply("who sponsors the badges and does the marketing")
    assert not isinstance(reply, Comparison)
