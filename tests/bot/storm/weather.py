"""The storm as a whole: the guides, the guild, the members, and what is held against the bot."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import yaml

from bot.application import Application
from bot.settings import load_settings
from tests.bot.stage import Stage
from tests.bot.storm.askers import Owed, Places
from tests.bot.storm.hostile import NAMES, write_guides
from tests.bot.storm.members import StormMember
from tests.bot.storm.outcomes import Entry, find_differences, find_markup
from tests.loopback import ChannelType, LoopbackDiscord, Message, MessageType, Permission

SEEDS = Path(__file__).resolve().parents[3] / "seeds"
PATIENT: dict[str, object] = {"conversation_minutes": 10_000, "max_waiting_questions": 500}
"""Settings under which every question is owed an answer."""


def prepare_home(folder: Path, home: Path) -> Path:
    """Build an index of hostile guides and the seed guide; return the settings' file."""
    write_guides(folder / "guides")
    settings = folder / "rolewise.yaml"
    described = {
        "home": str(home),
        "knowledge": {"paths": [str(folder / "guides"), str(SEEDS)]},
        "discord": PATIENT,
    }
    settings.write_text(yaml.safe_dump(described), encoding="utf-8")
    command = [sys.executable, "-m", "bot", "--config", str(settings), "build"]
    subprocess.run(command, check=True, capture_output=True)
    return settings


def choose_rooms(server: LoopbackDiscord, settings: Path) -> None:
    """Add a channel and a forum, and let the bot answer what nobody addresses to it there."""
    guild = server.add_guild("careers")
    rooms = [
        server.add_channel(guild, "ask here"),
        server.add_channel(guild, "posts", kind=ChannelType.FORUM),
    ]
    described = yaml.safe_load(settings.read_text(encoding="utf-8"))
    described["discord"]["unaddressed_channels"] = [one.id for one in rooms]
    settings.write_text(yaml.safe_dump(described), encoding="utf-8")


class Storm:
    """Members who all do something, again and again."""

    def __init__(self, stage: Stage, *, members: int, seed: int) -> None:
        self._stage = stage
        self._seed = seed
        server = stage.server
        guild = stage.guild
        rooms = [one for one in server.state.channels.values() if one.guild_id == guild.id]
        everyone_may = Permission.EMBED_LINKS
        self._places = Places(
            guild=guild,
            open=tuple(server.add_channel(guild, name) for name in ("careers", "@everyone")),
            without_embeds=server.add_channel(guild, "plain"),
            without_history=server.add_channel(guild, "brief"),
            silent=server.add_channel(guild, "silent"),
            unaddressed=next((one for one in rooms if one.name == "ask here"), None),
            forum=next((one for one in rooms if one.type is ChannelType.FORUM), None),
        )
        server.forbid(self._places.without_embeds, server.bot, everyone_may)
        server.forbid(self._places.without_history, server.bot, Permission.READ_MESSAGE_HISTORY)
        server.forbid(self._places.silent, server.bot, Permission.SEND_MESSAGES)
        server.add_member(guild, "machine", is_bot=True)
        self._written_without_reference = {
            self._places.without_history.id,
            self._places.without_embeds.id,
        }
        self.owed = Owed()
        self.entries: list[Entry] = []
        self.done: Counter[str] = Counter()
        self.memory_megabytes: list[float] = []
        self._members = [
            StormMember(
                server,
                server.add_member(guild, f"{NAMES[number % len(NAMES)][:28]} {number}"),
                self._places,
                self.owed,
                self.entries,
            )
            for number in range(members)
        ]

    async def blow(self, events: int) -> None:
        """Let the members do so many things in all."""
        measuring = asyncio.create_task(self._measure_memory())
        try:
            async with asyncio.TaskGroup() as group:
                for number, member in enumerate(self._members):
                    chance = random.Random(f"{self._seed} {number}")
                    share = events // len(self._members)
                    group.create_task(self._live(member, chance, share))
        finally:
            measuring.cancel()
            with suppress(asyncio.CancelledError):
                await measuring

    async def _live(self, member: StormMember, chance: random.Random, events: int) -> None:
        for _ in range(events):
            self.done[await member.act(chance)] += 1

    async def _measure_memory(self) -> None:
        while True:
            self.memory_megabytes.append(self._memory())
            await asyncio.sleep(1.0)

    def _memory(self) -> float:
        status = Path(f"/proc/{self._stage.process.pid}/status")
        if not status.exists():
            return 0.0
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def memory_growth_megabytes(self) -> float:
        """Return by how much the last quarter's memory exceeds that of the quarter before.

        By then, what may be kept is kept: exchanges, caches of texts, threads.
        """
        quarter = len(self.memory_megabytes) // 4
        if not quarter:
            return 0.0
        early = self.memory_megabytes[-2 * quarter : -quarter]
        late = self.memory_megabytes[-quarter:]
        return sum(late) / quarter - sum(early) / quarter

    def faults(self, settings: Path) -> Iterator[str]:
        """Yield everything that the bot should have done otherwise."""
        server = self._stage.server
        yield from (f"breach: {one}" for one in server.breaches)
        yield from (f"ping: {one}" for one in server.pings)
        for line in self._stage.process.lines:
            if " ERROR " in line or " CRITICAL " in line or "Traceback" in line:
                yield f"log: {line}"
        for message in server.bot_messages():
            if message.interaction_metadata is None and message.content != "An answer":
                yield from self._unasked(message)
            for node in find_markup(message):
                yield f"markup: {node} in {message!r}"
        for interaction in server.state.interactions.values():
            original = interaction.original
            if original is not None and original.is_loading and not original.deleted:
                yield f"left waiting: {interaction.label}"
        application = Application(load_settings(settings))
        try:
            different = find_differences(self.entries, application.assistant, server.bot.id)
            yield from (f"answer: {one}" for one in different)
        finally:
            application.close()

    def _unasked(self, message: Message) -> Iterator[str]:
        if message.type is MessageType.REPLY:
            if message.reference_id not in self.owed.message_ids:
                asked = self._stage.server.state.messages.get(message.reference_id or 0)
                yield f"answered what was not asked: {asked!r} with {message!r}"
        elif not (message.channel_id in self._written_without_reference or _goes_on(message)):
            yield f"wrote without being asked: {message!r}"


def _goes_on(message: Message) -> bool:
    """Return whether a message opens a thread that goes on from an answer."""
    return message.content.startswith("Go on here")
