"""Commands are registered by hand, for all servers or for one."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bot.cli
from tests.loopback import LoopbackDiscord


async def run(server: LoopbackDiscord, home: Path, *arguments: str) -> tuple[int, str]:
    launch = (sys.executable, "-m", "tests.loopback.launch", server.base_url, "--")
    process = await asyncio.create_subprocess_exec(
        *(*launch, "--home", str(home), "discord", *arguments),
        env={**os.environ, "DISCORD_TOKEN": server.token},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


def test_commands_are_registered_for_all_servers_and_for_one(tmp_path: Path) -> None:
    async def act() -> None:
        async with LoopbackDiscord() as server:
            guild = server.add_guild("careers")
            code, out = await run(server, tmp_path, "--sync")
            assert code == 0, out
            assert "Registered for all servers: ask, " in out
            everywhere = {one["name"] for one in server.commands}
            assert {"ask", "knowledge"} <= everywhere

            code, out = await run(server, tmp_path, "--sync", "--server", str(guild.id))
            assert code == 0, out
            of_guild = [one for one in server.commands if one.get("guild_id") == str(guild.id)]
            assert {one["name"] for one in of_guild} == everywhere

            code, out = await run(server, tmp_path, "--unsync", "--server", str(guild.id))
            assert code == 0, out
            assert {one.get("guild_id") for one in server.commands} == {None}

            code, out = await run(server, tmp_path, "--sync", "--server", "7")
            assert code == 10
            assert "in no server 7" in out
            assert server.gateway.identifies == 0

    asyncio.run(act())


@pytest.mark.parametrize("arguments", [["--server", "7"], ["--unsync"], ["--sync", "--unsync"]])
def test_what_goes_together_is_said(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bot.cli.main(["discord", *arguments]) == bot.cli.EXIT_USAGE
    assert "usage: rolewise discord" in capsys.readouterr().err
