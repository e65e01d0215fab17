import asyncio
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable

import pytest

from bot.answers.conversation import Conversation, extend
from bot.answers.replies import AnyReply
from bot.answers.reply_text import plain_text
from bot.community.asking.answer_queue import ENOUGH, FULL, STOPPING, AnswerQueue
from knowledge.errors import BusyError, QuestionError
from tests.bot.fakes import make_answer


class GatedAssistant:
    """Answers a question each time that it is let, and notes who asked what in which order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.conversations: dict[str, Conversation] = {}
        self.threads: set[int] = set()
        self._gate = threading.Semaphore(0)
        self._begun: defaultdict[str, threading.Event] = defaultdict(threading.Event)

    def let(self, count: int = 1) -> None:
        self._gate.release(count)

    def reply(self, text: str, conversation: Conversation = ()) -> AnyReply:
        self.asked.append(text)
        self._begun[text].set()
        self.conversations[text] = conversation
        self.threads.add(threading.get_ident())
        if not self._gate.acquire(timeout=10):
            raise AssertionError("nobody let the assistant answer")
        if text == "bad":
            raise QuestionError("There is nothing to look up.")
        return make_answer(question=text)

    async def wait_until_asked(self, text: str) -> None:
        assert await asyncio.to_thread(self._begun[text].wait, 10)


Play = Callable[[AnswerQueue, GatedAssistant], Awaitable[None]]


def play(act: Play, *, max_waiting: int = 10, max_under_way: int = 1) -> None:
    """Let something happen with a queue; what still waits at the end is told.

    One question is answered at a time unless a test is about several.
    """

    async def run() -> None:
        assistant = GatedAssistant()
        queue = AnswerQueue(assistant, max_waiting=max_waiting, max_under_way=max_under_way)
        try:
            await asyncio.wait_for(act(queue, assistant), 10)
        finally:
            assistant.let(100)
            await queue.close(grace_seconds=5)

    asyncio.run(run())


async def start(
    queue: AnswerQueue,
    asker: str,
    text: str,
    *,
    recall: Callable[[], Conversation] = tuple,
    remember: Callable[[AnyReply], None] = lambda _: None,
) -> asyncio.Task[AnyReply]:
    task = asyncio.create_task(queue.ask(asker, text, recall=recall, remember=remember))
    await asyncio.sleep(0)
    return task


def test_a_question_is_answered_beside_the_event_loop() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        assistant.let()
        assert (await queue.ask("alice", "one")).question == "one"
        assert assistant.threads.isdisjoint({threading.get_ident()})

    play(act)


class Memory:
    """What one asker said and was told."""

    def __init__(self) -> None:
        self.conversation: Conversation = ()

    def recall(self) -> Conversation:
        return self.conversation

    def remember(self, reply: AnyReply) -> None:
        self.conversation = extend(self.conversation, reply.question, plain_text(reply))


def test_an_askers_questions_are_answered_in_order_each_knowing_the_one_before() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        memory = Memory()
        tasks = [
            await start(queue, "alice", text, recall=memory.recall, remember=memory.remember)
            for text in ("one", "two", "three")
        ]
        tasks.append(await start(queue, "bob", "four"))
        assistant.let(4)
        await asyncio.gather(*tasks)
        assert [text for text in assistant.asked if text != "four"] == ["one", "two", "three"]
        assert assistant.conversations["one"] == assistant.conversations["four"] == ()
        question, answer = assistant.conversations["two"]
        assert (question.role, question.text) == ("user", "one")
        assert answer.role == "assistant"
        assert "They build pipelines that carry data." in answer.text
        assert [turn.text for turn in assistant.conversations["three"][::2]] == ["one", "two"]

    play(act)


def test_what_cannot_be_remembered_fails_that_question_alone() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        def fail(reply: AnyReply) -> None:
            raise QuestionError(reply.question)

        asked = await start(queue, "alice", "one", remember=fail)
        assistant.let(2)
        with pytest.raises(QuestionError, match="one"):
            await asked
        assert (await queue.ask("alice", "two")).question == "two"

    play(act)


def test_whoever_asks_much_waits_behind_those_who_ask_little() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        tasks = [await start(queue, "alice", f"a{number}") for number in range(4)]
        tasks += [await start(queue, "bob", f"b{number}") for number in range(2)]
        tasks += [await start(queue, "carol", "c0")]
        assistant.let(7)
        await asyncio.gather(*tasks)
        assert assistant.asked == ["a0", "a1", "b0", "c0", "a2", "b1", "a3"]

    play(act, max_waiting=20)


def test_several_are_answered_at_once_but_one_question_of_each_asker() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        alice = [await start(queue, "alice", f"a{number}") for number in range(3)]
        others = [await start(queue, name, name) for name in ("bob", "carol", "dave")]
        for text in ("a0", "bob", "carol"):
            await assistant.wait_until_asked(text)
        assert assistant.asked.count("dave") == 0
        assert len(assistant.threads) == 3
        assistant.let(6)
        await asyncio.gather(*alice, *others)
        assert [text for text in assistant.asked if text.startswith("a")] == ["a0", "a1", "a2"]

    play(act, max_waiting=20, max_under_way=3)


def test_a_crowd_is_answered_in_order_of_arrival() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        names = [f"member {number:02}" for number in range(64)]
        tasks = [await start(queue, name, name) for name in names]
        assistant.let(64)
        await asyncio.gather(*tasks)
        assert sorted(assistant.asked) == names
        # Threads take what begins at once in any order, and nobody is overtaken by more than that.
        places = [abs(assistant.asked.index(name) - names.index(name)) for name in names]
        assert max(places) < 8

    play(act, max_waiting=64, max_under_way=4)


def test_a_full_queue_refuses_at_once_and_takes_questions_again() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        first = await start(queue, "alice", "one")
        await assistant.wait_until_asked("one")
        waiting = [await start(queue, name, name) for name in ("bob", "carol")]
        with pytest.raises(BusyError, match=FULL):
            await queue.ask("dave", "four")
        with pytest.raises(BusyError, match=FULL):
            queue.check_open("dave")
        assistant.let(4)
        await asyncio.gather(first, *waiting)
        queue.check_open("dave")
        assert (await queue.ask("dave", "four")).question == "four"

    play(act, max_waiting=2)


def test_one_asker_cannot_fill_the_queue() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        first = await start(queue, "alice", "a0")
        await assistant.wait_until_asked("a0")
        waiting = [await start(queue, "alice", f"a{number}") for number in (1, 2)]
        with pytest.raises(BusyError, match=ENOUGH):
            queue.check_open("alice")
        with pytest.raises(BusyError, match=ENOUGH):
            await queue.ask("alice", "a3")
        waiting.append(await start(queue, "bob", "b0"))
        assistant.let(4)
        await asyncio.gather(first, *waiting)
        queue.check_open("alice")

    play(act, max_waiting=8)


def test_no_more_are_answered_at_once_than_may_wait() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        tasks = [await start(queue, name, name) for name in ("alice", "bob")]
        await assistant.wait_until_asked("alice")
        with pytest.raises(BusyError, match=FULL):
            await queue.ask("carol", "three")
        assistant.let(2)
        await asyncio.gather(*tasks)

    play(act, max_waiting=1, max_under_way=8)


def test_an_error_reaches_who_asked_and_nobody_else() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        memory = Memory()
        bad = await start(queue, "alice", "bad", remember=memory.remember)
        good = await start(queue, "alice", "good")
        assistant.let(2)
        with pytest.raises(QuestionError):
            await bad
        assert (await good).question == "good"
        assert memory.conversation == ()

    play(act)


def test_a_question_cancelled_while_it_waits_is_never_asked() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        first = await start(queue, "alice", "one")
        await assistant.wait_until_asked("one")
        second, third = await start(queue, "bob", "two"), await start(queue, "carol", "three")
        second.cancel()
        assistant.let(2)
        await asyncio.gather(first, third)
        assert second.cancelled()
        assert assistant.asked == ["one", "three"]

    play(act)


def test_a_question_cancelled_while_it_is_answered_is_not_remembered() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        memory = Memory()
        first = await start(queue, "alice", "one", remember=memory.remember)
        await assistant.wait_until_asked("one")
        first.cancel()
        assistant.let(2)
        assert (await queue.ask("alice", "two")).question == "two"
        assert memory.conversation == ()

    play(act)


def test_closing_answers_what_there_is_time_for() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        tasks = [await start(queue, name, name) for name in ("alice", "bob")]
        assistant.let(2)
        await queue.close(grace_seconds=5)
        assert [task.result().question for task in tasks] == ["alice", "bob"]
        with pytest.raises(BusyError, match=STOPPING):
            await queue.ask("carol", "three")

    play(act)


def test_closing_tells_those_for_whom_there_is_no_time() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        tasks = [await start(queue, name, name) for name in ("alice", "bob")]
        await assistant.wait_until_asked("alice")
        await queue.close(grace_seconds=0.05)
        for task in tasks:
            with pytest.raises(BusyError, match=STOPPING):
                await task
        assistant.let()
        assert assistant.asked == ["alice"]

    play(act)


def test_questions_wait_for_other_work_that_was_there_before_them() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        is_let = threading.Event()
        work = asyncio.create_task(queue.run(lambda: (is_let.wait(10), threading.get_ident())))
        await asyncio.sleep(0)
        asked = await start(queue, "alice", "one")
        await asyncio.sleep(0.05)
        assert assistant.asked == []
        is_let.set()
        assistant.let()
        assert (await asked).question == "one"
        assert await work != (True, threading.get_ident())

    play(act, max_under_way=4)


def test_questions_are_answered_after_other_work_that_failed() -> None:
    async def act(queue: AnswerQueue, assistant: GatedAssistant) -> None:
        def fail() -> None:
            raise QuestionError("There is nothing to look up.")

        work = asyncio.create_task(queue.run(fail))
        await asyncio.sleep(0)
        asked = await start(queue, "alice", "one")
        assistant.let()
        assert (await asked).question == "one"
        with pytest.raises(QuestionError):
            await work

    play(act)
