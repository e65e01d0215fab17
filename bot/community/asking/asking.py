"""The one way from a question to its reply, however it was asked."""

import asyncio
import contextlib
import time
from collections.abc import Iterator

from bot.answers.conversation import Conversation
from bot.answers.phrases import ASKS, END_OF_SENTENCE
from bot.answers.question import clean_question
from bot.community.asking.answer_queue import AnswerQueue, Exchange
from bot.community.asking.policy import Policy
from bot.community.places import ConversationKey
from bot.community.showing.text import read_question
from bot.community.upkeep.observers import Observers, Told


class Asking:
    """Takes questions of members to the queue, and tells the observers what came of each."""

    def __init__(self, queue: AnswerQueue, policy: Policy, observers: Observers) -> None:
        """Take what answers, what the owner allows, and who is told."""
        self._queue = queue
        self._policy = policy
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
        self._policy.count_question(key)
        return question

    async def ask(
        self,
        key: ConversationKey,
        question: str,
        *,
        before: Conversation | None = None,
        is_remembered: bool = True,
    ) -> Exchange:
        """Return the reply to a question, and the conversation around it.

        Args:
            key: Whose question it is, and where.
            question: As `check` returned it.
            before: What was said before, where it isn't what is remembered.
            is_remembered: Whether the conversation goes on from here.

        Raises:
            BusyError: too many wait already, or the bot stops.
            RolewiseError: what the assistant raises.
        """
        started = time.monotonic()
        exchange: Exchange | None = None
        failure: Exception | None = None
        try:
            exchange = await self._queue.converse(
                key,
                question,
                asker=key.asker_id,
                before=before,
                is_remembered=is_remembered,
            )
        except Exception as error:
            failure = error
            raise
        finally:
            if exchange is not None or failure is not None:
                self._observers.tell(
                    Told(
                        reply=None if exchange is None else exchange.reply,
                        error=failure,
                        place=key.place,
                        asker_id=key.asker_id,
                        seconds=time.monotonic() - started,
                    )
                )
        return exchange

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


def looks_like_question(text: str) -> bool:
    """Return whether a text that nobody addressed to the bot asks something."""
    return "?" in text or any(ASKS.match(sentence) for sentence in END_OF_SENTENCE.split(text))
