"""What a question means: its roles, its kind, its stand-alone wording."""

from collections.abc import Callable, Sequence

import pytest

from bot.answers.conversation import Turn
from bot.answers.mentions import RoleFinder
from bot.answers.question import Question, QuestionKind
from bot.answers.spelling import Speller
from bot.answers.understanding import understand
from index.searching.lexical import STOP_WORDS
from index.snapshots.stored import StoredRole

NAMES = ("Data Engineer", "Nurse", "Site Reliability Engineer", "Technical Writer", "Engineer")
ROLES = tuple(
    StoredRole(position=position, name=name, aliases=(), has_guide=True)
    for position, name in enumerate(NAMES)
)


class _AnyWord:
    """A lexicon of guides that use every word."""

    def has_word(self, word: str) -> bool:
        return True

    def words_like(self, first: str, shortest: int, longest: int) -> list[str]:
        return []


FINDER = RoleFinder(ROLES)


def _understand(text: str, *earlier: str, finder: RoleFinder = FINDER) -> Question:
    conversation = tuple(
        turn
        for question in earlier
        for turn in (Turn(role="user", text=question), Turn(role="assistant", text="So it is."))
    )
    nothing: Callable[[Sequence[str]], list[str]] = lambda words: []  # noqa: E731
    return understand(text, conversation, finder, Speller(_AnyWord(), STOP_WORDS, nothing))


def _names(question: Question) -> list[str]:
    return [subject.name for subject in question.subjects]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("what does a tech writer do", ["Technical Writer"]),
        ("I'm not a born salesman, do nurses sell", ["Nurse"]),
        ("SRE pay?", ["Site Reliability Engineer"]),
        ("nurses or data engineers", ["Nurse", "Data Engineer"]),
        ("do customer engineers code", ["customer engineers"]),
        ("do ward nurses work nights", ["Nurse"]),
        ("do good engineers code", ["Engineer"]),
        ("do you have to be a nurse before you can be a technical writer", ["Technical Writer"]),
        ("do you have to be a nurse", ["Nurse"]),
        ("who supervises nurses", ["Nurse"]),
        ("how come nurses work nights", ["Nurse"]),
        ("are there full stack coders", ["full stack coders"]),
        ("been a plumber for years, what do nurses earn", ["Nurse"]),
        ("been a senior plumber for years, may i apply", []),
    ],
)
def test_roles_are_recognised(text: str, names: list[str]) -> None:
    assert _names(_understand(text)) == names


@pytest.mark.parametrize(
    ("text", "names", "choices"),
    [
        (
            "PM vs nurse",
            ["Product Manager", "Project Manager", "Nurse"],
            ["Product Manager", "Project Manager"],
        ),
        (
            "how is a nurse different from a pm",
            ["Nurse", "Product Manager", "Project Manager"],
            ["Product Manager", "Project Manager"],
        ),
        ("what does a PM do", [], ["Product Manager", "Project Manager"]),
        ("does a nurse report to a PM", ["Nurse"], []),
    ],
)
def test_each_role_that_letters_may_mean_is_compared(
    text: str, names: list[str], choices: list[str]
) -> None:
    roles = [
        StoredRole(position=position, name=name, aliases=(), has_guide=True)
        for position, name in enumerate(["Product Manager", "Project Manager", "Nurse"])
    ]
    question = _understand(text, finder=RoleFinder(roles))
    assert _names(question) == names
    assert [role.name for role in question.choices] == choices


