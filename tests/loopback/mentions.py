"""Whom a message pings.

Source: Discord's developer documentation, "Message Resource", section "Allowed Mentions Object".
"""

import re

from tests.loopback.errors import FormChecks
from tests.loopback.model import Channel, Json, Mentions, Message, Ping, PingKind, User
from tests.loopback.permissions import Permission
from tests.loopback.state import State

PARSE_ALL: Json = {"parse": ["users", "roles", "everyone"], "replied_user": True}
"""What a message does that says nothing of mentions."""

PARSE_USERS: Json = {"parse": ["users"], "replied_user": True}
"""What an interaction's response does that says nothing of mentions."""


def check_allowed_mentions(checks: FormChecks, allowed: Json | None) -> None:
    """Check an allowed mentions object."""
    if allowed is None:
        return
    for index, parse in enumerate(allowed.get("parse") or []):
        if parse not in PARSE_ALL["parse"]:
            message = "Value must be one of {'users', 'everyone', 'roles'}."
            checks.refuse(f"allowed_mentions.parse.{index}", "BASE_TYPE_CHOICES", message)
    for kind in ("users", "roles"):
        listed = allowed.get(kind) or []
        checks.check_count(f"allowed_mentions.{kind}", listed, most=100)
        if listed and kind in (allowed.get("parse") or []):
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            checks.refuse("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def find_mentions(
    state: State,
    author: User,
    channel: Channel,
    text: str,
    allowed: Json,
    replied_to: Message | None,
) -> Mentions:
    """Return whom a text mentions with effect.

    Args:
        allowed: the allowed mentions object, or what stands for a missing one.
    """
    parse = allowed.get("parse") or []
    named_users = {int(user_id) for user_id in allowed.get("users") or []}
    named_roles = {int(role_id) for role_id in allowed.get("roles") or []}
    mentions_all = state.may(author, Permission.MENTION_EVERYONE, channel)
    guild = state.guild_of(channel)
    users = [int(found) for found in re.findall(r"<@!?(\d+)>", text)]
    roles = [int(found) for found in re.findall(r"<@&(\d+)>", text)] if guild else []
    parses_everyone = guild is not None and "everyone" in parse and mentions_all
    return Mentions(
        user_ids=tuple(
            dict.fromkeys(
                user_id
                for user_id in users
                if user_id in state.users and ("users" in parse or user_id in named_users)
            )
        ),
        role_ids=tuple(
            dict.fromkeys(
                role_id
                for role_id in roles
                if guild is not None
                and role_id in guild.roles
                and ("roles" in parse or role_id in named_roles)
                and (mentions_all or guild.roles[role_id].mentionable)
            )
        ),
        everyone=parses_everyone and "@everyone" in text,
        here=parses_everyone and "@here" in text,
        replied_user_id=replied_to.author.id
        if replied_to and allowed.get("replied_user")
        else None,
    )


def list_pings(state: State, message: Message) -> list[Ping]:
    """Return the notifications that a message gives.

    Nobody is pinged by themselves, and an ephemeral message pings nobody.
    """
    if message.is_ephemeral:
        return []
    mentions = message.mentions
    guild_id = state.channels[message.channel_id].guild_id or 0
    reached = dict.fromkeys(mentions.user_ids)
    if mentions.replied_user_id is not None:
        reached[mentions.replied_user_id] = None
    reached.pop(message.author.id, None)
    pings = [Ping(PingKind.USER, user_id, message.id) for user_id in reached]
    pings += [Ping(PingKind.ROLE, role_id, message.id) for role_id in mentions.role_ids]
    if mentions.everyone:
        pings.append(Ping(PingKind.EVERYONE, guild_id, message.id))
    if mentions.here:
        pings.append(Ping(PingKind.HERE, guild_id, message.id))
    return pings
