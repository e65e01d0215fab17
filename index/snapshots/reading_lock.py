"""Who reads a snapshot holds a lock on it that dies with its process, so that it isn't deleted.

The lock is a shared one on the snapshot's own manifest, opened for reading: nothing is written, so
that it holds in a home that is read-only too. Where the file system has no locks, a reader goes on
reading what it has open, since a file that is deleted stays as long as it is open. Windows has no
such locks and needs none: a folder that has open files in it can't be renamed there.
"""

import contextlib
import os
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

from index.snapshots.manifest import MANIFEST_NAME
from knowledge.errors import DamagedSnapshotError

if sys.platform != "win32":
    import fcntl


class ReadingLock:
    """Keeps a snapshot from being deleted until it is released, or forgotten."""

    def __init__(self, folder: Path) -> None:
        """Lock a snapshot's folder.

        Raises:
            DamagedSnapshotError: it is just being deleted.
        """
        descriptor = None if sys.platform == "win32" else _lock_for_reading(folder)
        self._close = weakref.finalize(self, os.close, descriptor) if descriptor else None

    def release(self) -> None:
        """Let the snapshot be deleted."""
        if self._close is not None:
            self._close()


@contextlib.contextmanager
def locking_out_readers(folder: Path) -> Iterator[bool]:
    """Tell whether nobody reads a snapshot; if so, nobody begins to until the end."""
    if sys.platform == "win32":
        yield True
        return
    descriptor = None
    is_free = True
    try:
        # Some network file systems lock exclusively only what may be written.
        descriptor = os.open(folder / MANIFEST_NAME, os.O_RDWR)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        is_free = False
    except OSError:
        pass  # without a manifest it is no snapshot that anybody reads
    try:
        yield is_free
    finally:
        if descriptor is not None:
            os.close(descriptor)


if sys.platform != "win32":

    def _lock_for_reading(folder: Path) -> int | None:
        path = folder / MANIFEST_NAME
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError:
            return None  # reading the manifest will tell what is wrong with it
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            is_gone = not os.path.samestat(os.fstat(descriptor), path.stat())
        except (BlockingIOError, FileNotFoundError):
            is_gone = True
        except OSError:
            is_gone = False
        if is_gone:
            os.close(descriptor)
            raise DamagedSnapshotError(
                f"The index {folder.name} has just been deleted. Run: rolewise build"
            )
        return descriptor
