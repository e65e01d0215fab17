"""What the assistant replies: an answer, a comparison, a question back, or a refusal."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from index.searching.search import Hit

_ENDS_OF_SENTENCES = (".", "?", "!", "。", "？", "！")
_MARK_OF_ITEM = re.compile(r"[-*+•|]|\d+[.)]\s")
_WIDEST_BREAK = 2
"""Between two sentences of a text there is a space, or an empty line."""


class Outcome(StrEnum):
    """What came of a question."""

    ANSWER = "answer"
    COMPARISON = "comparison"
    CLARIFY = "clarify"
    NOT_COVERED = "not_covered"


class Reason(StrEnum):
    """Why a question was not answered."""

    OFF_TOPIC = "off_topic"
    NOT_SAID = "not_said"
    NO_GUIDE = "no_guide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A quote and where it stands: `document.text[start:end] == quote`."""

    document: str
    title: str
    heading: str
    start: int
    end: int
    quote: str
    page: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing said: quotes shown without markup, and the role that they are about.

    A list item is shown with the line that introduces it, and what answers a question of the guide
    with that question; so `lead` then comes before `texts`.
    """

    texts: tuple[str, ...]
    citations: tuple[Citation, ...]
    role: str | None = None
    lead: str | None = None

    @property
    def text(self) -> str:
        """Return the statement on one line."""
        if self.is_prose:
            return f"{self.lead} {''.join(self._sentences())}"
        joined = "; ".join(text.rstrip(";") for text in self.texts)
        return f"{self.lead} {joined}" if self.lead else joined

    @property
    def is_prose(self) -> bool:
        """Whether sentences follow one that introduces them, and not the items of a list."""
        if self.lead is None or len(self.citations) != 1 + len(self.texts):
            return False
        return all(
            text.endswith(_ENDS_OF_SENTENCES) for text in (self.lead, *self.texts)
        ) and not any(_MARK_OF_ITEM.match(citation.quote) for citation in self.citations[1:])

    def _sentences(self) -> Iterator[str]:
        """Yield the sentences with what stands before each: dots where some are left out."""
        for place, text in enumerate(self.texts):
            gap = self.citations[place + 1].start - self.citations[place].end
            left_out = "" if 0 <= gap <= _WIDEST_BREAK else "… "
            yield f"{' ' if place else ''}{left_out}{text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What the guides say of one role in a comparison; without statements they say nothing."""

    role: str
    has_guide: bool
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What every reply carries beside its outcome's own parts."""

    question: str
    standalone_question: str
    snapshot: str
    confidence: float
    hits: tuple[Hit, ...] = ()
    suggestions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Reply):
    """Statements, each with its citations."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Reply):
    """One side for each role."""

    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarify(Reply):
    """The question needs one thing more; `suggestions` are what to choose from."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCovered(Reply):
    """The guides don't say; `suggestions` are what they do cover."""

    reason: Reason
    text: str


OneReply = Answer | Comparison | Clarify | NotCovered
"""What is replied to one question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Several(Reply):
    """One reply for each question, where a message held several."""

    parts: tuple[OneReply, ...]


AnyReply = OneReply | Several


def outcome_of(reply: AnyReply) -> Outcome:
    """Return the name of what came of a question."""
    match reply:
        case Answer():
            return Outcome.ANSWER
        case Comparison():
            return Outcome.COMPARISON
        case Clarify():
            return Outcome.CLARIFY
        case NotCovered():
            return Outcome.NOT_COVERED
        case Several():
            outcomes = [outcome_of(part) for part in reply.parts]
            said = (Outcome.ANSWER, Outcome.COMPARISON, Outcome.CLARIFY)
            return next((one for one in said if one in outcomes), Outcome.NOT_COVERED)


def statements_of(reply: AnyReply) -> tuple[Statement, ...]:
    """Return every statement of a reply, sides in order."""
    match reply:
        case Answer():
            return reply.statements
        case Comparison():
            return tuple(statement for side in reply.sides for statement in side.statements)
        case Several():
            return tuple(statement for part in reply.parts for statement in statements_of(part))
        case _:
            return ()
