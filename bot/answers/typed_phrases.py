"""The stretches of a question that may name a role, as they were typed."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass

from bot.answers.sections import Section
from index.searching.lexical import STOP_WORDS
from index.snapshots.stored import StoredRole
from knowledge.roles.levels import RANKS, Level
from knowledge.roles.occupations import spell_out
from knowledge.roles.phrases import find_role_phrases

# Words of questions that stand before a role without belonging to its name.
_NOT_IN_NAMES = frozenset(
    """
    compare compared comparing explain describe define list show become becoming being hire hiring
    want wanna like between difference differences different differ differs versus vs call called
    say says said mean means need needs needed know knows good bad hard easy actual actually
    typical average usual normal regular random exactly basically kind sort type way job role work
    career position guy guys person people folks salary pay skills tools tasks day life question
    make makes earn earns use uses using learn study help plus maybe everyone everybody someone
    somebody anyone people mention mentions mentioned kill kills replace replaces forget actual
    want wants run runs running hires hired still learns learned learning ever never really company
    companies industry industries zero straight go goes going get gets getting got start starts
    starting started find finds finding pays paid let lets send sends put puts take takes taking
    tell tells ask asks give gives see sees work works working stay stays keep keeps do does did
    about into also only lets big small biggest major real junior senior staff apply applying train
    trains trained come comes new brand hit hits reach reaches report reports answer answers steal
    newly recently fully freshly fresh separate registered licensed accredited graduate unlike
    freelance locum onto into plain mere money above below beneath
    """.split()
)

CALLED_BY_LETTERS = re.compile(
    r"\b(?i:do|are|can|should|would|will)\s+([A-Z]{2,5}s)\b"
    r"|\b(?i:does|is|what'?s|what\s+is)\s+(?i:an?)\s+([A-Z]{2,5})\b"
    r"(?=\W*$|\s+(?:(?P<works>do|does|earns?|reports?|manages?|writes?|codes?|talks?|paid)"
    r"|makes?|gets?|needs?|have|works?|uses?|spends?|handles?|responsible|actually|even|really)\b)"
)
"""People called by letters: "how do TPMs work", "what does an AM do", but not "is a CS degree".

Behind it `works` is what people do, and things hardly.
"""

_CALLED_ONE = re.compile(
    r"\b(?:does|do|is|as|be|become|becoming|being|than|from|between|and|or|vs\.?|versus|to|hire"
    r"|hiring)\s+(?:an?|the)\s+$",
    re.IGNORECASE,
)
_JOINED_BEHIND = re.compile(r"\s+(?:or|vs\.?|versus)\s", re.IGNORECASE)
_JOINED_BEFORE = re.compile(r"\b(?:or|vs\.?|versus)\s+$", re.IGNORECASE)
_TELLS_TIME = re.compile(r"\d\s*$")
EVERYDAY_LETTERS = frozenset("ad ai am cv er hq hr id it ok pc pr pt tv uk us".split())
"""Letters that are words, or stand for things."""

_WHO = re.compile(r"\bwho\s+$", re.IGNORECASE)
_NEXT_WORD = re.compile(r"[ -](?P<word>[^\W_]+)")
_GOOD_AT = re.compile(r"\b(?:at|of)\s+$", re.IGNORECASE)
_PARTS = re.compile(r"[,;:!?]")
# A paper, and no driver.
_LICENCE = re.compile(r"\bdriver['’]?s?['’]? (?=licen[cs]e)", re.IGNORECASE)
_IN_CHIEF = re.compile(r"(?<=\w) in chief\b", re.IGNORECASE)
_DOER = re.compile(r"\b(?:they|we|i)\s+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A stretch of a question that names a role: [start, end).

    `roles` holds one role that the guides know, several where the name is ambiguous ("PM"), none
    where the guides don't have it. Where a level of the role is named, `outer` holds its words too.
    `section` is what the guides have a heading for.
    """

    start: int
    end: int
    words: str
    roles: tuple[StoredRole, ...]
    level: Level | None = None
    outer: tuple[int, int] | None = None
    section: Section | None = None


def mention_of(
    question: str, first: re.Match[str], last: re.Match[str], roles: tuple[StoredRole, ...]
) -> Mention:
    """Return what names roles from a word to another, with the bracket that belongs to it."""
    start, end = first.start(), last.end()
    # "software engineer (data science)": the qualifier's bracket belongs to the name.
    if (
        question[start:end].count("(") > question[start:end].count(")")
        and question[end : end + 1] == ")"
    ):
        end += 1
    return Mention(start=start, end=end, words=question[start:end], roles=roles)


