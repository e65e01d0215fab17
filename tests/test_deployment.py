"""The image and the service: what can be checked without an engine and without root."""

import asyncio
import configparser
import fnmatch
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.arguments import make_parser
from bot.community.upkeep.health import HealthServer
from bot.community.upkeep.metrics import Metrics
from bot.settings import load_settings
from tests.bot.stage import OPEN_WITHIN_SECONDS, find_seed_home
from tests.loopback import BotProcess, LoopbackDiscord

_ROOT = Path(__file__).parents[1]
_DEPLOYMENT = _ROOT / "docs" / "deployment"
_UNIT = _DEPLOYMENT / "rolewise.service"
_SETTINGS = _DEPLOYMENT / "rolewise.yaml"


def read_instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their arguments."""
    text = (_ROOT / "Dockerfile").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", text))
    lines = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(line[0], line[1]) for line in lines]


def arguments_of(name: str) -> list[str]:
    return [arguments for instruction, arguments in read_instructions() if instruction == name]


def is_ignored(path: str) -> bool:
    """Return whether the image's build doesn't see a path, by the last pattern that fits."""
    ignored = False
    for line in (_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip().rstrip("/")
        if not pattern or pattern.startswith("#"):
            continue
        if fnmatch.fnmatch(path, pattern.lstrip("!")):
            ignored = not pattern.startswith("!")
    return ignored


def test_all_that_is_copied_is_there() -> None:
    sources = [
        source
        for arguments in arguments_of("COPY")
        if not arguments.startswith("--from")
        for source in arguments.split()[:-1]
    ]
    assert {"bot/", "seeds/", "light-requirements.txt"} <= set(sources)
    for source in sources:
        assert (_ROOT / source).exists(), source
        assert not is_ignored(source.rstrip("/")), source
    assert is_ignored("tests")
    assert is_ignored(".git")


def test_the_image_is_installed_as_the_light_installation_is() -> None:
    [install] = [one for one in arguments_of("RUN") if "pip install" in one]
    light = (_ROOT / "Makefile").read_text(encoding="utf-8")
    words = "--no-deps -r light-requirements.txt ."
    assert words in install
    assert words in light  # which another test runs in an environment of its own
    project = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    copied = " ".join(arguments_of("COPY"))
    for named in re.findall(r'(?:readme|license-files) = \[?"([^"]+)"', project):
        assert named in copied


def test_the_image_is_not_run_by_root() -> None:
    assert arguments_of("USER") == ["10001"]
    names = [name for name, _ in read_instructions()]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name == "RUN")


def test_what_the_image_and_the_service_start_is_a_command() -> None:
    [entry], [more] = arguments_of("ENTRYPOINT"), arguments_of("CMD")
    started = [[*json.loads(entry), *json.loads(more)], shlex.split(read_unit("ExecStart"))]
    for program, *arguments in started:
        assert program.endswith("/bin/rolewise")
        parsed = make_parser().parse_args(arguments)
        assert parsed.command == "discord"
        assert parsed.config == Path("/etc/rolewise/rolewise.yaml")
    settings = load_settings(_SETTINGS)
    assert settings.home == Path("/var/lib/rolewise")
    assert arguments_of("VOLUME") == [str(settings.home)]


@pytest.mark.parametrize("is_well", [True, False])
def test_the_health_check_asks_the_port_of_the_settings(is_well: bool) -> None:
    [check] = arguments_of("HEALTHCHECK")
    _, code, script = json.loads(check.partition("CMD ")[2])
    assert code == "-c"
    assert f":{load_settings(_SETTINGS).discord.health_port}/" in script

    async def run() -> int:
        server = HealthServer(0, Metrics(), lambda: {"ok": is_well})
        await server.start()
        try:
            here = re.sub(r":8477/", f":{server.port}/", script)
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", here, stderr=subprocess.DEVNULL
            )
            return await process.wait()
        finally:
            await server.stop()

    assert (asyncio.run(run()) == 0) is is_well


def read_unit(key: str) -> str:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(_UNIT, encoding="utf-8")
    return unit["Service"][key]


def test_the_service_is_what_systemd_understands(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not here")
    text = _UNIT.read_text(encoding="utf-8")
    unit = tmp_path / _UNIT.name
    command = shlex.split(read_unit("ExecStart"))[0]
    unit.write_text(text.replace(command, sys.executable), encoding="utf-8")
    done = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert unit.name not in done.stderr, done.stderr


def test_the_service_starts_and_stops(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = shutil.copytree(find_seed_home(tmp_path_factory), tmp_path / "home")
    settings = tmp_path / "rolewise.yaml"
    text = _SETTINGS.read_text(encoding="utf-8").replace("/var/lib/rolewise", str(home))
    settings.write_text(text.replace("8477", "0"), encoding="utf-8")
    arguments = shlex.split(read_unit("ExecStart"))[1:]
    arguments[arguments.index("--config") + 1] = str(settings)

    async def run() -> None:
        async with LoopbackDiscord() as server:
            process = BotProcess(server.base_url, *arguments, token=server.token)
            async with process:
                await process.wait_for_line("guides are open", timeout_seconds=OPEN_WITHIN_SECONDS)
                process.send_signal(signal.SIGTERM)
                assert await process.wait_for_exit() == 0
                assert all(json.loads(line)["level"] == "info" for line in process.lines)

    asyncio.run(run())
