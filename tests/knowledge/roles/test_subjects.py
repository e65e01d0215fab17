"""What a document and its sections are about is told by title, headings, file name and text."""

import pytest

from knowledge.documents import DocumentFormat
from tests.knowledge.roles.facts import facts_of


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Tech Lead", ["Tech Lead"]),
        ("What does a data analyst do?", ["Data Analyst"]),
        ("Position Description: Vice-President of the Acme Council", ["Vice-President"]),
        ("Vice President of the Acme Council", ["Vice President"]),
        ("Software Engineer (Data Science): A Guide", ["Software Engineer (Data Science)"]),
        ("Data Engineer vs Data Scientist", ["Data Engineer", "Data Scientist"]),
        (
            "Network and Computer Systems Administrators",
            ["Network and Computer Systems Administrator"],
        ),
        ("We're hiring: Machine Learning Engineer (m/f/x)", ["Machine Learning Engineer"]),
        ("Vacancy: Bookkeeper, permanent, half time or more", ["Bookkeeper"]),
        ("Recruiter wanted (four days, Tuesday to Friday)", ["Recruiter"]),
        ("Electricians at Goss & Fairlie: our four grades", ["Electrician"]),
        ("PERFORMANCE ANALYSTS", ["Performance Analyst"]),
        ("DATA ENGINEER", ["Data Engineer"]),
        ("QA TESTER", ["QA Tester"]),
        ("PLATFORM SDET", ["Platform SDET"]),
        ("Producer and Release Manager", ["Producer", "Release Manager"]),
        ("The Press and Public Relations Officer", ["Press and Public Relations Officer"]),
        (
            "Vacancy: Computer and Information Research Scientist",
            ["Computer and Information Research Scientist"],
        ),
        ("Developer advocate: what people ask", ["Developer Advocate"]),
        ("Level designer", ["Level Designer"]),
        ("Entry level designer", ["Designer"]),
        ("Letter to newcomers at the Wexcombe Courier", []),
        ("IT asset manager (by Dunja)", ["IT Asset Manager"]),
        ("A Tuesday as a school IT technician", ["School IT Technician"]),
        (
            "1. Backup and Storage Administrator, Penhallow Foods",
            ["Backup and Storage Administrator"],
        ),
        ("IDENTITY AND ACCESS ANALYST (IAM)", ["Identity and Access Analyst"]),
        ("B. Front-end developer, Bank One (London or Glasgow)", ["Front-end Developer"]),
        ("data centre tech - quick notes (typed on break)", ["Data Centre Technician"]),
        ("Model validator", ["Model Validator"]),
        ("LAB MANAGER", ["Lab Manager"]),
        ("Our tech", []),
        ("Joining the Design Team", ["Designer"]),
        ("The data science team at Zorbex", ["Data Scientist"]),
        ("The finance team", []),
        ("Our design team's rules", []),
        ("Inside the screen: app developer & HMI designer", ["App Developer", "HMI Designer"]),
        ("Postdoctoral Associate Expectations", ["Postdoctoral Associate"]),
        ("Partner expectations", []),
        ("Analyst (Intermediate)", ["Analyst"]),
        ("Site Moderator (Contract)", ["Site Moderator"]),
        ("Ecologist (two)", ["Ecologist"]),
        ("Lab and Facilities Manager at Acme Meats", ["Lab and Facilities Manager"]),
        ("Director of People and Culture at Acme", ["Director of People and Culture"]),
        ("Head of Legal, Risk & Compliance", ["Head of Legal, Risk & Compliance"]),
        ("Head of Design and Lead Designer", ["Head of Design", "Lead Designer"]),
        ("Policy and Engagement Fellow", ["Policy and Engagement Fellow"]),
        ("Our fellow engineers", ["Engineer"]),
        ("Managing Editor, Acme Press", ["Managing Editor"]),
        ("Managing engineers", ["Engineer"]),
        ("Assistant Project Manager", ["Assistant Project Manager"]),
        ("Acme - Assistant data curator", ["Assistant Data Curator"]),
        ("Teaching Assistant and Lecturer", ["Teaching Assistant", "Lecturer"]),
        (
            "Lab Technologist/Research Assistant II at Acme",
            ["Lab Technologist", "Research Assistant"],
        ),
        ("🛠 IT Support Specialist/Help Desk Career Profile", ["IT Support Specialist"]),
        ("Scrum Master/Agile Coach", ["Scrum Master", "Agile Coach"]),
        ("Cloud/Platform Engineer", ["Cloud/Platform Engineer"]),
        ("Data Analyst (Beginner Level)", ["Data Analyst"]),
        ("System Administrator (SysAdmin)", ["System Administrator"]),
        ("SRE (Site Reliability Engineer)", ["Site Reliability Engineer"]),
        ("SRE (Site Reliability Engineering)", ["Site Reliability Engineer"]),
        ("Full-time librarian", ["Librarian"]),
        ("Mid-level librarian", ["Librarian"]),
        ("Jobs librarian", ["Librarian"]),
        ("Software Engineer (Data Science)", ["Software Engineer (Data Science)"]),
        ("Chief Data Officer", ["Chief Data Officer"]),
        ("The chief engineer", ["Engineer"]),
        ("Young Adult Librarian", ["Young Adult Librarian"]),
        ("Young engineers", ["Engineer"]),
        ("Companies hiring IT specialists", ["IT Specialist"]),
        ("The technical hiring manager", ["Technical Hiring Manager"]),
    ],
)
def test_a_title_says_what_a_guide_is_about(title: str, names: list[str]) -> None:
    assert sorted(facts_of(f"# {title}\n\nThe work is varied.\n").subjects) == sorted(names)


