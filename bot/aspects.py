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

import numpy as np
import yaml

from index.encoder import Vectors
from index.lexical import terms_of

# Sharpness of the softmax over the aspects of a question: beyond 15, two aspects that a question
# names equally still share the weight, and one that leads by .2 has all but all of it.
_SHARPNESS = 20.0

# The aspect named by its labels came first for .64 of the questions of the development half and
# .90 of those on the seed guide; without the bonus .62 and .87, and with the role left in the
# question .43 and .65.
_BONUS_OF_SHARED_TERM = 0.1
_COMMON_TERMS = frozenset(terms_of("role roles job jobs work someone people career field"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """One thing that people ask about careers."""

    name: str
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    question_terms: frozenset[str]
    cues: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectMatch:
    """How a question fits the aspects.

    `weights` sum to one, shape (aspects,); `likeness` is the cosine to the nearest aspect.
    """

    weights: Vectors
    likeness: float
    name: str
    cues: frozenset[str]


@cache
def load_aspects() -> tuple[Aspect, ...]:
    """Return the aspects that ship with the project."""
    values = yaml.safe_load(files("bot").joinpath("aspects.yaml").read_text(encoding="utf-8"))
    return tuple(
        Aspect(
            name=name,
            questions=tuple(parts["questions"]),
            answers=tuple(parts["answers"]),
            question_terms=frozenset(terms_of(" ".join(parts["questions"]))) - _COMMON_TERMS,
            cues=frozenset(terms_of(parts["cues"])),
        )
        for name, parts in values.items()
    )


def reference_texts() -> tuple[str, ...]:
    """Return the texts whose vectors `AspectReader` needs, in its order."""
    aspects = load_aspects()
    return tuple(
        [question for aspect in aspects for question in aspect.questions]
        + [answer for aspect in aspects for answer in aspect.answers]
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

    def _centred(self, vectors: Vectors, groups: Sequence[Vectors]) -> Vectors:
        likeness = np.stack([_mean_of_best(vectors, group) for group in groups], axis=1)
        return np.asarray(likeness - likeness.mean(axis=1, keepdims=True), dtype=np.float32)


def _mean_of_best(vectors: Vectors, group: Vectors, best: int = 2) -> Vectors:
    similarities = vectors @ group.T
    return np.asarray(np.sort(similarities, axis=1)[:, -best:].mean(axis=1), dtype=np.float32)
