"""The roles that a question names are found by name, other name, acronym, field or typo."""

import time

import pytest
from rapidfuzz import fuzz, process

from bot.answers.mentions import RoleFinder
from index.snapshots.stored import StoredRole


def _roles(*names: str, has_guide: bool = True, first: int = 0) -> list[StoredRole]:
    """Make roles of names, each with its other names behind equals signs."""
    roles = []
    for position, name in enumerate(names, start=first):
        own, *aliases = name.split("=")
        roles.append(
            StoredRole(position=position, name=own, aliases=tuple(aliases), has_guide=has_guide)
        )
    return roles


WITH_GUIDE = (
    "Data Engineer",
    "Data Scientist",
    "Site Reliability Engineer=SRE=Reliability Lead",
    "Machine Learning Engineer",
    "DevOps Engineer",
    "Product Manager",
    "Project Manager",
    "Software Engineer (Data Science)=data science software engineer",
    "Electrician",
    "HR Business Partner",
    "Ramp Agent",
    "Director of Engineering",
)
ROLES = [
    *_roles(*WITH_GUIDE),
    *_roles("Data Analyst", "Technical Program Manager", has_guide=False, first=len(WITH_GUIDE)),
]
FINDER = RoleFinder(ROLES)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("what does a data engineer do?", [("data engineer", ["Data Engineer"])]),
        (
            "Data Engineers vs. data analysts",
            [("Data Engineers", ["Data Engineer"]), ("data analysts", ["Data Analyst"])],
        ),
        ("is SRE fun", [("SRE", ["Site Reliability Engineer"])]),
        ("are sres paid well", [("sres", ["Site Reliability Engineer"])]),
        ("what is a reliability lead", [("reliability lead", ["Site Reliability Engineer"])]),
        ("how do i get into data engineering", [("data engineering", ["Data Engineer"])]),
        ("what does an ml engineer earn", [("ml engineer", ["Machine Learning Engineer"])]),
        ("is devops hard", [("devops", ["DevOps Engineer"])]),
        ("what is a data eng", [("data eng", ["Data Engineer"])]),
        ("what does a PM do", [("PM", ["Product Manager", "Project Manager"])]),
        ("what does a pm do", [("pm", ["Product Manager", "Project Manager"])]),
        ("is there a pm at 3 pm, or is a pm off", [("pm", ["Product Manager", "Project Manager"])]),
        ("where are they at 3 pm", []),
        ("who takes the pm shift", []),
        ("what does a tpm do", []),
        ("what does a TPM do", [("TPM", ["Technical Program Manager"])]),
        (
            "project vs product manager",
            [("project", ["Project Manager"]), ("product manager", ["Product Manager"])],
        ),
        (
            "a software engineer (data science) is",
            [("software engineer (data science)", ["Software Engineer (Data Science)"])],
        ),
        (
            "what are reliability engineers paid",
            [("reliability engineers", ["Site Reliability Engineer"])],
        ),
        ("are proj managers paid", [("proj managers", ["Project Manager"])]),
        ("electri cian pay", [("electri cian", ["Electrician"])]),
        ("can i start with zero tech experience", []),
        ("do companies hire lab techs", [("lab techs", [])]),
        ("what does a manager do", [("manager", ["Product Manager", "Project Manager"])]),
        ("what does a nurse practitioner do", [("nurse practitioner", [])]),
        ("what do i need to know about pay", []),
        ("a data dev's pay", [("data dev", ["Data Engineer"])]),
        ("do ramp handlers work in the rain", [("ramp handlers", ["Ramp Agent"])]),
        ("who is an HRBP", [("HRBP", ["HR Business Partner"])]),
        ("where does a data engineer's path lead", [("data engineer", ["Data Engineer"])]),
        ("does an electrician bill me or my manager", [("electrician", ["Electrician"])]),
        ("what does a director of eng earn", [("director of eng", ["Director of Engineering"])]),
        (
            "who hires, sre or mle",
            [("sre", ["Site Reliability Engineer"]), ("mle", ["Machine Learning Engineer"])],
        ),
        ("", []),
    ],
)
def test_roles_are_found_as_people_name_them(
    question: str, found: list[tuple[str, list[str]]]
) -> None:
    mentions = FINDER.find(question)
    assert [(m.words, [role.name for role in m.roles]) for m in mentions] == found
    assert all(question[m.start : m.end] == m.words for m in mentions)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("data sceintist", "Data Scientist"),
        ("data scientits", "Data Scientist"),
        ("adta scientist", "Data Scientist"),
        ("project manger", "Project Manager"),
        ("site relaibility enginer", "Site Reliability Engineer"),
        ("machine lerning enginer", "Machine Learning Engineer"),
        ("elecrtician", "Electrician"),
        ("lectrician", "Electrician"),
    ],
)
def test_slips_of_the_keyboard_are_seen_through(words: str, name: str) -> None:
    (mention,) = FINDER.find(f"what does a {words} do")
    assert [role.name for role in mention.roles] == [name]


