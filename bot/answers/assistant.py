"""The assistant: a question and what was said before go in, a reply comes out."""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bot.answers.answering import Answering, Sources, merge_hits
from bot.answers.conversation import Conversation, extend
from bot.answers.model import load_model
from bot.answers.question import split_questions
from bot.answers.replies import AnyReply, OneReply, Several
from bot.answers.reply_text import plain_text
from bot.answers.understanding import understand
from bot.settings import Settings
from index.encoder import Encoder
from index.home import Home
from index.snapshot import Snapshot
from knowledge.errors import SnapshotError

MAX_QUESTIONS = 4
"""Questions of one message that are answered; of more, the reply says so."""

_SOME_LEFT_OUT = (
    f"Only the first {MAX_QUESTIONS} questions are answered; ask the others by themselves."
)


@dataclass(slots=True, kw_only=True)
class _Service:
    """A snapshot in service with what is derived from it once."""

    sources: Sources
    questions_under_way: int = 0
    is_retired: bool = False

    @property
    def snapshot(self) -> Snapshot:
        return self.sources.snapshot


class Assistant:
    """Answers questions from the snapshot in service; safe to use from several threads.

    A question is answered from one snapshot from start to end. When another has been put into
    service meanwhile, the next question is answered from that one.
    """

    def __init__(self, home: Home, load_encoder: Callable[[], Encoder], settings: Settings) -> None:
        """Take where the index is; it is opened, and the encoder loaded, by the first question."""
        self._home = home
        self._load_encoder = load_encoder
        self._settings = settings
        self._service: _Service | None = None
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Open the index and load the encoder, so that the first question needn't wait.

        Raises:
            SnapshotError: there is no index, or it can't be opened or is of another encoder.
            EncoderError: the encoder can't be loaded.
        """
        with self._serving():
            pass

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
        with self._serving() as service:
            if len(questions) == 1:
                reply: AnyReply = self._reply(service, questions[0], conversation)
            else:
                reply = self._reply_to_each(service, questions, conversation)
        total = round((time.perf_counter() - started) * 1000, 2)
        return replace(reply, question=text, timings_ms=reply.timings_ms | {"total": total})

    def _reply(
        self, service: _Service, text: str, conversation: Conversation, share: int = 1
    ) -> OneReply:
        started = time.perf_counter()
        sources = service.sources
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
        self, service: _Service, questions: Sequence[str], conversation: Conversation
    ) -> Several:
        """Return one reply for each question, as though they were asked one after the other."""
        parts: list[OneReply] = []
        left_out = len(questions) - MAX_QUESTIONS
        for question in questions[:MAX_QUESTIONS]:
            share = min(len(questions), MAX_QUESTIONS)
            part = self._reply(service, question, conversation, share)
            parts.append(part)
            conversation = extend(conversation, question, plain_text(part))
        timings: Counter[str] = Counter()
        for part in parts:
            timings.update(part.timings_ms)
        return Several(
            question=" ".join(questions),
            standalone_question=" ".join(part.standalone_question for part in parts),
            snapshot=service.snapshot.name,
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
        with self._serving() as service:
            return tuple(role.name for role in service.sources.finder.with_guide)

    def close(self) -> None:
        """Close the index; the next question opens it again."""
        with self._lock:
            service, self._service = self._service, None
            if service is not None:
                self._retire(service)

    @contextmanager
    def _serving(self) -> Iterator[_Service]:
        with self._lock:
            service = self._current_service()
            service.questions_under_way += 1
        try:
            yield service
        finally:
            with self._lock:
                service.questions_under_way -= 1
                if service.is_retired and not service.questions_under_way:
                    service.snapshot.close()

    def _current_service(self) -> _Service:
        service = self._service
        try:
            name = self._home.current_name()
            if service is not None and service.snapshot.name == name:
                return service
            opened = self._open()
        except SnapshotError:
            if service is None:
                raise
            return service  # a broken newcomer doesn't take the place of one that works
        if service is not None:
            self._retire(service)
        self._service = opened
        return opened

    def _open(self) -> _Service:
        snapshot = Snapshot.open_current(self._home)
        try:
            encoder = self._load_encoder()
            snapshot.check_encoder(encoder)
            return _Service(
                sources=Sources.of(
                    snapshot, encoder, load_model(self._home.path, encoder.fingerprint)
                )
            )
        except BaseException:
            snapshot.close()
            raise

    @staticmethod
    def _retire(service: _Service) -> None:
        service.is_retired = True
        if not service.questions_under_way:
            service.snapshot.close()
