"""Levels of a role, as headings, lists and tables write them: "Senior Engineer 2 (IC5)"."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from knowledge.roles.occupations import FIELDS, NOUNS_BY_FORM, spell_out

RANKS = frozenset(
    """
    intern trainee apprentice graduate entry junior associate mid middle intermediate senior lead
    staff principal distinguished fellow head chief director executive vp assistant deputy
    """.split()
)
"""Words that grade a role where they begin its title."""

GRADE_WORDS = frozenset("level lvl grade tier band".split())
"""Words before a level's number."""

SPELLINGS = {"sr": "senior", "jr": "junior", "snr": "senior", "jnr": "junior"}
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7"}
_FIELDS = frozenset(field for fields in FIELDS.values() for field in fields)
CODE = re.compile(r"(?P<letters>[A-Za-z]{1,3})(?P<number>\d{1,2})")
"""A level's code: "L4", "IC5"."""

_CODE_AT_START = re.compile(r"\W*(?P<code>[A-Z]{1,3}\d{1,2})[\s:–—-]")
_NUMBER = re.compile(r"[1-9]")
_WORD = re.compile(r"[^\W_]+")
_BETWEEN_CELLS = re.compile(r"\s*\|\s*|\s+[-–—]\s+|\s*[,()/]\s*")
_MOST_WORDS_OF_LABEL = 9
_LONGEST_ACRONYM = 4
_MOST_WORDS_OF_CELL = 6
_MOST_CELLS_OF_LABEL = 4


class Level(NamedTuple):
    """A rank, number or code of a role: "senior 2", "4", "ic4".

    `noun` ends the title that it grades, where it is known: an engineer's 1 is no manager's 1.
    """

    name: str
    noun: str = ""

    @property
    def number(self) -> str:
        """The number at its end, if any."""
        match = re.search(r"\d+\Z", self.name)
        return match[0] if match else ""

    @property
    def is_code(self) -> bool:
        """Whether it is a code or a bare number."""
        return self.name[-1].isdigit() and " " not in self.name

    def is_same(self, other: "Level") -> bool:
        """Tell whether both are written the same."""
        return self.name == other.name and self._may_grade_what(other)

    def is_like(self, other: "Level") -> bool:
        """Tell "level 4" and "L4" from levels that no one would take for each other."""
        return (
            self.is_code
            and other.is_code
            and self.number == other.number
            and (self.name.isdigit() or other.name.isdigit())
            and self._may_grade_what(other)
        )

    def includes(self, other: "Level") -> bool:
        """Tell "senior" from what is no kind of it: "senior 2" is one."""
        name, _, number = other.name.rpartition(" ")
        return name == self.name and number.isdigit() and self._may_grade_what(other)

    def _may_grade_what(self, other: "Level") -> bool:
        return not self.noun or not other.noun or self.noun == other.noun


def read_level(words: Sequence[str]) -> Level | None:
    """Return the level that a whole title or table cell names: ranks, a role, a number."""
    if not words or len(words) > _MOST_WORDS_OF_CELL:
        return None
    spelt = [SPELLINGS.get(word, word) for word in spell_out(words)]
    ranks: list[str] = []
    while spelt and spelt[0] in RANKS:
        ranks.append(spelt.pop(0))
    names = list(words[len(ranks) :])
    number = ""
    if spelt and (code := CODE.fullmatch(spelt[-1])) and not ranks:
        if len(spelt) == 1 or spelt[-2] in GRADE_WORDS | NOUNS_BY_FORM.keys():
            return Level(f"{code['letters']}{code['number']}".lower())
        if len(spelt) == 2:
            return None
    if spelt and (ranks or len(spelt) > 1):
        if _NUMBER.fullmatch(spelt[-1]):
            number = spelt.pop()
        elif spelt[-1] in _ROMAN and names[-1].isupper():
            number = _ROMAN[spelt.pop()]
        names = names[: len(spelt)]
    if spelt and spelt[-1] in GRADE_WORDS and (number or ranks):
        spelt.pop()
        names.pop()
    if not ranks and not number:
        return None
    noun = ""
    if spelt:
        last = NOUNS_BY_FORM.get(spelt[-1])
        if last is not None:
            noun = last
        elif not (spelt[-1] in _FIELDS or _is_acronym(names[-1])):
            return None
    return Level(" ".join(filter(None, (*ranks, number))), noun)


def _is_acronym(word: str) -> bool:
    return word.rstrip("s").isupper() and len(word) <= _LONGEST_ACRONYM


def levels_of_label(text: str) -> tuple[Level, ...]:
    """Return the levels that a heading, or the label before what is said of a level, names.

    Those of one label are names of one level, of two roles' where their nouns tell.
    """
    if code := _CODE_AT_START.match(text):
        # "L4 Senior TPM", "L3 EUR 58,000 to 70,000".
        return (Level(code["code"].lower()), *levels_of_label(text[code.end() :]))
    if len(text.split()) > _MOST_WORDS_OF_LABEL:
        return ()
    cells = _BETWEEN_CELLS.split(text)
    levels = (read_level(_WORD.findall(cell)) for cell in cells)
    return tuple(level for level in levels if level is not None)


def levels_of_row(text: str) -> tuple[Level, ...]:
    """Return the levels that the first cells of a table's row name."""
    cells = text.split(" | ")[:_MOST_CELLS_OF_LABEL]
    return tuple(level for cell in cells for level in levels_of_label(cell))


def levels_of_line(text: str) -> tuple[Level, ...]:
    """Return the levels that a line names before it says what holds of them: "L3: mentors"."""
    label, colon, _ = text.partition(":")
    is_label = colon or (len(text.split()) <= _MOST_WORDS_OF_CELL and text[-1:] not in {".", "!"})
    if is_label and (levels := levels_of_label(label)):
        return levels
    code = _CODE_AT_START.match(text)
    return (Level(code["code"].lower()),) if code else ()
