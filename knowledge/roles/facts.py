"""What one document says of roles: in its title, headings, front matter and text.

A build that has read a document before need not read it again.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, NamedTuple

from pydantic import Field, TypeAdapter

from knowledge.blocks import Block, BlockKind
from knowledge.documents import Document
from knowledge.markup import remove_markup
from knowledge.roles.headings import ACRONYM_BEHIND, capitalise, names_in_heading, names_role
from knowledge.roles.occupations import FIELDS
from knowledge.roles.phrases import FUNCTION_WORDS, RolePhrase, find_role_phrases, role_key
from knowledge.sentences import Outline

_OTHER_NAMES = re.compile(
    r"(?:also|sometimes|often|otherwise|previously|formerly|commonly)?\s*"
    r"(?:known as|called|referred to as|a\.k\.a\.?|aka)\s+"
    r"(?:an?\s+|the\s+)?(?P<names>[^.;:()]{3,120})",
    re.IGNORECASE,
)
_ROLE_AT_START = re.compile(r"(?:This |The )?[Rr]ole (?:is )?")

_ACRONYM_IN_TITLE = re.compile(
    r"\b(?P<acronym>[A-Z]{2,5})\b.*\b(?i:career|ladder|levels?|roles?|jobs?|charter|expectations)\b"
)
_FIRST_HEADINGS = 2
_LONGEST_HEAD = 10
"""What stands below a title is at most one part in ten of a document."""

_MOST_SUBJECTS = 3
_OFTEN = 4
_SHARE_OF_SUBJECT = 4
"""A role is a subject of a document that it makes at least one in four of the roles named in."""

_Offset = Annotated[int, Field(ge=0)]


class RoleSection(NamedTuple):
    """A section that is about a role: its name and [start, end) of the document's text."""

    name: str
    start: _Offset
    end: _Offset


class RoleMention(NamedTuple):
    """Words of a text that name the role of a key, or give that role another name."""

    key: str
    words: str
    is_alias: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFacts:
    """What one document says of roles.

    `subjects` are the roles that the whole document is about, from `body_start` to `body_end`;
    `aliases` the other names of the only one. `mentions` stand in the order of the text, each once
    unless it may mean more the second time.
    """

    subjects: tuple[str, ...]
    aliases: tuple[str, ...]
    body_start: _Offset
    body_end: _Offset
    sections: tuple[RoleSection, ...]
    mentions: tuple[RoleMention, ...]

    def to_json(self) -> str:
        """Return the facts as one line of JSON."""
        return _FACTS.dump_json(self).decode()

    @staticmethod
    def from_json(text: str) -> "RoleFacts":
        """Return the facts that `to_json` wrote.

        Raises:
            ValueError: the text is something else.
        """
        return _FACTS.validate_json(text, strict=True)


_FACTS = TypeAdapter(RoleFacts)


def read_role_facts(document: Document, outline: Outline) -> RoleFacts:
    """Return what a document says of roles."""
    spoken_of = _RolesSpokenOf(document.text)
    subjects = tuple(_roles_of_title(document, outline, spoken_of))
    sections = tuple(
        section
        for section in _roles_of_headings(document, outline, spoken_of)
        if not _is_short_for_subject(section.name, subjects)
    )
    sections_of_body = (section for section in sections if section.start == document.body_start)
    keys = {role_key(name) for name in (*subjects, *(section.name for section in sections_of_body))}
    mentions = Mentions()
    for mention in _mentions_in(document, outline, keys.pop() if len(keys) == 1 else None):
        mentions.add(mention)
    return RoleFacts(
        subjects=subjects,
        aliases=document.aliases if len(subjects) == 1 else (),
        body_start=document.body_start,
        body_end=len(document.text),
        sections=sections,
        mentions=tuple(mentions),
    )


def _is_short_for_subject(name: str, subjects: Sequence[str]) -> bool:
    """Tell "What a nurse does" in a guide about registered nurses from a role of its own."""
    return len(subjects) == 1 and role_key(subjects[0]).endswith(f" {role_key(name)}")


