"""Two hundred members ask at once: each is acknowledged in time, and no heartbeat is late."""

import asyncio
import shutil
import statistics
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.community.settings import DiscordSettings
from tests.bot.stage import OPENING, Stage, find_seed_home, guides_are_open, open_stage, shown
from tests.loopback import CallbackKind, Interaction, Message
from tests.loopback.interactions import ACKNOWLEDGE_WITHIN_SECONDS
from tests.soak import rounds

HEARTBEAT_SECONDS = 1.0
WAIT_SECONDS = 120.0


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "waiting",
    [DiscordSettings().max_waiting_questions, 32],
    ids=["as set by default", "few may wait"],
)
def test_many_members_ask_at_once(
    waiting: int, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(find_seed_home(tmp_path_factory), tmp_path / "home"))
    settings = tmp_path / "rolewise.yaml"
    settings.write_text(f"discord: {{max_waiting_questions: {waiting}}}\n", encoding="utf-8")
    asking = rounds(sample=40, full=200)

    async def act(stage: Stage) -> None:
        members = [stage.server.add_member(stage.guild, f"member {one}") for one in range(asking)]
        asked = await asyncio.gather(
            *(stage.use_ask("what does this role do?", who=member) for member in members)
        )
        answers = await asyncio.gather(*(final_message(stage, one) for one in asked))
        told = [one for one in answers if "Many questions are waiting" in one.content]
        answered = [one for one in answers if OPENING in shown(one)]
        assert len(told) + len(answered) == asking
        assert waiting < asking or not told
        assert all(one.is_ephemeral for one in told)
        assert stage.server.breaches == []
        assert stage.server.late_heartbeats == []
        seconds = sorted((one.acknowledged_at or 0.0) - one.created_at for one in asked)
        assert seconds[-1] < ACKNOWLEDGE_WITHIN_SECONDS
        finished = stage.server.clock.now() - min(one.created_at for one in asked)
        sys.stdout.write(
            f"\n{asking} at once, {waiting} may wait: {len(answered)} answered, the last within"
            f" {finished:.2f} s; acknowledged within {statistics.median(seconds):.3f} s (median),"
            f" {seconds[int(0.95 * asking)]:.3f} s (p95), {seconds[-1]:.3f} s (last);"
            f" heartbeats every {HEARTBEAT_SECONDS:g} s, the latest"
            f" {max((one.lateness_seconds for one in stage.server.heartbeats), default=0.0):.3f} s"
            " after that\n"
        )

    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await open_stage(
                stack,
                *("--config", str(settings), "--home", str(home)),
                environment={"PYTHONHASHSEED": "0"},  # with it, a heartbeat each second
            )
            await guides_are_open(stage)
            await act(stage)

    asyncio.run(run())


async def final_message(stage: Stage, interaction: Interaction) -> Message:
    """Wait for what somebody is told in the end."""
    kind = await interaction.acknowledged(timeout_seconds=WAIT_SECONDS)
    assert kind in {CallbackKind.MESSAGE, CallbackKind.DEFERRED_MESSAGE}

    def find() -> Message | None:
        if interaction.followups:
            return interaction.followups[-1]
        return interaction.original if interaction.is_resolved else None

    return await stage.server.wait_for(find, "an answer", timeout_seconds=WAIT_SECONDS)
