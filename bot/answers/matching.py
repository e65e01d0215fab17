"""A question's words are matched with those of sentences, each as it is meant where it stands.

What a question's word ought to be near is not quite itself: of "when", a date; of "paid", a sum.
So its vector is moved before it is compared, by a learnt map of low rank (fitted by
`python -m benchmarks.fit`), which belongs to one encoder. For others it stays as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bot.answers.wording import Wording
from index.encoding.encoder import Vectors
from index.searching.lexical import terms_of
from index.searching.words import WordBits

_LEAST_WEIGHT = 0.5
"""Of a word that is everywhere, or says nothing by itself: "who" and "often" ask for something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordMatching:
    """A word's vector v is compared as v + right (left' v).

    Both are float32, of shape (dimension, rank).

    Source: Hu et al. 2021 (LoRA), for the form of the map.
    """

    left: Vectors
    right: Vectors

    def move(self, vectors: Vectors) -> Vectors:
        """Return words' vectors as they are compared: float32, shape (words, dimension)."""
        return np.asarray(vectors + (vectors @ self.left) @ self.right.T, dtype=np.float32)


def weigh_words(wording: Wording, inverse_document_frequency: Callable[[str], float]) -> Vectors:
    """Return how much each of a question's words counts: float32, shape (words,), of sum 1.

    The rarer a word is in the guides, the more.
    """
    weights = [
        max([inverse_document_frequency(term) for term in terms_of(word)], default=0.0)
        for word in wording.words
    ]
    raised = np.maximum(np.array(weights, dtype=np.float32), _LEAST_WEIGHT)
    return np.asarray(raised / max(float(raised.sum()), 1e-9), dtype=np.float32)


def match_words(
    wording: Wording,
    sentences: WordBits,
    inverse_document_frequency: Callable[[str], float],
    matching: WordMatching | None,
) -> Vectors:
    """Return how well sentences have a question's words: float32, shape (sentences,).

    Each word counts as near as the nearest of a sentence's is to it, by its weight.
    """
    vectors = wording.word_vectors if matching is None else matching.move(wording.word_vectors)
    weights = weigh_words(wording, inverse_document_frequency)
    found = sentences.match(vectors, wording.word_vectors.shape[1])
    # Once in thousands of questions BLAS warned of an invalid value in this product of few numbers,
    # all of which are finite.
    return np.asarray((found * weights).sum(axis=1), dtype=np.float32)
