"""The one way from a question to its reply, however it was asked."""

import asyncio
import contextlib
import time
from collections.abc import Iterator

from bot.answers.question import clean_question
from bot.answers.replies import AnyReply
from bot.community.answer_queue import AnswerQueue
from bot.community.observers import Observers, Told
from bot.community.places import ConversationKey
from bot.community.text import read_question


class Asking:
    """Takes questions of members to the queue, and tells the observers what came of each."""

    def __init__(self, queue: AnswerQueue, observers: Observers) -> None:
        """Take what answers, and who is told."""
        self._queue = queue
        self._observers = observers
        self._under_way: set[asyncio.Task[object]] = set()

    def check(self, key: ConversationKey, text: str) -> str:
        """Return a question as it will be asked.

        Raises:
            QuestionError: it can't be looked up.
            BusyError: it would not be taken at this moment.
        """
        question = clean_question(read_question(text))
        self._queue.check_open(key.asker_id)
        return question

    async def ask(self, key: ConversationKey, question: str) -> AnyReply:
        """Return the reply to a question.

        Raises:
            BusyError: too many wait already, or the bot stops.
            RolewiseError: what the assistant raises.
        """
        started = time.monotonic()
        reply: AnyReply | None = None
        failure: Exception | None = None
        try:
            reply = await self._queue.ask(key, question, asker=key.asker_id)
        except Exception as error:
            failure = error
            raise
        finally:
            if reply is not None or failure is not None:
                self._observers.tell(
                    Told(
                        reply=reply,
                        error=failure,
                        place=key.place,
                        asker_id=key.asker_id,
                        seconds=time.monotonic() - started,
                    )
                )
        return reply

    @contextlib.contextmanager
    def finishing_before_stop(self) -> Iterator[None]:
        """Let the bot wait for what is done here before it disconnects."""
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            yield
        finally:
            self._under_way.discard(task)

    async def finish(self, *, timeout_seconds: float) -> None:
        """Wait for all that is to be finished before the bot disconnects."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=timeout_seconds)
