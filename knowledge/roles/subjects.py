"""The roles that a whole document is about: by its title, its file name, or most of its text."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import Annotated, NamedTuple

from pydantic import Field

from knowledge.blocks import Block, BlockKind
from knowledge.documents import Document
from knowledge.markup import remove_markup
from knowledge.roles.headings import (
    capitalise,
    clipped_name,
    is_place,
    names_in_heading,
    names_role,
    noun_alone,
    without_qualifiers,
)
from knowledge.roles.levels import levels_of_label
from knowledge.roles.occupations import AMBIGUOUS_NOUNS, FIELDS, NOUNS_BY_FORM, singular
from knowledge.roles.phrases import MAX_MODIFIERS, RolePhrase, find_role_phrases, role_key
from knowledge.sentences import Outline
from knowledge.tables import cells_of

_ACRONYM_IN_TITLE = re.compile(
    r"\b(?P<acronym>[A-Z]{2,5})\b.*\b(?i:career|ladder|levels?|roles?|jobs?|charter|expectations)\b"
)
_WORDS_OF_FILE_NAME = re.compile(r"[^\W\d_]+")
_INTRODUCED = re.compile(
    r"(?:(?:\b(?:is|am|was|as)|\bI['’]m)\s+(?:an?|the|our)"
    r"|[A-Z][\w-]+\s+[A-Z][\w-]+,(?:\s+an?)?)\s+$"
)
"""Before the role of somebody: "Marit is a …", "I'm a …", "told by Marit Oyelaran, …"."""

_SAYS_ROLE = re.compile(
    r"(?:the )?roles? of (?:an? |the )?(?P<of>[^:,]+)|(?:the )?(?P<before>[^:,]+) (?:role|job)"
    r"(?: description| profile)?",
    re.IGNORECASE,
)
"""A title that says that something is a role."""

_JOINED = re.compile(r"\s(?:&|and|or|vs\.?|versus|/)\s", re.IGNORECASE)
_IS_SENTENCE = re.compile(r"(?:^|[.!?]\s+)\|[.:!]")
"""Around a role that is all of a sentence: "Supplier quality engineer. I work for …"."""

_TEAM = re.compile(
    r"(?:(?:joining|join|welcome to|about|meet|inside|life (?:at|in|on))\s+)?(?:the\s+|our\s+)?"
    r"(?P<words>[^\W\d_]+(?: [^\W\d_]+)?)\s+(?:chapter|department|discipline|guild|team)"
    r"(?:\s+at\s.*)?",
    re.IGNORECASE,
)
_SENTENCES_OF_OPENING = 3
_FIRST_HEADINGS = 2
_LONGEST_HEAD = 10
"""What stands below a title is at most one part in ten of a document."""

_MOST_SUBJECTS = 3
_FEWEST_COLUMNS = 2
_OFTEN = 4
_SAID_IN_GUIDE = 3
"""As often an everyday word is at least in a guide that has it for a title, that counted."""

_EARLY = 4
"""What a text is about is named in its first quarter."""
_SHARE_OF_SUBJECT = 4
"""A role is a subject of a document that it makes at least one in four of the roles named in."""


Offset = Annotated[int, Field(ge=0)]
"""A place in a document's text, in code points."""


class RoleSection(NamedTuple):
    """A section that is about a role: its name and [start, end) of the document's text."""

    name: str
    start: Offset
    end: Offset


class RolesSpokenOf:
    """The roles that a text speaks of, looked for only when they are asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def phrases(self) -> tuple[RolePhrase, ...]:
        """Every phrase that names one, in order."""
        return tuple(
            phrase for phrase in find_role_phrases(self.text) if not is_place(self.text, phrase)
        )

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each is named, by its key."""
        return Counter(phrase.key for phrase in self.phrases)

    @cached_property
    def written(self) -> dict[str, str]:
        """How each role is written first, by its key."""
        return {phrase.key: phrase.name for phrase in reversed(self.phrases)}


