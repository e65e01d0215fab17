"""Words are stored and searched by bm25s."""

import re
import threading
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.errors import DamagedSnapshotError

Scores = npt.NDArray[np.float32]

_of_thread = threading.local()
_WORD = re.compile(r"[^\W_]+(?:\+\+|#)?")

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
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def terms_of(text: str) -> list[str]:
    """Return a text's words without stop words, stemmed, in order."""
    words = [word for word in words_of(text) if word not in STOP_WORDS]
    return _stem(words) if words else []


class LexicalIndex:
    """A BM25 index over terms; row numbers are passage positions."""

    def __init__(self, corpus: Sequence[Sequence[str]]) -> None:
        """Index the terms of each passage."""
        self._count = len(corpus)
        self._index = None
        if any(corpus):
            import bm25s

            self._index = bm25s.BM25(**_PARAMETERS)
            self._index.index([list(terms) for terms in corpus], show_progress=False)

    @classmethod
    def load(cls, folder: Path, *, count: int) -> "LexicalIndex":
        """Read an index that `save` wrote.

        Raises:
            DamagedSnapshotError: it can't be read, or is of another number of passages.
        """
        loaded = cls([])
        loaded._count = count
        if not folder.exists():
            return loaded
        import bm25s

        try:
            index = bm25s.BM25.load(
                folder, load_corpus=False, allow_pickle=False, show_progress=False, **_PARAMETERS
            )
            found = int(index.scores["num_docs"])
            entries = len(index.scores["data"])
            shapes_agree = (
                len(index.scores["indices"]) == entries
                and int(index.scores["indptr"][-1]) == entries
                and all(
                    type(row) is int and 0 <= row < len(index.scores["indptr"]) - 1
                    for term, row in index.vocab_dict.items()
                    if term  # bm25s adds the empty term without a row
                )
                and (not entries or int(index.scores["indices"].min()) >= 0)
                and (not entries or int(index.scores["indices"].max()) < found)
            )
        except Exception as error:  # bm25s raises whatever its files make NumPy and JSON raise
            raise DamagedSnapshotError(
                f"{folder} is not a readable lexical index. Run: rolewise build"
            ) from error
        if not shapes_agree:
            raise DamagedSnapshotError(
                f"{folder} is a lexical index whose files disagree. Run: rolewise build"
            )
        if found != count:
            raise DamagedSnapshotError(
                f"{folder} is an index of {found:,} passages, but the manifest says {count:,}."
                " Run: rolewise build"
            )
        loaded._index = index
        return loaded

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own; none is made where there are no terms."""
        if self._index is not None:
            self._index.save(folder, corpus=None, allow_pickle=False, show_progress=False)

    def scores(self, terms: Sequence[str]) -> Scores:
        """Return every passage's BM25 score for the terms: float32, shape (passages,)."""
        known = self._known(terms)
        if self._index is None or not known:
            return np.zeros(self._count, dtype=np.float32)
        return np.asarray(self._index.get_scores(known), dtype=np.float32)

    def document_frequency(self, term: str) -> int:
        """Return the number of passages that hold the term."""
        if not term or self._index is None or term not in self._index.vocab_dict:
            return 0
        row = self._index.vocab_dict[term]
        pointers = self._index.scores["indptr"]
        return int(pointers[row + 1] - pointers[row])

    def inverse_document_frequency(self, term: str) -> float:
        """Return the term's weight, highest for a term that no passage holds.

        Source: Robertson & Zaragoza 2009, with one added so that it never is negative.
        """
        frequency = self.document_frequency(term)
        return float(np.log(1.0 + (self._count - frequency + 0.5) / (frequency + 0.5)))

    def vocabulary(self) -> Sequence[str]:
        """Return every term that occurs."""
        return () if self._index is None else tuple(filter(None, self._index.vocab_dict))

    def _known(self, terms: Sequence[str]) -> list[str]:
        if self._index is None:
            return []
        return [term for term in terms if term and term in self._index.vocab_dict]
