"""Before the first question: an index is built where there is none or it can't serve."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.application import Application
from bot.terminal.notes import Notes
from knowledge.errors import DamagedSnapshotError, RolewiseError, StaleSnapshotError

if TYPE_CHECKING:
    from index.build import BuildReport

Confirm = Callable[[str], bool | None]
"""Asks a person; `None` where there is none to ask."""


def prepare(application: Application, notes: Notes, confirm: Confirm) -> None:
    """Have the index open and the encoder loaded.

    Where nothing has been built it is built first. A damaged or stale index is built again if the
    person wants that.

    Raises:
        RolewiseError: it can't be had; a `SnapshotError` where nobody wanted it built again.
    """
    if not application.has_index():
        notes.say(f"There is no index yet. Building it from {_places(application)} …")
        build(application, notes)
    try:
        _prepare_assistant(application, notes)
    except (DamagedSnapshotError, StaleSnapshotError) as error:
        try:
            places = _places(application)
        except RolewiseError:
            raise error from None  # what it was built from is unknown or gone: nothing to offer
        problem = str(error).removesuffix(" Run: rolewise build")
        answer = confirm(f"{problem} Build it again now, from {places}?")
        if answer is None:
            raise
        if not answer:
            raise type(error)("The index was left as it is. Run: rolewise build") from error
        build(application, notes)
        _prepare_assistant(application, notes)


def build(
    application: Application, notes: Notes, paths: Sequence[Path] = (), *, is_full: bool = False
) -> "BuildReport":
    """Build an index and show how far it has come."""
    if not application.has_encoder():
        notes.say("The first build also makes the encoder ready, once: half a minute or so.")
    with notes.building() as progress:
        return application.build(paths, is_full=is_full, progress=progress)


def rebuild(application: Application, notes: Notes, paths: Sequence[Path] = ()) -> "BuildReport":
    """Build an index in a process of its own and show how far it has come."""
    with notes.building() as progress:
        return application.rebuild(paths, progress=progress)


def _places(application: Application) -> str:
    return ", ".join(str(path) for path in application.knowledge_paths())


def _prepare_assistant(application: Application, notes: Notes) -> None:
    with notes.waiting("Loading the encoder …"):
        application.assistant.prepare()
