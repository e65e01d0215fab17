"""What a question is after (skills, salary, hours, …), and whether a sentence is about that.

A question about a role is compared with questions that people ask about careers; a sentence with
the way guides answer those. Where a question plainly asks for the salary and no sentence of the
guide is about money, the guide doesn't say, however near the words are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import yaml

from index.encoder import Vectors
from index.lexical import terms_of, words_of

# Sharpness of the softmax over the aspects of a question: beyond 15, two aspects that a question
# names equally still share the weight, and one that leads by .2 has all but all of it.
_SHARPNESS = 20.0

# The aspect named by its labels came first for .64 of the questions of the development half and
# .90 of those on the seed guide; without the bonus .62 and .87, and with the role left in the
# question .43 and .65.
_BONUS_OF_SHARED_TERM = 0.1
_CHATTER = "chatter"
_PLAIN_AFFINITY = 0.05
_COMMON_TERMS = frozenset(terms_of("role roles job jobs work someone people career field"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """One thing that people ask about careers."""

    name: str
    suggestion: str
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    question_terms: frozenset[str]
    cues: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectMatch:
    """How a question fits the aspects.

    `weights` sum to one, shape (aspects,); `likeness` is the cosine to the nearest
    aspect, and `chatter` that to what people say that isn't about careers.
    """

    weights: Vectors
    likeness: float
    chatter: float
    name: str
    cues: frozenset[str]


@cache
def _read() -> dict[str, Any]:
    text = files("bot.answers").joinpath("aspects.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


@cache
def load_aspects() -> tuple[Aspect, ...]:
    """Return the aspects that ship with the project."""
    return tuple(
        Aspect(
            name=name,
            suggestion=parts["suggestion"],
            questions=tuple(parts["questions"]),
            answers=tuple(parts["answers"]),
            question_terms=frozenset(terms_of(" ".join(parts["questions"]))) - _COMMON_TERMS,
            cues=frozenset(terms_of(parts["cues"])),
        )
        for name, parts in _read().items()
        if name != _CHATTER
    )


def reference_texts() -> tuple[str, ...]:
    """Return the texts whose vectors `AspectReader` needs, in its order."""
    aspects = load_aspects()
    return tuple(
        [question for aspect in aspects for question in aspect.questions]
        + [answer for aspect in aspects for answer in aspect.answers]
        + list(_read()[_CHATTER])
    )


@cache
def known_words() -> frozenset[str]:
    """Return the words that questions about careers are made of."""
    return frozenset(
        word
        for aspect in load_aspects()
        for text in (*aspect.questions, *aspect.answers)
        for word in words_of(text)
    )


class AspectReader:
    """Compares questions and sentences with the aspects."""

    def __init__(self, vectors: Vectors) -> None:
        """Take the vectors of `reference_texts()`: float32, shape (texts, dimension)."""
        self.aspects = load_aspects()
        sizes = [len(aspect.questions) for aspect in self.aspects]
        sizes += [len(aspect.answers) for aspect in self.aspects]
        bounds = pairwise(accumulate(sizes, initial=0))
        groups = [vectors[start:end] for start, end in bounds]
        self._questions = groups[: len(self.aspects)]
        self._answers = groups[len(self.aspects) :]
        self._chatter = vectors[sum(sizes) :]

    def match(self, vector: Vectors, terms: frozenset[str]) -> AspectMatch:
        """Return what a question is after.

        Args:
            vector: The question without its roles, shape (dimension,).
            terms: Its terms.
        """
        likeness = np.array(
            [
                _mean_of_best(vector[np.newaxis], group)[0]
                + _BONUS_OF_SHARED_TERM * bool(aspect.question_terms & terms)
                for aspect, group in zip(self.aspects, self._questions, strict=True)
            ]
        )
        weights = np.exp(_SHARPNESS * (likeness - likeness.max()))
        best = self.aspects[int(likeness.argmax())]
        return AspectMatch(
            weights=(weights / weights.sum()).astype(np.float32),
            likeness=float(likeness.max()),
            chatter=float((self._chatter @ vector).max()),
            name=best.name,
            cues=best.cues,
        )

    def affinity(self, vectors: Vectors, match: AspectMatch) -> Vectors:
        """Return how far sentences are about what a question is after: float32, shape (sentences,).

        Each sentence's likeness to the wanted aspects' answers, less its mean over all aspects,
        since some sentences are like anything.
        """
        return self._centred(vectors, self._answers) @ match.weights

    def heading_affinity(self, vectors: Vectors, match: AspectMatch) -> Vectors:
        """Return how far headings ask what a question is after: float32, shape (headings,)."""
        return self._centred(vectors, self._questions) @ match.weights

    def covered(self, vectors: Vectors, terms: Sequence[frozenset[str]]) -> list[Aspect]:
        """Return the aspects that sentences are plainly about, the plainest first.

        Args:
            vectors: Of the sentences, float32, shape (sentences, dimension).
            terms: Of each sentence.
        """
        if not len(vectors):
            return []
        affinities = self._centred(vectors, self._answers)
        plainness = []
        for column, aspect in enumerate(self.aspects):
            cued = np.array([bool(aspect.cues & of_one) for of_one in terms])
            plainness.append(float(np.where(cued, affinities[:, column], -1.0).max()))
        order = np.argsort(plainness)[::-1]
        return [self.aspects[row] for row in order if plainness[row] > _PLAIN_AFFINITY]

    def _centred(self, vectors: Vectors, groups: Sequence[Vectors]) -> Vectors:
        likeness = np.stack([_mean_of_best(vectors, group) for group in groups], axis=1)
        return np.asarray(likeness - likeness.mean(axis=1, keepdims=True), dtype=np.float32)


def _mean_of_best(vectors: Vectors, group: Vectors, best: int = 2) -> Vectors:
    similarities = vectors @ group.T
    return np.asarray(np.sort(similarities, axis=1)[:, -best:].mean(axis=1), dtype=np.float32)
