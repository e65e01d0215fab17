"""The folders that guides lie in, where a question names them: "product managers at Acme"."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.answers.names_of_folders import (
    BEFORE_PLACE,
    NamesOfFolders,
    Stretch,
    compares_places,
)
from bot.answers.phrases import SAME_QUESTION
from index.searching.lexical import STOP_WORDS, WORD
from knowledge.roles.levels import GRADE_WORDS

_FEWEST_CHARACTERS = 3
_BEFORE_OWN_NAME = re.compile(
    r"\b(?:in|inside|within|for|from|of|on|with|by|per)\s+(?:the\s+|an?\s+)?$", re.IGNORECASE
)
_JOINED_BEFORE = re.compile(
    r"(?:,|/|\b(?:and|or|than|vs\.?|versus|compared (?:to|with)))\s*(?:the\s+)?$", re.IGNORECASE
)
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_COLON = re.compile(r"\s*:")
# "Acme ppl: who codes", but not "Acme people ops".
_PEOPLE = re.compile(r"\s+(?:folks|people|ppl|roles|staff)\s*[:,]", re.IGNORECASE)
_TEAM = re.compile(r"\s+(?P<team>(?:office|project|team)s?)\b", re.IGNORECASE)
# "How much does Acme pay".
_DOES = re.compile(r"\b(?:do|does|did|will|would)\s+$", re.IGNORECASE)
_AT_SOMETHING = re.compile(rf"(?:\bat\s+|@)(?P<name>{WORD.pattern})", re.IGNORECASE)
# What is said behind "at" without meaning a place that guides are of.
_NO_PLACES = frozenset(
    """
    best christmas easter first home last least nite night present school sea times uni university
    weekends work
    """.split()
).union(STOP_WORDS, GRADE_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Where a question asks about: the name as it was typed, and the documents there, if any."""

    name: str
    documents: frozenset[str]

    @property
    def is_known(self) -> bool:
        """Whether there are guides from there."""
        return bool(self.documents)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderMention:
    """A stretch of a question that names a folder, "at" and "'s" along with it: [start, end)."""

    start: int
    end: int
    folder: Folder

    def is_right_before(self, stretch: "_HasPlace") -> bool:
        """Tell "Acme bakers", where a folder is named right before a role."""
        return 0 <= stretch.start - self.end <= 1

    def is_right_behind(self, stretch: "_HasPlace") -> bool:
        """Tell "bakers at Acme", where it is named right behind one."""
        return 0 <= self.start - stretch.end <= 1


