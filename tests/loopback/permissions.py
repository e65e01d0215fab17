"""Who may do what where, computed as Discord computes it.

Source: Discord's developer documentation, "Permissions", section "Permission hierarchy".
"""

from enum import IntFlag

from tests.loopback.model import Channel, ChannelType, Guild, Member


class Permission(IntFlag):
    """The permissions that the server checks."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL = sum(1 << bit for bit in range(53))

EVERYONE_DEFAULT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.ADD_REACTIONS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MENTION_EVERYONE
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""What @everyone may do in a new guild, mentioning @everyone included."""

DIRECT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.ADD_REACTIONS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
)
"""What people may do in a conversation of two."""


def guild_permissions(guild: Guild, member: Member) -> int:
    """Return what a member may do in a guild, whatever its channels say."""
    if member.user.id == guild.owner_id:
        return ALL
    granted = guild.everyone.permissions
    for role_id in member.role_ids:
        granted |= guild.roles[role_id].permissions
    return ALL if granted & Permission.ADMINISTRATOR else granted


def channel_permissions(guild: Guild, channel: Channel, member: Member) -> int:
    """Return what a member may do in a channel.

    Args:
        channel: for a thread, its parent.
    """
    granted = guild_permissions(guild, member)
    if granted == ALL:
        return ALL
    own = [
        role
        for role in channel.overwrites
        if not role.is_member and role.target_id in member.role_ids
    ]
    everyone = [role for role in channel.overwrites if role.target_id == guild.id]
    personal = [
        one for one in channel.overwrites if one.is_member and one.target_id == member.user.id
    ]
    for overwrites in (everyone, own, personal):
        for overwrite in overwrites:
            granted &= ~overwrite.deny
        for overwrite in overwrites:
            granted |= overwrite.allow
    return granted if granted & Permission.VIEW_CHANNEL else 0


def sending_permission(channel: Channel) -> Permission:
    """Return the permission that writing in a channel takes."""
    return Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES


def can_hold_messages(channel: Channel) -> bool:
    """Tell whether messages can be written straight into a channel."""
    return channel.type is not ChannelType.FORUM
