"""What the sections, rows and items of a document are about."""

import pytest

from knowledge.roles.roles import merge_roles
from tests.knowledge.roles.facts import facts_of

SAID = "They keep the harbour open in all weathers, by day and by night, and answer for it. " * 3


def _sections(text: str) -> list[str]:
    return [section.name for section in facts_of(text).sections]


@pytest.mark.parametrize(
    ("heading", "text", "names"),
    [
        ("Supervisors", "The Harbour Supervisors lead crews.", ["Harbour Supervisor"]),
        ("Director", "The Director of Engineering decides.", ["Director of Engineering"]),
        ("Crewing", "Crewing officers find a cook in Manila.", ["Crewing Officer"]),
        ("Supervisors", "Ask the Harbour Supervisors.", []),
        ("Lead", "A lead leads. Leads decide.", []),
        (
            "Engineering Management",
            "An engineering manager hires. Engineering managers decide.",
            ["Engineering Manager"],
        ),
        ("Project management", "Ask the project manager.", []),
        ("VP Engineering", "The VP of Engineering ensures it.", ["VP Engineering"]),
        ("Manager, Accounts Payable", "Pays.", ["Accounts Payable Manager"]),
        (
            "Associate Manager, Candidate Experience Responsibilities",
            "Hosts.",
            ["Candidate Experience Manager"],
        ),
        ("Manager, on duty", "Waits.", []),
        ("Accounts Payable Analyst (Intermediate)", "Pays.", ["Accounts Payable Analyst"]),
        ("Civil engineers", "They build.", ["Civil Engineer"]),
        ("Data Wrangler / Data Evangelist", "Both.", ["Data Wrangler", "Data Evangelist"]),
        ("Data wrangler or data evangelist?", "Neither.", []),
        ("Interview 1: Ignacio, harbour engineer", "I build.", ["Harbour Engineer"]),
        ("Post-editors", "They mend.", ["Post-editor"]),
        ("Non-managers", "They manage nobody.", []),
        ("Editor-in-Chief", "Decides.", ["Editor-in-Chief"]),
        ("Front of House Manager", "Seats.", ["Front of House Manager"]),
        ("Teaching Assistant", "Helps.", ["Teaching Assistant"]),
    ],
)
def test_a_heading_and_the_first_words_below_it_say_who_a_section_is_about(
    heading: str, text: str, names: list[str]
) -> None:
    assert _sections(f"# The people who count\n\n## {heading}\n\n{text}\n") == names


def test_people_beside_roles_are_one_if_the_text_says_what_they_do() -> None:
    text = "# Who is who\n\n## Reviewer\n\nA reviewer reads. Reviewers reply.\n\n## Approver\n\n"
    assert _sections(f"{text}Approvers may merge.\n") == ["Reviewer", "Approver"]
    assert _sections(f"{text}Nothing yet.\n") == ["Reviewer"]
    assert _sections("# Who is who\n\n## Approver\n\nApprovers may merge.\n") == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"- **Harbour Pilot**: {SAID}\n- **Crane operator(s)** - {SAID}\n", 2),
        ("- **Harbour Pilot**: climbs.\n- **Crane operator** - lifts.\n", 0),
        (f"**Harbour Pilot:** {SAID}\n\nMore.\n", 1),
        (f"- Harbour pilot and more: {SAID}\n", 0),
        (f"| Role | What |\n|---|---|\n| Harbour Pilot | {SAID} |\n| Weather | {SAID} |\n", 1),
        (f"| Day | What |\n|---|---|\n| Harbour Pilot | {SAID} |\n", 0),
    ],
)
def test_items_and_rows_that_say_a_lot_of_a_role_are_about_it(text: str, names: int) -> None:
    assert _sections(f"# The quay\n\n{text}") == ["Harbour Pilot", "Crane Operator"][:names]


def test_an_item_is_about_its_role_with_all_that_is_within_it() -> None:
    text = f"# The quay\n\n- **Harbour Pilot**: climbs:\n  - {SAID}\n- **Weather**: rough.\n"
    (section,) = facts_of(text).sections
    assert text[section.start : section.end].rstrip().endswith(SAID.rstrip())