@pytest.mark.parametrize(
    "named",
    [
        "talent and people operations manager",
        "Talent & People Ops Manager",
        "talent & people ops",
        "people operations & talent admin managers",
    ],
)
def test_what_a_name_joins_may_be_joined_by_a_sign(named: str) -> None:
    joined = (
        "Talent and People Operations Manager",
        "People Operations and Talent Administration Manager",
    )
    finder = RoleFinder(_roles(*joined, "Talent Manager", "People Operations Manager"))
    [mention] = finder.find(f"is a cook or the {named} paid more")[-1:]
    expected = joined["admin" in named]
    assert [role.name for role in mention.roles] == [expected]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("which manages more, staff or principal", ["Staff Engineer", "Principal Engineer"]),
        ("staff or senior, who earns more", []),
        ("staff or lead, who earns more", []),
    ],
)
def test_ranks_alone_are_the_roles_of_one_noun(question: str, names: list[str]) -> None:
    roles = _roles("Staff Engineer", "Principal Engineer", "Lead Engineer", "Lead Nurse")
    roles = [*roles, *_roles("Staff Nurse", first=4)]
    assert [m.roles[0].name for m in RoleFinder(roles).find(question)] == names


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("spec editor", ["Acme Specification Editor"]),
        ("head of data eng", ["Head of Data Engineering"]),
        ("marketing intern", ["Marketing Executive"]),
        ("marketing exec", ["Marketing Executive"]),
        ("sales execs", ["Sales Executive"]),
        ("sales intern", []),
        ("film editor", []),
        ("bootcamp said devs", ["Developer"]),
    ],
)
def test_a_longer_name_is_known_by_its_last_words(named: str, found: list[str]) -> None:
    finder = RoleFinder(
        _roles(
            "Acme Specification Editor",
            "Data Engineer",
            "Head of Data Engineering",
            "Marketing Executive",
            "Sales Executive",
            "Sales Manager",
            "Developer",
        )
    )
    (mention,) = finder.find(f"what does the {named} do")
    assert [role.name for role in mention.roles] == found


def test_letters_are_no_name_of_a_graded_role() -> None:
    finder = RoleFinder(_roles("Site Reliability Engineer=SRE", "Staff SRE", "Lead Custodian"))
    assert [one.roles[0].name for one in finder.find("does an sre or a custodian earn more")] == [
        "Site Reliability Engineer",
        "Lead Custodian",
    ]


