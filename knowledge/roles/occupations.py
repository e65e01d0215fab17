"""The nouns that end the name of an occupation in English, and the words that only grade one.

No role is listed here: a role's name is found in the guides, as a phrase that ends in such a noun.
The nouns are those that end the titles of the standard classifications of occupations (ISCO-08 of
the International Labour Organization, SOC 2018 of the US Bureau of Labor Statistics), and the ones
that the software trades added since.
"""

from collections.abc import Sequence

OCCUPATION_NOUNS = frozenset(
    """
    abstractor accountant acrobat actor actress actuary acupuncturist adjuster administrator admiral
    adviser advisor advocate agent agronomist aide alderman ambassador anaesthetist analyst
    anesthesiologist anesthetist animator annotator announcer anthropologist apiarist appraiser
    apprentice arbitrator arborist archaeologist architect archivist aromatherapist artist artworker
    assessor assistant associate astronaut astronomer athlete attache attendant attorney auctioneer
    audiologist auditor author babysitter bailiff baker bandmaster banker barber barista barrister
    bartender beautician beekeeper bellhop biller biochemist bioinformatician biologist
    biostatistician blacksmith blogger bodyguard boilermaker bookbinder bookkeeper bookseller bosun
    botanist bouncer breeder brewer bricklayer broadcaster broker builder bursar butcher butler
    buyer cabinetmaker caddie cadet calligrapher cameraman canvasser captain captioner cardiologist
    caregiver carer caretaker carpenter cartographer caseworker cashier cataloguer caterer cellist
    chair chairman chairperson chairwoman chancellor chaplain chauffeur checker cheesemaker chef
    chemist chief childminder chiropodist chiropractor chocolatier choirmaster choreographer
    cinematographer cleaner clerk clinician coach cobbler coder colonel colorist colourist columnist
    comedian commander commissioner committer communicator composer compositor concierge conductor
    conservator constable consultant contractor contributor controller convener convenor cook cooper
    coordinator copilot copyeditor copywriter coroner councillor councilor counsel counsellor
    counselor courier craftsman crew criminologist critic croupier cryptographer curator custodian
    dancer dba dealer dean deckhand declarant decorator delegate demographer dentist dermatologist
    designer detective developer dietician dietitian diplomat director dispatcher diver docent
    docker doctor dosimetrist doula drafter draftsman dramaturg draughtsman dressmaker driver
    ecologist economist editor educator electrician embalmer engineer engraver entomologist
    enumerator epidemiologist ergonomist estimator ethicist evangelist examiner executive
    exterminator fabricator facilitator falconer farmer farmhand farrier fellow filmmaker
    firefighter fisherman fitter florist foreman forester forwarder founder fundraiser futurist
    gaffer gamekeeper gardener gemologist geneticist geographer geologist geophysicist gilder
    glassblower glassmaker glazier goalkeeper goldsmith governor grader gravedigger greenkeeper
    groomer groundskeeper groundsman grower guard guardian gynaecologist gynecologist hacker
    hairdresser handler handyman harbormaster harbourmaster hatter head headhunter headmaster
    headteacher helper herdsman historian host housekeeper hydrologist hygienist hypnotherapist
    illustrator imam immunologist influencer informatician informaticist inspector installer
    instructor integrator intern interpreter investigator invigilator janitor jeweler jeweller
    jockey joiner journalist judge keeper keyworker labeler labeller laborer labourer landscaper
    lawyer lead leader lecturer lexicographer liaison librarian lieutenant lifeguard lineman
    linesman lineworker linguist lithographer lobbyist locksmith logger logistician longshoreman
    lumberjack luthier machinist magician magistrate maintainer manager manicurist marketer marshal
    mason masseur masseuse master mathematician matron mayor mechanic mediator medic mentor
    merchandiser metallurgist metalworker meteorologist microbiologist midwife milker miller
    milliner millwright miner minister missionary modeler modeller moderator monk mortician musician
    mycologist nanny navigator negotiator neurologist newsreader notary novelist nun nurse
    nutritionist observer obstetrician oceanographer officer official ombudsman ombudsperson
    oncologist operative operator optician optometrist organiser organizer ornithologist
    orthodontist orthoptist osteopath owner packer paediatrician painter palaeontologist paralegal
    paramedic partner pastor pathologist paymaster pediatrician pentester perfumer perfusionist
    pharmacist pharmacologist philosopher phlebotomist photographer physician physicist physiologist
    physiotherapist pianist picker piercer pilot pipefitter planner planter plasterer platelayer
    playwright plumber podiatrist poet policeman politician pollster porter postdoc postman
    postmaster potter practitioner presenter president priest principal proctor producer professor
    programmer promoter proofreader prosecutor prosthetist provost psychiatrist psychologist
    psychotherapist publicist publisher puppeteer purchaser purser quartermaster rabbi radiographer
    radiologist radiotherapist rancher ranger rapporteur receptionist recordist recruiter rector
    referee registrar rep reporter representative researcher restaurateur retoucher reviewer reviser
    rigger roofer saddler sailor salesman salesperson saleswoman scaffolder scheduler schoolmaster
    scientist scorekeeper scout scoutmaster screenwriter scribe scrummaster sculptor sdet seamstress
    secretary seller senator sergeant shearer shepherd sheriff shipwright shopkeeper shunter
    signaller signalman signwriter silversmith singer skipper sociologist soldier solicitor
    sommelier songwriter sonographer sourcer specialist spokesperson sponsor sre stagehand
    stationmaster statistician stenographer stevedore steward stewardess stockbroker stockman
    stonemason storekeeper storeman storyteller strategist streamer structurer stuntman stylist
    subeditor subtitler superintendent supervisor surgeon surveyor sysadmin tailor tanner tattooist
    taxidermist teacher technician technologist teller terminologist tester thatcher themer
    theologian therapist tiler timekeeper toastmaster toolmaker toxicologist tracer trader trainer
    transcriber transcriptionist translator treasurer triager trucker trustee tutor typesetter
    typist umpire undertaker underwriter upholsterer urbanist urologist usher valet validator valuer
    verifier veterinarian vicar videographer vintner violinist virologist vlogger volunteer vp
    waiter waitress warden warehouseman watchmaker watchman weaver webmaster welder winemaker
    woodcarver woodworker worker wrangler writer zookeeper zoologist
    """.split()
)