def find_subjects(
    document: Document,
    outline: Outline,
    spoken_of: RolesSpokenOf,
    sections: Sequence[RoleSection],
) -> tuple[str, ...]:
    """Return the names of the roles that a whole document is about.

    Args:
        document: The document.
        outline: Its outline.
        spoken_of: The roles that its text speaks of.
        sections: Those that are about a role.
    """
    names = (
        _roles_of_title(document, outline, spoken_of)
        or _roles_of_columns(document, outline)
        or _roles_of_file_name(document.id, spoken_of)
        or _roles_of_text(document, outline, spoken_of, sections)
        or _role_of_opening(document, outline, sections)
    )
    by_key = {role_key(name): name for name in reversed(names)}
    return tuple(
        by_key[key]
        for key in dict.fromkeys(map(role_key, names))
        if not is_short_for_any(key, names)
    )


def is_short_for_any(name: str, subjects: Sequence[str]) -> bool:
    """Tell "What a nurse does" in a guide about registered nurses from a role of its own."""
    key = role_key(name)
    return any(
        role_key(subject) != key and f" {key_of_name(subject)}".endswith(f" {key}")
        for subject in subjects
    )


def key_of_name(name: str) -> str:
    """Return what a text calls a role: without what stands in brackets behind it."""
    return role_key(without_qualifiers(name))


def end_of_section(headings: Sequence[Block], position: int, text_end: int) -> int:
    """Return the offset at which the section of a heading ends."""
    level = headings[position].level
    return next(
        (later.start for later in headings[position + 1 :] if later.level <= level), text_end
    )


def count_noun(noun: str, text: str) -> int:
    """Return how often a text has a noun, in the singular or plural."""
    forms = "|".join(form for form, of in NOUNS_BY_FORM.items() if of == noun)
    return len(re.findall(rf"\b(?:{forms})\b", text, re.IGNORECASE))


def _roles_of_title(document: Document, outline: Outline, spoken_of: RolesSpokenOf) -> list[str]:
    """Return the names of the roles of a document's title, or of what stands for it."""
    if name := _name_outside_brackets(document.title, spoken_of):
        return [name]
    names = [
        name for name in names_in_heading(document.title) if not _is_only_a_kind(name, spoken_of)
    ]
    # Of several, those are meant that the text says again: "Vacancy: ecologist, Wren Associates".
    said = [name for name in names if _is_said_again(name, spoken_of)]
    if said and not _JOINED.search(document.title):
        return said
    if names:
        return names
    if name := _everyday_word(document.title, spoken_of) or _name_of_role(document, spoken_of):
        return [name]
    if name := clipped_name(document.title) or _role_of_acronym(document.title, spoken_of):
        return [name]
    if name := _role_of_team(document.title, spoken_of):
        return [name]
    if name := _role_of_first_heading(document, outline):
        return [name]
    # "Charter for the service designers of a council" is about more than the role, but about it.
    return [
        capitalise(phrase.name)
        for phrase in find_role_phrases(document.title)
        if len(phrase.words) > 1
        and spoken_of.counts[phrase.key] > 1
        and not is_place(document.title, phrase)
    ]


def _everyday_word(title: str, spoken_of: RolesSpokenOf) -> str | None:
    noun = noun_alone(title)
    is_said = noun is not None and count_noun(noun, spoken_of.text) >= _SAID_IN_GUIDE
    return capitalise(noun) if noun and is_said else None


def _name_outside_brackets(title: str, spoken_of: RolesSpokenOf) -> str | None:
    """Return the captain of "Captain (Brigade Leader)", where the text calls them that."""
    outside = without_qualifiers(title)
    is_inside_alone = outside != title and not names_in_heading(outside)
    return _everyday_word(outside, spoken_of) if is_inside_alone else None