def test_a_comma_parts_roles() -> None:
    finder = RoleFinder(_roles("Developer", "Lead Developer", "Development Lead"))
    found = finder.find("senior dev, lead dev: who codes")
    assert [mention.roles[0].name for mention in found] == ["Developer", "Lead Developer"]


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ("director of ehs", "Director of Environmental Health and Safety"),
        ("EHS directors", "Director of Environmental Health and Safety"),
        ("health and safety director", "Director of Environmental Health and Safety"),
        ("director of people", "Director of People and Culture"),
        ("culture director", "Director of People and Culture"),
        ("director of sales", "Director of Sales"),
        ("lab manager", "Lab and Facilities Manager"),
        ("facilities managers", "Lab and Facilities Manager"),
        ("handbook pm", "Handbook Project Manager"),
        ("lab tech", "Lab Technologist"),
    ],
)
def test_long_names_are_cut_short(named: str, name: str) -> None:
    finder = RoleFinder(
        _roles(
            *("Director of Environmental Health and Safety", "Director of People and Culture"),
            *("Director of Sales", "Director of Sales and Service", "Handbook Project Manager"),
            *("Lab Technologist", "Sales Technician", "Lab and Facilities Manager"),
        )
    )
    [mention] = finder.find(f"what does the {named} do")
    assert [role.name for role in mention.roles] == [name]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("which CMS should i know as a web developer", ["web developer"]),
        ("what do CMs do", ["CMs"]),
        ("do i have to know game dev", []),
        ("do i have to know a game dev", ["game dev"]),
        ("lead senior web developer pay", ["web developer"]),
        ("lead or web developer", ["lead", "web developer"]),
        (
            "is a web engineer or their director of engineering paid",
            ["web engineer", "director of engineering"],
        ),
    ],
)
def test_what_only_looks_like_somebody(question: str, found: list[str]) -> None:
    finder = RoleFinder(
        _roles("Content Marketer", "Web Developer", "Technical Lead", "Director of Engineering")
    )
    assert [mention.words for mention in finder.find(question)] == found


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("who earns more, pm or site mod", ["Project Manager", "Site Moderator"]),
        ("which pays better, site mods or a pm", ["Site Moderator", "Project Manager"]),
        (
            "biz dev or site mod, who earns more",
            ["Business Development Associate", "Site Moderator"],
        ),
        ("do site mods start at 3 pm or at 4", ["Site Moderator"]),
    ],
)
def test_roles_are_called_as_in_chats(question: str, found: list[str]) -> None:
    finder = RoleFinder(
        _roles("Project Manager", "Site Moderator", "Business Development Associate", "Sales Lead")
    )
    assert [mention.roles[0].name for mention in finder.find(question)] == found


def test_letters_mean_whom_a_guide_is_about() -> None:
    mentioned = StoredRole(position=1, name="Rail Safety Expert", aliases=("RSE",), has_guide=False)
    finder = RoleFinder([*_roles("Research Software Engineer=RSE"), mentioned])
    [mention] = finder.find("what is an RSE")
    assert [role.name for role in mention.roles] == ["Research Software Engineer"]


def test_what_somebody_is_good_at_is_nobody() -> None:
    finder = RoleFinder(_roles("UX Designer", "Product Designer", "Web Designer"))
    found = finder.find("product vs web designer, how good must i be at ux")
    assert [mention.words for mention in found] == ["product", "web designer"]
    [mention] = finder.find("how do i get good at ux")
    assert mention.roles[0].name == "UX Designer"


def test_a_list_before_a_joint_shares_the_noun() -> None:
    finder = RoleFinder(_roles(*(f"{kind} Clerk" for kind in ("Harbour", "Night", "Mail"))))
    found = finder.find("who earns most, harbour, night or mail clerk")
    assert [mention.roles[0].name for mention in found] == [
        "Harbour Clerk",
        "Night Clerk",
        "Mail Clerk",
    ]


@pytest.mark.parametrize("words", ["project manager", "program manager"])
def test_another_role_is_no_slip(words: str) -> None:
    assert all(
        role.name not in {"Product Manager", "Data Engineer"}
        for mention in RoleFinder(_roles("Product Manager", "Data Engineer")).find(words)
        for role in mention.roles
    )


def test_a_name_that_a_guide_has_within_another_is_not_taken_for_a_field() -> None:
    guide = _roles("Software Engineer (Data Science)")
    scientist = _roles("Data Scientist", has_guide=False, first=1)
    assert RoleFinder([*guide, *scientist]).find("what is data science") == []
    (mention,) = RoleFinder(scientist).find("what is data science")
    assert mention.roles == tuple(scientist)


def test_the_mentions_of_a_question_are_the_callers_own() -> None:
    mentions = FINDER.find("is SRE fun")
    mentions.clear()
    assert len(FINDER.find("is SRE fun")) == 1