ACRONYM_NOUNS = frozenset({"dba", "sdet", "sre", "vp"})
"""Those of the nouns that are acronyms."""

# Nouns of the list that are everyday words as well: alone they name no role.
AMBIGUOUS_NOUNS = frozenset(
    """
    agent aide apprentice associate attendant author builder buyer canvasser captain chair checker
    chief coach communicator conductor contractor contributor controller cook counsel courier crew
    critic custodian dealer decorator delegate director diver driver executive fellow fitter founder
    governor grader guard guardian hacker handler head helper host integrator intern judge keeper
    labeler labeller lead leader liaison maintainer marshal master mentor miner minister navigator
    negotiator observer officer official operator organiser organizer owner packer painter partner
    picker planner planter porter practitioner presenter president principal producer promoter
    publisher purchaser rep reporter representative reviewer scout scribe seller specialist sponsor
    supervisor tracer trader usher validator verifier volunteer vp warden worker
    """.split()
)

HEADS = frozenset({"chief", "director", "head", "president", "superintendent", "vp"})
"""Those that are named by what they head: a director of engineering."""

LEADERS = HEADS | {"leader", "manager", "officer", "supervisor"}
"""Those that may be named so: a "Manager, Accounts Payable" is an accounts payable manager."""

# Words before such a noun that grade or point to a role without naming one.
GRADES = frozenset(
    """
    beginner beginning newbie year normal regular ordinary senior junior sr jr snr jnr mid middle
    entry level chief aspiring experienced new newer newest good great better best excellent
    successful effective strong skilled qualified certified dear typical common average traditional
    individual other another same different own fellow former current future potential existing
    many most more some several few all any both each every various certain multiple different
    similar such first second third next last only main key real true professional full part
    time fulltime professional dedicated trained traditional pure modern young old one two three
    four five six seven eight nine ten twelve fifteen twenty thirty forty fifty sixty hundred
    half dozen full-time part-time
    """.split()
)

