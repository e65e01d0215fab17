"""Words that name levels: which stand together, and which level they make of a role."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from index.snapshots.stored import StoredRole
from knowledge.roles.levels import CODE, GRADE_WORDS, RANKS, SPELLINGS, Level, read_level
from knowledge.roles.phrases import role_key

GAP = re.compile(r"[ \-(]{1,2}")
"""What may stand between words that belong together."""

NUMBERS = re.compile(r"[1-9]|II|III|IV|VI{0,2}")
"""A level's number as titles write it."""

_WITHIN_NUMBER = re.compile(r"\d[:.,/]\Z|[:.,/-]\d")
# "Data scientist 5 years in" is no data scientist 5.
_COUNTED = frozenset(
    "year years yr yrs month months week weeks day days hour hours times people k percent".split()
)


class Run(NamedTuple):
    """Adjacent words that name a level: the places of the first and behind the last."""

    first: int
    end: int


def runs_of(text: str, words: Sequence[re.Match[str]]) -> list[Run]:
    """Return the runs of a text's words that name levels, in order."""
    runs: list[Run] = []
    place = 0
    while place < len(words):
        end = place
        while end < len(words) and (
            end == place or GAP.fullmatch(text, words[end - 1].end(), words[end].start())
        ):
            if _is_rank(words[end][0]) or CODE.fullmatch(words[end][0]):
                end += 1
            elif (
                words[end][0].lower() in GRADE_WORDS
                and end + 1 < len(words)
                and words[end + 1][0].isdigit()
                and len(words[end + 1][0]) < 3
            ):
                end += 2
            elif words[end][0].lower() in GRADE_WORDS and end > place:
                end += 1
            elif NUMBERS.fullmatch(words[end][0]) and end == place and _may_number(words, end):
                end += 1
                break
            else:
                break
        if end > place:
            runs.append(Run(place, end))
        place = max(end, place + 1)
    return runs


def _may_number(words: Sequence[re.Match[str]], place: int) -> bool:
    """Tell "engineer 2" from "engineer, 2 years" and "1:1" by what stands beside the number."""
    is_counted = place + 1 < len(words) and words[place + 1][0].lower() in _COUNTED
    word = words[place]
    before = word.string[: word.start()]
    is_part = _WITHIN_NUMBER.match(word.string, word.end()) or _WITHIN_NUMBER.search(before[-2:])
    return place > 0 and not is_counted and not is_part


def level_of(words: Sequence[re.Match[str]], role: StoredRole) -> Level | None:
    """Return the level that words around a role's name make: "senior" and "2"."""
    written = [word[0] for word in words]
    for word in written:
        if CODE.fullmatch(word):
            return Level(word.lower())
    noun = noun_of(role)
    kept = [word for word in written if word.lower() not in GRADE_WORDS]
    level = read_level(
        [*kept[:-1], noun or "engineer", kept[-1]] if _ends_in_number(kept) else kept
    )
    return level and Level(level.name, noun)


def _ends_in_number(words: Sequence[str]) -> bool:
    return bool(words) and bool(NUMBERS.fullmatch(words[-1]))


def noun_of(role: StoredRole) -> str:
    """Return the noun of a role's name; none where its other names end in others."""
    nouns = {
        role_key(name.split("(")[0]).split()[-1]
        for name in (role.name, *role.aliases)
        if " " in name or name == role.name
    }
    return nouns.pop() if len(nouns) == 1 else ""


def _is_rank(word: str) -> bool:
    return SPELLINGS.get(word.lower(), word.lower()) in RANKS
