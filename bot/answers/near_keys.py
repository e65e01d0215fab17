"""Names that roles are looked up by, and which of them a slip of the keyboard meant."""

from collections.abc import Iterable, Sequence

from knowledge.roles.occupations import OCCUPATION_NOUNS

# Below 90, "project manager" is taken for "product manager" (87); "data sceintist" has 93.
_MIN_LIKENESS = 90
_LETTERS_OF_ENDING = 2
_MAX_NAMES_OF_WORD = 200


class NearKeys:
    """The names that roles are looked up by, to find the one that a slip of the keyboard meant.

    Only names are compared whose words begin with the same letters, or all but one word, which
    ends in the same then, or that share a word, unless it is in so many that it tells little.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        """Take the names."""
        self._keys = tuple(keys)
        self.longest = 1
        self._by_letters: dict[str, list[int]] = {}
        by_word: dict[str, list[int]] = {}
        for position, key in enumerate(self._keys):
            words = key.split()
            self.longest = max(self.longest, len(words))
            for letters in _letters_of(words):
                self._by_letters.setdefault(letters, []).append(position)
            for word in _words_at_places(words):
                by_word.setdefault(word, []).append(position)
        self._by_word = {
            word: positions
            for word, positions in by_word.items()
            if len(positions) <= _MAX_NAMES_OF_WORD
        }

    def nearest(self, key: str) -> str | None:
        """Return the name that is likest, the first of several, or None where none is like it."""
        words = key.split()
        found: set[int] = set()
        for letters in _letters_of(words):
            found.update(self._by_letters.get(letters, ()))
        for word in _words_at_places(words):
            found.update(self._by_word.get(word, ()))
        from rapidfuzz import fuzz, process

        best = process.extractOne(
            key,
            [self._keys[position] for position in sorted(found)],
            scorer=fuzz.ratio,
            score_cutoff=_MIN_LIKENESS,
        )
        return None if best is None else best[0]


def _letters_of(words: Sequence[str]) -> list[str]:
    """Return the initials of words, and them without each word's, with its ending instead."""
    initials = "".join([word[0] for word in words])
    return [
        initials,
        *(
            f"{initials[:place]}-{initials[place + 1 :]} {word.rstrip('s')[-_LETTERS_OF_ENDING:]}"
            for place, word in enumerate(words)
        ),
    ]


def _words_at_places(words: Sequence[str]) -> list[str]:
    return [f"{len(words)} {place} {word}" for place, word in enumerate(words)]


def is_another_word(left: str, right: str) -> bool:
    """Tell another word from a typo: a short one, an occupation of its own, an officer's office."""
    if right == f"{left}r" and " " not in left and left[-2:] != "ee":
        return True
    pairs = zip(left.split(), right.split(), strict=True)
    return any(
        one != other
        and (
            min(len(one), len(other)) <= 3
            or (one in OCCUPATION_NOUNS and other in OCCUPATION_NOUNS)
        )
        for one, other in pairs
    )