def test_a_name_with_one_slip_is_found_as_among_all_names() -> None:
    names = [role.name.lower() for role in ROLES if "(" not in role.name]
    finder = RoleFinder(_roles(*(role.name for role in ROLES if "(" not in role.name)))
    for name in names:
        for place in range(len(name) - 1):
            left, right = name[place], name[place + 1]
            for slip in (left, right + left, left + left + right):
                typed = name[:place] + slip + name[place + 2 :]
                of_as_many_words = [n for n in names if len(n.split()) == len(typed.split())]
                best = process.extractOne(
                    typed, of_as_many_words, scorer=fuzz.ratio, score_cutoff=90
                )
                # Of words as short as these another one may be meant.
                is_clear = min(len(word) for word in typed.split()) > 3
                if is_clear and " " not in (left, right) and best is not None:
                    found = [r.name.lower() for m in finder.find(typed) for r in m.roles]
                    assert found == [best[0]], typed


def test_ten_thousand_roles_cost_no_more_than_a_moment() -> None:
    names = [f"{chr(97 + n % 26)}field{n} Manager=the {n}th engineer" for n in range(10_000)]
    roles = [*_roles(*names[::2]), *_roles(*names[1::2], has_guide=False, first=5_000)]
    started = time.process_time()
    finder = RoleFinder(roles)
    for number in range(100):
        question = f"what does a {names[number].split('=')[0].lower()} do, and what a nife manager"
        assert finder.find(question)[0].roles
    # Where all names were compared with all, this took seven seconds.
    assert time.process_time() - started < 5


@pytest.mark.parametrize("question", ["do they rate engineers", "who supervises engineers"])
def test_what_is_done_with_a_role_is_no_part_of_its_name(question: str) -> None:
    assert [one.words for one in RoleFinder(_roles("Civil Engineer")).find(question)] == [
        "engineers"
    ]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("fpga vs low latency, what should i study", ["FPGA Engineer", "Low-latency Engineer"]),
        ("shifts of the noc or data centre crowd", ["NOC Technician", "Data Centre Technician"]),
        (
            "what is paid to accessibility ppl compared to service designers",
            ["Accessibility Specialist", "Service Designer"],
        ),
        ("is market risk analysis harder than accessibility", ["Market Risk Analyst"]),
        ("can i work in accessibility and fpga", []),
        ("accessibility or cats", []),
        ("vs low latency", []),
        ("or", []),
        ("low latency or", []),
    ],
)
def test_fields_side_by_side_are_roles(question: str, names: list[str]) -> None:
    finder = RoleFinder(
        _roles(
            "FPGA Engineer",
            "Low-latency Engineer",
            "Accessibility Specialist",
            "Service Designer",
            "Data Centre Technician",
            "NOC Technician",
            "Market Risk Analyst",
        )
    )
    found = [role.name for mention in finder.find(question) for role in mention.roles]
    if names:
        assert found == names
    else:
        assert len(found) < 2


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("what do RAs draw graphs with", "Research Associate"),
        ("pay of quality control analysts", "QC Analyst"),
        ("pay of public care analysts", None),
        ("what beside a research associate is there", "Research Associate"),
    ],
)
def test_letters_stand_for_words_and_words_for_letters(question: str, name: str | None) -> None:
    roles = [
        StoredRole(position=0, name="Research Associate", aliases=("RA",), has_guide=True),
        *(
            StoredRole(position=1 + place, name=other, aliases=(), has_guide=True)
            for place, other in enumerate(
                ["Regulatory Affairs Specialist", "QC Analyst", "Data Analyst"]
            )
        ),
    ]
    found = [role.name for one in RoleFinder(roles).find(question) for role in one.roles]
    assert found == ([name] if name else [])


def test_the_beginning_of_a_name_before_another_noun_is_no_such_role() -> None:
    finder = RoleFinder(_roles("UX Designer"))
    for question, roles in (("ux pay", ["UX Designer"]), ("pay of UX writers", [])):
        [mention] = finder.find(question)
        assert [role.name for role in mention.roles] == roles


def test_a_role_and_one_with_its_name_in_it_are_two() -> None:
    finder = RoleFinder(_roles("Vet Nurse"))
    question = "diff between a vet and a vet nurse"
    assert [mention.words for mention in finder.find(question)] == ["vet", "vet nurse"]