def test_acronyms_stand_in_full_in_the_standalone_question() -> None:
    question = _understand("what does an SRE do")
    assert question.standalone == "what does an Site Reliability Engineer do"
    [(start, end)] = question.role_spans
    assert question.standalone[start:end] == "Site Reliability Engineer"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("how is a nurse different from an EMT", ["Nurse", "EMT"]),
        ("data engineer vs plumber", ["Data Engineer", "plumber"]),
        ("what do nurses use and what do data engineers use", ["Nurse", "Data Engineer"]),
        ("is a nurse the same thing as a medic", ["Nurse", "medic"]),
        ("which training is longer, nurse or cabin crew", ["Nurse", "cabin crew"]),
        ("who earns more, a first officer or a nurse", ["first officer", "Nurse"]),
        ("sampler or data engineer, which one works nights?", ["sampler", "Data Engineer"]),
    ],
)
def test_what_is_compared_is_a_side_be_it_known_or_not(text: str, names: list[str]) -> None:
    question = _understand(text)
    assert question.kind is QuestionKind.COMPARISON
    assert _names(question) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("i'm a nurse, could i move to data engineering", ["Data Engineer"]),
        ("switching from being a midwife, is technical writer a good fit", ["Technical Writer"]),
        ("do i have to be an accountant to apply", []),
        ("i was a plumber for years, may i apply", []),
        ("i'm a plumber, could i do this job", []),
        ("what do I need to be a plumber", ["plumber"]),
        ("what would i earn if i was a plumber", ["plumber"]),
        ("how hard is it moving from nurse to data engineer?", ["Data Engineer"]),
        ("I'm a data engineer. How does a nurse differ from me?", ["Data Engineer", "Nurse"]),
        ("I'm a nurse or data engineer, which pays more?", ["Nurse", "Data Engineer"]),
        ("how often would i see the nurse as a data engineer", ["Data Engineer"]),
        ("would i earn more as a nurse or as a data engineer", ["Nurse", "Data Engineer"]),
        ("what is your plumber salary", ["plumber"]),
        ("do data engineers need a master's degree", ["Data Engineer"]),
        ("is it better to be a nurse or study law?", ["Nurse"]),
        ("who hires nurses or fires them?", ["Nurse"]),
        ("which certificate for a nurse, or none at all?", ["Nurse"]),
        ("i'm a nurse, what should i learn", ["Nurse"]),
        ("i'm a plumber, what should i learn", ["plumber"]),
        ("which tools or habits does a nurse need", ["Nurse"]),
        ("does a nurse or anyone check it", ["Nurse"]),
    ],
)
def test_who_asks_is_not_who_is_asked_about(text: str, names: list[str]) -> None:
    assert _names(_understand(text)) == names


def test_two_roles_are_not_always_compared() -> None:
    assert _understand("do nurses report to a data engineer").kind is QuestionKind.ONE_ROLE
    asked_twice = (
        "what does the nurse do on a long night shift in winter, and what does the data engineer do"
    )
    assert _understand(asked_twice).kind is QuestionKind.COMPARISON


def test_what_is_asked_of_each_side_stands_without_the_words_that_compare() -> None:
    assert _understand("nurse vs data engineer, who earns more").compared == "who earns more"
    assert _understand("nurse vs data engineer at Larkfell").compared == "what do they do"


def test_why_asks_the_question_before_on() -> None:
    question = _understand("why", "are nurses stressed")
    assert _names(question) == ["Nurse"]
    assert question.standalone == "why are nurses stressed"


@pytest.mark.parametrize(
    ("text", "earlier", "names"),
    [
        ("what about the other one", ("nurse vs SRE", "what does an SRE earn"), ["Nurse"]),
        ("does the other one need a degree", ("nurse vs SRE", "SRE pay?"), ["Nurse"]),
        (
            "where could i possibly go from there after two or three years",
            ("nurse pay?",),
            ["Nurse"],
        ),
        ("how much may she spend", ("what does a nurse do",), ["Nurse"]),
        ("do they manage other engineers", ("what does a nurse do",), ["Engineer"]),
    ],
)
def test_what_is_pointed_to_was_spoken_of(
    text: str, earlier: tuple[str, ...], names: list[str]
) -> None:
    assert _names(_understand(text, *earlier)) == names


def test_the_question_is_asked_of_the_other_one_again() -> None:
    question = _understand("and the other one?", "nurse vs SRE", "what does an SRE earn")
    assert question.standalone == "what does Nurse earn"


def test_another_topic_is_not_dragged_back() -> None:
    question = _understand("ok different question, what does a nurse do", "what is an SRE")
    assert _names(question) == ["Nurse"]
    assert question.kind is QuestionKind.ONE_ROLE
    assert question.standalone == "what does a nurse do"


def test_an_earlier_question_without_a_role_counts_beside_this_one() -> None:
    question = _understand("who else joins them", "how does backlog refinement go")
    assert question.background == "how does backlog refinement go"
    assert not question.needs_role


def test_one_person_is_no_role_that_is_pointed_to() -> None:
    assert (
        "one person" in _understand("can one person do both", "nurse vs data engineer").standalone
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("do they work with plumbers", ["Nurse"]),
        ("how often do they see their engineer", ["Nurse"]),
        ("do they work with engineers", ["Engineer"]),
        ("can it lead to a job as a plumber", ["Nurse"]),
        ("what does a plumber do", ["plumber"]),
        ("and plumbers, do they wear uniforms", ["plumbers"]),
    ],
)
def test_what_is_said_of_the_role_before_is_asked_of_it(text: str, names: list[str]) -> None:
    assert _names(_understand(text, "what does a nurse do")) == names


