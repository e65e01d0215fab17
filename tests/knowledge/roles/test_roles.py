"""Roles are found in titles, headings, front matter and text, and named as people name them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.roles.facts import RoleFacts, RoleMention
from knowledge.roles.phrases import find_role_phrases, role_key
from knowledge.roles.roles import Role, merge_roles
from knowledge.roles.spoken_of import RoleSection
from tests.knowledge.roles.facts import facts_of
from tests.knowledge.texts import markdown_texts

_PARAGRAPHS = (
    "# Data Engineer (DE)",
    "## SRE",
    "Role also known as data plumber.",
    "A data scientist, sometimes called modeller or DS, models.",
    "A Data Scientist and a Site Reliability Engineer (SRE) meet.",
)
_EMPTY = RoleFacts(
    subjects=(), aliases=(), body_start=0, body_end=0, sections=(), mentions=()
).to_json()


def _roles_of(*texts: str) -> list[Role]:
    ids = [f"guide-{number}.md" for number in range(len(texts))]
    return list(
        merge_roles((id_, facts_of(text, id_)) for id_, text in zip(ids, texts, strict=True))
    )


def _with_guide(*texts: str) -> list[str]:
    return [role.name for role in _roles_of(*texts) if role.has_guide]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A data scientist models.", ["data scientist"]),
        ("aren't radiographers well paid", ["radiographer"]),
        ("two midwives", ["midwife"]),
        ("Data Scientists model.", ["Data Scientist"]),
        ("new developers and great managers", ["developers"[:-1], "manager"]),
        ("difference between data engineer data scientist", ["data engineer", "data scientist"]),
        ("nurse practitioners prescribe", ["nurse practitioner"]),
        ("the owner of the system", []),
        ("hire designers", ["designer"]),
        ("Skills\n\nWeb operations engineers run it", ["Web operations engineer"]),
        ("nothing here", []),
        ("An air traffic controller's day", ["air traffic controller"]),
        ("7.1 QA engineer", ["QA engineer"]),
        ("full stack developers and full time nurses", ["full stack developer", "nurse"]),
        ("sixty mechanics and the cabin crew", ["mechanic", "cabin crew"]),
        ("the director of the museum", []),
        ("the Vice-President and a co-chair", ["Vice-President", "co-chair"]),
        ("the world-leader", []),
        ("a Developer Relations Manager", ["Developer Relations Manager"]),
        ("designers support engineers", ["designer", "support engineer"]),
        ("the head of human resources decides", []),
        ("ask the head of each team, or head of state", []),
        ("a master's degree, the editor's note", []),
        (
            "heads of data science report to the VP of Sales",
            ["head of data science", "VP of Sales"],
        ),
    ],
)
def test_phrases_end_in_an_occupation_and_leave_out_grades_and_verbs(
    text: str, names: list[str]
) -> None:
    assert [phrase.name for phrase in find_role_phrases(text)] == names


def test_names_are_compared_without_case_plural_or_joints() -> None:
    assert role_key("Front-End Developers") == role_key("front end developer")
    assert role_key("R&D Managers") == role_key("r&d manager")


def test_sections_are_about_their_roles_and_end_where_the_next_begins() -> None:
    text = "# Our teams\n\n## Designer\n\nDraws.\n\n## Data Analyst\n\nCounts.\n"
    designer, analyst = sorted(_roles_of(text), key=lambda role: role.name, reverse=True)
    assert (designer.name, analyst.name) == ("Designer", "Data Analyst")
    (span,) = designer.spans
    assert text[span.start : span.end] == "## Designer\n\nDraws.\n\n"


def test_a_heading_that_is_one_role_and_nothing_else_is_about_it() -> None:
    text = "# Three desks\n\n## Environmental adviser\n\nSoil.\n\n## Hire adviser teams\n\nNo.\n"
    assert [section.name for section in facts_of(text).sections] == ["Environmental Adviser"]


def test_an_everyday_word_joined_to_a_role_is_one_and_in_a_file_name_if_the_text_has_it() -> None:
    text = "# Buyer or merchandiser?\n\nThe buyer buys. A buyer is not a merchandiser.\n"
    assert facts_of(text).subjects == ("Buyer", "Merchandiser")
    picking = "# The shed\n\nA picker picks. Pickers walk. No picker sits. Ask a picker.\n"
    assert facts_of(picking, "warehouse-picker.md").subjects == ("Warehouse Picker",)


def test_who_is_named_only_late_is_not_what_a_text_is_about() -> None:
    late = "An instructor sits beside you. The instructor signs. Instructors retire."
    text = f"# In the tower\n\n{'It is quiet up here. ' * 40}\n\n{late}\n"
    assert facts_of(text).subjects == ()
    assert facts_of(f"# In the tower\n\n{late}\n").subjects == ("Instructor",)


def test_headings_that_only_look_like_roles_are_none() -> None:
    text = "# Designers\n\nThey draw.\n\n## Hire designers\n\nAsk.\n\n## Partner relations\n\nX.\n"
    assert _with_guide(text) == ["Designer"]


def test_a_section_that_calls_the_role_by_its_last_word_is_about_no_other() -> None:
    text = "# Registered Nurse\n\nCares.\n\n## What a nurse does\n\nA nurse dresses wounds.\n"
    assert _with_guide(text) == ["Registered Nurse"]
    assert _with_guide(f"# Registered Nurse\n\nA.\n\n## Baker\n\nBakes.\n{text}")[0] == "Baker"


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


def test_a_name_whose_first_words_are_an_acronym_in_another_guide_is_one_role() -> None:
    [role] = _roles_of("# Machine Learning Engineer\n\nTrains.\n", "# ML Engineer\n\nServes.\n")
    assert (role.name, role.aliases, len(role.spans)) == (
        "Machine Learning Engineer",
        ("ML Engineer",),
        2,
    )


def test_names_that_differ_by_a_plural_within_are_one_role() -> None:
    texts = ("# System Administrator\n\nRuns.\n", "# Sysadmin\n\nRuns.\n")
    assert len(_with_guide(*texts, "# Systems Administrator\n\nRuns.\n")) == 1


def test_short_names_are_merged_only_where_they_are_clear() -> None:
    of_their_own = ("HR Manager", "Hospital Records Manager")
    assert _with_guide(*(f"# {name}\n\nLeads.\n" for name in of_their_own)) == [
        "Hospital Records Manager",
        "HR Manager",
    ]
    nameless = RoleFacts(
        subjects=("…", "SRE"), aliases=(), body_start=0, body_end=1, sections=(), mentions=()
    )
    assert [role.name for role in merge_roles([("a.md", nameless)])] == ["SRE", "…"]
    ambiguous = ("CS Manager", "Customer Success Manager", "Customer Support Manager")
    assert _with_guide(*(f"# {name}\n\nLeads.\n" for name in ambiguous)) == [*ambiguous]


def test_roles_that_are_only_mentioned_have_no_guide_and_come_last() -> None:
    roles = _roles_of("# Data Engineer\n\nUnlike a Data Scientist, a data engineer builds.\n")
    assert [(role.name, role.has_guide) for role in roles] == [
        ("Data Engineer", True),
        ("Data Scientist", False),
    ]


def test_nothing_is_found_where_no_role_is_named() -> None:
    assert _roles_of("# Recipes\n\nBoil the pasta.\n") == []


def test_facts_are_kept_once_and_their_offsets_are_of_the_document() -> None:
    text = (
        "---\ntitle: Data Engineer\naliases: [pipeline builder]\n---\n"
        "A Data Scientist (DS) and a Data Scientist (DS) ask. A plumber does not.\n\n"
        "## Data Analyst\n\nRole also known as data plumber.\n"
    )
    facts = facts_of(text)
    assert facts.subjects == ("Data Engineer",)
    assert facts.aliases == ("pipeline builder",)
    assert text[facts.body_start : facts.body_end].startswith("A Data Scientist")
    section = RoleSection(name="Data Analyst", start=text.index("## Data"), end=len(text))
    assert facts.sections == (section,)
    assert facts.mentions == (
        RoleMention(key="data scientist", words="Data Scientist", is_alias=False),
        RoleMention(key="data scientist", words="DS", is_alias=True),
        RoleMention(key="data analyst", words="data plumber", is_alias=True),
    )


def test_another_name_counts_only_once_its_role_is_known() -> None:
    called = "# Baker\n\nA data wrangler officer, also called data officer, counts.\n"
    named = "# Baker\n\nThe Data Wrangler Officer counts.\n"
    for texts, aliases in (
        ((called, named), ()),
        ((named, called), ("data officer",)),
        ((called, named, called), ("data officer",)),
    ):
        roles = {role.name: role.aliases for role in _roles_of(*texts)}
        assert roles == {"Baker": (), "Data Wrangler Officer": aliases}


@given(text=st.one_of(markdown_texts, st.lists(st.sampled_from(_PARAGRAPHS)).map("\n\n".join)))
def test_facts_survive_being_saved(text: str) -> None:
    facts = facts_of("\n" + text)
    assert RoleFacts.from_json(facts.to_json()) == facts


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("[]", id="no object"),
        pytest.param("{}", id="no facts"),
        pytest.param("\x80", id="no JSON"),
        pytest.param(_EMPTY.replace('"body_start":0', '"body_start":-1'), id="negative"),
        pytest.param(_EMPTY.replace('"body_start":0', '"body_start":"0"'), id="text"),
        pytest.param(_EMPTY.replace('"sections":[]', '"sections":[["A",1]]'), id="short section"),
        pytest.param(_EMPTY.replace('"mentions":[]', '"mentions":[["a","A",1]]'), id="no boolean"),
    ],
)
def test_facts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RoleFacts"):
        RoleFacts.from_json(text)


def test_roles_of_many_documents_are_merged_in_linear_time() -> None:
    facts = [
        (
            f"{number}.md",
            RoleFacts(
                subjects=(f"Data Engineer {number}",),
                aliases=(),
                body_start=0,
                body_end=100,
                sections=(RoleSection(name=f"Analyst {number}", start=10, end=50),),
                mentions=(
                    RoleMention(key="data scientist", words="Data Scientist", is_alias=False),
                    RoleMention(key=f"analyst {number}", words=f"a{number}", is_alias=True),
                ),
            ),
        )
        for number in range(5_000)
    ]
    started = time.process_time()
    roles = merge_roles(facts)
    # What was quadratic took minutes.
    assert time.process_time() - started < 5
    assert len(roles) == 10_001
    assert all(role.aliases == (f"a{role.name[8:]}",) for role in roles if role.name[0] == "A")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "# CE Career Framework\n\nThe Customer Engineering team has levels. Most CEs grow.\n",
            "Customer Engineer",
        ),
        ("# SDR Career Levels\n\nSenior SDRs are eligible.\n", "SDR"),
        (
            "CHARTER 07\n\nTECHNICAL WRITER (TW)\nSince 2020\n\n1. PURPOSE\n\n" + "Texts. " * 99,
            None,
        ),
    ],
    ids=["spelt out by its field", "an acronym alone", "in the heading below the title"],
)
def test_a_role_stands_in_a_title_as_an_acronym_or_below_it(text: str, name: str | None) -> None:
    assert _with_guide(text) == [name or "Technical Writer"]


def test_an_acronym_that_is_nobody_is_no_role() -> None:
    assert _with_guide("# API roles and levels\n\nAn API has roles.\n") == []
