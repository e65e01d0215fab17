"""What a question is after (skills, salary, hours, …), and whether a sentence is about that.

A question about a role is compared with questions that people ask about careers; a sentence with
the way guides answer those. Where a question plainly asks for the salary and no sentence of the
guide is about money, the guide doesn't say, however near the words are.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from index.encoding.encoder import Vectors
from index.searching.lexical import terms_of, words_of

# Sharpness of the softmax over the aspects of a question: beyond 15, two aspects that a question
# names equally still share the weight, and one that leads by .2 has all but all of it.
_SHARPNESS = 20.0

# The aspect named by its labels came first for .64 of the questions of the development half and
# .90 of those on the seed guide; without the bonus .62 and .87, and with the role left in the
# question .43 and .65.
_BONUS_OF_SHARED_TERM = 0.1
# What a comparison that asks for nothing in particular asks of each role: one with a guide, and
# one that is only mentioned.
OPEN_QUESTION = "what do they do"
OPEN_QUESTION_OF_MENTIONED = "how is it different"

FAST_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads the same in a tenth of the time, where PyYAML was built with it."""

_CHATTER = "chatter"
_ESSENCE = frozenset({"definition", "responsibilities", "goal", "difference", "overlap"})
_FAR_OFF = -2.0
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
    aspect, and `chatter` that to what people say that isn't about careers. `essence` is the weight
    of the aspects that ask what the role is as a whole.
    """

    weights: Vectors
    likeness: float
    chatter: float
    essence: float
    name: str
    cues: frozenset[str]


@cache
def _read() -> dict[str, Any]:
    text = files("bot.answers").joinpath("aspects.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=FAST_LOADER))  # noqa: S506 – a SafeLoader


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
        + [OPEN_QUESTION, OPEN_QUESTION_OF_MENTIONED]
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


@cache
def _general_terms() -> frozenset[str]:
    return _COMMON_TERMS.union(*(aspect.question_terms for aspect in load_aspects()))


class AspectReader:
    """Compares questions and sentences with the aspects."""

    def __init__(self, vectors: Vectors) -> None:
        """Take the vectors of `reference_texts()`: float32, shape (texts, dimension)."""
        self.aspects = load_aspects()
        sizes = [len(aspect.questions) for aspect in self.aspects]
        self._questions = _Groups(vectors[: sum(sizes)], sizes)
        vectors = vectors[sum(sizes) :]
        sizes = [len(aspect.answers) for aspect in self.aspects]
        self._answers = _Groups(vectors[: sum(sizes)], sizes)
        self.open_question, self.open_question_of_mentioned = vectors[sum(sizes) :][:2]
        self._chatter = vectors[sum(sizes) + 2 :]
        self._is_essence = np.array([aspect.name in _ESSENCE for aspect in self.aspects])

    def asks_in_general(self, terms: frozenset[str]) -> bool:
        """Tell "what skills does it need", which needs a role, from "who stops a bad release"."""
        return terms <= _general_terms()

    def asks_only(self, terms: frozenset[str], names: Set[str]) -> bool:
        """Tell whether terms are those of some aspects' questions, by name, and no others."""
        return all(
            any(term in aspect.question_terms for aspect in self.aspects if aspect.name in names)
            for term in terms - _COMMON_TERMS
        )

    def names_any(self, terms: frozenset[str], *, but: Set[str]) -> bool:
        """Tell whether terms have any of those that only aspects other than some are asked by."""
        own = set().union(*(one.question_terms for one in self.aspects if one.name in but))
        others = set().union(*(one.question_terms for one in self.aspects if one.name not in but))
        return not terms.isdisjoint(others - own)

    def match(self, vector: Vectors, terms: frozenset[str]) -> AspectMatch:
        """Return what a question is after.

        Args:
            vector: The question without its roles, shape (dimension,).
            terms: Its terms.
        """
        likeness = self._questions.likeness(vector[np.newaxis])[0]
        likeness += _BONUS_OF_SHARED_TERM * np.array(
            [not aspect.question_terms.isdisjoint(terms) for aspect in self.aspects]
        )
        weights = np.exp(_SHARPNESS * (likeness - likeness.max()))
        best = self.aspects[int(likeness.argmax())]
        return AspectMatch(
            weights=(weights / weights.sum()).astype(np.float32),
            likeness=float(likeness.max()),
            chatter=float((self._chatter @ vector).max()),
            essence=float(weights[self._is_essence].sum() / weights.sum()),
            name=best.name,
            cues=best.cues,
        )

    def fit(self, vectors: Vectors, match: AspectMatch) -> tuple[Vectors, Vectors]:
        """Return how far sentences are about what is asked: two of float32, shape (sentences,).

        The first is each sentence's likeness to the wanted aspects' answers, less its mean over all
        aspects, since some sentences are like anything; the second what part of it is about them,
        by the softmax of its likeness to the answers of all.
        """
        likeness = self._answers.likeness(vectors)
        affinities = (likeness - likeness.mean(axis=1, keepdims=True)) @ match.weights
        shares = np.exp(_SHARPNESS * (likeness - likeness.max(axis=1, keepdims=True)))
        shares /= shares.sum(axis=1, keepdims=True)
        return affinities, np.asarray(shares @ match.weights, dtype=np.float32)

    def heading_affinity(self, vectors: Vectors, match: AspectMatch) -> Vectors:
        """Return how far headings ask what a question is after: float32, shape (headings,)."""
        return self._questions.centred_likeness(vectors) @ match.weights

    def covered(self, vectors: Vectors, terms: Sequence[frozenset[str]]) -> list[Aspect]:
        """Return the aspects that sentences are plainly about, the plainest first.

        Args:
            vectors: Of the sentences, float32, shape (sentences, dimension).
            terms: Of each sentence.
        """
        if not len(vectors):
            return []
        affinities = self._answers.centred_likeness(vectors)
        plainness = []
        for column, aspect in enumerate(self.aspects):
            cued = np.array([bool(aspect.cues & of_one) for of_one in terms])
            plainness.append(float(np.where(cued, affinities[:, column], -1.0).max()))
        order = np.argsort(plainness)[::-1]
        return [self.aspects[row] for row in order if plainness[row] > _PLAIN_AFFINITY]


