"""What runs beside the answers for the bot's owner: feedback, figures, health, the log."""

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bot.answers.replies import outcome_of
from bot.community.upkeep.feedback import Feedback
from bot.community.upkeep.health import HealthServer
from bot.community.upkeep.metrics import Metrics
from bot.community.upkeep.observers import Observer, Told
from bot.feedback.command import open_book
from bot.feedback.notice import describe_keeping
from bot.feedback.recorder import FeedbackRecorder
from index.snapshots.manifest import read_manifest
from knowledge.errors import SnapshotError

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

log = logging.getLogger(__name__)


class Upkeep:
    """Observes the bot, and serves what was observed."""

    def __init__(self, bot: "RolewiseBot") -> None:
        """Begin to observe; nothing is written or served yet."""
        self._bot = bot
        settings = bot.rolewise.settings
        self._recorder = FeedbackRecorder(open_book(settings))
        self._feedback = Feedback(self._recorder)
        self._metrics = Metrics()
        self._last_event = time.monotonic()
        self._built = "", math.nan
        self._deleting: asyncio.Task[None] | None = None
        self._health: HealthServer | None = None
        if settings.discord.health_port:
            self._health = HealthServer(
                settings.discord.health_port, self._metrics, self.describe_health
            )
        for observer in (self._feedback, self._metrics, _ReplyLog(settings.discord.log_questions)):
            bot.observers.add(observer)
        bot.help_notes.append(self._describe_keeping)
        self._add_gauges()

    async def start(self) -> None:
        """Begin to delete what has expired, and to serve how the bot is."""
        self._deleting = asyncio.create_task(self._feedback.delete_expired())
        if self._health is not None:
            await self._health.start()

    async def stop(self) -> None:
        """Write what was noted and end serving."""
        if self._deleting is not None:
            self._deleting.cancel()
        if self._health is not None:
            await self._health.stop()
        await asyncio.to_thread(self._recorder.close)

    def note_event(self) -> None:
        """Note that Discord has sent something."""
        self._last_event = time.monotonic()

    def describe_health(self) -> Mapping[str, object]:
        """Return how the bot is, as /healthz shows it: `ok` where it can answer."""
        is_connected = self._bot.is_connected()
        snapshot = self._snapshot_in_service()
        return {
            "ok": is_connected and self._bot.guides.are_open,
            "connected": is_connected,
            "guides_open": self._bot.guides.are_open,
            "snapshot": snapshot,
        }

    def _describe_keeping(self) -> str:
        settings = self._bot.rolewise.settings.discord
        return describe_keeping(
            keep_questions=settings.keep_questions, retention_days=settings.retention_days
        )

    def _add_gauges(self) -> None:
        bot, add = self._bot, self._metrics.add_gauge
        add("rolewise_connected", "1 while Discord is connected", bot.is_connected)
        add("rolewise_guides_open", "1 once questions can be answered", lambda: bot.guides.are_open)
        add("rolewise_questions_waiting", "Questions that wait", lambda: bot.queue.waiting)
        add(
            "rolewise_questions_under_way",
            "Questions being answered",
            lambda: bot.queue.under_way,
        )
        add("rolewise_servers", "Servers that the bot is in", lambda: len(bot.guilds))
        add(
            "rolewise_gateway_latency_seconds",
            "Discord's answer to the last heartbeat",
            self._latency,
        )
        add(
            "rolewise_last_event_age_seconds",
            "Time since Discord sent something",
            lambda: time.monotonic() - self._last_event,
        )
        add(
            "rolewise_snapshot_age_seconds",
            "Age of the index in service",
            self._snapshot_age,
        )

    def _latency(self) -> float:
        return self._bot.latency if self._bot.is_connected() else math.nan

    def _snapshot_in_service(self) -> str | None:
        try:
            return self._bot.rolewise.home.current_name()
        except SnapshotError:
            return None

    def _snapshot_age(self) -> float:
        name = self._snapshot_in_service()
        if name is None:
            return math.nan
        if name != self._built[0]:
            self._built = name, self._read_time_of_building(name)
        return time.time() - self._built[1]

    def _read_time_of_building(self, name: str) -> float:
        try:
            manifest = read_manifest(self._bot.rolewise.home.folder_of(name))
            return datetime.fromisoformat(manifest.created_at).timestamp()
        except (SnapshotError, ValueError):
            return math.nan


class _ReplyLog(Observer):
    """Logs what came of each question; the question itself only where the owner wants that."""

    def __init__(self, with_questions: bool) -> None:
        self._with_questions = with_questions

    def on_told(self, told: Told) -> None:
        if told.reply is None:
            return
        values: dict[str, object] = {
            "outcome": outcome_of(told.reply).value,
            "channel": told.place.channel_id,
            "seconds": round(told.seconds, 3),
        }
        text = "Replied in channel %(channel)d: %(outcome)s, %(seconds).3f s"
        if self._with_questions:
            values["question"] = told.reply.question
            text += "; asked: %(question)r"
        log.info(text, values, extra=values)
