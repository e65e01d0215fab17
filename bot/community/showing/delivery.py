"""Replies and errors on their way to a person: as far as the bot may send, and pinging nobody."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import discord
from discord import ui

from bot.answers.replies import AnyReply
from bot.community.places import Interaction
from bot.community.showing.buttons import may_open_thread, reply_view
from bot.community.showing.explaining import APOLOGY, TROUBLE
from bot.community.showing.reply import reply_contents, reply_embed

NO_PINGS = discord.AllowedMentions.none()

log = logging.getLogger(__name__)


async def tell_privately(
    interaction: Interaction, text: str, *, view: ui.View | None = None
) -> None:
    """Tell the person alone, in place of a public message that the bot thinks."""
    parts: dict[str, Any] = {"view": view} if view else {}
    try:
        if not interaction.response.is_done():
            await interaction.response.send_message(text, ephemeral=True, **parts)
            return
        if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
            with contextlib.suppress(*TROUBLE):
                await interaction.delete_original_response()
        await interaction.followup.send(text, ephemeral=True, allowed_mentions=NO_PINGS, **parts)
    except TROUBLE as error:
        log.warning("Somebody could not be told what went wrong: %s", error)


async def show_reply(
    interaction: Interaction, reply: AnyReply, *, is_private: bool = False
) -> tuple[int, ...]:
    """Put a reply in the place of the message that the bot thinks; return its messages' ids."""
    permissions = interaction.app_permissions
    may_open = may_open_thread(interaction.channel, permissions, is_private=is_private)
    view = reply_view(reply, may_open_thread=may_open)
    if permissions.embed_links:
        embed = reply_embed(reply, with_question=True)
        shown = await interaction.edit_original_response(
            content=None, embed=embed, view=view, allowed_mentions=NO_PINGS
        )
        return (shown.id,)
    first, *others = reply_contents(reply, with_question=True)
    parts: dict[str, Any] = {} if others else {"view": view}
    shown = await interaction.edit_original_response(
        content=first, allowed_mentions=NO_PINGS, **parts
    )
    ids = [shown.id]
    for number, content in enumerate(others, start=1):
        parts = {"view": view} if number == len(others) else {}
        sent = await interaction.followup.send(
            content, allowed_mentions=NO_PINGS, suppress_embeds=True, wait=True, **parts
        )
        ids.append(sent.id)
    return tuple(ids)


async def send_reply(
    message: discord.Message, permissions: discord.Permissions, reply: AnyReply
) -> tuple[int, ...]:
    """Answer a message with a reply: as an embed, or as text where embeds may not be sent.

    Returns the ids of the messages that show it.
    """
    sent = []
    parts = message_parts(message.channel, permissions, reply)
    for position, part in enumerate(parts):
        sent.append(await _send(message, permissions, part, is_first=position == 0))
    return tuple(id_ for id_ in sent if id_ is not None)


async def edit_reply(
    message: discord.Message,
    permissions: discord.Permissions,
    ids: Sequence[int],
    parts: Sequence[dict[str, Any]],
) -> tuple[int, ...]:
    """Let messages that showed a reply show another; return the ids of those that do."""
    kept = []
    for number, part in enumerate(parts):
        if number < len(ids):
            blank = {"content": None, "embed": None, "view": None}
            await message.channel.get_partial_message(ids[number]).edit(  # type: ignore[union-attr]
                **blank | part, allowed_mentions=NO_PINGS
            )
            kept.append(ids[number])
        elif (sent := await _send(message, permissions, part, is_first=False)) is not None:
            kept.append(sent)
    await remove_messages(message.channel, ids[len(parts) :])
    return tuple(kept)


async def remove_messages(channel: object, ids: Sequence[int]) -> None:
    """Delete messages of the bot's; those that are gone already don't matter."""
    for id_ in ids:
        try:
            with contextlib.suppress(discord.NotFound):
                await channel.get_partial_message(id_).delete()  # type: ignore[attr-defined]
        except TROUBLE as error:
            log.warning("A reply could not be removed: %s", error)


async def send_text(
    message: discord.Message,
    permissions: discord.Permissions,
    text: str,
    *,
    view: ui.View | None = None,
) -> tuple[int, ...]:
    """Answer a message with a line of the bot's own; return the id of the message."""
    part: dict[str, Any] = {"content": text} | ({"view": view} if view else {})
    sent = await _send(message, permissions, part)
    return () if sent is None else (sent,)


def message_parts(
    channel: object, permissions: discord.Permissions, reply: AnyReply
) -> list[dict[str, Any]]:
    """Return what the messages consist of that show a reply under its question."""
    view = reply_view(reply, may_open_thread=may_open_thread(channel, permissions))
    if permissions.embed_links:
        return [{"embed": reply_embed(reply, with_question=False), "view": view}]
    parts: list[dict[str, Any]] = [
        {"content": content} for content in reply_contents(reply, with_question=False)
    ]
    parts[-1]["view"] = view
    return parts


async def _send(
    message: discord.Message,
    permissions: discord.Permissions,
    part: dict[str, Any],
    *,
    is_first: bool = True,
    is_apology: bool = False,
) -> int | None:
    """Send a message below another, and return its id; none where it can't be sent.

    What Discord refuses is apologised for, so that nobody waits for it.
    """
    more: dict[str, Any] = {} if "embed" in part else {"suppress_embeds": True}
    if is_first and permissions.read_message_history:
        more["reference"] = message.to_reference(fail_if_not_exists=False)
    try:
        sent = await message.channel.send(**part, **more, allowed_mentions=NO_PINGS)
    except TROUBLE as error:
        log.warning("A reply in channel %d could not be sent: %s", message.channel.id, error)
        if is_apology or isinstance(error, discord.NotFound | discord.Forbidden):
            return None
        apology = {"content": APOLOGY}
        return await _send(message, permissions, apology, is_first=is_first, is_apology=True)
    return sent.id


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
