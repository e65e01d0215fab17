"""Phrases that name a role: an occupation noun with the words before it that belong to its name."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.roles.occupations import (
    AMBIGUOUS_NOUNS,
    FIELDS,
    GRADES,
    HEADS,
    LEADERS,
    NOUNS_BY_FORM,
    OCCUPATION_NOUNS,
    VERBS_BEFORE_ROLES,
    VERBS_THAT_MODIFY,
    singular,
    spell_out,
)

WORD = re.compile(r"[^\W_]+(?:[-/&+.'’][^\W_]+)*(?:(?<=s)['’](?=\s[^\W\d_])|\+*)|&")
_WITHIN_PARAGRAPH = re.compile(r"[ \t]+|[ \t]*\n[ \t]*")
_WITHIN_NAME = re.compile(r"[-/'’]")
MAX_MODIFIERS = 4
_MAX_WORDS_HEADED = 2
_HEADED_BY_NO_JOB = frozenset("state department household cattle steam table".split())
_CONTRACTED = re.compile(r"(?:n['’]t|['’](?:s|re|ve|ll|d|m))$")
_POSSESSIVE = re.compile(r"['’][sS]?$")
_OF_MANY = re.compile(r"[^\W\d_]+s['’]|(?:women|men|children|people)['’]s", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[./]\d+)*")
_IN_PLACE_OF = re.compile(r"(?:co|deputy|sub|vice)-", re.IGNORECASE)
_NO_KINDS = frozenset({"ex", "former", "fellow", "non", "self", "would-be"})
_FOR_PEOPLE = frozenset(
    """
    care community development education enablement engagement experience hiring marketing
    operations productivity program programme programs recruiting recruitment relations services
    success support training wellbeing
    """.split()
)
"""What may be done for people whom a role is named after: a developer relations manager."""

_TERMS = frozenset(
    {
        "back of house",
        "front of house",
        "internet of things",
        "point of sale",
        "proof of concept",
        "quality of life",
        "quality of service",
        "right of way",
    }
)
"""What is done somewhere, in words that hold a little one."""

_HELPERS = frozenset({"assistant"})
_WORDS_OF_FIELDS = frozenset(word for words in FIELDS.values() for word in words)
_NAMES_HELD = 16_384
# Function words never belong to a role's name, but for "of" ("head of design").
FUNCTION_WORDS = frozenset(
    """
    a an the this that these those of in on at by for from to with without as and or but nor so if
    than then vs versus is are was were be been being am do does did has have had can could will
    would shall should may might must not no nor about into over under between within across
    sometimes often usually always never called known named titled among amongst
    what who whom whose which when where why how it its they them their he she his her you your i
    we our us my me s t re ve ll d m like also just even very really too there here while because
    after before beside besides except until during against up down out off
    arent isnt wasnt werent dont doesnt didnt cant
    couldnt wont wouldnt shouldnt hasnt havent aint im ive youre theyre whats hows whos thats gonna
    wanna gotta till til seeks seeking hires said says tells told jobs
    """.split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePhrase:
    """Words of a text that name a role: [start, end) and the words, the noun in the singular."""

    words: tuple[str, ...]
    start: int
    end: int

    @property
    def name(self) -> str:
        """Return the words as one name."""
        return " ".join(self.words)

    @property
    def key(self) -> str:
        """Return the name as roles are compared by."""
        return role_key(self.name)


@lru_cache(maxsize=_NAMES_HELD)
def role_key(name: str) -> str:
    """Return a name as roles are compared by: lower case, one spelling of joints, singular."""
    words = [word.lower() for word in WORD.findall(_WITHIN_NAME.sub(" ", name))]
    words = ["and" if word == "&" else word for word in words]
    return " ".join([*words[:-1], singular(words[-1])]) if words else ""


def forms_of(key: str) -> tuple[str, ...]:
    """Return the forms in which a text may have a role's key: "gopher", "gophers".

    Of known occupations plurals are made singular before anything is compared.
    """
    last = key.rpartition(" ")[2]
    is_known = not last or last in NOUNS_BY_FORM or last.endswith("s")
    return (key,) if is_known else (key, f"{key}s")


def noun_last(key: str) -> str:
    """Return the key of a director of engineering as that of an engineering director."""
    if key.startswith("vp ") and singular(key.rpartition(" ")[2]) in _WORDS_OF_FIELDS:
        key = f"vp of {key.removeprefix('vp ').removeprefix('of ')}"
    head, of, field = key.partition(" of ")
    before, _, noun = head.rpartition(" ")
    return f"{before} {field} {noun}".strip() if of and singular(noun) in LEADERS else key


def find_role_phrases(text: str) -> Iterator[RolePhrase]:
    """Yield the phrases of a text that end in an occupation noun, the longest for each noun.

    In running text a phrase reaches back over words that are no function words and no grades; where
    the noun is capitalised, only over capitalised ones.
    """
    matches = list(WORD.finditer(text))
    for position, match in enumerate(matches):
        written = _POSSESSIVE.sub("", match[0])
        noun = NOUNS_BY_FORM.get(written.lower()) or _noun_behind_hyphen(written)
        if noun is None:
            continue
        following = matches[position + 1] if position + 1 < len(matches) else None
        if (
            following
            and _adjoin(text, match, following)
            and (
                following[0].lower() in NOUNS_BY_FORM
                # The first word has a capital for another reason: "Developer advocate".
                and (position == 0 or following[0][0].isupper() == match[0][0].isupper())
            )
        ):
            continue
        if _is_served(text, matches, position):
            continue
        first = position
        while first > 0 and position - first < MAX_MODIFIERS:
            before = matches[first - 1]
            word = before[0].lower()
            if (
                not _adjoin(text, before, matches[first])
                or (
                    not _is_within_term(matches, first - 1)
                    and (_is_function_word(word) or _OF_MANY.fullmatch(word))
                    and before[0] != "IT"
                    and not _is_of_many(before[0], match[0])
                )
                or (_is_grade(word) and not _is_no_grade(matches, first - 1))
                or (word in VERBS_BEFORE_ROLES and not _may_modify(matches, first - 1, match[0]))
                or _NUMBER.fullmatch(word)
                or (
                    first < position
                    and word in NOUNS_BY_FORM
                    and not (word in _HELPERS and _helps_somebody(text, matches, first - 1))
                    and not (first == position - 1 and _is_served(text, matches, first - 1))
                    and not _is_no_grade(matches, first - 1)
                )
                or (
                    match[0][0].isupper()
                    and not (before[0][0].isupper() or before[0] == "&")
                    and not _is_within_term(matches, first - 1)
                )
            ):
                break
            first -= 1
        if matches[first][0] == "&":
            first += 1
        words = [item[0] for item in matches[first:position]]
        headed = _headed(text, matches, position) if noun in HEADS else []
        # "Editor's note" and "a master's degree" are about nobody.
        is_alone = not words and not headed
        if is_alone and noun in _HELPERS and _helps_somebody(text, matches, position):
            continue
        is_everyday = noun in AMBIGUOUS_NOUNS and not _IN_PLACE_OF.match(written)
        if is_alone and (is_everyday or written != match[0]):
            continue
        yield RolePhrase(
            words=(*words, _singular_as_written(written), *(item[0] for item in headed)),
            start=matches[first].start(),
            end=headed[-1].end() if headed else match.start() + len(written),
        )


def _headed(text: str, matches: Sequence[re.Match[str]], position: int) -> list[re.Match[str]]:
    """Return the "of engineering" of a director: a field, or all that stands up to the next break.

    A vice president does without "of": "VP engineering". Of more words than a name has, "head of
    human resources decides", nothing is taken.
    """
    is_capitalised = matches[position][0][0].isupper()
    behind = matches[position + 1 : position + 3 + _MAX_WORDS_HEADED]
    if not behind or not _adjoin(text, matches[position], behind[0]):
        return []
    if behind[0][0].lower() != "of":
        is_field = spell_out(["vp", behind[0][0]])[1] in _WORDS_OF_FIELDS
        return list(behind[:1]) if is_field and matches[position][0].lower() == "vp" else []
    headed: list[re.Match[str]] = []
    for before, match in itertools.pairwise(behind):
        word = match[0].lower()
        if not _adjoin(text, before, match) or _is_function_word(word) or word in NOUNS_BY_FORM:
            break
        if is_capitalised and headed and headed[0][0][0].isupper() > match[0][0].isupper():
            break  # "The VP of Engineering ensures"
        headed.append(match)
    fields = [place for place, match in enumerate(headed) if match[0].lower() in _WORDS_OF_FIELDS]
    if len(headed) > _MAX_WORDS_HEADED:
        headed = headed[: fields[0] + 1] if fields else []
    if any(
        match[0].lower() in GRADES | _HEADED_BY_NO_JOB or match[0].isdigit() for match in headed
    ):
        return []
    return [behind[0], *headed] if headed else []


def _noun_behind_hyphen(word: str) -> str | None:
    """Return the editor of a "post-editor", but not that of a "non-editor"."""
    before, _, last = word.lower().removesuffix("-in-chief").rpartition("-")
    if "-" not in word or before in _NO_KINDS:
        return None
    return NOUNS_BY_FORM.get(last) or NOUNS_BY_FORM.get(f"{before}{last}")  # "Post-Docs"


def _helps_somebody(text: str, matches: Sequence[re.Match[str]], position: int) -> bool:
    """Tell the "assistant" of an assistant project manager from a teaching assistant."""
    if position and _adjoin(text, matches[position - 1], matches[position]):
        before = matches[position - 1][0].lower()
        if not _is_function_word(before) and before not in GRADES:
            return False
    for place in range(position + 1, min(position + 2 + MAX_MODIFIERS, len(matches))):
        word = matches[place][0].lower()
        if not _adjoin(text, matches[place - 1], matches[place]) or _is_function_word(word):
            return False
        if word in NOUNS_BY_FORM:
            return True
    return False


def _is_served(text: str, matches: Sequence[re.Match[str]], place: int) -> bool:
    """Tell the developer of a developer relations manager."""
    behind = matches[place : place + 3]
    return (
        len(behind) > 2
        and behind[0][0].lower() in OCCUPATION_NOUNS
        and behind[1][0].lower() in _FOR_PEOPLE
        and behind[2][0].lower() in NOUNS_BY_FORM
        and all(_adjoin(text, *pair) for pair in itertools.pairwise(behind))
    )


def _is_function_word(word: str) -> bool:
    """Tell "the" and "aren't" from words that may belong to a name."""
    return word in FUNCTION_WORDS or bool(
        _CONTRACTED.search(word) and re.split("['’]", word)[0] not in NOUNS_BY_FORM
    )


def _is_within_term(matches: Sequence[re.Match[str]], place: int) -> bool:
    """Tell the "of" of a front of house manager from that of the head of a house."""
    if matches[place][0].lower() != "of":
        return False
    around = matches[max(place - 1, 0) : place + 2]
    return " ".join(match[0].lower() for match in around) in _TERMS


def _is_of_many(word: str, noun: str) -> bool:
    """Tell the "Women's" of a Women's Officer from the "engineers'" of the engineers' manager."""
    return word[0].isupper() and noun[0].isupper() and _OF_MANY.fullmatch(word) is not None


