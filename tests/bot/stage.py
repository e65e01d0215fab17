"""A stage for the real bot: its own process, a Discord on this machine, a guild with members."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.community.text import unescape_text
from tests.loopback import (
    BotProcess,
    Channel,
    Guild,
    Interaction,
    LoopbackDiscord,
    Member,
    Message,
)

OPENING = "A Software Engineer specializing in Data Science occupies a critical intersection"
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
        self.guild: Guild = server.add_guild("careers")
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
        assert self.server.breaches[breaches:] == []
        assert self.server.pings == []


Act = Callable[[Stage], Awaitable[None]]


async def open_stage(
    stack: AsyncExitStack, *arguments: str, module: str = "tests.loopback.launch", **more: str
) -> Stage:
    server = await stack.enter_async_context(
        LoopbackDiscord(heartbeat_interval_seconds=1.0 if more else 41.25)
    )
    process = BotProcess(
        server.base_url,
        *arguments,
        "discord",
        token=server.token,
        module=module,
        environment=more,
    )
    stage = Stage(server, await stack.enter_async_context(process))
    await server.wait_until_ready(timeout_seconds=OPEN_WITHIN_SECONDS)
    await server.wait_for_command("ask")
    return stage


async def guides_are_open(stage: Stage) -> None:
    await stage.process.wait_for_line("guides are open", timeout_seconds=OPEN_WITHIN_SECONDS)


def play_alone(
    act: Act, *arguments: str, module: str = "tests.loopback.launch", **environment: str
) -> None:
    """Let something happen on a stage of its own."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await open_stage(stack, *arguments, module=module, **environment)
            await act(stage)
            stage.check()

    asyncio.run(run())


def shown(message: Message) -> str:
    return unescape_text(message.text)


def inline_fields(message: Message) -> dict[str, str]:
    fields = message.embeds[0].get("fields", []) if message.embeds else []
    return {one["name"]: unescape_text(one["value"]) for one in fields if one.get("inline")}
