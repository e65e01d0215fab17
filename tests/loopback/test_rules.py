"""Deadlines, permissions, pings and privacy are as on Discord."""

import asyncio

import discord
import pytest
from discord.http import Route

from tests.loopback import ChannelType, Clock, LoopbackDiscord, Permission
from tests.loopback.interactions import Interaction
from tests.loopback.scene import Scene, play


def test_an_interaction_is_unknown_after_three_seconds() -> None:
    clock = Clock()

    async def act(scene: Scene) -> None:
        interaction = await scene.server.use_command(scene.channel, scene.alice, "ignore")
        clock.advance(3.1)
        with pytest.raises(discord.NotFound) as refused:
            await answer(scene, interaction)
        assert refused.value.code == 10062

    play(act, breaches=("LATE_ACKNOWLEDGEMENT",), server=LoopbackDiscord(clock=clock))


def test_an_interaction_is_known_just_before() -> None:
    clock = Clock()

    async def act(scene: Scene) -> None:
        interaction = await scene.server.use_command(scene.channel, scene.alice, "ignore")
        clock.advance(2.5)
        await answer(scene, interaction)
        assert (await interaction.final_message()).content == "answer"

    play(act, server=LoopbackDiscord(clock=clock))


def test_an_interaction_never_answered_is_a_breach() -> None:
    clock = Clock()

    async def act(scene: Scene) -> None:
        await scene.server.use_command(scene.channel, scene.alice, "ignore")
        assert scene.server.breaches == []
        clock.advance(3.1)
        assert scene.server.breaches[0].detail == "command /ignore"

    play(act, breaches=("UNANSWERED_INTERACTION",), server=LoopbackDiscord(clock=clock))


def test_an_interaction_is_acknowledged_once() -> None:
    async def act(scene: Scene) -> None:
        interaction = await scene.server.use_command(scene.channel, scene.alice, "ignore")
        await answer(scene, interaction)
        with pytest.raises(discord.HTTPException) as refused:
            await answer(scene, interaction)
        assert (refused.value.status, refused.value.code) == (400, 40060)

    play(act, breaches=("ALREADY_ACKNOWLEDGED",))


def test_a_token_dies_after_fifteen_minutes() -> None:
    clock = Clock()

    async def act(scene: Scene) -> None:
        interaction = await scene.server.use_command(scene.channel, scene.alice, "ignore")
        await answer(scene, interaction)
        clock.advance(14 * 60)
        await follow_up(scene, interaction)
        clock.advance(2 * 60)
        with pytest.raises(discord.HTTPException) as refused:
            await follow_up(scene, interaction)
        assert (refused.value.status, refused.value.code) == (401, 50027)

    play(act, breaches=("EXPIRED_TOKEN",), server=LoopbackDiscord(clock=clock))


def test_a_follow_up_needs_an_acknowledgement() -> None:
    async def act(scene: Scene) -> None:
        interaction = await scene.server.use_command(scene.channel, scene.alice, "ignore")
        with pytest.raises(discord.NotFound) as refused:
            await follow_up(scene, interaction)
        assert refused.value.code == 10015

    play(act, breaches=("FOLLOW_UP_BEFORE_ACKNOWLEDGEMENT",))


def test_a_deleted_answer_is_an_unknown_message() -> None:
    async def act(scene: Scene) -> None:
        interaction = await scene.server.use_command(
            scene.channel, scene.alice, "ask", question="x"
        )
        message = await interaction.final_message()
        await interaction.followup()
        await scene.server.delete_message(message)
        route = Route(
            "PATCH",
            "/webhooks/{application}/{token}/messages/@original",
            application=scene.bot.application_id or 0,
            token=interaction.token,
        )
        with pytest.raises(discord.NotFound) as refused:
            await scene.bot.http.request(route, json={"content": "again"})
        assert refused.value.code == 10008

    play(act)


@pytest.mark.parametrize(
    ("permission", "code", "rule"),
    [
        (Permission.VIEW_CHANNEL, 50001, "MISSING_ACCESS"),
        (Permission.SEND_MESSAGES, 50013, "MISSING_PERMISSIONS"),
    ],
)
def test_a_channel_without_permission_refuses(permission: Permission, code: int, rule: str) -> None:
    async def act(scene: Scene) -> None:
        text_channel = scene.text_channel
        scene.server.forbid(scene.channel, scene.server.bot, permission)
        with pytest.raises(discord.Forbidden) as refused:
            await text_channel.send("x")
        assert refused.value.code == code

    play(act, breaches=(rule,))


def test_a_hidden_channel_is_silent() -> None:
    async def act(scene: Scene) -> None:
        scene.server.forbid(scene.channel, scene.server.bot, Permission.VIEW_CHANNEL)
        await scene.server.send_message(scene.channel, scene.alice, "secret")
        elsewhere = scene.server.add_channel(scene.guild, "open")
        await scene.server.send_message(elsewhere, scene.alice, "hello")
        await scene.server.wait_for(lambda: scene.bot.heard or None, "the second message")
        assert [one.channel.id for one in scene.bot.heard] == [elsewhere.id]

    play(act)


def test_a_command_is_answered_where_the_bot_may_not_write() -> None:
    async def act(scene: Scene) -> None:
        scene.server.forbid(scene.channel, scene.server.bot, Permission.SEND_MESSAGES)
        interaction = await scene.server.use_command(
            scene.channel, scene.alice, "ask", question="x"
        )
        assert (await interaction.final_message()).content == "Answer to x"

    play(act)


