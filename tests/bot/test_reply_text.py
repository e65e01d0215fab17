import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.replies import Side, Statement
from bot.answers.reply_text import Sources, clean_text, lay_out, place_label, plain_text
from tests.bot.fakes import (
    QUESTIONS,
    SKILLS,
    WORK,
    cite,
    make_answer,
    make_clarify,
    make_comparison,
    make_not_covered,
)


def test_an_answer_is_its_statements_and_their_sources() -> None:
    assert (
        plain_text(make_answer(notices=("I read enginer as engineer.",)))
        == """\
I read enginer as engineer.

Data Engineer: They build pipelines that carry data. [1]
A data engineer needs: [2]
- Python;
- SQL.

Sources:
[1] Data Engineer
[2] Data Engineer › Skills"""
    )


def test_a_comparison_is_a_block_for_each_role() -> None:
    assert (
        plain_text(make_comparison())
        == """\
Data Engineer
They build pipelines that carry data. [1]
A data engineer needs: [2]
- Python;
- SQL.

Data Scientist
No guide is about the role Data Scientist; other guides say:
Data scientists ask the questions. [3]

Sources:
[1] Data Engineer
[2] Data Engineer › Skills
[3] Data Engineer › Other roles"""
    )


@pytest.mark.parametrize(
    ("has_guide", "expected"),
    [(True, "The guide for Nurse doesn't say."), (False, "There is no guide about Nurse.")],
)
def test_an_empty_side_says_so(has_guide: bool, expected: str) -> None:
    text = plain_text(
        make_comparison(
            Side(role="Data Engineer", has_guide=True, statements=(WORK,)),
            Side(role="Nurse", has_guide=has_guide, statements=()),
        )
    )
    assert f"\n\nNurse\n{expected}\n\nSources:" in text


def test_a_question_back_shows_the_choices() -> None:
    assert plain_text(make_clarify()) == "Which role do you mean?\n- Data Engineer\n- Nurse"


def test_a_refusal_shows_what_could_be_asked() -> None:
    assert (
        plain_text(make_not_covered())
        == """\
The guides don't say that about Data Engineer.

You could ask:
- What skills are needed?"""
    )
    assert plain_text(make_not_covered(suggestions=())).count("\n") == 0


def statement(text: str, role: str | None = "Data Engineer") -> Statement:
    return Statement(texts=(text,), citations=(cite("SQL."),), role=role)


def labels(*statements: Statement) -> list[str | None]:
    return [line.label for line in lay_out(statements, Sources(statements))]


@pytest.mark.parametrize(
    ("text", "is_labelled"),
    [
        ("They build pipelines.", True),
        ("This role is new.", True),
        ("It's a role of its own.", True),
        ("Their day is long.", True),
        ("The role needs SQL.", True),
        ("You write SQL.", True),
        ("Those who like data enjoy it.", True),
        ("This data engineer builds.", False),
        ("Itemising costs is part of it.", False),
        ("Theory matters little.", False),
        ("Salaries are high.", False),
        ("The rolls are fresh.", False),
    ],
)
def test_a_role_stands_beside_a_pronoun(text: str, is_labelled: bool) -> None:
    assert labels(statement(text)) == (["Data Engineer"] if is_labelled else [None])


def test_a_role_is_named_once_for_statements_in_a_row() -> None:
    assert labels(statement("They build."), statement("They test.")) == ["Data Engineer", None]
    assert labels(statement("A data engineer builds."), statement("They test.")) == [None, None]
    assert labels(statement("Pay is fair."), statement("They rest.")) == [None, "Data Engineer"]


def test_a_role_is_named_where_it_changes() -> None:
    statements = [statement("They build."), statement("They ask.", "Data Scientist")]
    assert labels(*statements, statements[0]) == [
        "Data Engineer",
        "Data Scientist",
        "Data Engineer",
    ]


def test_nothing_stands_beside_a_statement_of_no_role() -> None:
    assert labels(statement("They build.", None)) == [None]


def test_items_of_several_places_have_a_mark_each() -> None:
    mixed = replace(
        SKILLS, citations=(cite("A data engineer needs:"), cite("Python;"), cite("They build"))
    )
    lines = lay_out([mixed], Sources([mixed]))
    assert [line.plain for line in lines] == [
        "A data engineer needs: [1]",
        "- Python; [1]",
        "- SQL. [2]",
    ]


def test_items_without_a_line_above_are_a_list() -> None:
    bare = replace(SKILLS, lead=None, citations=SKILLS.citations[1:])
    lines = lay_out([bare], Sources([bare]))
    assert [line.plain for line in lines] == ["- Python; [1]", "- SQL."]


def test_sources_name_page_and_address() -> None:
    citation = replace(cite("SQL."), page=3, url="https://example.org/guide")
    sources = Sources([replace(QUESTIONS, citations=(citation,))])
    assert sources.labels == ["Data Engineer › Skills, p. 3 (https://example.org/guide)"]


def test_a_title_is_not_said_twice() -> None:
    citations = (
        replace(cite("SQL."), heading="Data Engineer"),
        replace(cite("SQL."), heading="Data Engineer › Skills"),
    )
    sources = Sources([replace(SKILLS, citations=citations)])
    assert sources.labels == ["Data Engineer", "Data Engineer › Skills"]


@pytest.mark.parametrize(
    ("heading", "label"),
    [
        ("", "Baker"),
        ("Baker", "Baker"),
        ("Baker: A Career Guide", "Baker: A Career Guide"),
        ("Baker: A Career Guide › Skills", "Baker › Skills"),
        ("Baker › Overview of Baker › The Work: Baker", "Baker › Overview › The Work"),
        ("Working as a baker", "Baker › Working"),
        ("Skills for Bakers › Tools", "Baker › Skills › Tools"),
        ("What a Baker Does", "Baker › What a Baker Does"),
        ("Becoming a Baker", "Baker › Becoming a Baker"),
        ("Skills › Baker", "Baker › Skills"),
    ],
)
def test_a_place_names_its_title_once(heading: str, label: str) -> None:
    assert place_label("Baker", heading) == label


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("a\x9b31mred", "ared"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]unfinished keeps its words", "unfinished keeps its words"),
        ("\x1bc reset", " reset"),
        ("bell\x07 back\x08space\x00\x7f", "bell backspace"),
        ("two\nlines\r\nand\ttab\u2028more", "two lines and tab more"),
        ("over\u202eride", "override"),
        ("half \ud83d", "half \ufffd"),
        ("👩‍💻 naïve [bold]not markup[/bold] – €", "👩‍💻 naïve [bold]not markup[/bold] – €"),
    ],
)
def test_a_clean_text_only_prints(text: str, expected: str) -> None:
    assert clean_text(text) == expected


@given(st.text())
def test_no_text_brings_control_characters_to_a_terminal(text: str) -> None:
    cleaned = clean_text(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", cleaned)
    cleaned.encode()
    assert clean_text(cleaned) == cleaned


@given(st.text(min_size=1))
def test_no_statement_breaks_the_lines(text: str) -> None:
    answer = make_answer(replace(WORK, texts=(text,)))
    assert plain_text(answer).count("\n") == 3
