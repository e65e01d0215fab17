"""How much a reply says: little where it is sure, more where it isn't."""

from dataclasses import dataclass

from bot.settings import AnswerSettings

_FEWEST_CHARACTERS = 250
# Chosen on the development sets by the share of replies that hold the answer; see docs/answers.md.
_ENOUGH = ((0, 0.99), (200, 0.97), (350, 0.8))
_LEAST = 0.01
_CHARACTERS_OF_COMPARISON = 1_190
_STATEMENTS_OF_A_SIDE = 6
_ENOUGH_OF_A_SIDE = ((0, 0.99),)
_LEAST_OF_A_SIDE = 0.003


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much may be said: so many statements, and characters in all.

    Sentences are added until one of those there holds the answer with a probability that is
    `enough`, which says from how many characters on what probability is; those with less than
    `least` never are.
    """

    statements: int
    characters: int
    enough: tuple[tuple[int, float], ...]
    least: float

    def is_enough(self, characters: int, probability: float) -> bool:
        """Tell whether what is said, so long and so sure to hold the answer, will do."""
        return probability >= min(
            enough for characters_from, enough in self.enough if characters >= characters_from
        )


def room_of_reply(settings: AnswerSettings, share: int) -> Room:
    """Return the room of a reply about one role, one of `share` that have the room of one."""
    fewest = min(settings.max_characters, _FEWEST_CHARACTERS)
    return Room(
        statements=settings.max_statements,
        characters=max(settings.max_characters // share, fewest),
        enough=tuple((characters // share, enough) for characters, enough in _ENOUGH),
        least=_LEAST,
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
