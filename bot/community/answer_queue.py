"""A bounded queue in front of the assistant, which answers in one thread beside the event loop."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bot.answers.conversation import Conversation, ConversationMemory
from bot.answers.replies import AnyReply
from bot.answers.reply_text import plain_text
from knowledge.errors import BusyError

Result = TypeVar("Result")

FULL = "Many questions are waiting already. Ask again in a minute."
STOPPING = "Rolewise is being restarted. Ask again in a minute."


class Answering(Protocol):
    """Replies to a question given what was said before, as `Assistant` does."""

    def reply(self, text: str, conversation: Conversation = ()) -> AnyReply:
        """Return the reply to a question."""
        ...


@dataclass(eq=False, slots=True, kw_only=True)
class _Question:
    """A question that waits or is being answered."""

    key: Hashable
    text: str
    reply: asyncio.Future[AnyReply] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    may_be_remembered: bool = True


class AnswerQueue:
    """Answers one question after another, whoever has conversations in turn.

    For use from one event loop. Questions of one conversation are answered in order, so that each
    knows what was replied to those before it.
    """

    def __init__(
        self, assistant: Answering, memory: ConversationMemory, *, max_waiting: int
    ) -> None:
        """Take who answers, where conversations are kept, and how many questions may wait."""
        self._assistant = assistant
        self._memory = memory
        self._max_waiting = max_waiting
        self._waiting: OrderedDict[Hashable, deque[_Question]] = OrderedDict()
        self._under_way: _Question | None = None
        self._worker: asyncio.Task[None] | None = None
        # One thread: the encoder is one, and so it leaves the other cores to the event loop.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answers")
        self._is_closing = False

    def check_open(self) -> None:
        """Do nothing if a question would be taken at this moment.

        Raises:
            BusyError: too many wait, or the queue is closing.
        """
        if self._is_closing:
            raise BusyError(STOPPING)
        if sum(map(len, self._waiting.values())) >= self._max_waiting:
            raise BusyError(FULL)

    async def ask(self, key: Hashable, text: str) -> AnyReply:
        """Return the reply to a question, and remember both; a cancelled one isn't remembered.

        Args:
            key: The conversation that it belongs to.
            text: The question.

        Raises:
            BusyError: too many wait already, or the queue was closed before the reply was there.
            RolewiseError: what the assistant raises.
        """
        self.check_open()
        question = _Question(key=key, text=text)
        self._waiting.setdefault(key, deque()).append(question)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._answer_all())
        try:
            return await question.reply
        finally:
            self._take_out(question)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what some other work gives that is done in the same thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def forget(self, key: Hashable) -> bool:
        """Drop a conversation, and what is being answered in it; return whether there was any."""
        pending = list(self._waiting.get(key, ()))
        if self._under_way is not None and self._under_way.key == key:
            pending.append(self._under_way)
        for question in pending:
            question.may_be_remembered = False
        return self._memory.forget(key) or bool(pending)

    async def close(self, *, grace_seconds: float) -> None:
        """Take no more questions, answer those there are while there is time, refuse the rest.

        What the thread is doing then can't be broken off; its outcome is dropped.
        """
        self._is_closing = True
        if self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker], timeout=grace_seconds)
            self._worker.cancel()
        unanswered = [question for queue in self._waiting.values() for question in queue]
        for question in [*unanswered, *([self._under_way] if self._under_way else [])]:
            if not question.reply.done():
                question.reply.set_exception(BusyError(STOPPING))
        self._waiting.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _answer_all(self) -> None:
        while self._waiting:
            key, questions = self._waiting.popitem(last=False)
            question = questions.popleft()
            if questions:
                self._waiting[key] = questions
            self._under_way = question
            await self._answer(question)
            self._under_way = None

    async def _answer(self, question: _Question) -> None:
        conversation = self._memory.recall(question.key)
        try:
            reply, text = await self.run(lambda: self._reply(question.text, conversation))
        except Exception as error:
            if not question.reply.done():
                question.reply.set_exception(error)
            return
        if question.reply.done():
            return
        if question.may_be_remembered:
            self._memory.remember(question.key, question.text, text)
        question.reply.set_result(reply)

    def _reply(self, text: str, conversation: Conversation) -> tuple[AnyReply, str]:
        reply = self._assistant.reply(text, conversation)
        return reply, plain_text(reply)

    def _take_out(self, question: _Question) -> None:
        """Drop a question that nobody waits for any more."""
        questions = self._waiting.get(question.key)
        if questions is not None and question in questions:
            questions.remove(question)
            if not questions:
                del self._waiting[question.key]
