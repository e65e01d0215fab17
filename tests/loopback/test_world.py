"""Guilds, threads, files and owners that come, change and go."""

import asyncio

import discord
import pytest
from discord import app_commands

from tests.loopback.model import ChannelType, MessageType, TeamMember, Upload
from tests.loopback.options import ClientRefusalError
from tests.loopback.permissions import Permission
from tests.loopback.redirect import point_discord_at
from tests.loopback.sample_bot import SampleBot
from tests.loopback.scene import Scene, play
from tests.loopback.server import LoopbackDiscord


def test_a_file_given_to_a_command_can_be_read() -> None:
    async def act(scene: Scene) -> None:
        @scene.bot.tree.command(description="Keep a file")
        async def keep(interaction: discord.Interaction, file: discord.Attachment) -> None:
            content = await file.read()
            await interaction.response.send_message(f"{file.filename} {file.size} {content!r}")

        await scene.bot.tree.sync()
        file = Upload("a guide.md", b"# Guide", "text/markdown")
        used = await scene.server.use_command(scene.channel, scene.alice, "keep", file=file)
        assert (await used.final_message()).content == "a guide.md 7 b'# Guide'"
        large = Upload("large.md", bytes(11 * 1024 * 1024))
        with pytest.raises(ClientRefusalError, match="more than"):
            await scene.server.use_command(scene.channel, scene.alice, "keep", file=large)

        scene.server.fail_next("GET", "/ephemeral-attachments/", 404)
        used = await scene.server.use_command(scene.channel, scene.alice, "keep", file=file)
        with pytest.raises(AssertionError):
            await used.final_message(timeout_seconds=0.2)

    play(act)


def test_a_message_may_be_files_alone() -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(ClientRefusalError):
            await scene.server.send_message(scene.channel, scene.alice, " ")
        conversation = scene.server.direct_channel(scene.alice)
        file = Upload("cv.txt", b"me")
        await scene.server.send_message(conversation, scene.alice, "", attachments=(file,))
        await scene.server.wait_for(lambda: scene.bot.heard or None, "the message")
        heard = scene.bot.heard[-1]
        assert heard.content == ""
        assert await heard.attachments[0].read() == b"me"

    play(act)


def test_webhooks_and_discord_itself_write_too() -> None:
    async def act(scene: Scene) -> None:
        await scene.server.send_as_webhook(scene.channel, "news", "hello")
        joined = MessageType.MEMBER_JOINED
        await scene.server.send_system_message(scene.channel, scene.alice, joined)
        await scene.server.wait_for(lambda: len(scene.bot.heard) == 2 or None, "both")
        hook, system = scene.bot.heard
        assert hook.webhook_id is not None
        assert hook.author.bot
        assert system.is_system()

    play(act)


def test_a_link_that_unfolds_is_no_edit() -> None:
    async def act(scene: Scene) -> None:
        message = await scene.server.send_message(scene.channel, scene.alice, "see example.org")
        await scene.server.wait_for(lambda: scene.bot.heard or None, "the message")
        await scene.server.unfurl_link(message, "An example")
        await scene.server.wait_for(lambda: scene.bot.edits or None, "the update")
        assert message.edited_at is None
        fetched = await scene.text_channel.fetch_message(message.id)
        assert fetched.edited_at is None

    play(act)


def test_many_messages_are_deleted_at_once() -> None:
    async def act(scene: Scene) -> None:
        sent = [
            await scene.server.send_message(scene.channel, scene.alice, f"{number}")
            for number in range(3)
        ]
        await scene.server.wait_for(lambda: len(scene.bot.heard) == 3 or None, "all")
        await scene.server.delete_messages(scene.channel, *sent)
        await scene.server.wait_for(lambda: len(scene.bot.deletions) == 3 or None, "none left")

    play(act)


def test_a_thread_shows_what_it_was_started_on() -> None:
    async def act(scene: Scene) -> None:
        message = await scene.server.send_message(scene.channel, scene.alice, "a question")
        thread = await scene.server.start_thread(scene.channel, scene.alice, "on it", on=message)
        await scene.server.wait_for(lambda: len(scene.bot.heard) == 2 or None, "the starter")
        starter = scene.bot.heard[-1]
        assert starter.type is discord.MessageType.thread_starter_message
        assert starter.channel.id == thread.id
        assert starter.content == ""

    play(act)


