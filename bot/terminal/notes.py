"""What is said on standard error: notes, errors, how far a build has come."""

import contextlib
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TextIO

from bot.answers.reply_text import clean_text
from knowledge.errors import RolewiseError

if TYPE_CHECKING:
    from index.build import Progress

_SECONDS_BETWEEN_LINES = 5.0


class Notes:
    """Writes beside the replies; bars and spinners only where a person looks on."""

    def __init__(self, stream: TextIO, *, debug: bool = False) -> None:
        """Take where to write, and whether errors come with their traceback."""
        self._stream = stream
        self._debug = debug
        self.bugs = 0
        self.on_terminal = stream.isatty()

    def say(self, text: str) -> None:
        """Write one line."""
        self._stream.write(f"{clean_text(text)}\n")
        self._stream.flush()

    def report(self, error: RolewiseError) -> None:
        """Write the line of an error that names what is wrong and what mends it."""
        self.say(f"rolewise: {error}")
        self._write_traceback(error)

    def report_bug(self, error: BaseException) -> None:
        """Write one line for an error that nobody foresaw, and count it."""
        self.bugs += 1
        self.say(
            f"rolewise: this is a bug in Rolewise: {type(error).__name__}: {error}"
            + ("" if self._debug else " (--debug shows where)")
        )
        self._write_traceback(error)

    @contextlib.contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Show on a terminal that something takes a while."""
        if not self.on_terminal:
            yield
            return
        from rich.console import Console

        with Console(file=self._stream, markup=False).status(text):
            yield

    @contextlib.contextmanager
    def building(self) -> Iterator["Progress"]:
        """Give what a build tells its progress to: a bar on a terminal, else a few lines."""
        if not self.on_terminal:
            yield ProgressLines(self.say)
            return
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TaskID,
            TextColumn,
            TimeRemainingColumn,
        )

        tasks: dict[str, TaskID] = {}
        with Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            console=Console(file=self._stream, markup=False),
            transient=True,
        ) as bar:

            def show(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    for earlier in tasks.values():
                        bar.update(earlier, visible=False)
                    tasks[stage] = bar.add_task(clean_text(stage.capitalize()), total=None)
                # A stage of one part has nothing to count: its bar only moves.
                bar.update(tasks[stage], completed=done, total=total if total > 1 else None)

            yield show

    def _write_traceback(self, error: BaseException) -> None:
        if self._debug:
            self._stream.write("".join(traceback.format_exception(error)))
            self._stream.flush()


class ProgressLines:
    """Tells a build's progress in lines: each stage once, and a count every few seconds."""

    def __init__(
        self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take what writes a line."""
        self._say = say
        self._clock = clock
        self._stage = ""
        self._said_at = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note that `done` of `total` parts of a stage are done."""
        now = self._clock()
        if stage != self._stage:
            self._stage = stage
            self._say(f"{stage.capitalize()} …")
        elif done < total and now - self._said_at >= _SECONDS_BETWEEN_LINES:
            self._say(f"{stage.capitalize()}: {done:,} of {total:,}")
        else:
            return
        self._said_at = now


def ask_yes_or_no(question: str) -> bool | None:
    """Ask a person; no one to ask is `None`, and no answer is no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    sys.stderr.write(f"{clean_text(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
