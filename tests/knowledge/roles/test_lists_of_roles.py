"""Who is told of in lists, lines and headings that are no plain names of occupations."""

import pytest

from knowledge.roles.roles import merge_roles
from tests.knowledge.roles.facts import facts_of

SAID = (
    "answers for the money, keeps the books, and tells the members what was spent once a year, " * 3
)


def _sections(text: str) -> list[str]:
    return [section.name for section in facts_of(text).sections]


def test_beside_roles_an_everyday_word_is_one() -> None:
    text = f"# Committee\n\n- **President**: {SAID}.\n- **Treasurer**: {SAID}.\n"
    text += f"- **Secretary**: {SAID}.\n- **Venue**: {SAID}.\n"
    assert sorted(_sections(text)) == ["President", "Secretary", "Treasurer"]


def test_of_a_list_of_roles_the_text_as_a_whole_is_about_none() -> None:
    text = "# Call for papers\n\nThe secretary counts. The secretary writes. The secretary rings.\n"
    text += f"\n- **Treasurer**: {SAID}.\n- **Secretary**: {SAID}.\n- **Bosun**: {SAID}.\n"
    assert facts_of(f"{text}\n{'Nothing else is known of them. ' * 40}").subjects == ()


@pytest.mark.parametrize(
    ("names", "sections"),
    [
        (
            ["President:", "General Secretary:", "Sports Secretaries:"],
            ["President", "General Secretary", "Sports Secretary"],
        ),
        (["President:", "General Secretary:", "Agenda:"], []),
    ],
)
def test_lines_that_end_in_a_colon_name_roles(names: list[str], sections: list[str]) -> None:
    text = "\n\n".join(f"{name}\n\nThis one {SAID}." for name in names)
    assert _sections(f"Who holds which post.\n\n{text}\n") == sections


def test_items_that_are_links_name_roles() -> None:
    url = "https://example.org/about/the/roles/of/all/those/that/hold/an/office"
    items = "".join(
        f"* [{name}]({url})\n  * {SAID}.\n  * {SAID}.\n"
        for name in ("Secretary", "Treasurer", "Opening hours")
    )
    assert _sections(f"# Who does what\n\n{items}") == ["Secretary", "Treasurer"]


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Presidential Duties", ["President"]),
        ("Vice Presidential Duties", ["Vice President"]),
        ("Secretarial responsibilities", ["Secretary"]),
        ("Industrial Duties", []),
        ("The Editorial Duties", ["Editor"]),
        ("Non-managerial roles", []),
        ("Other secretarial duties", []),
        ("What Are Managerial Roles?", []),
        ("Fund-Raiser Duties", ["Fundraiser"]),
        ("Post-Docs", ["Postdoc"]),
        ("Check in with Librarian", []),
        ("Common Data Scientist Tools", ["Data Scientist"]),
        ("Social Media Officer (New role!)", ["Social Media Officer"]),
        ("uGSIs (Undergraduate Student Instructors)", ["Undergraduate Student Instructor"]),
    ],
)
def test_a_heading_says_whose_part_it_is(heading: str, names: list[str]) -> None:
    assert _sections(f"# Handbook\n\n## {heading}\n\nThey see to it.\n") == names


def test_what_a_heading_spells_out_has_its_letters_for_a_name() -> None:
    text = "# Staff\n\n### uGSIs (Undergraduate Student Instructors)\n\nThey grade.\n"
    [role] = merge_roles([("staff.md", facts_of(text, "staff.md"))])
    assert role.aliases == ("uGSI",)


def test_how_many_positions_there_are_is_no_part_of_a_name() -> None:
    text = "# Hotel\n\n## Front office\n\n**Front Desk Supervisor** (40 positions)\n\n- Leads.\n"
    assert _sections(text) == ["Front Desk Supervisor"]


def test_a_section_is_not_about_the_roles_that_have_one_within_it() -> None:
    text = "# Staff\n\n## Tutor\n\nTutors tutor.\n\n### Librarian\n\nLibrarians lend.\n\n"
    text += "### Senior Tutor\n\nSenior tutors plan.\n"
    roles = merge_roles([("staff.md", facts_of(text, "staff.md"))])
    [tutor] = [role for role in roles if role.name == "Tutor"]
    told = " ".join(text[span.start : span.end] for span in tutor.spans)
    assert "Tutors tutor" in told
    assert "plan" in told
    assert "lend" not in told


@pytest.mark.parametrize(
    ("title", "text", "subjects"),
    [
        ("Persona: Principal", "**Role title:** Principal\n\nLeads a school.", ("Principal",)),
        ("Persona: Principal", "Leads a school.", ()),
        (
            "Which Is Harder, Civil Engineering or Architecture?",
            "Civil engineers build bridges. Architects draw houses. An architect sketches.",
            ("Civil Engineer", "Architect"),
        ),
    ],
)
def test_a_title_says_who_a_text_is_about(title: str, text: str, subjects: tuple[str, ...]) -> None:
    assert facts_of(f"# {title}\n\n{text}\n").subjects == subjects
