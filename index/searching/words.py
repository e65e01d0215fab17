"""The words of sentences as vectors of one bit a dimension, for matching them word by word.

One vector for a sentence says what it is about; its words, each as it is meant there, say what is
in it. They come from the tokens of the passage's one pass, and only their signs are kept: 48 bytes
a word for a dimension of 384, which tell the words apart as well as whole numbers do.

Source: Khattab and Zaharia 2020 (ColBERT), late interaction by the sum of the best matches.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.encoding.encoder import Vectors
from index.encoding.parts import Part
from index.searching.lexical import STOP_WORDS

Bits = npt.NDArray[np.uint8]

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordBits:
    """The words of some sentences, one sentence after the other.

    `bits` has a row for each word: uint8, shape (words, bytes of a word); `counts` says how many
    each sentence has: int64, shape (sentences,).
    """

    bits: Bits
    counts: npt.NDArray[np.int64]

    def match(self, question_words: Vectors, dimension: int) -> Vectors:
        """Return how well each sentence has each of a question's words.

        Args:
            question_words: float32, shape (words of the question, dimension).
            dimension: Of the vectors whose signs the bits are.

        Returns:
            float32, shape (sentences, words of the question): the cosine of the word with the
            nearest of the sentence's, as far as signs tell; 0 where the sentence has no words.
        """
        matches = np.zeros((len(self.counts), len(question_words)), dtype=np.float32)
        if not len(self.bits) or not len(question_words):
            return matches
        signs = np.unpackbits(self.bits, axis=1, count=dimension).astype(np.float32)
        # A bit b stands for 2b - 1: one product, and the sum of the question's word taken off.
        found = 2.0 * (signs @ question_words.T) - question_words.sum(axis=1)
        has_words = self.counts > 0
        starts = (np.cumsum(self.counts) - self.counts)[has_words]
        matches[has_words] = np.maximum.reduceat(found, starts, axis=0) / np.sqrt(dimension)
        return matches


def locate_words(text: str, part: Part, *, with_stop_words: bool) -> list[Part]:
    """Return where the words of a part of a text stand, each a part by itself.

    Args:
        text: The text that is encoded.
        part: Which of it.
        with_stop_words: Whether "the" and "of" are words too.
    """
    return [
        (found.span(),)
        for start, end in part
        for found in _WORD.finditer(text, start, end)
        if with_stop_words or found[0].casefold() not in STOP_WORDS
    ]


def pack_signs(vectors: Vectors) -> Bits:
    """Return the signs of vectors as bits: uint8, shape (vectors, `bytes_of_word(dimension)`)."""
    return np.packbits(vectors > 0, axis=1)


def bytes_of_word(dimension: int) -> int:
    """Return how many bytes the signs of a vector take."""
    return -(-dimension // 8)


def ends_of(counts: npt.NDArray[np.int64], start: int) -> npt.NDArray[np.int64]:
    """Return where each sentence's words end, the first sentence's beginning at `start`."""
    return start + np.cumsum(counts, dtype=np.int64)
