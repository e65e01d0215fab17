"""What one document says of roles: in its title, headings, front matter and text.

A build that has read a document before need not read it again.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import TypeAdapter

from knowledge.blocks import Block, BlockKind
from knowledge.documents import Document
from knowledge.markup import remove_markup
from knowledge.roles.half_names import clipped_name, noun_alone, role_of_duties, role_of_section
from knowledge.roles.headings import (
    ACRONYM_BEHIND,
    acronym_behind,
    are_two_roles,
    beginning_of,
    capitalise,
    is_of_somebody,
    is_one_role,
    is_only_role,
    letters_before,
    names_in_heading,
    without_qualifiers,
)
from knowledge.roles.labelled import roles_labelled
from knowledge.roles.levels import RANKS
from knowledge.roles.other_names import (
    names_behind_role,
    names_listed,
    names_of_this_role,
    says_other_names,
)
from knowledge.roles.people import HeadingsOfRank, people_beside_roles, people_named
from knowledge.roles.phrases import FUNCTION_WORDS, find_role_phrases, role_key
from knowledge.roles.spoken_of import (
    Offset,
    RoleSection,
    RolesSpokenOf,
    count_noun,
    end_of_section,
    key_of_name,
    words_of_file_name,
)
from knowledge.roles.subjects import find_subjects, is_short_for_any
from knowledge.sentences import Outline

_HOLDER = re.compile(
    r"\s+(?:-+|–|—)\s(?P<names>[A-Z][\w'’.-]*(?:(?:,? (?:and |& )?)[A-Z][\w'’.-]*)+)$"
)
_SAYS_I = re.compile(r"\W*(?:I|we)\b", re.IGNORECASE)
_SAID_AGAIN = 2
_SAID_OFTEN = 3
_LEAST_TOLD_OF_OTHERS = 5


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
    body_start: Offset
    body_end: Offset
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
    spoken_of = RolesSpokenOf(document.text)
    sections = (
        *_roles_of_headings(document, outline, spoken_of),
        *roles_labelled(document, outline),
    )
    subjects = find_subjects(document, outline, spoken_of, sections)
    sections = tuple(
        section for section in sections if not is_short_for_any(section.name, subjects)
    )
    sections_of_body = (section for section in sections if section.start == document.body_start)
    keys = {role_key(name) for name in (*subjects, *(section.name for section in sections_of_body))}
    mentions = Mentions()
    for mention in _mentions_in(
        document, outline, keys.pop() if len(keys) == 1 else None, sections
    ):
        mentions.add(mention)
    return RoleFacts(
        subjects=subjects,
        aliases=_other_names(document, subjects[0]) if len(subjects) == 1 else (),
        body_start=document.body_start,
        body_end=len(document.text),
        sections=sections,
        mentions=tuple(mentions),
    )


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


def _other_names(document: Document, subject: str) -> tuple[str, ...]:
    """Return the names that a document has for its only role beside the one in its text.

    "SRE" is spelt out where the file is named "site-reliability-engineer.md".
    """
    words = words_of_file_name(document.id)
    spelt_by_file = list(find_role_phrases(words)) if is_only_role(words) else []
    spelt_out = [
        capitalise(phrase.name)
        for phrase in spelt_by_file
        if subject.isupper()
        and "".join(word[0] for word in phrase.key.split()) == role_key(subject)
    ]
    letters = acronym_behind(document.title, subject) or _initials_said(document.text, subject)
    # "Captain (Brigade Leader)"
    in_title = [
        name
        for name in names_in_heading(document.title)
        if document.title.endswith(")") and not subject.startswith(name)
    ]
    in_file_name = [
        capitalise(phrase.name)
        for phrase in spelt_by_file
        if set(phrase.key.split()) <= set(role_key(subject).split())
        or re.search(rf"\b{re.escape(phrase.key)}", document.text, re.IGNORECASE)
    ]
    ranked = _ranked_by_file(document, subject)
    names = (*document.aliases, *spelt_out, *in_title, *in_file_name, *ranked)
    return (*names, letters) if letters else names


def _ranked_by_file(document: Document, subject: str) -> list[str]:
    """Return the "principal engineer" that a file about a principal software engineer is for."""
    words = words_of_file_name(document.id).lower().split()
    ranks = list(itertools.takewhile(RANKS.__contains__, words))
    noun = role_key(" ".join(words[len(ranks) :]))
    is_said = set(ranks) <= set(document.title.lower().split())
    is_short = noun != role_key(subject) and f" {role_key(subject)}".endswith(f" {noun}")
    return [capitalise(" ".join(words))] if ranks and noun and is_said and is_short else []


def _initials_said(text: str, subject: str) -> str | None:
    """Return what a guide calls its role for short, "PM", if it does so often."""
    initials = "".join(word[0] for word in key_of_name(subject).split()).upper()
    is_said = len(re.findall(rf"\b{re.escape(initials)}s?\b", text)) >= _SAID_OFTEN
    return initials if len(initials) > 1 and is_said else None


def _roles_of_headings(
    document: Document, outline: Outline, spoken_of: RolesSpokenOf
) -> Iterator[RoleSection]:
    """Yield the roles that have a section of their own, with the section."""
    headings = [block for block in outline.blocks if block.kind is BlockKind.HEADING]
    written = [remove_markup(document.text[one.start : one.end]) for one in headings]
    texts = [words if words == document.title else without_holder(words) for words in written]
    ends = [end_of_section(headings, place, len(document.text)) for place in range(len(headings))]
    below = [document.text[heading.end : end] for heading, end in zip(headings, ends, strict=True)]
    found = {
        place: _roles_by_themselves(words, below[place], spoken_of)
        for place, words in enumerate(texts)
        if words != document.title and below[place].strip()
    }
    ranks = {
        place: rank
        for places in _siblings(headings)
        for rank in [HeadingsOfRank([(texts[place], found.get(place, [])) for place in places])]
        for place in places
    }
    for place, own in found.items():
        for name in own or people_beside_roles(texts[place], ranks[place], document.text):
            yield RoleSection(name=capitalise(name), start=headings[place].start, end=ends[place])


def _roles_by_themselves(heading: str, below: str, spoken_of: RolesSpokenOf) -> list[str]:
    """Return the roles that a heading names, whatever others stand beside it."""
    names = [] if _SAYS_I.match(heading) else names_in_heading(heading)
    noun = noun_alone(heading)
    if noun is not None and count_noun(noun, below) >= _SAID_AGAIN:
        return [noun]
    if noun is not None or not names:
        name = role_of_section(heading, below) or people_named(heading, below)
        name = name or role_of_duties(heading)
        # "Technical Admin", but not "Big Tech".
        is_clipped = heading.istitle() and not heading.endswith("Tech")
        name = name or (clipped_name(heading) if is_clipped else None)
        return [name] if name else []
    if len(names) > 1 and not are_two_roles(heading):
        return []
    # "Hire designers" looks like "Delivery managers", but only a name is said again.
    is_title_case = all(
        any(map(str.isupper, word))
        for word in without_qualifiers(heading).split()
        if word[0].isalpha() and word not in FUNCTION_WORDS
    )
    beginning = beginning_of(heading)
    is_whole = " and " in beginning and role_key(names[0]) == role_key(beginning)
    is_one = is_whole or is_one_role(beginning) or is_of_somebody(heading)
    return [
        name for name in names if is_title_case or is_one or spoken_of.times(key_of_name(name)) > 1
    ]


def without_holder(heading: str) -> str:
    """Return a heading without who holds the role now: "Treasurer -- Jane Doe"."""
    match = _HOLDER.search(heading)
    is_named = match is not None and not any(find_role_phrases(match["names"]))
    return heading[: match.start()] if match and is_named else heading


def _siblings(headings: Sequence[Block]) -> list[list[int]]:
    """Return the places of the headings of the same rank below the same one, together."""
    groups: list[list[int]] = []
    open_groups: dict[int, list[int]] = {}
    for place, heading in enumerate(headings):
        open_groups = {
            level: group for level, group in open_groups.items() if level <= heading.level
        }
        if heading.level not in open_groups:
            groups.append([])
            open_groups[heading.level] = groups[-1]
        open_groups[heading.level].append(place)
    return groups


def _mentions_in(
    document: Document, outline: Outline, main_key: str | None, sections: Sequence[RoleSection]
) -> Iterator[RoleMention]:
    """Yield the roles that the text writes with capitals, and other names that it gives to roles.

    Args:
        document: The document.
        outline: Its outline.
        main_key: The key of the only role that the document is about, where there is one.
        sections: Those that are about a role.
    """
    # Beside long sections about other roles nothing is known to be about the document's own.
    told = sum(one.end - one.start for one in sections if role_key(one.name) != main_key)
    is_mostly_main = _LEAST_TOLD_OF_OTHERS * told < len(document.text) - document.body_start
    for section in sections:
        heading = document.text[section.start : section.end].split("\n", maxsplit=1)[0]
        if letters := acronym_behind(heading, section.name) or letters_before(
            remove_markup(heading), section.name
        ):
            yield RoleMention(key=role_key(section.name), words=letters, is_alias=True)
    for sentence in outline.sentences:
        text = remove_markup(document.text[sentence.start : sentence.end])
        phrases = list(find_role_phrases(text))
        for phrase in phrases:
            acronym = ACRONYM_BEHIND.match(text, phrase.end)
            is_title_case = all(word[0].isupper() for word in phrase.words)
            if acronym or (is_title_case and len(phrase.words) > 1):
                name = capitalise(phrase.name)
                yield RoleMention(key=role_key(name), words=name, is_alias=False)
            if acronym and phrase.key.split()[-1][0].upper() in acronym["acronym"]:
                yield RoleMention(key=phrase.key, words=acronym["acronym"], is_alias=True)
            for name in names_behind_role(text, phrase):
                yield RoleMention(key=phrase.key, words=name, is_alias=True)
        key = _key_at(sentence.start, main_key if is_mostly_main else None, sections)
        if key is None:
            continue
        names = list(names_of_this_role(text, key))
        if sentence.heading_path and says_other_names(sentence.heading_path[-1]):
            names += names_listed(text)
        for name in names:
            if not f" {key}".endswith(f" {role_key(name)}"):
                yield RoleMention(key=key, words=name, is_alias=True)


def _key_at(place: int, main_key: str | None, sections: Sequence[RoleSection]) -> str | None:
    """Return the key of the role that a place is about: of the smallest section around it."""
    around = [one for one in sections if one.start <= place < one.end]
    smallest = min(around, key=lambda one: one.end - one.start, default=None)
    return role_key(smallest.name) if smallest else main_key
