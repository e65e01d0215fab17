"""Questions that nobody addresses to the bot, in channels and forums that the owner chose."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.bot.stage import (
    OPENING,
    Play,
    Stage,
    find_seed_home,
    guides_are_open,
    open_stage,
    share_stage,
    shown,
)
from tests.loopback import Channel, ChannelType, Intent, LoopbackDiscord

QUESTION = "what does this role do?"


def choose_channels(server: LoopbackDiscord, folder: Path) -> tuple[str, ...]:
    """Choose a channel and a forum of a guild; return the arguments that name the settings."""
    guild = server.add_guild("careers")
    chosen = server.add_channel(guild, "ask-here")
    forum = server.add_channel(guild, "help", kind=ChannelType.FORUM)
    settings = folder / "rolewise.yaml"
    channels = f"[{chosen.id}, {forum.id}]"
    settings.write_text(f"discord: {{unaddressed_channels: {channels}}}\n", encoding="utf-8")
    return ("--config", str(settings))


def channel_called(stage: Stage, name: str) -> Channel:
    channels = stage.server.state.channels.values()
    return next(one for one in channels if one.name == name and not one.is_thread)


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Play on a stage whose bot may read and answer what isn't addressed to it."""
    folder = tmp_path_factory.mktemp("chosen")
    home = shutil.copytree(find_seed_home(tmp_path_factory), folder / "home")
    yield from share_stage(
        "--home",
        str(home),
        prepare=lambda server: choose_channels(server, folder),
        allowed_intents=Intent.MESSAGE_CONTENT,
    )


def test_questions_are_answered_in_a_chosen_channel_alone(chosen: Play) -> None:
    async def act(stage: Stage) -> None:
        server = stage.server
        here = channel_called(stage, "ask-here")
        asked = await server.send_message(here, stage.alice, QUESTION)
        assert OPENING in shown(await server.next_reply(to=asked))
        thread = await server.start_thread(here, stage.alice, "more")
        asked = await server.send_message(thread, stage.alice, QUESTION)
        assert OPENING in shown(await server.next_reply(to=asked))
        refused = await server.send_message(here, stage.alice, "what does a nurse do?")
        assert "no guide about" in shown(await server.next_reply(to=refused))
        await server.send_message(stage.channel, stage.alice, QUESTION)
        await server.expect_silence(stage.channel, seconds=0.5)

    chosen(act)


def test_talk_is_left_alone_in_a_chosen_channel(chosen: Play) -> None:
    async def act(stage: Stage) -> None:
        server = stage.server
        here = channel_called(stage, "ask-here")
        talk = await server.send_message(here, stage.alice, "thanks everybody")
        await server.send_message(here, stage.bob, QUESTION, reply_to=talk)
        await server.send_message(here, stage.bob, "who won the football game yesterday?")
        other_bot = server.add_member(stage.guild, "other", is_bot=True)
        await server.send_message(here, other_bot, QUESTION)
        await server.send_as_webhook(here, "news", QUESTION)
        await server.expect_silence(here, seconds=1.0)

    chosen(act)


def test_a_thread_of_the_bots_own_is_gone_on_in_without_mentions(chosen: Play) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.ask("how is this different from a data engineer?")
        await stage.server.click(answer, "Open a thread", stage.alice)
        thread = await stage.server.wait_for(
            lambda: stage.server.state.channels.get(answer.id), "a thread"
        )
        await stage.server.wait_for(
            lambda: stage.server.bot_messages(thread) or None, "its first message"
        )
        asked = await stage.server.send_message(thread, stage.alice, "and from a data scientist?")
        assert "Data Scientist" in shown(await stage.server.next_reply(to=asked))

    chosen(act)


@pytest.mark.parametrize("delay", [0.0, 0.8], ids=["at once", "late"])
def test_a_post_is_answered_once(chosen: Play, delay: float) -> None:
    async def act(stage: Stage) -> None:
        server = stage.server
        forum = channel_called(stage, "help")
        post = await server.create_post(
            forum, stage.alice, "A question on this role", QUESTION, starter_after_seconds=delay
        )
        answer = await server.next_message(post, after=server.state.messages[post.id])
        assert OPENING in shown(answer)
        assert answer.reference_id == post.id
        await server.send_message(post, stage.alice, "what skills does this role need?")
        await server.expect_silence(post, seconds=0.5)
        asked = await server.send_message(post, stage.bob, f"{server.bot.mention} {QUESTION}")
        assert OPENING in shown(await server.next_reply(to=asked))

    chosen(act)


def test_a_post_that_a_person_has_answered_is_left_alone(chosen: Play) -> None:
    async def act(stage: Stage) -> None:
        server = stage.server
        creating = asyncio.create_task(
            server.create_post(
                channel_called(stage, "help"),
                stage.alice,
                "What does this role do?",
                "I wonder.",
                starter_after_seconds=0.3,
            )
        )
        post = await server.wait_for(
            lambda: next(
                (one for one in server.state.channels.values() if one.awaits_starter), None
            ),
            "the post",
        )
        await server.send_message(post, stage.bob, "It builds software.")
        await creating
        await server.expect_silence(post, seconds=1.0)

    chosen(act)


def test_a_refused_intent_is_explained_and_gone_without(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    home = shutil.copytree(find_seed_home(tmp_path_factory), tmp_path / "home")

    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await open_stage(
                stack,
                "--home",
                str(home),
                prepare=lambda server: choose_channels(server, tmp_path),
            )
            assert "Switch on Message Content Intent" in stage.process.output
            await guides_are_open(stage)
            server = stage.server
            here = channel_called(stage, "ask-here")
            await server.send_message(here, stage.alice, QUESTION)
            await server.expect_silence(here, seconds=0.5)
            asked = await server.send_message(here, stage.alice, f"{server.bot.mention} {QUESTION}")
            assert OPENING in shown(await server.next_reply(to=asked))
            # A post is answered from its title, which can be read.
            post = await server.create_post(
                channel_called(stage, "help"), stage.alice, QUESTION, "I wonder."
            )
            assert OPENING in shown(
                await server.next_message(post, after=server.state.messages[post.id])
            )
            stage.check()

    asyncio.run(run())
