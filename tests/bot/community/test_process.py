"""The real bot starts, waits, fails and stops: each time as a process of its own."""

import asyncio
import shutil
import signal
from pathlib import Path

import pytest

from bot.community.showing.text import unescape_text
from knowledge.errors import DiscordError
from tests.bot.stage import (
    OPEN_WITHIN_SECONDS,
    OPENING,
    Stage,
    find_seed_home,
    guides_are_open,
    play_alone,
    shown,
)
from tests.loopback import BotProcess, CallbackKind, LoopbackDiscord

SLOW = "tests.bot.slow_encoder"
COMMANDS = {"ask", "compare", "role", "forget", "help", "knowledge", "Ask about this message"}
HOSTILE_GUIDE = """\
# Prompt Engineer [@everyone](https://evil.example)

## What a prompt engineer does

A prompt engineer writes ||prompts|| for <@123456789012345678> and @everyone with ~~care~~ at https://evil.example/x_y.

- > A prompt engineer tests :smile: prompts in `code` and __bold__ steps for discord.gg/abc daily.
"""


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A home of one test's own."""
    return Path(shutil.copytree(find_seed_home(tmp_path_factory), tmp_path / "home"))


def test_a_guide_full_of_markup_is_shown_as_it_is_written(tmp_path: Path) -> None:
    guide = tmp_path / "prompt-engineer.md"
    guide.write_text(HOSTILE_GUIDE, encoding="utf-8")
    settings = tmp_path / "rolewise.yaml"
    settings.write_text("knowledge: {paths: [prompt-engineer.md]}\nhome: home\n", encoding="utf-8")

    async def act(stage: Stage) -> None:
        # There is no index yet; the bot builds it while it is connected already.
        await stage.process.wait_for_line("Built index", timeout_seconds=OPEN_WITHIN_SECONDS)
        for answer in (
            await stage.ask("what does a prompt engineer do?"),
            await stage.mention("what does a prompt engineer do?"),
        ):
            description = answer.embeds[0]["description"]
            assert "@everyone" not in description
            assert r"\|\|prompts\|\|" in description
            assert r"https\://evil.example" in description
            assert "for <@123456789012345678> and @everyone" in unescape_text(description)
            assert "(https://evil.example" not in answer.text

    play_alone(act, "--config", str(settings))


def test_a_slow_encoder_delays_answers_and_nothing_else(home: Path, tmp_path: Path) -> None:
    settings = tmp_path / "rolewise.yaml"
    settings.write_text("discord: {max_waiting_questions: 1}\n", encoding="utf-8")

    async def act(stage: Stage) -> None:
        server = stage.server
        # While the encoder is still being loaded, what is asked waits.
        early = await stage.use_ask("what does this role do?")
        assert await early.acknowledged() is CallbackKind.DEFERRED_MESSAGE
        assert OPENING in shown(await early.final_message(timeout_seconds=OPEN_WITHIN_SECONDS))

        first = await stage.use_ask("what does this role do?")
        await first.acknowledged()
        mention = f"{server.bot.mention} what does this role do?"
        deleted = await server.send_message(stage.channel, stage.bob, mention)
        await server.wait_for(
            lambda: [one for one in server.typing if one.channel_id == stage.channel.id] or None,
            "the bot to type",
        )
        refused = await stage.use_ask("what does this role do?", who=stage.bob)
        told = await refused.final_message(timeout_seconds=1.0)
        assert told.is_ephemeral
        assert "Many questions are waiting" in told.content
        assert OPENING in shown(await first.final_message())
        # What was deleted meanwhile is not answered.
        await server.delete_message(deleted)
        await server.expect_silence(stage.channel, seconds=1.0)

        asked = await stage.use_ask("does this role explode?")
        told = await asked.followup()
        assert told.is_ephemeral
        assert "not your fault" in told.content
        assert "Traceback" in stage.process.output
        assert "ZeroDivisionError" in stage.process.output
        assert "does this role" not in stage.process.output

        # What is under way at the end is finished, and what begins then is told.
        last = await stage.use_ask("what does this role do?")
        await last.acknowledged()
        stage.process.send_signal(signal.SIGTERM)
        await stage.process.wait_for_line("Stopping")
        late = await stage.use_ask("what does this role do?", who=stage.bob)
        told = await late.final_message()
        assert told.is_ephemeral
        assert "being restarted" in told.content
        assert OPENING in shown(await last.final_message())
        assert await stage.process.wait_for_exit() == 0
        assert server.heartbeats
        assert server.late_heartbeats == []

    play_alone(act, "--config", str(settings), "--home", str(home), module=SLOW, ENCODE_SECONDS="2")


