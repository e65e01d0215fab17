"""A real bot works against the loopback server."""

import asyncio
import io

import discord
import pytest

from tests.loopback import (
    CallbackKind,
    ChannelType,
    ClientRefusalError,
    Permission,
    WaitTimeoutError,
)
from tests.loopback.scene import Scene, play


def test_the_bot_becomes_ready_and_knows_its_guild() -> None:
    async def act(scene: Scene) -> None:
        await asyncio.wait_for(scene.bot.announced_ready.wait(), 5)
        guild = scene.bot.get_guild(scene.guild.id)
        assert guild is not None
        assert guild.name == "careers"
        assert [one.name for one in guild.text_channels] == ["questions"]
        assert guild.me.guild_permissions.send_messages
        assert not guild.me.guild_permissions.manage_messages

    play(act)


def test_commands_are_registered_with_their_options() -> None:
    async def act(scene: Scene) -> None:
        command = await scene.server.wait_for_command("ask")
        assert [option["name"] for option in command["options"]] == ["question"]
        fetched = await scene.bot.tree.fetch_commands()
        assert {one.name for one in fetched} >= {"ask", "sources", "Explain"}

    play(act)


def test_a_command_is_deferred_answered_and_followed_up() -> None:
    async def act(scene: Scene) -> None:
        interaction = await scene.server.use_command(
            scene.channel, scene.alice, "ask", question="What is a recruiter?"
        )
        assert await interaction.acknowledged() is CallbackKind.DEFERRED_MESSAGE
        message = await interaction.final_message()
        assert message.content == "Answer to What is a recruiter?"
        assert not message.is_ephemeral
        assert (await interaction.followup()).content == "One more thing"
        visible = scene.server.visible_messages(scene.channel, scene.alice)
        assert [one.content for one in visible] == [message.content, "One more thing"]

    play(act)


def test_a_follow_up_to_a_private_deferral_is_the_private_answer() -> None:
    async def act(scene: Scene) -> None:
        interaction = await scene.server.use_command(
            scene.channel, scene.alice, "whisper", question="salary"
        )
        message = await interaction.final_message()
        assert message.content == "Private answer to salary"
        assert message.is_ephemeral
        assert interaction.followups == []
        bob = scene.server.add_member(scene.guild, "bob")
        assert scene.server.visible_messages(scene.channel, bob) == []
        assert scene.server.visible_messages(scene.channel, scene.alice) == [message]

    play(act)


def test_a_mention_is_read_and_answered_without_the_content_intent() -> None:
    async def act(scene: Scene) -> None:
        question = f"{scene.server.bot.mention} what does a data engineer do?"
        message = await scene.server.send_message(scene.channel, scene.alice, question)
        reply = await scene.server.next_reply(to=message)
        assert reply.content == f"You said: {question}"
        assert reply.reference_id == message.id

    play(act)


def test_what_is_not_meant_for_the_bot_has_no_content() -> None:
    async def act(scene: Scene) -> None:
        await scene.server.send_message(scene.channel, scene.alice, "just talking")
        await scene.server.wait_for(lambda: scene.bot.heard or None, "the event")
        assert scene.bot.heard[0].content == ""
        await scene.server.expect_silence(scene.channel, seconds=0.1)

    play(act)


def test_a_conversation_is_readable_and_answered() -> None:
    async def act(scene: Scene) -> None:
        conversation = scene.server.direct_channel(scene.alice)
        message = await scene.server.send_message(conversation, scene.alice, "hello")
        reply = await scene.server.next_reply(to=message)
        assert reply.content == "You said: hello"
        user = await scene.bot.fetch_user(scene.alice.user.id)
        await user.send("and more")
        assert scene.server.bot_messages(conversation)[-1].content == "and more"

    play(act)


def test_edits_and_deletions_reach_the_bot() -> None:
    async def act(scene: Scene) -> None:
        mention = scene.server.bot.mention
        message = await scene.server.send_message(scene.channel, scene.alice, f"{mention} a")
        await scene.server.next_reply(to=message)
        await scene.server.edit_message(message, f"{mention} b")
        await scene.server.wait_for(lambda: scene.bot.edits or None, "the edit")
        assert scene.bot.edits == [(f"{mention} a", f"{mention} b")]
        await scene.server.delete_message(message)
        await scene.server.wait_for(lambda: scene.bot.deletions or None, "the deletion")
        assert scene.bot.deletions == [message.id]

    play(act)


