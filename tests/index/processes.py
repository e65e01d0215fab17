"""Other processes that hold something while a test looks on."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).parents[2]


@contextmanager
def another_process(script: str, path: Path, *, ready: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a script until it is killed at the end, from when it has printed that it is ready.

    Args:
        script: Python; it waits for the end of its input.
        path: Its argument.
        ready: The line that it prints.
    """
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{ready}\n"
        try:
            yield process
        finally:
            process.kill()
