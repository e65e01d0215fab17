"""Levels as headings, lists and tables write them."""

import pytest

from knowledge.roles.levels import Level, levels_of_label, levels_of_line, levels_of_row


@pytest.mark.parametrize(
    ("label", "levels"),
    [
        ("IC4", [("ic4", "")]),
        ("EM5 - Engineering Manager 5", [("em5", ""), ("5", "manager")]),
        ("Senior Engineer 2 (IC5)", [("senior 2", "engineer"), ("ic5", "")]),
        ("L4 Senior TPM", [("l4", ""), ("senior", "")]),
        ("Nurse II", [("2", "nurse")]),
        ("Junior / Senior", [("junior", ""), ("senior", "")]),
        ("Director of Engineering", [("director", "")]),
        ("Level 3", [("3", "")]),
        ("Sr. Developer", [("senior", "developer")]),
        ("Staff handbook", []),
        ("Lead time", []),
        ("Tech Lead", []),
        ("ROLE CHARTER 07", []),
        ("Developer", []),
        ("", []),
    ],
)
def test_a_heading_names_levels(label: str, levels: list[tuple[str, str]]) -> None:
    assert levels_of_label(label) == tuple(Level(*level) for level in levels)


def test_a_row_names_its_levels_in_its_first_cells() -> None:
    row = "Senior Engineer 1 | IC4 | M2 | Engineering Manager 1 | L9"
    names = [level.name for level in levels_of_row(row)]
    assert names == ["senior 1", "ic4", "m2", "1"]


def test_a_line_names_a_level_before_it_says_what_holds_of_it() -> None:
    assert levels_of_line("L3: mentors one L1") == (Level("l3"),)
    assert levels_of_line("Principal designer: sets direction.") == (
        Level("principal", "designer"),
    )
    assert levels_of_line("She mentors one L1: it takes long") == ()


def test_a_number_is_like_a_code_with_it_and_no_code_like_another() -> None:
    assert Level("4").is_like(Level("l4"))
    assert not Level("ic4").is_like(Level("l4"))
    assert not Level("4").is_like(Level("l5"))
    assert not Level("4", "engineer").is_like(Level("4", "manager"))


def test_a_rank_includes_those_that_number_it() -> None:
    assert Level("senior", "engineer").includes(Level("senior 2", "engineer"))
    assert not Level("senior").includes(Level("senior staff"))
    assert not Level("staff").includes(Level("senior 2"))