def test_who_asked_is_told_where_there_is_no_time_to_answer(home: Path) -> None:
    async def act(stage: Stage) -> None:
        await guides_are_open(stage)
        asked = await stage.use_ask("what does this role do?")
        content = f"{stage.server.bot.mention} what does this role do?"
        sent = await stage.server.send_message(stage.channel, stage.bob, content)
        await asked.acknowledged()
        stage.process.send_signal(signal.SIGINT)
        assert "being restarted" in (await asked.followup()).content
        assert "being restarted" in (await stage.server.next_reply(to=sent)).content
        assert await stage.process.wait_for_exit() == 0

    play_alone(act, "--home", str(home), module=SLOW, ENCODE_SECONDS="6")


def test_commands_are_registered_once(home: Path) -> None:
    (home / "current").write_text("nothing that is there", encoding="utf-8")  # starts sooner

    async def start(server: LoopbackDiscord) -> int:
        arguments = ("--home", str(home), "discord")
        async with BotProcess(server.base_url, *arguments, token=server.token):
            await server.wait_until_ready(timeout_seconds=OPEN_WITHIN_SECONDS)
        await server.wait_until_gone()
        return sum(one.method == "PUT" for one in server.requests)

    async def run() -> None:
        async with LoopbackDiscord() as server:
            assert await start(server) == 1
            assert {one["name"] for one in server.commands} == COMMANDS
            assert await start(server) == 1
            # A command that is deleted on Discord's side is registered again.
            del server.state.commands[int(server.commands[0]["id"])]
            assert await start(server) == 2
            assert {one["name"] for one in server.commands} == COMMANDS
        async with LoopbackDiscord() as other_application:
            assert await start(other_application) == 1

    asyncio.run(run())


def test_a_damaged_index_is_told_without_its_place(home: Path) -> None:
    (home / "current").write_text("nothing that is there", encoding="utf-8")
    # The digest can't be written either: that is served all the same.
    (home / "discord-commands.sha256").mkdir()

    async def act(stage: Stage) -> None:
        await stage.process.wait_for_line(r"can't be answered yet: .*rolewise build")
        await stage.process.wait_for_line("registered at each start")
        asked = await stage.use_ask("what does this role do?")
        told = await asked.followup()
        assert told.is_ephemeral
        assert "can't read the guides" in told.content
        assert str(home) not in told.content
        assert "can't read the guides" in (await stage.mention("what does it do?")).content

    play_alone(act, "--home", str(home))


@pytest.mark.parametrize(
    ("token", "explained"),
    [
        ("", "DISCORD_TOKEN is not set. Copy your bot's token at https://discord.com/"),
        ("  ", "DISCORD_TOKEN is not set."),
        ("0123456789abcdef0123456789abcdef", "holds is no bot token, which is three parts"),
        ('"c2VjcmV0.c2VjcmV0.c2VjcmV0"', "without quotes"),
        ("c2VjcmV0.c2VjcmV0.c2VjcmV0", "Discord refuses the token in DISCORD_TOKEN. Reset it at"),
    ],
    ids=["missing", "blank", "no-token", "quoted", "wrong"],
)
def test_a_token_that_is_none_is_explained_and_not_shown(
    token: str, explained: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            process = BotProcess(
                server.base_url, "--home", str(tmp_path / "home"), "discord", token=token
            )
            async with process:
                assert await process.wait_for_exit() == DiscordError.exit_code
            assert len(process.lines) == 1
            assert explained in process.lines[0]
            assert not token.strip() or token.strip() not in process.output

    asyncio.run(run())


def test_a_discord_out_of_reach_is_explained(tmp_path: Path) -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            address, token = server.base_url, server.token
        process = BotProcess(address, "--home", str(tmp_path / "home"), "discord", token=token)
        async with process:
            assert await process.wait_for_exit() == DiscordError.exit_code
        assert len(process.lines) == 1
        assert "Discord can't be reached" in process.lines[0]
        assert "Traceback" not in process.output

    asyncio.run(run())