class Folders:
    """Tells which folders a question asks about."""

    def __init__(self, names: NamesOfFolders) -> None:
        """Take what finds the names of folders in questions."""
        self._names = names

    @property
    def words(self) -> frozenset[str]:
        """All words that folders are named by, lower case."""
        return self._names.words

    @property
    def employers(self) -> tuple[str, ...]:
        """The outermost folders whose names are no everyday words, if there are several."""
        return self._names.employers

    def find(
        self, question: str, starts_of_roles: Callable[[str], Iterable[int]]
    ) -> list[FolderMention]:
        """Return the folders that a question asks about, in its order.

        A name counts behind "at". One that is the folder's own, and no everyday word, counts behind
        other prepositions too, before a role ("Acme designers"), in the possessive, alone ("and
        Acme?"), at the head ("Acme: …"), and joined to another. Of two that are compared each does,
        wherever it stands ("what Acme says"). So does a name behind "at", or beside another, that
        is in the names of files alone. Where the folders are of several
        employers, a name behind "at" that the guides don't hold is one of which there are none:
        with a capital, or if it is no common word of the language.

        Args:
            question: The question.
            starts_of_roles: Tells where in a text roles are named.
        """
        stretches = self._names.find(question)
        found = list(self._find_unknown(question, stretches))
        names = {
            one.documents
            for one in stretches
            if one.is_name or BEFORE_PLACE.search(question, 0, one.start)
        }
        # The "corporate" of "acme corporate team" is no place beside Acme.
        apart = {one for one in names if not any(one < other for other in names)}
        are_compared = len(apart) > 1 and compares_places(question)
        for start, end, documents, is_name, is_own in stretches:
            before = BEFORE_PLACE.search(question, 0, start)
            if before and question[start:end].lower() in _NO_PLACES:
                continue
            behind = _POSSESSIVE.match(question, end) if is_own else None
            if is_own and not question[:start].strip():
                behind = behind or _COLON.match(question, end) or _PEOPLE.match(question, end)
            is_side = is_name and are_compared and documents in apart
            if before is None and (is_own or is_side):
                before = _BEFORE_OWN_NAME.search(question, 0, start)
            does = is_own and _DOES.search(question, 0, start) is not None
            rest = _without(question, start, end)
            is_asked_about = (
                before
                or behind
                or does
                or is_side
                or (
                    is_own
                    and (
                        _is_joined(question, start, found)
                        or SAME_QUESTION.match(rest)
                        or _next_word(question, end) in starts_of_roles(rest)
                    )
                )
            )
            if is_asked_about:
                name = _POSSESSIVE.sub("", question[start:end])
                team = _TEAM.match(question, end) if before else None
                if team and team.start("team") not in starts_of_roles(rest):
                    behind = team
                found.append(
                    FolderMention(
                        start=before.start() if before else start,
                        end=behind.end() if behind else end,
                        folder=Folder(name=name, documents=documents),
                    )
                )
        return sorted(found, key=lambda mention: mention.start)

    def _find_unknown(self, question: str, known: Sequence[Stretch]) -> Iterator[FolderMention]:
        """Yield the places behind "at" that the guides know nothing of."""
        tells_by_capitals = not question.istitle() and not question.isupper()
        for mention in _AT_SOMETHING.finditer(question):
            start, end = mention.span("name")
            name = mention["name"]
            if (
                not any(one.start < end and start < one.end for one in known)
                and self._may_be_name(name)
                and (
                    (tells_by_capitals and name[0].isupper())
                    or not self._names.is_common(name.lower())
                )
                and self.employers
            ):
                if behind := _POSSESSIVE.match(question, end):
                    end = behind.end()
                folder = Folder(name=name, documents=frozenset())
                yield FolderMention(start=mention.start(), end=end, folder=folder)

    def _may_be_name(self, word: str) -> bool:
        lower = word.lower()
        return (
            len(word) >= _FEWEST_CHARACTERS
            and not word[0].isdigit()
            and lower not in _NO_PLACES | self.words
            and not self._names.occurs(lower)
        )

    def named(self, name: str) -> Folder | None:
        """Return the folder of whose name a text is nothing more, be it a word or two of it."""
        for one in self._names.find(name):
            rest = WORD.findall(_without(name, one.start, one.end).lower())
            if self.words.issuperset(rest):
                return Folder(name=name, documents=one.documents)
        return None

    def spoken_of(self, question: str) -> frozenset[str]:
        """Return the documents of the folders that a question has by their own names."""
        return frozenset[str]().union(
            *(one.documents for one in self._names.find(question) if one.is_own)
        )

    def are_named(self, question: str) -> bool:
        """Tell whether a question has a folder's own name, however it stands there."""
        return any(one.is_own for one in self._names.find(question))


def join_folders(mentions: Sequence[FolderMention]) -> Folder | None:
    """Return what several folders have in common, or all that is in them if that is nothing."""
    if not mentions:
        return None
    documents = mentions[0].folder.documents
    for mention in mentions[1:]:
        documents = (documents & mention.folder.documents) or documents | mention.folder.documents
    names = dict.fromkeys(mention.folder.name for mention in mentions)
    return Folder(name=" and ".join(names), documents=documents)


class _HasPlace(Protocol):
    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


def is_within(folder: FolderMention, stretches: Iterable[_HasPlace]) -> bool:
    """Tell whether a folder is named within a longer stretch of the same question."""
    return any(
        one.start <= folder.start < folder.end <= one.end
        and one.end - one.start > folder.end - folder.start
        for one in stretches
    )


def blank_out(text: str, mentions: Iterable[FolderMention]) -> str:
    """Return a text with spaces where folders are named; what else there is stays in its place."""
    for mention in mentions:
        text = _without(text, mention.start, mention.end)
    return text


def _without(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{' ' * (end - start)}{text[end:]}"


def _is_joined(question: str, start: int, found: Sequence[FolderMention]) -> bool:
    """Tell the second of "Acme and Zorbex"."""
    joint = _JOINED_BEFORE.search(question, 0, start)
    return joint is not None and any(
        not question[mention.end : joint.start()].strip() for mention in found
    )


def _next_word(question: str, end: int) -> int:
    return len(question) - len(question[end:].lstrip())
