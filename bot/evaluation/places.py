"""The spans that answer a question are found in the documents of the index."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.evaluation.questions import Gold, LabelledQuestion
from knowledge.errors import EvaluationError

_PROBLEMS_NAMED = 3
_MARKUP = re.compile(r"[*_`\[\]]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a gold span stands."""

    gold: Gold
    start: int
    end: int

    @property
    def document(self) -> str:
        """Return the id of the document."""
        return self.gold.document


Sides = tuple[tuple[Place, ...], ...]
"""For each side of a question the places that answer it, any one of them."""


def find_places(
    path: Path,
    questions: Collection[LabelledQuestion],
    documents: Collection[str],
    text_of: Callable[[str], str],
) -> list[Sides]:
    """Return for each question where its golds stand; a span that stands twice has two places.

    Args:
        path: Where the questions come from, for what is said of them.
        questions: The questions.
        documents: The ids of the documents in the index.
        text_of: Returns the text of a document.

    Raises:
        EvaluationError: the index lacks a document, or a span isn't in its document.
    """
    known = frozenset(documents)
    read = cache(text_of)
    problems: list[str] = []
    found: list[Sides] = []
    for question in questions:
        sides: list[tuple[Place, ...]] = []
        for side in question.sides:
            places: list[Place] = []
            for gold in side:
                here = f"question {question.id} (line {question.line})"
                if gold.document not in known:
                    problems.append(f"{here}: {_lacks_document(gold.document, known)}")
                    continue
                text = read(gold.document)
                found_here = list(_occurrences(text, gold.span))
                if not found_here:
                    problems.append(f"{here}: {_lacks_span(gold, text)}")
                places += [Place(gold=gold, start=start, end=end) for start, end in found_here]
            sides.append(tuple(places))
        found.append(tuple(sides))
    if problems:
        named = "; ".join(problems[:_PROBLEMS_NAMED])
        more = len(problems) - _PROBLEMS_NAMED
        raise EvaluationError(
            f"{path} doesn't fit the index: {named}{f'; and {more} more' if more > 0 else ''}."
            " Mend the labels, or build the index from the guides that they are about:"
            " rolewise build PATH"
        )
    return found


def _occurrences(text: str, span: str) -> Iterator[tuple[int, int]]:
    """Yield where a span stands; line ends and spaces are alike, since YAML folds lines."""
    pattern = r"\s+".join(re.escape(word) for word in span.split())
    for found in re.finditer(pattern, text):
        yield found.span()


def _lacks_document(document: str, documents: Collection[str]) -> str:
    name = document.rsplit("/", maxsplit=1)[-1]
    alike = [known for known in sorted(documents) if known.rsplit("/", maxsplit=1)[-1] == name]
    hint = f" (there is {' and '.join(alike)})" if alike else ""
    return f"the index holds no document {document}{hint}"


def _lacks_span(gold: Gold, text: str) -> str:
    shown = gold.span if len(gold.span) <= 80 else f"{gold.span[:79]}…"
    is_alike = _loosely(gold.span) in _loosely(text)
    hint = ": only capitals or markup differ, copy it as it is written" if is_alike else ""
    return f'"{" ".join(shown.split())}" is not in {gold.document} word for word{hint}'


def _loosely(text: str) -> str:
    return " ".join(_MARKUP.sub("", text).split()).casefold()
