"""What happens between a question and its reply: waits, edits, deletions, cooldowns."""

import asyncio
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
    play_alone,
    share_stage,
    shown,
)
from tests.loopback import Message

QUESTION = "what does this role do?"
LINGERING = "how is this different from a data engineer, and why linger?"
MESSAGES = r"^/channels/\d+/messages$"
HURRIED = "tests.bot.hurried_bot"
TOKENS_LIVE_SECONDS = 15 * 60


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return find_seed_home(tmp_path_factory)


@pytest.fixture(scope="module")
def play(home: Path) -> Iterator[Play]:
    yield from share_stage("--home", str(home), module=HURRIED)


async def mention(stage: Stage, text: str) -> Message:
    return await stage.server.send_message(
        stage.channel, stage.alice, f"{stage.server.bot.mention} {text}"
    )


async def is_typing(stage: Stage) -> None:
    await stage.server.wait_for(
        lambda: [one for one in stage.server.typing if one.channel_id == stage.channel.id] or None,
        "the bot to type",
    )


def test_a_long_wait_is_explained_and_ends_with_the_reply(play: Play) -> None:
    async def act(stage: Stage) -> None:
        asked = await stage.use_ask(f"{QUESTION} linger?")
        explained = await asked.final_message()
        assert "Your question waits" in explained.content
        await stage.server.wait_for(lambda: OPENING in shown(explained) or None, "the reply")
        assert not explained.content

    play(act)


def test_a_wait_ends_before_discord_takes_no_reply_any_more(play: Play) -> None:
    async def act(stage: Stage) -> None:
        asked = await stage.use_ask("why does this role stall?")
        told = await asked.followup()
        assert told.is_ephemeral
        assert "has waited for too long" in told.content
        assert OPENING in shown(await stage.ask(QUESTION, who=stage.bob))

    play(act)


def test_a_question_edited_while_it_is_answered_is_answered_as_it_reads(play: Play) -> None:
    async def act(stage: Stage) -> None:
        sent = await mention(stage, f"{LINGERING}")
        await is_typing(stage)
        await stage.server.edit_message(sent, f"{stage.server.bot.mention} {QUESTION}")
        answer = await stage.server.next_reply(to=sent)
        assert OPENING in shown(answer)
        assert answer.earlier_contents == []
        # What follows goes on from the question as it reads now.
        follow_up = await stage.server.send_message(
            stage.channel, stage.alice, "tell me more", reply_to=answer
        )
        assert OPENING not in shown(await stage.server.next_reply(to=follow_up))

    play(act)


def test_a_question_deleted_while_it_is_answered_is_neither_answered_nor_remembered(
    play: Play,
) -> None:
    async def act(stage: Stage) -> None:
        sent = await mention(stage, LINGERING)
        await is_typing(stage)
        await stage.server.delete_message(sent)
        told = await stage.server.use_command(stage.channel, stage.alice, "forget")
        assert "nothing to forget" in (await told.final_message()).content
        answer = await stage.mention("and what else?")
        assert OPENING not in shown(answer)
        assert len(stage.server.bot_messages(stage.channel)) == 2

    play(act)


def test_a_question_deleted_in_the_instant_its_reply_is_sent_takes_that_along(play: Play) -> None:
    async def act(stage: Stage) -> None:
        server = stage.server
        server.delay_next("POST", MESSAGES, 0.5)
        sent = await mention(stage, QUESTION)

        def is_sending() -> bool | None:
            return any(one.path.endswith("/messages") for one in server.requests[before:]) or None

        before = len(server.requests)
        await is_typing(stage)
        await asyncio.sleep(0.2)  # nothing tells when a request is held back
        await server.delete_message(sent)

        def is_removed() -> bool | None:
            answers = [one for one in server.state.messages.values() if one.author == server.bot]
            here = [one for one in answers if one.channel_id == stage.channel.id]
            return (bool(here) and all(one.deleted for one in here)) or None

        await server.wait_for(is_removed, "the reply to be removed")
        assert is_sending()

    play(act)


def test_an_answer_that_comes_after_its_token_expired_hinders_nothing(home: Path) -> None:
    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await open_stage(stack, "--home", str(home), module=HURRIED)
            await guides_are_open(stage)
            asked = await stage.use_ask(LINGERING)
            await asked.acknowledged()
            stage.server.clock.advance(TOKENS_LIVE_SECONDS + 1)
            await stage.process.wait_for_line("could not be told")
            assert OPENING in shown(await stage.ask(QUESTION))
            assert {one.rule for one in stage.server.breaches} <= {"EXPIRED_TOKEN"}
            assert "Traceback" not in stage.process.output

    asyncio.run(run())


def test_who_asks_during_a_cooldown_is_told_once_and_always_by_commands(
    home: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "rolewise.yaml"
    settings.write_text("discord: {member_cooldown_seconds: 3600}\n", encoding="utf-8")

    async def act(stage: Stage) -> None:
        await guides_are_open(stage)
        assert OPENING in shown(await stage.mention(QUESTION))
        told = await stage.mention(QUESTION)
        assert "You asked a moment ago. Ask again in" in told.content
        for _ in range(3):
            await mention(stage, QUESTION)
        used = await stage.use_ask(QUESTION)
        refused = await used.final_message()
        assert refused.is_ephemeral
        assert "You asked a moment ago." in refused.content
        assert OPENING in shown(await stage.mention(QUESTION, who=stage.bob))
        # Events come in order, so what alice wrote before was passed over in silence.
        assert len(stage.server.bot_messages(stage.channel)) == 3 + 1

    play_alone(act, "--config", str(settings), "--home", str(home))
