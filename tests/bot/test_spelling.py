"""Words that nobody uses are mended where one that is used is near."""

from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.answers.spelling import Speller, _forms_of

WORDS = frozenset("pipeline pipelines engineer engine salary stakeholder python data tools".split())
KNOWN = frozenset({"responsibilities", "salaries", "of", "zorbexy0"})


class Words:
    """A lexicon in memory that remembers what it was asked."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)
        self.asked: list[str] = []

    def has_word(self, word: str) -> bool:
        self.asked.append(word)
        return word in self.words

    def words_like(self, first: str, shortest: int, longest: int) -> list[str]:
        return [
            word for word in self.words if word[0] == first and shortest <= len(word) <= longest
        ]


def _common(*words: str) -> Callable[[Sequence[str]], list[str]]:
    return lambda asked: [word for word in asked if word in words]


def _mend(text: str) -> str:
    common = _common("pay", "forever", "training", "wireframe", "welded")
    return Speller(Words(WORDS), KNOWN, common).mend(text)


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("what are the responsiblities", "what are the responsibilities"),
        ("Salray?", "Salary?"),
        ("stkaehodler", "stakeholder"),
        ("pipelins and pipeline", "pipelines and pipeline"),
        ("enginer", "engineer"),
        ("data tools", "data tools"),
        ("dta", "dta"),
        ("xalary", "xalary"),
        ("slry", "slry"),
        ("PYTHN", "PYTHN"),
        ("PyThn", "PyThn"),
        ("pythn3, pythn-like", "python3, python-like"),
        ("the zorbexy0 tools", "the zorbexy0 tools"),
        ("data v tools, pay v. tools", "data vs tools, pay vs tools"),
        ("v of data, tools v 2, a v", "v of data, tools v 2, a v"),
        ("Überzeugng", "Überzeugng"),
        ("", ""),
        ("arent they", "arent they"),
        ("forver", "forever"),
        ("retraining", "retraining"),
        ("wireframes", "wireframes"),
        ("a welder", "a welder"),
    ],
)
def test_slips_are_mended_and_the_rest_is_left(typed: str, mended: str) -> None:
    assert _mend(typed) == mended


def test_a_common_word_is_right_though_no_guide_uses_it() -> None:
    speller = Speller(Words(["salary"]), frozenset(), _common("celery"))
    assert speller.mend("celery salery") == "celery salary"


def test_words_written_together_and_words_that_are_right_are_no_slips() -> None:
    common = _common("front", "frond", "backed", "back", "fronted", "amin", "per", "develop")
    speller = Speller(Words(["developer", "end"]), frozenset(), common, right={"admin"})
    assert speller.mend("frontend backend admin") == "frontend backend admin"
    assert speller.mend("developper") == "developer"  # not "develop per"
    assert speller.mend("admino") == "admino"  # what is right is not what a slip stands for


def test_another_letter_makes_no_common_word_that_the_guides_lack() -> None:
    speller = Speller(Words(["salary"]), frozenset(), _common("reactors", "meeting"))
    assert speller.mend("realtors meeitng meetting") == "realtors meeting meeting"
    assert Speller(Words(["reactors"]), frozenset(), _common()).mend("realtors") == "reactors"


def test_letters_that_changed_places_are_put_back_first() -> None:
    speller = Speller(Words(["chef"]), frozenset(), _common("chief"))
    assert speller.mend("cheif") == "chief"
    speller = Speller(Words(["carrier", "career"]), frozenset(), _common())
    assert speller.mend("carreer") == "career"


def test_a_word_of_a_roles_name_is_meant_before_others() -> None:
    words = Words(["finance", "officer"])
    assert Speller(words, frozenset(), _common("fiance")).mend("finace") == "fiance"
    speller = Speller(words, frozenset(), _common("fiance"), of_names={"finance"})
    assert speller.mend("finace") == "finance"


def test_a_word_is_looked_up_once() -> None:
    lexicon = Words(WORDS)
    speller = Speller(lexicon, KNOWN, _common())
    for _ in range(3):
        assert speller.mend("pythn salaries Pythn tools") == "python salaries Python tools"
    assert lexicon.asked == ["pythn", "tools"]


_NEAR_WORDS = st.text("aeb", min_size=5, max_size=9).map(lambda letters: f"s{letters}")


@given(words=st.sets(_NEAR_WORDS), known=st.frozensets(_NEAR_WORDS), typed=_NEAR_WORDS)
def test_no_word_is_nearer_than_the_one_found(
    words: set[str], known: frozenset[str], typed: str
) -> None:
    mended = Speller(Words(words), known, _common()).mend(typed)
    distances = [OSA.distance(typed, word) for word in words | known]
    allowed = 2 if len(typed) >= 8 else 1
    is_form_of_one = any(stem in words | known for stem in _forms_of(typed))
    assert OSA.distance(typed, mended) == (
        0 if is_form_of_one or min(distances, default=9) > allowed else min(distances)
    )
    assert mended in {typed, *words, *known}


@pytest.mark.parametrize(
    ("typed", "mended"),
    [("wrok", "wrok"), ("wokrs", "works"), ("salry", "salary"), ("skils", "skills")],
)
def test_short_words_are_mended_where_the_slip_is_plain(typed: str, mended: str) -> None:
    words = {"works", "salary", "skills", "lowly", "intra", "scrub", "played"}
    speller = Speller(Words(words), frozenset({"should"}), _common())
    assert speller.mend(typed) == mended
    assert speller.mend("shoud") == "should"
    assert speller.mend("lorry infra scrum payed") == "lorry infra scrum payed"
