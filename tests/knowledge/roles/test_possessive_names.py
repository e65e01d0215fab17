"""Roles named after those they are for: the Women's Officer."""

import pytest

from knowledge.roles.headings import names_in_heading
from knowledge.roles.phrases import find_role_phrases, role_key


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Freshers' Representatives -- tbd", "Freshers' Representative"),
        ("Women’s Officer", "Women’s Officer"),
        ("Children's Librarian", "Children's Librarian"),
        ("Acme's Designers", "Designer"),
    ],
)
def test_a_heading_names_who_is_there_for_many(heading: str, name: str) -> None:
    assert names_in_heading(heading) == [name]


def test_somebodys_manager_is_a_manager() -> None:
    text = "We met the engineers' manager and our users' developer."
    assert [phrase.name for phrase in find_role_phrases(text)] == ["manager", "developer"]


def test_it_is_compared_without_the_mark() -> None:
    assert role_key("Freshers' Representatives") == role_key("freshers representative")
