"""What is wrong on Discord's side is found, with what to click."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import discord
import pytest

from bot.community.doctor import check_discord, invite_link
from bot.community.settings import DiscordSettings
from bot.settings import Settings
from knowledge.checks import Check, Verdict
from tests.loopback import Channel, ChannelType, Guild, Intent, LoopbackDiscord, Permission
from tests.loopback.redirect import point_discord_at

NEEDED = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.CREATE_PUBLIC_THREADS
)


@pytest.fixture(autouse=True)
def _point_discord_back() -> Iterator[None]:
    before = discord.http.Route.BASE
    yield
    discord.http.Route.BASE = before


class World:
    """A server with a channel and a forum, which each test changes before it is looked at."""

    def __init__(self, server: LoopbackDiscord) -> None:
        self.server = server
        self.guild: Guild = server.add_guild(
            "careers", everyone_permissions=0, bot_permissions=int(NEEDED)
        )
        self.channel: Channel = server.add_channel(self.guild, "questions")
        self.forum: Channel = server.add_channel(self.guild, "help", kind=ChannelType.FORUM)

    async def check(self, **values: object) -> dict[str, Check]:
        settings = Settings(discord=DiscordSettings.model_validate(values))
        point_discord_at(self.server.base_url)
        checks = await check_discord(settings, self.server.token)
        by_name = {check.name: check for check in checks}
        assert len(by_name) == len(checks)
        assert all(check.fix or check.verdict is not Verdict.BAD for check in checks)
        return by_name


async def register(server: LoopbackDiscord, home: Path) -> None:
    """Let the bot itself register its commands."""
    from tests.loopback import BotProcess

    process = BotProcess(server.base_url, "--home", str(home), "discord", token=server.token)
    async with process:
        await process.wait_for_line("Registered the commands", timeout_seconds=60)


def test_a_server_set_up_as_described_is_well(tmp_path: Path) -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            world = World(server)
            await register(server, tmp_path)
            checks = await world.check()
            assert {check.verdict for check in checks.values()} == {Verdict.GOOD}
            assert "can answer in 2 channels" in checks["discord permissions in careers"].finding
            assert "careers" in checks["discord servers"].finding
            # The same is found by the command.
            environment = {**os.environ, "DISCORD_TOKEN": server.token}
            command = ["--home", str(tmp_path), "doctor", "--json"]
            done = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.loopback.launch", server.base_url, "--", *command),
                env=environment,
                stdout=subprocess.PIPE,
            )
            out, _ = await done.communicate()
            printed = {one["name"]: one for one in json.loads(out)["checks"]}
            for name, check in checks.items():
                assert printed[name]["finding"] == check.finding

    asyncio.run(run())


def test_what_is_missing_is_named_with_what_to_click() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            world = World(server)
            link = invite_link(server.state.application_id)
            assert f"permissions={int(NEEDED)}" in link
            assert "scope=bot+applications.commands" in link
            checks = await world.check()
            assert checks["discord commands"].verdict is Verdict.BAD
            assert checks["discord commands"].fix == "Run: rolewise discord --sync"

            lacking = Permission.EMBED_LINKS | Permission.SEND_MESSAGES_IN_THREADS
            server.forbid(world.forum, server.bot, lacking)
            check = (await world.check())["discord permissions in careers"]
            assert check.verdict is Verdict.BAD
            assert "#help: Send Messages in Threads, Embed Links" in check.finding
            assert "questions" not in check.finding
            # Where it is not to answer, it need not be able to.
            chosen = await world.check(channels=[world.channel.id])
            assert chosen["discord permissions in careers"].verdict is Verdict.GOOD

            server.forbid(world.forum, server.bot, Permission.VIEW_CHANNEL)
            announcements = server.add_channel(world.guild, "announcements")
            server.forbid(announcements, server.bot, Permission.SEND_MESSAGES)
            checks = await world.check()
            assert "2 are hidden" in checks["discord permissions in careers"].finding
            named = await world.check(channels=[world.channel.id, world.forum.id])
            assert "View Channels" in named["discord permissions in careers"].finding

            server.forbid(world.channel, server.bot, Permission.CREATE_PUBLIC_THREADS)
            assert (await world.check())["discord threads in careers"].verdict is Verdict.NOTE

    asyncio.run(run())


def test_ids_of_the_settings_that_nothing_has_are_named() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            world = World(server)
            checks = await world.check(servers=[world.guild.id, 7], channels=[world.channel.id, 8])
            assert "not in 7" in checks["discord servers"].finding
            assert "8" in checks["discord channels"].finding
            server.remove_bot_from(world.guild)
            assert (await world.check())["discord servers"].finding == "The bot is in none."

    asyncio.run(run())


@pytest.mark.parametrize("granted", [True, False], ids=["granted", "not granted"])
def test_the_intent_is_needed_for_questions_that_address_nobody(granted: bool) -> None:
    async def run() -> None:
        intent = Intent.MESSAGE_CONTENT if granted else Intent(0)
        async with LoopbackDiscord(allowed_privileged_intents=intent) as server:
            world = World(server)
            check = (await world.check())["discord message content"]
            assert check.verdict is Verdict.GOOD
            unaddressed = await world.check(unaddressed_channels=[world.channel.id])
            expected = Verdict.GOOD if granted else Verdict.BAD
            assert unaddressed["discord message content"].verdict is expected

    asyncio.run(run())


def test_a_token_that_is_refused_and_a_discord_that_is_away_are_said() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            point_discord_at(server.base_url)
            [refused] = await check_discord(Settings(), "MTIz.GhIj.KlMn")
            assert (refused.name, refused.verdict) == ("discord token", Verdict.BAD)
            assert refused.fix is not None
            assert "Reset Token" in refused.fix
        [away] = await check_discord(Settings(), server.token)
        assert away.name == "discord"
        assert "can't be asked" in away.finding

    asyncio.run(run())