class Mentions:
    """Mentions in their order, without those that add nothing to the ones before.

    Another name counts only where its role is known by then, so it is kept once more behind the
    mention that first names the role.
    """

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._kept: dict[tuple[RoleMention, bool], None] = {}

    def add(self, mention: RoleMention) -> None:
        """Take the next mention."""
        is_named = mention.key in self._named
        if mention.is_alias:
            self._kept[mention, is_named] = None
        elif not is_named:
            self._named.add(mention.key)
            self._kept[mention, is_named] = None

    def __iter__(self) -> Iterator[RoleMention]:
        return (mention for mention, _ in self._kept)


class _RolesSpokenOf:
    """The roles that a text speaks of, looked for only when they are asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def phrases(self) -> tuple[RolePhrase, ...]:
        return tuple(find_role_phrases(self.text))

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(phrase.key for phrase in self.phrases)


def _roles_of_title(document: Document, outline: Outline, spoken_of: _RolesSpokenOf) -> list[str]:
    """Return the names of the roles that a whole document is about."""
    counts = spoken_of.counts
    if names := [
        name for name in names_in_heading(document.title) if not _is_only_a_kind(name, spoken_of)
    ]:
        return names
    if name := _role_of_acronym(document.title, spoken_of):
        return [name]
    if name := _role_of_first_heading(document, outline):
        return [name]
    # "Charter for the service designers of a council" is about more than the role, but about it.
    if names := [
        capitalise(phrase.name)
        for phrase in find_role_phrases(document.title)
        if len(phrase.words) > 1 and counts[phrase.key] > 1
    ]:
        return names
    # Titles such as "Account management" name no role; what the text speaks of most may.
    if not counts:
        return []
    often = [
        key
        for key, count in counts.most_common(_MOST_SUBJECTS)
        if count >= _OFTEN and _SHARE_OF_SUBJECT * count >= counts.total()
    ]
    if len(often) > 1:
        phrases = {phrase.key: phrase for phrase in reversed(spoken_of.phrases)}
        return [capitalise(phrases[key].name) for key in often if names_role(phrases[key])]
    key, count = counts.most_common(1)[0]
    phrase = next(phrase for phrase in reversed(spoken_of.phrases) if phrase.key == key)
    beginning = " ".join(
        document.text[sentence.start : sentence.end] for sentence in outline.sentences[:3]
    )
    begins_with_it = any(phrase.key == key for phrase in find_role_phrases(beginning))
    is_most = 2 * count >= counts.total() and (count > 1 or counts.total() == 1)
    is_main = is_most or (count > 1 and begins_with_it)
    return [capitalise(phrase.name)] if is_main and names_role(phrase) else []


def _role_of_acronym(title: str, spoken_of: _RolesSpokenOf) -> str | None:
    """Return the role of "CE Career Framework": spelt out where the text does, else the acronym.

    That an acronym is a role tells its plural: a text about CEs is about people.
    """
    match = _ACRONYM_IN_TITLE.search(title)
    if match is None or not re.search(rf"\b{match['acronym']}\d?s\b", spoken_of.text):
        return None
    initials = match["acronym"].lower()
    for phrase in spoken_of.phrases:
        if "".join(word[0] for word in phrase.key.split()) == initials:
            return capitalise(phrase.name)
    for noun, fields in FIELDS.items():
        for field in fields:
            words = r"[A-Z][a-z]+ " * (len(initials) - 1)
            for found in re.finditer(rf"\b({words})(?i:{field})\b", spoken_of.text):
                name = f"{found[1]}{noun.capitalize()}"
                if "".join(word[0] for word in name.split()).lower() == initials:
                    return name
    return match["acronym"]


def _role_of_first_heading(document: Document, outline: Outline) -> str | None:
    """Return the role that one of the first two headings names, where no other does."""
    headings = [block for block in outline.blocks if block.kind is BlockKind.HEADING]
    named = [
        (place, name)
        for place, heading in enumerate(headings)
        for name in names_in_heading(remove_markup(document.text[heading.start : heading.end]))
    ]
    if len({role_key(name) for _, name in named}) != 1 or named[0][0] >= _FIRST_HEADINGS:
        return None
    # A heading with a section of its own names what the section is about, and no more.
    place, name = named[0]
    end = _end_of_section(headings, place, len(document.text))
    is_title = _LONGEST_HEAD * (end - headings[place].start) <= len(document.text)
    return name if is_title else None


def _is_only_a_kind(name: str, spoken_of: _RolesSpokenOf) -> bool:
    """Tell "Two therapists" from a role: the text names kinds of it by more words, and oftener."""
    key = role_key(name)
    if " " in key:
        return False
    kinds = sum(
        count for other, count in spoken_of.counts.items() if other != key and other.endswith(key)
    )
    return kinds > 2 * spoken_of.counts[key]


def _roles_of_headings(
    document: Document, outline: Outline, spoken_of: _RolesSpokenOf
) -> Iterator[RoleSection]:
    """Yield the roles that have a section of their own, with the section."""
    headings = [block for block in outline.blocks if block.kind is BlockKind.HEADING]
    for position, heading in enumerate(headings):
        words = remove_markup(document.text[heading.start : heading.end])
        names = names_in_heading(words)
        if len(names) != 1 or words == document.title:
            continue
        end = _end_of_section(headings, position, len(document.text))
        if not document.text[heading.end : end].strip():
            continue
        # "Hire designers" looks like "Delivery managers", but only a name is said again.
        is_title_case = all(
            word[0].isupper()
            for word in words.split()
            if word[0].isalpha() and word not in FUNCTION_WORDS
        )
        if is_title_case or spoken_of.counts[role_key(names[0])] > 1:
            yield RoleSection(name=names[0], start=heading.start, end=end)


def _end_of_section(headings: Sequence[Block], position: int, text_end: int) -> int:
    level = headings[position].level
    return next(
        (later.start for later in headings[position + 1 :] if later.level <= level), text_end
    )


def _mentions_in(
    document: Document, outline: Outline, main_key: str | None
) -> Iterator[RoleMention]:
    """Yield the roles that the text writes with capitals, and other names that it gives to roles.

    Args:
        document: The document.
        outline: Its outline.
        main_key: The key of the only role that the document is about, where there is one.
    """
    for sentence in outline.sentences:
        text = remove_markup(document.text[sentence.start : sentence.end])
        for phrase in find_role_phrases(text):
            acronym = ACRONYM_BEHIND.match(text, phrase.end)
            is_title_case = all(word[0].isupper() for word in phrase.words)
            if acronym or (is_title_case and len(phrase.words) > 1):
                name = capitalise(phrase.name)
                yield RoleMention(key=role_key(name), words=name, is_alias=False)
            if acronym:
                yield RoleMention(key=phrase.key, words=acronym["acronym"], is_alias=True)
            behind = text[phrase.end : phrase.end + 12].lstrip(" ,(")
            offset = text.find(behind, phrase.end) if behind else -1
            if offset >= 0 and (match := _OTHER_NAMES.match(text, offset)):
                for name in _names_in(match["names"]):
                    yield RoleMention(key=phrase.key, words=name, is_alias=True)
        if main_key is None or (match := _ROLE_AT_START.match(text)) is None:
            continue
        if other := _OTHER_NAMES.match(text, match.end()):
            for name in _names_in(other["names"]):
                yield RoleMention(key=main_key, words=name, is_alias=True)


def _names_in(words: str) -> Iterator[str]:
    enumeration = re.split(r" (?:is|are) ", words, maxsplit=1)[0]
    for part in re.split(r",|\bor\b|\band\b|/", enumeration):
        name = re.sub(r"^(?:an?|the)\s+", "", part.strip(" \"'“”‘’*_"), flags=re.IGNORECASE)
        is_acronym = re.fullmatch(r"[A-Z][A-Za-z]{0,2}[A-Z]s?", name)
        phrases = list(find_role_phrases(name))
        if is_acronym or (phrases and phrases[-1].end == len(name) and len(name.split()) <= 5):
            yield name
