"""A stage for the real bot: its own process, a Discord on this machine, a guild with members."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.community.showing.text import unescape_text
from tests.loopback import (
    BotProcess,
    Channel,
    Guild,
    Intent,
    Interaction,
    LoopbackDiscord,
    Member,
    Message,
)

OPENING = "Their primary goal is to build robust, scalable, and maintainable software"
OPEN_WITHIN_SECONDS = 120.0


def find_seed_home(factory: pytest.TempPathFactory) -> Path:
    """Return a home with the index of the guide that ships with Rolewise, built once."""
    home = factory.getbasetemp() / "seed-home"
    if not home.exists():
        command = [sys.executable, "-m", "bot", "--home", str(home), "build"]
        subprocess.run(command, check=True, capture_output=True)
    return home


class Stage:
    """A server, a bot at work and a guild with a channel and two members."""

    def __init__(self, server: LoopbackDiscord, process: BotProcess) -> None:
        self.server = server
        self.process = process
        guilds = list(server.state.guilds.values())
        self.guild: Guild = guilds[0] if guilds else server.add_guild("careers")
        self.arrange()

    def arrange(self) -> None:
        """Begin a test with a channel and members that the bot hasn't met."""
        self.channel: Channel = self.server.add_channel(self.guild, "questions")
        self.alice: Member = self.server.add_member(self.guild, "alice")
        self.bob: Member = self.server.add_member(self.guild, "bob")

    async def use_ask(
        self, question: str, *, who: Member | None = None, where: Channel | None = None
    ) -> Interaction:
        return await self.server.use_command(
            where or self.channel, who or self.alice, "ask", question=question
        )

    async def ask(
        self, question: str, *, who: Member | None = None, where: Channel | None = None
    ) -> Message:
        return await (await self.use_ask(question, who=who, where=where)).final_message()

    async def mention(
        self, text: str, *, who: Member | None = None, where: Channel | None = None
    ) -> Message:
        content = f"{self.server.bot.mention} {text}"
        message = await self.server.send_message(where or self.channel, who or self.alice, content)
        return await self.server.next_reply(to=message)

    def check(self, breaches: int = 0) -> None:
        """Fail if a rule was broken, somebody pinged, or an error logged."""
        assert not self.server.breaches[breaches:], self.server.breaches[breaches:]
        assert not self.server.pings, self.server.pings


Act = Callable[[Stage], Awaitable[None]]


async def open_stage(
    stack: AsyncExitStack,
    *arguments: str,
    module: str = "tests.loopback.launch",
    prepare: Callable[[LoopbackDiscord], tuple[str, ...]] = lambda server: (),
    allowed_intents: Intent = Intent(0),  # noqa: B008
    environment: Mapping[str, str] | None = None,
) -> Stage:
    server = await stack.enter_async_context(
        LoopbackDiscord(
            heartbeat_interval_seconds=1.0 if environment else 41.25,
            allowed_privileged_intents=allowed_intents,
        )
    )
    process = BotProcess(
        server.base_url,
        *prepare(server),
        *arguments,
        "discord",
        token=server.token,
        module=module,
        environment=dict(environment or {}),
    )
    stage = Stage(server, await stack.enter_async_context(process))
    await server.wait_until_ready(timeout_seconds=OPEN_WITHIN_SECONDS)
    await server.wait_for_command("ask")
    return stage


async def guides_are_open(stage: Stage) -> None:
    await stage.process.wait_for_line("guides are open", timeout_seconds=OPEN_WITHIN_SECONDS)


Play = Callable[[Act], None]


def share_stage(
    *arguments: str,
    module: str = "tests.loopback.launch",
    prepare: Callable[[LoopbackDiscord], tuple[str, ...]] = lambda server: (),
    allowed_intents: Intent = Intent(0),  # noqa: B008
) -> Iterator[Play]:
    """Yield what plays on a stage that many tests share, since loading an encoder takes seconds.

    Args:
        arguments: Of the command line.
        module: What launches the bot.
        prepare: Arranges what the bot is to find, and returns further arguments.
        allowed_intents: The privileged intents that Discord grants.
    """
    # In a thread, so that heartbeats are answered while other tests run.
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    stack = AsyncExitStack()

    async def open_shared() -> Stage:
        stage = await open_stage(
            stack, *arguments, module=module, prepare=prepare, allowed_intents=allowed_intents
        )
        await guides_are_open(stage)
        return stage

    async def play_act(stage: Stage, act: Act) -> None:
        stage.arrange()
        breaches = len(stage.server.breaches)
        await act(stage)
        stage.check(breaches)

    try:
        stage = asyncio.run_coroutine_threadsafe(open_shared(), loop).result()
        try:
            yield lambda act: asyncio.run_coroutine_threadsafe(play_act(stage, act), loop).result()
        finally:
            asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def play_alone(
    act: Act, *arguments: str, module: str = "tests.loopback.launch", **environment: str
) -> None:
    """Let something happen on a stage of its own."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await open_stage(stack, *arguments, module=module, environment=environment)
            await act(stage)
            stage.check()

    asyncio.run(run())


def shown(message: Message) -> str:
    return unescape_text(message.text)


def inline_fields(message: Message) -> dict[str, str]:
    fields = message.embeds[0].get("fields", []) if message.embeds else []
    return {one["name"]: unescape_text(one["value"]) for one in fields if one.get("inline")}
