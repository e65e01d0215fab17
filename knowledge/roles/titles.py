"""The roles that a document's title names, or what stands for one."""

import re

from knowledge.blocks import BlockKind
from knowledge.documents import Document
from knowledge.markup import remove_markup
from knowledge.roles.half_names import clipped_name, noun_alone
from knowledge.roles.headings import (
    capitalise,
    is_place,
    names_alone,
    names_in_heading,
    without_qualifiers,
)
from knowledge.roles.levels import levels_of_label
from knowledge.roles.occupations import FIELDS
from knowledge.roles.people import people_named
from knowledge.roles.phrases import MAX_MODIFIERS, find_role_phrases, role_key
from knowledge.roles.spoken_of import (
    RolesSpokenOf,
    count_noun,
    end_of_section,
    key_of_name,
    says_often,
    words_in_folders,
)
from knowledge.sentences import Outline
from knowledge.tables import cells_of

_ACRONYM_IN_TITLE = re.compile(
    r"\b(?P<acronym>[A-Z]{2,5})\b.*\b(?i:career|charter|duties|expectations|handbook|jobs?|ladder|levels?|responsibilities|roles?)\b"
)
_ACRONYM_WITH_LEVEL = re.compile(r"(?P<acronym>[A-Z]{2,5})[ -]?(?P<number>[1-9])")
_SAYS_ROLE = re.compile(
    r"(?:the )?roles? of (?:an? |the )?(?P<of>[^:,]+)|(?:the )?(?P<before>[^:,]+) (?:role|job)"
    r"(?: description| profile)?"
    r"|(?:(?:job|role) (?:profile|title)|job|persona|position|profile|role):\s+(?P<behind>[^:,]+)",
    re.IGNORECASE,
)
"""A title that says that something is a role."""

_JOINED = re.compile(r"\s(?:&|and|or|vs\.?|versus|/)\s", re.IGNORECASE)
_TEAM = re.compile(
    r"(?:(?:joining|join|welcome to|about|meet|inside|life (?:at|in|on))\s+)?(?:the\s+|our\s+)?"
    r"(?P<words>[^\W\d_]+(?: [^\W\d_]+)?)\s+(?:chapter|department|discipline|guild|team)"
    r"(?:\s+at\s.*)?",
    re.IGNORECASE,
)
_FIRST_HEADINGS = 2
_LONGEST_HEAD = 10
"""What stands below a title is at most one part in ten of a document."""

_FEWEST_COLUMNS = 2
_OFTEN = 4
_SAID_AGAIN = 2
_SAID_IN_GUIDE = 3
"""As often an everyday word is at least in a guide that has it for a title, that counted."""


def roles_of_title(document: Document, outline: Outline, spoken_of: RolesSpokenOf) -> list[str]:
    """Return the names of the roles of a document's title, or of what stands for it."""
    if name := _name_outside_brackets(document.title, spoken_of):
        return [name]
    names = [
        _without_employer(name, document.id, spoken_of)
        for name in names_in_heading(document.title)
        if not is_only_a_kind(name, spoken_of)
    ]
    # Of several, those are meant that the text says again: "Vacancy: ecologist, Wren Associates".
    said = [name for name in names if _is_said_again(name, spoken_of)]
    if said and not _JOINED.search(document.title):
        return said
    if names:
        return names
    if name := everyday_word(document.title, spoken_of) or _name_of_role(document, spoken_of):
        return [name]
    if name := people_named(document.title, document.text):
        return [capitalise(name)]
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


def _without_employer(name: str, id_: str, spoken_of: RolesSpokenOf) -> str:
    """Return the officer of "Acme Club Safety Officer" in `acme/`, as the text alone says it."""
    words = name.split()
    if words[0].lower() not in words_in_folders(id_) or spoken_of.counts[role_key(name)] > 1:
        return name
    shorter = (
        " ".join(words[first:])
        for first in range(1, len(words))
        if first < len(words) - 1 or names_alone(words[first])
    )
    return next((short for short in shorter if spoken_of.counts[role_key(short)]), name)


def everyday_word(title: str, spoken_of: RolesSpokenOf) -> str | None:
    """Return the role of a title that is one everyday word, where the text says it again."""
    noun = noun_alone(title)
    is_said = noun is not None and count_noun(noun, spoken_of.text) >= _SAID_IN_GUIDE
    return capitalise(noun) if noun and is_said else None


def _name_outside_brackets(title: str, spoken_of: RolesSpokenOf) -> str | None:
    """Return the captain of "Captain (Brigade Leader)", where the text calls them that."""
    outside = without_qualifiers(title)
    is_inside_alone = outside != title and not names_in_heading(outside)
    return everyday_word(outside, spoken_of) if is_inside_alone else None


def _name_of_role(document: Document, spoken_of: RolesSpokenOf) -> str | None:
    """Return what a title says to be a role, though it ends in no occupation: "staff contact"."""
    match = _SAYS_ROLE.fullmatch(without_qualifiers(document.title))
    name = match and (match["of"] or match["before"] or match["behind"])
    if not name or len(name.split()) > MAX_MODIFIERS or not name[0].isalpha():
        return None
    said = re.findall(rf"\b{re.escape(name)}s?\b", spoken_of.text, re.IGNORECASE)
    is_said = match is not None and len(said) >= (_SAID_AGAIN if match["behind"] else _OFTEN)
    return capitalise(name) if is_said else None


def roles_of_columns(document: Document, outline: Outline) -> list[str]:
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


def roles_of_leveled_headings(document: Document, outline: Outline) -> list[str]:
    """Return the acronym of which headings are the levels: "RSE 1", "RSE 2"."""
    levels: dict[str, set[str]] = {}
    for block in outline.blocks:
        if block.kind is BlockKind.HEADING:
            heading = remove_markup(document.text[block.start : block.end])
            if match := _ACRONYM_WITH_LEVEL.fullmatch(heading):
                levels.setdefault(match["acronym"], set()).add(match["number"])
    return [acronym for acronym, numbers in levels.items() if len(numbers) > 1]


def _is_said_again(name: str, spoken_of: RolesSpokenOf) -> bool:
    key = key_of_name(name)
    return spoken_of.counts[key] > 1 or says_often(key, spoken_of)


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


def is_only_a_kind(name: str, spoken_of: RolesSpokenOf) -> bool:
    """Tell "Two therapists" from a role: the text names kinds of it by more words, and oftener."""
    key = role_key(name)
    if " " in key or says_often(key, spoken_of):
        return False
    kinds = sum(
        count for other, count in spoken_of.counts.items() if other != key and other.endswith(key)
    )
    return kinds > 2 * spoken_of.counts[key]
