"""Where something is asked and by whom, and what the bot may do there."""

from dataclasses import dataclass
from typing import Any

import discord

Interaction = discord.Interaction[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel, and for a thread the channel that it belongs to; no server where it is private."""

    guild_id: int | None
    channel_id: int
    parent_id: int | None = None

    @property
    def policy_id(self) -> int:
        """The channel whose policy holds: a thread follows the channel that it belongs to."""
        return self.parent_id or self.channel_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationKey:
    """Whose conversation it is and where; what is asked in private is a conversation by itself."""

    asker_id: int
    place: Place
    is_private: bool = False


def place_of(source: discord.Message | Interaction) -> Place:
    """Return where a message stands or an interaction takes place."""
    channel = source.channel
    parent_id = channel.parent_id if isinstance(channel, discord.Thread) else None
    if isinstance(source, discord.Message):
        guild_id = source.guild.id if source.guild else None
        return Place(guild_id=guild_id, channel_id=source.channel.id, parent_id=parent_id)
    return Place(guild_id=source.guild_id, channel_id=source.channel_id or 0, parent_id=parent_id)


def permissions_in(message: discord.Message) -> discord.Permissions:
    """Return what the bot may do where a message stands; where it can't know, all it needs."""
    needed = discord.Permissions(
        send_messages=True, send_messages_in_threads=True, read_message_history=True
    )
    if message.guild is None:
        return needed | discord.Permissions(embed_links=True)
    if isinstance(message.channel, discord.PartialMessageable):
        return needed
    try:
        return message.channel.permissions_for(message.guild.me)
    except discord.ClientException:  # a thread whose channel the bot doesn't know
        return needed


def may_write(channel: object, permissions: discord.Permissions) -> bool:
    """Return whether the bot may write in a channel or a thread where it has permissions."""
    if isinstance(channel, discord.Thread):
        return permissions.send_messages_in_threads
    return permissions.send_messages
