"""Slips of the keyboard are mended before a question is looked up, never in what is shown."""

import re
from collections.abc import Callable, Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from index.encoder import Encoder

_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_CHARACTERS = 4
_CHARACTERS_FOR_TWO_SLIPS = 8


class Speller:
    """Mends words that no guide uses and no one else either, when one that is used is near."""

    def __init__(self, words: Iterable[str], is_common: Callable[[str], bool]) -> None:
        """Take the words in use, lower case, and what tells a common word of the language."""
        self._words = frozenset(words)
        self._is_common = is_common
        self._by_first: dict[str, list[str]] = {}
        for word in sorted(self._words):
            if len(word) >= _FEWEST_CHARACTERS:
                self._by_first.setdefault(word[0], []).append(word)

    def mend(self, text: str) -> str:
        """Return the text with its slips mended: one for a short word, two for a long one.

        The first letter is taken to be right, as it nearly always is.
        Source: Damerau 1964; Pollock & Zamora 1984 on first letters.
        """
        return _WORD.sub(lambda match: self._mend_word(match[0]), text)

    def _mend_word(self, word: str) -> str:
        lower = word.lower()
        is_name = word.isupper() or word[1:] != word[1:].lower()
        if len(word) < _FEWEST_CHARACTERS or is_name or lower in self._words:
            return word
        if self._is_common(lower):
            return word
        allowed = 2 if len(word) >= _CHARACTERS_FOR_TWO_SLIPS else 1
        near = process.extract(
            lower,
            self._by_first.get(lower[0], ()),
            scorer=OSA.distance,
            score_cutoff=allowed,
            limit=None,
        )
        # Of equally near ones "engineer" is likelier than "engine" for "enginer".
        best = min(
            near, key=lambda item: (item[1], -JaroWinkler.similarity(lower, item[0])), default=None
        )
        return word if best is None else str(best[0])


def is_one_token(encoder: Encoder) -> Callable[[str], bool]:
    """Return what tells a common word: the encoder's vocabulary holds it whole."""
    return lambda word: encoder.count_tokens([word])[0] == 1