def test_the_bot_edits_reads_and_deletes_its_messages() -> None:
    async def act(scene: Scene) -> None:
        channel = scene.bot.get_channel(scene.channel.id)
        assert isinstance(channel, discord.TextChannel)
        sent = await channel.send("first", embed=discord.Embed(title="Title"))
        await sent.edit(content="second")
        stored = scene.server.bot_messages(scene.channel)[0]
        assert (stored.content, stored.earlier_contents) == ("second", ["first"])
        assert stored.embeds[0]["title"] == "Title"
        assert (await channel.fetch_message(sent.id)).content == "second"
        assert [one.content async for one in channel.history()] == ["second"]
        await sent.add_reaction("👍")
        assert stored.reactions == {"👍": {scene.server.bot.id}}
        await sent.delete()
        assert scene.server.bot_messages(scene.channel) == []

    play(act)


def test_buttons_update_their_message() -> None:
    async def act(scene: Scene) -> None:
        shown = await scene.server.use_command(scene.channel, scene.alice, "buttons")
        message = await shown.final_message()
        assert [one.get("label") for one in message.interactive_components][:2] == [
            "Update",
            "Later",
        ]
        for button, content in (("Update", "updated"), ("later", "updated later")):
            clicked = await scene.server.click(message, button, scene.alice)
            assert await clicked.final_message() is message
            assert message.content == content

    play(act)


def test_a_select_is_answered_in_private() -> None:
    async def act(scene: Scene) -> None:
        shown = await scene.server.use_command(scene.channel, scene.alice, "buttons")
        message = await shown.final_message()
        chosen = await scene.server.select(message, "pick", ["Two"], scene.alice)
        answer = await chosen.final_message()
        assert answer.content == "Picked ['Two']"
        assert answer.viewer_id == scene.alice.user.id

    play(act)


@pytest.mark.parametrize("opened_by", ["command", "button"])
def test_a_modal_is_shown_filled_in_and_answered(opened_by: str) -> None:
    async def act(scene: Scene) -> None:
        if opened_by == "command":
            opened = await scene.server.use_command(scene.channel, scene.alice, "form")
        else:
            shown = await scene.server.use_command(scene.channel, scene.alice, "buttons")
            opened = await scene.server.click(await shown.final_message(), "form", scene.alice)
        assert (await opened.shown_modal())["title"] == "Ask"
        submitted = await scene.server.submit_modal(opened, {"Question": "why?"})
        assert (await submitted.final_message()).content == "Asked: why?"
        with pytest.raises(ClientRefusalError, match="50 characters"):
            await scene.server.submit_modal(opened, {"question": "x" * 51})

    play(act)


def test_typing_into_an_option_offers_choices() -> None:
    async def act(scene: Scene) -> None:
        choices = await scene.server.autocomplete(
            scene.channel, scene.alice, "find", "title", "data", exact=True
        )
        assert [choice["name"] for choice in choices] == ["data engineer", "data analyst"]
        found = await scene.server.use_command(
            scene.channel, scene.alice, "find", title="data engineer", exact=True
        )
        assert (await found.final_message()).content == "data engineer True"

    play(act)


def test_people_and_channels_are_resolved() -> None:
    async def act(scene: Scene) -> None:
        greeted = await scene.server.use_command(
            scene.channel, scene.alice, "greet", who=scene.alice, where=scene.channel
        )
        assert (await greeted.final_message()).content == "Hello Alice in questions"

    play(act)


def test_a_message_menu_carries_the_messages_content() -> None:
    async def act(scene: Scene) -> None:
        message = await scene.server.send_message(scene.channel, scene.alice, "jargon")
        explained = await scene.server.use_message_menu(scene.alice, "Explain", message)
        assert (await explained.final_message()).content == "Explained: jargon"

    play(act)