@pytest.mark.parametrize(
    ("question", "letters"),
    [
        ("do TPMs manage ppl", ["TPMs"]),
        ("whats an AE do all day", ["AE"]),
        ("what does a CS need", []),
        ("whats an AM responsible for money wise", ["AM"]),
        ("What does a TPM do?", ["TPM"]),
        ("what is a TPM", ["TPM"]),
        ("is a CS degree needed", []),
        ("do you need SQL", []),
        ("is PTO paid", []),
        ("do KPIs matter", []),
        ("DO TPMS MANAGE PPL", []),
        ("whats the vp of sales supposed to do", ["vp of sales"]),
        ("do they have a separate scrum master", ["scrum master"]),
    ],
)
def test_people_that_the_guides_lack_are_a_role(question: str, letters: list[str]) -> None:
    finder = RoleFinder(_roles("Data Engineer"), occurs={"ae", "kpi", "sql", "cs"}.__contains__)
    assert [mention.words for mention in finder.find(question)] == letters
    assert all(not mention.roles for mention in finder.find(question))


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("backend tech stack?", ["Back-end Engineer"]),
        ("what do front end folks complain about", ["Front-end Engineer"]),
        ("QA pay", ["QA Tester"]),
        ("is the product any good", []),
        ("what skills does it need", []),
        ("how much backend does a product manager know", ["Product Manager"]),
    ],
)
def test_a_role_is_named_without_its_noun_where_nothing_else_is(
    question: str, names: list[str]
) -> None:
    roles = _roles(
        "Back-end Engineer", "Front-end Engineer", "QA Tester", "Product Manager", "IT Manager"
    )
    found = [role.name for one in RoleFinder(roles).find(question) for role in one.roles]
    assert found == names


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("does everyone hate the QC people", ["Quality Control Analyst"]),
        ("is the qc lot friendly", ["Quality Control Analyst"]),
        ("do i need a cs degree", []),
        ("are lvl designers paid", ["Level Designer"]),
        ("what's a gameplay coder", ["Gameplay Programmer"]),
        ("which vet nurses work nights", ["Veterinary Nurse"]),
        ("pay for a newly registered farrier", ["Farrier"]),
    ],
)
def test_a_role_is_named_by_letters_that_the_guides_use_and_by_words_written_short(
    question: str, names: list[str]
) -> None:
    roles = _roles(
        "Quality Control Analyst",
        "Customer Success Manager",
        "Level Designer",
        "Gameplay Programmer",
        "Veterinary Nurse",
        "Farrier",
        "Assistant Farrier",
    )
    finder = RoleFinder(roles, occurs={"qc"}.__contains__)
    assert [role.name for one in finder.find(question) for role in one.roles] == names


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("what does web ops do", [("web ops", "Web Operations Engineer")]),
        ("web operations hours?", [("web operations", "Web Operations Engineer")]),
        ("web ops vs nurse", [("web ops", "Web Operations Engineer"), ("nurse", "Nurse")]),
        ("are nurses good at web ops", [("nurses", "Nurse")]),
        (
            "do IT project managers code",
            [("IT project managers", "Information Technology Project Manager")],
        ),
        ("do project managers code", [("project managers", "Project Manager")]),
    ],
)
def test_words_of_a_name_may_be_cut_short_or_be_letters(
    question: str, found: list[tuple[str, str]]
) -> None:
    names = (
        "Web Operations Engineer",
        "Nurse",
        "Information Technology Project Manager",
        "Project Manager",
    )
    mentions = RoleFinder(_roles(*names)).find(question)
    assert [(one.words, role.name) for one in mentions for role in one.roles] == found


def test_letters_that_the_guides_have_are_not_those_of_a_role_that_they_but_mention() -> None:
    roles = [*_roles("Accountant"), *_roles("Public Accountant", has_guide=False, first=1)]
    spoken = RoleFinder(roles, occurs=lambda word: word == "pa")
    assert spoken.find("what is the PA team for") == []
    silent = RoleFinder(roles, occurs=lambda word: False)
    assert [role.name for role in silent.find("what does a PA do")[0].roles] == [
        "Public Accountant"
    ]