_FIELDS_BY_ENDING = {
    "icist": "ics",
    "metrist": "metry",
    "ographer": "ography",
    "ologist": "ology",
    "onomer": "onomy",
    "onomist": "onomy",
    "therapist": "therapy",
}
_FIELDS_OF_SCIENCES = {
    noun: (noun.removesuffix(ending) + field,)
    for ending, field in _FIELDS_BY_ENDING.items()
    for noun in sorted(OCCUPATION_NOUNS)
    if noun.endswith(ending)
}
FIELDS: dict[str, tuple[str, ...]] = _FIELDS_OF_SCIENCES | {
    "accountant": ("accounting", "accountancy"),
    "administrator": ("administration",),
    "advocate": ("advocacy",),
    "analyst": ("analysis", "analytics"),
    "animator": ("animation",),
    "annotator": ("annotation",),
    "architect": ("architecture",),
    "auditor": ("audit", "auditing"),
    "biologist": ("biology",),
    "bookkeeper": ("bookkeeping",),
    "broker": ("broking",),
    "carpenter": ("carpentry",),
    "chemist": ("chemistry",),
    "cleaner": ("cleaning",),
    "coach": ("coaching",),
    "coder": ("coding",),
    "conservator": ("conservation",),
    "consultant": ("consulting",),
    "controller": ("control",),
    "coordinator": ("coordination",),
    "copywriter": ("copywriting",),
    "counsellor": ("counselling",),
    "curator": ("curation",),
    "dentist": ("dentistry",),
    "designer": ("design",),
    "developer": ("development",),
    "dispatcher": ("dispatching",),
    "ecologist": ("ecology",),
    "editor": ("editing",),
    "engineer": ("engineering",),
    "estimator": ("estimating", "estimation"),
    "farmer": ("farming",),
    "fundraiser": ("fundraising",),
    "geologist": ("geology",),
    "illustrator": ("illustration",),
    "inspector": ("inspection",),
    "interpreter": ("interpreting",),
    "investigator": ("investigation",),
    "journalist": ("journalism",),
    "lawyer": ("law",),
    "machinist": ("machining",),
    "manager": ("management",),
    "marketer": ("marketing",),
    "mathematician": ("mathematics",),
    "midwife": ("midwifery",),
    "moderator": ("moderation",),
    "nurse": ("nursing",),
    "operator": ("operations",),
    "pharmacist": ("pharmacy",),
    "photographer": ("photography",),
    "physicist": ("physics",),
    "physiotherapist": ("physiotherapy",),
    "planner": ("planning",),
    "plumber": ("plumbing",),
    "producer": ("production", "producing"),
    "programmer": ("programming",),
    "psychologist": ("psychology",),
    "radiographer": ("radiography",),
    "recruiter": ("recruiting", "recruitment"),
    "researcher": ("research",),
    "scheduler": ("scheduling",),
    "scientist": ("science",),
    "sourcer": ("sourcing",),
    "statistician": ("statistics",),
    "strategist": ("strategy",),
    "subtitler": ("subtitling",),
    "surveyor": ("surveying",),
    "teacher": ("teaching",),
    "tester": ("testing",),
    "therapist": ("therapy",),
    "trader": ("trading",),
    "trainer": ("training",),
    "translator": ("translation", "translating"),
    "underwriter": ("underwriting",),
    "welder": ("welding",),
    "writer": ("writing",),
}
"""What people who hold an occupation do, by its noun: a data engineer does data engineering."""

TRADES = frozenset(
    """
    accountancy accounting bookkeeping carpentry copywriting counselling dentistry farming
    fundraising journalism midwifery nursing pharmacy photography physiotherapy plumbing recruiting
    recruitment surveying teaching underwriting welding
    """.split()
) | {field for fields in _FIELDS_OF_SCIENCES.values() for field in fields}
"""Those that are named for the occupation itself: "how do I get into nursing"."""

