"""The two sides of a comparison, where only one of them is a role that the guides know."""

import re

from bot.answers.phrases import (
    ANOTHER_OR,
    ASKS_TWICE,
    ASKS_WHICH,
    BEFORE_VERSUS,
    BEGINS_CHOICE,
    CHOOSING,
    ENDS_CHOICE,
    JOINING,
    NOT_COMPARED,
    OF_BOTH,
    OR_ANOTHER,
    OTHER_SIDE,
    WORD_OF_NAME,
)
from bot.answers.typed_phrases import Mention
from index.searching.lexical import STOP_WORDS

_MOST_BETWEEN_ROLES = 45


def joins_roles(text: str, mentions: list[Mention]) -> bool:
    """Tell "what do X use and what do Y use" from "does an X report to a Y"."""
    between = _between(text, mentions)
    if len(mentions) < 2:
        return False
    return any((CHOOSING.search(between), ASKS_TWICE.search(between), OF_BOTH.search(text))) or (
        len(between) <= _MOST_BETWEEN_ROLES and bool(JOINING.search(between))
    )


def find_other_side(text: str, mentions: list[Mention]) -> Mention | None:
    """Return what a role is compared with where that is no role that anybody knows: "an EMT"."""
    for pattern in (OTHER_SIDE, BEFORE_VERSUS):
        for match in pattern.finditer(text):
            if (side := _unknown_side(text, match, mentions)) is not None:
                return side
    return None


def find_other_choice(text: str, mentions: list[Mention]) -> Mention | None:
    """Return what stands beside a role where one of two is asked for: "cabin crew or pilots"."""
    if not ASKS_WHICH.search(text):
        return None
    for mention in mentions:
        start, end = mention.outer or (mention.start, mention.end)
        behind = BEGINS_CHOICE.search(text, 0, start) and OR_ANOTHER.match(text, end)
        before = ENDS_CHOICE.match(text, end) and ANOTHER_OR.search(text, 0, start)
        for match in (behind, before):
            if match and (side := _unknown_side(text, match, mentions)) is not None:
                return side if side.words == match["name"] else None
    return None


def _unknown_side(text: str, match: re.Match[str], mentions: list[Mention]) -> Mention | None:
    """Return the name that was found, without what belongs to no name."""
    words = list(WORD_OF_NAME.finditer(text, match.start("name"), match.end("name")))
    while words and _is_no_name(words[-1][0]):
        words.pop()
    while words and _is_no_name(words[0][0]):
        words = words[1:]
    if not words or any(_is_no_name(word[0]) for word in words):
        return None
    start, end = words[0].start(), words[-1].end()
    if any(item.start < end and start < item.end for item in mentions):
        return None
    return Mention(start=start, end=end, words=text[start:end], roles=())


def _is_no_name(word: str) -> bool:
    return word.lower() in STOP_WORDS or word.lower() in NOT_COMPARED


def _between(text: str, mentions: list[Mention]) -> str:
    return text[mentions[0].end : mentions[-1].start] if len(mentions) > 1 else ""
