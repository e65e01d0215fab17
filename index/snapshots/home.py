"""The home folder: snapshots, and a pointer to the one in service."""

import contextlib
import errno
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from index.snapshots.integrity import sync_files, sync_path
from index.snapshots.reading_lock import locking_out_readers
from knowledge.errors import (
    BusyError,
    DamagedSnapshotError,
    NoSnapshotError,
    SnapshotError,
    StorageError,
)

_SNAPSHOT_NAME = re.compile(r"([0-9]{8})T([0-9]{6})(?:\.([0-9]{6}))?Z-([0-9a-f]{8})")
_UNFINISHED = ".unfinished-"
_DELETED = ".deleted-"
_ABANDONED_AFTER_SECONDS = 3_600.0
_WAIT_FOR_READERS_SECONDS = 15.0
_BUILDER = re.compile(rf"{re.escape(_UNFINISHED)}([0-9]{{8}}T[0-9]{{6}}Z)-([0-9]+)")

_Used = TypeVar("_Used")


class Home:
    """A folder that holds all that Rolewise keeps; nothing is made before something is written."""

    def __init__(self, path: Path) -> None:
        """Name the folder; it need not exist."""
        self.path = path.expanduser().absolute()
        self.snapshots = self.path / "snapshots"
        self.exports = self.path / "encoders"
        self._pointer = self.path / "current"

    def current_name(self) -> str:
        """Return the name of the snapshot in service.

        Raises:
            NoSnapshotError: nothing has been built.
            DamagedSnapshotError: the pointer is damaged.
        """
        try:
            name = self._pointer.read_bytes()[:100].decode("ascii").strip()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NoSnapshotError(
                f"No index has been built in {self.path}. Run: rolewise build"
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise DamagedSnapshotError(
                f"{self._pointer} can't be read ({error}). Run: rolewise build"
            ) from error
        if not _SNAPSHOT_NAME.fullmatch(name):
            raise DamagedSnapshotError(
                f"{self._pointer} doesn't name a snapshot. Run: rolewise build"
            )
        return name

    def snapshot_names(self) -> tuple[str, ...]:
        """Return the names of all snapshots in the order of building, the newest last."""
        try:
            names = [path.name for path in self.snapshots.iterdir()]
        except OSError:
            return ()
        return tuple(sorted(filter(_SNAPSHOT_NAME.fullmatch, names), key=_order_of))

    def new_name(self) -> str:
        """Return a name that comes after those of all snapshots, whatever the clock says."""
        moment = int(f"{datetime.now(UTC):%Y%m%d%H%M%S%f}")
        if names := self.snapshot_names():
            moment = min(max(moment, _order_of(names[-1])[0] + 1), 10**20 - 1)
        digits = f"{moment:020}"
        return f"{digits[:8]}T{digits[8:14]}.{digits[14:]}Z-{uuid.uuid4().hex[:8]}"

    def folder_of(self, name: str) -> Path:
        """Return the folder of a snapshot.

        Raises:
            DamagedSnapshotError: the name is none, or the folder is missing.
        """
        folder = self.snapshots / name
        if not _SNAPSHOT_NAME.fullmatch(name) or not folder.is_dir():
            raise DamagedSnapshotError(
                f"The index {name} is missing from {self.snapshots}. Run: rolewise build"
            )
        return folder

    def use_current(self, use: Callable[[Path], _Used]) -> _Used:
        """Return what a function makes of the folder in service.

        It may be deleted before it is opened, when another has taken its place meanwhile: then
        that one is used.

        Raises:
            SnapshotError: there is none, or the function raises it.
        """
        while True:
            name = self.current_name()
            try:
                return use(self.folder_of(name))
            except SnapshotError:
                if self.current_name() == name:
                    raise

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the home against other builders, and delete what killed ones have left.

        The lock dies with its process.

        Raises:
            BusyError: another process is building.
            StorageError: the home can't be written.
        """
        from filelock import FileLock, Timeout

        with translating_storage_errors(self.path):
            self.snapshots.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / "build.lock", timeout=0)
            try:
                lock.acquire()
            except Timeout as error:
                raise BusyError(
                    f"Another process is building in {self.path}{self._describe_builder()}."
                    " Wait until it is done."
                ) from error
        try:
            self._delete_leftovers()
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def building(self) -> Iterator[Path]:
        """Lock the home against other builders and give a fresh folder to build in.

        What is left in the folder at the end is deleted.

        Raises:
            BusyError: another process is building.
            StorageError: the home can't be written.
        """
        with self.locked():
            # Others read the builder from the name.
            started = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}"
            folder = self.snapshots / f"{_UNFINISHED}{started}"
            try:
                with translating_storage_errors(self.path):
                    folder.mkdir()
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def publish(self, folder: Path, name: str) -> Path:
        """Put a finished folder into service; until the last step the one before stays.

        Raises:
            StorageError: the disk is full or fails; the message says what is in service then.
        """
        target = self.snapshots / name
        with translating_storage_errors(self.path):
            sync_files(folder)
            folder.rename(target)
            try:
                sync_path(self.snapshots)
                self._write_new_pointer(name)
            except OSError:
                self._discard(target)
                raise
        self._sync_moved_pointer(name)
        return target

    def put_into_service(self, name: str) -> None:
        """Move the pointer to a snapshot; only who holds the lock may.

        Raises:
            StorageError: the disk is full or fails; the message says what is in service then.
        """
        with translating_storage_errors(self.path):
            self._write_new_pointer(name)
        self._sync_moved_pointer(name)

    def _write_new_pointer(self, name: str) -> None:
        # Only who holds the lock writes it, and what a killed builder left is written over.
        new_pointer = self.path / "current.new"
        try:
            new_pointer.write_text(f"{name}\n", encoding="ascii")
            sync_path(new_pointer)
            new_pointer.replace(self._pointer)
        except OSError:
            with contextlib.suppress(OSError):
                new_pointer.unlink(missing_ok=True)
            raise

    def _sync_moved_pointer(self, name: str) -> None:
        try:
            sync_path(self.path)
        except OSError as error:
            raise StorageError(
                f"The index {name} is in service, but {self.path} can't be synced"
                f" ({error.strerror or error}): if the power fails now, the one before may be in"
                " service again. Look after the disk, then run: rolewise build"
            ) from error

    def delete_old_snapshots(self, keep: int) -> tuple[str, ...]:
        """Delete all but the newest snapshots; the one in service and what is read stay.

        Only who holds the lock may. What can't be deleted now is left to a later build.

        Returns:
            The names of those that are too old and stay, since they are read.
        """
        names = self.snapshot_names()
        current = self.current_name()
        old = [name for name in names[: max(len(names) - keep, 0)] if name != current]
        return tuple(name for name in old if not self._delete(self.snapshots / name))

    def delete_snapshots(self, names: Sequence[str]) -> tuple[str, ...]:
        """Delete snapshots, each once nobody reads it any more; return their names.

        Only who holds the lock may. A bot lets go of a snapshot within a second of the next one.

        Raises:
            BusyError: one is still read after a while.
            StorageError: one can't be deleted.
        """
        give_up_at = time.monotonic() + _WAIT_FOR_READERS_SECONDS
        for name in names:
            folder = self.snapshots / name
            while not self._delete(folder):
                if time.monotonic() > give_up_at:
                    raise BusyError(
                        f"The snapshot {name} is not deleted, as another process reads it. End that"
                        " process and try again."
                    )
                time.sleep(0.1)
            for left in (folder, folder.with_name(f"{_DELETED}{name}")):
                if left.exists():
                    raise StorageError(f"{left} can't be deleted. Delete it by hand.")
        return tuple(names)

    def delete_all_snapshots(self) -> tuple[str, ...]:
        """Take the snapshot in service out of it and delete every one; return their names.

        Only who holds the lock may.

        Raises:
            BusyError: one is still read after a while.
            StorageError: the pointer or a snapshot can't be deleted.
        """
        with translating_storage_errors(self.path):
            self._pointer.unlink(missing_ok=True)
            sync_path(self.path)
        return self.delete_snapshots(self.snapshot_names())

    def _delete(self, folder: Path) -> bool:
        """Delete a snapshot that nobody reads."""
        with locking_out_readers(folder) as is_free:
            if not is_free:
                return False
            return self._discard(folder)

    def _discard(self, folder: Path) -> bool:
        """Delete a folder: from its renaming on it is no snapshot; without that it stays whole."""
        renamed = folder.with_name(f"{_DELETED}{folder.name}")
        try:
            folder.rename(renamed)
            sync_path(self.snapshots)
        except OSError:
            return not folder.exists()
        shutil.rmtree(renamed, ignore_errors=True)
        return True

    def _delete_leftovers(self) -> None:
        for kind in (_UNFINISHED, _DELETED):
            for leftover in self.snapshots.glob(f"{kind}*"):
                shutil.rmtree(leftover, ignore_errors=True)
        # Encoders are exported without the lock: one that grew lately may still be at work.
        for leftover in self.exports.glob(f"{_UNFINISHED}*"):
            with contextlib.suppress(OSError):
                if time.time() - leftover.stat().st_mtime > _ABANDONED_AFTER_SECONDS:
                    shutil.rmtree(leftover, ignore_errors=True)

    def _describe_builder(self) -> str:
        for folder in self.snapshots.glob(f"{_UNFINISHED}*"):
            if found := _BUILDER.fullmatch(folder.name):
                with contextlib.suppress(ValueError):
                    since = datetime.strptime(found[1], "%Y%m%dT%H%M%SZ")  # noqa: DTZ007 – UTC
                    return f" (process {found[2]}, since {since} UTC)"
        return ""


def _order_of(name: str) -> tuple[int, str]:
    """Return what orders names: the moment of building, of older names without microseconds."""
    found = _SNAPSHOT_NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} doesn't name a snapshot")
    day, time, microseconds, mark = found.groups()
    return int(f"{day}{time}{microseconds or '000000'}"), mark


@contextlib.contextmanager
def translating_storage_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system says of writing under `path` into a `StorageError`."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            message = (
                f"There is no space left to write in {path}. The index in service is unchanged;"
                " free some space, or name another folder with --home."
            )
        else:
            message = (
                f"{path} can't be written ({error.strerror or error}). The index in service is"
                " unchanged; name another folder with --home."
            )
        raise StorageError(message) from error