def find_letters(
    question: str,
    found: Sequence[Mention],
    acronyms: Container[str],
    occurs: Callable[[str], bool],
) -> Iterator[Mention]:
    """Yield people called by letters that are no role's: "do TPMs manage anyone".

    Letters that the guides have may be of a thing, unless they do what people do.

    Args:
        question: The question.
        found: The roles that it names.
        acronyms: The letters that roles are called by, in lower case.
        occurs: Tells whether a word is anywhere in the guides.
    """
    if question.isupper():
        return
    for match in CALLED_BY_LETTERS.finditer(question):
        start, end = match.span(1 if match[1] else 2)
        letters = question[start:end].rstrip("s").lower()
        is_taken = any(one.start < end and start < one.end for one in found)
        is_person = match["works"] is not None or not occurs(letters)
        if not is_taken and letters not in acronyms and is_person:
            yield Mention(start=start, end=end, words=question[start:end], roles=())


def is_called_by_two_letters(letters: re.Match[str]) -> bool:
    """Tell the "pm" of "what does a pm do" and "pm or dev" from that of "at 3 pm"."""
    if letters[0].lower() in EVERYDAY_LETTERS:
        return False
    question, start = letters.string, letters.start()
    if _CALLED_ONE.search(question, 0, start):
        return True
    is_joined = _JOINED_BEHIND.match(question, letters.end()) or _JOINED_BEFORE.search(
        question, 0, start
    )
    return is_joined is not None and _TELLS_TIME.search(question, 0, start) is None


def is_skill(question: str, start: int) -> bool:
    """Tell the "UX" of "how good must a product designer be at UX" from somebody who does it."""
    return _GOOD_AT.search(question, 0, start) is not None


def is_rank_before(question: str, mention: Mention, mentions: Sequence[Mention]) -> bool:
    """Tell the "lead" of "lead senior developer" from a lead."""
    if mention.words.lower() not in RANKS:
        return False
    following = _NEXT_WORD.match(question, mention.end)
    return following is not None and (
        following["word"].lower() in RANKS
        or any(one.start == following.start("word") for one in mentions)
    )


def goes_on(tokens: Sequence[re.Match[str]], last: re.Match[str]) -> bool:
    """Tell whether a word that may belong to the same phrase follows."""
    following = next((token for token in tokens if token.start() > last.start()), None)
    return (
        following is not None
        and following[0].lower() not in STOP_WORDS
        and last.string[last.end() : following.start()].isspace()
    )


def spell_typed(tokens: Sequence[re.Match[str]], typed: Sequence[str] | None = None) -> list[str]:
    """Return words of a question spelt out, each beside those that no mark parts it from.

    In "senior dev, lead dev" the first is no "development lead".

    Args:
        tokens: The words.
        typed: What is read for them, where that is something else.
    """
    words = [token[0] for token in tokens] if typed is None else typed
    breaks = [
        place
        for place in range(1, len(tokens))
        if _PARTS.search(tokens[0].string, tokens[place - 1].end(), tokens[place].start())
    ]
    return [
        spelt
        for first, end in itertools.pairwise([0, *breaks, len(tokens)])
        for spelt in spell_out(words[first:end])
    ]


def phrases_in(tokens: Sequence[re.Match[str]]) -> Iterator[Sequence[re.Match[str]]]:
    """Yield the words of each phrase that ends in an occupation noun, be it a clipped one."""
    spelt = spell_typed(tokens)
    text, starts = "", []
    for place, spelt_word in enumerate(spelt):
        original = tokens[place][0]
        words = original if spelt_word == original.lower() else spelt_word
        gap = tokens[place].string[tokens[place - 1].end() : tokens[place].start()] if place else ""
        text += gap
        starts.append(len(text))
        text += words
    for phrase in find_role_phrases(text):
        first = bisect_right(starts, phrase.start) - 1
        last = bisect_right(starts, phrase.end - 1) - 1
        yield tokens[first : last + 1]


def trim(tokens: Sequence[re.Match[str]]) -> Sequence[re.Match[str]]:
    """Return the words of a phrase without those around the name: "hiring", "hit staff".

    Behind it there may be some where a head says of what: "head of engineering report", "vp of
    sales supposed to".
    """
    words = [token[0].lower() for token in tokens]
    if "of" in words:
        while words[-2] != "of" and (words[-1] in _NOT_IN_NAMES or words[-1].endswith("ed")):
            words.pop()
        tokens = tokens[: len(words)]
    first = 0
    while first < len(words) - 1:
        is_gerund = words[first].endswith("ing") and first < len(words) - 2
        is_verb = first == 0 and _is_verb(tokens[0])
        if words[first] not in _NOT_IN_NAMES and not is_gerund and not is_verb:
            break
        first += 1
    return tokens[first:]


def _is_verb(token: re.Match[str]) -> bool:
    """Tell the verbs of "who supervises paramedics", "do they rate engineers" from names."""
    if _DOER.search(token.string, 0, token.start()):
        return True
    ends_as_verb = token[0].lower().endswith("s")
    return ends_as_verb and _WHO.search(token.string, 0, token.start()) is not None


def without_papers(question: str) -> str:
    """Return a question without the driver of a driver's licence; an editor in chief is one word.

    As long as it was, so that places in it stay.
    """
    question = _LICENCE.sub(lambda match: " " * len(match[0]), question)
    return _IN_CHIEF.sub("-in-chief", question)
