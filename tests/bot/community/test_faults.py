"""Whatever breaks between the bot and Discord: nothing is lost, and nobody waits in silence."""

import asyncio
import random
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bot.stage import (
    OPEN_WITHIN_SECONDS,
    OPENING,
    Stage,
    find_seed_home,
    guides_are_open,
    open_stage,
    shown,
)
from tests.loopback import BotProcess, CallbackKind, Interaction, LoopbackDiscord, Message
from tests.soak import IS_FULL, SEED, rounds

QUESTION = "what does this role do?"
EXPLICIT = "what does a software engineer (data science) do?"
WAIT_SECONDS = 90.0
SEEDS = Path(__file__).resolve().parents[3] / "seeds"
UNKNOWN_INTERACTION = {"message": "Unknown interaction", "code": 10062}
Trouble = Callable[[LoopbackDiscord], None]


@dataclass(frozen=True, kw_only=True)
class Case:
    """Something that breaks, and what may come of a question that is asked then.

    Attributes:
        makes_silent: how a question may be asked that nothing can be answered to.
        may_apologise: whether an apology is an answer to it.
        loses_events: whether Discord itself never tells what happens until the bot is back.
    """

    trouble: Trouble
    makes_silent: str = ""
    may_apologise: bool = False
    loses_events: bool = False
    sample: int = 1
    full: int = 5


def refuse(method: str, path: str, status: int, *, times: int = 1, code: int = 0) -> Trouble:
    body = {"message": "refused", "code": code}
    return lambda server: server.fail_next(method, path, status, body, times=times)


def limit(method: str, path: str, *, is_global: bool = False, times: int = 1) -> Trouble:
    return lambda server: server.rate_limit_next(method, path, global_=is_global, times=times)


MESSAGES, ANSWERS, CALLBACKS = r"^/channels/\d+/messages$", "^/webhooks/", "/callback$"
CASES = {
    "connection dropped": Case(trouble=lambda s: s.drop_connections(), sample=2, full=100),
    "closed with 4000": Case(trouble=lambda s: s.close_connections(4000)),
    "closed with 4009": Case(trouble=lambda s: s.close_connections(4009), sample=0),
    "reconnect asked for": Case(trouble=lambda s: s.request_reconnect()),
    "session invalid, resumable": Case(
        trouble=lambda s: s.invalidate_sessions(resumable=True), sample=0
    ),
    "session invalid for good": Case(
        trouble=lambda s: s.invalidate_sessions(resumable=False), loses_events=True, sample=0
    ),
    "429 for messages": Case(trouble=limit("POST", MESSAGES, times=3)),
    "429 for answers": Case(trouble=limit("PATCH", ANSWERS, times=3)),
    "429 for acknowledgements": Case(trouble=limit("POST", CALLBACKS)),
    "429 for everything": Case(trouble=limit("POST", "", is_global=True)),
    "500 for messages": Case(trouble=refuse("POST", MESSAGES, 500, times=2), sample=0),
    "502 for answers": Case(trouble=refuse("PATCH", ANSWERS, 502, times=2), sample=0),
    "503 for messages": Case(trouble=refuse("POST", MESSAGES, 503), may_apologise=True),
    "503 for answers": Case(trouble=refuse("PATCH", ANSWERS, 503), may_apologise=True),
    "400 for messages": Case(trouble=refuse("POST", MESSAGES, 400), may_apologise=True),
    "400 for answers": Case(trouble=refuse("PATCH", ANSWERS, 400), may_apologise=True),
    "500 for typing": Case(trouble=refuse("POST", "/typing$", 500, times=3)),
    "403 for typing": Case(trouble=refuse("POST", "/typing$", 403)),
    "interaction expired": Case(
        trouble=lambda s: s.fail_next("POST", CALLBACKS, 404, UNKNOWN_INTERACTION),
        makes_silent="ask",
    ),
    "acknowledged twice": Case(
        trouble=refuse("POST", CALLBACKS, 400, code=40060), makes_silent="ask"
    ),
    "answer's message gone": Case(
        trouble=refuse("PATCH", ANSWERS, 404, code=10008), may_apologise=True
    ),
}


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    return Path(shutil.copytree(find_seed_home(tmp_path_factory), tmp_path / "home"))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_whatever_breaks_nobody_waits_in_silence(home: Path) -> None:
    rounds_of = {name: rounds(sample=one.sample, full=one.full) for name, one in CASES.items()}
    order = [name for name, count in rounds_of.items() for _ in range(count)]
    random.Random(SEED).shuffle(order)

    async def act(stage: Stage) -> None:
        for number, name in enumerate(order):
            await ask_through(stage, name, CASES[name], f"member {number}")
        assert shown(await stage.ask(QUESTION))
        assert stage.server.pings == []
        assert [one for one in stage.process.lines if " ERROR " in one or "Traceback" in one] == []
        rules = {one.rule for one in stage.server.breaches} - {"UNANSWERED_INTERACTION"}
        assert rules == set()

    asyncio.run(on_stage(act, home))


