"""Questions that come by an interaction: a command, a menu, a button or a form."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import discord

from bot.community.asking.exchanges import Exchange
from bot.community.places import ConversationKey, Interaction, place_of
from bot.community.showing.delivery import show_reply, tell_privately
from bot.community.showing.explaining import TROUBLE, explain
from knowledge.errors import BusyError

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_EXPLAIN_AFTER_SECONDS = 20.0
# Discord takes replies for 15 minutes.
_ANSWER_WITHIN_SECONDS = 870.0
_WAITING = (
    "Your question waits: others are before it, or I am still opening the guides. The answer comes"
    " here."
)
_TOO_LONG = "Your question has waited for too long. Ask again in a minute."

NOT_HERE = (
    "I don't answer in this channel: whoever runs me chose others. You can write to me directly."
)


async def answer_interaction(
    bot: "RolewiseBot",
    interaction: Interaction,
    text: str,
    *,
    is_private: bool = False,
    follows: discord.Message | None = None,
    stands_alone: bool = False,
) -> None:
    """Answer a question; what is wrong with it is told to the person alone.

    Args:
        bot: Who answers.
        interaction: How it was asked; not acknowledged yet.
        text: The question as it was typed.
        is_private: Whether the reply is for the person alone.
        follows: The reply that it goes on from, rather than from what the person asked here last;
            it is as private as that.
        stands_alone: Whether it goes on from nothing.
    """
    is_private = is_private or (follows is not None and follows.flags.ephemeral)
    key = ConversationKey(
        asker_id=interaction.user.id, place=place_of(interaction), is_private=is_private
    )
    if not bot.policy.may_answer(key.place):
        await tell_privately(interaction, NOT_HERE)
        return
    with bot.asking.finishing_before_stop():
        try:
            question = bot.asking.check(key, text)
            before = () if stands_alone else bot.exchanges.find_before(follows, key)
            exchange = Exchange(id=interaction.id, key=key, question=question, before=before)
            bot.exchanges.keep(exchange)
            await interaction.response.defer(thinking=True, ephemeral=is_private)
            async with _explaining_the_wait(interaction):
                reply = await bot.asking.ask(exchange, question)
            ids = await show_reply(interaction, reply, is_private=is_private)
        except Exception as error:
            await tell_privately(interaction, explain(error))
            return
        bot.exchanges.note_shown(exchange, ids)


@contextlib.asynccontextmanager
async def _explaining_the_wait(interaction: Interaction) -> AsyncIterator[None]:
    """Say why a reply takes long, and end the wait while an interaction can still be answered.

    Raises:
        BusyError: Discord takes no reply to the interaction any more in a moment.
    """

    async def explain_wait() -> None:
        await asyncio.sleep(_EXPLAIN_AFTER_SECONDS)
        with contextlib.suppress(*TROUBLE):
            await interaction.edit_original_response(content=_WAITING)

    explaining = asyncio.create_task(explain_wait())
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_SECONDS):
            yield
    except TimeoutError as error:
        raise BusyError(_TOO_LONG) from error
    finally:
        explaining.cancel()
        # What is being said must not come after the reply.
        await asyncio.wait({explaining})
