"""A bounded queue in front of the assistant, which answers in threads beside the event loop."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bot.answers.conversation import Conversation
from bot.answers.replies import AnyReply
from knowledge.errors import BusyError

Result = TypeVar("Result")

FULL = "Many questions are waiting already. Ask again in a minute."
ENOUGH = "Several of your questions are waiting already. Ask again when they are answered."
STOPPING = "Rolewise is being restarted. Ask again in a minute."

_MAX_UNDER_WAY = 8
# Four people together may fill a small queue, one alone may not; nobody reads many answers at once.
_SHARE_OF_ONE_ASKER = 4
_MAX_WAITING_OF_ONE = 8


class Answering(Protocol):
    """Replies to a question given what was said before, as `Assistant` does, in any thread."""

    def reply(self, text: str, conversation: Conversation = ()) -> AnyReply:
        """Return the reply to a question."""
        ...


@dataclass(eq=False, slots=True, kw_only=True)
class _Question:
    """A question that waits or is being answered."""

    asker: Hashable
    text: str
    recall: Callable[[], Conversation]
    remember: Callable[[AnyReply], None]
    reply: asyncio.Future[AnyReply] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class AnswerQueue:
    """Answers several questions at a time, one of each asker, whoever asks in turn.

    For use from one event loop. What one asker asks is answered in order, so that each question
    can know what was replied to those before it.
    """

    def __init__(
        self,
        assistant: Answering,
        *,
        max_waiting: int,
        max_under_way: int = _MAX_UNDER_WAY,
    ) -> None:
        """Take who answers and how many questions are let in.

        Args:
            assistant: Answers, in several threads at once.
            max_waiting: How many questions may wait besides those under way.
            max_under_way: How many are answered at once; never more than may wait.
        """
        self._assistant = assistant
        self._max_waiting = max_waiting
        self._max_waiting_of_one = min(
            _MAX_WAITING_OF_ONE, max(1, max_waiting // _SHARE_OF_ONE_ASKER)
        )
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

    async def ask(
        self,
        asker: Hashable,
        text: str,
        *,
        recall: Callable[[], Conversation] = tuple,
        remember: Callable[[AnyReply], None] = lambda _: None,
    ) -> AnyReply:
        """Return the reply to a question.

        Args:
            asker: Who asks.
            text: The question.
            recall: Tells what was said before; called when it is the question's turn.
            remember: Takes the reply as soon as it is there, before anything else of this asker's
                is answered; not called when the question has been cancelled.

        Raises:
            BusyError: too many wait already, or the queue was closed before the reply was there.
            RolewiseError: what the assistant raises.
        """
        self.check_open(asker)
        question = _Question(asker=asker, text=text, recall=recall, remember=remember)
        self._waiting.setdefault(asker, deque()).append(question)
        self._begin()
        try:
            return await question.reply
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

    async def close(self, *, grace_seconds: float) -> None:
        """Take no more questions, answer those there are while there is time, refuse the rest.

        What the threads are doing then can't be broken off; its outcome is dropped.
        """
        self._is_closing = True
        if replies := [question.reply for question in self._unanswered()]:
            await asyncio.wait(replies, timeout=grace_seconds)
        for question in self._unanswered():
            if not question.reply.done():
                question.reply.set_exception(BusyError(STOPPING))
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
        loop = asyncio.get_running_loop()
        try:
            reply = await loop.run_in_executor(
                self._threads, self._assistant.reply, question.text, question.recall()
            )
            if not question.reply.done():
                question.remember(reply)
                question.reply.set_result(reply)
        except Exception as error:
            if not question.reply.done():
                question.reply.set_exception(error)
        finally:
            del self._under_way[question.asker]
            self._begin()

    def _take_out(self, question: _Question) -> None:
        """Drop a question that nobody waits for any more."""
        questions = self._waiting.get(question.asker)
        if questions is not None and question in questions:
            questions.remove(question)
            if not questions:
                del self._waiting[question.asker]
