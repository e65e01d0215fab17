"""The real bot answers: many tests share a process, since loading an encoder takes seconds."""

import pytest

from bot.community.showing.text import unescape_text
from tests.bot.stage import OPENING, Play, Stage, inline_fields, shown
from tests.loopback import CallbackKind, Message, Permission


def test_a_command_is_answered_with_citations(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        asked = await stage.use_ask("What does this role do?")
        assert await asked.acknowledged() is CallbackKind.DEFERRED_MESSAGE
        answer = await asked.final_message()
        assert not answer.is_ephemeral
        embed = answer.embeds[0]
        assert embed["title"] == "What does this role do?"
        assert OPENING in embed["description"]
        assert r"\[1\]" in embed["description"]
        assert [one["name"] for one in embed["fields"]] == ["Sources"]
        assert r"\[1\] Software Engineer (Data Science)" in embed["fields"][0]["value"]

    shared(act)


def test_a_mention_is_answered_where_it_stands(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.mention("what does this role do?")
        assert OPENING in shown(answer)
        assert "title" not in answer.embeds[0]
        assert answer.channel_id == stage.channel.id
        assert [one.channel_id for one in stage.server.typing if one.channel_id == stage.channel.id]

    shared(act)


def test_a_thread_and_a_direct_message_are_answered(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        thread = await stage.server.start_thread(stage.channel, stage.alice, "careers")
        assert OPENING in shown(await stage.mention("what does this role do?", where=thread))
        assert OPENING in shown(await stage.ask("what does this role do?", where=thread))
        direct = stage.server.direct_channel(stage.alice)
        message = await stage.server.send_message(direct, stage.alice, "what does this role do?")
        assert OPENING in shown(await stage.server.next_reply(to=message))
        assert OPENING in shown(await stage.ask("what does this role do?", where=direct))

    shared(act)


def test_a_conversation_is_of_one_member_in_one_channel(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        first = await stage.ask("how is this different from a data engineer?")
        assert "Data Engineer" in inline_fields(first)
        followed = await stage.mention("and from a data scientist?")
        assert "Data Scientist" in inline_fields(followed)
        again = await stage.ask("and from a data engineer?")
        assert "Data Engineer" in inline_fields(again)
        for other in (
            await stage.ask("and from a data scientist?", who=stage.bob),
            await stage.mention("and from a data scientist?", who=stage.bob),
            await stage.ask(
                "and from a data scientist?", where=stage.server.add_channel(stage.guild, "other")
            ),
        ):
            assert inline_fields(other) == {}

    shared(act)


def test_a_reply_to_an_answer_follows_up(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.mention("how is this different from a data engineer?")
        message = await stage.server.send_message(
            stage.channel, stage.alice, "and from a data scientist?", reply_to=answer
        )
        followed = await stage.server.next_reply(to=message)
        assert "Data Scientist" in inline_fields(followed)

    shared(act)


def test_what_was_asked_is_forgotten_on_demand(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        async def forget() -> Message:
            used = await stage.server.use_command(stage.channel, stage.alice, "forget")
            return await used.final_message()

        assert "nothing to forget" in (await forget()).content
        await stage.ask("how is this different from a data engineer?")
        forgotten = await forget()
        assert forgotten.is_ephemeral
        assert forgotten.content.startswith("Forgotten")
        assert inline_fields(await stage.ask("and from a data scientist?")) == {}

    shared(act)


def test_a_refusal_is_an_answer(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        for refusal in (
            await stage.ask("what does a nurse do?"),
            await stage.mention("what does a nurse do?"),
        ):
            assert "There is no guide about" in shown(refusal)
            assert not refusal.is_ephemeral
            assert "Sources" not in [one["name"] for one in refusal.embeds[0].get("fields", [])]

    shared(act)


@pytest.mark.parametrize("question", ["🎉", "<:party:123456789>", "?!", "   \u200b ", "the"])
def test_a_question_without_a_word_is_refused_in_private(shared: Play, question: str) -> None:
    async def act(stage: Stage) -> None:
        asked = await stage.use_ask(question)
        told = await (asked.followup() if question == "the" else asked.final_message())
        assert told.is_ephemeral
        assert "Ask something" in told.content or "Say what you want" in told.content
        assert stage.server.visible_messages(stage.channel, stage.bob) == []

    shared(act)


def test_a_mention_without_a_question_gets_help(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        assert "`/ask`" in (await stage.mention("")).content
        assert "no word" in (await stage.mention("🎉")).content

    shared(act)


def test_a_question_full_of_mentions_pings_nobody(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        role = stage.server.add_role(stage.guild, "staff", mentionable=True)
        pings = f"@everyone @here {stage.bob.mention} {role.mention}"
        for answer in (
            await stage.ask(f"{pings} what does this role do?"),
            await stage.ask(f"{pings} what does a nurse do?"),
            await stage.mention(f"{pings} what does this role do?"),
            await stage.mention(f"{pings} what does a @everyone nurse do?"),
        ):
            assert "@everyone" not in answer.text
            assert stage.bob.mention not in answer.text

    shared(act)


def test_what_is_not_for_the_bot_is_left_alone(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        server, channel, mention = stage.server, stage.channel, stage.server.bot.mention
        other_bot = server.add_member(stage.guild, "other", is_bot=True)
        await server.send_message(channel, other_bot, f"{mention} what does this role do?")
        await server.send_message(channel, stage.alice, "@everyone what does this role do?")
        written = await server.send_message(channel, stage.alice, "what does this role do?")
        await server.send_message(channel, stage.bob, "I wonder too", reply_to=written)
        await server.edit_message(written, f"{mention} what does this role do?")
        await server.start_thread(channel, stage.alice, f"{mention} thread")
        await server.expect_silence(channel, seconds=1.0)

    shared(act)


def test_where_the_bot_may_not_write_it_is_quiet(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.server.forbid(stage.channel, stage.server.bot, Permission.SEND_MESSAGES)
        content = f"{stage.server.bot.mention} what does this role do?"
        await stage.server.send_message(stage.channel, stage.alice, content)
        await stage.process.wait_for_line(f"No permission to answer in channel {stage.channel.id}")
        assert OPENING in shown(await stage.ask("what does this role do?"))

    shared(act)


def test_without_embeds_and_history_the_answer_is_text(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        lacking = Permission.EMBED_LINKS | Permission.READ_MESSAGE_HISTORY
        stage.server.forbid(stage.channel, stage.server.bot, lacking)
        asked = await stage.ask("what does this role do?")
        content = f"{stage.server.bot.mention} what does this role do?"
        sent = await stage.server.send_message(stage.channel, stage.alice, content)
        for answer in (asked, await stage.server.next_message(stage.channel, after=sent)):
            assert answer.embeds == []
            assert OPENING in unescape_text(answer.content)
            assert "**Sources**" in answer.content
            assert answer.reference_id is None
        assert asked.content.startswith("> what does this role do?")

    shared(act)


def test_a_reply_that_discord_refuses_is_an_apology_in_private(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.server.fail_next("PATCH", "/webhooks/", 400)
        asked = await stage.use_ask("what does this role do?")
        told = await asked.followup()
        assert told.is_ephemeral
        assert "not your fault" in told.content
        assert stage.server.visible_messages(stage.channel, stage.bob) == []

    shared(act)
