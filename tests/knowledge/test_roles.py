"""Roles are found in titles, headings, front matter and text, and named as people name them."""

from collections.abc import Sequence

import pytest

from knowledge.documents import Document, DocumentFormat, parse_document_text
from knowledge.role_phrases import find_role_phrases, role_key
from knowledge.roles import Role, find_roles
from knowledge.sentences import outline_document


def _count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def _roles_of(*texts: str, document_format: DocumentFormat = DocumentFormat.MARKDOWN) -> list[Role]:
    documents: list[Document] = [
        parse_document_text(
            text, id_=f"guide-{number}.md", source="", document_format=document_format
        )
        for number, text in enumerate(texts)
    ]
    outlines = {
        document.id: outline_document(document, _count_words, 100) for document in documents
    }
    return list(find_roles(documents, outlines))


def _with_guide(*texts: str) -> list[str]:
    return [role.name for role in _roles_of(*texts) if role.has_guide]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A data scientist models.", ["data scientist"]),
        ("Data Scientists model.", ["Data Scientist"]),
        ("new developers and great managers", ["developers"[:-1], "manager"]),
        ("difference between data engineer data scientist", ["data engineer", "data scientist"]),
        ("nurse practitioners prescribe", ["nurse practitioner"]),
        ("the owner of the system", []),
        ("hire designers", ["designer"]),
        ("Skills\n\nWeb operations engineers run it", ["Web operations engineer"]),
        ("nothing here", []),
    ],
)
def test_phrases_end_in_an_occupation_and_leave_out_grades_and_verbs(
    text: str, names: list[str]
) -> None:
    assert [phrase.name for phrase in find_role_phrases(text)] == names


def test_names_are_compared_without_case_plural_or_joints() -> None:
    assert role_key("Front-End Developers") == role_key("front end developer")
    assert role_key("R&D Managers") == role_key("r&d manager")


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Tech Lead", ["Tech Lead"]),
        ("What does a data analyst do?", ["Data Analyst"]),
        ("Software Engineer (Data Science): A Guide", ["Software Engineer (Data Science)"]),
        ("Data Engineer vs Data Scientist", ["Data Engineer", "Data Scientist"]),
        (
            "Network and Computer Systems Administrators",
            ["Network and Computer Systems Administrator"],
        ),
    ],
)
def test_a_title_says_what_a_guide_is_about(title: str, names: list[str]) -> None:
    assert sorted(_with_guide(f"# {title}\n\nThe work is varied.\n")) == sorted(names)


def test_a_title_that_names_no_role_leaves_it_to_the_text() -> None:
    text = (
        "# Looking after servers\n\nWeb operations engineers run systems.\n\n"
        "## Skills\n\nWeb operations engineers know Linux.\n"
    )
    assert _with_guide(text) == ["Web Operations Engineer"]


def test_sections_are_about_their_roles_and_end_where_the_next_begins() -> None:
    text = "# Our teams\n\n## Designer\n\nDraws.\n\n## Data Analyst\n\nCounts.\n"
    designer, analyst = sorted(_roles_of(text), key=lambda role: role.name, reverse=True)
    assert (designer.name, analyst.name) == ("Designer", "Data Analyst")
    (span,) = designer.spans
    assert text[span.start : span.end] == "## Designer\n\nDraws.\n\n"


def test_headings_that_only_look_like_roles_are_none() -> None:
    text = "# Designers\n\nThey draw.\n\n## Hire designers\n\nAsk.\n\n## Partner relations\n\nX.\n"
    assert _with_guide(text) == ["Designer"]


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        ("---\ntitle: Site Reliability Engineer\naliases: [SRE]\n---\nText.\n", "SRE"),
        ("# Account Manager\n\nAn account manager (AM) calls.\n", "AM"),
        ("# Tech Lead\n\nRole also known as dev lead, owns the system.\n", "dev lead"),
        (
            "# Analyst\n\nAn analyst, sometimes called a counter or data analyst, counts.\n",
            "data analyst",
        ),
    ],
    ids=["front matter", "acronym behind it", "role also known as", "sometimes called"],
)
def test_other_names_are_found(text: str, alias: str) -> None:
    (role,) = [role for role in _roles_of(text) if role.has_guide]
    assert alias in role.aliases


def test_a_name_and_its_acronym_in_two_headings_are_one_role() -> None:
    text = "# Site Reliability Engineer\n\nKeeps sites up.\n\n## SRE\n\nCarries a pager.\n"
    (role,) = _roles_of(text)
    assert role.name == "Site Reliability Engineer"
    assert "SRE" in role.aliases


def test_roles_that_are_only_mentioned_have_no_guide_and_come_last() -> None:
    roles = _roles_of("# Data Engineer\n\nUnlike a Data Scientist, a data engineer builds.\n")
    assert [(role.name, role.has_guide) for role in roles] == [
        ("Data Engineer", True),
        ("Data Scientist", False),
    ]


def test_nothing_is_found_where_no_role_is_named() -> None:
    assert _roles_of("# Recipes\n\nBoil the pasta.\n") == []
