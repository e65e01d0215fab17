"""Processes that build, roll back, add and remove documents, and are killed or fail on the way.

One process imports everything and forks another for each act, so that an act begins at once. What
an act writes, renames, deletes and syncs is counted in steps; at a step of choice it is killed, or
told that the disk fails. `Victims` is the side of the test.
"""

import contextlib
import errno
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from _typeshed import HasFileno

ROOT = Path(__file__).parents[2]
_STEPS = frozenset({"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What happens to an act: nothing, or one of these.

    It is killed at a step or after some seconds; a step fails with an error, alone or with all that
    come after it; or no file may grow beyond some bytes.
    """

    killed_at_step: int = 0
    killed_after_seconds: float = 0.0
    failing_step: int = 0
    fails_from_there: bool = False
    error: int = errno.EIO
    most_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an act ended: `code` is its exit code, negative for a signal; `steps` that it took."""

    code: int
    steps: int
    seconds: float
    error: str

    @property
    def was_killed(self) -> bool:
        """Whether it was killed as it should be."""
        return self.code == -signal.SIGKILL


class Victims:
    """Starts acts, one at a time."""

    def __enter__(self) -> Self:
        one_thread = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bot.victims"],
            cwd=ROOT,
            env=os.environ | dict.fromkeys(one_thread, "1"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._process as process:
            process.kill()

    def build_at_once(self, settings: str, count: int, held_until: Path) -> list[Outcome]:
        """Have several processes build at once, and the last one left go on when others ended.

        Args:
            settings: Of the application, as JSON.
            count: How many.
            held_until: A file that isn't there yet.
        """
        asked = {
            "settings": settings,
            "name": "build",
            "arguments": (),
            "trouble": asdict(Trouble()),
            "count": count,
            "held_until": str(held_until),
        }
        return [Outcome(**outcome) for outcome in self._ask(asked)]

    def act(self, settings: str, name: str, *arguments: str, trouble: Trouble) -> Outcome:
        """Have an application's method called in a process of its own.

        Args:
            settings: Of the application, as JSON.
            name: What to do, such as "build".
            arguments: Of that.
            trouble: What happens to it.
        """
        asked = {
            "settings": settings,
            "name": name,
            "arguments": arguments,
            "trouble": asdict(trouble),
        }
        (outcome,) = self._ask(asked)
        return Outcome(**outcome)

    def _ask(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        outcomes: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        return outcomes


def _serve() -> None:
    """Fork for each act that is asked for, and tell how it ended."""
    # Once for all: what is imported here is there in each process forked.
    for module in ("tests.bot.builders", "index.build", "faiss", "bm25s", "filelock", "Stemmer"):
        importlib.import_module(module)
    for line in sys.stdin:
        asked = json.loads(line)
        outcomes = _let_several_act(asked) if "count" in asked else [_let_act(asked)]
        sys.stdout.write(f"{json.dumps(outcomes)}\n")
        sys.stdout.flush()


def _let_act(asked: dict[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    child, told = _fork(asked)
    if seconds := asked["trouble"]["killed_after_seconds"]:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return _await(child, told) | {"seconds": time.perf_counter() - started}


def _let_several_act(asked: dict[str, Any]) -> list[dict[str, Any]]:
    os.environ["HELD_UNTIL"] = asked["held_until"]
    told = dict(_fork(asked) for _ in range(asked["count"]))
    outcomes = []
    while told:
        if len(told) == 1:
            Path(asked["held_until"]).touch()
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        child = ended.si_pid
        outcomes.append(_await(child, told.pop(child)) | {"seconds": 0.0})
    return outcomes


def _fork(asked: dict[str, Any]) -> tuple[int, int]:
    """Begin an act; return its process, and where it tells its end."""
    told, telling = os.pipe()
    child = os.fork()
    if not child:
        os.close(told)
        _be_victim(asked, Trouble(**asked["trouble"]), telling)
    os.close(telling)
    return child, told


def _await(child: int, told: int) -> dict[str, Any]:
    with os.fdopen(told, encoding="ascii") as pipe:
        said = pipe.read().splitlines()
    _, status = os.waitpid(child, 0)
    last = json.loads(said[-1]) if said else {"steps": 0, "error": ""}
    return {"code": os.waitstatus_to_exitcode(status), **last}


def _be_victim(asked: dict[str, Any], trouble: Trouble, telling: int) -> None:
    import traceback

    from bot.settings import Settings
    from knowledge.errors import RolewiseError
    from tests.bot.builders import HeldApplication, WordApplication

    code, error = 0, ""
    steps = _Steps(trouble, asked["settings"])
    try:
        kind = HeldApplication if "count" in asked else WordApplication
        application = kind(Settings.model_validate_json(asked["settings"]))
        steps.begin()
        arguments = asked["arguments"]
        if asked["name"] == "add_document":
            arguments = [arguments[0], arguments[1].encode()]
        method = getattr(application, asked["name"])
        if asked["name"] == "add_document":
            method(*arguments, replace=True)
        else:
            method(*arguments)
    except RolewiseError as problem:
        code, error = problem.exit_code, str(problem)
    except BaseException:
        code, error = 1, traceback.format_exc()
    steps.end()
    said = json.dumps({"steps": steps.taken, "error": error})
    with contextlib.suppress(OSError):
        os.write(telling, f"{said}\n".encode("ascii"))
    os._exit(code)


class _Steps:
    """Counts what is done to files under the home and the guides, and makes the trouble."""

    def __init__(self, trouble: Trouble, settings: str) -> None:
        values = json.loads(settings)
        self._folders = tuple(str(one) for one in (values["home"], *values["knowledge"]["paths"]))
        self._trouble = trouble
        self._is_counting = False
        self.taken = 0

    def begin(self) -> None:
        if self._trouble.most_bytes:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            most = self._trouble.most_bytes
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        sync = os.fsync

        def sync_counted(fd: "int | HasFileno") -> None:
            self._take()
            sync(fd)

        os.fsync = sync_counted
        self._is_counting = True
        sys.addaudithook(self._hear)

    def end(self) -> None:
        self._is_counting = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_counting or event not in _STEPS:
            return
        if event == "open":
            mode, flags = arguments[1], arguments[2]
            if mode is not None and not set(mode) & set("wax+"):
                return
            if mode is None and isinstance(flags, int) and not flags & _WRITING:
                return
        path = arguments[0]
        if isinstance(path, str | bytes | os.PathLike):
            if os.fsdecode(path).startswith(self._folders):
                self._take()
        elif event != "open":  # within a folder that is open already
            self._take()

    def _take(self) -> None:
        self.taken += 1
        trouble = self._trouble
        if self.taken == trouble.killed_at_step:
            os.kill(os.getpid(), signal.SIGKILL)
        failing = trouble.failing_step
        if failing and (
            self.taken == failing or (trouble.fails_from_there and self.taken > failing)
        ):
            raise OSError(trouble.error, os.strerror(trouble.error))


if __name__ == "__main__":
    _serve()
