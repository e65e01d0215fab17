"""Levels of a role: found in its guides, named in questions, told apart in sentences."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answers.conversation import Turn
from bot.answers.ladders import Fit, Ladders, fit_level, names_only_a_level
from bot.answers.level_replies import asks_for_levels, explain_no_level, list_levels
from bot.answers.levels import lacks
from bot.answers.mentions import RoleFinder
from bot.answers.question import Question, QuestionKind
from bot.answers.spelling import Speller
from bot.answers.understanding import understand
from index.searching.lexical import STOP_WORDS
from index.snapshots.snapshot import Snapshot
from knowledge.roles.levels import Level
from tests.index.fakes import opened_snapshot

GUIDES = {
    "developer.md": """# Backend developer

A backend developer builds services.

## Levels

| Level | Title | Scope |
|---|---|---|
| L1 | Associate | a ticket |
| L2 | Senior | a service |
| L3 | Staff | several teams |

## Skills

- L1: asks early
- L3: knows when to split a service
""",
    "customer.md": """# Customer engineer

A customer engineer helps customers.

## CE1 - Customer engineer 1

Supports small deals.

## CE2 - Customer engineer 2

Leads large deals.
""",
    "writer.md": """# Sign writer

Sign writers paint signs.

## Senior sign writer

Teaches how to hold a brush.
""",
    "letters.md": "# Letter writer\n\nLetter writers write to anyone.\n",
    "nurse.md": "# Nurse\n\nA nurse cares for people. The staff eat at noon.\n",
}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with opened_snapshot(tmp_path_factory.mktemp("levels"), GUIDES) as snapshot:
        yield snapshot


def _understand(snapshot: Snapshot, text: str, *earlier: str) -> Question:
    finder = RoleFinder(snapshot.roles, Ladders(snapshot))
    conversation = tuple(Turn(role="user", text=question) for question in earlier)
    speller = Speller(snapshot.store, STOP_WORDS, lambda words: [*words])
    return understand(text, conversation, finder, speller)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("what must a senior backend developer do", ["Senior Backend Developer"]),
        ("what does an L3 backend developer do", ["Backend Developer L3"]),
        ("what does a L3 backend have to show", ["Backend Developer L3"]),
        ("level 2 backend developer scope", ["Backend Developer 2"]),
        ("backend developer L9 scope", ["Backend Developer L9"]),
        ("associate vs staff backend developer", ["Associate", "Staff"]),
        ("backend developer L1 vs L3", ["L1", "L3"]),
        ("customer engineer 1 vs customer engineer 2", ["Engineer 1", "Engineer 2"]),
        ("customer engineer 1 or 2", ["Engineer 1", "Engineer 2"]),
        ("what does the top level backend developer do", ["Backend Developer L3"]),
        ("lowest rung of customer engineer", ["Customer Engineer CE1"]),
        ("CE1 vs CE2", ["Customer Engineer 1", "Customer Engineer 2"]),
        ("L1 vs L3, who asks early", ["Backend Developer L1", "Backend Developer L3"]),
        ("what deals does an L7 get", []),
        ("who sets the 1:1 of a customer engineer", ["Customer Engineer"]),
        (
            "how much does a senior backend developer do and how much a staff one",
            ["Senior Backend Developer", "Staff Backend Developer"],
        ),
        ("what must an L1 backend developer do compared to an L2", ["L1", "L2"]),
        ("backend developers: what does an L1 get and what an L3", ["L1", "L3"]),
        ("what shows a backend developer L1 compared to an L2 and an L3", ["L1", "L2", "L3"]),
        ("what does a CE2 do", ["Customer Engineer 2"]),
        (
            "who asks more, backend developers or the senior ones",
            ["Backend Developer", "Senior Backend Developer"],
        ),
        (
            "is a staff backend developer above senior",
            ["Staff Backend Developer", "Senior Backend Developer"],
        ),
        ("what comes after a senior backend developer", ["Staff Backend Developer"]),
        ("which level is below backend developer L2", ["Backend Developer L1"]),
        ("senior writer vs nurse", ["Senior Sign Writer", "Nurse"]),
        # Nothing of this names a level of the role.
        ("principal backend developer scope", ["Backend Developer"]),
        ("backend developer 3 years in", ["Backend Developer"]),
        ("do the staff like nurses", ["Nurse"]),
        ("what do backend developers do", ["Backend Developer"]),
    ],
)
def test_questions_name_levels(snapshot: Snapshot, text: str, names: list[str]) -> None:
    subjects = _understand(snapshot, text).subjects
    assert len(subjects) == len(names)
    for subject, name in zip(subjects, names, strict=True):
        assert name in subject.name


def test_two_levels_of_one_role_are_compared(snapshot: Snapshot) -> None:
    question = _understand(snapshot, "junior or L1 vs L3 backend developer")
    assert question.kind is QuestionKind.COMPARISON
    assert {subject.role.name for subject in question.subjects if subject.role} == {
        "Backend Developer"
    }


@pytest.mark.parametrize(
    "text", ["and L3?", "and at L3?", "as an L3?", "what about staff?", "what must an L3 do"]
)
def test_a_level_goes_on_from_the_one_before(snapshot: Snapshot, text: str) -> None:
    question = _understand(snapshot, text, "what must an L1 backend developer do")
    [subject] = question.subjects
    assert subject.level in {Level("l3"), Level("staff", "developer")}
    assert "L1" not in question.standalone


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("and the top level?", "Backend Developer L3"),
        ("what about the highest one", "Backend Developer L3"),
        ("and the next level up", "Senior Backend Developer"),
        ("and the lowest level", "Associate Backend Developer"),
    ],
)
def test_a_follow_up_names_a_level_by_its_place(snapshot: Snapshot, text: str, name: str) -> None:
    question = _understand(snapshot, text, "what does an associate backend developer do")
    assert [subject.level for subject in question.subjects] != [None]
    numbers = {"Associate": "L1", "Senior": "L2", "Staff": "L3"}
    first, _, _ = name.partition(" ")
    expected = numbers.get(first, name.rpartition(" ")[2])
    ladder = Ladders(snapshot).of(snapshot.roles[0])
    (subject,) = question.subjects
    assert subject.level is not None
    assert subject.role is not None
    assert ladder.names_of(subject.level) == ladder.names_of(Level(expected.lower()))


RANKED = {
    "ladder.md": (
        "# Software developer\n\n## Junior software developer\n\nAsks.\n\n"
        "## Lead software developer\n\nAnswers, and asks no more.\n\n"
        "## Principal software developer\n\nKnows.\n"
    ),
    "web.md": "# Web developer\n\nWeb developers build sites.\n",
    "security.md": "# Security lead\n\nThe security lead guards the keys.\n",
}


def test_a_rank_is_of_the_role_that_has_it(tmp_path: Path) -> None:
    with opened_snapshot(tmp_path, RANKED) as snapshot:
        asked_on = _understand(snapshot, "and a lead", "what does a junior software developer do")
        asked = _understand(snapshot, "principal dev vs web developer")
    assert [subject.name for subject in asked_on.subjects] == ["Lead Software Developer"]
    assert [subject.name for subject in asked.subjects] == [
        "Principal Software Developer",
        "Web Developer",
    ]


def test_of_roles_that_one_name_may_mean_that_with_the_rank_is_meant(tmp_path: Path) -> None:
    levels = "### Staff QA Engineer\n\nTeaches.\n\n### Principal QA Engineer\n\nSets the aims.\n"
    guide = f"# QA Careers\n\n## QA Engineer\n\nTests.\n\n{levels}\n## QA Manager\n\nPlans.\n"
    with opened_snapshot(tmp_path, {"qa.md": guide}) as snapshot:
        asked = _understand(snapshot, "staff qa vs principal qa")
    assert [subject.name for subject in asked.subjects] == [
        "Staff QA Engineer",
        "Principal QA Engineer",
    ]


def test_a_rank_may_stand_before_a_noun_alike(tmp_path: Path) -> None:
    titles = "Junior Programmer (L1) | Programmer (L2) | Lead Programmer (L4)"
    guide = (
        f"# Titles for Programmers\n\n{titles}\n\n## Skill\n\n- **L1** learns.\n- **L4** teaches.\n"
    )
    with opened_snapshot(tmp_path, {"programmers.md": guide}) as snapshot:
        asked = _understand(snapshot, "how often do lead devs teach")
    assert [subject.name for subject in asked.subjects] == ["Lead Programmer"]


def test_titles_with_codes_in_a_line_name_levels(tmp_path: Path) -> None:
    titles = "Junior Programmer (L1) | Programmer (L2) | Lead Programmer (L4)"
    levels = "- **L1** knows the basics.\n- **L2** knows more.\n- **L4** knows it all.\n"
    guide = f"# Titles for Programmers\n\n{titles}\n\n## Skill\n\n{levels}"
    with opened_snapshot(tmp_path, {"programmers.md": guide}) as snapshot:
        [role] = [role for role in snapshot.roles if role.has_guide]
        ladder = Ladders(snapshot).of(role)
        names = ladder.names_of(Level("lead", "programmer"))
    assert names == {"programmers.md": {Level("lead", "programmer"), Level("l4")}}


def test_a_level_named_alone_is_no_word_of_what_is_asked_on(snapshot: Snapshot) -> None:
    before = ("what must an L1 backend developer do", "what must an L3 do")
    assert _understand(snapshot, "and the lowest level?", *before).bare == "what must do"


def test_a_line_that_only_names_a_level_says_nothing(tmp_path: Path) -> None:
    text = "# SDR\n\nAn SDR calls.\n\nSDR (P1)\n\nSenior SDR (P2)\n\nP2: calls more.\n"
    with opened_snapshot(tmp_path, {"sdr.md": text}) as snapshot:
        stored = snapshot.store.sentences_of(range(len(snapshot.store.passage_ids())))
        assert [item.plain for item in stored if names_only_a_level(item)] == [
            "SDR (P1)",
            "Senior SDR (P2)",
        ]


def test_sentences_are_about_a_level_by_their_row_line_or_section(snapshot: Snapshot) -> None:
    finder = RoleFinder(snapshot.roles, Ladders(snapshot))
    (role,) = finder.named(["backend", "developer"])
    ladder = Ladders(snapshot).of(role)
    sentences = snapshot.store.sentences_of(range(snapshot.manifest.passages))
    fits = dict(
        zip(
            (item.plain for item in sentences),
            fit_level(ladder, Level("staff"), sentences),
            strict=True,
        )
    )
    assert fits["L3 | Staff | several teams"] is Fit.IS_ABOUT_IT
    assert fits["L3: knows when to split a service"] is Fit.IS_ABOUT_IT
    assert fits["L1: asks early"] is Fit.IS_ABOUT_ANOTHER
    assert fits["A backend developer builds services."] is Fit.NOTHING
    assert fits["A nurse cares for people."] is Fit.KNOWS_NO_LEVELS


def test_a_level_that_is_missing_is_said_with_those_there_are(snapshot: Snapshot) -> None:
    [subject] = _understand(snapshot, "what does an L9 backend developer do").subjects
    assert subject.role is not None
    assert subject.level is not None
    ladder = Ladders(snapshot).of(subject.role)
    assert lacks(ladder, subject.level)
    assert not lacks(ladder, Level("l2"))
    assert explain_no_level(ladder, subject).endswith("they have: L1, L2, L3.")


def test_levels_are_listed_as_the_guide_writes_them(snapshot: Snapshot) -> None:
    ladders = Ladders(snapshot)
    roles = {role.name: role for role in snapshot.roles}
    [table] = list_levels(snapshot, ladders.of(roles["Backend Developer"]), "Backend Developer")
    assert table.lead == "Level | Title | Scope"
    assert len(table.texts) == 3
    [sections] = list_levels(snapshot, ladders.of(roles["Customer Engineer"]), "CE")
    assert sections.texts == ("CE1 - Customer engineer 1", "CE2 - Customer engineer 2")
    for citation in (*table.citations, *sections.citations):
        text = snapshot.store.text_of(citation.document)
        assert text[citation.start : citation.end] == citation.quote
    assert list_levels(snapshot, ladders.of(roles["Nurse"]), "Nurse") == ()


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("what levels are there", True),
        ("which grades does this role have", True),
        ("levels?", True),
        ("what level of maths is needed", False),
        ("what do they do at all levels of detail", False),
        ("what is the pay", False),
    ],
)
def test_questions_ask_for_levels(text: str, asks: bool) -> None:
    assert asks_for_levels(text) is asks


def test_a_guide_without_levels_has_no_ladder(tmp_path: Path) -> None:
    with opened_snapshot(tmp_path, {"nurse.md": GUIDES["nurse.md"]}) as snapshot:
        assert not Ladders(snapshot).of(snapshot.roles[0])
