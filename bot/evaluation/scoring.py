"""Labelled questions are asked, and each reply is scored by itself."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.answers.conversation import MAX_TURNS, Conversation
from bot.answers.replies import (
    AnyReply,
    Comparison,
    NotCovered,
    Statement,
    outcome_of,
    statements_of,
)
from bot.evaluation.places import Place, Sides
from bot.evaluation.questions import Gap, Kind, LabelledQuestion
from bot.evaluation.retrieval import Retrieval, is_relevant, score_rankings
from index.searching.search import Hit
from knowledge.errors import EvaluationError, QuestionError

UNASKABLE = "unaskable"
"""The outcome of a question in which the assistant finds nothing to look up."""

SHARE_OF_SPAN = 0.9
"""A span is held by what holds so much of it."""

Quote = tuple[str, int, int]
"""A document, and where in it something begins and ends."""


class Replier(Protocol):
    """What questions are asked of: the assistant."""

    def reply(self, text: str, conversation: Conversation = ()) -> AnyReply:
        """Return the reply to a question."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, the places that answer it, and its reply; none where it couldn't be asked."""

    question: LabelledQuestion
    sides: Sides
    reply: AnyReply | None

    @property
    def outcome(self) -> str:
        """Return what came of it."""
        return outcome_of(self.reply).value if self.reply else UNASKABLE

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return what the reply says."""
        return statements_of(self.reply) if self.reply else ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Return the passages that were found."""
        return self.reply.hits if self.reply else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one question came to: shares and truths that the measures are made of.

    Where something doesn't apply it is None: the passages of a question without an answer, the
    length of a refusal. `label` changes when the question or what answers it does.
    """

    id: str
    kind: Kind
    reason: Gap | None
    label: str
    outcome: str
    refusal: str | None
    confidence: float
    recall_at_1: float | None = None
    recall_at_3: float | None = None
    recall_at_5: float | None = None
    all_sides_at_1: float | None = None
    all_sides_at_3: float | None = None
    all_sides_at_5: float | None = None
    reciprocal_rank: float | None = None
    answered: bool
    holds_answer: bool
    first_statement_holds: bool | None = None
    characters: int | None = None
    characters_to_answer: int | None = None

    @property
    def is_correct(self) -> bool:
        """Return whether the reply holds the answer, or rightly none."""
        return not self.answered if self.kind is Kind.UNANSWERABLE else self.holds_answer


def ask_all(
    assistant: Replier,
    questions: Sequence[LabelledQuestion],
    places: Sequence[Sides],
    snapshot: str,
    progress: Callable[[str, int, int], None],
) -> list[Asked]:
    """Ask every question.

    Raises:
        EvaluationError: another index was put into service meanwhile.
    """
    asked = []
    for done, (question, sides) in enumerate(zip(questions, places, strict=True), start=1):
        try:
            reply = assistant.reply(question.question, question.conversation[-MAX_TURNS:])
        except QuestionError:
            reply = None
        if reply and reply.snapshot != snapshot:
            raise EvaluationError(
                f"The index was built again during the evaluation ({snapshot} was in service, now"
                f" {reply.snapshot} is). Evaluate once more."
            )
        asked.append(Asked(question=question, sides=sides, reply=reply))
        progress("asking", done, len(questions))
    return asked


def score_all(asked: Sequence[Asked]) -> list[Result]:
    """Return what each question came to.

    Raises:
        EvaluationError: ir-measures isn't installed.
    """
    retrievals = iter(
        score_rankings([relevance(one.hits, side) for one in asked for side in one.sides])
    )
    return [_score(one, [next(retrievals) for _ in one.sides]) for one in asked]


def relevance(hits: Sequence[Hit], side: Sequence[Place]) -> list[bool]:
    """Return of each passage whether it holds what answers a side."""
    return [
        any(
            place.document == hit.passage.document_id
            and is_relevant((hit.passage.start, hit.passage.end), (place.start, place.end))
            for place in side
        )
        for hit in hits
    ]


def holds(quotes: Sequence[Quote], place: Place) -> bool:
    """Tell whether quotes hold nine tenths of what stands at a place, taken together."""
    cut = sorted(
        (max(start, place.start), min(end, place.end))
        for document, start, end in quotes
        if document == place.document
    )
    covered, reached = 0, place.start
    for start, end in cut:
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered >= SHARE_OF_SPAN * (place.end - place.start)


def holds_all_sides(quotes: Sequence[Quote], sides: Sides) -> bool:
    """Tell whether quotes hold an answer to each side."""
    return all(any(holds(quotes, place) for place in side) for side in sides)


def quotes_of(statements: Sequence[Statement]) -> list[Quote]:
    """Return where the quotes of statements stand."""
    return [
        (citation.document, citation.start, citation.end)
        for statement in statements
        for citation in statement.citations
    ]


def _score(asked: Asked, sides: Sequence[Retrieval]) -> Result:
    question, reply, statements = asked.question, asked.reply, asked.statements
    result = Result(
        id=question.id,
        kind=question.kind,
        reason=question.reason,
        label=question.fingerprint,
        outcome=asked.outcome,
        refusal=reply.reason.value if isinstance(reply, NotCovered) else None,
        confidence=reply.confidence if reply else 0.0,
        answered=bool(statements),
        holds_answer=bool(sides) and holds_all_sides(quotes_of(statements), asked.sides),
        characters=sum(len(one.text) for one in statements) if statements else None,
    )
    if not sides:
        return result
    return replace(
        result,
        recall_at_1=statistics.fmean(side.at_1 for side in sides),
        recall_at_3=statistics.fmean(side.at_3 for side in sides),
        recall_at_5=statistics.fmean(side.at_5 for side in sides),
        all_sides_at_1=min(side.at_1 for side in sides),
        all_sides_at_3=min(side.at_3 for side in sides),
        all_sides_at_5=min(side.at_5 for side in sides),
        reciprocal_rank=statistics.fmean(side.reciprocal_rank for side in sides),
        first_statement_holds=holds_all_sides(quotes_of(_first_statements(asked)), asked.sides),
        characters_to_answer=_characters_to_answer(statements, asked.sides),
    )


def _first_statements(asked: Asked) -> Sequence[Statement]:
    """Return what stands first; of a comparison, what stands first of each role."""
    if isinstance(asked.reply, Comparison):
        return [side.statements[0] for side in asked.reply.sides if side.statements]
    return asked.statements[:1]


def _characters_to_answer(statements: Sequence[Statement], sides: Sides) -> int | None:
    """Return how much has to be read until all sides are answered, if they are."""
    read: list[Quote] = []
    for characters, quotes in _pieces(statements):
        read += quotes
        if holds_all_sides(read, sides):
            return characters
    return None


def _pieces(statements: Sequence[Statement]) -> Iterator[tuple[int, list[Quote]]]:
    """Yield how many characters are read after each piece, and what it quotes.

    A list is read item by item where each item has its citation.
    """
    before = 0
    for statement in statements:
        texts = [statement.lead, *statement.texts] if statement.lead else list(statement.texts)
        quotes = quotes_of([statement])
        if len(texts) == len(quotes):
            end = 0
            for text, quote in zip(texts, quotes, strict=True):
                bare = text.rstrip(";")
                end = statement.text.find(bare, end) + len(bare)
                yield before + end, [quote]
        else:
            yield before + len(statement.text), quotes
        before += len(statement.text)
