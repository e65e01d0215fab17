"""Vectors of a text's parts, pooled from the tokens of the text's single pass."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Part = tuple[tuple[int, int], ...]
"""Character ranges [start, end) of one text, in order."""

_Vectors = npt.NDArray[np.float32]


class PartVectors:
    """Gathers vectors of parts: from tokens where a part has some, from its words elsewhere."""

    def __init__(
        self, texts: Sequence[str], parts: Sequence[Sequence[Part]], dimension: int
    ) -> None:
        """Make room for every part's vector.

        Args:
            texts: The texts that are encoded.
            parts: The parts of each.
            dimension: The length of a vector.
        """
        if len(texts) != len(parts):
            raise ValueError(f"{len(texts)} texts need as many lists of parts, not {len(parts)}")
        self._texts = texts
        self._parts = parts
        self._ends = np.cumsum([len(parts_of_text) for parts_of_text in parts], dtype=np.int64)
        count = int(self._ends[-1]) if len(parts) else 0
        self._vectors = np.empty((count, dimension), dtype=np.float32)
        self._is_pooled = np.zeros(count, dtype=np.bool_)

    def pool(
        self,
        row: int,
        hidden: _Vectors,
        offsets: Sequence[tuple[int, int]],
        special: Sequence[int],
    ) -> None:
        """Take the vectors of one text's parts from its tokens.

        Args:
            row: Which text.
            hidden: The tokens' last hidden states, shape (tokens, dimension).
            offsets: The characters of each token.
            special: Of each token, whether it stands for no characters.
        """
        parts = self._parts[row]
        if not parts:
            return
        starts, ends = np.array(offsets, dtype=np.int64).reshape(-1, 2).T
        overlaps = np.zeros((len(parts), len(starts)), dtype=np.bool_)
        for place, part in enumerate(parts):
            for start, end in part:
                overlaps[place] |= (starts < end) & (ends > start)
        overlaps &= ~np.array(special, dtype=np.bool_)
        rows = slice(int(self._ends[row]) - len(parts), int(self._ends[row]))
        # The length is made one in the end, so the sum does as well as the mean.
        self._vectors[rows] = normalise(overlaps.astype(np.float32) @ hidden)
        self._is_pooled[rows] = overlaps.any(axis=1)

    def finish(self, encode: Callable[[list[str]], _Vectors]) -> list[_Vectors]:
        """Return the vectors of each text's parts; what has no tokens yet is encoded by itself."""
        left = np.flatnonzero(~self._is_pooled)
        if len(left):
            rows = np.searchsorted(self._ends, left, side="right")
            places = zip(rows.tolist(), left.tolist(), strict=True)
            words = [self._words(row, place) for row, place in places]
            self._vectors[left] = encode(words)
        return [
            self._vectors[end - len(parts) : end]
            for end, parts in zip(self._ends.tolist(), self._parts, strict=True)
        ]

    def _words(self, row: int, place: int) -> str:
        text = self._texts[row]
        part = self._parts[row][place - int(self._ends[row])]
        return " ".join(text[start:end] for start, end in part)


def normalise(vectors: _Vectors) -> _Vectors:
    """Return vectors of unit norm; models differ in whether they do it themselves."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)
