"""Gaps: the questions that the guides left open, grouped by meaning, the most asked first."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.answers.replies import Outcome, Reason
from bot.feedback.book import Counts, FeedbackBook, KeptQuestion
from index.encoding.encoder import Encoder

MAX_QUESTIONS = 2_000
"""Questions looked at, the newest: to group them takes 32 MB and less than a second."""

_MAX_EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class GapGroup:
    """Questions that mean about the same; `question` is the most central of them.

    `wordings` are the different questions as they were understood, `examples` some as they were
    asked; `reason` is why most were not answered, or none where they were and it did not help.
    """

    question: str
    count: int
    not_answered: int
    not_helpful: int
    reason: Reason | None
    wordings: tuple[str, ...]
    examples: tuple[str, ...]
    last_asked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What was counted, and what was left open as far as questions are kept."""

    keep_questions: bool
    counts: Counts
    groups: tuple[GapGroup, ...]
    are_all: bool
    """Whether no older questions were left aside."""


def find_gaps(book: FeedbackBook, load_encoder: Callable[[], Encoder]) -> Gaps:
    """Return what was counted and the groups of questions left open.

    Args:
        book: The feedback.
        load_encoder: Loads the encoder; called where there is anything to group.

    Raises:
        StorageError: the feedback can't be read.
        EncoderError: the encoder can't be loaded.
    """
    questions = book.read_unanswered(MAX_QUESTIONS + 1)
    groups = _group(questions[:MAX_QUESTIONS], load_encoder) if questions else ()
    return Gaps(
        keep_questions=book.keep_questions,
        counts=book.read_counts(),
        groups=groups,
        are_all=len(questions) <= MAX_QUESTIONS,
    )


def gaps_to_json(gaps: Gaps) -> dict[str, Any]:
    """Return gaps as `rolewise gaps --json` prints them; docs/feedback.md describes it."""
    counts = gaps.counts
    return {
        "keep_questions": gaps.keep_questions,
        "first_day": counts.first_day,
        "outcomes": {name.value: number for name, number in counts.outcomes.items()},
        "reasons": {name.value: number for name, number in counts.reasons.items()},
        "verdicts": {name.value: number for name, number in counts.verdicts.items()},
        "are_all": gaps.are_all,
        "groups": [
            {
                "question": group.question,
                "count": group.count,
                "not_answered": group.not_answered,
                "not_helpful": group.not_helpful,
                "reason": None if group.reason is None else group.reason.value,
                "examples": list(group.examples),
                "last_asked": datetime.fromtimestamp(group.last_asked, UTC).isoformat(
                    timespec="seconds"
                ),
            }
            for group in gaps.groups
        ],
    }


def _group(
    questions: Sequence[KeptQuestion], load_encoder: Callable[[], Encoder]
) -> tuple[GapGroup, ...]:
    from bot.feedback.grouping import group_vectors

    by_wording: dict[str, list[KeptQuestion]] = {}
    for question in questions:
        by_wording.setdefault(question.standalone, []).append(question)
    wordings = list(by_wording)
    rows = group_vectors(load_encoder().encode(wordings))
    groups = [_describe([by_wording[wordings[row]] for row in of_group]) for of_group in rows]
    return tuple(sorted(groups, key=lambda group: (-group.count, -group.last_asked)))


def _describe(same_words: Sequence[Sequence[KeptQuestion]]) -> GapGroup:
    """Return a group, given the questions of each wording, the most central wording first."""
    questions = [question for asked in same_words for question in asked]
    open_ = [question for question in questions if question.outcome is Outcome.NOT_COVERED]
    reasons = Counter(question.reason for question in open_)
    return GapGroup(
        question=questions[0].standalone,
        count=len(questions),
        not_answered=len(open_),
        not_helpful=sum(question.not_helpful > 0 for question in questions),
        reason=reasons.most_common(1)[0][0] if reasons else None,
        wordings=tuple(asked[0].standalone for asked in same_words),
        examples=tuple(dict.fromkeys(question.question for question in questions))[:_MAX_EXAMPLES],
        last_asked=max(question.asked_at for question in questions),
    )
