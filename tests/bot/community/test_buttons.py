"""Buttons under replies, from the real process: pressed, also after a restart."""

import asyncio
import shutil
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.bot.stage import (
    Play,
    Stage,
    find_seed_home,
    guides_are_open,
    inline_fields,
    open_stage,
    shown,
)
from tests.loopback import BotProcess, CallbackKind, Message, Permission


def labels(message: Message) -> list[str]:
    return [str(one.get("label")) for one in message.interactive_components]


def test_an_answer_has_its_buttons(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        usual = ["Helpful", "Not helpful", "More context", "Follow up"]
        asked = await stage.ask("what does this role do?")
        assert labels(asked) == [*usual, "Open a thread"]
        assert labels(await stage.mention("what does this role do?")) == [*usual, "Open a thread"]
        thread = await stage.server.start_thread(stage.channel, stage.alice, "careers")
        assert labels(await stage.ask("what does this role do?", where=thread)) == usual
        stage.server.forbid(stage.channel, stage.server.bot, Permission.CREATE_PUBLIC_THREADS)
        assert labels(await stage.ask("what does this role do?")) == usual
        for component in asked.interactive_components:
            assert "role" not in component["custom_id"]

    shared(act)


@pytest.mark.parametrize("button", ["Helpful", "Not helpful"])
def test_a_verdict_is_thanked_for_in_private(shared: Play, button: str) -> None:
    async def act(stage: Stage) -> None:
        pressed = await stage.server.click(
            await stage.ask("what does this role do?"), button, stage.bob
        )
        told = await pressed.final_message()
        assert told.is_ephemeral
        assert "Thank you" in told.content

    shared(act)


def test_more_context_shows_the_passages_around_in_private(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.ask("what does this role do?")
        pressed = await stage.server.click(answer, "More context", stage.bob)
        told = await pressed.final_message()
        assert told.is_ephemeral
        assert "A Software Engineer specializing in Data Science" in shown(told)
        assert "**Software Engineer" in told.content

    shared(act)


def test_a_passage_that_is_gone_is_said_to_be(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.ask("what does this role do?")
        for component in answer.interactive_components:
            if component.get("label") == "More context":
                component["custom_id"] = "r1:more:a:0xAAAAAAAA.fffffxBBBBBBBB"
        told = await (await stage.server.click(answer, "More context", stage.bob)).final_message()
        assert "no longer in the guides" in told.content

    shared(act)


@pytest.mark.parametrize("custom_id", ["r0:more:a:1x2", "r1:dance", "r99:yes:a:", "r1:yes:?"])
def test_a_button_of_another_version_is_explained(shared: Play, custom_id: str) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.ask("what does this role do?")
        answer.interactive_components[0]["custom_id"] = custom_id
        told = await (await stage.server.click(answer, "Helpful", stage.bob)).final_message()
        assert told.is_ephemeral
        assert "earlier version" in told.content

    shared(act)


def test_a_refusal_offers_what_can_be_asked(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        refusal = await stage.ask("what does a nurse do?")
        suggestion = labels(refusal)[0]
        assert suggestion not in shown(refusal)  # the button says it
        pressed = await stage.server.click(refusal, suggestion, stage.bob)
        assert await pressed.acknowledged() is CallbackKind.DEFERRED_MESSAGE
        answer = await pressed.final_message()
        assert answer.embeds[0]["title"] == suggestion
        assert "Sources" in [one["name"] for one in answer.embeds[0]["fields"]]

    shared(act)


def test_a_form_follows_up_on_the_answer_that_it_is_under(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.ask("how is this different from a data engineer?")
        pressed = await stage.server.click(answer, "Follow up", stage.bob)
        sent = await stage.server.submit_modal(pressed, {"question": "and from a data scientist?"})
        followed = await sent.final_message()
        assert "Data Scientist" in inline_fields(followed)
        assert not followed.is_ephemeral

    shared(act)


def test_a_private_answer_goes_on_in_private(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        used = await stage.server.use_command(
            stage.channel,
            stage.alice,
            "ask",
            question="how is this different from a data engineer?",
            private=True,
        )
        answer = await used.final_message()
        assert answer.is_ephemeral
        assert "Open a thread" not in labels(answer)
        pressed = await stage.server.click(answer, "Follow up", stage.alice)
        sent = await stage.server.submit_modal(pressed, {"question": "and from a data scientist?"})
        followed = await sent.final_message()
        assert followed.is_ephemeral
        assert "Data Scientist" in inline_fields(followed)
        # What was asked in private is not gone on with where others read.
        assert inline_fields(await stage.mention("and from a data scientist?")) == {}

    shared(act)


def test_a_thread_goes_on_from_an_answer(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.ask("how is this different from a data engineer?")
        pressed = await stage.server.click(answer, "Open a thread", stage.bob)
        assert await pressed.acknowledged() is CallbackKind.DEFERRED_UPDATE
        thread = await stage.server.wait_for(
            lambda: stage.server.state.channels.get(answer.id), "a thread"
        )
        assert thread.name == "how is this different from a data engineer?"
        opening = await stage.server.wait_for(
            lambda: next(iter(stage.server.bot_messages(thread)), None), "its first message"
        )
        followed = await stage.mention("and from a data scientist?", who=stage.bob, where=thread)
        assert "Data Scientist" in inline_fields(followed)
        again = await stage.server.click(answer, "Open a thread", stage.alice)
        assert f"<#{thread.id}>" in (await again.final_message()).content
        # Without the intent, what doesn't mention the bot arrives empty there: said once.
        silent = await stage.server.send_message(thread, stage.alice, "and from a data scientist?")
        told = await stage.server.next_reply(to=silent)
        assert "can't read" in told.content
        for message in (told, opening):
            assert labels(message) == ["Follow up"]
        await stage.server.send_message(thread, stage.alice, "hello?")
        await stage.server.expect_silence(thread, seconds=0.5)

    shared(act)


def test_a_thread_needs_permissions(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.ask("what does this role do?")
        stage.server.forbid(stage.channel, stage.bob, Permission.CREATE_PUBLIC_THREADS)
        told = await (await stage.server.click(answer, "Open a thread", stage.bob)).final_message()
        assert "You may not" in told.content
        stage.server.forbid(stage.channel, stage.server.bot, Permission.CREATE_PUBLIC_THREADS)
        told = await (
            await stage.server.click(answer, "Open a thread", stage.alice)
        ).final_message()
        assert "I may not" in told.content
        assert told.is_ephemeral

    shared(act)


def test_buttons_survive_a_restart(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    home = shutil.copytree(find_seed_home(tmp_path_factory), tmp_path / "home")

    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await open_stage(stack, "--home", str(home))
            server = stage.server
            answer = await stage.ask("how is this different from a data engineer?")
            refusal = await stage.mention("what does a nurse do?")
            opened = await server.click(answer, "Follow up", stage.alice)
            await opened.shown_modal()
            stage.process.send_signal(signal.SIGTERM)
            assert await stage.process.wait_for_exit() == 0
            await server.wait_until_gone()
            restarted = BotProcess(
                server.base_url, "--home", str(home), "discord", token=server.token
            )
            stage.process = await stack.enter_async_context(restarted)
            await guides_are_open(stage)
            sent = await server.submit_modal(opened, {"question": "and from a data scientist?"})
            assert "Data Scientist" in inline_fields(await sent.final_message())
            told = await (await server.click(answer, "Helpful", stage.bob)).final_message()
            assert "Thank you" in told.content
            more = await (await server.click(answer, "More context", stage.bob)).final_message()
            assert "Software Engineer" in more.content
            suggestion = labels(refusal)[0]
            asked = await (await server.click(refusal, suggestion, stage.bob)).final_message()
            assert asked.embeds[0]["title"] == suggestion
            replied = await server.send_message(
                stage.channel, stage.bob, "and from a data scientist?", reply_to=answer
            )
            assert "Data Scientist" in inline_fields(await server.next_reply(to=replied))
            stage.check()

    asyncio.run(run())
