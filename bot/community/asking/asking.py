"""The one way from a question to its reply, however it was asked."""

import asyncio
import contextlib
import time
from collections.abc import Iterator

from bot.answers.phrases import ASKS, END_OF_SENTENCE
from bot.answers.question import clean_question
from bot.answers.replies import AnyReply
from bot.answers.reply_text import plain_text
from bot.community.asking.answer_queue import AnswerQueue
from bot.community.asking.exchanges import Exchange, Exchanges
from bot.community.asking.policy import Policy
from bot.community.places import ConversationKey
from bot.community.showing.text import read_question
from bot.community.upkeep.observers import Observers, Told


class Asking:
    """Takes questions of members to the queue, and tells the observers what came of each."""

    def __init__(
        self, queue: AnswerQueue, exchanges: Exchanges, policy: Policy, observers: Observers
    ) -> None:
        """Take what answers, what was said, what the owner allows, and who is told."""
        self._queue = queue
        self._exchanges = exchanges
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

    async def ask(self, exchange: Exchange, question: str) -> AnyReply:
        """Return the reply to a question, and remember both.

        Args:
            exchange: What it belongs to.
            question: As `check` returned it.

        Raises:
            BusyError: too many wait already, or the bot stops.
            RolewiseError: what the assistant raises.
        """
        started = time.monotonic()
        reply: AnyReply | None = None
        failure: Exception | None = None
        try:
            reply = await self._queue.ask(
                exchange.key.asker_id,
                question,
                recall=lambda: self._exchanges.recall(exchange),
                remember=lambda given: self._exchanges.remember(
                    exchange, question, plain_text(given)
                ),
            )
        except Exception as error:
            failure = error
            raise
        finally:
            if reply is not None or failure is not None:
                self._observers.tell(
                    Told(
                        reply=reply,
                        error=failure,
                        place=exchange.key.place,
                        asker_id=exchange.key.asker_id,
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


def looks_like_question(text: str) -> bool:
    """Return whether a text that nobody addressed to the bot asks something."""
    return "?" in text or any(ASKS.match(sentence) for sentence in END_OF_SENTENCE.split(text))
