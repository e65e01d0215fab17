"""What exists, as Discord's JSON describes it.

Source: Discord's developer documentation, the objects under "Resources".
"""

from datetime import UTC, datetime

from tests.loopback.model import (
    Channel,
    ChannelType,
    Guild,
    Intent,
    Json,
    Member,
    Message,
    Role,
    User,
)
from tests.loopback.permissions import Permission
from tests.loopback.state import State

ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024
REQUIRE_TAG_FLAG = 1 << 4


def timestamp(seconds: float) -> str:
    """Write a time as Discord does."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def user_payload(user: User) -> Json:
    """Describe an account."""
    return {
        "id": str(user.id),
        "username": user.username,
        "discriminator": "0000" if user.is_bot else "0",
        "global_name": None if user.is_bot else user.username.title(),
        "avatar": None,
        "bot": user.is_bot,
        "public_flags": 0,
    }


def own_user_payload(user: User) -> Json:
    """Describe the bot's account to itself."""
    own = {"verified": True, "email": None, "mfa_enabled": False, "flags": 0, "locale": "en-US"}
    return user_payload(user) | own


def member_payload(member: Member, *, with_user: bool = True) -> Json:
    """Describe a member."""
    payload: Json = {
        "roles": [str(role_id) for role_id in member.role_ids],
        "nick": member.nick,
        "avatar": None,
        "joined_at": timestamp(member.joined_at),
        "premium_since": None,
        "communication_disabled_until": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }
    return payload | {"user": user_payload(member.user)} if with_user else payload


def role_payload(role: Role) -> Json:
    """Describe a role."""
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(int(role.permissions)),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "managed": role.managed,
        "mentionable": role.mentionable,
        "flags": 0,
    }


def channel_payload(state: State, channel: Channel) -> Json:
    """Describe a channel, a thread or a conversation."""
    last = None if channel.last_message_id is None else str(channel.last_message_id)
    flags = REQUIRE_TAG_FLAG if channel.requires_tag else 0
    payload: Json = {
        "id": str(channel.id),
        "type": int(channel.type),
        "last_message_id": last,
        "flags": flags,
    }
    if channel.type is ChannelType.DIRECT:
        recipients = [user_payload(state.users[user_id]) for user_id in channel.recipient_ids]
        return payload | {"recipients": recipients}
    payload |= {
        "guild_id": str(channel.guild_id),
        "name": channel.name,
        "parent_id": None if channel.parent_id is None else str(channel.parent_id),
        "rate_limit_per_user": 0,
    }
    if channel.is_thread:
        return payload | _thread_fields(state, channel)
    payload |= {"position": channel.position, "topic": channel.topic, "nsfw": False}
    payload["permission_overwrites"] = [
        {
            "id": str(overwrite.target_id),
            "type": int(overwrite.is_member),
            "allow": str(int(overwrite.allow)),
            "deny": str(int(overwrite.deny)),
        }
        for overwrite in channel.overwrites
    ]
    if channel.type is ChannelType.FORUM:
        payload |= {"available_tags": channel.tags, "default_forum_layout": 0}
        payload["default_sort_order"] = None
    return payload


def _thread_fields(state: State, thread: Channel) -> Json:
    """Describe what only threads have."""
    payload: Json = {
        "owner_id": str(thread.owner_id),
        "message_count": sum(1 for _ in state.messages_in(thread)),
        "total_message_sent": sum(1 for _ in state.messages_in(thread)),
        "member_count": len(thread.thread_member_ids),
        "applied_tags": [str(tag_id) for tag_id in thread.applied_tag_ids],
        "thread_metadata": {
            "archived": thread.archived,
            "auto_archive_duration": thread.auto_archive_minutes,
            "archive_timestamp": timestamp(thread.created_at),
            "create_timestamp": timestamp(thread.created_at),
            "locked": thread.locked,
        },
    }
    if state.bot.id in thread.thread_member_ids:
        payload["member"] = thread_member_payload(thread, state.bot)
    return payload


def thread_member_payload(thread: Channel, user: User) -> Json:
    """Describe somebody's membership of a thread."""
    joined = timestamp(thread.created_at)
    return {"id": str(thread.id), "user_id": str(user.id), "join_timestamp": joined, "flags": 0}


def guild_payload(state: State, guild: Guild) -> Json:
    """Describe a guild, as GET /guilds/{id} does."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner_id),
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "region": "us-east",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "roles": [role_payload(role) for role in guild.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "application_id": None,
        "system_channel_id": _id_or_none(guild.system_channel_id),
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "max_members": 500_000,
    }


def guild_create_payload(state: State, guild: Guild) -> Json:
    """Describe a guild with all that is in it, as GUILD_CREATE does.

    Without the privileged intent for members, the bot alone is listed.
    """
    channels = [channel for channel in state.channels.values() if channel.guild_id == guild.id]
    visible = [one for one in channels if state.may(state.bot, Permission.VIEW_CHANNEL, one)]
    return guild_payload(state, guild) | {
        "joined_at": timestamp(guild.members[state.bot.id].joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_payload(guild.members[state.bot.id])],
        "channels": [channel_payload(state, one) for one in channels if not one.is_thread],
        "threads": [
            channel_payload(state, one) for one in visible if one.is_thread and not one.archived
        ],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def application_payload(state: State) -> Json:
    """Describe the application."""
    flags = 0
    for intent, flag in (
        (Intent.GUILD_PRESENCES, 1 << 13),
        (Intent.GUILD_MEMBERS, 1 << 15),
        (Intent.MESSAGE_CONTENT, 1 << 19),
    ):
        flags |= flag if state.allowed_privileged_intents & intent else 0
    return {
        "id": str(state.application_id),
        "name": state.bot.username.title(),
        "description": "",
        "icon": None,
        "bot": user_payload(state.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": _owner_payload(state),
        "team": team_payload(state) if state.team else None,
        "verify_key": "0" * 64,
        "flags": flags,
        "approximate_guild_count": len(state.guilds),
        "approximate_user_install_count": 0,
        "interactions_endpoint_url": None,
        "integration_types_config": {"0": {}, "1": {}},
    }


def _owner_payload(state: State) -> Json:
    """Describe the application's owner; a team is owned by an account that stands for it."""
    if not state.team:
        return user_payload(state.application_owner)
    name = f"team{state.application_id}"
    return user_payload(User(state.application_id, name)) | {"flags": 1 << 10}


