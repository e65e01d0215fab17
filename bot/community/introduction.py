"""What the bot says of itself: what it knows, how it is asked, what it keeps."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import discord

from bot.community.delivery import NO_PINGS
from bot.community.explaining import TROUBLE
from bot.community.settings import DiscordSettings
from bot.community.text import escape_line, measure

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_MAX_ROLE = 80
_MAX_ROLES = 900

_WHAT = (
    "I answer questions about careers in the words of the guides that I was given, and say where"
    " each sentence stands. What they don't say, I don't say either."
)
_HOW = (
    "**How to ask:** mention me with a question, use `/ask`, reply to one of my answers to follow"
    " up, or write to me directly. `/compare` puts two roles side by side, `/role` shows what the"
    " guides say of one. In a message's menu under Apps, “Ask about this message” looks up what it"
    " asks, for you alone."
)
_KEEPS = (
    "**What I keep:** what each of you talked about in each channel, for {minutes}, to understand"
    " what follows; in memory, and gone at a restart. `/forget` drops yours at once."
)


def introduce(settings: DiscordSettings, roles: Sequence[str], *, notes: Iterable[str] = ()) -> str:
    """Return what the bot says of itself, within one message.

    Args:
        settings: How long it remembers.
        roles: The roles that it has guides about; none while they are being read.
        notes: What else it keeps.
    """
    knows = _list_roles(roles)
    minutes = f"{settings.conversation_minutes:g} minutes"
    if settings.conversation_minutes == 1:
        minutes = "a minute"
    parts = [_WHAT, *([f"**What I know:** {knows}"] if knows else []), _HOW]
    return "\n\n".join([*parts, " ".join([_KEEPS.format(minutes=minutes), *notes])])


def _list_roles(roles: Sequence[str]) -> str:
    listed = ""
    for number, role in enumerate(roles):
        name = escape_line(role, _MAX_ROLE)
        if measure(listed) + measure(name) > _MAX_ROLES:
            return f"{listed} and {len(roles) - number} more roles."
        listed += f"{', ' if number else ''}{name}"
    return f"{listed}." if listed else ""


async def greet_server(bot: "RolewiseBot", guild: discord.Guild) -> None:
    """Introduce the bot to a server that it has joined, where it may write."""
    candidates = [guild.system_channel, *guild.text_channels]
    channel = next((one for one in candidates if one is not None and _may_greet(one)), None)
    if channel is None:
        return
    try:
        await channel.send(bot.introduction(), allowed_mentions=NO_PINGS, suppress_embeds=True)
    except TROUBLE:
        return  # somebody finds out by /help


def _may_greet(channel: discord.TextChannel) -> bool:
    permissions = channel.permissions_for(channel.guild.me)
    return permissions.view_channel and permissions.send_messages
