"""What a button carries: its action and what that is about, within Discord's 100 characters.

The form is `r1:action:data`, where 1 is its version; what a message shows is never repeated in it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.answers.reading import refer_to_passage
from bot.answers.replies import AnyReply, Outcome, outcome_of, statements_of

MAX_CUSTOM_ID = 100
VERSION = "1"
TEMPLATE = re.compile(r"r(?P<version>\d+):(?P<action>\w+)(?::(?P<data>.*))?", re.ASCII)

_MOST_PASSAGES = 6
_LETTERS = {
    Outcome.ANSWER: "a",
    Outcome.COMPARISON: "c",
    Outcome.CLARIFY: "q",
    Outcome.NOT_COVERED: "n",
}
_OUTCOMES = {letter: outcome for outcome, letter in _LETTERS.items()}


class Action(StrEnum):
    """What a button does."""

    HELPFUL = "yes"
    NOT_HELPFUL = "no"
    MORE = "more"
    THREAD = "thread"
    FOLLOW_UP = "follow"
    SUGGESTION = "ask"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyCode:
    """A reply as its buttons carry it: what came of the question, and the passages quoted."""

    outcome: Outcome
    passages: tuple[str, ...]

    @classmethod
    def of(cls, reply: AnyReply) -> "ReplyCode":
        """Return the code of a reply."""
        return cls(outcome=outcome_of(reply), passages=tuple(_passages_of(reply)))

    @classmethod
    def read(cls, data: str) -> "ReplyCode | None":
        """Return the code that a button carries, or none where it can't be read."""
        letter, _, passages = data.partition(":")
        if letter not in _OUTCOMES:
            return None
        return cls(outcome=_OUTCOMES[letter], passages=tuple(filter(None, passages.split("."))))

    def write(self, room: int) -> str:
        """Return the code as a button carries it, with as many passages as find room."""
        text = f"{_LETTERS[self.outcome]}:"
        for number, passage in enumerate(self.passages):
            longer = f"{text}{'.' if number else ''}{passage}"
            if len(longer) > room:
                break
            text = longer
        return text


def write_custom_id(action: Action, data: str | ReplyCode = "") -> str:
    """Return the id of a button."""
    head = f"r{VERSION}:{action}:"
    if isinstance(data, ReplyCode):
        data = data.write(MAX_CUSTOM_ID - len(head))
    return f"{head}{data}"


def _passages_of(reply: AnyReply) -> Sequence[str]:
    """Return the passages that a reply quotes, as buttons name them."""
    passages = [(hit.position, hit.passage) for hit in reply.hits]
    quoted: dict[str, None] = {}
    for statement in statements_of(reply):
        for citation in statement.citations:
            for position, passage in passages:
                is_there = passage.start <= citation.start < passage.end
                if passage.document_id == citation.document and is_there:
                    quoted.setdefault(refer_to_passage(position, passage.id))
    return _first(quoted)


def _first(names: Iterable[str]) -> Sequence[str]:
    return list(names)[:_MOST_PASSAGES]
