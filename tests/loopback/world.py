"""Guilds, channels and people, as a test arranges them."""

from tests.loopback.events import Events
from tests.loopback.model import (
    Channel,
    ChannelType,
    Guild,
    Member,
    Overwrite,
    Person,
    Role,
    User,
    user_of,
)
from tests.loopback.permissions import EVERYONE_DEFAULT
from tests.loopback.state import State


class World:
    """Arrange what exists; the bot is told of whatever is arranged while it listens."""

    state: State
    events: Events

    @property
    def bot(self) -> User:
        """The bot's own account."""
        return self.state.bot

    def add_guild(
        self,
        name: str = "guild",
        *,
        everyone_permissions: int = EVERYONE_DEFAULT,
        bot_permissions: int = 0,
    ) -> Guild:
        """Add a guild with the bot in it.

        Args:
            bot_permissions: what the bot's own role adds to what everyone may do.
        """
        guild = self.state.create_guild(name, everyone_permissions, bot_permissions)
        self.events.guild_created(guild)
        return guild

    def remove_bot_from(self, guild: Guild) -> None:
        """Remove the bot from a guild."""
        self.events.guild_left(guild)
        del self.state.guilds[guild.id]

    def add_role(
        self, guild: Guild, name: str, *, permissions: int = 0, mentionable: bool = False
    ) -> Role:
        """Add a role."""
        role = Role(
            self.state.next_id(), guild.id, name, permissions, len(guild.roles), mentionable
        )
        guild.roles[role.id] = role
        self.events.role_created(role)
        return role

    def set_permissions(self, role: Role, permissions: int) -> None:
        """Change what a role may do."""
        role.permissions = permissions
        self.events.role_updated(role)

    def add_channel(
        self,
        guild: Guild,
        name: str,
        *,
        kind: ChannelType = ChannelType.TEXT,
        topic: str | None = None,
        overwrites: tuple[Overwrite, ...] = (),
    ) -> Channel:
        """Add a text channel or a forum."""
        position = sum(one.guild_id == guild.id for one in self.state.channels.values())
        channel = self.state.create_channel(
            kind, name, guild_id=guild.id, topic=topic, position=position
        )
        channel.overwrites = list(overwrites)
        self.events.channel_created(channel)
        return channel

    def forbid(self, channel: Channel, target: Role | Person, permissions: int) -> None:
        """Deny somebody permissions in a channel."""
        self._overwrite(channel, target, deny=permissions)

    def permit(self, channel: Channel, target: Role | Person, permissions: int) -> None:
        """Grant somebody permissions in a channel."""
        self._overwrite(channel, target, allow=permissions)

    def _overwrite(
        self, channel: Channel, target: Role | Person, *, allow: int = 0, deny: int = 0
    ) -> None:
        is_member = not isinstance(target, Role)
        target_id = target.id if isinstance(target, Role) else user_of(target).id
        kept = [one for one in channel.overwrites if one.target_id != target_id]
        channel.overwrites = [*kept, Overwrite(target_id, is_member, allow, deny)]
        self.events.channel_updated(channel)

    def add_user(self, username: str, *, is_bot: bool = False) -> User:
        """Add an account that is in no guild."""
        return self.state.create_user(username, is_bot=is_bot)

    def add_member(
        self,
        guild: Guild,
        who: str | User,
        *,
        roles: tuple[Role, ...] = (),
        permissions: int = 0,
        is_bot: bool = False,
    ) -> Member:
        """Let somebody join a guild.

        Args:
            who: an account, or a name for a new one.
            permissions: what they may do beyond everyone, by a role of their own.
        """
        user = self.add_user(who, is_bot=is_bot) if isinstance(who, str) else who
        if permissions:
            roles = (
                *roles,
                self.add_role(guild, f"role-of-{user.username}", permissions=permissions),
            )
        member = self.state.create_member(guild, user, [role.id for role in roles])
        self.events.member_joined(member)
        return member

    def direct_channel(self, person: Person) -> Channel:
        """Return the conversation between a person and the bot."""
        return self.state.direct_channel(user_of(person))