def test_a_guide_is_not_about_its_role_where_a_section_is_about_another() -> None:
    text = "# Town Planner\n\nPlans.\n\n## Transport planner\n\nCounts.\n\n## Pay\n\nFair.\n"
    (planner,) = [
        role for role in merge_roles([("p.md", facts_of(text))]) if role.name == "Town Planner"
    ]
    told = "".join(text[span.start : span.end] for span in planner.spans)
    assert "Fair" in told
    assert "Counts" not in told


RULES = """# Rules

## Officers

**5.1** Commodore: The Commodore shall have charge of the club.
They will take the chair at all meetings and speak for the club wherever it is asked to.

**5.2** Honorary Secretary: The Secretary shall keep the books of minutes, write all letters, call
the meetings of members, and see to it that the rules are kept by everybody who sails with us, and
that the list of the members is right on the first day of the year.

**5.3** Membership Secretary: The Membership Secretary shall keep the list of the members, send new
ones what they need to know, and tell the committee each month who came, who left and who owes the
club any money for the year, so that nobody is forgotten when the season begins.

**5.4** Quorum: The Quorum shall be seven members of the club who have paid what they owe to it.
"""


def test_whom_rules_tell_what_to_do_are_roles_beside_others() -> None:
    names = [section.name for section in facts_of(RULES).sections]
    assert names == ["Honorary Secretary", "Membership Secretary", "Commodore"]
    assert "Commodore" not in [
        section.name for section in facts_of(RULES.replace("5.3", "").split("**5.2**")[0]).sections
    ]


def test_short_items_of_a_list_of_roles_are_about_them() -> None:
    more = "\n  - Sees to a great many things before, during and after each of the days.\n" * 3
    text = (
        f"# Event\n\n- **Swag coordinator**\n{more}\n- **Speaker coordinator** (details: `talks`)\n"
        f"{more}\n- **Sponsorship lead**\n  - Asks firms for money, sends them the bills.\n"
    )
    names = [section.name for section in facts_of(text).sections]
    assert names == ["Swag Coordinator", "Speaker Coordinator", "Sponsorship Lead"]


ITEMS = """\
- [interaction designers](https://example.org/a/very/long/address/of/a/framework/of/roles) - design
  what people need to do to use a service
- graphic designers &mdash; create what people see, by words, by colours and by pictures of it
- developers: build the thing, run it, and keep it running through the day and through the night
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"# The roles of a team\n\n{ITEMS}", 3),
        (f"# Notes\n\n{ITEMS}", 0),
        ("# Roles\n\n" + "".join(ITEMS.splitlines(keepends=True)[:3]), 0),
        (f"# Notes\n\n- DEV LEAD\n  {SAID}\n- ANALYST\n  {SAID}", 2),
        (f"# Notes\n\n- PLACES\n  {SAID}\n- TIMES\n  {SAID}", 0),
    ],
    ids=["told shortly", "not of roles", "too few", "in lines of their own", "no roles"],
)
def test_lists_of_roles_tell_of_each(text: str, names: int) -> None:
    assert len(_sections(text)) == names


def test_an_item_within_another_is_about_its_own_role() -> None:
    text = f"# Staff\n\n1. Game Designer:\n\n   {SAID}\n\n   2. Game Artist:\n\n      {SAID}\n"
    first, second = facts_of(text).sections
    assert (first.name, second.name) == ("Game Designer", "Game Artist")
    assert first.end == second.start


def test_a_heading_may_write_a_name_in_other_joints_or_clip_it() -> None:
    text = "# Who does what\n\n## What do Frontend Developers do?\n\nFront-end developers build.\n"
    assert _sections(text) == ["Frontend Developer"]
    assert _sections("# Council\n\n## Technical Admin\n\nKeeps it.\n") == [
        "Technical Administrator"
    ]
    assert _sections("# Council\n\n## I am a Technical Mentor\n\nMentors.\n") == []
    assert _sections("# Council\n\n## Big Tech\n\nPays well.\n") == []


def test_a_heading_in_lower_case_may_join_two_words_before_a_noun() -> None:
    text = "# Positions\n\n## Product and brand manager\n\nMakes what we sell.\n"
    assert [section.name for section in facts_of(text).sections] == ["Product and Brand Manager"]