def _is_grade(word: str) -> bool:
    """Tell "mid", and "mid-level"."""
    return all(part in GRADES for part in word.split("-"))


def _is_no_grade(matches: Sequence[re.Match[str]], place: int) -> bool:
    """Tell the "level" of a level designer from that of an entry level designer.

    And the "full" of a full stack developer from that of full time ones, the "chief" of a chief
    data officer from that of a chief engineer.
    """
    word = matches[place][0].lower()
    following = matches[place + 1][0].lower()
    if word == "full":
        return following == "stack"
    if word == "young":
        return following in {"adult", "people"}
    if word == "chief":
        behind = matches[place + 1 : place + 2 + MAX_MODIFIERS]
        return any(singular(match[0].lower()) == "officer" for match in behind)
    before = matches[place - 1][0].lower() if place else ""
    return word == "level" and before not in GRADES


def _may_modify(matches: Sequence[re.Match[str]], place: int, noun: str) -> bool:
    """Tell "a support engineer" from "Support engineers", which asks to support them."""
    word = matches[place][0].lower()
    if word == "help":
        return matches[place + 1][0].lower() == "desk"
    # "Companies hiring IT specialists" are no hiring specialists.
    if word.endswith("ing") and matches[place + 1][0].lower() != noun.lower():
        return False
    return word in VERBS_THAT_MODIFY and (place > 0 or noun.lower() in OCCUPATION_NOUNS)


def _adjoin(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    return bool(_WITHIN_PARAGRAPH.fullmatch(text, left.end(), right.start()))


def _singular_as_written(word: str) -> str:
    joined = word.replace("-", "")
    if "-" in word and joined.lower() in NOUNS_BY_FORM:
        return _singular_as_written(joined.capitalize() if word[0].isupper() else joined.lower())
    if "-" in word:
        before, _, last = word.rpartition("-")
        return f"{before}-{_singular_as_written(last)}"
    noun = singular(word.lower())
    if word[:-1].isupper() and len(word) > 1:  # "SREs" and "ANALYSTS"
        return noun.upper()
    if noun == word.lower():
        return word
    return noun.capitalize() if word[0].isupper() else noun
