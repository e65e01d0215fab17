"""The assistant: a question and what was said before go in, a reply comes out."""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.answers.answering import Answering
from bot.answers.conversation import Conversation, extend
from bot.answers.lookup import merge_hits
from bot.answers.question import split_questions
from bot.answers.replies import AnyReply, OneReply, Several
from bot.answers.reply_text import plain_text
from bot.answers.service import Service
from bot.answers.sources import Sources
from bot.answers.understanding import understand
from bot.settings import Settings
from index.encoding.encoder import Encoder
from index.snapshots.home import Home

Result = TypeVar("Result")

MAX_QUESTIONS = 4
"""Questions of one message that are answered; of more, the reply says so."""

_SOME_LEFT_OUT = (
    f"Only the first {MAX_QUESTIONS} questions are answered; ask the others by themselves."
)


class Assistant:
    """Answers questions from the snapshot in service; safe to use from several threads.

    A question is answered from one snapshot from start to end. When another has been put into
    service meanwhile, or other thresholds, the next question is answered from that one; while
    `watch` is at work, one asked a second later, and no question waits for its opening.
    """

    def __init__(self, home: Home, load_encoder: Callable[[], Encoder], settings: Settings) -> None:
        """Take where the index is; it is opened, and the encoder loaded, by the first question."""
        self._service = Service(home, load_encoder)
        self._settings = settings

    def prepare(self) -> None:
        """Open the index and load the encoder, so that the next question needn't wait.

        Raises:
            SnapshotError: there is no index, or it can't be opened or is of another encoder.
            EncoderError: the encoder can't be loaded.
        """
        self._service.refresh()

    def watch(self) -> None:
        """Look for another snapshot in service, and other thresholds, in a thread from now on."""
        self._service.watch()

    def reply(self, text: str, conversation: Conversation = ()) -> AnyReply:
        """Return the reply to a question.

        Args:
            text: The question as it was typed.
            conversation: What was said before, oldest first.

        Raises:
            QuestionError: it holds nothing that can be looked up.
            SnapshotError: there is no index, or it can't be opened or is of another encoder.
            EncoderError: the encoder can't be loaded.
        """
        started = time.perf_counter()
        questions = split_questions(text)
        with self._service.use() as sources:
            if len(questions) == 1:
                reply: AnyReply = self._reply(sources, questions[0], conversation)
            else:
                reply = self._reply_to_each(sources, questions, conversation)
        total = round((time.perf_counter() - started) * 1000, 2)
        return replace(reply, question=text, timings_ms=reply.timings_ms | {"total": total})

    def _reply(
        self, sources: Sources, text: str, conversation: Conversation, share: int = 1
    ) -> OneReply:
        started = time.perf_counter()
        question = understand(text, conversation, sources.finder, sources.speller)
        understood = time.perf_counter()
        said = [turn.text for turn in conversation if turn.role == "assistant"]
        reply = Answering(sources, self._settings, share=share).answer(
            question, said if question.wants_more else ()
        )
        answered = time.perf_counter()
        return replace(
            reply,
            question=text,
            timings_ms={
                "understand": round((understood - started) * 1000, 2),
                "answer": round((answered - understood) * 1000, 2),
            },
        )

    def _reply_to_each(
        self, sources: Sources, questions: Sequence[str], conversation: Conversation
    ) -> Several:
        """Return one reply for each question, as though they were asked one after the other."""
        parts: list[OneReply] = []
        left_out = len(questions) - MAX_QUESTIONS
        for question in questions[:MAX_QUESTIONS]:
            share = min(len(questions), MAX_QUESTIONS)
            part = self._reply(sources, question, conversation, share)
            parts.append(part)
            conversation = extend(conversation, question, plain_text(part))
        timings: Counter[str] = Counter()
        for part in parts:
            timings.update(part.timings_ms)
        return Several(
            question=" ".join(questions),
            standalone_question=" ".join(part.standalone_question for part in parts),
            snapshot=sources.snapshot.name,
            confidence=statistics.fmean(part.confidence for part in parts),
            hits=merge_hits([part.hits for part in parts]),
            timings_ms={name: round(value, 2) for name, value in timings.items()},
            notices=(_SOME_LEFT_OUT,) if left_out > 0 else (),
            parts=tuple(parts),
        )

    def role_names(self) -> tuple[str, ...]:
        """Return the names of the roles that the guides are about.

        Raises:
            SnapshotError: there is no index, or it can't be opened or is of another encoder.
            EncoderError: the encoder can't be loaded.
        """
        with self._service.use() as sources:
            return tuple(role.name for role in sources.finder.with_guide)

    def read(self, work: Callable[[Sources], Result]) -> Result:
        """Return what some work makes of the snapshot in service, which stays open meanwhile.

        Raises:
            SnapshotError: there is no index, or it can't be opened or is of another encoder.
            EncoderError: the encoder can't be loaded.
        """
        with self._service.use() as sources:
            return work(sources)

    def close(self) -> None:
        """Close the index; the next question opens it again."""
        self._service.close()