@pytest.mark.parametrize(
    ("id_", "text", "subjects"),
    [
        ("team/lab-manager.txt", "I was the lab manager for six years.", ("Lab Manager",)),
        ("02_lab-manager-letter.txt", "I was the lab manager.", ("Lab Manager",)),
        (
            "our-baker.txt",
            "She bakes. A pastry chef helps, and the pastry chef rests.",
            ("Pastry Chef",),
        ),
        ("driver.txt", "Drivers rest. A driver sleeps, and drivers eat.", ("Driver",)),
        ("business-analysis.md", "A business analyst asks. PMs decide.", ("Business Analyst",)),
        ("notes-of-a-director.txt", "Engineers, a tech lead and two data engineers.", ()),
        ("book-keeper.txt", "Whoever does this adds up.", ("Book Keeper",)),
        ("keeper.txt", "Whoever does this adds up.", ()),
    ],
    ids=[
        *("named", "among others", "not spoken of", "one word", "by the work", "of many kinds"),
        *("by nothing else", "by an everyday word"),
    ],
)
def test_a_file_is_named_after_what_it_is_about(
    id_: str, text: str, subjects: tuple[str, ...]
) -> None:
    facts = facts_of(f"To whoever takes over\n\n{text}\n", id_, DocumentFormat.PLAIN_TEXT)
    assert facts.subjects == subjects


def test_a_document_with_sections_for_several_roles_is_about_none_as_a_whole() -> None:
    section = "Underwriters price. Underwriters decide. Underwriters refuse.\n\n"
    text = f"# Two sides of a policy\n\n## Underwriter\n\n{section}## Claims Adjuster\n\nPays.\n"
    facts = facts_of(text)
    assert facts.subjects == ()
    assert [one.name for one in facts.sections] == ["Underwriter", "Claims Adjuster"]


@pytest.mark.parametrize(
    ("heading", "text", "names"),
    [
        ("Buyer", "Buyers order. A buyer waits.", ["Buyer"]),
        ("The planner", "The planner plans what planners plan.", ["Planner"]),
        ("Owner", "The product group.", []),
        ("Lead", "A lead leads. Leads decide.", []),
        ("D2: BIM coordinator", "They keep the model.", ["BIM Coordinator"]),
    ],
)
def test_an_everyday_word_is_a_role_where_it_is_all_of_a_heading_and_said_again(
    heading: str, text: str, names: list[str]
) -> None:
    facts = facts_of(f"# The people who count\n\n## {heading}\n\n{text}\n")
    assert [one.name for one in facts.sections] == names


def test_an_everyday_word_is_what_a_guide_is_about_where_it_is_the_title() -> None:
    assert facts_of("# Planner\n\nA planner plans. Planners wait.\n").subjects == ("Planner",)
    assert facts_of("# Owner\n\nSay who owns this page.\n").subjects == ()