LEADERS = RoleFinder(
    [
        StoredRole(position=position, name=name, aliases=aliases, has_guide=True)
        for position, (name, aliases) in enumerate(
            [
                ("Director of Engineering", ()),
                ("VP Engineering", ()),
                ("Engineering Manager", ("EM",)),
                ("Accounts Payable Analyst", ()),
                ("Newsletter Editor", ()),
                ("Accounts Payable Manager", ()),
                ("Staff Contact", ()),
                ("Group Captain", ()),
                ("Localisation Tester", ()),
                ("SDR", ()),
                ("Principal Designer", ()),
                ("Designer", ()),
                ("Carpenter", ()),
                ("Trader", ()),
            ]
        )
    ]
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("what does the engineering director do", ["Director of Engineering"]),
        ("VP of eng vs eng manager", ["VP Engineering", "Engineering Manager"]),
        ("vp eng pay", ["VP Engineering"]),
        ("director and VP of engineering", ["Director of Engineering", "VP Engineering"]),
        (
            "accounts payable analyst or manager, who pays",
            ["Accounts Payable Analyst", "Accounts Payable Manager"],
        ),
        ("captain and staff contact, who does what", ["Group Captain", "Staff Contact"]),
        ("does the captain eat", ["Group Captain"]),
        ("captain what does that mean", []),
        ("how do I get into carpentry", ["Carpenter"]),
        (
            "carpentry or accounts payable analysis, who earns more",
            ["Carpenter", "Accounts Payable Analyst"],
        ),
        ("is there a trade", []),
        ("does an l10n tester travel", ["Localisation Tester"]),
        ("what quota has a sales dev rep", ["SDR"]),
        ("do developer advocates code", ["developer advocates"]),
    ],
)
def test_roles_are_found_as_people_turn_their_names(text: str, names: list[str]) -> None:
    assert _names(_understand(text, finder=LEADERS)) == names


@pytest.mark.parametrize(
    ("before", "text", "names"),
    [
        ("what does an engineering manager earn", "and the director?", ["Director of Engineering"]),
        ("what does an AP analyst earn", "what about the manager", ["Accounts Payable Manager"]),
        ("what does a designer earn", "and principal?", ["Principal Designer"]),
        ("what does a designer earn", "and the payable one?", ["Designer"]),
        ("what does a designer earn", "ok and the newsletter one", ["Newsletter Editor"]),
        ("what does a designer earn", "and the weather?", ["Designer"]),
    ],
)
def test_a_follow_up_may_say_one_word_of_a_role(before: str, text: str, names: list[str]) -> None:
    assert _names(_understand(text, before, finder=LEADERS)) == names


@pytest.mark.parametrize("text", ["how long does that take", "what does it cost"])
def test_what_takes_time_or_money_is_no_role(text: str) -> None:
    question = _understand(text, "what does a nurse do")
    assert _names(question) == ["Nurse"]
    assert question.standalone == f"{text} (Nurse)"


@pytest.mark.parametrize(
    "text", ["with which doctors", "with what kind of doctors do they work", "which doctors?"]
)
def test_who_is_asked_for_is_not_whom_a_follow_up_is_about(text: str) -> None:
    assert _names(_understand(text, "what does a nurse do")) == ["Nurse"]


@pytest.mark.parametrize("text", ["who keeps the minutes then", "and who's paying for lunch"])
def test_who_does_something_may_be_another(text: str) -> None:
    question = _understand(text, "what does a data engineer do")
    assert question.follows_up
    assert (question.subjects, question.background) == ((), "what does a data engineer do")


@pytest.mark.parametrize(
    "text", ["who do they report to", "who else", "who is it for", "who trains them"]
)
def test_who_somebody_works_with_is_asked_of_the_role(text: str) -> None:
    question = _understand(text, "what does a data engineer do")
    assert [subject.name for subject in question.subjects] == ["Data Engineer"]


def test_what_follows_is_about_the_role_again() -> None:
    earlier = ("what does a data engineer do", "who keeps the minutes then")
    assert [subject.name for subject in _understand("and the pay?", *earlier).subjects] == [
        "Data Engineer"
    ]
    turned = (*earlier, "different topic, when is lunch", "who cooks it then")
    assert _understand("and the price?", *turned).subjects == ()
