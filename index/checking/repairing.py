"""What is damaged in a home folder is cleared away, and what can be put right is."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from index.checking.home import HomeFindings
from index.snapshots.home import Home, translating_storage_errors
from index.snapshots.integrity import STAMP_NAME
from index.snapshots.manifest import read_knowledge_paths, read_manifest
from knowledge.errors import SnapshotError


def find_knowledge_paths(home: Home, findings: HomeFindings) -> tuple[Path, ...]:
    """Return what was indexed, as a manifest says; nothing where none does.

    That of the snapshot in service goes before others, and what is as it was written before what
    is not, of which the paths must at least be there.
    """
    names = [found.name for found in findings.snapshots]
    names.sort(key=lambda name: name != findings.in_service)
    for name in names:
        with suppress(SnapshotError):
            return tuple(map(Path, read_manifest(home.snapshots / name).knowledge_paths))
    for name in names:
        with suppress(SnapshotError, OSError, ValueError):
            paths = read_knowledge_paths(home.snapshots / name)
            if all(path.exists() for path in paths):
                return paths
    return ()


def clear_obstacles(home: Home) -> Iterator[str]:
    """Remove what stands where a folder or a file of the home must be, and say what.

    Raises:
        StorageError: the home can't be written.
    """
    with translating_storage_errors(home.path):
        for folder in (home.snapshots, home.exports):
            if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
                yield _remove(folder, "which must be a folder")
        for file in (home.path / "build.lock", home.path / "current"):
            if file.is_dir() or (file.is_symlink() and not file.exists()):
                yield _remove(file, "which must be a file")


def clear_away(home: Home, paths: Iterable[Path], why: str) -> Iterator[str]:
    """Remove files and folders, and say which; only who holds the lock may.

    Raises:
        StorageError: the home can't be written.
    """
    with translating_storage_errors(home.path):
        for path in paths:
            if path.exists() or path.is_symlink():
                yield _remove(path, why)


def damaged_snapshots(home: Home, findings: HomeFindings) -> list[Path]:
    """Return the folders of damaged snapshots; of another format is not damaged."""
    return [
        home.snapshots / found.name
        for found in findings.snapshots
        if not found.is_intact and not found.is_stale
    ]


def clear_stamps(home: Home, findings: HomeFindings) -> Iterator[str]:
    """Remove what is no stamp from where one must be; the next opening writes it.

    Raises:
        StorageError: the home can't be written.
    """
    folders = [home.snapshots / found.name for found in findings.snapshots]
    stamps = [folder / STAMP_NAME for folder in (*folders, *home.exports.glob("[0-9a-f]*"))]
    with translating_storage_errors(home.path):
        for stamp in stamps:
            if stamp.is_dir() or stamp.is_symlink():
                yield _remove(stamp, "which must be a file")


def _remove(path: Path, why: str) -> str:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
    return f"Removed {path.parent.name}/{path.name}, {why}."
