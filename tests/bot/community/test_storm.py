"""A storm of valid and hostile events: nothing breaks, nobody is pinged, all is answered."""

import asyncio
import shutil
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.bot.stage import Stage, find_seed_home, guides_are_open, open_stage
from tests.bot.storm.weather import Storm, choose_rooms, prepare_home
from tests.loopback import Intent, LoopbackDiscord
from tests.soak import IS_FULL, SEED, rounds

MOST_GROWTH_MEGABYTES = 6.0


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_storm_breaks_nothing(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    settings = find_settings(tmp_path_factory, tmp_path)

    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await open_stage(stack, "--config", str(settings))
            storm = await blow(stage, settings, events=rounds(sample=180, full=20_000))
            growth = storm.memory_growth_megabytes()
            sys.stdout.write(f"\nmemory in the end: {growth:+.1f} MB\n")
            if IS_FULL:
                assert growth < MOST_GROWTH_MEGABYTES

    asyncio.run(run())


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_storm_breaks_nothing_where_the_bot_reads_all(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    settings = find_settings(tmp_path_factory, tmp_path)

    def prepare(server: LoopbackDiscord) -> tuple[str, ...]:
        choose_rooms(server, settings)
        return ("--config", str(settings))

    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await open_stage(stack, prepare=prepare, allowed_intents=Intent.MESSAGE_CONTENT)
            await blow(stage, settings, events=rounds(sample=120, full=4_000))

    asyncio.run(run())


def find_settings(factory: pytest.TempPathFactory, folder: Path) -> Path:
    home = Path(shutil.copytree(find_seed_home(factory), folder / "home"))
    return prepare_home(folder, home)


async def blow(stage: Stage, settings: Path, *, events: int) -> Storm:
    """Let a storm blow, and hold against the bot what it did."""
    await guides_are_open(stage)
    storm = Storm(stage, members=rounds(sample=6, full=16), seed=SEED)
    await storm.blow(events)
    # In a thread, since asking it all again takes longer than a heartbeat may.
    faults = await asyncio.to_thread(lambda: list(storm.faults(settings)))
    sys.stdout.write(f"\nevents {dict(storm.done.most_common())}\n")
    assert faults == [], "\n".join(faults[:40])
    return storm
