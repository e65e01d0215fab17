"""What a question wants an amount of – time, money, age, people – and which sentences tell one.

"How long is the term" is answered by "for two years", not by what else is said of terms.
"""

import re
from dataclasses import dataclass
from enum import Enum

from index.searching.lexical import terms_of


class Amount(Enum):
    """What may be wanted an amount of."""

    AGE = "age"
    TIME = "time"
    MONEY = "money"
    SHARE = "share"
    DATE = "date"
    COUNT = "count"


_UNITS = (
    r"(?:seconds?|minutes?|mins?|hours?|hrs?|days?|nights?|weeks?|weekends?|months?|quarters?"
    r"|years?|yrs?|terms?|semesters?|seasons?|shifts?)"
)
_NUMBER_WORDS = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty"
    r"|forty|fifty|sixty|ninety|hundred|dozen|half|several|few|couple)"
)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# The first that fits tells what is wanted.
_WANTED = {
    Amount.AGE: _pattern(
        r"\bhow (?:old|young)\b|\bold enough\b|\b(?:what|which|minimum) age\b|\bage limit\b"
    ),
    Amount.TIME: _pattern(
        r"\bhow (?:long|often|soon|frequently)\b"
        rf"|\bhow (?:many|much) (?:\w+ ){{0,2}}?(?:{_UNITS}|time)\b"
        r"|\b(?:which|what|working|training|office) (?:hours|hrs)\b"
        r"|\b(?:hours|hrs) (?:a|per) (?:day|week|month)\b"
        r"|\btime commitment\b|\b(?:full|part)[ -]?time\b"
    ),
    Amount.MONEY: _pattern(
        r"\bsalar(?:y|ies)\b|\b(?<!who )pays?\b|\bearn(?:s|ed|ing|ings)?\b|\bwages?\b|\bstipends?\b"
        r"|\bpa(?:id|yed)\b(?! (?:\w+ )?(?:leave|holidays?|vacations?|time off|sick))|\bcosts?\b"
        r"|\bhow much (?:do|does|did|would|will|can|could)\b.*\b(?:make|get|charge)\b"
        r"|\b(?:any|extra|much|more) money\b|\bfor free\b"
    ),
    Amount.SHARE: _pattern(r"\b(?:what|which) (?:percent\w*|share)\b|\bpercentage\b"),
    Amount.DATE: _pattern(
        r"\b(?:which|what) (?:months?|days?|weekdays?|dates?|year|time)\b|\bdeadline\b|\bby when\b"
    ),
    Amount.COUNT: _pattern(r"\bhow (?:many|big|large)\b|\bnumber of\b"),
}
# What tells an amount without a figure, and figures that do.
_WORDS = {
    amount: frozenset(terms_of(words))
    for amount, words in {
        Amount.AGE: "age aged old older minor minors adult adults",
        Amount.TIME: "daily fortnightly annual annually permanent temporary ongoing indefinite",
        Amount.MONEY: """
            paid unpaid voluntary pay payment salary wage stipend honorarium compensation
            compensated remuneration remunerated earn earns earnings bonus
            """,
        Amount.SHARE: "percent third quarter majority",
        Amount.DATE: """
            january february april june july august september october november december monday
            tuesday wednesday thursday friday saturday sunday weekday weekend spring summer autumn
            winter morning afternoon evening noon midnight
            """,
        Amount.COUNT: "",
    }.items()
}
_FIGURES = {
    Amount.AGE: _pattern(
        r"\b(?:over|under) (?:the )?\d|\b\d\d ?(?:\+|or o)|\d(?:st|nd|rd|th) grade"
    ),
    Amount.TIME: _pattern(r"\d ?[ap]\.?m\b|\d:\d\d|\d ?%"),
    Amount.MONEY: re.compile(
        r"[$£€¥₹] ?\d|\b[A-Z]{2,3} ?\d{1,3},\d{3}|\b\d[\d,.]*[kK]\b"
        r"|\d ?(?i:euros?|dollars?|pounds|francs|rupees)\b"
        r"|\d ?(?i:an?|per|/) ?(?i:hour|hr|day|week|month|year|annum)\b"
    ),
    Amount.SHARE: re.compile(r"\d ?%"),
    Amount.DATE: _pattern(
        r"\d ?[ap]\.?m\b|\d:\d\d|\b(?:19|20)\d\d\b|\b(?:march|may) \d|\d (?:of )?(?:march|may)\b"
    ),
}
_DIGIT = re.compile(r"\d")
_NUMBER = _pattern(rf"\d+|\b{_NUMBER_WORDS}\b")
# "18 years of age" is no time.
_UNIT = _pattern(
    rf"\b{_UNITS}\b(?! (?:of age|old)\b)|(?<=full[ -])time\b|(?<=part[ -])time\b"
    r"|(?P<rhythm>\b(?:week|month|quarter|year)ly\b)"
)
_TERMS_OF_UNITS = frozenset(
    terms_of(
        """
        second minute min hour hr day night week weekend month quarter year yr term semester season
        shift time
        """
    )
)
_NUMBER_BEFORE_UNIT = _pattern(
    rf"(?:\d|\b(?:{_NUMBER_WORDS}|per|each|every|full|part|whole)\b)[^.;,]{{0,15}}$"
)
_REACH_BEFORE_UNIT = 24
_COUNTED = _pattern(r"\b(?:how many|number of)\s+((?:\w+\s*){1,3})")
_PEOPLE = _pattern(
    r"\b(?:ppl|people|persons?|members?|reports?|staff|team|students?|learners?|kids)\b"
)
_REACH_OF_NUMBER = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAmount:
    """The amount that a question wants; `counted` are the terms of what is counted."""

    amount: Amount
    counted: frozenset[str] = frozenset()
    counts_people: bool = False

    def is_told_in(self, sentence: str, terms: frozenset[str]) -> bool:
        """Tell whether a sentence, whose terms are given, tells such an amount."""
        if not terms.isdisjoint(_WORDS[self.amount]):
            return True
        if self.amount is Amount.COUNT:
            if self.counted and self.counted.isdisjoint(terms) and not self.counts_people:
                return False
            return any(self._is_counted(sentence, one.end()) for one in _NUMBER.finditer(sentence))
        if _DIGIT.search(sentence) and _FIGURES[self.amount].search(sentence):
            return True
        return (
            self.amount is Amount.TIME
            and not terms.isdisjoint(_TERMS_OF_UNITS)
            and any(
                one["rhythm"] is not None
                or _NUMBER_BEFORE_UNIT.search(
                    sentence[max(0, one.start() - _REACH_BEFORE_UNIT) : one.start()]
                )
                for one in _UNIT.finditer(sentence)
            )
        )

    def _is_counted(self, sentence: str, end: int) -> bool:
        """Tell whether what stands behind a number is what is counted."""
        if not self.counted:
            return True
        near = sentence[end : end + _REACH_OF_NUMBER]
        return not self.counted.isdisjoint(terms_of(near)) or (
            self.counts_people and _PEOPLE.search(near) is not None
        )


def wanted_amount(question: str) -> WantedAmount | None:
    """Return what a question wants an amount of: "how many days" of time; none for most."""
    amount = next((one for one, wanted in _WANTED.items() if wanted.search(question)), None)
    if amount is None:
        return None
    counted = _COUNTED.search(question) if amount is Amount.COUNT else None
    return WantedAmount(
        amount=amount,
        counted=frozenset(terms_of(counted[1])) if counted else frozenset(),
        counts_people=counted is not None and _PEOPLE.search(counted[1]) is not None,
    )
