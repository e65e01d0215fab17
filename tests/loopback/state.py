"""Everything the loopback Discord knows, and the records a test looks into."""

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import quote

from tests.loopback.clock import Clock
from tests.loopback.errors import DiscordError, unknown
from tests.loopback.interactions import Interaction
from tests.loopback.model import (
    PRIVILEGED_INTENTS,
    Breach,
    Channel,
    ChannelType,
    Guild,
    Heartbeat,
    Intent,
    Json,
    Member,
    Message,
    MessageType,
    Person,
    Ping,
    RequestRecord,
    Role,
    TeamMember,
    Typing,
    Upload,
    User,
    user_of,
)
from tests.loopback.permissions import (
    ALL,
    DIRECT,
    Permission,
    channel_permissions,
    guild_permissions,
)
from tests.loopback.waiting import Changes

DISCORD_EPOCH_MILLISECONDS = 1_420_070_400_000
TOKEN = "bG9vcGJhY2s.test.token-for-loopback-only"


class State:
    """The server's memory: what exists, and what the bot did."""

    def __init__(self, clock: Clock, *, token: str, allowed_privileged_intents: Intent) -> None:
        """Create an application and its bot, alone in the world.

        Args:
            allowed_privileged_intents: those switched on in the developer portal.
        """
        self.clock = clock
        self.changes = Changes()
        self.token = token
        self.base_url = ""
        self.allowed_privileged_intents = allowed_privileged_intents & PRIVILEGED_INTENTS
        self._last_id = 0
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self._messages_by_channel: defaultdict[int, list[Message]] = defaultdict(list)
        self._replies: defaultdict[int, list[Message]] = defaultdict(list)
        self.interactions: dict[str, Interaction] = {}
        self.commands: dict[int, Json] = {}
        self.files: dict[int, bytes] = {}
        self.bot = self.create_user("rolewise", is_bot=True)
        self.application_id = self.bot.id
        self.application_owner = self.create_user("application-owner")
        self.team: list[TeamMember] = []
        self.recommended_shards = 1
        self.required_shards = 1
        self.lost_channel_ids: set[int] = set()
        self.breaches: list[Breach] = []
        self.pings: list[Ping] = []
        self.typing: list[Typing] = []
        self.requests: list[RequestRecord] = []
        self.heartbeats: list[Heartbeat] = []

    def next_id(self) -> int:
        """Return a new snowflake; later ones are greater."""
        milliseconds = int(self.clock.now() * 1000) - DISCORD_EPOCH_MILLISECONDS
        self._last_id = max(self._last_id + 1, milliseconds << 22)
        return self._last_id

    def fall_behind(self, seconds: float) -> None:
        """Put the clock back: what people do is then old by the bot's. Less than 0 undoes it."""
        self.clock.advance(-seconds)
        self._last_id = 0

    def create_user(self, username: str, *, is_bot: bool = False) -> User:
        """Create an account."""
        user = User(self.next_id(), username, is_bot)
        self.users[user.id] = user
        return user

    def create_member(self, guild: Guild, user: User, role_ids: list[int]) -> Member:
        """Let a user join a guild."""
        member = Member(user, guild.id, self.clock.now(), role_ids)
        guild.members[user.id] = member
        return member

    def create_guild(self, name: str, everyone_permissions: int, bot_permissions: int) -> Guild:
        """Create a guild, with an owner and with the bot and its role in it."""
        owner = self.create_user(f"owner-of-{name}")
        guild = Guild(self.next_id(), name, owner.id)
        self.guilds[guild.id] = guild
        guild.roles[guild.id] = Role(guild.id, guild.id, "@everyone", everyone_permissions, 0)
        bot_role = Role(
            self.next_id(), guild.id, self.bot.username, bot_permissions, 1, managed=True
        )
        guild.roles[bot_role.id] = bot_role
        self.create_member(guild, owner, [])
        self.create_member(guild, self.bot, [bot_role.id])
        return guild

    def create_channel(self, kind: ChannelType, name: str, **details: int | str | None) -> Channel:
        """Create a channel.

        Args:
            details: further fields of `Channel`.
        """
        channel = Channel(self.next_id(), kind, name, created_at=self.clock.now())
        for field_name, value in details.items():
            setattr(channel, field_name, value)
        self.channels[channel.id] = channel
        return channel

    def remove_channel(self, channel: Channel) -> None:
        """Let a channel be gone, with its threads and all that was written there."""
        for thread in [one for one in self.channels.values() if one.parent_id == channel.id]:
            self.remove_channel(thread)
        for message in self.messages_in(channel):
            message.deleted = True
        del self.channels[channel.id]

    def leave_guild(self, guild: Guild) -> None:
        """Take the bot out of a guild: it no longer has access to anything there."""
        del self.guilds[guild.id]
        for channel in [one for one in self.channels.values() if one.guild_id == guild.id]:
            if channel.id in self.channels:
                self.lost_channel_ids.add(channel.id)
                self.remove_channel(channel)

    def store_file(self, upload: Upload, *, is_ephemeral: bool = False) -> Json:
        """Keep a file, and describe it as an attachment."""
        attachment_id = self.next_id()
        self.files[attachment_id] = upload.content
        folder = "ephemeral-attachments" if is_ephemeral else "attachments"
        url = f"{self.base_url}/{folder}/{attachment_id}/{quote(upload.filename)}"
        described: Json = {
            "id": str(attachment_id),
            "filename": upload.filename,
            "size": len(upload.content),
            "url": url,
            "proxy_url": url,
        }
        if upload.content_type is not None:
            described["content_type"] = upload.content_type
        return described | ({"ephemeral": True} if is_ephemeral else {})

    def renumber_channel(self, channel: Channel, new_id: int) -> None:
        """Give a channel the id of the message that it belongs to."""
        del self.channels[channel.id]
        channel.id = new_id
        self.channels[new_id] = channel

    def direct_channel(self, user: User) -> Channel:
        """Return the conversation between the bot and a user, opening it if need be."""
        for channel in self.channels.values():
            if channel.type is ChannelType.DIRECT and user.id in channel.recipient_ids:
                return channel
        channel = self.create_channel(ChannelType.DIRECT, "")
        channel.recipient_ids = [user.id]
        return channel

    def add_message(self, message: Message) -> Message:
        """Put a message into its channel."""
        if message.id not in self.messages:
            self._messages_by_channel[message.channel_id].append(message)
            if message.author is self.bot and message.type is MessageType.REPLY:
                self._replies[message.reference_id or 0].append(message)
        self.messages[message.id] = message
        channel = self.channels[message.channel_id]
        if not message.is_ephemeral:
            channel.last_message_id = message.id
        return message

    def new_thread_starter(self, thread: Channel, starter: User, on: Message) -> Message:
        """Return the message by which a thread shows the message that it was started on."""
        message = Message(self.next_id(), thread.id, starter, self.clock.now())
        message.type = MessageType.THREAD_STARTER
        message.reference_id, message.reference_channel_id = on.id, on.channel_id
        return message

    def messages_in(self, channel: Channel) -> Iterator[Message]:
        """Yield a channel's messages, oldest first."""
        written = self._messages_by_channel[channel.id]
        return (message for message in written if not message.deleted)

    def replies_to(self, message: Message) -> list[Message]:
        """Return the bot's messages that reply to one."""
        return [reply for reply in self._replies[message.id] if not reply.deleted]

    def find_channel(self, channel_id: int) -> Channel:
        """Return a channel, or refuse as Discord does."""
        if channel_id in self.lost_channel_ids:
            raise DiscordError(403, 50001, "Missing Access")
        if channel_id not in self.channels:
            raise unknown("Channel")
        return self.channels[channel_id]

    def find_message(self, channel_id: int, message_id: int) -> Message:
        """Return a message, or refuse as Discord does."""
        message = self.messages.get(message_id)
        if message is None or message.deleted or message.channel_id != channel_id:
            raise unknown("Message")
        return message

    def find_guild(self, guild_id: int) -> Guild:
        """Return a guild that the bot is in, or refuse as Discord does."""
        if guild_id not in self.guilds:
            raise unknown("Guild")
        return self.guilds[guild_id]

    def guild_of(self, channel: Channel) -> Guild | None:
        """Return the guild of a channel; a conversation has none."""
        return None if channel.guild_id is None else self.guilds.get(channel.guild_id)

    def member_of(self, guild: Guild | None, person: Person) -> Member | None:
        """Return a person as a member of a guild."""
        return None if guild is None else guild.members.get(user_of(person).id)

    def permissions_in(self, channel: Channel, person: Person) -> int:
        """Return what a person may do in a channel."""
        guild = self.guild_of(channel)
        user = user_of(person)
        if channel.guild_id is not None and guild is None:
            return 0
        if guild is None:
            return DIRECT if user is self.bot or user.id in channel.recipient_ids else 0
        member = guild.members.get(user.id)
        if member is None:
            return 0
        parent = channel
        if channel.is_thread and channel.parent_id in self.channels:
            parent = self.channels[channel.parent_id]
        granted = channel_permissions(guild, parent, member)
        is_hidden = (
            channel.type is ChannelType.PRIVATE_THREAD
            and user.id not in channel.thread_member_ids
            and not granted & Permission.MANAGE_THREADS
        )
        return 0 if is_hidden else granted

    def guild_permissions_of(self, guild: Guild, person: Person) -> int:
        """Return what a person may do in a guild, whatever its channels say."""
        member = guild.members.get(user_of(person).id)
        return 0 if member is None else guild_permissions(guild, member)

    def may(self, person: Person, permission: int, channel: Channel) -> bool:
        """Tell whether a person has a permission in a channel."""
        granted = self.permissions_in(channel, person)
        return granted == ALL or granted & permission == permission

    def can_read(self, message: Message, person: Person) -> bool:
        """Tell whether a person sees a message."""
        if message.deleted:
            return False
        user = user_of(person)
        if message.is_ephemeral:
            return user.id == message.viewer_id
        channel = self.channels.get(message.channel_id)
        return channel is not None and self.may(user, Permission.VIEW_CHANNEL, channel)

    def record_breach(self, route: str, rule: str, detail: str) -> None:
        """Note that the bot broke a rule."""
        self.breaches.append(Breach(route, rule, detail))
        self.changes.notify()

    def describe_activity(self) -> str:
        """Tell what the bot did lately, for the message of a failed wait."""
        requests = [f"{one.method} {one.path} -> {one.status}" for one in self.requests[-8:]]
        written = [one for one in self.messages.values() if one.author is self.bot][-5:]
        return (
            f"last requests {requests}; last messages of the bot {written}; "
            f"breaches {self.breaches}"
        )
