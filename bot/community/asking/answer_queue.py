"""A bounded queue in front of the assistant, which answers in threads beside the event loop."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bot.answers.conversation import Conversation, ConversationMemory, extend
from bot.answers.replies import AnyReply
from bot.answers.reply_text import plain_text
from knowledge.errors import BusyError

Result = TypeVar("Result")

FULL = "Many questions are waiting already. Ask again in a minute."
ENOUGH = "Several of your questions are waiting already. Ask again when they are answered."
STOPPING = "Rolewise is being restarted. Ask again in a minute."

_MAX_UNDER_WAY = 8
# Four people together may fill the queue, one alone may not.
_SHARE_OF_ONE_ASKER = 4


class Answering(Protocol):
    """Replies to a question given what was said before, as `Assistant` does, in any thread."""

    def reply(self, text: str, conversation: Conversation = ()) -> AnyReply:
        """Return the reply to a question."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A reply, and the conversation before the question and after the reply."""

    reply: AnyReply
    before: Conversation
    after: Conversation


@dataclass(eq=False, slots=True, kw_only=True)
class _Question:
    """A question that waits or is being answered."""

    asker: Hashable
    key: Hashable
    text: str
    before: Conversation | None = None
    exchange: asyncio.Future[Exchange] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    may_be_remembered: bool = True


class AnswerQueue:
    """Answers several questions at a time, one of each asker, whoever asks in turn.

    For use from one event loop. What one asker asks is answered in order, so that each question
    knows what was replied to those before it.
    """

    def __init__(
        self,
        assistant: Answering,
        memory: ConversationMemory,
        *,
        max_waiting: int,
        max_under_way: int = _MAX_UNDER_WAY,
    ) -> None:
        """Take who answers and how many questions are let in.

        Args:
            assistant: Answers, in several threads at once.
            memory: Where conversations are kept.
            max_waiting: How many questions may wait besides those under way.
            max_under_way: How many are answered at once; never more than may wait.
        """
        self._assistant = assistant
        self._memory = memory
        self._max_waiting = max_waiting
        self._max_waiting_of_one = max(1, max_waiting // _SHARE_OF_ONE_ASKER)
        self._max_under_way = min(max_under_way, max_waiting)
        # By asker, whose turn is next first.
        self._waiting: OrderedDict[Hashable, deque[_Question]] = OrderedDict()
        self._under_way: dict[Hashable, _Question] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(self._max_under_way, thread_name_prefix="answers")
        self._other_work = 0
        self._is_closing = False

    @property
    def waiting(self) -> int:
        """How many questions wait."""
        return sum(map(len, self._waiting.values()))

    @property
    def under_way(self) -> int:
        """How many questions are being answered."""
        return len(self._under_way)

    def check_open(self, asker: Hashable) -> None:
        """Do nothing if a question of somebody would be taken at this moment.

        Raises:
            BusyError: too many wait, or too many of this asker, or the queue is closing.
        """
        if self._is_closing:
            raise BusyError(STOPPING)
        if self.waiting >= self._max_waiting:
            raise BusyError(FULL)
        if len(self._waiting.get(asker, ())) >= self._max_waiting_of_one:
            raise BusyError(ENOUGH)

    async def ask(self, key: Hashable, text: str, *, asker: Hashable = None) -> AnyReply:
        """Return the reply to a question, and remember both, as `converse` does."""
        return (await self.converse(key, text, asker=asker)).reply

    async def converse(
        self,
        key: Hashable,
        text: str,
        *,
        asker: Hashable = None,
        before: Conversation | None = None,
        is_remembered: bool = True,
    ) -> Exchange:
        """Return the reply to a question, and remember both; a cancelled one isn't remembered.

        Args:
            key: The conversation that it belongs to.
            text: The question.
            asker: Who asks, if somebody may have several conversations; all that is asked in one
                is asked by the same.
            before: What was said before, where it isn't what is remembered.
            is_remembered: Whether the conversation goes on from here.

        Raises:
            BusyError: too many wait already, or the queue was closed before the reply was there.
            RolewiseError: what the assistant raises.
        """
        asker = key if asker is None else asker
        self.check_open(asker)
        question = _Question(
            asker=asker, key=key, text=text, before=before, may_be_remembered=is_remembered
        )
        self._waiting.setdefault(asker, deque()).append(question)
        self._begin()
        try:
            return await question.exchange
        finally:
            self._take_out(question)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what some other work gives; questions that come meanwhile wait for it."""
        self._other_work += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._other_work -= 1
            self._begin()

    def forget(self, belongs: Callable[[Hashable], bool]) -> bool:
        """Drop conversations, and what is being answered in them; return whether there were any.

        Args:
            belongs: Tells of a key whether its conversation is to be dropped.
        """
        pending = [question for question in self._unanswered() if belongs(question.key)]
        for question in pending:
            question.may_be_remembered = False
        return self._memory.forget_where(belongs) or bool(pending)

    async def close(self, *, grace_seconds: float) -> None:
        """Take no more questions, answer those there are while there is time, refuse the rest.

        What the threads are doing then can't be broken off; its outcome is dropped.
        """
        self._is_closing = True
        if replies := [question.exchange for question in self._unanswered()]:
            await asyncio.wait(replies, timeout=grace_seconds)
        for question in self._unanswered():
            if not question.exchange.done():
                question.exchange.set_exception(BusyError(STOPPING))
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _unanswered(self) -> list[_Question]:
        waiting = [question for questions in self._waiting.values() for question in questions]
        return [*self._under_way.values(), *waiting]

    def _begin(self) -> None:
        """Begin to answer those whose turn it is, as many as may be under way."""
        while len(self._under_way) < self._max_under_way and not self._other_work:
            asker = next((one for one in self._waiting if one not in self._under_way), None)
            if asker is None:
                return
            questions = self._waiting.pop(asker)
            self._under_way[asker] = question = questions.popleft()
            if questions:
                self._waiting[asker] = questions
            task = asyncio.create_task(self._answer(question))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, question: _Question) -> None:
        before = question.before
        if before is None:
            before = self._memory.recall(question.key)
        loop = asyncio.get_running_loop()
        try:
            exchange = await loop.run_in_executor(self._threads, self._reply, question.text, before)
        except Exception as error:
            if not question.exchange.done():
                question.exchange.set_exception(error)
        else:
            if not question.exchange.done():
                if question.may_be_remembered:
                    self._memory.replace(question.key, exchange.after)
                question.exchange.set_result(exchange)
        finally:
            del self._under_way[question.asker]
            self._begin()

    def _reply(self, text: str, before: Conversation) -> Exchange:
        reply = self._assistant.reply(text, before)
        after = extend(before, text, plain_text(reply))
        return Exchange(reply=reply, before=before, after=after)

    def _take_out(self, question: _Question) -> None:
        """Drop a question that nobody waits for any more."""
        questions = self._waiting.get(question.asker)
        if questions is not None and question in questions:
            questions.remove(question)
            if not questions:
                del self._waiting[question.asker]
