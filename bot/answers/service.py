"""What questions are answered from, exchanged between two questions for what came after it."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.answers.model import calibration_path, load_model
from bot.answers.sources import Sources
from index.encoding.encoder import Encoder
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from knowledge.errors import RolewiseError, SnapshotError

_SECONDS_BETWEEN_LOOKS = 0.5
_SECONDS_BEFORE_TRYING_AGAIN = 10.0

_log = logging.getLogger(__name__)

_Traits = tuple[int, int, int] | None
"""What tells one state of a file from another; nothing where there is no file."""


@dataclass(slots=True, kw_only=True)
class _Opened:
    """A snapshot in service with what is derived from it once, and the state of what was read."""

    sources: Sources
    calibration: _Traits
    questions_under_way: int = 0
    is_retired: bool = False


class Service:
    """Holds the snapshot in service open; safe to use from several threads.

    A newcomer is opened beside the questions, and takes the place of the one before between two of
    them. One that can't be opened doesn't take the place of one that works.
    """

    def __init__(self, home: Home, load_encoder: Callable[[], Encoder]) -> None:
        """Take where the index is; nothing is opened yet."""
        self._home = home
        self._load_encoder = load_encoder
        self._opened: _Opened | None = None
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._failed_name = ""
        self._failed_at = 0.0
        self._watcher: threading.Thread | None = None
        self._is_closing = threading.Event()

    @contextmanager
    def use(self) -> Iterator[Sources]:
        """Give what one question is answered from; it stays open until the end.

        Raises:
            SnapshotError: there is no index, or it can't be opened or is of another encoder.
            EncoderError: the encoder can't be loaded.
            CalibrationError: the thresholds kept for the encoder can't be read.
        """
        opened = self._take()
        try:
            yield opened.sources
        finally:
            with self._lock:
                opened.questions_under_way -= 1
                self._close_if_done(opened)

    def refresh(self) -> None:
        """Open what is in service now, unless it is open already.

        Raises:
            RolewiseError: as `use`, where nothing older is open either.
        """
        with self._opening:
            self._exchange()

    def watch(self) -> None:
        """Look for newcomers in a thread from now on, so that no question waits for their opening.

        What has come is in service within a second. The thread ends with `close`.
        """
        if self._watcher is None:
            self._is_closing.clear()
            self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
            self._watcher.start()

    def close(self) -> None:
        """Close the index and look for newcomers no more; the next question opens it again."""
        if self._watcher is not None:
            self._is_closing.set()
            self._watcher.join()
            self._watcher = None
        with self._lock:
            self._replace(None)

    def _take(self) -> _Opened:
        while True:
            opened = self._opened
            if opened is None:
                self.refresh()
            elif self._watcher is None and not self._is_current(opened):
                self._exchange_unless_another_does()
            with self._lock:
                if self._opened is not None:  # else it was closed meanwhile
                    self._opened.questions_under_way += 1
                    return self._opened

    def _exchange_unless_another_does(self) -> None:
        if self._opening.acquire(blocking=False):
            try:
                self._exchange()
            finally:
                self._opening.release()

    def _exchange(self) -> None:
        opened = self._opened
        if opened is not None and (self._is_current(opened) or self._has_just_failed()):
            return
        name = self._name_now()
        try:
            newcomer = self._open()
        except Exception as error:
            self._failed_name, self._failed_at = name, time.monotonic()
            if opened is None or not isinstance(error, RolewiseError):
                raise
            _log.warning("Questions are answered from the index before. %s", error)
            return
        with self._lock:
            self._replace(newcomer)

    def _is_current(self, opened: _Opened) -> bool:
        snapshot = opened.sources.snapshot
        try:
            if self._home.current_name() != snapshot.name:
                return False
        except SnapshotError:
            return True  # nothing else is there
        return opened.calibration == self._calibration_of(snapshot)

    def _open(self) -> _Opened:
        snapshot = Snapshot.open_current(self._home)
        try:
            calibration = self._calibration_of(snapshot)
            encoder = self._load_encoder()
            snapshot.check_encoder(encoder)
            model = load_model(self._home.path, encoder.fingerprint)
            return _Opened(
                sources=Sources.of(snapshot, encoder, model),
                calibration=calibration,
            )
        except BaseException:
            snapshot.close()
            raise

    def _calibration_of(self, snapshot: Snapshot) -> _Traits:
        return _traits_of(calibration_path(self._home.path, snapshot.manifest.encoder.fingerprint))

    def _replace(self, newcomer: _Opened | None) -> None:
        before, self._opened = self._opened, newcomer
        if before is not None:
            before.is_retired = True
            self._close_if_done(before)

    @staticmethod
    def _close_if_done(opened: _Opened) -> None:
        if opened.is_retired and not opened.questions_under_way:
            opened.sources.snapshot.close()

    def _watch(self) -> None:
        while not self._is_closing.wait(_SECONDS_BETWEEN_LOOKS):
            try:
                if self._opened is not None or not self._has_just_failed():
                    self.refresh()
            except RolewiseError:
                pass  # who asks is told
            except Exception:
                _log.exception("The index in service can't be opened")

    def _has_just_failed(self) -> bool:
        """Return whether what is in service now couldn't be opened a few seconds ago."""
        return (
            self._failed_name == self._name_now()
            and time.monotonic() - self._failed_at < _SECONDS_BEFORE_TRYING_AGAIN
        )

    def _name_now(self) -> str:
        try:
            return self._home.current_name()
        except SnapshotError:
            return "none"


def _traits_of(path: Path) -> _Traits:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