class _Groups:
    """Groups of reference vectors, compared with others all at once."""

    def __init__(self, vectors: Vectors, sizes: Sequence[int]) -> None:
        # One vector of each group, then another of each; where one has no more, what is far off.
        layers = np.zeros((max(sizes), len(sizes), vectors.shape[1]), dtype=np.float32)
        self._missing = np.zeros((max(sizes), len(sizes)), dtype=np.float32)
        starts = np.cumsum(sizes) - sizes
        for group, (start, size) in enumerate(zip(starts, sizes, strict=True)):
            layers[:size, group] = vectors[start : start + size]
            self._missing[size:, group] = _FAR_OFF
        self._vectors = layers.reshape(-1, vectors.shape[1])

    def likeness(self, vectors: Vectors) -> Vectors:
        """Return the mean cosine to the two nearest of each group: shape (vectors, groups)."""
        found = (self._vectors @ vectors.T).reshape(*self._missing.shape, len(vectors))
        found += self._missing[..., np.newaxis]
        nearest = np.maximum(found[0], found[1])
        second = np.minimum(found[0], found[1])
        for layer in found[2:]:
            second = np.maximum(second, np.minimum(nearest, layer))
            nearest = np.maximum(nearest, layer)
        return np.asarray((nearest + second).T / 2, dtype=np.float32)

    def centred_likeness(self, vectors: Vectors) -> Vectors:
        """Return the likeness less its mean over the groups: shape (vectors, groups)."""
        likeness = self.likeness(vectors)
        return np.asarray(likeness - likeness.mean(axis=1, keepdims=True), dtype=np.float32)
