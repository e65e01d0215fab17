"""The bot is stopped, and started again: what managers began, and the buttons of before."""

import asyncio
import json
import shutil
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.community.management.audit import FILE_NAME
from bot.feedback.book import FeedbackBook, Verdict
from tests.bot.stage import (
    OPENING,
    Stage,
    find_seed_home,
    guides_are_open,
    open_stage,
    play_alone,
    shown,
)
from tests.loopback import BotProcess, Member, Message, Permission, Upload

WELDER = b"# Welder\n\nA welder joins metal parts with heat.\n"


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A home of one test's own."""
    return Path(shutil.copytree(find_seed_home(tmp_path_factory), tmp_path / "home"))


def owner_of(stage: Stage) -> Member:
    return stage.server.add_member(
        stage.guild, stage.server.application_owner, permissions=Permission.MANAGE_GUILD
    )


def deeds_in(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home / FILE_NAME).read_text().splitlines()]


def test_a_rebuild_that_is_stopped_is_told_and_leaves_nothing(home: Path) -> None:
    in_service = (home / "current").read_text()
    before = sorted(path.name for path in home.rglob("*"))

    async def act(stage: Stage) -> None:
        await guides_are_open(stage)
        used = await stage.server.use_command(stage.channel, owner_of(stage), "knowledge rebuild")
        assert (await used.final_message()).content.startswith("Rebuilding")
        stage.process.send_signal(signal.SIGTERM)
        assert await stage.process.wait_for_exit() == 0
        assert used.original is not None
        assert used.original.content.startswith("The rebuild is broken off")
        assert "Traceback" not in stage.process.output

    play_alone(act, "--home", str(home))
    assert (home / "current").read_text() == in_service
    assert deeds_in(home)[-1]["outcome"] == "stopped"
    # What a build begins is under a name of its own until it is whole.
    left = {path.name for path in home.rglob("*")} - {*before}
    assert not [name for name in left if name.startswith((".", "2"))], left


def test_buttons_that_ask_a_manager_survive_a_restart(home: Path) -> None:
    first = (home / "current").read_text().strip()

    async def restart(stack: AsyncExitStack, stage: Stage) -> None:
        stage.process.send_signal(signal.SIGTERM)
        assert await stage.process.wait_for_exit() == 0
        await stage.server.wait_until_gone()
        arguments = ("--home", str(home), "discord")
        stage.process = await stack.enter_async_context(
            BotProcess(stage.server.base_url, *arguments, token=stage.server.token)
        )
        await guides_are_open(stage)

    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await open_stage(stack, "--home", str(home))
            await guides_are_open(stage)
            owner = owner_of(stage)

            async def manage(command: str, **options: Upload | str) -> Message:
                used = await stage.server.use_command(
                    stage.channel, owner, f"knowledge {command}", **options
                )
                message: Message = await used.final_message()
                return message

            rebuilding = await manage("rebuild")
            await stage.server.wait_for(
                lambda: "Rebuilt:" in rebuilding.content or None, "a rebuild", timeout_seconds=60
            )
            assert (home / "current").read_text().strip() != first
            answer = await stage.ask("what does this role do?")
            await manage("add", file=Upload("welder.md", WELDER))
            rollback = await manage("rollback")
            removal = await manage("remove", document="welder.md")
            await restart(stack, stage)
            for asked, label, told in (
                (rollback, "Put it into service", f"In service now: `{first}`."),
                (removal, "Delete it", "welder.md was removed."),
                (answer, "Not helpful", "Thank you"),
            ):
                pressed = await stage.server.click(asked, label, owner)
                assert told in (await pressed.final_message()).content
            assert (home / "current").read_text().strip() == first
            assert OPENING in shown(await stage.ask("what does this role do?"))
            stage.check()

    asyncio.run(run())
    assert [one["action"] for one in deeds_in(home)] == ["rebuild", "add", "rollback", "remove"]
    book = FeedbackBook(home, keep_questions=False, retention_days=1)
    assert book.read_counts().verdicts[Verdict.NOT_HELPFUL] == 1
