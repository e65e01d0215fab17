"""A rebuild while questions are answered: in a process of its own, at low priority.

The process is given what to build as one line of JSON, and tells in lines of JSON how far it has
come and what came of it. It stops when the other end of its input is closed, and so does when the
one who asked for it is gone, however that ended.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from index.cores import count_cores
from knowledge import errors
from knowledge.errors import BuildStoppedError, RolewiseError

if TYPE_CHECKING:
    from bot.application import Application
    from index.build import BuildReport, Progress

SECONDS_BETWEEN_SIGNS = 0.5
"""A rebuild tells at least this often how far it has come, also while nothing moves."""

_LEAST_SECONDS_BETWEEN_SIGNS = 0.1
_STOP_WITHIN_SECONDS = 2.0
_NICENESS = 10
# What is imported there comes from where it came from here, and not from the working folder.
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from bot.library.rebuilding import run_process; run_process(sys.argv[2])"
)


def rebuild_in_process(
    application: "Application",
    paths: Sequence[Path] = (),
    *,
    is_full: bool = False,
    progress: "Progress" = lambda stage, done, total: None,
) -> "BuildReport":
    """Do what `application.build` does in a process of its own; this thread waits for it.

    Args:
        application: Its class and settings are those of the process; the class must be importable.
        paths: What to build; without them, what the application would build.
        is_full: Make everything anew.
        progress: Is told how far the build has come, at least every half second. What it raises
            stops the build and is raised here; what is in service stays so.

    Raises:
        BuildStoppedError: the process was ended from outside, or by the system for lack of memory.
        RolewiseError: what `application.build` raises.
    """
    kind = type(application)
    process = subprocess.Popen(  # noqa: S603 – nothing that anybody typed
        [
            *(sys.executable, "-P", "-c", _START),
            *(json.dumps(sys.path), f"{kind.__module__}:{kind.__qualname__}"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="ascii",
        env=os.environ | {"OMP_NUM_THREADS": str(max(1, count_cores() // 2))},
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
    )
    try:
        result = _follow(process, _describe(application, paths, is_full=is_full), progress)
    finally:
        _stop(process)
    return _read_result(result, process.returncode)


def _describe(application: "Application", paths: Sequence[Path], *, is_full: bool) -> str:
    request = {
        "settings": application.settings.model_dump(),
        "paths": [path.absolute() for path in paths],
        "is_full": is_full,
    }
    return f"{json.dumps(request, default=str)}\n"


def _follow(
    process: "subprocess.Popen[str]", request: str, progress: "Progress"
) -> dict[str, Any] | None:
    """Return what the process tells at last; nothing where it ends without a word."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(request)
        process.stdin.flush()
        for line in process.stdout:
            said = json.loads(line)
            if "stage" not in said:
                return dict(said)
            progress(said["stage"], said["done"], said["total"])
    except (BrokenPipeError, json.JSONDecodeError):
        pass  # it was killed, perhaps within a line
    return None


def _stop(process: "subprocess.Popen[str]") -> None:
    """Have the process end: by itself, so that it clears away what it has begun, or else killed."""
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(2 * _STOP_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    except BaseException:
        process.kill()
        raise
    finally:
        if process.stdout is not None:
            process.stdout.close()


def _read_result(result: dict[str, Any] | None, exit_code: int) -> "BuildReport":
    from pydantic import TypeAdapter

    from index.build import BuildReport

    if result is None:
        raise BuildStoppedError(
            f"The process that builds was ended from outside (exit code {exit_code}). The index in"
            " service is unchanged, or complete and new; if memory was short, set a smaller"
            " index.batch_size. Run: rolewise build"
        )
    if "report" in result:
        return TypeAdapter(BuildReport).validate_python(result["report"])
    if "traceback" in result:
        raise RuntimeError(f"the build failed in its own process:\n{result['traceback']}")
    found = getattr(errors, result["error"], RolewiseError)
    raise found(result["message"])


class _StoppedError(Exception):
    """The one who asked for the build wants it no more."""


class _Speaker:
    """Tells in lines of JSON, from time to time of its own accord, how far the build has come."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._told: dict[str, Any] = {"stage": "starting", "done": 0, "total": 1}
        self._told_at = 0.0
        self.is_stopping = threading.Event()

    def show(self, stage: str, done: int, total: int) -> None:
        """Take note of the progress; raise where it is wanted no more."""
        if self.is_stopping.is_set():
            raise _StoppedError
        is_news = stage != self._told["stage"] or done == total
        self._told = {"stage": stage, "done": done, "total": total}
        if is_news or time.monotonic() - self._told_at >= _LEAST_SECONDS_BETWEEN_SIGNS:
            self.say(self._told)

    def give_signs(self) -> None:
        """Tell the progress again and again; for a thread."""
        while not self.is_stopping.wait(SECONDS_BETWEEN_SIGNS):
            if time.monotonic() - self._told_at >= SECONDS_BETWEEN_SIGNS:
                self.say(self._told)

    def say(self, values: dict[str, Any]) -> None:
        """Write a line whole."""
        data = memoryview(f"{json.dumps(values, default=str)}\n".encode("ascii"))
        with self._lock:
            self._told_at = time.monotonic()
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:  # nobody listens any more
                self.is_stopping.set()

    def heed_end_of_input(self) -> None:
        """Wait until the input ends, and then see to it that this process does; for a thread."""
        with contextlib.suppress(OSError):
            while os.read(0, 1_024):
                pass
        self.is_stopping.set()
        time.sleep(_STOP_WITHIN_SECONDS)
        os._exit(1)


def run_process(application: str) -> NoReturn:
    """Be the process that builds.

    Args:
        application: The class that builds, as "module:name".
    """
    _lower_priority()
    speaker = _Speaker(_take_output())
    request = json.loads(_read_line())
    for task in (speaker.heed_end_of_input, speaker.give_signs):
        threading.Thread(target=task, daemon=True).start()
    exit_code = 0
    try:
        report = _build(application, request, speaker)
        speaker.say({"report": report})
    except _StoppedError:
        exit_code = 1
    except RolewiseError as error:
        exit_code = error.exit_code
        speaker.say({"error": _known_name(error), "message": str(error)})
    except BaseException:
        exit_code = 1
        speaker.say({"traceback": traceback.format_exc()})
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)  # threads of libraries have nothing left to do


def _build(name: str, request: dict[str, Any], speaker: _Speaker) -> object:
    from dataclasses import asdict

    from bot.settings import Settings

    module, _, attribute = name.partition(":")
    kind = getattr(importlib.import_module(module), attribute)
    application: Application = kind(Settings.model_validate(request["settings"]))
    with contextlib.closing(application):
        report = application.build(
            [Path(path) for path in request["paths"]],
            is_full=request["is_full"],
            progress=speaker.show,
        )
    return asdict(report)


def _known_name(error: RolewiseError) -> str:
    """Return the name of an error's nearest class in the tree of errors."""
    return next(one.__name__ for one in type(error).__mro__ if hasattr(errors, one.__name__))


def _lower_priority() -> None:
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    # Ctrl-C goes to every process of a terminal; whoever asked for the build decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _take_output() -> int:
    """Return where to speak; whatever else is printed goes to standard error."""
    descriptor = os.dup(1)
    os.dup2(2, 1)
    return descriptor


def _read_line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        read = os.read(0, 65_536)
        if not read:
            os._exit(1)
        line += read
    return line
