"""The virtual environments that the frameworks are installed into, outside of the project's own."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_FOLDER = _HERE.parent / ".peers"
_LINES_OF_ERROR = 15


class PeerError(Exception):
    """A framework couldn't be installed, or a process of one failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment, and the file that says what is in it."""

    name: str
    requirements: Path

    @property
    def python(self) -> str:
        """Return the path of its interpreter."""
        scripts = "Scripts" if os.name == "nt" else "bin"
        return str(_FOLDER / self.name / scripts / "python")

    def install(self, progress: Callable[[str], None]) -> None:
        """Make it anew, unless it is there with just these requirements.

        Raises:
            PeerError: something can't be installed.
        """
        folder = _FOLDER / self.name
        marker = folder / "installed"
        wanted = hashlib.sha256(self.requirements.read_bytes()).hexdigest()
        if marker.exists() and marker.read_text(encoding="ascii") == wanted:
            return
        progress(f"installing {self.requirements.name} into {folder} (minutes, 2 GB)")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (_FOLDER / ".gitignore").write_text("*\n", encoding="ascii")
        run_process([sys.executable, "-m", "venv", str(folder)])
        pip = [self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run_process([*pip, "--upgrade", "pip>=25.1"])
        run_process([*pip, "-r", str(self.requirements)])
        marker.write_text(wanted, encoding="ascii")


NEWEST = Environment(name="newest", requirements=_HERE / "requirements.txt")
OPTIMUM = Environment(name="optimum", requirements=_HERE / "requirements-optimum.txt")


def install(progress: Callable[[str], None]) -> None:
    """Install all frameworks; takes minutes the first time and nothing afterwards.

    Raises:
        PeerError: something can't be installed.
    """
    for environment in (NEWEST, OPTIMUM):
        environment.install(progress)


def run_process(command: Sequence[str], variables: Mapping[str, str] | None = None) -> str:
    """Run a process to its end and return what it printed.

    Args:
        command: The program and its arguments.
        variables: All environment variables; None for those of this process.

    Raises:
        PeerError: it failed; the message ends with the last lines that it wrote.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    if done.returncode:
        last_lines = "\n".join(done.stderr.splitlines()[-_LINES_OF_ERROR:])
        raise PeerError(f"{' '.join(command)} failed ({done.returncode}):\n{last_lines}")
    return done.stdout
