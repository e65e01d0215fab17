"""Guides are watched, and built again whenever they change."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot.application import Application
from bot.terminal.notes import Notes
from index.build import BuildReport
from knowledge.errors import BusyError, RolewiseError

_QUIET_MILLISECONDS = 400
"""A copy of many files is over when nothing has changed for so long."""
_MOST_MILLISECONDS = 5_000
_LOOK_MILLISECONDS = 500


def watch_guides(
    application: Application,
    notes: Notes,
    paths: Sequence[Path] = (),
    *,
    is_full: bool = False,
    stop: threading.Event | None = None,
) -> None:
    """Build, and again whenever a guide changes; each build is told in one line.

    A file that is skipped is named once for each reason. An error is told as well, and the next
    change is waited for; where another process was building, it is tried again.

    Args:
        application: What is built.
        notes: Where the lines are written.
        paths: Guides, instead of those of the settings.
        is_full: Make everything anew the first time.
        stop: Ends it; without one, an interrupt does.

    Raises:
        KnowledgeError: where guides are read from can't be told, or is not there.
    """
    from watchfiles import watch

    roots = [path.resolve() for path in paths or application.knowledge_paths()]
    home = application.home.path.resolve()

    def concerns_guides(_: object, changed: str) -> bool:
        path = Path(changed)
        root = next((root for root in roots if path.is_relative_to(root)), None)
        if root is None or (path.is_relative_to(home) and not root.is_relative_to(home)):
            return False
        return not any(part.startswith(".") for part in path.relative_to(root).parts)

    notes.say(f"Watching {', '.join(map(str, roots))}; Ctrl-C ends it.")
    # What changes while a build runs is not missed: it is told at once afterwards.
    is_to_build, is_first = True, True
    named: set[str] = set()
    for changes in watch(
        *(root for root in roots if root.exists()),
        watch_filter=concerns_guides,
        debounce=_MOST_MILLISECONDS,
        step=_QUIET_MILLISECONDS,
        rust_timeout=_LOOK_MILLISECONDS,
        yield_on_timeout=True,
        raise_interrupt=True,
        stop_event=stop,
    ):
        if changes or is_to_build:
            is_to_build = _build(application, notes, paths, named, is_full=is_full and is_first)
            is_first = False


def _build(
    application: Application,
    notes: Notes,
    paths: Sequence[Path],
    named: set[str],
    *,
    is_full: bool,
) -> bool:
    """Build and tell what came of it; return whether it is to be tried again."""
    started = time.monotonic()
    try:
        report = application.build(paths, is_full=is_full)
    except RolewiseError as error:
        notes.report(error)
        return isinstance(error, BusyError)
    notes.say(_describe(report, time.monotonic() - started))
    skipped = [f"{file.path}: {file.reason}" for file in report.skipped]
    for line in skipped:
        if line not in named:
            notes.say(f"         skipped {line}")
    named.clear()
    named.update(skipped)
    return False


def _describe(report: BuildReport, seconds: float) -> str:
    anew = report.documents - report.documents_copied
    parts = [
        f"{datetime.now().astimezone():%H:%M:%S} {report.snapshot}:"
        f" {_count(report.documents, 'document')}",
        f"{anew:,} of them new or changed",
        _count(report.passages, "passage"),
    ]
    if report.skipped:
        parts.append(f"{_count(len(report.skipped), 'file')} skipped")
    return f"{', '.join(parts)}, in {seconds:.1f} s"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
