"""People that no list of occupations knows, as guides speak of them."""

import pytest

from knowledge.roles.facts import without_holder
from knowledge.roles.headings import acronym_behind
from knowledge.roles.people import HeadingsOfRank, people_beside_roles, people_named
from knowledge.roles.roles import merge_roles
from tests.knowledge.roles.facts import facts_of


@pytest.mark.parametrize(
    ("heading", "text", "name"),
    [
        ("Festival hosts", "As a host you will greet everybody.", "Festival host"),
        ("Gophers", "Gophers are the largest group of volunteers.", "Gopher"),
        ("The Host", "The host is responsible for the door.", "Host"),
        ("Organization Member", "A member is an established contributor who votes.",
         "Organization Member"),
        ("Support Staff", "Support staff eat. Support staff rest. Support staff. Support Staff.",
         "Support Staff"),
        ("Support Staff", "The support staff eat.", None),
        ("Selection Process", "The process is responsible for delays.", None),
        ("Users", "A user is a person who clicks.", None),
        ("Runner", 'Each week somebody volunteers to be the "runner."', "Runner"),
        ("Become a host", "As a host you will greet everybody.", None),
        ("hosts", "As a host you will greet everybody.", None),
        ("Festival tickets", "Tickets are for volunteers.", None),
    ],
)  # fmt: skip
def test_people_are_named_where_the_text_speaks_of_them(
    heading: str, text: str, name: str | None
) -> None:
    assert people_named(heading, text) == name


def test_bodies_and_people_stand_beside_roles() -> None:
    rank = HeadingsOfRank([("Maintainers", ["Maintainer"]), ("Meetings", [])])
    assert people_beside_roles("Steering Council", rank, "") == ["Steering Council"]
    assert people_beside_roles("Steering Council", HeadingsOfRank([("Meetings", [])]), "") == []
    assert people_beside_roles("Forum Approvers", rank, "Approvers can vote.") == ["Forum Approver"]
    assert people_beside_roles("Forum Approvers", rank, "They can vote.") == []
    assert people_beside_roles("Working With Others", rank, "Others can vote.") == []


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("President", ["president"]),
        ("Timekeepers", ["Timekeeper"]),
        ("Audit Team Member", ["Audit Team Member"]),
        ("Coke Machine", []),
        ("Summary", []),
    ],
)
def test_among_headings_of_roles_others_are_roles_as_well(heading: str, names: list[str]) -> None:
    rest: list[tuple[str, list[str]]] = [("Receiving Team Member", []), (heading, [])]
    roles = [(name, [name]) for name in ("Secretary", "Treasurer", "Stage Manager")]
    assert people_beside_roles(heading, HeadingsOfRank([*rest, *roles]), "") == names
    assert people_beside_roles(heading, HeadingsOfRank([*rest * 3, *roles]), "") == []


def test_a_president_is_one_beside_other_officers() -> None:
    text = "# Officers\n\n" + "".join(
        f"## {name}\n\nGives the club some of every week.\n\n"
        for name in ("President", "Secretary", "Treasurer", "Web Editor")
    )
    assert "President" in [section.name for section in facts_of(text).sections]


def test_letters_in_brackets_may_be_short_for_the_end_of_a_name() -> None:
    heading = "Professional Community Health Worker (CHW), Janet"
    assert acronym_behind(heading, "Professional Community Health Worker") == "CHW"
    assert acronym_behind("Community Health Worker (UK)", "Community Health Worker") is None


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("Treasurer -- Jane Doe", "Treasurer"),
        ("Social Secretaries – Lucy Parker, Sadie Ward, and Scott Ng", "Social Secretaries"),
        ("Editor - Data Scientist", "Editor - Data Scientist"),
        ("Nurse – what we expect", "Nurse – what we expect"),
        ("Duties: Cash Handling", "Duties: Cash Handling"),
    ],
)
def test_who_holds_a_role_is_no_part_of_its_name(heading: str, role: str) -> None:
    assert without_holder(heading) == role


def test_headings_that_number_an_acronym_are_its_levels() -> None:
    text = "# Job descriptions\n\nOf RSEs.\n\n## RSE 1\n\nBegins.\n\n## RSE 2\n\nGoes on.\n"
    assert facts_of(text).subjects == ("RSE",)


def test_an_item_is_about_the_role_that_it_has_in_bold() -> None:
    more = "This position involves attending events and taking photographs of all. " * 3
    text = (
        f"# Board\n\n1. The **General Manager** runs the station. {more}\n"
        f"2. **Historian**\n\n   {more}\n3. **Webmaster** too.\n"
    )
    assert [section.name for section in facts_of(text).sections] == ["General Manager", "Historian"]


def test_who_is_spoken_of_may_stand_in_bold() -> None:
    text = "# Ladder\n\n## Committer\n\nA **Committer** is a member who may merge.\n"
    assert [section.name for section in facts_of(text).sections] == ["Committer"]


def test_a_file_may_be_named_after_somebody_whom_its_title_does_not_name() -> None:
    text = "# Libero howto\n\nThe Libero is the person {}.\n"
    assert facts_of(text.format("on call"), id_="a/libero.md").subjects == ("Libero",)
    assert facts_of("# Kanban howto\n\nKanban is easy.\n", id_="kanban.md").subjects == ()


def test_a_role_has_both_names_of_a_slash() -> None:
    [role] = merge_roles([("guide.md", facts_of("# Chaplain/Spiritual Counselor\n\nCares.\n"))])
    assert role.aliases == ("Chaplain", "Spiritual Counselor")