def _name_of_role(document: Document, spoken_of: RolesSpokenOf) -> str | None:
    """Return what a title says to be a role, though it ends in no occupation: "staff contact"."""
    match = _SAYS_ROLE.fullmatch(without_qualifiers(document.title))
    name = match and (match["of"] or match["before"])
    if not name or len(name.split()) > MAX_MODIFIERS or not name[0].isalpha():
        return None
    said = re.findall(rf"\b{re.escape(name)}s?\b", spoken_of.text, re.IGNORECASE)
    return capitalise(name) if len(said) >= _OFTEN else None


def _roles_of_columns(document: Document, outline: Outline) -> list[str]:
    """Return the role of which a table's columns are the levels: "QA Tester L3 | QA Tester L4"."""
    for block in outline.blocks:
        if block.kind is not BlockKind.HEADER_ROW:
            continue
        cells = [
            remove_markup(document.text[slice(*cell)]) for cell in cells_of(document.text, block)
        ]
        leveled = [cell for cell in cells if levels_of_label(cell)]
        found = {phrase.key: phrase for cell in cells for phrase in find_role_phrases(cell)}
        for key, phrase in found.items():
            if sum(f" {key}" in f" {role_key(cell)}" for cell in leveled) >= _FEWEST_COLUMNS:
                return [capitalise(phrase.name)]
    return []


def _roles_of_file_name(id_: str, spoken_of: RolesSpokenOf) -> list[str]:
    """Return the roles that a file is named after, as far as its text speaks of them.

    "lab-manager-letter.txt" is about lab managers, whatever its title says.
    """
    names = []
    for phrase in find_role_phrases(words_of_file_name(id_)):
        key = _spoken_of_as(phrase, spoken_of)
        if key is not None and not _is_only_a_kind(key, spoken_of):
            names.append(capitalise(spoken_of.written[key]))
        elif key is None and " " in phrase.key and _says_often(phrase.words[-1], spoken_of):
            names.append(capitalise(phrase.name))
    return names


def _is_said_again(name: str, spoken_of: RolesSpokenOf) -> bool:
    key = key_of_name(name)
    return spoken_of.counts[key] > 1 or _says_often(key, spoken_of)


def _says_often(noun: str, spoken_of: RolesSpokenOf) -> bool:
    """Tell whether a text has a noun often that is an everyday word as well: "picker"."""
    key = singular(noun.lower())
    return key in AMBIGUOUS_NOUNS and count_noun(key, spoken_of.text) >= _OFTEN


def words_of_file_name(id_: str) -> str:
    """Return the words of a document's file name."""
    return " ".join(_WORDS_OF_FILE_NAME.findall(PurePosixPath(id_).stem))


def _spoken_of_as(phrase: RolePhrase, spoken_of: RolesSpokenOf) -> str | None:
    """Return the key by which a text speaks of a role that is named by more words, if it does."""
    words = phrase.key.split()
    for first in range(len(words)):
        key = " ".join(words[first:])
        if spoken_of.counts[key] and (first + 1 < len(words) or key not in AMBIGUOUS_NOUNS):
            return key
    return None


def _role_of_activity(words: str, spoken_of: RolesSpokenOf) -> str | None:
    """Return the role whose work is named: "business analysis", where the text has the analysts.

    Of kinds as wide as engineers, the text must speak of little else.
    """
    typed = role_key(words).split()
    total = spoken_of.counts.total()
    for noun, fields in FIELDS.items():
        for place in (place for place, word in enumerate(typed) if word in fields):
            if place and typed[place - 1] == "of":
                continue  # a director of engineering
            for first in range(max(0, place - MAX_MODIFIERS), place + 1):
                key = " ".join([*typed[first:place], noun])
                count = spoken_of.counts[key]
                is_wide = first == place and 2 * count < total
                if count and not is_wide and key not in AMBIGUOUS_NOUNS:
                    return capitalise(spoken_of.written[key])
    return None


