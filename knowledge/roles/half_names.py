"""Roles that a heading leaves half said: by an everyday word, a field, an adjective, in short."""

import re

from knowledge.roles.headings import beginning_of, capitalise, without_article, words_of_name
from knowledge.roles.levels import RANKS
from knowledge.roles.occupations import (
    AMBIGUOUS_NOUNS,
    FIELDS,
    GRADES,
    OCCUPATION_NOUNS,
    singular,
    spell_out,
)
from knowledge.roles.phrases import (
    FUNCTION_WORDS,
    MAX_MODIFIERS,
    WORD,
    find_role_phrases,
    role_key,
)

_LEADING = frozenset({"leader", "supervisor"})
"""Nouns that head a rung of a ladder rather than a guide."""

_MOST_WORDS_OF_FIELD = 3
_LONGEST_INTRODUCTION = 200
_BEGINS = re.compile(r"(?:the|an?|our)?\s*", re.IGNORECASE)
_NO_NAMES = FUNCTION_WORDS | GRADES | {"no", "non"}
_DUTIES = re.compile(
    r"(?P<before>(?:[A-Z]\w+[ -]){0,2})(?P<adjective>[A-Z]\w+?)ial"
    r" (?:duties|functions|responsibilities|roles?|tasks)\b",
    re.IGNORECASE,
)


def noun_alone(heading: str) -> str | None:
    """Return the everyday word that is all of a heading, and may be a role: "Buyer", "The lead"."""
    words = words_of_name(heading)
    noun = singular(words[0].lower()) if len(words) == 1 else None
    return noun if noun in AMBIGUOUS_NOUNS - RANKS - _LEADING else None


def role_of_section(heading: str, below: str) -> str | None:
    """Return the role that a section names below a heading that leaves it half said.

    "Supervisors" are those that its first sentence is about, "The Engineering Supervisors are …";
    "Engineering management" is what engineering managers do, where it speaks of them again.
    """
    words = words_of_name(heading)
    if not words or len(words) > _MOST_WORDS_OF_FIELD:
        return None
    last = words[-1].lower()
    if len(words) == 1:
        phrase = next(find_role_phrases(below.lstrip()[:_LONGEST_INTRODUCTION]), None)
        begins = phrase is not None and _BEGINS.fullmatch(below.lstrip()[: phrase.start])
        named = set(phrase.key.split()) if phrase else set[str]()
        return phrase.name if phrase and begins and {singular(last)} < named else None
    noun = next((noun for noun, fields in FIELDS.items() if last in fields), None)
    if noun is None or not FUNCTION_WORDS.isdisjoint(map(str.lower, words)):
        return None
    name = " ".join([*words[:-1], noun])
    said = sum(phrase.key == role_key(name) for phrase in find_role_phrases(below))
    return name if said > 1 else None


def role_of_duties(heading: str) -> str | None:
    """Return whose duties a heading tells by an adjective: "Vice Presidential Duties"."""
    match = _DUTIES.match(heading)
    if match is None:
        return None
    stem = match["adjective"].lower()
    noun = next((one for one in (stem, f"{stem}y") if one in OCCUPATION_NOUNS), None)
    before = without_article(WORD.findall(match["before"]))
    if noun is None or not _NO_NAMES.isdisjoint(word.lower() for word in before):
        return None
    return capitalise(" ".join([*before, noun]))


def clipped_name(heading: str) -> str | None:
    """Return the role that a heading begins with in clipped words: "Data centre tech - notes"."""
    words = without_article(WORD.findall(beginning_of(heading)))
    spelt = spell_out(words)
    if (
        len(words) < 2
        or len(words) > MAX_MODIFIERS + 1
        or spelt[-1] == words[-1].lower()
        or singular(spelt[-1]) not in OCCUPATION_NOUNS
        or not FUNCTION_WORDS.isdisjoint(word.lower() for word in words)
    ):
        return None
    return capitalise(" ".join([*words[:-1], singular(spelt[-1])]))
