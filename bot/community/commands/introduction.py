"""What the bot says of itself: what it knows, how it is asked, what it keeps."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import discord

from bot.community.settings import DiscordSettings
from bot.community.showing.delivery import NO_PINGS
from bot.community.showing.explaining import TROUBLE
from bot.community.showing.reply import MAX_CONTENT
from bot.community.showing.text import escape_line, measure

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_MAX_ROLE = 80
_GAP = "\n\n"
_KNOWS = "**What I know:** "

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
    minutes = f"{settings.conversation_minutes:g} minutes"
    if settings.conversation_minutes == 1:
        minutes = "a minute"
    keeps = " ".join([_KEEPS.format(minutes=minutes), *notes])
    room = MAX_CONTENT - sum(measure(part) + len(_GAP) for part in (_WHAT, _KNOWS, _HOW, keeps))
    knows = _list_roles(roles, room)
    return _GAP.join([_WHAT, *([f"{_KNOWS}{knows}"] if knows else []), _HOW, keeps])


def _list_roles(roles: Sequence[str], room: int) -> str:
    """Return the names of roles, of too many the first ones and the number of the others."""
    listed = ""
    for number, role in enumerate(roles):
        name = escape_line(role, _MAX_ROLE)
        if measure(listed) + measure(name) > room - _MAX_ROLE:
            return f"{listed} and {len(roles) - number} more roles." if listed else ""
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
