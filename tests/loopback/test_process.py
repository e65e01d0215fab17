"""A bot runs as a process of its own, and reaches the loopback server only."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.loopback import BotProcess, LoopbackDiscord, WaitTimeoutError
from tests.loopback.launch import main
from tests.loopback.redirect import point_discord_at


@asynccontextmanager
async def sample_process(server: LoopbackDiscord, **environment: str) -> AsyncIterator[BotProcess]:
    process = BotProcess(
        server.base_url,
        "run",
        token=server.token,
        environment=environment,
        module="tests.loopback.sample_process",
    )
    async with process:
        yield process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_answers_and_ends_at_a_signal(number: signal.Signals) -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            guild = server.add_guild()
            channel = server.add_channel(guild, "general")
            alice = server.add_member(guild, "alice")
            async with sample_process(server) as process:
                assert await process.wait_for_line("arguments") == "arguments ['run']"
                await server.wait_until_ready()
                asked = await server.use_command(channel, alice, "ask", question="works?")
                assert (await asked.final_message()).content == "Answer to works?"
                await asked.followup()
                process.send_signal(number)
                assert await process.wait_for_exit() == 0
            assert "closed in peace" in process.lines
            assert server.breaches == []

    asyncio.run(run())


def test_a_process_that_blocks_beats_late() -> None:
    async def run() -> None:
        async with LoopbackDiscord(heartbeat_interval_seconds=0.2) as server:
            async with sample_process(server, BLOCK_SECONDS="1.2"):
                await server.wait_until_ready()
                late = await server.wait_for(lambda: server.late_heartbeats or None, "a late one")
            assert late[0].lateness_seconds > 0.5

    asyncio.run(run())


def test_a_failed_test_shows_what_the_process_wrote() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            with pytest.raises(WaitTimeoutError) as failed:
                await wait_in_vain(server)
            assert "arguments ['run']" in failed.value.__notes__[0]

    asyncio.run(run())


async def wait_in_vain(server: LoopbackDiscord) -> None:
    async with sample_process(server) as process:
        await process.wait_for_line("arguments")
        await process.wait_for_line("never", timeout_seconds=0.1)


def test_waiting_for_a_line_ends_with_the_process() -> None:
    async def run() -> None:
        process = BotProcess("http://example.com:80", "run", token="secret")
        async with process:
            with pytest.raises(AssertionError, match="ended"):
                await process.wait_for_line("never")
        assert process.exit_code == 2
        assert "the token goes nowhere else" in process.output

    asyncio.run(run())


@pytest.mark.parametrize(
    "address",
    [
        "https://discord.com",
        "http://example.com:8000",
        "http://127.0.0.1@example.com:8000",
        "http://127.0.0.1.example.com:8000",
        "https://127.0.0.1:8000",
        "http://127.0.0.1",
        "http://127.0.0.1:8000/elsewhere",
        "http://0.0.0.0:8000",
        "127.0.0.1:8000",
    ],
)
def test_only_addresses_of_this_machine_are_accepted(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="the token goes nowhere else"):
        point_discord_at(address)
    assert main([address, "--", "run"]) == 2
    assert "the token goes nowhere else" in capsys.readouterr().err


def test_the_launcher_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://127.0.0.1:8000"]) == 2
    assert "usage" in capsys.readouterr().err


def test_other_machines_cannot_be_reached() -> None:
    program = """
import socket
from tests.loopback.redirect import forbid_other_machines
forbid_other_machines()
for host in ("203.0.113.1", "2001:db8::1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as one:
        try:
            one.connect((host, 443))
        except PermissionError:
            print("refused")
with socket.create_server(("127.0.0.1", 0)) as listening:
    socket.create_connection(listening.getsockname()).close()
    print("reached")
"""

    async def run() -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
        )
        written, _ = await process.communicate()
        return written.decode()

    assert asyncio.run(run()).split() == ["refused", "refused", "reached"]
