"""Replies and errors on their way to a person: as far as the bot may send, and pinging nobody."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord

from bot.answers.replies import AnyReply
from bot.community.places import Interaction
from bot.community.reply import reply_contents, reply_embed
from bot.community.text import escape_text
from knowledge.errors import BusyError, QuestionError, RolewiseError

NO_PINGS = discord.AllowedMentions.none()
TROUBLE = (discord.DiscordException, aiohttp.ClientError, OSError)
"""What sending can raise: refused, rate limited, or Discord out of reach."""

_APOLOGY = "Something went wrong, and that is not your fault. It is noted for whoever runs me."
_CANNOT_SEARCH = (
    "I can't read the guides at the moment. Whoever runs me finds the reason in the log."
)

log = logging.getLogger(__name__)


def explain(error: BaseException) -> str:
    """Return what a person is told of an error, and log what is not their concern."""
    match error:
        case QuestionError() | BusyError():
            return escape_text(str(error))
        case RolewiseError():
            log.error("A question could not be answered: %s", error)
            return _CANNOT_SEARCH
        case discord.DiscordException() | aiohttp.ClientError() | OSError():
            log.warning("A reply could not be shown: %s", error)
            return _APOLOGY
        case _:
            log.error("A question could not be answered", exc_info=error)
            return _APOLOGY


async def tell_privately(interaction: Interaction, text: str) -> None:
    """Tell the person alone, in place of a public message that the bot thinks."""
    try:
        if not interaction.response.is_done():
            await interaction.response.send_message(text, ephemeral=True)
            return
        with contextlib.suppress(discord.NotFound):
            await interaction.delete_original_response()
        await interaction.followup.send(text, ephemeral=True, allowed_mentions=NO_PINGS)
    except TROUBLE as error:
        log.warning("Somebody could not be told what went wrong: %s", error)


async def show_reply(interaction: Interaction, reply: AnyReply) -> None:
    """Put a reply in the place of the message that the bot thinks."""
    if interaction.app_permissions.embed_links:
        embed = reply_embed(reply, with_question=True)
        await interaction.edit_original_response(embed=embed, allowed_mentions=NO_PINGS)
        return
    first, *others = reply_contents(reply, with_question=True)
    await interaction.edit_original_response(content=first, allowed_mentions=NO_PINGS)
    for content in others:
        await interaction.followup.send(content, allowed_mentions=NO_PINGS, suppress_embeds=True)


async def send_reply(
    message: discord.Message, permissions: discord.Permissions, reply: AnyReply
) -> None:
    """Answer a message with a reply: as an embed, or as text where embeds may not be sent."""
    if permissions.embed_links:
        embed = reply_embed(reply, with_question=False)
        await _send(message, permissions, embed=embed)
        return
    for position, content in enumerate(reply_contents(reply, with_question=False)):
        await _send(message, permissions, content, is_first=position == 0)


async def send_text(message: discord.Message, permissions: discord.Permissions, text: str) -> None:
    """Answer a message with a line of the bot's own."""
    await _send(message, permissions, text)


async def _send(
    message: discord.Message,
    permissions: discord.Permissions,
    content: str | None = None,
    *,
    embed: discord.Embed | None = None,
    is_first: bool = True,
) -> None:
    parts: dict[str, Any] = {"embed": embed} if embed else {"suppress_embeds": True}
    if is_first and permissions.read_message_history:
        parts["reference"] = message.to_reference(fail_if_not_exists=False)
    try:
        await message.channel.send(content, allowed_mentions=NO_PINGS, **parts)
    except TROUBLE as error:
        log.warning("A reply in channel %d could not be sent: %s", message.channel.id, error)


@contextlib.asynccontextmanager
async def typing(channel: discord.abc.Messageable) -> AsyncIterator[None]:
    """Show that the bot is typing; what goes wrong with that doesn't matter."""
    is_shown = asyncio.Event()

    async def show() -> None:
        try:
            async with channel.typing():
                is_shown.set()
                await asyncio.Event().wait()
        except TROUBLE as error:
            log.debug("Typing could not be shown: %s", error)
        finally:
            is_shown.set()

    task = asyncio.create_task(show())
    try:
        yield
        # What is typed after the reply would stay for ten seconds.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_shown.wait(), timeout=1.0)
    finally:
        task.cancel()
