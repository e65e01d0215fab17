"""Buttons, layouts and commands work wherever a person meets them."""

import asyncio

import pytest

from tests.loopback import ClientRefusalError, LoopbackDiscord, MessageFlag
from tests.loopback.sample_bot import SampleBot, running
from tests.loopback.scene import Scene, play


def test_a_button_outlives_a_restart() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            guild = server.add_guild()
            channel = server.add_channel(guild, "general")
            alice = server.add_member(guild, "alice")
            async with running(SampleBot(), server):
                message = await (await server.use_command(channel, alice, "rate")).final_message()
            await server.wait_until_gone()
            async with running(SampleBot(), server):
                clicked = await server.click(message, "5 stars", alice)
                thanks = await clicked.final_message()
            assert thanks.content == "Thanks for 5"
            assert thanks.is_ephemeral
            assert server.breaches == []

    asyncio.run(run())


@pytest.mark.parametrize("private", [True, False])
def test_a_layout_is_shown_and_turned(private: bool) -> None:
    async def act(scene: Scene) -> None:
        shown = await scene.server.use_command(scene.channel, scene.alice, "panel", private=private)
        message = await shown.final_message()
        assert message.flags & MessageFlag.COMPONENTS_V2
        assert message.text == "one side"
        turned = await scene.server.click(message, "Turn", scene.alice)
        assert await turned.final_message() is message
        assert message.text == "the other side"
        assert message.is_ephemeral == private

    play(act)


def test_a_button_that_is_not_seen_cannot_be_pressed() -> None:
    async def act(scene: Scene) -> None:
        shown = await scene.server.use_command(scene.channel, scene.alice, "panel", private=True)
        message = await shown.final_message()
        bob = scene.server.add_member(scene.guild, "bob")
        with pytest.raises(ClientRefusalError, match="bob does not see"):
            await scene.server.click(message, "Turn", bob)
        with pytest.raises(ClientRefusalError, match=r"no 'Return'.*there are \['Turn'\]"):
            await scene.server.click(message, "Return", scene.alice)
        message.interactive_components[0]["disabled"] = True
        with pytest.raises(ClientRefusalError, match="disabled"):
            await scene.server.click(message, "Turn", scene.alice)

    play(act)


def test_a_button_of_long_ago_is_pressed() -> None:
    async def act(scene: Scene) -> None:
        pressed = await scene.server.press_old(scene.channel, scene.alice, "rate:3")
        assert (await pressed.final_message()).content == "Thanks for 3"

    play(act)


def test_a_command_works_in_a_conversation() -> None:
    async def act(scene: Scene) -> None:
        conversation = scene.server.direct_channel(scene.alice)
        asked = await scene.server.use_command(conversation, scene.alice, "ask", question="here?")
        assert (await asked.final_message()).content == "Answer to here?"
        await asked.followup()

    play(act)


def test_a_command_works_in_a_thread() -> None:
    async def act(scene: Scene) -> None:
        thread = await scene.server.start_thread(scene.channel, scene.alice, "talk")
        asked = await scene.server.use_command(thread, scene.alice, "ask", question="here?")
        message = await asked.final_message()
        assert (message.content, message.channel_id) == ("Answer to here?", thread.id)
        await asked.followup()

    play(act)


def test_many_people_are_answered_at_once() -> None:
    async def act(scene: Scene) -> None:
        members = [scene.server.add_member(scene.guild, f"member-{one}") for one in range(20)]
        asked = [
            await scene.server.use_command(scene.channel, member, "ask", question=f"q{number}")
            for number, member in enumerate(members)
        ]
        answers = await asyncio.gather(*(one.final_message() for one in asked))
        assert [one.content for one in answers] == [f"Answer to q{one}" for one in range(20)]
        await asyncio.gather(*(one.followup() for one in asked))

    play(act)


def test_typing_is_seen() -> None:
    async def act(scene: Scene) -> None:
        async with scene.text_channel.typing():
            pass
        assert [one.channel_id for one in scene.server.typing] == [scene.channel.id]

    play(act)
