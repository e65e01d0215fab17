"""A reply as plain text: for pipes, for programs, and as the base of what other surfaces show."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.answers.replies import (
    Answer,
    AnyReply,
    Citation,
    Clarify,
    Comparison,
    NotCovered,
    OneReply,
    Several,
    Side,
    Statement,
    statements_of,
)

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor movements
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x1b\x07\x9c]*(?:\x07|\x9c|\x1b\\)"  # titles, links
    r"|\x1b[ -/]*[0-~]",
)
_WHITE_CONTROL = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# Overrides and isolates can make a text read other than it is written; plain marks stay.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BEGINS_WITHOUT_NAME = re.compile(
    r"(?:th(?:is|at|ese|ose|ey|eir)|(?:the|such an?) (?:role|job|position|career)s?"
    r"|its?|he|she|his|hers?|you|your|here)\b",
    re.IGNORECASE,
)

_PATH_SIGN = " › "
# A title at the end of a heading, with what joins it to the words before: "of", ":", "as a".
_TITLE_AGAIN = (
    r"(?<=\w)(?:\s*[:–—-]|\s+(?:of|for|in|as|to|about|by))\s+(?:(?:an?|the)\s+)?{title}s?$"
)


def clean_text(text: str) -> str:
    """Return a text of one line that a terminal only prints.

    Escape sequences and control characters go, white ones become a space, and half characters
    become a replacement character.
    """
    text = _ESCAPE_SEQUENCE.sub("", text)
    text = _CONTROL.sub("", _WHITE_CONTROL.sub(" ", text))
    return _SURROGATE.sub("\ufffd", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a reply: `label`, where there is one, names the role and is no part of a quote.

    `marks` are numbers of sources.
    """

    text: str
    marks: tuple[int, ...] = ()
    is_item: bool = False
    label: str | None = None

    @property
    def plain(self) -> str:
        """Return the line without markup."""
        label = f"{self.label}: " if self.label else ""
        marks = "".join(f" [{number}]" for number in self.marks)
        return f"{'- ' if self.is_item else ''}{label}{self.text}{marks}"


class Sources:
    """The places that statements were taken from, numbered from 1 in the order of their use."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        """Number the places of the statements' citations."""
        self._numbers: dict[tuple[object, ...], int] = {}
        self.labels: list[str] = []
        for statement in statements:
            for citation in statement.citations:
                place = _place_of(citation)
                if place not in self._numbers:
                    self._numbers[place] = len(self._numbers) + 1
                    self.labels.append(_label_of(citation))

    def number_of(self, citation: Citation) -> int:
        """Return the number of a citation's place."""
        return self._numbers[_place_of(citation)]

    def marks_of(self, citations: Iterable[Citation]) -> tuple[int, ...]:
        """Return the numbers of the citations' places, each once, in order."""
        return tuple(sorted({self.number_of(citation) for citation in citations}))


def lay_out(
    statements: Sequence[Statement], sources: Sources, *, role_above: str | None = None
) -> list[Line]:
    """Return statements as lines, list items under the line that introduces them.

    A statement that begins with a pronoun or "this role" has its role beside it, unless the
    statement before has named it.

    Args:
        statements: What is said.
        sources: The places that the statements were taken from.
        role_above: The role that a heading above the lines names.
    """
    lines: list[Line] = []
    named = role_above
    for statement in statements:
        label = _label_needed(statement, named)
        if statement.role is not None:
            is_named = label is not None or _names(statement.text, statement.role)
            named = statement.role if is_named or named == statement.role else None
        lines += _lines_of(statement, sources, label and clean_text(label))
    return lines


def side_note(side: Side) -> str | None:
    """Return what has to be said of a side of a comparison beside its statements."""
    role = clean_text(side.role)
    if side.statements:
        if side.has_guide:
            return None
        return f"No guide is about the role {role}; other guides say:"
    if side.has_guide:
        return f"The guide for {role} doesn't say."
    return f"There is no guide about {role}."


def lay_out_part(part: OneReply, sources: Sources) -> list[Line]:
    """Return the reply to one of several questions as lines, to stand below the question."""
    notices = [Line(text=clean_text(notice)) for notice in part.notices]
    match part:
        case Answer():
            return [*notices, *lay_out(part.statements, sources)]
        case Comparison():
            lines = notices
            for side in part.sides:
                if (note := side_note(side)) is not None:
                    lines.append(Line(text=note, label=clean_text(side.role)))
                lines += lay_out(side.statements, sources)
            return lines
        case Clarify():
            items = [Line(text=clean_text(text), is_item=True) for text in part.suggestions]
            return [*notices, Line(text=clean_text(part.text)), *items]
        case NotCovered():
            return [*notices, Line(text=clean_text(part.text))]


