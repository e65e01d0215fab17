"""How much a reply says: little where it is sure, more where it isn't."""

import sys
from dataclasses import dataclass

from bot.settings import AnswerSettings

_FEWEST_CHARACTERS = 250
# Chosen on the development sets by the share of replies that hold the answer; see docs/answers.md.
_ENOUGH = 0.96
_LONG_CHARACTERS = 350
_ENOUGH_OF_LONG = 0.7
_LEAST = 0.01
_CHARACTERS_OF_COMPARISON = 1_190
_STATEMENTS_OF_A_SIDE = 6
_ENOUGH_OF_A_SIDE = 0.99
_LEAST_OF_A_SIDE = 0.003


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much may be said: so many statements, and characters in all.

    Sentences are added until one of those there holds the answer with a probability of `enough`,
    or of `enough_of_long` once they have `long_characters`; those with less than `least` never are.
    """

    statements: int
    characters: int
    enough: float
    least: float
    long_characters: int = sys.maxsize
    enough_of_long: float = 1.0


def room_of_reply(settings: AnswerSettings, share: int) -> Room:
    """Return the room of a reply about one role, one of `share` that have the room of one."""
    fewest = min(settings.max_characters, _FEWEST_CHARACTERS)
    return Room(
        statements=settings.max_statements,
        characters=max(settings.max_characters // share, fewest),
        enough=_ENOUGH,
        least=_LEAST,
        long_characters=_LONG_CHARACTERS // share,
        enough_of_long=_ENOUGH_OF_LONG,
    )


def room_of_side(sides: int, share: int) -> Room:
    """Return the room of one side of a comparison, one of `share` that have the room of one."""
    characters = _CHARACTERS_OF_COMPARISON // sides // share
    return Room(
        statements=_STATEMENTS_OF_A_SIDE,
        characters=max(characters, _FEWEST_CHARACTERS),
        enough=_ENOUGH_OF_A_SIDE,
        least=_LEAST_OF_A_SIDE,
    )
