"""What managers do with the guides; every change is written down, and told to them alone."""

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.community.management.audit import Audit, Deed
from bot.community.management.buttons import RollBackButton
from bot.community.management.managers import Managers
from bot.community.management.rebuild import Rebuild
from bot.community.management.wording import (
    describe_error,
    describe_gaps,
    describe_rows,
    describe_snapshot,
    describe_snapshots,
    fit,
)
from bot.community.places import Interaction
from bot.community.showing.delivery import NO_PINGS, tell_privately
from knowledge.errors import RolewiseError

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot
    from index.snapshots.snapshots import SnapshotListing

_REFUSED = (
    "Only the owner of this bot, and whom its settings name under `discord.managers`, may do that."
)
_FAILED = "That failed, and the log says why."

log = logging.getLogger(__name__)


class Management:
    """Does what managers ask for, and refuses everybody else."""

    def __init__(self, bot: "RolewiseBot") -> None:
        """Take the bot; nothing is asked of Discord yet."""
        settings = bot.rolewise.settings
        self._bot = bot
        self._application = bot.rolewise
        self._managers = Managers(settings.discord.managers, bot.application_info)
        self._audit = Audit(settings.home)
        self._rebuild = Rebuild(bot.rolewise)

    def stop(self) -> None:
        """Break off a rebuild that is under way."""
        self._rebuild.stop()

    async def is_manager(self, interaction: Interaction) -> bool:
        """Return whether who uses a command may manage the guides; nobody, if it can't be told."""
        try:
            return await self._managers.include(interaction.user)
        except discord.DiscordException as error:
            log.warning("Whom the application belongs to can't be found out: %s", error)
            return False

    async def carry_out(
        self, interaction: Interaction, action: str, do: Callable[[], Awaitable[None]]
    ) -> None:
        """Do something for a manager; what goes wrong is told, and others are refused."""
        # To look up whom the bot belongs to can take longer than Discord waits.
        await interaction.response.defer(thinking=True, ephemeral=True)
        if not await self.is_manager(interaction):
            log.warning("Refused %s to %d", action, interaction.user.id)
            await show(interaction, _REFUSED)
            return
        with self._bot.asking.finishing_before_stop():
            try:
                await do()
            except RolewiseError as error:
                await show(interaction, describe_error(error))
            except Exception:
                log.exception("%s failed", action)
                await show(interaction, _FAILED)

    async def rebuild(self, interaction: Interaction) -> None:
        """Build the index of the guides anew, and tell how far it has come."""
        outcome = await self._rebuild.run(interaction)
        self.note(interaction, "rebuild", outcome.snapshot, outcome.result)

    async def show_status(self, interaction: Interaction) -> None:
        """Show what is in service."""
        from bot.terminal.screen import status_rows

        status = await asyncio.to_thread(self._application.read_status)
        rows = describe_rows(status_rows(replace(status, snapshots=())))
        snapshots = map(describe_snapshot, reversed(status.snapshots))
        await show(interaction, fit([*rows, "**Snapshots:**", *snapshots], "**In service**"))

    async def offer_to_roll_back(self, interaction: Interaction, name: str | None) -> None:
        """Show the snapshots, and a button that puts an earlier one into service."""
        snapshots = await asyncio.to_thread(self._application.snapshots)
        target = _find_target(snapshots, name)
        if target is None:
            head = "There is no snapshot before." if name is None else "There is no such snapshot."
            await show(interaction, f"{head}\n{describe_snapshots(snapshots)}")
            return
        view = discord.ui.View(timeout=None)
        view.add_item(RollBackButton(target.name))
        text = f"{describe_snapshots(snapshots)}\n\nPut this one into service?"
        await show(interaction, f"{text}\n{describe_snapshot(target)}", view=view)

    async def roll_back(self, interaction: Interaction, name: str) -> None:
        """Put an earlier snapshot into service."""
        try:
            snapshot = await asyncio.to_thread(self._application.roll_back, name)
        except RolewiseError as error:
            self.note(interaction, "rollback", name, f"refused: {error}")
            raise
        self.note(interaction, "rollback", snapshot, "done")
        await show(interaction, f"In service now: `{snapshot}`.")

    async def snapshot_names(self) -> Sequence[str]:
        """Return the names of the snapshots that are not in service, the newest first."""
        snapshots = await asyncio.to_thread(self._application.snapshots)
        return [one.name for one in reversed(snapshots) if not one.is_in_service]

    async def show_gaps(self, interaction: Interaction) -> None:
        """Show what the guides left open, with all of it as a file."""
        from bot.feedback.command import open_book
        from bot.feedback.export import gaps_to_yaml
        from bot.feedback.gaps import find_gaps

        book = open_book(self._application.settings)
        gaps = await asyncio.to_thread(find_gaps, book, self._application.load_encoder)
        text = describe_gaps(gaps)
        if not gaps.groups:
            await show(interaction, text)
            return
        exported = io.BytesIO(gaps_to_yaml(gaps.groups).encode())
        await show(interaction, text, file=discord.File(exported, "gaps.yaml"))

    def note(
        self, interaction: Interaction, action: str, subject: str | None, outcome: str
    ) -> None:
        """Write down what a manager did or tried."""
        self._audit.note(
            Deed(
                action=action,
                subject=subject,
                outcome=outcome,
                user_id=interaction.user.id,
                user_name=interaction.user.name,
                guild_id=interaction.guild_id,
            )
        )


async def show(
    interaction: Interaction,
    text: str,
    *,
    view: discord.ui.View | None = None,
    file: discord.File | None = None,
) -> None:
    """Put a text in the place of the message that the bot thinks, for the manager alone."""
    try:
        await interaction.edit_original_response(
            content=text,
            view=view,
            attachments=[file] if file else [],
            allowed_mentions=NO_PINGS,
        )
    except discord.DiscordException as error:
        log.warning("A manager could not be shown what came of it: %s", error)
        await tell_privately(interaction, text)


def _find_target(
    snapshots: Sequence["SnapshotListing"], name: str | None
) -> "SnapshotListing | None":
    """Return the snapshot named, or the one before that in service."""
    if name is not None:
        return next((one for one in snapshots if one.name == name), None)
    before = None
    for snapshot in snapshots:
        if snapshot.is_in_service:
            return before
        before = snapshot
    return before