async def ask_through(stage: Stage, name: str, case: Case, member_name: str) -> None:
    """Ask in every way at the moment when something breaks, and again thereafter."""
    server = stage.server
    await server.wait_until_ready()
    member = server.add_member(stage.guild, member_name)
    direct = server.direct_channel(member)
    mention = f"{server.bot.mention} {QUESTION}"
    # Each with a question of their own, since one member's questions are answered one by one.
    other = server.add_member(stage.guild, f"{member_name}, too")
    third = server.add_member(stage.guild, f"{member_name}, as well")
    if not case.loses_events and random.Random(member_name).random() < 0.5:
        case.trouble(server)
        asked = await server.use_command(stage.channel, member, "ask", question=QUESTION)
        sent = await server.send_message(stage.channel, other, mention)
    else:
        asked = await server.use_command(stage.channel, member, "ask", question=QUESTION)
        sent = await server.send_message(stage.channel, other, mention)
        case.trouble(server)
    if case.loses_events:
        await server.wait_until_ready()
    for message in (sent, await server.send_message(direct, member, QUESTION)):
        reply = await server.next_reply(to=message, timeout_seconds=WAIT_SECONDS)
        check_answer(name, case, reply)
    if case.makes_silent != "ask":
        check_answer(name, case, await answer_to(server, asked))
    await server.wait_until_ready()
    server.stop_failing()
    content = f"{server.bot.mention} {QUESTION}"
    later = await server.send_message(stage.channel, third, content)
    reply = await server.next_reply(to=later, timeout_seconds=WAIT_SECONDS)
    assert OPENING in shown(reply), f"after {name!r}: {reply!r}"


def check_answer(name: str, case: Case, message: Message) -> None:
    is_apology = "not your fault" in message.content
    assert OPENING in shown(message) or (case.may_apologise and is_apology), f"{name}: {message!r}"


async def answer_to(server: LoopbackDiscord, interaction: Interaction) -> Message:
    """Wait for what a command is answered in the end."""

    def find() -> Message | None:
        if interaction.followups:
            return interaction.followups[-1]
        return interaction.original if interaction.is_resolved else None

    return await server.wait_for(find, "an answer", timeout_seconds=WAIT_SECONDS)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_heartbeats_without_answers_end_the_connection_and_nothing_else(home: Path) -> None:
    if not IS_FULL:
        pytest.skip("a connection without answers is given up after a minute")

    async def act(stage: Stage) -> None:
        server = stage.server
        connections = server.gateway.resumes + server.gateway.identifies
        server.stop_acknowledging_heartbeats()
        assert OPENING in shown(await stage.ask(QUESTION))

        def is_new() -> bool | None:
            return server.gateway.resumes + server.gateway.identifies > connections or None

        await server.wait_for(is_new, "a new connection", timeout_seconds=150)
        server.gateway.acknowledges_heartbeats = True
        await server.wait_until_ready()
        assert OPENING in shown(await stage.mention(QUESTION))

    asyncio.run(on_stage(act, home))


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_questions_are_answered_while_the_index_is_rebuilt_and_rolled_back(
    home: Path, tmp_path: Path
) -> None:
    if not IS_FULL:
        pytest.skip("each build takes its seconds")
    guides = tmp_path / "guides"
    guides.mkdir()

    async def act(stage: Stage) -> None:
        for number in range(6):
            text = f"# Welder\n\nA welder joins metal with {number} kinds of flames.\n"
            (guides / "welder.md").write_text(text, encoding="utf-8")
            await ask_during(stage, number, "build", str(guides), str(SEEDS), home=home)
            answer = await stage.ask("what does a welder do?")
            assert f"joins metal with {number} kinds" in shown(answer)
            await ask_during(stage, number, "rollback", home=home)
            answer = await stage.ask("what does a welder do?")
            assert f"joins metal with {number} kinds" not in shown(answer)

    asyncio.run(on_stage(act, home))


async def ask_during(stage: Stage, number: int, *command: str, home: Path) -> None:
    """Let members ask, one question after another, as long as a command runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "--home", str(home), *command),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )

    async def ask_again_and_again(name: str) -> None:
        member = stage.server.add_member(stage.guild, name)
        while process.returncode is None:
            assert OPENING in shown(await stage.ask(EXPLICIT, who=member))
            assert OPENING in shown(await stage.mention(EXPLICIT, who=member))

    try:
        async with asyncio.TaskGroup() as group:
            for one in range(3):
                group.create_task(ask_again_and_again(f"{command[0]} {number} {one}"))
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()


@pytest.mark.soak
def test_buttons_and_conversations_of_before_a_restart_go_on(home: Path) -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            answer = None
            for _ in range(rounds(sample=2, full=6)):
                arguments = ("--home", str(home), "discord")
                async with BotProcess(server.base_url, *arguments, token=server.token) as process:
                    stage = Stage(server, process)
                    await server.wait_until_ready(timeout_seconds=OPEN_WITHIN_SECONDS)
                    await guides_are_open(stage)
                    if answer is not None:
                        await press_all(stage, answer)
                    answer = await stage.ask("how is this different from a data engineer?")
                    process.send_signal(signal.SIGTERM)
                    assert await process.wait_for_exit() == 0
                await server.wait_until_gone()
            assert server.breaches == []
            assert server.pings == []

    asyncio.run(run())


async def press_all(stage: Stage, answer: Message) -> None:
    """Press every button under an answer; each must do what it says."""
    for button in answer.interactive_components:
        pressed = await stage.server.click(answer, button["custom_id"], stage.alice)
        kind = await pressed.acknowledged()
        if kind is CallbackKind.MODAL:
            sent = await stage.server.submit_modal(pressed, {"question": "and a data scientist?"})
            assert "Data Scientist" in shown(await sent.final_message())
        elif kind is CallbackKind.DEFERRED_UPDATE:
            await stage.server.wait_for(lambda: answer.thread_id, "a thread on the answer")
        else:
            assert "earlier version" not in (await pressed.final_message()).content


async def on_stage(act: Callable[[Stage], Awaitable[None]], home: Path) -> None:
    async with AsyncExitStack() as stack:
        stage = await open_stage(stack, "--home", str(home), environment={"PYTHONHASHSEED": "0"})
        await guides_are_open(stage)
        await act(stage)