def team_payload(state: State) -> Json:
    """Describe the team that owns the application; its first member owns the team."""
    members: list[Json] = [
        {
            "membership_state": 2 if member.has_accepted else 1,
            "permissions": ["*"],
            "role": member.role,
            "team_id": str(state.application_id),
            "user": user_payload(member.user),
        }
        for member in state.team
    ]
    return {
        "id": str(state.application_id),
        "icon": None,
        "name": "team",
        "owner_user_id": members[0]["user"]["id"],
        "members": members,
    }


def _id_or_none(value: int | None) -> str | None:
    return None if value is None else str(value)


def message_payload(state: State, message: Message, *, content_intent: bool) -> Json:
    """Describe a message, as REST does.

    Args:
        content_intent: whether the bot may read what is not meant for it.
    """
    readable = content_intent or is_meant_for_bot(state, message)
    mentioned = [state.users[user_id] for user_id in _mentioned_users(message)]
    payload: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel_id),
        "author": user_payload(message.author),
        "content": message.content if readable else "",
        "embeds": message.embeds if readable else [],
        "components": message.components if readable else [],
        "attachments": message.attachments if readable else [],
        "timestamp": timestamp(message.created_at),
        "edited_timestamp": None if message.edited_at is None else timestamp(message.edited_at),
        "tts": False,
        "mention_everyone": message.mentions.everyone or message.mentions.here,
        "mentions": [user_payload(user) for user in mentioned],
        "mention_roles": [str(role_id) for role_id in message.mentions.role_ids],
        "pinned": False,
        "type": int(message.type),
        "flags": message.flags,
    }
    if message.nonce is not None:
        payload["nonce"] = message.nonce
    if message.application_id is not None:
        payload["application_id"] = payload["webhook_id"] = str(message.application_id)
    if message.webhook_id is not None:
        payload["webhook_id"] = str(message.webhook_id)
    if message.interaction_metadata is not None:
        payload["interaction_metadata"] = message.interaction_metadata
    thread = state.channels.get(message.thread_id or 0)
    if thread is not None:
        payload["thread"] = channel_payload(state, thread)
    if message.reactions:
        payload["reactions"] = [
            _reaction_payload(state, *entry) for entry in message.reactions.items()
        ]
    if message.reference_id is not None:
        payload |= _reference_fields(state, message, content_intent)
    return payload


def _reference_fields(state: State, message: Message, content_intent: bool) -> Json:
    """Describe the message that a reply answers."""
    channel_id = message.reference_channel_id or message.channel_id
    channel = state.channels.get(channel_id)
    reference: Json = {
        "type": 0,
        "channel_id": str(channel_id),
        "message_id": str(message.reference_id),
    }
    if channel is not None and channel.guild_id is not None:
        reference["guild_id"] = str(channel.guild_id)
    original = state.messages.get(message.reference_id or 0)
    if original is None or original.deleted:
        return {"message_reference": reference, "referenced_message": None}
    payload = message_payload(state, original, content_intent=content_intent)
    payload.pop("referenced_message", None)
    return {"message_reference": reference, "referenced_message": payload}


def _mentioned_users(message: Message) -> list[int]:
    """Return whom a message mentions, the author it replies to included."""
    replied = message.mentions.replied_user_id
    mentioned = list(message.mentions.user_ids)
    return mentioned if replied is None or replied in mentioned else [*mentioned, replied]


def _reaction_payload(state: State, emoji: str, user_ids: set[int]) -> Json:
    """Describe how often an emoji was put under a message."""
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(user_ids),
        "count_details": {"burst": 0, "normal": len(user_ids)},
        "me": state.bot.id in user_ids,
        "me_burst": False,
        "burst_colors": [],
    }


def is_meant_for_bot(state: State, message: Message) -> bool:
    """Tell whether the bot may read a message without the message content intent."""
    is_direct = state.channels[message.channel_id].type is ChannelType.DIRECT
    return message.author is state.bot or is_direct or state.bot.id in _mentioned_users(message)


def message_event(state: State, message: Message, *, content_intent: bool) -> Json:
    """Describe a message as the gateway's events do.

    An ephemeral message's event names neither the guild nor the author's membership.
    """
    payload = message_payload(state, message, content_intent=content_intent)
    guild = state.guild_of(state.channels[message.channel_id])
    if guild is None or message.is_ephemeral:
        return payload
    payload["guild_id"] = str(guild.id)
    author = guild.members.get(message.author.id)
    if author is not None:
        payload["member"] = member_payload(author, with_user=False)
    for mention in payload["mentions"]:
        mentioned = guild.members.get(int(mention["id"]))
        if mentioned is not None:
            mention["member"] = member_payload(mentioned, with_user=False)
    return payload
