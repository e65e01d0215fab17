"""The roles that a whole document is about: by its title, its file name, or most of its text."""

import re
from collections.abc import Sequence

from knowledge.documents import Document
from knowledge.markup import remove_markup
from knowledge.roles.half_names import clipped_name
from knowledge.roles.headings import capitalise, is_only_role, names_role
from knowledge.roles.occupations import AMBIGUOUS_NOUNS, FIELDS
from knowledge.roles.people import people_named
from knowledge.roles.phrases import MAX_MODIFIERS, RolePhrase, find_role_phrases, role_key
from knowledge.roles.spoken_of import (
    RoleSection,
    RolesSpokenOf,
    key_of_name,
    says_often,
    words_in_folders,
    words_of_file_name,
)
from knowledge.roles.titles import (
    everyday_word,
    is_only_a_kind,
    roles_of_columns,
    roles_of_leveled_headings,
    roles_of_title,
)
from knowledge.sentences import Outline

_INTRODUCED = re.compile(
    r"(?:(?:\b(?:is|am|was|as)|\bI['’]m)\s+(?:an?|the|our)"
    r"|[A-Z][\w-]+\s+[A-Z][\w-]+,(?:\s+an?)?)\s+$"
)
"""Before the role of somebody: "Marit is a …", "I'm a …", "told by Marit Oyelaran, …"."""

_IS_SENTENCE = re.compile(r"(?:^|[.!?]\s+)\|[.:!]")
"""Around a role that is all of a sentence: "Supplier quality engineer. I work for …"."""

_COMPARED = re.compile(r"\b(?:or|vs\.?|versus)\b", re.IGNORECASE)
_SENTENCES_OF_OPENING = 3
_MOST_WORDS_MORE = 2
_MOST_SUBJECTS = 3
_MOST_SECTIONS_OF_SUBJECT = 2
_OFTEN = 4
_YOU = re.compile(r"\byou\b", re.IGNORECASE)
_OFTEN_YOU = 10
_EARLY = 4
"""What a text is about is named in its first quarter."""

_SHARE_OF_SUBJECT = 4
"""A role is a subject of a document that it makes at least one in four of the roles named in."""


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
        roles_of_title(document, outline, spoken_of)
        or roles_of_columns(document, outline)
        or roles_of_leveled_headings(document, outline)
        or _roles_of_file_name(document.id, spoken_of)
        or _roles_of_text(document, outline, spoken_of, sections)
        or _role_of_opening(document, outline, sections)
        or ([] if sections else _role_of_whole_file_name(document.id))
    )
    names = [_with_file_name(name, document.id, spoken_of) for name in names]
    by_key = {role_key(name): name for name in reversed(names)}
    return tuple(
        by_key[key]
        for key in dict.fromkeys(map(role_key, names))
        if not is_short_for_any(key, names)
    )


def _with_file_name(name: str, id_: str, spoken_of: RolesSpokenOf) -> str:
    """Return the sales engineer of "MD5 (Sales) Engineer" in "sales-engineer.md"."""
    words = words_of_file_name(id_)
    longer = [
        spoken_of.written[phrase.key]
        for phrase in find_role_phrases(words if " " not in role_key(name) else "")
        if phrase.key.endswith(f" {role_key(name)}") and spoken_of.counts[phrase.key]
    ]
    return capitalise(longer[0]) if longer else name


def is_short_for_any(name: str, subjects: Sequence[str]) -> bool:
    """Tell "What a nurse does" in a guide about registered nurses from a role of its own."""
    key = role_key(name)
    return any(
        role_key(subject) != key and f" {key_of_name(subject)}".endswith(f" {key}")
        for subject in subjects
    )


def _roles_of_file_name(id_: str, spoken_of: RolesSpokenOf) -> list[str]:
    """Return the roles that a file is named after, as far as its text speaks of them.

    "lab-manager-letter.txt" is about lab managers, whatever its title says, "driver.txt" about
    drivers.
    """
    words = _as_in_text(words_of_file_name(id_), spoken_of.text)
    if name := everyday_word(words, spoken_of) or people_named(capitalise(words), spoken_of.text):
        return [name]
    names = []
    for phrase in find_role_phrases(words):
        key = _spoken_of_as(phrase, spoken_of)
        if key is not None and not is_only_a_kind(key, spoken_of):
            may_say_more = len(phrase.words) == len(words.split())
            more = phrase.key.split()[: -len(key.split())] if may_say_more else []
            is_more = 0 < len(more) <= _MOST_WORDS_MORE
            if is_more and words_in_folders(id_).isdisjoint(more):
                names.append(spoken_of.in_other_joints(phrase.key) or capitalise(phrase.name))
            else:
                names.append(capitalise(spoken_of.written[key]))
        elif key is None:
            if written := spoken_of.in_other_joints(phrase.key):
                names.append(capitalise(written))
            elif says_often(phrase.words[-1], spoken_of):
                names.append(capitalise(phrase.name))
    return names


def _as_in_text(words: str, text: str) -> str:
    """Return words of a file's name with those in capitals that the text mostly has so: "CDO"."""

    def count(word: str) -> int:
        return len(re.findall(rf"\b{word}s?\b", text))

    return " ".join(
        word.upper()
        if count(word.upper()) > count(word.lower()) + count(word.capitalize())
        else word
        for word in words.split()
    )


def _role_of_whole_file_name(id_: str) -> list[str]:
    """Return the role that is all of a file's name, "bookkeeper.md", if nothing else says one."""
    words = words_of_file_name(id_)
    phrases = list(find_role_phrases(words))
    is_whole = is_only_role(words) and names_role(phrases[0])
    return [capitalise(phrases[0].name)] if is_whole else []


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
                if len(typed) == 1 and says_often(key, spoken_of):
                    return capitalise(key)
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
    if field := _role_of_field(document, spoken_of):
        return [field]
    keys = {role_key(section.name) for section in sections}
    several = len(keys) > 1
    told = sum(section.end - section.start for section in sections)
    if not counts or (several and 2 * told > len(document.text) - document.body_start):
        return []
    beside = [_role_of_activity(part, spoken_of) for part in _COMPARED.split(document.title)]
    if len(several_named := [name for name in beside if name]) > 1:
        return several_named
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
    is_one_of_many = len(keys) > _MOST_SECTIONS_OF_SUBJECT and key in keys
    is_main = (is_most or (count > 1 and begins_with_it)) and not is_one_of_many
    return [capitalise(phrases[key].name)] if is_main and names_role(phrases[key]) else []


def _role_of_field(document: Document, spoken_of: RolesSpokenOf) -> str | None:
    """Return the role whose work a file is named after, where the text says "you" all along.

    "user-research.md", which never says who does that, is about user researchers.
    """
    typed = words_of_file_name(document.id).lower().split()
    is_title = 1 < len(typed) <= MAX_MODIFIERS and " ".join(typed) in document.title.lower()
    noun = next((noun for noun, fields in FIELDS.items() if typed[-1:] == [fields[0]]), None)
    if not is_title or noun is None or noun in AMBIGUOUS_NOUNS:
        return None
    said = len(_YOU.findall(document.text))
    often = max(spoken_of.counts.values(), default=0)
    return capitalise(" ".join([*typed[:-1], noun])) if said > max(_OFTEN_YOU, often) else None


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
