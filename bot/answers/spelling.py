"""Slips of the keyboard are mended before a question is looked up, never in what is shown."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

from index.encoder import Encoder

_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_CHARACTERS = 4
_CHARACTERS_FOR_TWO_SLIPS = 8
_WORDS_HELD = 4_096


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
        self, lexicon: Lexicon, known: frozenset[str], is_common: Callable[[str], bool]
    ) -> None:
        """Take the words in use.

        Args:
            lexicon: The words of the guides.
            known: More words in use, lower case.
            is_common: Tells a common word of the language.
        """
        self._lexicon = lexicon
        self._known = known
        self._is_common = is_common
        self._mend_lower = lru_cache(maxsize=_WORDS_HELD)(self._find_nearest)

    def mend(self, text: str) -> str:
        """Return the text with its slips mended: one for a short word, two for a long one.

        The first letter is taken to be right, as it nearly always is.
        Source: Damerau 1964; Pollock & Zamora 1984 on first letters.
        """
        return _WORD.sub(lambda match: self._mend_word(match[0]), text)

    def _mend_word(self, word: str) -> str:
        is_name = word.isupper() or word[1:] != word[1:].lower()
        if len(word) < _FEWEST_CHARACTERS or is_name:
            return word
        return self._mend_lower(word.lower()) or word

    def _find_nearest(self, word: str) -> str | None:
        """Return the word in use that is meant, or None where the word is right or none is near."""
        if word in self._known or self._is_common(word) or self._lexicon.has_word(word):
            return None
        allowed = 2 if len(word) >= _CHARACTERS_FOR_TWO_SLIPS else 1
        shortest = max(len(word) - allowed, _FEWEST_CHARACTERS)
        longest = len(word) + allowed
        candidates = set(self._lexicon.words_like(word[0], shortest, longest))
        candidates.update(
            other
            for other in self._known
            if other[0] == word[0] and shortest <= len(other) <= longest
        )
        from rapidfuzz import process
        from rapidfuzz.distance import OSA, JaroWinkler

        near = process.extract(
            word, sorted(candidates), scorer=OSA.distance, score_cutoff=allowed, limit=None
        )
        # Of equally near ones "engineer" is likelier than "engine" for "enginer".
        best = min(
            near, key=lambda item: (item[1], -JaroWinkler.similarity(word, item[0])), default=None
        )
        return None if best is None else str(best[0])


def is_one_token(encoder: Encoder) -> Callable[[str], bool]:
    """Return what tells a common word: the encoder's vocabulary holds it whole."""
    return lambda word: encoder.count_tokens([word])[0] == 1
