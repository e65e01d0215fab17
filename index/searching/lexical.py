"""Words are indexed by bm25s and searched in its files."""

import errno
import json
import os
import re
import sys
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.errors import DamagedSnapshotError
from knowledge.roles.occupations import singular

Scores = npt.NDArray[np.float32]

_of_thread = threading.local()
_BLOCK = 256
WORD = re.compile(r"[^\W_]+(?:\+\+|#)?")
"""A word of a text, before it is normalised: "c++" is one, too."""

# Source: Robertson & Zaragoza 2009, the usual values; b and k1 as in the retrieval findings.
# They are the same whatever a saved index says of itself.
_PARAMETERS: dict[str, Any] = {
    **{"k1": 1.5, "b": 0.75, "method": "lucene"},
    **{"dtype": "float32", "int_dtype": "int32", "backend": "numpy"},
}

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are aren as at be because been before
    being below between both but by can cannot could couldn d did didn do does doesn doing don down
    during each etc every few for from further get gets give had hadn has hasn have haven having he
    hello her here hers herself hey hi him himself his how i if in into is isn it its itself just
    let ll lol m me might more most must mustn my myself no nor not now of off on once one only or
    other our ours ourselves out over own please pls re s same shall she should shouldn so some
    such t tell than thank thanks that the their theirs them themselves then there these they thing
    things this those through to too u under until up ur us ve very was wasn we were weren what
    whats when where which while who whom whose why will with won would wouldn y yes you your yours
    yourself yourselves
    """.split()
)


def _stem(words: list[str]) -> list[str]:
    # A stemmer keeps state while it works, so each thread has its own.
    if not hasattr(_of_thread, "stemmer"):
        import Stemmer

        _of_thread.stemmer = Stemmer.Stemmer("english")
    return list(_of_thread.stemmer.stemWords(words))


def words_of(text: str) -> list[str]:
    """Return a text's words: compatibility-normalised, lower case, in order."""
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def terms_of(text: str) -> list[str]:
    """Return a text's words without stop words, stemmed, in order."""
    words = [word for word in words_of(text) if word not in STOP_WORDS]
    return _stem(words) if words else []


def join_words(text: str) -> str:
    """Return a text's words in the singular with a space around each, for whole-word search."""
    return f" {' '.join(singular(word) for word in words_of(text))} "