@pytest.mark.parametrize(
    ("opening", "subjects"),
    [
        ("Marit Oyelaran is a pharmacovigilance officer. We followed her.", True),
        ("I'm a pharmacovigilance officer at a maker of pills.", True),
        ("Told by Marit Oyelaran, pharmacovigilance officer, in her third year.", True),
        ("Marit is a pharmacovigilance officer, formerly a ship's cook.", True),
        ("A pharmacovigilance officer rings. Nobody answers.", False),
        ("Marit is a pharmacovigilance officer and Ole is a medical writer.", False),
    ],
)
def test_a_text_is_about_whom_it_introduces_first(opening: str, subjects: bool) -> None:
    told = "The phone rings. A pastry chef asks, a tax adviser waits, a data engineer sighs."
    facts = facts_of(f"# A day at the desk\n\n{opening}\n\n{told}")
    assert facts.subjects == (("Pharmacovigilance Officer",) if subjects else ())


def test_an_acronym_is_spelt_out_by_its_files_name() -> None:
    text = "# SRE\n\nAn SRE is called at night. SREs sleep by day.\n"
    assert facts_of(text, "site-reliability-engineer.md").aliases == ("Site Reliability Engineer",)
    assert facts_of(text, "nights.md").aliases == ()


def test_of_names_of_which_one_ends_another_the_longer_is_the_role() -> None:
    text = "# User research skills\n\n" + "User researchers ask. Researchers listen.\n\n" * 5
    assert facts_of(text).subjects == ("User Researcher",)


def test_who_tells_of_a_role_or_on_what_terms_is_no_part_of_its_name() -> None:
    text = (
        "# Who does what\n\n## Curator (Bastien, ships and shore life)\n\nThe curator looks.\n\n"
        "## Registrar (paper)\n\nThe registrar lists.\n"
    )
    assert [one.name for one in facts_of(text).sections] == ["Curator", "Registrar (paper)"]


def test_a_title_that_names_no_role_leaves_it_to_the_text() -> None:
    text = (
        "# Looking after servers\n\nWeb operations engineers run systems.\n\n"
        "## Skills\n\nWeb operations engineers know Linux.\n"
    )
    assert facts_of(text).subjects == ("Web Operations Engineer",)


@pytest.mark.parametrize(
    ("title", "text", "names"),
    [
        ("Role of the Staff Contact", "A staff contact. " * 4, ("Staff Contact",)),
        ("Role of the Staff Contact", "Nothing.", ()),
        (
            "Captain (Brigade Leader)",
            "Captains lead. A captain stays. Ask a captain.",
            ("Captain",),
        ),
        ("Notes from the train", "Supplier quality engineer. I see to parts.", None),
        ("Clinical coding", "A clinical coder codes. Clinical coders count.", ("Clinical Coder",)),
        (
            "Titles for QA",
            "| Category | QA Tester L3 | QA Tester L4 |\n|---|---|---|\n| Skill | low | high |",
            ("QA Tester",),
        ),
    ],
)
def test_a_title_or_opening_may_say_the_role_in_other_ways(
    title: str, text: str, names: tuple[str, ...] | None
) -> None:
    expected = ("Supplier Quality Engineer",) if names is None else names
    assert facts_of(f"# {title}\n\n{text}\n").subjects == expected


def test_a_guide_tells_other_names_by_its_letters_its_brackets_and_its_file() -> None:
    often = "# The Project Manager Role\n\nThe PM leads. Ask the PM. PMs plan.\n"
    assert facts_of(often).aliases == ("PM",)
    assert facts_of("# The Project Manager Role\n\nA PM leads.\n").aliases == ()
    captain = "# Captain (Brigade Leader)\n\nCaptains lead. A captain stays. Ask a captain.\n"
    assert facts_of(captain).aliases == ("Brigade Leader",)
    analyst = "# Information Security Analyst\n\nAn analyst watches.\n"
    assert facts_of(analyst, "security-analyst.md").aliases == ("Security Analyst",)
    assert facts_of(analyst, "vacancy-network-analyst.md").aliases == ()


def test_a_file_of_a_field_that_says_you_is_about_who_does_that() -> None:
    text = "# User Research Framework\n\n" + "You know the methods and you choose. " * 8
    assert facts_of(text, "acme/user-research.md").subjects == ("User Researcher",)
    assert facts_of(text, "acme/notes.md").subjects == ()
    assert (
        facts_of(text.replace("You", "We").replace("you", "we"), "user-research.md").subjects == ()
    )