def test_a_subcommand_is_hidden_from_those_without_permission() -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(ClientRefusalError, match="hidden from alice"):
            await scene.server.use_command(scene.channel, scene.alice, "sources add", url="x")
        manager = scene.server.add_member(
            scene.guild, "manager", permissions=Permission.MANAGE_GUILD
        )
        added = await scene.server.use_command(scene.channel, manager, "sources add", url="x")
        assert (await added.final_message()).content == "Added x"
        conversation = scene.server.direct_channel(manager)
        with pytest.raises(ClientRefusalError, match="cannot be used here"):
            await scene.server.use_command(conversation, manager, "sources add", url="x")

    play(act)


def test_unknown_commands_and_options_are_refused_by_the_client() -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(ClientRefusalError, match="no command 'aks'"):
            await scene.server.use_command(scene.channel, scene.alice, "aks")
        with pytest.raises(ClientRefusalError, match=r"no option \['answer'\]"):
            await scene.server.use_command(scene.channel, scene.alice, "ask", answer="x")
        with pytest.raises(ClientRefusalError, match=r"missing: \['question'\]"):
            await scene.server.use_command(scene.channel, scene.alice, "ask")
        with pytest.raises(ClientRefusalError, match="does not take 3"):
            await scene.server.use_command(scene.channel, scene.alice, "ask", question=3)

    play(act)


def test_a_thread_is_started_on_a_message() -> None:
    async def act(scene: Scene) -> None:
        message = await scene.server.send_message(
            scene.channel, scene.alice, f"{scene.server.bot.mention} hi"
        )
        await scene.server.next_reply(to=message)
        thread = await scene.bot.heard[0].create_thread(name="About hi", auto_archive_duration=60)
        await thread.send("in the thread")
        stored = scene.server.state.channels[message.id]
        assert (stored.name, stored.parent_id) == ("About hi", scene.channel.id)
        assert [one.content for one in scene.server.bot_messages(stored)] == ["in the thread"]
        heard = len(scene.bot.heard)
        await scene.server.send_message(stored, scene.alice, "me too")
        await scene.server.wait_for(lambda: len(scene.bot.heard) > heard or None, "the message")
        assert isinstance(scene.bot.heard[-1].channel, discord.Thread)

    play(act)


def test_a_forum_post_reaches_the_bot() -> None:
    async def act(scene: Scene) -> None:
        forum = scene.server.add_channel(scene.guild, "help", kind=ChannelType.FORUM)
        post = await scene.server.create_post(
            forum, scene.alice, "Which role?", f"{scene.server.bot.mention} help"
        )
        answer = await scene.server.next_message(post, after=scene.server.state.messages[post.id])
        assert answer.content.startswith("You said: ")

    play(act)


def test_a_guild_joined_later_is_served() -> None:
    async def act(scene: Scene) -> None:
        await asyncio.wait_for(scene.bot.announced_ready.wait(), 5)
        guild = scene.server.add_guild("late")
        channel = scene.server.add_channel(guild, "general")
        carol = scene.server.add_member(guild, "carol")
        message = await scene.server.send_message(channel, carol, f"{scene.server.bot.mention} hi")
        await scene.server.next_reply(to=message)
        scene.server.remove_bot_from(guild)
        await scene.server.wait_for(
            lambda: scene.bot.get_guild(guild.id) is None or None, "the departure"
        )

    play(act)


def test_a_failed_wait_says_what_was_seen() -> None:
    async def act(scene: Scene) -> None:
        message = await scene.server.send_message(scene.channel, scene.alice, "hello")
        with pytest.raises(
            WaitTimeoutError, match=r"a reply to <Message .*seen instead: last requests"
        ):
            await scene.server.next_reply(to=message, timeout_seconds=0.05)

    play(act)


def test_files_are_stored_and_can_be_fetched() -> None:
    async def act(scene: Scene) -> None:
        channel = scene.bot.get_channel(scene.channel.id)
        assert isinstance(channel, discord.TextChannel)
        table = discord.File(io.BytesIO(b"role,duties"), "sources.csv")
        sent = await channel.send("see", file=table)
        assert sent.attachments[0].filename == "sources.csv"
        assert await sent.attachments[0].read() == b"role,duties"

    play(act)
