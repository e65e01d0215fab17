"""A storm of valid and hostile events: nothing breaks, nobody is pinged, all is answered."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.bot.stage import Stage, find_seed_home, guides_are_open, open_stage
from tests.bot.storm.weather import Storm, prepare_home
from tests.soak import IS_FULL, SEED, rounds

MOST_GROWTH_MEGABYTES = 12.0


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_storm_breaks_nothing(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    home = Path(shutil.copytree(find_seed_home(tmp_path_factory), tmp_path / "home"))
    settings = prepare_home(tmp_path, home)

    async def act(stage: Stage) -> None:
        storm = Storm(stage, members=rounds(sample=6, full=16), seed=SEED)
        await storm.blow(rounds(sample=180, full=20_000))
        # In a thread, since asking it all again takes longer than a heartbeat may.
        faults = await asyncio.to_thread(lambda: list(storm.faults(settings)))
        growth = storm.memory_growth_megabytes()
        sys.stdout.write(f"\nevents {dict(storm.done.most_common())}; grew by {growth:.1f} MB\n")
        assert faults == [], "\n".join(faults[:40])
        if IS_FULL:
            assert growth < MOST_GROWTH_MEGABYTES

    asyncio.run(on_stage(act, settings))


async def on_stage(act: Callable[[Stage], Awaitable[None]], settings: Path) -> None:
    async with AsyncExitStack() as stack:
        stage = await open_stage(stack, "--config", str(settings))
        await guides_are_open(stage)
        await act(stage)