def _roles_of_text(
    document: Document,
    outline: Outline,
    spoken_of: RolesSpokenOf,
    sections: Sequence[RoleSection],
) -> list[str]:
    """Return what a text whose title names no role ("Account management") speaks of most.

    One that is made of sections about several roles is about none of them as a whole.
    """
    counts = spoken_of.counts
    several = len({role_key(section.name) for section in sections}) > 1
    told = sum(section.end - section.start for section in sections)
    if not counts or (several and 2 * told > len(document.text) - document.body_start):
        return []
    for words in (document.title, words_of_file_name(document.id)):
        if name := _role_of_activity(words, spoken_of):
            return [name]
    often = [
        key
        for key, count in counts.most_common(_MOST_SUBJECTS)
        if count >= _OFTEN and _SHARE_OF_SUBJECT * count >= counts.total()
    ]
    phrases = {phrase.key: phrase for phrase in reversed(spoken_of.phrases)}
    if len(often) > 1:
        return [capitalise(phrases[key].name) for key in often if names_role(phrases[key])]
    key, count = counts.most_common(1)[0]
    beginning = find_role_phrases(_first_sentences(document, outline))
    begins_with_it = any(phrase.key == key for phrase in beginning)
    body = document.body_start + (len(document.text) - document.body_start) // _EARLY
    is_early = phrases[key].start <= body
    is_most = 2 * count >= counts.total() and (count > 1 or counts.total() == 1) and is_early
    is_main = is_most or (count > 1 and begins_with_it)
    return [capitalise(phrases[key].name)] if is_main and names_role(phrases[key]) else []


def _first_sentences(document: Document, outline: Outline) -> str:
    return " ".join(
        remove_markup(document.text[sentence.start : sentence.end])
        for sentence in outline.sentences[:_SENTENCES_OF_OPENING]
    )


def _role_of_opening(
    document: Document, outline: Outline, sections: Sequence[RoleSection]
) -> list[str]:
    """Return the role of whom a text tells, as its first sentences introduce them.

    "A day at the safety desk. Marit is a pharmacovigilance officer." is about that, though it is
    named but once.
    """
    if sections:
        return []
    opening = _first_sentences(document, outline)
    first_line = document.text[document.body_start :].lstrip().split("\n", maxsplit=1)[0]
    if name := clipped_name(remove_markup(first_line)):
        return [name]
    names = {
        phrase.key: phrase.name
        for phrase in find_role_phrases(opening)
        if " " in phrase.key
        and (
            _INTRODUCED.search(opening, 0, phrase.start)
            or _IS_SENTENCE.search(f"{opening[: phrase.start]}|{opening[phrase.end :]}")
        )
    }
    return [capitalise(name) for name in names.values()] if len(names) == 1 else []


def _role_of_acronym(title: str, spoken_of: RolesSpokenOf) -> str | None:
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


def _role_of_team(title: str, spoken_of: RolesSpokenOf) -> str | None:
    """Return who is in "The Design team", by what they do, or manage if the text says so again."""
    match = _TEAM.fullmatch(title)
    if match is None:
        return None
    *modifiers, last = match["words"].split()
    noun = next((noun for noun, fields in FIELDS.items() if last.lower() in fields), None)
    if noun is not None:
        return capitalise(" ".join([*modifiers, noun]))
    name = f"{match['words']} manager"
    return capitalise(name) if spoken_of.counts[role_key(name)] > 1 else None


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
    end = end_of_section(headings, place, len(document.text))
    is_title = _LONGEST_HEAD * (end - headings[place].start) <= len(document.text)
    return name if is_title else None


def _is_only_a_kind(name: str, spoken_of: RolesSpokenOf) -> bool:
    """Tell "Two therapists" from a role: the text names kinds of it by more words, and oftener."""
    key = role_key(name)
    if " " in key or _says_often(key, spoken_of):
        return False
    kinds = sum(
        count for other, count in spoken_of.counts.items() if other != key and other.endswith(key)
    )
    return kinds > 2 * spoken_of.counts[key]
