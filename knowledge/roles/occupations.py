"""The nouns that end the name of an occupation in English, and the words that only grade one.

No role is listed here: a role's name is found in the guides, as a phrase that ends in such a noun.
The nouns are those that end the titles of the standard classifications of occupations (ISCO-08 of
the International Labour Organization, SOC 2018 of the US Bureau of Labor Statistics), and the ones
that the software trades added since.
"""

from collections.abc import Sequence

OCCUPATION_NOUNS = frozenset(
    """
    accountant actor actuary adjuster administrator adviser advisor advocate agent aide ambassador
    analyst animator archaeologist architect archivist artist assessor assistant associate
    astronomer attendant attorney auditor baker banker biologist bookkeeper broker builder buyer
    carpenter cashier chef chemist clerk coach composer conservator constable consultant
    contractor controller cook coordinator copywriter counsellor counselor courier curator dealer
    dentist designer detective developer dietitian director doctor drafter driver economist editor
    educator electrician engineer epidemiologist estimator evangelist examiner executive
    facilitator farmer firefighter forester gardener geologist geographer guard hairdresser head
    historian hygienist illustrator inspector installer instructor interpreter investigator
    journalist judge laborer labourer lawyer lead leader lecturer librarian linguist logistician
    machinist maintainer manager marketer mason master mathematician mechanic meteorologist
    midwife miner
    modeler modeller musician nurse nutritionist officer operator optician optometrist owner
    painter paralegal paramedic partner pathologist pharmacist photographer physician physicist
    physiotherapist pilot planner plumber policeman practitioner principal producer professor
    programmer psychiatrist psychologist psychotherapist publicist radiographer radiologist ranger
    receptionist recruiter reporter representative researcher reviewer roofer sailor salesperson
    scheduler scientist scrummaster sculptor secretary seller singer sociologist soldier solicitor
    specialist statistician stenographer steward strategist superintendent supervisor
    surgeon surveyor tailor teacher technician technologist teller tester therapist trader trainer
    translator treasurer tutor underwriter upholsterer veterinarian waiter waitress welder worker
    writer zoologist sysadmin themer dba sdet sre
    """.split()
)

ACRONYM_NOUNS = frozenset({"dba", "sdet", "sre"})
"""Those of the nouns that are acronyms."""

# Nouns of the list that are everyday words as well: alone they name no role.
AMBIGUOUS_NOUNS = frozenset(
    """
    agent aide associate attendant builder buyer coach contractor controller cook dealer director
    driver executive guard head judge lead leader maintainer miner officer operator owner painter
    partner planner practitioner principal producer reporter representative reviewer seller
    specialist supervisor trader worker
    """.split()
)

# Words before such a noun that grade or point to a role without naming one.
GRADES = frozenset(
    """
    beginner beginning newbie normal regular ordinary
    senior junior sr jr mid middle entry level chief aspiring experienced new newer newest good
    great better best excellent successful effective strong skilled qualified certified typical
    average traditional individual other another same different own fellow former current future
    potential existing many most more some several few all any both each every various certain
    multiple different similar such first second third next last only main key real true
    professional full part time fulltime professional dedicated trained traditional pure modern
    young old one two three four five
    """.split()
)

FIELDS = {
    "accountant": ("accounting",),
    "administrator": ("administration",),
    "analyst": ("analysis", "analytics"),
    "architect": ("architecture",),
    "conservator": ("conservation",),
    "consultant": ("consulting",),
    "designer": ("design",),
    "developer": ("development",),
    "engineer": ("engineering",),
    "manager": ("management",),
    "nurse": ("nursing",),
    "operator": ("operations",),
    "producer": ("production",),
    "programmer": ("programming",),
    "recruiter": ("recruiting", "recruitment"),
    "researcher": ("research",),
    "scientist": ("science",),
    "strategist": ("strategy",),
    "teacher": ("teaching",),
    "tester": ("testing",),
    "trainer": ("training",),
    "writer": ("writing",),
}
"""What people who hold an occupation do, by its noun: a data engineer does data engineering."""

VERBS_BEFORE_ROLES = frozenset(
    """
    attract attracting become becoming being call called contact find finding help helping hire
    hiring manage managing meet meeting read recruit recruiting strengthen support supporting teach
    teaching train training watch maintaining
    """.split()
)
"""Words that stand before a role in headings ("Hire designers") and belong to no name."""

VERBS_THAT_MODIFY = frozenset({"support", "training"})
"""Those of them that belong to names as well ("support engineer")."""

CLIPPINGS = {
    "admin": "administrator",
    "admins": "administrators",
    "dev": "developer",
    "devs": "developers",
    "eng": "engineer",
    "engr": "engineer",
    "engs": "engineers",
    "mgr": "manager",
    "mgrs": "managers",
    "ops": "operations",
    "sci": "scientist",
    "sysadmin": "systems administrator",
    "sysadmins": "systems administrators",
    "swe": "software engineer",
    "swes": "software engineers",
    "lab": "laboratory",
    "advisor": "adviser",
    "advisors": "advisers",
    "exec": "executive",
    "execs": "executives",
    "rep": "representative",
    "reps": "representatives",
    "asst": "assistant",
    "coord": "coordinator",
    "acct": "accountant",
    "vet": "veterinarian",
    "vets": "veterinarians",
    "physio": "physiotherapist",
    "physios": "physiotherapists",
    "dba": "database administrator",
    "dbas": "database administrators",
    "infosec": "information security",
    "prog": "programmer",
}
"""Clipped words of job titles, spelt out."""


def spell_out(words: Sequence[str]) -> list[str]:
    """Return the words of a name in lower case with the clipped ones spelt out.

    A "tech" is a technician, but technical where an occupation follows.
    """
    spelt = []
    for place, written in enumerate(words):
        word = written.lower()
        if word in {"tech", "techs"}:
            following = singular(words[place + 1].lower()) if place + 1 < len(words) else ""
            is_modifier = word == "tech" and following in OCCUPATION_NOUNS
            word = "technical" if is_modifier else word.replace("tech", "technician")
        spelt.append(CLIPPINGS.get(word, word))
    return spelt


_ENDINGS = (("s", ""), ("es", ""), ("ies", "y"), ("men", "man"))
# Where two nouns might have one plural, the earlier ending decides.
NOUNS_BY_FORM = {
    noun.removesuffix(singular_ending) + plural_ending: noun
    for plural_ending, singular_ending in reversed(_ENDINGS)
    for noun in sorted(OCCUPATION_NOUNS)
    if noun.endswith(singular_ending)
} | {noun: noun for noun in OCCUPATION_NOUNS}
"""The occupation nouns by their singular and plural forms."""


def singular(word: str) -> str:
    """Return an occupation noun without its plural ending; other words unchanged."""
    return NOUNS_BY_FORM.get(word, word)
