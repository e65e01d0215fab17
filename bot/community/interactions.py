"""Questions that come by an interaction: a command, a menu, a button or a form."""

from typing import TYPE_CHECKING

import discord

from bot.answers.conversation import Conversation
from bot.community.delivery import show_reply, tell_privately
from bot.community.exchanges import Record
from bot.community.explaining import explain
from bot.community.places import ConversationKey, Interaction, place_of
from knowledge.errors import RolewiseError

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

NOT_HERE = (
    "I don't answer in this channel: whoever runs me chose others. You can write to me directly."
)


async def answer_interaction(
    bot: "RolewiseBot",
    interaction: Interaction,
    text: str,
    *,
    is_private: bool = False,
    before: Conversation | None = None,
) -> None:
    """Answer a question; what is wrong with it is told to the person alone.

    Args:
        bot: Who answers.
        interaction: How it was asked; not acknowledged yet.
        text: The question as it was typed.
        is_private: Whether the reply is for the person alone.
        before: What was said before, where it isn't what the person asked here last.
    """
    key = ConversationKey(
        asker_id=interaction.user.id, place=place_of(interaction), is_private=is_private
    )
    if not bot.policy.may_answer(key.place):
        await tell_privately(interaction, NOT_HERE)
        return
    with bot.asking.finishing_before_stop():
        try:
            question = bot.asking.check(key, text)
        except RolewiseError as error:
            await interaction.response.send_message(explain(error), ephemeral=True)
            return
        await interaction.response.defer(thinking=True, ephemeral=is_private)
        try:
            exchange = await bot.asking.ask(key, question, before=before)
            ids = await show_reply(interaction, exchange.reply, is_private=is_private)
        except Exception as error:
            await tell_privately(interaction, explain(error))
            return
        bot.records.keep(
            Record(
                key=key,
                question=question,
                reply_ids=ids,
                before=exchange.before,
                after=exchange.after,
            )
        )


def is_private_message(message: discord.Message | None) -> bool:
    """Return whether only one person sees a message."""
    return message is not None and message.flags.ephemeral
