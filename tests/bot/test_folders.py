"""A question that names the folder guides lie in is answered from the guides in it alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.answers.conversation import Turn
from bot.answers.folders import Folders, blank_out, join_folders
from bot.answers.names_of_folders import NamesOfFolders
from bot.answers.replies import (
    Answer,
    Clarify,
    Comparison,
    NotCovered,
    OneReply,
    Reason,
    statements_of,
)
from bot.answers.reply_text import plain_text
from bot.answers.sources import Sources
from bot.answers.understanding import understand
from bot.answers.wording import ask_as_meant
from bot.application import Application
from bot.settings import Settings
from tests.index.fakes import write_guides

GUIDES = {
    "norvik/designer.md": (
        "# Designers\n\nDesigners at Norvik draw maps for hikers and sailors.\n\n"
        "## Tools\n\nThey draw with Figma and with a pencil.\n"
    ),
    "norvik/engineer.md": (
        "# Engineers\n\nEngineers keep the map servers running.\n\n"
        "## Pay\n\nEngineers earn 61,000 euros a year.\n"
    ),
    "quellbrook-labs/designer.md": (
        "# Designers\n\nDesigners shape the screens of heart monitors.\n\n"
        "## Tools\n\nThey sketch in Penpot and print in plastic.\n"
    ),
    "quellbrook-labs/engineer.md": (
        "# Engineers\n\nEngineers solder the monitors.\n\n## Levels\n\n"
        "- L1: Solders under a lens.\n- L2: Solders alone.\n- L3: Teaches soldering.\n"
    ),
    "quellbrook-paris/designer.md": (
        "# Designers\n\nDesigners set up the shop windows of Paris.\n\n"
        "## Tools\n\nThey cut with scissors.\n"
    ),
    "norvik/payroll/clerk.md": "# Clerk\n\nClerks at Norvik pay the wages on the last Friday.\n",
    "zorbex/developer.md": "# Developer\n\nDevelopers of Zorbex write games, and earn shells.\n",
    "zorbex/sites.md": "# Site Manager\n\nSite managers of Zorbex count the gulls.\n",
    "quellbrook-paris/shops.md": "# Shop Manager\n\nShop managers of Paris open the shutters.\n",
    "zorbex/tides.md": "# Tide Keeper (TK)\n\nTide keepers of Zorbex write down the tides.\n",
    "norvik/toll.md": "# Toll Keeper\n\nToll keepers lower the bar at night.\n",
    "zorbex/payroll/clerk.md": "# Clerk\n\nClerks of Zorbex pay in shells, each morning.\n",
    "bakery/baker.md": "# Baker\n\nBakers knead dough before dawn and mind the ovens.\n",
    "bakery/chemist.md": "# Chemist\n\nA chemist tests the flour. Kubernetes is not known.\n",
    "kubernetes/engineer.md": "# Engineers\n\nEngineers look after clusters day and night.\n",
    "norvik/cook.md": "# Cook\n\nCooks need no kubernetes, and no clusters.\n",
    "2024/cook.md": "# Cook\n\nCooks earn 24,000 euros.\n",
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder: Path = tmp_path_factory.mktemp("folders")
    application = Application(Settings(home=folder / "home"))
    application.build([write_guides(folder / "guides", GUIDES)])
    yield application
    application.close()


def _ask(application: Application, question: str, *before: str) -> OneReply:
    turns = tuple(Turn(role="user", text=text) for text in before)
    reply = application.assistant.reply(question, turns)
    assert isinstance(reply, Answer | Comparison | NotCovered)
    return reply


def _folders_quoted(reply: OneReply) -> set[str]:
    return {
        citation.document.split("/")[0]
        for statement in statements_of(reply)
        for citation in statement.citations
    }


@pytest.mark.parametrize(
    ("question", "folder"),
    [
        ("what tools do designers at Norvik use", "norvik"),
        ("WHAT TOOLS DO DESIGNERS AT NORVIK USE?", "norvik"),
        ("which tools do norvik designers use", "norvik"),
        ("what tools do designers at quellbrook labs use?", "quellbrook-labs"),
        ("what tools do designers at quellbrookparis use?", "quellbrook-paris"),
        (
            "what do Quellbrook Paris' designers or those at Quellbrook Paris cut",
            "quellbrook-paris",
        ),
        ("which tools do Quellbrook Labs designers use", "quellbrook-labs"),
        ("what are zorbex's clerks paid in", "zorbex"),
        ("when do clerks in payroll at Norvik pay wages", "norvik"),
        ("what do clerks of zorbex do", "zorbex"),
    ],
)
def test_only_guides_of_the_folder_answer(
    application: Application, question: str, folder: str
) -> None:
    reply = _ask(application, question)
    assert isinstance(reply, Answer)
    assert _folders_quoted(reply) == {folder}
    assert not reply.notices


@pytest.mark.parametrize(
    ("question", "before", "cited"),
    [
        ("what does the toll job at norvik involve", (), "norvik/toll.md"),
        ("what does tide @ zorbex do", (), "zorbex/tides.md"),
        ("cool, what does toll at norvik do", ("what does a baker do",), "norvik/toll.md"),
    ],
)
def test_a_word_that_one_role_there_has_is_that_role(
    application: Application, question: str, before: tuple[str, ...], cited: str
) -> None:
    reply = _ask(application, question, *before)
    assert {one.role for one in statements_of(reply)} <= {"Toll Keeper", "Tide Keeper"}
    assert {one.document for said in statements_of(reply) for one in said.citations} == {cited}


def test_the_place_is_no_part_of_what_is_asked(application: Application) -> None:
    def ask(sources: Sources) -> str:
        text = "what tools do designers at Norvik use"
        asked = ask_as_meant(understand(text, (), sources.finder, sources.speller))
        return "".join(asked.standalone[start:end] for start, end in asked.without_roles)

    assert application.assistant.read(ask).split() == "what tools do use".split()


@pytest.mark.parametrize(
    ("question", "place", "offered"),
    [
        ("what do designers at wuzzelby do", "wuzzelby", "what do designers do"),
        ("what do designers at Google do?", "Google", "what do designers do?"),
        ("What does a baker do at Wuzzelby?", "Wuzzelby", "What does a baker do?"),
        ("what do designers at wuzzelby's do, and when?", "wuzzelby", None),
    ],
)
def test_of_an_employer_that_no_guide_is_from_nothing_is_said(
    application: Application, question: str, place: str, offered: str | None
) -> None:
    reply = _ask(application, question)
    assert isinstance(reply, NotCovered)
    assert reply.reason is Reason.NO_GUIDE
    assert reply.text.startswith(f"There is no guide from {place}. There are guides from: ")
    assert "norvik" in reply.text
    if offered:
        assert reply.suggestions == (offered,)
    for suggestion in reply.suggestions:
        assert isinstance(application.assistant.reply(suggestion), Answer)


def test_such_an_employer_is_spoken_of_on(application: Application) -> None:
    reply = _ask(application, "and which tools do they use", "what do designers at wuzzelby do")
    assert isinstance(reply, NotCovered)
    assert "no guide from wuzzelby" in reply.text
    elsewhere = _ask(application, "and at norvik?", "which tools do designers at wuzzelby use")
    assert _folders_quoted(elsewhere) == {"norvik"}


def test_such_an_employer_is_a_side_that_nothing_is_said_of(application: Application) -> None:
    reply = _ask(application, "what do designers at wuzzelby and at norvik do, any difference?")
    assert isinstance(reply, Comparison)
    assert [(side.role, bool(side.statements)) for side in reply.sides] == [
        ("Designer at wuzzelby", False),
        ("Designer at norvik", True),
    ]


@pytest.mark.parametrize(
    "question",
    [
        "what do designers do at night",
        "what do designers do at uni",
        "what do designers do at 3am",
        "what do designers do at lunch",
        "what do designers do at lvl 2",
        "WHAT DO DESIGNERS DO AT LUNCH",
        "What Do Designers Do At Lunch",
    ],
)
def test_at_a_time_or_an_occasion_is_no_employer(application: Application, question: str) -> None:
    assert "no guide from" not in plain_text(_ask(application, question))


def test_what_is_off_topic_at_a_place_is_off_topic(application: Application) -> None:
    reply = _ask(application, "is it going to rain at Oslo tomorrow")
    assert isinstance(reply, NotCovered)
    assert reply.reason is Reason.OFF_TOPIC
    assert reply.question == "is it going to rain at Oslo tomorrow"


@pytest.mark.parametrize(
    "question", ["do cooks need clusters in 2024", "do cooks need kubernetes with clusters"]
)
def test_a_year_and_a_topic_are_no_places(application: Application, question: str) -> None:
    assert "norvik" in _folders_quoted(_ask(application, question))


def test_passages_of_other_folders_come_last(application: Application) -> None:
    reply = _ask(application, "what tools do designers at norvik use")
    folders = [hit.passage.document_id.split("/")[0] for hit in reply.hits]
    assert 0 < folders.count("norvik") < len(folders) == 10
    assert folders[: folders.count("norvik")] == ["norvik"] * folders.count("norvik")


def test_a_role_without_a_guide_there_is_not_answered_for_from_elsewhere(
    application: Application,
) -> None:
    reply = _ask(application, "what does a chemist do at Norvik")
    assert isinstance(reply, NotCovered)
    assert plain_text(reply).startswith("There is no guide about Chemist at Norvik.")


def test_a_name_is_that_of_the_role_which_is_there(application: Application) -> None:
    engineers = _ask(application, "what do developers at norvik earn")
    assert "61,000" in plain_text(engineers)
    assert "shells" in plain_text(_ask(application, "what do developers at zorbex earn"))
    assert "gulls" in plain_text(_ask(application, "what does an SM at zorbex do"))
    assert "shutters" in plain_text(_ask(application, "what does an SM at quellbrook paris do"))
    assert isinstance(application.assistant.reply("what does an SM do"), Clarify)


def test_letters_are_those_of_the_role_which_is_there(application: Application) -> None:
    assert "lower the bar" in plain_text(_ask(application, "what do TKs at norvik do"))
    assert "write down the tides" in plain_text(_ask(application, "what do TKs at zorbex do"))
    in_full = _ask(application, "what do tide keepers at norvik do")
    assert isinstance(in_full, NotCovered)


def test_what_is_offered_instead_is_answered_by_all_guides(application: Application) -> None:
    reply = _ask(application, "are engineers at norvik allowed to bring dogs")
    assert isinstance(reply, NotCovered)
    assert reply.suggestions
    for suggestion in reply.suggestions:
        assert "norvik" not in suggestion
        assert isinstance(application.assistant.reply(suggestion), Answer)


def test_levels_are_those_that_the_guides_there_tell(application: Application) -> None:
    reply = _ask(application, "which levels are there for engineers at quellbrook labs")
    assert _folders_quoted(reply) == {"quellbrook-labs"}
    assert "L2" in plain_text(reply)
    elsewhere = _ask(application, "which levels are there for engineers at norvik")
    assert "L2" not in plain_text(elsewhere)


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        (
            "how does an engineer at norvik differ from an engineer at quellbrook labs",
            [("Engineer at norvik", "norvik"), ("Engineer at quellbrook labs", "quellbrook-labs")],
        ),
        (
            "difference between designers at Norvik and Quellbrook Paris?",
            [
                ("Designer at Norvik", "norvik"),
                ("Designer at Quellbrook Paris", "quellbrook-paris"),
            ],
        ),
        (
            "norvik engineers vs zorbex clerks",
            [("Engineer at norvik", "norvik"), ("Clerk at zorbex", "zorbex")],
        ),
        ("clerk vs designer at norvik", [("Clerk", "norvik"), ("Designer", "norvik")]),
        (
            "should i be a chemist or an engineer at norvik",
            [("Chemist", "bakery"), ("Engineer", "norvik")],
        ),
        (
            "does a chemist earn as much as norvik's engineers",
            [("Engineer at norvik", "norvik")],
        ),
        ("an engineer vs a chemist at norvik", [("Engineer", "norvik")]),
        (
            "is what zorbex says of clerks different from norvik",
            [("Clerk at zorbex", "zorbex"), ("Clerk at norvik", "norvik")],
        ),
        (
            "who earns more, a clerk in zorbex or norvik",
            [("Clerk at zorbex", "zorbex"), ("Clerk at norvik", "norvik")],
        ),
        (
            "what does an engineer do at norvik compared to quellbrook labs",
            [("Engineer at norvik", "norvik"), ("Engineer at quellbrook labs", "quellbrook-labs")],
        ),
    ],
)
def test_each_side_of_a_comparison_is_asked_of_its_folder(
    application: Application, question: str, sides: list[tuple[str, str]]
) -> None:
    reply = _ask(application, question)
    assert isinstance(reply, Comparison)
    found = [
        (side.role, citation.document.split("/")[0])
        for side in reply.sides
        for statement in side.statements
        for citation in statement.citations
    ]
    assert list(dict.fromkeys(found)) == sides


@pytest.mark.parametrize(
    ("before", "question", "folder", "standalone"),
    [
        (
            "what do designers at quellbrook labs do",
            "and which tools do they use?",
            "quellbrook-labs",
            "and which tools do Designer use at quellbrook labs?",
        ),
        (
            "which tools do designers at quellbrook labs use",
            "and at norvik?",
            "norvik",
            "which tools do Designer use at norvik",
        ),
        (
            "which tools do Norvik designers use",
            "what about Quellbrook Labs?",
            "quellbrook-labs",
            "which tools do Designer use at Quellbrook Labs",
        ),
        (
            "which tools do designers use at norvik?",
            "AND WITHIN QUELLBROOK PARIS?",
            "quellbrook-paris",
            "which tools do Designer use at QUELLBROOK PARIS?",
        ),
        (
            "what do designers at norvik do",
            "what does a chemist do",
            "bakery",
            "what does a chemist do",
        ),
    ],
)
def test_what_follows_stays_there_or_goes_elsewhere(
    application: Application, before: str, question: str, folder: str, standalone: str
) -> None:
    reply = _ask(application, question, before)
    assert _folders_quoted(reply) == {folder}
    assert reply.standalone_question == standalone


@pytest.mark.parametrize("before", ["thanks", "is there parking?", "hello", "tell me about maps"])
def test_a_folder_alone_may_follow_anything(application: Application, before: str) -> None:
    reply = _ask(application, "and at norvik?", before)
    assert reply.standalone_question.rstrip("?").endswith("at norvik")
    assert reply.hits[0].passage.document_id.startswith("norvik/")


EVERYDAY = frozenset("marketing two rivers engineer home labs acme".split())
IDS = [
    "marketing/a.md",
    "zorbex/b.md",
    "two-rivers/c.md",
    "engineer/d.md",
    "home/e.md",
    "bank-of-the-very-old-narrows/f.md",
    "straße/g.md",
    "c++/h.md",
    "acme/zorbex/i.md",
    "j.md",
]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("what does an engineer do at marketing", "a"),
        ("what does an engineer do in marketing", None),
        ("the marketing engineer", None),
        ("can i work at home", None),
        ("is there coffee in zorbex", "bi"),
        ("which zorbex engineer is on call", "bi"),
        ("does zorbex pay", "bi"),
        ("zorbex?", "bi"),
        ("at zorbexes", None),
        ("zorbex: who is on call", "bi"),
        ("marketing: who is on call", None),
        ("who is on call (zorbex: today)", None),
        ("@zorbex: who is on call", "bi"),
        ("how is @marketing different from @zorbex", "abi"),
        ("is it better at marketing or zorbex", "abi"),
        ("who is in zorbex at acme", "i"),
        ("who works at Two Rivers", "c"),
        ("who works at the tworivers", "c"),
        ("who works in two rivers", None),
        ("who works in tworivers", "c"),
        ("who works at the rivers", None),
        ("pay at Bank of the very old Narrows", "f"),
        ("rent in STRASSE", "g"),
        ("pay at c++", "h"),
        ("what is it like in the engineer", None),
    ],
)
def test_everyday_words_name_a_folder_behind_at_alone(question: str, found: str | None) -> None:
    def find_common(words: Sequence[str]) -> list[str]:
        return [word for word in words if word in EVERYDAY]

    names = NamesOfFolders(
        IDS,
        words_of_roles=["engineer"],
        find_common=find_common,
        holds_most=lambda *_: True,
        is_proper=lambda _: None,
        occurs=lambda _: True,
        find_holders=lambda _: frozenset(),
    )
    folders = Folders(names)
    mentions = folders.find(question, lambda text: {text.find("engineer")})
    folder = join_folders(mentions)
    wanted = {id_ for id_ in IDS if found and id_.removesuffix(".md")[-1] in found}
    assert (set(folder.documents) if folder else set()) == wanted
    blank = blank_out(question, mentions)
    assert len(blank) == len(question)
    assert folder is None or folder.name.split(" and ")[0] not in blank


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("pay at made tech", "a"),
        ("made tech engineer pay", "a"),
        ("is an engineer in london paid more than in rivers", ""),
        ("how is an engineer in london different to the austin one", "bce"),
        ("how is an engineer in london different to one by the rivers", ""),
        ("pay at Kiel", "e"),
        ("pay at the ministry of odd justice", "f"),
        ("pay at the mighty old jam factory", "f"),
        ("pay in the ministry of odd justice", ""),
        ("pay at madet", "a"),
        ("pay in madet", ""),
        ("pay at mad", ""),
        ("the ministry of justice at lunch", ""),
        ("pay in Kiel", ""),
        ("is the pay better at london than kiel", "be"),
        ("is the pay better at london than for a cook", "b"),
    ],
)
def test_places_are_known_by_more_where_two_are_compared(question: str, found: str) -> None:
    names = NamesOfFolders(
        [
            "madetech/a.md",
            "london/b.md",
            "austin/c.md",
            "rivers/d.md",
            "austin/kiel-e.md",
            "moj/f.md",
        ],
        words_of_roles=["engineer", "cook"],
        find_common=lambda words: [
            word for word in words if word not in {"madetech", "madet", "kiel"}
        ],
        holds_most=lambda word, _: word != "london",
        is_proper=lambda word: {"austin": True, "london": None}.get(word, False),
        occurs=lambda word: word != "madet",
        find_holders=lambda _: frozenset(),
    )
    folders = Folders(names)
    mentions = folders.find(question, lambda text: {text.find("engineer")})
    documents = {id_ for mention in mentions for id_ in mention.folder.documents}
    assert "".join(sorted(id_.removesuffix(".md")[-1] for id_ in documents)) == found


def test_a_word_that_most_guides_use_is_no_name_of_a_folder() -> None:
    asked: list[str] = []

    def holds_most(word: str, documents: frozenset[str]) -> bool:
        asked.append(word)
        return "zorbex/a.md" in documents

    names = NamesOfFolders(
        ["zorbex/a.md", "kubernetes/b.md"],
        words_of_roles=[],
        find_common=lambda _: [],
        holds_most=holds_most,
        is_proper=lambda _: None,
        occurs=lambda _: True,
        find_holders=lambda _: frozenset(),
    )
    folders = Folders(names)
    for _ in range(3):
        assert folders.find("pay in zorbex", lambda _: ())
        assert not folders.find("is a degree in kubernetes needed", lambda _: ())
        assert folders.find("pay at kubernetes", lambda _: ())
    assert asked == ["zorbex", "kubernetes"]


def test_parts_of_one_employer_leave_other_names_alone() -> None:
    names = NamesOfFolders(
        ["marketing/a.md", "sales/b.md", "zorbex/c.md"],
        words_of_roles=[],
        find_common=lambda words: [word for word in words if word in {"marketing", "sales"}],
        holds_most=lambda *_: True,
        is_proper=lambda _: None,
        occurs=lambda _: False,
        find_holders=lambda _: frozenset(),
    )
    folders = Folders(names)
    assert folders.employers == ()
    assert not folders.find("who works at Wuzzelby", lambda _: ())


def test_a_folder_that_holds_everything_says_nothing() -> None:
    names = NamesOfFolders(
        ["zorbex/a.md", "zorbex/b.md"],
        words_of_roles=[],
        find_common=lambda _: [],
        holds_most=lambda *_: True,
        is_proper=lambda _: None,
        occurs=lambda _: False,
        find_holders=lambda _: frozenset(),
    )
    folders = Folders(names)
    assert folders.find("who works at zorbex", lambda _: ()) == []


@pytest.mark.parametrize(
    "question",
    [
        "what does a designer draw on a norvik project",
        "designers @ norvik, what do they draw",
        "what do designers on the norvik team draw",
    ],
)
def test_a_folder_is_asked_by_its_own_name_beside_what_is_of_it(
    application: Application, question: str
) -> None:
    reply = _ask(application, question)
    assert {citation.document for one in statements_of(reply) for citation in one.citations} == {
        "norvik/designer.md"
    }