def plain_text(reply: AnyReply) -> str:
    """Return what a person reads, without markup and without a line end behind it."""
    blocks = ["\n".join(clean_text(notice) for notice in reply.notices)]
    sources = Sources(statements_of(reply))
    match reply:
        case Answer():
            blocks.append(_join_lines(lay_out(reply.statements, sources)))
        case Comparison():
            blocks += [_plain_side(side, sources) for side in reply.sides]
        case Clarify():
            blocks.append("\n".join([clean_text(reply.text), *_as_items(reply.suggestions)]))
        case NotCovered():
            blocks.append(clean_text(reply.text))
            if reply.suggestions:
                blocks.append("\n".join(["You could ask:", *_as_items(reply.suggestions)]))
        case Several():
            blocks += [
                f"{clean_text(part.question)}\n{_join_lines(lay_out_part(part, sources))}"
                for part in reply.parts
            ]
    if sources.labels:
        numbered = (f"[{number}] {label}" for number, label in enumerate(sources.labels, start=1))
        blocks.append("\n".join(["Sources:", *numbered]))
    return "\n\n".join(block for block in blocks if block)


def _plain_side(side: Side, sources: Sources) -> str:
    note = side_note(side)
    lines = [clean_text(side.role), *([note] if note else [])]
    said = _join_lines(lay_out(side.statements, sources, role_above=side.role))
    return "\n".join([*lines, *([said] if said else [])])


def _join_lines(lines: Iterable[Line]) -> str:
    return "\n".join(line.plain for line in lines)


def _as_items(texts: Iterable[str]) -> Iterator[str]:
    return (f"- {clean_text(text)}" for text in texts)


def _lines_of(statement: Statement, sources: Sources, label: str | None) -> Iterator[Line]:
    texts = [statement.lead, *statement.texts] if statement.lead else list(statement.texts)
    first_item = 1 if statement.lead else 0 if len(texts) > 1 else len(texts)
    all_marks = sources.marks_of(statement.citations)
    if statement.is_prose and len(all_marks) == 1:
        yield Line(text=clean_text(statement.text), marks=all_marks, is_item=False, label=label)
        return
    marks = [all_marks] + [()] * (len(texts) - 1)
    if len(texts) == len(statement.citations) and len(all_marks) > 1:
        marks = [sources.marks_of([citation]) for citation in statement.citations]
    for position, text in enumerate(texts):
        yield Line(
            text=clean_text(text),
            marks=marks[position],
            is_item=position >= first_item,
            label=label if position == 0 else None,
        )


def _label_needed(statement: Statement, named: str | None) -> str | None:
    if statement.role is None or statement.role == named:
        return None
    if not _BEGINS_WITHOUT_NAME.match(statement.text) or _names(statement.text, statement.role):
        return None
    return statement.role


def _names(text: str, role: str) -> bool:
    return role.casefold() in text.casefold()


def _place_of(citation: Citation) -> tuple[object, ...]:
    return (citation.document, citation.heading, citation.page)


def place_label(title: str, heading: str) -> str:
    """Return where something stands: a guide's title and the headings, each without the title.

    Guides name their role again and again: "Baker › Overview of Baker › The Work: Baker" says no
    more than "Baker › Overview › The Work".

    Args:
        title: The guide's title.
        heading: The headings, joined by " › ".
    """
    path = [one for one in heading.split(_PATH_SIGN) if one and one != title]
    if len(path) == 1 and path[0].startswith(title):
        return path[0]  # "Baker: A Career Guide" is the title again, in full
    if path and path[0].startswith(title):
        path = path[1:]
    again = re.compile(_TITLE_AGAIN.format(title=re.escape(title)), re.IGNORECASE)
    shortened = (again.sub("", one) or one for one in path)
    return _PATH_SIGN.join([title, *shortened])


def _label_of(citation: Citation) -> str:
    label = place_label(clean_text(citation.title), clean_text(citation.heading))
    if citation.page is not None:
        label += f", p. {citation.page}"
    return f"{label} ({clean_text(citation.url)})" if citation.url else label
