"""What a Discord consists of: people, guilds, channels, messages and what befell them."""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag, StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Upload:
    """A file that somebody attaches to a message or gives to a command."""

    filename: str
    content: bytes
    content_type: str | None = None


class ChannelType(IntEnum):
    """The kinds of channel that the server knows."""

    TEXT = 0
    DIRECT = 1
    FORUM = 15
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


class MessageType(IntEnum):
    """The kinds of message that the server writes."""

    DEFAULT = 0
    CHANNEL_PINNED = 6
    MEMBER_JOINED = 7
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU_COMMAND = 23


class MessageFlag(IntFlag):
    """The message flags that matter here."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


class Intent(IntFlag):
    """The gateway intents that filter the events the server sends."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED_INTENTS = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


class PingKind(StrEnum):
    """Whom a ping reaches."""

    USER = "user"
    ROLE = "role"
    EVERYONE = "everyone"
    HERE = "here"


@dataclass(eq=False)
class User:
    """An account."""

    id: int
    username: str
    is_bot: bool = False
    accepts_direct_messages: bool = True

    @property
    def mention(self) -> str:
        """The text that mentions this user."""
        return f"<@{self.id}>"


@dataclass(eq=False)
class Role:
    """A role of a guild; the one with the guild's id is @everyone."""

    id: int
    guild_id: int
    name: str
    permissions: int
    position: int
    mentionable: bool = False
    managed: bool = False

    @property
    def mention(self) -> str:
        """The text that mentions this role."""
        return f"<@&{self.id}>"


@dataclass(frozen=True)
class TeamMember:
    """A user in the team that owns the application.

    Attributes:
        role: "admin", "developer" or "read_only".
        has_accepted: False while the invitation stands.
    """

    user: User
    role: str = "admin"
    has_accepted: bool = True


@dataclass(eq=False)
class Member:
    """A user in a guild."""

    user: User
    guild_id: int
    joined_at: float
    role_ids: list[int] = field(default_factory=list)
    nick: str | None = None

    @property
    def mention(self) -> str:
        """The text that mentions this member."""
        return self.user.mention


Person: TypeAlias = User | Member


def user_of(person: Person) -> User:
    """Return the account behind a user or a member."""
    return person.user if isinstance(person, Member) else person


@dataclass(frozen=True)
class Overwrite:
    """A channel's exception for one role or one member."""

    target_id: int
    is_member: bool
    allow: int = 0
    deny: int = 0


@dataclass(eq=False)
class Channel:
    """A channel, a thread or a conversation."""

    id: int
    type: ChannelType
    name: str = ""
    guild_id: int | None = None
    parent_id: int | None = None
    owner_id: int | None = None
    position: int = 0
    topic: str | None = None
    overwrites: list[Overwrite] = field(default_factory=list)
    recipient_ids: list[int] = field(default_factory=list)
    last_message_id: int | None = None
    awaits_starter: bool = False
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    tags: list[Json] = field(default_factory=list)
    applied_tag_ids: list[int] = field(default_factory=list)
    requires_tag: bool = False
    created_at: float = 0.0
    thread_member_ids: set[int] = field(default_factory=set)

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread."""
        return self.type in (ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD)

    @property
    def mention(self) -> str:
        """The text that links to this channel."""
        return f"<#{self.id}>"


@dataclass(eq=False)
class Guild:
    """A guild: what people call a server."""

    id: int
    name: str
    owner_id: int
    system_channel_id: int | None = None
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)

    @property
    def everyone(self) -> Role:
        """The @everyone role."""
        return self.roles[self.id]


@dataclass(frozen=True)
class Mentions:
    """Whom a message mentions with effect.

    Attributes:
        replied_user_id: the author of the message replied to, where that pings.
    """

    user_ids: tuple[int, ...] = ()
    role_ids: tuple[int, ...] = ()
    everyone: bool = False
    here: bool = False
    replied_user_id: int | None = None


@dataclass(eq=False)
class Message:
    """A message; it changes in place when it is edited.

    Attributes:
        viewer_id: for an ephemeral message, the only person who sees it.
        interaction_metadata: the interaction that it answers, as Discord's payload names it.
        webhook_id: of a message that no member wrote, the webhook that did.
        earlier_contents: what `content` was before each edit.
    """

    id: int
    channel_id: int
    author: User
    created_at: float
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    type: MessageType = MessageType.DEFAULT
    flags: int = 0
    mentions: Mentions = field(default_factory=Mentions)
    reference_id: int | None = None
    reference_channel_id: int | None = None
    edited_at: float | None = None
    deleted: bool = False
    thread_id: int | None = None
    viewer_id: int | None = None
    application_id: int | None = None
    webhook_id: int | None = None
    interaction_metadata: Json | None = None
    nonce: str | None = None
    reactions: dict[str, set[int]] = field(default_factory=dict)
    earlier_contents: list[str] = field(default_factory=list)

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.flags & MessageFlag.EPHEMERAL)

    @property
    def is_loading(self) -> bool:
        """Whether it still says that the application is thinking."""
        return bool(self.flags & MessageFlag.LOADING)

    @property
    def text(self) -> str:
        """Everything a reader can read in it: content, embeds and text components."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("author", {}).get("name", ""), embed.get("title", "")]
            parts.append(embed.get("description", ""))
            for embed_field in embed.get("fields", []):
                parts += [embed_field.get("name", ""), embed_field.get("value", "")]
            parts.append(embed.get("footer", {}).get("text", ""))
        parts += [
            part["content"] for part in walk_components(self.components) if part["type"] == 10
        ]
        return "\n".join(part for part in parts if part)

    @property
    def interactive_components(self) -> list[Json]:
        """The buttons and selects in it, in reading order."""
        return [part for part in walk_components(self.components) if part["type"] in range(2, 9)]

    def __repr__(self) -> str:
        """Show what a failing test needs."""
        private = " ephemeral" if self.is_ephemeral else ""
        thinking = " loading" if self.is_loading else ""
        return f"<Message {self.id}{private}{thinking} by {self.author.username}: {self.text!r}>"


def walk_components(components: list[Json]) -> list[Json]:
    """Return all components of a message, each before what it contains."""
    found: list[Json] = []
    for component in components:
        found.append(component)
        found += walk_components(component.get("components", []))
        found += walk_components(
            [component[key] for key in ("accessory", "component") if key in component]
        )
    return found


@dataclass(frozen=True)
class Breach:
    """A limit of Discord's that the bot broke."""

    route: str
    rule: str
    detail: str


@dataclass(frozen=True)
class Ping:
    """A notification that a message of the bot's would give."""

    kind: PingKind
    target_id: int
    message_id: int


@dataclass(frozen=True)
class Heartbeat:
    """A heartbeat, and by how much it missed its interval (negative: early)."""

    session_id: str
    lateness_seconds: float


@dataclass(frozen=True)
class Typing:
    """The bot showed that it is typing."""

    channel_id: int
    at: float


@dataclass(frozen=True)
class RequestRecord:
    """A request that the bot made, and how it was answered."""

    method: str
    path: str
    status: int
    code: int | None = None
