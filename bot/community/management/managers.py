"""Who may manage the guides: whatever a server allows, the bot decides by itself."""

import time
from collections.abc import Awaitable, Callable

import discord

_KEEP_SECONDS = 600.0
_WORKING_ROLES = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)


class Managers:
    """Knows the application's owner or team, and the users and roles of the settings."""

    def __init__(
        self, named: tuple[int, ...], ask_discord: Callable[[], Awaitable[discord.AppInfo]]
    ) -> None:
        """Take whom the settings name.

        Args:
            named: Ids of users and roles.
            ask_discord: Returns what Discord knows of the application.
        """
        self._named = frozenset(named)
        self._ask_discord = ask_discord
        self._owners: frozenset[int] = frozenset()
        self._asked_at = float("-inf")

    async def include(self, user: discord.User | discord.Member) -> bool:
        """Return whether somebody may manage the guides.

        Raises:
            discord.DiscordException: whom the application belongs to can't be found out.
        """
        ids = {user.id}
        if isinstance(user, discord.Member):
            # The role that everybody has goes by the server's id, and is nobody's in particular.
            ids |= {role.id for role in user.roles} - {user.guild.id}
        return bool(ids & self._named) or user.id in await self._find_owners()

    async def _find_owners(self) -> frozenset[int]:
        """Return the application's owner, or the members of its team who may change it."""
        if time.monotonic() - self._asked_at > _KEEP_SECONDS:
            application = await self._ask_discord()
            if application.team is None:
                self._owners = frozenset({application.owner.id})
            else:
                self._owners = frozenset(
                    member.id
                    for member in application.team.members
                    if member.membership_state is discord.TeamMembershipState.accepted
                    and (member.role in _WORKING_ROLES or member.id == application.team.owner_id)
                )
            self._asked_at = time.monotonic()
        return self._owners