_ALIKE = (
    frozenset({"coder", "developer", "engineer", "programmer"}),
    frozenset({"agent", "attendant", "handler", "operative", "operator", "representative"}),
    frozenset({"aide", "assistant", "helper"}),
    frozenset({"mechanic", "technician"}),
    frozenset({"coach", "instructor", "trainer"}),
    frozenset({"guard", "officer"}),
    frozenset({"driver", "operator"}),
    frozenset({"planner", "scheduler"}),
    frozenset({"author", "writer"}),
)
"""Nouns that name one occupation where the words before them are the same: a backend engineer is a
backend developer."""

VERBS_BEFORE_ROLES = frozenset(
    """
    attract attracting become becoming being call called contact find finding help helping hire
    hiring manage managing meet meeting read recruit recruiting strengthen support supporting teach
    teaching train training watch maintaining
    """.split()
)
"""Words that stand before a role in headings ("Hire designers") and belong to no name."""

VERBS_THAT_MODIFY = frozenset("hiring managing recruiting support teaching training".split())
"""Those of them that belong to names as well ("support engineer")."""

_MOST_WORDS_HEADED = 3

CLIPPINGS = {
    "admin": "administrator",
    "admins": "administrators",
    "grad": "graduate",
    "undergrad": "undergraduate",
    "dev": "developer",
    "devs": "developers",
    "eng": "engineer",
    "engr": "engineer",
    "engs": "engineers",
    "mgr": "manager",
    "mgrs": "managers",
    "mod": "moderator",
    "mods": "moderators",
    "ops": "operations",
    "sci": "scientist",
    "sysadmin": "systems administrator",
    "sysadmins": "systems administrators",
    "swe": "software engineer",
    "swes": "software engineers",
    "biz": "business",
    "org": "organization",
    "comms": "communications",
    "lab": "laboratory",
    "lvl": "level",
    "mngr": "manager",
    "mngrs": "managers",
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
    "prez": "president",
    "prof": "professor",
    "profs": "professors",
    "prog": "programmer",
    "quant": "quantitative",
    "pentester": "penetration tester",
    "pentesters": "penetration testers",
}
"""Clipped words of job titles, spelt out."""

_AS_FIELDS = {
    "admin": "administration",
    "dev": "development",
    "developer": "development",
    "eng": "engineering",
    "engineer": "engineering",
    "tech": "technical",
}
"""What words are that only say of which field somebody is: eng managers, developer advocates."""


def nouns_like(noun: str) -> frozenset[str]:
    """Return the nouns that mean the same as one, itself among them; none where no other does."""
    return next((nouns for nouns in _ALIKE if noun in nouns), frozenset())


def spell_out(words: Sequence[str]) -> list[str]:
    """Return the words of a name in lower case with the clipped ones spelt out.

    A "tech" is a technician, a "dev" a developer and an "eng" an engineer, but before another
    occupation ("eng manager"), behind who heads it ("VP of eng") and in "biz dev" each is a field.
    """
    spelt: list[str] = []
    for place, written in enumerate(words):
        word = written.lower()
        following = words[place + 1].lower() if place + 1 < len(words) else ""
        is_modifier = singular(CLIPPINGS.get(following, following)) in OCCUPATION_NOUNS
        before = [item for item in spelt[-2:] if item != "of"]
        is_headed = "of" in spelt[-_MOST_WORDS_HEADED:] and _is_head(spelt)
        is_field = is_modifier or is_headed or (before and singular(before[-1]) in HEADS)
        if word in _AS_FIELDS and (is_field or before[-1:] == ["business"]):
            word = _AS_FIELDS[word]
        elif word in {"tech", "techs"}:
            word = word.replace("tech", "technician")
        base = word.removesuffix("s")
        plural = f"{CLIPPINGS[base]}s" if base in CLIPPINGS and base != word else word
        spelt.append(CLIPPINGS.get(word, plural))
    return spelt


def _is_head(words: Sequence[str]) -> bool:
    """Tell the "head of data" of a head of data engineering."""
    of = len(words) - 1 - words[::-1].index("of")
    return of > 0 and singular(words[of - 1]) in HEADS


_ENDINGS = (("s", ""), ("es", ""), ("ies", "y"), ("men", "man"), ("ives", "ife"))
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
