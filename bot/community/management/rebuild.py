"""A rebuild that a manager asked for: in a process of its own, with progress in the message."""

import asyncio
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord

from bot.community.management.wording import describe_error, describe_progress, describe_report
from bot.community.places import Interaction
from bot.community.showing.delivery import NO_PINGS
from knowledge.errors import BusyError, RolewiseError

if TYPE_CHECKING:
    from bot.application import Application
    from index.build import BuildReport

_SECONDS_BETWEEN_EDITS = 4.0
_BEGUN = (
    "Rebuilding; questions are answered meanwhile. Should it take more than 14 minutes, I tell you"
    " the outcome in a direct message."
)
_STOPPED = (
    "The rebuild is broken off since I am being stopped. When I am back, `/knowledge status` shows"
    " what is in service."
)
_UNDER_WAY = "A rebuild is under way already. Wait until it is done."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildOutcome:
    """What came of a rebuild; the snapshot where it succeeded."""

    snapshot: str | None
    result: str


class Rebuild:
    """Runs one rebuild at a time."""

    def __init__(self, application: "Application") -> None:
        """Take what builds."""
        self._application = application
        self._is_stopping = threading.Event()
        self._stopped = asyncio.Event()
        self._is_under_way = False
        self._progress = ""

    def stop(self) -> None:
        """Break off the rebuild that is under way, and begin no more."""
        self._is_stopping.set()
        self._stopped.set()

    async def run(self, interaction: Interaction) -> RebuildOutcome:
        """Rebuild, and show how far it has come and what came of it.

        Raises:
            BusyError: a rebuild is under way already.
        """
        if self._is_under_way:
            raise BusyError(_UNDER_WAY)
        self._is_under_way = True
        try:
            outcome, told = await self._rebuild(interaction)
        finally:
            self._is_under_way = False
        await _tell_outcome(interaction, told)
        return outcome

    async def _rebuild(self, interaction: Interaction) -> tuple[RebuildOutcome, str]:
        self._progress = ""
        showing = asyncio.create_task(self._show_progress(interaction))
        try:
            report = await self._build()
        except _StoppedError:
            return RebuildOutcome(snapshot=None, result="stopped"), _STOPPED
        except RolewiseError as error:
            return RebuildOutcome(snapshot=None, result=f"failed: {error}"), describe_error(error)
        except Exception as error:
            log.exception("A rebuild failed")
            result = f"failed: {type(error).__name__}"
            told = "The rebuild failed; the log says why. What was in service still is."
            return RebuildOutcome(snapshot=None, result=result), told
        finally:
            showing.cancel()
            # What is being sent must not arrive behind the outcome.
            await asyncio.gather(showing, return_exceptions=True)
        return RebuildOutcome(snapshot=report.snapshot, result="done"), describe_report(report)

    async def _build(self) -> "BuildReport":
        """Return what came of building; once the bot stops, its process is not waited for.

        It is being ended then, which takes seconds that whoever asked shall not spend in silence.
        """
        building = asyncio.create_task(
            asyncio.to_thread(self._application.rebuild, progress=self._note_progress)
        )
        stopping = asyncio.create_task(self._stopped.wait())
        await asyncio.wait({building, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not building.done():
            building.cancel()
            raise _StoppedError
        return building.result()

    def _note_progress(self, stage: str, done: int, total: int) -> None:
        """Note, in the rebuild's thread, how far it has come."""
        if self._is_stopping.is_set():
            raise _StoppedError
        self._progress = describe_progress(stage, done, total)

    async def _show_progress(self, interaction: Interaction) -> None:
        shown: str | None = None
        while not interaction.is_expired():
            if self._progress != shown:
                shown = self._progress
                try:
                    await interaction.edit_original_response(
                        content=f"{_BEGUN}\n{shown}", allowed_mentions=NO_PINGS
                    )
                except discord.DiscordException as error:
                    log.warning("The progress of a rebuild could not be shown: %s", error)
            await asyncio.sleep(_SECONDS_BETWEEN_EDITS)


class _StoppedError(Exception):
    """A rebuild was broken off since the bot stops."""


async def _tell_outcome(interaction: Interaction, text: str) -> None:
    """Tell the outcome in the message, or directly where Discord takes no more edits of it."""
    try:
        if not interaction.is_expired():
            await interaction.edit_original_response(content=text, allowed_mentions=NO_PINGS)
            return
    except discord.DiscordException as error:
        log.info("The outcome of a rebuild could not be shown in its message: %s", error)
    try:
        await interaction.user.send(text, allowed_mentions=NO_PINGS)
    except discord.DiscordException as error:
        log.warning("Nobody could be told the outcome of a rebuild (%s): %s", error, text)
