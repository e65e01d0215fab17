"""The roles that a text speaks of, how often, and where its sections end."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import Annotated, NamedTuple

from pydantic import Field

from knowledge.blocks import Block
from knowledge.roles.headings import is_place, without_qualifiers
from knowledge.roles.occupations import AMBIGUOUS_NOUNS, NOUNS_BY_FORM, singular
from knowledge.roles.phrases import RolePhrase, find_role_phrases, role_key

_WORDS_OF_FILE_NAME = re.compile(r"[^\W\d_]+")
_OFTEN = 4
_WORDS_OF_FILES = frozenset(
    """
    ad advert advertisement career careers desc description descriptions guide hiring index jd job
    jobs opening pd position positions post posting profile role template vacancies vacancy
    """.split()
)
"""What files are called by beside the roles that they are about."""

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

    def times(self, key: str) -> int:
        """Return how often a role is named, be it in other joints: "front-end", "frontend"."""
        return self._times_squeezed[key.replace(" ", "")]

    @cached_property
    def _times_squeezed(self) -> Counter[str]:
        return Counter(phrase.key.replace(" ", "") for phrase in self.phrases)

    def in_other_joints(self, key: str) -> str | None:
        """Return how a role is written that is named in other joints: "ShareSF Coordinator"."""
        squeezed = key.replace(" ", "")
        found = (phrase for phrase in self.phrases if phrase.key.replace(" ", "") == squeezed)
        return next((phrase.name for phrase in found), None)

    @cached_property
    def written(self) -> dict[str, str]:
        """How each role is written first, by its key."""
        return {phrase.key: phrase.name for phrase in reversed(self.phrases)}


def key_of_name(name: str) -> str:
    """Return what a text calls a role: without what stands in brackets behind it."""
    return role_key(without_qualifiers(name))


def count_noun(noun: str, text: str) -> int:
    """Return how often a text has a noun, in the singular or plural."""
    forms = "|".join(form for form, of in NOUNS_BY_FORM.items() if of == noun)
    return len(re.findall(rf"\b(?:{forms})\b", text, re.IGNORECASE))


def says_often(noun: str, spoken_of: RolesSpokenOf) -> bool:
    """Tell whether a text has a noun often that is an everyday word as well: "picker"."""
    key = singular(noun.lower())
    return key in AMBIGUOUS_NOUNS and count_noun(key, spoken_of.text) >= _OFTEN


def words_of_file_name(id_: str) -> str:
    """Return the words of a document's file name, without those that say what it is at its ends.

    "jobs-shelver.md" is named after the shelver.
    """
    words = _WORDS_OF_FILE_NAME.findall(PurePosixPath(id_).stem)
    kept = [place for place, word in enumerate(words) if word.lower() not in _WORDS_OF_FILES]
    return " ".join(words[kept[0] : kept[-1] + 1] if kept else words)


def words_in_folders(id_: str) -> frozenset[str]:
    """Return the words of the folders that a document lies in, lower case."""
    folders = PurePosixPath(id_).parts[:-1]
    return frozenset(
        word for folder in folders for word in re.split(r"[\W_]+", folder.lower()) if word
    )


def end_of_section(headings: Sequence[Block], position: int, text_end: int) -> int:
    """Return the offset at which the section of a heading ends."""
    level = headings[position].level
    return next(
        (later.start for later in headings[position + 1 :] if later.level <= level), text_end
    )
