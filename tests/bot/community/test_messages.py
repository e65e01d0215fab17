"""Edited and deleted questions, replies, menus and help, from the real process."""

import pytest

from tests.bot.stage import OPENING, Play, Stage, inline_fields, shown
from tests.loopback import Message

DIFFERENT = "how is this different from a data engineer?"


async def mention(stage: Stage, text: str) -> tuple[Message, Message]:
    """Return a question and its reply."""
    content = f"{stage.server.bot.mention} {text}"
    asked = await stage.server.send_message(stage.channel, stage.alice, content)
    return asked, await stage.server.next_reply(to=asked)


def test_an_edited_question_is_answered_in_place(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        asked, answer = await mention(stage, "what does this role do?")
        await stage.server.edit_message(asked, f"{stage.server.bot.mention} {DIFFERENT}")
        await stage.server.wait_for(
            lambda: "Data Engineer" in inline_fields(answer) or None, "the answer to change"
        )
        assert len(stage.server.bot_messages(stage.channel)) == 1
        # What follows goes on from the question as it reads now.
        assert "Data Scientist" in inline_fields(await stage.mention("and from a data scientist?"))
        # An edit that changes nothing of the question changes nothing of the reply.
        edits = answer.edited_at
        await stage.server.edit_message(asked, f"{DIFFERENT} {stage.server.bot.mention}")
        await stage.mention("what does a nurse do?")
        assert answer.edited_at == edits

    shared(act)


def test_a_question_edited_away_loses_its_reply(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        asked, answer = await mention(stage, "what does this role do?")
        await stage.server.edit_message(asked, stage.server.bot.mention)
        await stage.server.wait_for(lambda: answer.deleted or None, "the reply to go")

    shared(act)


def test_a_deleted_question_loses_its_reply_and_is_forgotten(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        asked, answer = await mention(stage, DIFFERENT)
        await stage.server.delete_message(asked)
        await stage.server.wait_for(lambda: answer.deleted or None, "the reply to go")
        assert inline_fields(await stage.mention("and from a data scientist?")) == {}

    shared(act)


def test_what_was_deleted_is_forgotten_even_where_more_was_asked_since(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        asked, answer = await mention(stage, DIFFERENT)
        await stage.mention("thanks!")
        await stage.server.delete_message(asked)
        await stage.server.wait_for(lambda: answer.deleted or None, "the reply to go")
        assert inline_fields(await stage.mention("and from a data scientist?")) == {}

    shared(act)


def test_the_introduction_goes_with_the_message_that_asked_nothing(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        asked, answer = await mention(stage, "")
        assert "How to ask" in answer.content
        await stage.server.delete_message(asked)
        await stage.server.wait_for(lambda: answer.deleted or None, "the introduction to go")

    shared(act)


def test_a_reply_goes_on_from_the_answer_that_it_replies_to(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        _, compared = await mention(stage, DIFFERENT)
        await stage.mention("what does a nurse do?")
        for who in (stage.alice, stage.bob):
            asked = await stage.server.send_message(
                stage.channel, who, "and from a data scientist?", reply_to=compared
            )
            followed = await stage.server.next_reply(to=asked)
            assert "Data Scientist" in inline_fields(followed)

    shared(act)


def test_a_reply_without_ping_is_told_how_to_go_on(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        _, answer = await mention(stage, "what does this role do?")
        silent = await stage.server.send_message(
            stage.channel, stage.bob, "and then?", reply_to=answer, ping_replied=False
        )
        told = await stage.server.next_reply(to=silent)
        assert "can't read" in told.content
        assert [one["label"] for one in told.interactive_components] == ["Follow up"]

    shared(act)


def test_a_mention_in_a_reply_to_somebody_else_is_a_question(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        other = await stage.server.send_message(stage.channel, stage.bob, "I wonder")
        asked = await stage.server.send_message(
            stage.channel,
            stage.alice,
            f"{stage.server.bot.mention} what does this role do?",
            reply_to=other,
        )
        assert OPENING in shown(await stage.server.next_reply(to=asked))

    shared(act)


def test_a_menu_asks_about_a_message_in_private(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        written = await stage.server.send_message(
            stage.channel, stage.bob, "what does this role do?"
        )
        used = await stage.server.use_message_menu(stage.alice, "Ask about this message", written)
        answer = await used.final_message()
        assert answer.is_ephemeral
        assert OPENING in shown(answer)
        party = await stage.server.send_message(stage.channel, stage.bob, "<:party:123456789>")
        used = await stage.server.use_message_menu(stage.alice, "Ask about this message", party)
        assert "no text" in (await used.final_message()).content

    shared(act)


@pytest.mark.parametrize("private", [True, False])
def test_an_answer_is_as_private_as_it_was_asked_for(shared: Play, private: bool) -> None:
    async def act(stage: Stage) -> None:
        used = await stage.server.use_command(
            stage.channel, stage.alice, "ask", question="what does this role do?", private=private
        )
        answer = await used.final_message()
        assert answer.is_ephemeral == private
        assert OPENING in shown(answer)

    shared(act)


def test_forgetting_covers_every_place(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        other = stage.server.add_channel(stage.guild, "other")
        await mention(stage, DIFFERENT)
        used = await stage.server.use_command(other, stage.alice, "forget")
        assert (await used.final_message()).content.startswith("Forgotten")
        assert inline_fields(await stage.mention("and from a data scientist?")) == {}
        used = await stage.server.use_command(other, stage.bob, "forget")
        assert "nothing to forget" in (await used.final_message()).content

    shared(act)
