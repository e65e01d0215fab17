"""The wheel works in an empty environment outside the checkout, and so does the checkout itself."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from bot.application import seed_folder
from bot.settings import Settings

_ROOT = Path(__file__).parent.parent
_SEED = "software-engineer-data-science.txt"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(_ROOT)], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, with all it depends on, and return the environment's programs."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    constraints = ["-c", str(_ROOT / "constraints.txt")]
    command = [str(programs / "python"), "-m", "pip", "install", "--quiet", *constraints]
    subprocess.run([*command, str(wheel)], check=True, capture_output=True)
    return programs


def _run(program: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
    )


def test_the_installed_wheel_answers_from_its_own_seed_guide(
    installed: Path, tmp_path: Path
) -> None:
    asked = _run(
        installed / "rolewise",
        *("ask", "--json", "--home", str(tmp_path / "home")),
        "what skills does it demand?",
        folder=tmp_path,
    )
    assert asked.returncode == 0, asked.stderr
    reply = json.loads(asked.stdout)
    assert reply["outcome"] == "answer"
    assert "strong technical skills" in reply["text"]
    assert reply["citations"][0]["document"] == _SEED


def test_the_installed_wheel_has_the_default_settings_and_they_are_accepted(
    installed: Path, tmp_path: Path
) -> None:
    printed = _run(installed / "rolewise", "settings", folder=tmp_path)
    (tmp_path / "rolewise.yaml").write_text(printed.stdout, encoding="utf-8")
    assert printed.returncode == 0, printed.stderr
    status = _run(
        installed / "rolewise", "status", "--home", str(tmp_path / "home"), folder=tmp_path
    )
    assert status.returncode == 7
    assert "rolewise build" in status.stderr


def test_the_installed_wheel_brings_nothing_but_its_packages(
    installed: Path, tmp_path: Path
) -> None:
    asked = (
        "import importlib.util as u; print([n for n in ('tests', 'benchmarks') if u.find_spec(n)])"
    )
    found = _run(installed / "python", "-c", asked, folder=tmp_path)
    assert found.stdout.strip() == "[]"


def test_the_checkout_finds_its_seed_guide() -> None:
    assert (seed_folder() / _SEED).is_file()
    assert Settings().knowledge.paths == ()
