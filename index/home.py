"""The home folder: snapshots, and a pointer to the one in service."""

import contextlib
import errno
import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from index.integrity import sync_files, sync_path
from knowledge.errors import BusyError, DamagedSnapshotError, NoSnapshotError, StorageError

_SNAPSHOT_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
_UNFINISHED = ".unfinished-"


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

    @contextlib.contextmanager
    def building(self) -> Iterator[Path]:
        """Lock the home against other builders and give a fresh folder to build in.

        What is left in the folder at the end is deleted, and so is what a killed builder left. The
        lock dies with its process.

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
                    f"Another process is building in {self.path}. Wait until it is done."
                ) from error
        folder = self.snapshots / f"{_UNFINISHED}{uuid.uuid4().hex[:8]}"
        try:
            for leftover in self.snapshots.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            with translating_storage_errors(self.path):
                folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()

    def publish(self, folder: Path, name: str) -> Path:
        """Put a finished folder into service; until the last step the one before stays.

        Raises:
            StorageError: the disk is full or fails; nothing has changed then.
        """
        target = self.snapshots / name
        with translating_storage_errors(self.path):
            sync_files(folder)
            folder.rename(target)
            # Only who holds the lock publishes, and what a killed builder left is written over.
            new_pointer = self.path / "current.new"
            try:
                sync_path(self.snapshots)
                new_pointer.write_text(f"{name}\n", encoding="ascii")
                sync_path(new_pointer)
                new_pointer.replace(self._pointer)
            except OSError:
                new_pointer.unlink(missing_ok=True)
                shutil.rmtree(target, ignore_errors=True)
                raise
            sync_path(self.path)
        return target

    def delete_old_snapshots(self, keep: int) -> None:
        """Delete all but the newest snapshots; the one in service always stays."""
        names = sorted(
            (path.name for path in self.snapshots.iterdir() if _SNAPSHOT_NAME.fullmatch(path.name)),
            reverse=True,
        )
        current = self.current_name()
        for name in names[keep:]:
            if name != current:
                shutil.rmtree(self.snapshots / name, ignore_errors=True)


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