def test_one_letter_and_several_people_are_nobodys_letters() -> None:
    roles = _roles("Malware Analyst=reverse-engineer", "Training and Safety Officer")
    finder = RoleFinder(roles, occurs=lambda word: word != "ta")
    assert finder.find("must they know R or SQL") == []
    assert [one.roles for one in finder.find("what do TAs do")] == [()]
    assert [role.name for one in finder.find("what does TAS pay") for role in one.roles] == [
        "Training and Safety Officer"
    ]


def test_the_noun_of_a_graded_role_within_a_longer_name_is_another_role() -> None:
    finder = RoleFinder(_roles("Staff Engineer", "Customer Support Engineer"))
    found = [
        [role.name for mention in finder.find(question) for role in mention.roles]
        for question in ("what does an engineer do", "what does a support engineer need")
    ]
    assert found == [["Staff Engineer"], ["Customer Support Engineer"]]


def test_experience_is_spoken_as_an_x_and_letters_of_several_share_a_noun() -> None:
    names = ("Customer Experience Specialist", "UX Writer", "UX Designer", "UI Designer")
    finder = RoleFinder(_roles(*names))
    found = [
        [role.name for mention in finder.find(question) for role in mention.roles]
        for question in ("what does a CX specialist do", "UX vs UI designer")
    ]
    assert found == [["Customer Experience Specialist"], ["UX Designer", "UI Designer"]]


def test_another_kind_is_not_the_only_one_of_its_noun() -> None:
    finder = RoleFinder(_roles("Volunteer Chair", "Ranger"))
    found = [
        [role.name for mention in finder.find(question) for role in mention.roles]
        for question in ("what does a department chair do", "what does a park ranger do")
    ]
    assert found == [[], ["Ranger"]]


def test_joined_beginnings_of_words_are_a_name() -> None:
    finder = RoleFinder(_roles("Developer Relations Manager", "Nurse"))
    assert [role.name for one in finder.find("devrel manager pay") for role in one.roles] == [
        "Developer Relations Manager"
    ]
    assert not [role for one in finder.find("devops manager pay") for role in one.roles]


def test_an_editor_in_chief_is_one_however_it_is_written() -> None:
    known = RoleFinder(_roles("Editor-in-chief", "Newsletter Editor"))
    unknown = RoleFinder(_roles("Newsletter Editor"))
    for written in ("editor in chief", "editor-in-chief"):
        [mention] = known.find(f"who picks the {written}")
        assert [role.name for role in mention.roles] == ["Editor-in-chief"]
        assert [one.roles for one in unknown.find(f"who picks the {written}")] == [()]


@pytest.mark.parametrize("licence", ["drivers license", "driver's licence", "driver license"])
def test_a_drivers_licence_is_no_driver(licence: str) -> None:
    finder = RoleFinder(_roles("Delivery Driver", "Cook"))
    assert finder.find(f"would i need a {licence}") == []


def test_hours_are_nobody_of_hr() -> None:
    finder = RoleFinder(_roles("HR Director"))
    assert finder.find("how many hrs a week is it") == []
    assert [role.name for role in finder.find("what does the HR do")[0].roles] == ["HR Director"]


def test_the_last_letters_of_a_name_are_of_the_only_one_who_has_them() -> None:
    finder = RoleFinder(_roles("Digital Business Analyst", "Stock Clerk"))
    [mention] = finder.find("what do BAs write")
    assert [role.name for role in mention.roles] == ["Digital Business Analyst"]
    finder = RoleFinder(_roles("Digital Business Analyst", "Staff Bread Artist"))
    assert not any(mention.roles for mention in finder.find("what do BAs write"))


def test_everyday_letters_are_of_nobody_whom_guides_only_name() -> None:
    roles = [
        *_roles("IT Support Analyst"),
        *_roles("Initial Teacher", has_guide=False, first=1),
    ]
    finder = RoleFinder(roles, occurs=lambda word: False)
    [mention] = finder.find("does IT support work on saturdays")
    assert [role.name for role in mention.roles] == ["IT Support Analyst"]
