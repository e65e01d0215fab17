"""What a guide says that its role is called elsewhere becomes the role's other names."""

import pytest

from knowledge.roles.roles import merge_roles
from tests.knowledge.roles.facts import facts_of


def _names_of(text: str, key: str = "account manager") -> list[str]:
    return [mention.words for mention in facts_of(text).mentions if mention.is_alias]


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("Other agencies call the job client partner or sales manager.", 2),
        ("Some clients call this person the lead buyer.", 1),
        ("Two project managers, who are also called key managers, help.", 0),
        ("You may still hear “client executive”; elsewhere the post is called field manager.", 2),
        ("In other towns you'll be called a client manager, a contract officer or boss.", 2),
        ("Other names: contract manager (on invoices), AM, lead in the Leith office.", 1),
        ("Also answers to: client manager, AM.", 2),
        ("Job adverts elsewhere say *client manager*, *relations officer* or *hero*.", 2),
        ("Formerly known as contract officers.", 1),
        ("Elsewhere the same work goes by contract manager or, at Acme, key manager.", 1),
        ("The role is also called contract manager.", 1),
        ('Big firms, say the bigger places, say "contract clerk".', 1),
        ('On the boards you also see "deal manager" and "CQV" for this post.', 2),
        ('(known on the floor as "callers"; on some adverts "client associate")', 1),
        ("Listed in adverts as deal manager or client officer.", 2),
        ('aka: client manager, "inside help", deal officer', 1),
        ('Also known as: client manager, deal officer, "AM".', 3),
        ("Job boards also list it as help desk technician or client manager.", 2),
        ("You may see engineers leave.", 0),
        ("Others write software testers off.", 0),
        ("People also call us when the project manager is away.", 0),
        ("Some say that a project manager would do.", 0),
        ("They often hear from project managers.", 0),
        ("You may be called manager.", 0),
        ("Ask the project manager first.", 0),
    ],
)
def test_sentences_that_say_what_others_call_a_role(sentence: str, names: int) -> None:
    found = _names_of(f"# Account manager\n\nAccount managers look after clients. {sentence}\n")
    assert len(found) == names, found


@pytest.mark.parametrize(
    ("id_", "title", "names"),
    [
        ("jobs/principal-engineer.md", "Principal Software Engineer", ("Principal Engineer",)),
        ("jobs/principal-engineer.md", "Senior Software Engineer", ()),
        ("jobs/principal-software-engineer.md", "Principal Software Engineer", ()),
        ("jobs/principal.md", "Principal Software Engineer", ()),
    ],
)
def test_a_file_may_have_the_rank_and_the_noun(id_: str, title: str, names: tuple[str]) -> None:
    facts = facts_of(f"# {title}\n\nSoftware engineers code.\n", id_=id_)
    assert facts.subjects == ("Software Engineer",)
    assert facts.aliases == names


def test_a_heading_may_say_that_names_follow() -> None:
    text = "# Account manager\n\nCalls.\n\n## Also known as\n\n- Client manager\n- Hero\n"
    assert _names_of(text) == ["Client manager"]


def test_names_are_of_the_role_of_the_section_and_of_none_beside_others() -> None:
    called = "Elsewhere you are called a {} officer."
    text = (
        f"# Two roles\n\n{called.format('first')}\n\n## Data analyst\n\n{called.format('data')}\n\n"
        f"## Account manager\n\n{called.format('client')}\n"
    )
    aliases = [(one.key, one.words) for one in facts_of(text).mentions if one.is_alias]
    assert aliases == [("data analyst", "data officer"), ("account manager", "client officer")]


def test_a_heading_that_goes_on_behind_its_role_has_a_section_about_it() -> None:
    text = (
        "# Notices\n\n## LENS OPTICIAN, floating between shops\n\nFits lenses.\n\n"
        "## D2: timetable planner (two posts), nights\n\nPlans.\n\n## Hire designers, fast\n\nNo.\n"
    )
    assert [one.name for one in facts_of(text).sections] == ["Lens Optician", "Timetable Planner"]


def test_the_name_of_a_role_with_a_guide_is_no_other_name() -> None:
    owner = "# Product owner\n\nElsewhere the job is called product manager or service owner.\n"
    manager = "# Product manager\n\nProduct managers decide.\n"
    facts = [("owner.md", facts_of(owner)), ("manager.md", facts_of(manager))]
    names = {role.name: role.aliases for role in merge_roles(facts)}
    assert names == {"Product Manager": (), "Product Owner": ("service owner",)}
    [alone] = merge_roles(facts[:1])
    assert alone.aliases == ("product manager", "service owner")


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Identity and Access Analyst (IAM)", ["IAM"]),
        ("IDENTITY AND ACCESS ANALYST (IAM)", ["IAM"]),
        ("Regulatory Affairs Specialist (UK)", []),
    ],
)
def test_what_is_short_for_a_name_stands_behind_it(heading: str, names: list[str]) -> None:
    below = "They look after what people may reach.\n"
    assert list(facts_of(f"# {heading}\n\n{below}").aliases) == names
    assert _names_of(f"# Two jobs\n\n## {heading}\n\n{below}\n## Cook\n\nCooks.\n") == names
