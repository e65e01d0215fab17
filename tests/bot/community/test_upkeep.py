"""What the owner sees of the bot at work: health, figures, the log, feedback, shards."""

import asyncio
import json
import shutil
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from bot.answers.replies import Outcome
from bot.feedback.book import FeedbackBook
from tests.bot.stage import (
    OPEN_WITHIN_SECONDS,
    OPENING,
    Stage,
    find_seed_home,
    guides_are_open,
    play_alone,
    shown,
)
from tests.loopback import BotProcess, LoopbackDiscord


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A home of one test's own."""
    return Path(shutil.copytree(find_seed_home(tmp_path_factory), tmp_path / "home"))


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def write_settings(home: Path, **values: object) -> str:
    path = home.parent / "rolewise.yaml"
    path.write_text(json.dumps({"home": str(home), "discord": values}), encoding="utf-8")
    return str(path)


async def fetch(port: int, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status, await response.text()


def test_the_bot_at_work_is_seen_from_its_machine(home: Path) -> None:
    port = find_free_port()
    settings = write_settings(home, health_port=port, log_format="json", keep_questions=True)

    async def act(stage: Stage) -> None:
        await guides_are_open(stage)
        await stage.ask("what does this role do?")
        await stage.ask("what does a nurse do?", who=stage.bob)
        status, body = await fetch(port, "/healthz")
        health = json.loads(body)
        assert status == 200
        assert health["ok"] is health["connected"] is health["guides_open"] is True
        assert health["snapshot"]
        status, body = await fetch(port, "/metrics")
        lines = body.splitlines()
        assert 'rolewise_questions_total{outcome="answer"} 1.0' in lines
        assert 'rolewise_questions_total{outcome="not_covered"} 1.0' in lines
        assert "rolewise_reply_seconds_count 2.0" in lines
        assert "rolewise_questions_waiting 0.0" in lines
        assert "rolewise_connected 1.0" in lines
        figures = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        for name in ("gateway_latency", "last_event_age", "snapshot_age"):
            assert float(figures[f"rolewise_{name}_seconds"]) >= 0.0
        assert (await fetch(port, "/"))[0] == 404
        records = [json.loads(line) for line in stage.process.lines]
        replied = [one for one in records if one.get("outcome") == "answer"]
        assert replied[0]["channel"] == stage.channel.id
        assert "this role" not in stage.process.output

    play_alone(act, "--config", settings)
    book = FeedbackBook(home, keep_questions=True, retention_days=1)
    assert book.read_counts().outcomes[Outcome.ANSWER] == 1
    assert [one.question for one in book.read_unanswered(10)] == ["what does a nurse do?"]


def test_what_a_member_wants_forgotten_is_deleted_from_the_feedback(home: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.ask("what does a nurse do?")
        await stage.ask("what does a welder do?", who=stage.bob)
        used = await stage.server.use_command(stage.channel, stage.alice, "forget")
        await used.final_message()

    play_alone(act, "--config", write_settings(home, keep_questions=True))
    book = FeedbackBook(home, keep_questions=True, retention_days=1)
    assert [one.question for one in book.read_unanswered(10)] == ["what does a welder do?"]
    assert b"nurse" not in book.path.read_bytes()


def test_questions_are_logged_where_the_owner_wants_that(home: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.ask("what does this role do?")
        await stage.process.wait_for_line("asked: 'what does this role do\\?'")

    play_alone(act, "--config", write_settings(home, log_questions=True))


def test_a_port_that_is_taken_is_said_and_the_bot_goes_on(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        async def act(stage: Stage) -> None:
            await stage.process.wait_for_line(f"ERROR .*Port {port} can't be had")
            await stage.ask("what does this role do?")

        play_alone(act, "--config", write_settings(home, health_port=port))


def test_while_discord_is_away_the_bot_is_not_healthy(home: Path) -> None:
    port = find_free_port()
    settings = write_settings(home, health_port=port)

    async def run() -> None:
        async with AsyncExitStack() as stack:
            async with LoopbackDiscord() as server:
                process = BotProcess(
                    server.base_url, "--config", settings, "discord", token=server.token
                )
                await stack.enter_async_context(process)
                await server.wait_until_ready(timeout_seconds=OPEN_WITHIN_SECONDS)
                await process.wait_for_line("guides are open", timeout_seconds=OPEN_WITHIN_SECONDS)
                assert (await fetch(port, "/healthz"))[0] == 200
            while (await fetch(port, "/healthz"))[0] == 200:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)
            status, body = await fetch(port, "/healthz")
            assert status == 503
            assert json.loads(body)["connected"] is False
            assert "rolewise_connected 0.0" in (await fetch(port, "/metrics"))[1]
            assert process.is_running

    asyncio.run(run())


def test_as_many_connections_are_opened_as_discord_recommends(home: Path) -> None:
    async def run() -> None:
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(
                LoopbackDiscord(recommended_shards=2, required_shards=2)
            )
            process = BotProcess(
                server.base_url, "--home", str(home), "discord", token=server.token
            )
            stage = Stage(server, await stack.enter_async_context(process))
            guilds = [stage.guild, *(server.add_guild(f"guild {number}") for number in range(3))]
            await process.wait_for_line("Connected as", timeout_seconds=OPEN_WITHIN_SECONDS)
            await guides_are_open(stage)
            for guild in guilds:
                stage.guild = guild
                stage.arrange()
                assert OPENING in shown(await stage.mention("what does this role do?"))
            sessions = server.gateway.sessions.values()
            assert sorted((one.shard_id, one.shard_count) for one in sessions) == [(0, 2), (1, 2)]
            stage.check()

    asyncio.run(run())
