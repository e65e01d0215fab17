"""The names of roles, kept in memory so that they are offered while somebody types."""

import asyncio
import difflib
import logging
import time
from collections.abc import Sequence

from discord import app_commands

from bot.answers.assistant import Assistant
from bot.answers.reading import find_role
from bot.community.places import Interaction
from bot.community.showing.text import clean_text, escape_line, shorten
from index.snapshots.stored import StoredRole
from knowledge.errors import RolewiseError

MAX_CHOICES = 25
MAX_CHOICE = 100

_REFRESH_AFTER_SECONDS = 30.0
_MOST_NAMED = 5
_MAX_SHOWN = 80

log = logging.getLogger(__name__)


class RoleNames:
    """Offers names of roles; read again, beside the offering, when they may have changed."""

    def __init__(self, assistant: Assistant) -> None:
        """Take what knows the roles; none is known until they are read."""
        self._assistant = assistant
        self._roles: tuple[StoredRole, ...] = ()
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    @property
    def are_known(self) -> bool:
        """Whether the roles have been read."""
        return bool(self._roles)

    @property
    def with_guide(self) -> tuple[str, ...]:
        """The names of the roles that guides are about."""
        return tuple(role.name for role in self._roles if role.has_guide)

    async def refresh(self) -> None:
        """Read the names from the snapshot in service."""
        self._read_at = time.monotonic()
        try:
            self._roles = await asyncio.to_thread(
                self._assistant.read, lambda sources: sources.snapshot.roles
            )
        except RolewiseError as error:
            log.info("The roles can't be read yet: %s", error)

    def find(self, name: str) -> StoredRole | None:
        """Return the role that a name means, if it is known and the roles have been read."""
        return find_role(self._roles, name)

    def refresh_soon(self) -> None:
        """Let the names be read again if that was a while ago."""
        is_due = time.monotonic() - self._read_at >= _REFRESH_AFTER_SECONDS
        if self._roles and is_due and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self.refresh())

    async def complete(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Return the names to choose from, given what is typed so far."""
        self.refresh_soon()
        return [app_commands.Choice(name=name, value=name) for name in self.matching(typed)]

    def matching(self, typed: str) -> list[str]:
        """Return names that what is typed may mean: those beginning with it first."""
        wanted = " ".join(typed.casefold().split())
        ranked = sorted(
            (rank, not role.has_guide, position)
            for position, role in enumerate(self._roles)
            if (rank := _rank(role, wanted)) is not None
        )
        names = (_as_choice(self._roles[position].name) for _, _, position in ranked)
        return list(dict.fromkeys(name for name in names if name))[:MAX_CHOICES]

    def explain_unknown(self, name: str) -> str:
        """Return what somebody is told who named a role that the guides don't know."""
        shown = escape_line(name, _MAX_SHOWN) or "–"
        near = self._nearest(name)
        if not near:
            return f"The guides know no role called “{shown}”."
        listed = ", ".join(escape_line(one, _MAX_SHOWN) for one in near)
        return f"The guides know no role called “{shown}”. They know: {listed}."

    def _nearest(self, name: str) -> Sequence[str]:
        by_key = {role.casefold(): role for role in self.with_guide}
        keys = difflib.get_close_matches(name.casefold()[:MAX_CHOICE], by_key, n=_MOST_NAMED)
        return [by_key[key] for key in keys] or self.with_guide[:_MOST_NAMED]


def _rank(role: StoredRole, wanted: str) -> int | None:
    """Return how well a role fits what is typed, less being better, or none if it doesn't."""
    name = role.name.casefold()
    if name.startswith(wanted):
        return 0
    if any(alias.casefold().startswith(wanted) for alias in role.aliases):
        return 1
    return 2 if wanted in name else None


def _as_choice(name: str) -> str:
    """Return a name as Discord takes it: of a longer one the beginning, by which it is found."""
    return shorten(" ".join(clean_text(name).split()), MAX_CHOICE).rstrip(" …")
