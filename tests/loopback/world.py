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
    TeamMember,
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

    @property
    def application_owner(self) -> User:
        """Who owns the application, unless a team does."""
        return self.state.application_owner

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
        self.state.leave_guild(guild)

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
        tags: tuple[str, ...] = (),
        requires_tag: bool = False,
        is_for_system: bool = False,
    ) -> Channel:
        """Add a text channel or a forum.

        Args:
            tags: of a forum, what its posts may be tagged with.
            is_for_system: whether the guild's greetings and notices are written there.
        """
        position = sum(one.guild_id == guild.id for one in self.state.channels.values())
        channel = self.state.create_channel(
            kind, name, guild_id=guild.id, topic=topic, position=position
        )
        channel.overwrites = list(overwrites)
        channel.requires_tag = requires_tag
        channel.tags = [
            {"id": str(self.state.next_id()), "name": tag, "moderated": False}
            | {"emoji_id": None, "emoji_name": None}
            for tag in tags
        ]
        if is_for_system:
            guild.system_channel_id = channel.id
        self.events.channel_created(channel)
        return channel

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel or a thread, with all that is in it."""
        self.events.channel_deleted(channel)
        self.state.remove_channel(channel)

    def archive_thread(self, thread: Channel, *, locked: bool = False) -> None:
        """Archive a thread; one that is locked stays so when somebody writes."""
        thread.archived, thread.locked = True, locked
        self.events.channel_updated(thread)

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

    def remove_member(self, member: Member) -> None:
        """Let somebody leave a guild."""
        guild = self.state.guilds[member.guild_id]
        del guild.members[member.user.id]
        self.events.member_left(member)

    def set_roles(self, member: Member, *roles: Role) -> None:
        """Give a member these roles and no others."""
        member.role_ids = [role.id for role in roles]
        self.events.member_updated(member)

    def own_application(self, *team: TeamMember) -> None:
        """Let a team own the application, in place of `application_owner`."""
        self.state.team = list(team)

    def direct_channel(self, person: Person) -> Channel:
        """Return the conversation between a person and the bot."""
        return self.state.direct_channel(user_of(person))
