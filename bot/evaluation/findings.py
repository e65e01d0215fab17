"""What was found for each labelled question, and which of the sentences found answer it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.answers.answering import Answering
from bot.answers.evidence import Evidence
from bot.answers.folders import Folder
from bot.answers.lookup import Finding
from bot.answers.question import Subject
from bot.answers.replies import Answer, Comparison, OneReply, statements_of
from bot.answers.sources import Sources
from bot.answers.understanding import understand
from bot.answers.wording import Wording
from bot.evaluation.places import Place, Sides
from bot.evaluation.questions import LabelledQuestion
from bot.evaluation.scoring import SHARE_OF_SPAN, holds_all_sides, quotes_of
from bot.settings import Settings
from knowledge.errors import QuestionError
from knowledge.sentences import Sentence

_SHARE_OF_PART = 0.5
_FEWEST_LEFT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A labelled question with its reply and what was looked up for it.

    `answers` has for each finding how far each candidate answers: 1 where it holds an answer, .5
    where it is a part of one, else 0; float32, shape (candidates,).
    """

    question: LabelledQuestion
    reply: OneReply
    findings: tuple[Finding, ...]
    subjects: tuple[Subject | None, ...]
    answers: tuple[npt.NDArray[np.float32], ...]
    holds_answer: bool

    @property
    def is_answerable(self) -> bool:
        """Whether the guides hold an answer."""
        return bool(self.question.sides)

    def evidence_without_answer(self) -> Evidence | None:
        """Return what is left to a question about one role when the passages that answer go.

        So a question is had that the guides don't answer, though all around it is there. None where
        nothing answers it, or next to nothing is left.
        """
        if len(self.findings) != 1 or not self.answers[0].any():
            return None
        evidence = self.findings[0].evidence
        answering = {
            evidence.candidates[row].stored.passage_position
            for row in np.flatnonzero(self.answers[0])
        }
        rows = [
            row
            for row, candidate in enumerate(evidence.candidates)
            if candidate.stored.passage_position not in answering
        ]
        if len(rows) < _FEWEST_LEFT:
            return None
        return Evidence(
            candidates=tuple(evidence.candidates[row] for row in rows),
            signals=evidence.signals[rows],
            shares=evidence.shares[rows],
        )


class _Recording(Answering):
    """Answers, and keeps what it looked up; suggests nothing, for which it would look up more."""

    def __init__(self, sources: Sources, settings: Settings) -> None:
        super().__init__(sources, settings)
        self.findings: list[Finding] = []
        self.subjects: list[Subject | None] = []

    def look_up(
        self,
        wording: Wording,
        subject: Subject | None,
        contrasted: Sequence[Subject] = (),
        *,
        speaks_of_role: bool = True,
        folder: Folder | None = None,
    ) -> Finding:
        finding = super().look_up(
            wording, subject, contrasted, speaks_of_role=speaks_of_role, folder=folder
        )
        self.findings.append(finding)
        self.subjects.append(subject)
        return finding

    def are_answered(self, questions: Sequence[str], subject: Subject) -> list[bool]:
        return [False] * len(questions)


def find_examples(
    sources: Sources,
    settings: Settings,
    questions: Sequence[LabelledQuestion],
    places: Sequence[Sides],
) -> Iterator[Example]:
    """Yield what comes of each question that can be looked up."""
    for question, sides in zip(questions, places, strict=True):
        answering = _Recording(sources, settings)
        try:
            understood = understand(
                question.question, question.conversation, sources.finder, sources.speller
            )
            reply = answering.answer(understood)
        except QuestionError:
            continue
        if not answering.findings:
            continue
        used = slice(None) if isinstance(reply, Comparison) else slice(1)
        if isinstance(reply, Answer):
            used = slice(-1, None)  # it may be about the nearest role
        findings = tuple(answering.findings[used])
        yield Example(
            question=question,
            reply=reply,
            findings=findings,
            subjects=tuple(answering.subjects[used]),
            answers=tuple(_answers_in(finding, sides) for finding in findings),
            holds_answer=bool(sides) and holds_all_sides(quotes_of(statements_of(reply)), sides),
        )


def _answers_in(finding: Finding, sides: Sides) -> npt.NDArray[np.float32]:
    return np.array(
        [
            max(
                (
                    _share_held(candidate.stored.document_id, candidate.stored.sentence, place)
                    for side in sides
                    for place in side
                ),
                default=0.0,
            )
            for candidate in finding.evidence.candidates
        ],
        dtype=np.float32,
    )


def _share_held(document: str, sentence: Sentence, place: Place) -> float:
    """Return 1 where a sentence holds an answer, .5 where either holds half of the other."""
    if document != place.document:
        return 0.0
    shared = min(sentence.end, place.end) - max(sentence.start, place.start)
    length = place.end - place.start
    if shared >= SHARE_OF_SPAN * length:
        return 1.0
    least = min(_SHARE_OF_PART * length, sentence.end - sentence.start)
    return _SHARE_OF_PART if 0 < shared >= least else 0.0