def test_embeds_are_stripped_without_permission() -> None:
    async def act(scene: Scene) -> None:
        scene.server.forbid(scene.channel, scene.server.bot, Permission.EMBED_LINKS)
        sent = await scene.text_channel.send("see", embed=discord.Embed(title="Title"))
        assert sent.embeds == []
        assert scene.server.bot_messages(scene.channel)[0].embeds == []

    play(act, breaches=("EMBEDS_STRIPPED",))


def test_threads_have_permissions_of_their_own() -> None:
    async def act(scene: Scene) -> None:
        message = await scene.server.send_message(scene.channel, scene.alice, "hello")
        thread = await scene.server.start_thread(scene.channel, scene.alice, "talk", on=message)
        await scene.server.wait_for(
            lambda: scene.text_channel.get_thread(thread.id),
            "the thread",
        )
        scene.server.forbid(
            scene.channel,
            scene.server.bot,
            Permission.SEND_MESSAGES_IN_THREADS | Permission.CREATE_PUBLIC_THREADS,
        )
        await scene.text_channel.send("allowed here")
        partial = scene.bot.get_partial_messageable(thread.id)
        with pytest.raises(discord.Forbidden):
            await partial.send("not here")
        other = await scene.server.send_message(scene.channel, scene.alice, "another")
        with pytest.raises(discord.Forbidden):
            await scene.text_channel.get_partial_message(other.id).create_thread(name="no")

    play(act, breaches=("MISSING_PERMISSIONS", "MISSING_PERMISSIONS"))


def test_a_thread_has_limits() -> None:
    async def act(scene: Scene) -> None:
        message = await scene.server.send_message(scene.channel, scene.alice, "hello")
        partial = scene.text_channel.get_partial_message(message.id)
        with pytest.raises(discord.HTTPException) as refused:
            await partial.create_thread(name="x" * 101)
        assert refused.value.code == 50035
        await partial.create_thread(name="x" * 100)
        with pytest.raises(discord.HTTPException) as again:
            await partial.create_thread(name="again")
        assert again.value.code == 160004

    play(act, breaches=("BASE_TYPE_BAD_LENGTH", "THREAD_EXISTS"))


def test_a_forum_post_is_not_written_to_before_its_first_message() -> None:
    async def act(scene: Scene) -> None:
        forum = scene.server.add_channel(scene.guild, "help", kind=ChannelType.FORUM)
        posting = asyncio.create_task(
            scene.server.create_post(
                forum, scene.alice, "Which role?", "help", starter_after_seconds=0.2
            )
        )
        guild = scene.bot.get_guild(scene.guild.id)
        assert guild is not None
        await scene.server.wait_for(lambda: guild.threads or None, "the thread")
        with pytest.raises(discord.Forbidden) as refused:
            await guild.threads[0].send("too early")
        assert refused.value.code == 40058
        await posting
        await guild.threads[0].send("in time")

    play(act, breaches=("THREAD_AWAITS_STARTER",))


def test_a_reply_needs_the_message_and_its_history() -> None:
    async def act(scene: Scene) -> None:
        message = await scene.server.send_message(scene.channel, scene.alice, "hello")
        partial = scene.text_channel.get_partial_message(message.id)
        await scene.server.delete_message(message)
        with pytest.raises(discord.HTTPException) as refused:
            await partial.reply("x")
        assert refused.value.code == 50035
        assert "In message_reference: Unknown message" in refused.value.text
        reference = partial.to_reference(fail_if_not_exists=False)
        assert (await scene.text_channel.send("x", reference=reference)).reference is None
        scene.server.forbid(scene.channel, scene.server.bot, Permission.READ_MESSAGE_HISTORY)
        with pytest.raises(discord.Forbidden) as forbidden:
            await partial.reply("x")
        assert forbidden.value.code == 160002

    play(act, breaches=("MISSING_PERMISSIONS",))


def test_a_person_may_refuse_conversations() -> None:
    async def act(scene: Scene) -> None:
        scene.alice.user.accepts_direct_messages = False
        user = await scene.bot.fetch_user(scene.alice.user.id)
        with pytest.raises(discord.Forbidden) as refused:
            await user.send("hello")
        assert refused.value.code == 50007

    play(act)


def test_only_own_messages_are_edited() -> None:
    async def act(scene: Scene) -> None:
        message = await scene.server.send_message(scene.channel, scene.alice, "hello")
        partial = scene.text_channel.get_partial_message(message.id)
        with pytest.raises(discord.Forbidden) as refused:
            await partial.edit(content="x")
        assert refused.value.code == 50005
        with pytest.raises(discord.Forbidden) as forbidden:
            await partial.delete()
        assert forbidden.value.code == 50013

    play(act, breaches=("NOT_OWN_MESSAGE", "MISSING_PERMISSIONS"))


def test_a_private_answer_is_not_found_among_the_channels_messages() -> None:
    async def act(scene: Scene) -> None:
        asked = await scene.server.use_command(
            scene.channel, scene.alice, "whisper", question="salary"
        )
        message = await asked.final_message()
        with pytest.raises(discord.NotFound) as refused:
            await scene.text_channel.fetch_message(message.id)
        assert refused.value.code == 10008
        assert [one async for one in scene.text_channel.history()] == []

    play(act)


async def answer(scene: Scene, interaction: Interaction) -> None:
    """Answer an interaction past the library's own checks."""
    route = Route(
        "POST", "/interactions/{id}/{token}/callback", id=interaction.id, token=interaction.token
    )
    await scene.bot.http.request(route, json={"type": 4, "data": {"content": "answer"}})


async def follow_up(scene: Scene, interaction: Interaction) -> None:
    """Send a further message past the library's own checks."""
    route = Route(
        "POST",
        "/webhooks/{application}/{token}",
        application=scene.bot.application_id or 0,
        token=interaction.token,
    )
    await scene.bot.http.request(route, json={"content": "more"})
