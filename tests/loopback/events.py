"""Which event tells the bot of which change, and under which intent."""

from tests.loopback.gateway import Gateway
from tests.loopback.model import Channel, Guild, Intent, Json, Member, Message, Role, User
from tests.loopback.payloads import (
    channel_payload,
    member_payload,
    message_event,
    role_payload,
    user_payload,
)
from tests.loopback.permissions import Permission
from tests.loopback.sessions import Session
from tests.loopback.state import State


class Events:
    """Tell the bot what happens where it can see it."""

    def __init__(self, state: State, gateway: Gateway) -> None:
        """Tell it through a gateway."""
        self._state = state
        self._gateway = gateway

    def message_created(self, message: Message) -> None:
        """Tell of a new message."""
        self._tell_message("MESSAGE_CREATE", message)

    def message_updated(self, message: Message) -> None:
        """Tell of an edited message."""
        self._tell_message("MESSAGE_UPDATE", message)

    def _tell_message(self, event: str, message: Message) -> None:
        channel = self._state.channels[message.channel_id]
        if message.is_ephemeral or self._state.may(
            self._state.bot, Permission.VIEW_CHANNEL, channel
        ):
            self._gateway.dispatch(
                event,
                lambda session: message_event(
                    self._state, message, content_intent=session.hears(Intent.MESSAGE_CONTENT)
                ),
                intent=Intent.DIRECT_MESSAGES
                if channel.guild_id is None
                else Intent.GUILD_MESSAGES,
                guild_id=channel.guild_id,
            )
        self._state.changes.notify()

    def message_deleted(self, message: Message) -> None:
        """Tell of a message that is gone."""
        channel = self._state.channels[message.channel_id]
        payload: Json = {"id": str(message.id), "channel_id": str(channel.id)}
        if channel.guild_id is not None and not message.is_ephemeral:
            payload["guild_id"] = str(channel.guild_id)
        if message.is_ephemeral or self._state.may(
            self._state.bot, Permission.VIEW_CHANNEL, channel
        ):
            self._gateway.dispatch(
                "MESSAGE_DELETE",
                lambda _: payload,
                intent=Intent.DIRECT_MESSAGES
                if channel.guild_id is None
                else Intent.GUILD_MESSAGES,
                guild_id=channel.guild_id,
            )
        self._state.changes.notify()

    def messages_deleted(self, channel: Channel, messages: tuple[Message, ...]) -> None:
        """Tell of many messages that are gone at once."""
        payload: Json = {
            "ids": [str(message.id) for message in messages],
            "channel_id": str(channel.id),
            "guild_id": str(channel.guild_id),
        }
        if self._state.may(self._state.bot, Permission.VIEW_CHANNEL, channel):
            self._gateway.dispatch(
                "MESSAGE_DELETE_BULK",
                lambda _: payload,
                intent=Intent.GUILD_MESSAGES,
                guild_id=channel.guild_id,
            )
        self._state.changes.notify()

    def reaction_added(self, message: Message, user: User, emoji: str) -> None:
        """Tell of a reaction."""
        channel = self._state.channels[message.channel_id]
        payload: Json = {
            "user_id": str(user.id),
            "channel_id": str(channel.id),
            "message_id": str(message.id),
            "message_author_id": str(message.author.id),
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        }
        intent = Intent.DIRECT_MESSAGE_REACTIONS
        guild = self._state.guild_of(channel)
        if guild is not None:
            intent = Intent.GUILD_MESSAGE_REACTIONS
            payload |= {"guild_id": str(guild.id), "member": member_payload(guild.members[user.id])}
        self._gateway.dispatch(
            "MESSAGE_REACTION_ADD", lambda _: payload, intent=intent, guild_id=channel.guild_id
        )
        self._state.changes.notify()

    def guild_created(self, guild: Guild) -> None:
        """Tell of a guild that the bot joined."""
        self._gateway.dispatch(
            "GUILD_CREATE",
            lambda session: self._describe_joined(guild, session),
            intent=Intent.GUILDS,
            guild_id=guild.id,
        )

    def _describe_joined(self, guild: Guild, session: Session) -> Json:
        """Describe a guild just joined: nothing is said of its being available."""
        payload = self._gateway.describe_guild(guild, session)
        del payload["unavailable"]
        return payload

    def guild_left(self, guild: Guild) -> None:
        """Tell of a guild that the bot was removed from."""
        self._tell_guild("GUILD_DELETE", guild.id, {"id": str(guild.id)})

    def channel_created(self, channel: Channel) -> None:
        """Tell of a new channel; a conversation is not announced."""
        if channel.guild_id is not None:
            self._tell_guild(
                "CHANNEL_CREATE", channel.guild_id, channel_payload(self._state, channel)
            )

    def channel_updated(self, channel: Channel) -> None:
        """Tell of a changed channel or thread."""
        if channel.guild_id is not None:
            event = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
            self._tell_guild(event, channel.guild_id, channel_payload(self._state, channel))

    def channel_deleted(self, channel: Channel) -> None:
        """Tell of a channel or a thread that is about to be gone."""
        if channel.guild_id is None:
            return
        if not channel.is_thread:
            payload = channel_payload(self._state, channel)
            self._tell_guild("CHANNEL_DELETE", channel.guild_id, payload)
        elif self._state.may(self._state.bot, Permission.VIEW_CHANNEL, channel):
            payload = channel_payload(self._state, channel)
            kept = ("id", "guild_id", "parent_id", "type")
            self._tell_guild("THREAD_DELETE", channel.guild_id, {key: payload[key] for key in kept})

    def thread_created(self, thread: Channel) -> None:
        """Tell of a new thread."""
        if thread.guild_id is not None and self._state.may(
            self._state.bot, Permission.VIEW_CHANNEL, thread
        ):
            payload = channel_payload(self._state, thread) | {"newly_created": True}
            self._tell_guild("THREAD_CREATE", thread.guild_id, payload)

    def role_created(self, role: Role) -> None:
        """Tell of a new role."""
        payload = {"guild_id": str(role.guild_id), "role": role_payload(role)}
        self._tell_guild("GUILD_ROLE_CREATE", role.guild_id, payload)

    def role_updated(self, role: Role) -> None:
        """Tell of a role's new permissions."""
        payload = {"guild_id": str(role.guild_id), "role": role_payload(role)}
        self._tell_guild("GUILD_ROLE_UPDATE", role.guild_id, payload)

    def member_joined(self, member: Member) -> None:
        """Tell of a new member."""
        payload = member_payload(member) | {"guild_id": str(member.guild_id)}
        self._gateway.dispatch(
            "GUILD_MEMBER_ADD",
            lambda _: payload,
            intent=Intent.GUILD_MEMBERS,
            guild_id=member.guild_id,
        )

    def member_left(self, member: Member) -> None:
        """Tell of a member who left."""
        payload = {"guild_id": str(member.guild_id), "user": user_payload(member.user)}
        self._tell_members("GUILD_MEMBER_REMOVE", member, payload)

    def member_updated(self, member: Member) -> None:
        """Tell of a member's new roles; of its own, the bot is always told."""
        payload = member_payload(member) | {"guild_id": str(member.guild_id)}
        self._tell_members("GUILD_MEMBER_UPDATE", member, payload)

    def _tell_members(self, event: str, member: Member, payload: Json) -> None:
        is_bot = member.user is self._state.bot
        intent = None if is_bot else Intent.GUILD_MEMBERS
        self._gateway.dispatch(event, lambda _: payload, intent=intent, guild_id=member.guild_id)

    def interaction_created(self, payload: Json) -> None:
        """Tell of an interaction, which takes no intent."""
        guild_id = int(payload["guild_id"]) if "guild_id" in payload else None
        self._gateway.dispatch("INTERACTION_CREATE", lambda _: payload, guild_id=guild_id)
        self._state.changes.notify()

    def _tell_guild(self, event: str, guild_id: int, payload: Json) -> None:
        self._gateway.dispatch(event, lambda _: payload, intent=Intent.GUILDS, guild_id=guild_id)