def test_a_channel_that_vanished_is_unknown() -> None:
    async def act(scene: Scene) -> None:
        asked = await scene.server.use_command(scene.channel, scene.alice, "ask", question="salary")
        await asked.final_message()
        text_channel = scene.text_channel
        scene.server.delete_channel(scene.channel)
        for send in (text_channel.send("hello"), follow_up(scene, asked.token)):
            with pytest.raises(discord.NotFound) as refused:
                await send
            assert refused.value.code == 10003
        await scene.server.wait_for(
            lambda: scene.bot.get_channel(scene.channel.id) is None or None, "the bot to know"
        )

    play(act)


def test_a_guild_that_was_left_is_out_of_reach() -> None:
    async def act(scene: Scene) -> None:
        text_channel = scene.text_channel
        scene.server.remove_bot_from(scene.guild)
        with pytest.raises(discord.Forbidden) as refused:
            await text_channel.send("hello")
        assert refused.value.code == 50001

    play(act)


def test_who_writes_wakes_an_archived_thread_but_no_locked_one() -> None:
    async def act(scene: Scene) -> None:
        thread = await scene.server.start_thread(scene.channel, scene.alice, "old")
        scene.server.archive_thread(thread)
        await scene.server.send_message(thread, scene.alice, "again")
        assert not thread.archived
        scene.server.archive_thread(thread, locked=True)
        with pytest.raises(ClientRefusalError, match="locked"):
            await scene.server.send_message(thread, scene.alice, "and again")

    play(act)


def test_a_forum_may_ask_for_a_tag() -> None:
    async def act(scene: Scene) -> None:
        forum = scene.server.add_channel(
            scene.guild, "help", kind=ChannelType.FORUM, tags=("data", "web"), requires_tag=True
        )
        with pytest.raises(ClientRefusalError, match="tag"):
            await scene.server.create_post(forum, scene.alice, "title", "content")
        post = await scene.server.create_post(
            forum, scene.alice, "title", "content", tags=("data",)
        )

        def find() -> discord.Thread | None:
            thread = scene.bot.get_channel(post.id)
            return thread if isinstance(thread, discord.Thread) else None

        thread = await scene.server.wait_for(find, "the post")
        assert [tag.name for tag in thread.applied_tags] == ["data"]
        assert isinstance(thread.parent, discord.ForumChannel)
        with pytest.raises(discord.HTTPException) as refused:
            await thread.parent.create_thread(name="mine", content="hello")
        assert refused.value.code == 40067

    play(act, breaches=("FORUM_TAG_REQUIRED",))


def test_the_owner_is_a_person_or_a_team() -> None:
    async def act(scene: Scene) -> None:
        information = await scene.bot.application_info()
        assert information.owner.id == scene.server.application_owner.id
        assert information.team is None
        scene.server.own_application(
            TeamMember(scene.alice.user),
            TeamMember(scene.server.add_user("reader"), role="read_only", has_accepted=False),
        )
        information = await scene.bot.application_info()
        assert information.team is not None
        assert information.team.owner_id == scene.alice.user.id
        assert [one.role.name for one in information.team.members] == ["admin", "read_only"]
        states = [one.membership_state.name for one in information.team.members]
        assert states == ["accepted", "invited"]

    play(act)


def test_roles_come_with_what_a_member_does() -> None:
    async def act(scene: Scene) -> None:
        editors = scene.server.add_role(scene.guild, "editors")
        seen: list[list[str]] = []

        @scene.bot.tree.command(description="Tell roles")
        @app_commands.default_permissions(manage_guild=True)
        async def roles(interaction: discord.Interaction) -> None:
            assert isinstance(interaction.user, discord.Member)
            seen.append([role.name for role in interaction.user.roles])
            await interaction.response.send_message("told")

        await scene.bot.tree.sync()
        with pytest.raises(ClientRefusalError, match="hidden"):
            await scene.server.use_command(scene.channel, scene.alice, "roles")
        managers = scene.server.add_role(
            scene.guild, "managers", permissions=Permission.MANAGE_GUILD
        )
        scene.server.set_roles(scene.alice, editors, managers)
        await (await scene.server.use_command(scene.channel, scene.alice, "roles")).final_message()
        assert seen == [["@everyone", "editors", "managers"]]

    play(act)


def test_too_few_shards_are_refused() -> None:
    async def run() -> None:
        async with LoopbackDiscord(required_shards=2) as server:
            point_discord_at(server.base_url)
            bot = SampleBot()
            with pytest.raises(discord.ConnectionClosed) as closed:
                await bot.start(server.token)
            assert closed.value.code == 4011
            await bot.close()

    asyncio.run(run())


async def follow_up(scene: Scene, token: str) -> None:
    webhook = discord.Webhook.partial(scene.bot.application_id or 0, token, client=scene.bot)
    await webhook.send("more")