class LexicalIndex:
    """A BM25 index over terms, memory-mapped; row numbers are passage positions."""

    def __init__(self, folder: Path, *, count: int) -> None:
        """Open an index that `build` wrote; where it wrote nothing, no passage holds a term.

        Raises:
            DamagedSnapshotError: it can't be read, or is of another number of passages.
        """
        self._count = count
        self._folder = folder
        self._rows: dict[str, int] = {}
        self._starts: npt.NDArray[np.int64]
        self._positions: npt.NDArray[np.int32]
        self._weights: Scores
        if not folder.exists():
            return
        # The files are bm25s's own; reading them takes NumPy alone, and importing bm25s a sixth of
        # a second.
        try:
            self._starts = np.load(folder / "indptr.csc.index.npy").astype(np.int64)
            # As plain arrays over the same memory: each look into a memmap costs Python's time.
            self._positions, self._weights = (
                np.asarray(np.load(folder / name, mmap_mode="r"))
                for name in ("indices.csc.index.npy", "data.csc.index.npy")
            )
            terms = json.loads((folder / "vocab.index.json").read_bytes())
            found = json.loads((folder / "params.index.json").read_bytes())["num_docs"]
            self._rows = {term: row for term, row in terms.items() if term}
            shapes_agree = (
                self._positions.dtype == np.int32
                and self._weights.dtype == np.float32
                and len(self._positions) == len(self._weights) == int(self._starts[-1])
                and int(self._starts[0]) == 0
                and bool((np.diff(self._starts) >= 0).all())
                and all(
                    type(row) is int and 0 <= row < len(self._starts) - 1
                    for row in self._rows.values()
                )
            )
        except Exception as error:  # NumPy and JSON raise whatever the bytes make them raise
            raise DamagedSnapshotError(
                f"{folder} is not a readable lexical index. Run: rolewise build"
            ) from error
        if not shapes_agree:
            raise DamagedSnapshotError(
                f"{folder} is a lexical index whose files disagree. Run: rolewise build"
            )
        if found != count:
            raise DamagedSnapshotError(
                f"{folder} is an index of {found!r:.20} passages, but the manifest says {count:,}."
                " Run: rolewise build"
            )

    @staticmethod
    def build(corpus: Iterable[Sequence[str]], folder: Path) -> None:
        """Index the terms of each passage; nothing is written where there are no terms.

        Raises:
            OSError: the files can't be written.
        """
        bm25s = _import_bm25s()

        rows: dict[str, int] = {}
        ids = [[rows.setdefault(term, len(rows)) for term in terms] for terms in corpus]
        if not rows:
            return
        index = bm25s.BM25(**_PARAMETERS)
        index.index((ids, rows), show_progress=False)
        try:
            index.save(folder, corpus=None, allow_pickle=False, show_progress=False)
            # NumPy's own writer doesn't notice that a disk is full when its last bytes don't fit.
            for path in folder.glob("*.npy"):
                np.load(path, mmap_mode="r")
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder)) from error

    def scores(self, weights: Mapping[str, float]) -> Scores:
        """Return every passage's BM25 score, each term counted by its weight.

        Args:
            weights: The weight of each term; 1 for every time that a question says it.

        Returns:
            float32, shape (passages,).
        """
        scores = np.zeros(self._count, dtype=np.float32)
        for term, weight in weights.items():
            row = self._rows.get(term)
            if row is not None:
                span = slice(self._starts[row], self._starts[row + 1])
                try:
                    # A passage stands once in the list of a term, so nothing is lost here.
                    scores[self._positions[span]] += np.float32(weight) * self._weights[span]
                except IndexError as error:
                    raise DamagedSnapshotError(
                        f"{self._folder} names passages that there are none of. Run: rolewise build"
                    ) from error
        return scores

    def find_faults(self) -> Iterator[str]:
        """Yield what is wrong with the passages and weights of each term."""
        for term, row in self._rows.items():
            span = slice(self._starts[row], self._starts[row + 1])
            positions, weights = self._positions[span], self._weights[span]
            if (np.diff(np.sort(positions)) == 0).any():
                yield f"{term!r:.60} names a passage twice"
            if ((positions < 0) | (positions >= self._count)).any():
                yield f"{term!r:.60} names passages that there are none of"
            if not (np.isfinite(weights) & (weights >= 0)).all():
                yield f"{term!r:.60} has weights that are none"

    def document_frequency(self, term: str) -> int:
        """Return the number of passages that hold the term."""
        row = self._rows.get(term)
        return 0 if row is None else int(self._starts[row + 1] - self._starts[row])

    def occurs(self, word: str) -> bool:
        """Return whether a passage holds a form of the word; a stop word is held by none."""
        return any(self.document_frequency(term) for term in terms_of(word))

    def inverse_document_frequency(self, term: str) -> float:
        """Return the term's weight, highest for a term that no passage holds.

        Source: Robertson & Zaragoza 2009, with one added so that it never is negative.
        """
        frequency = self.document_frequency(term)
        return float(np.log(1.0 + (self._count - frequency + 0.5) / (frequency + 0.5)))

    def vocabulary(self) -> Sequence[str]:
        """Return every term that occurs."""
        return tuple(self._rows)


def _import_bm25s() -> ModuleType:
    """Import bm25s without SciPy, which it would only use if it were asked to.

    Half of what building again after a small change takes beside starting would be that import.
    """
    if "scipy" in sys.modules:
        return import_module("bm25s")
    sys.modules["scipy.sparse"] = None  # type: ignore[assignment] # so Python says "not there"
    try:
        return import_module("bm25s")
    finally:
        del sys.modules["scipy.sparse"]


def find_best(scores: Scores, count: int) -> npt.NDArray[np.int64]:
    """Return the positions of the highest scores above 0, in order.

    Of equal scores the first are taken, so that the same question has the same answer.
    """
    least = _find_bound(scores, count)
    found = np.flatnonzero(scores >= least) if least > 0 else np.flatnonzero(scores > 0)
    best = found[np.argsort(-scores[found], kind="stable")[:count]]
    return np.asarray(np.sort(best), dtype=np.int64)


def _find_bound(scores: Scores, count: int) -> float:
    """Return a score that at least `count` reach, or 0.

    Looking at blocks of many scores is enough: so many blocks hold one that reaches it.
    """
    blocks = len(scores) // _BLOCK
    if blocks >= 4 * count:
        scores = scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
    if len(scores) <= count:
        return 0.0
    return float(np.partition(scores, len(scores) - count)[len(scores) - count])
