"""Slips of the keyboard are mended before a question is looked up, never in what is shown."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from index.encoding.encoder import Encoder
from index.searching.lexical import STOP_WORDS

_WORD = re.compile(r"[^\W\d_]+")
_VERSUS = re.compile(r"(?<=\w )v\.?(?= [^\W\d])", re.IGNORECASE)
_FEWEST_CHARACTERS = 5
_CHARACTERS_FOR_ANY_SLIP = 6
_CHARACTERS_FOR_TWO_SLIPS = 8
_WORDS_HELD = 4_096
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ers", "ly")
_ENDINGS_OF_DOERS = ("er", "ers")
_BEGINNINGS = ("re", "un", "non", "pre", "co", "over")
_FEWEST_OF_STEM = 4
_FEWEST_OF_SECOND_PART = 3
_VOWELS = "aeiou"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
CHAT_WORDS = frozenset(
    """
    arent cant couldnt didnt doesnt dont hasnt havent isnt shouldnt thats theres theyre wasnt
    werent whats wheres whos wont wouldnt youre youve gonna wanna gotta kinda sorta gimme lemme
    dunno innit cuz thru tho tbh idk imo btw lol lmao pls plz ppl bc rn ngl ur yall
    """.split()
)
"""Words as people type them in chats, which are no slips."""


class Lexicon(Protocol):
    """The words that the guides use, lower case."""

    def has_word(self, word: str) -> bool:
        """Say whether a guide uses the word."""
        ...

    def words_like(self, first: str, shortest: int, longest: int) -> Sequence[str]:
        """Return the words with this first letter and a length within the bounds."""
        ...


class Speller:
    """Mends words that no guide uses and no one else either, when one that is used is near."""

    def __init__(
        self,
        lexicon: Lexicon,
        known: frozenset[str],
        find_common: Callable[[Sequence[str]], Sequence[str]],
        *,
        right: Collection[str] = CHAT_WORDS,
        of_names: Collection[str] = (),
    ) -> None:
        """Take the words in use.

        Args:
            lexicon: The words of the guides.
            known: More words in use, lower case.
            find_common: Returns those of some words that are common in the language.
            right: Words that are no slips, and not what any slip stands for.
            of_names: The words of the roles' names, lower case.
        """
        self._lexicon = lexicon
        self._known = known
        self._find_common = find_common
        self._right = right
        self._of_names = of_names
        self._mend_lower = lru_cache(maxsize=_WORDS_HELD)(self._find_nearest)

    def mend(self, text: str) -> str:
        """Return the text with its slips mended: one for a short word, two for a long one.

        The first letter is taken to be right, as it nearly always is. "X v Y" is "X vs Y".
        Source: Damerau 1964; Pollock & Zamora 1984 on first letters.
        """
        return _WORD.sub(lambda match: self._mend_word(match[0]), _VERSUS.sub("vs", text))

    def _mend_word(self, word: str) -> str:
        is_name = word.isupper() or word[1:] != word[1:].lower()
        if len(word) < _FEWEST_CHARACTERS or is_name:
            return word
        mended = self._mend_lower(word.lower())
        if mended is None:
            return word
        return mended.capitalize() if word[0].isupper() else mended

    def _find_nearest(self, word: str) -> str | None:
        """Return the word in use that is meant, or None where the word is right or none is near."""
        if self._is_used(word):
            return None
        if any(map(self._is_used, _forms_of(word))):
            # Who commits is no "commiter" where the guides have committers.
            longer = self._lexicon.words_like(word[0], len(word) + 1, len(word) + 2)
            of_one = sorted({form for one in longer for form in (one, one.removesuffix("s"))})
            return next((one for one in of_one if _has_letter_doubled(word, one)), None)
        allowed = 2 if len(word) >= _CHARACTERS_FOR_TWO_SLIPS else 1
        shortest = max(len(word) - allowed, _FEWEST_CHARACTERS - 1)
        longest = len(word) + allowed
        candidates = set(self._lexicon.words_like(word[0], shortest, longest))
        candidates.update(
            other
            for other in self._known
            if other[0] == word[0] and shortest <= len(other) <= longest and other.isalpha()
        )
        from rapidfuzz import process
        from rapidfuzz.distance import OSA, JaroWinkler

        near = [
            (str(other), distance)
            for other, distance, _ in process.extract(
                word, sorted(candidates), scorer=OSA.distance, score_cutoff=allowed, limit=None
            )
        ]
        # A common word that the guides lack is often meant as well: "forver" is not "former". But
        # "realtors" are no reactors.
        # "Frontend" is two of them, and no slip of "fronted".
        if not any(self._is_used(left) and self._is_used(right) for left, right in _parts_of(word)):
            common = self._find_common(_one_slip_away(word))
            near += [
                (other, 1)
                for other in common
                if len(other) != len(word) or sorted(other) == sorted(word)
            ]
        if len(word) < _CHARACTERS_FOR_ANY_SLIP:
            near = [
                (other, distance)
                for other, distance in near
                if _is_plain_slip(word, other) or (other in self._known and len(other) > len(word))
            ]
        # Of equally near ones a word of a role's name is meant, "finance" and not "fiance", and
        # "chief" is likelier than "chef" for "cheif", "career" than "carrier" for "carreer", and
        # "engineer" than "engine" for "enginer".
        letters = sorted(word)
        best = min(
            near,
            key=lambda item: (
                item[1],
                item[0] not in self._of_names,
                sorted(item[0]) != letters,
                not _has_letter_doubled(word, item[0]),
                -JaroWinkler.similarity(word, item[0]),
            ),
            default=None,
        )
        return None if best is None else best[0]

    def _is_used(self, word: str) -> bool:
        return (
            word in self._known
            or word in self._right
            or self._lexicon.has_word(word)
            or bool(self._find_common([word]))
        )


def _is_plain_slip(word: str, meant: str) -> bool:
    """Tell whether letters changed places, or a vowel or one of two equal letters is missing.

    A short word with another letter is a word that the encoder doesn't know as often as a slip:
    "lorry", "scrum", "infra".
    """
    if sorted(word) == sorted(meant):
        return True
    is_vowel_missing = any(
        letter in _VOWELS and meant[:place] + meant[place + 1 :] == word
        for place, letter in enumerate(meant)
        if place
    )
    return is_vowel_missing or _has_letter_doubled(word, meant)


def _has_letter_doubled(left: str, right: str) -> bool:
    """Tell whether words differ by one letter said twice in one of them."""
    shorter, longer = sorted((left, right), key=len)
    return any(
        letter == longer[place] and longer[:place] + longer[place + 1 :] == shorter
        for place, letter in enumerate(longer[1:])
    )


def _forms_of(word: str) -> Iterator[str]:
    """Yield other forms of a word: without its ending or beginning; of a doer, what is done."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _FEWEST_OF_STEM:
            stem = word.removesuffix(ending)
            yield stem
            # Of a welder the words in use may know only that something was welded.
            if ending in _ENDINGS_OF_DOERS:
                yield from (stem + other for other in ("ed", "ing", *_ENDINGS_OF_DOERS))
    for beginning in _BEGINNINGS:
        if word.startswith(beginning) and len(word) - len(beginning) >= _FEWEST_OF_STEM:
            yield word.removeprefix(beginning)


def _parts_of(word: str) -> Iterator[tuple[str, str]]:
    """Yield two words that a word may be written together of: "front" and "end"."""
    for place in range(_FEWEST_OF_STEM, len(word) - _FEWEST_OF_SECOND_PART + 1):
        left, right = word[:place], word[place:]
        if not STOP_WORDS & {left, right}:
            yield left, right


def _one_slip_away(word: str) -> list[str]:
    """Return what one slip makes of a word, its first letter apart."""
    found: set[str] = set()
    for place in range(1, len(word) + 1):
        left, right = word[:place], word[place:]
        found.update(left + letter + right for letter in _LETTERS)
        if right:
            found.add(left + right[1:])
            found.update(left + letter + right[1:] for letter in _LETTERS)
        if len(right) > 1:
            found.add(left + right[1] + right[0] + right[2:])
    return sorted(found - {word})


def find_whole_tokens(encoder: Encoder) -> Callable[[Sequence[str]], list[str]]:
    """Return what finds common words: those that the encoder's vocabulary holds whole."""
    return lambda words: [
        word for word, tokens in zip(words, encoder.count_tokens(words), strict=True) if tokens == 1
    ]
