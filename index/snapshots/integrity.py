"""Files are what their checksums say: looked at once, and again when a file has changed.

Reading every byte takes a tenth of a second for each hundred megabytes, so what was found is kept
in a stamp: of each file its size, times, inode and checksum. The stamp vouches for a file only
while all of these are the same. A copied folder is new inodes, so it is read once where it arrives.
"""

import contextlib
import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path

from index.snapshots.manifest import FileEntry, hash_file

STAMP_NAME = "verified.json"

_Traits = list[int | str]


def verify_files(
    folder: Path, files: Mapping[str, FileEntry], stamp: Path | None = None, *, anew: bool = False
) -> list[str]:
    """Return what is wrong with the files of a folder; nothing is where all is well.

    Where the stamp can't be written, as in a home that is read-only, every call reads every byte:
    slow is better than wrong.

    Args:
        folder: Where the files are.
        files: Their names, from the folder on, with the sizes and checksums that they should have.
        stamp: Where what was found is kept; without one, every byte is read.
        anew: Whether to read every byte whatever the stamp says.
    """
    known = {} if anew or stamp is None else _read_stamp(stamp)
    stamped: dict[str, _Traits] = {}
    problems = []
    for name, entry in files.items():
        path = folder / name
        try:
            traits = _traits_of(path)
            if traits[0] != entry.bytes:
                problems.append(f"{name} has {traits[0]:,} bytes, not {entry.bytes:,}")
                continue
            *known_traits, found = known.get(name, [""])
            if known_traits != traits:
                found = hash_file(path)
                # What was written to while it was read is not vouched for.
                traits = _traits_of(path) if _traits_of(path) == traits else []
        except FileNotFoundError:
            problems.append(f"{name} is missing")
            continue
        except OSError as error:
            problems.append(f"{name} can't be read ({error.strerror})")
            continue
        if found != entry.sha256:
            problems.append(f"{name} has another checksum than it should have")
        elif traits:
            stamped[name] = [*traits, found]
    if stamp is not None and stamped != known and not problems:
        _write_stamp(stamp, stamped)
    return problems


def stamp_files(folder: Path, files: Mapping[str, FileEntry], stamp: Path) -> None:
    """Vouch for files that were just written and hashed, so that opening them reads no byte twice.

    Raises:
        OSError: a file is missing.
    """
    _write_stamp(
        stamp, {name: [*_traits_of(folder / name), entry.sha256] for name, entry in files.items()}
    )


def is_stamped(folder: Path, files: Mapping[str, FileEntry], stamp: Path) -> bool:
    """Return whether a stamp vouches for all files, so that no byte is read on opening them."""
    known = _read_stamp(stamp)
    try:
        return known == {
            name: [*_traits_of(folder / name), entry.sha256] for name, entry in files.items()
        }
    except OSError:
        return False


def describe_files(folder: Path) -> dict[str, FileEntry]:
    """Return the sizes and checksums of all files in a folder, by their names from there on."""
    return {
        path.relative_to(folder).as_posix(): FileEntry(
            bytes=path.stat().st_size, sha256=hash_file(path)
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sync_files(folder: Path) -> None:
    """Have a folder and all files in it on the disk before going on.

    Raises:
        OSError: a file can't be opened.
    """
    for path in (*sorted(folder.rglob("*"), reverse=True), folder):
        sync_path(path)


def sync_path(path: Path) -> None:
    """Have one file or folder on the disk before going on.

    Raises:
        OSError: it can't be opened, or the disk fails.
    """
    if path.is_dir() and os.name == "nt":
        return  # Windows can't open folders, and writes their entries with the file.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _traits_of(path: Path) -> _Traits:
    found = path.stat()
    # The time of the last change can't be set back, as that of the last writing can.
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _read_stamp(stamp: Path) -> dict[str, _Traits]:
    try:
        values = json.loads(stamp.read_bytes())
        return {name: list(traits) for name, traits in values.items() if traits}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _write_stamp(stamp: Path, stamped: Mapping[str, _Traits]) -> None:
    unfinished = stamp.with_name(f".{stamp.name}-{uuid.uuid4().hex[:8]}")
    with contextlib.suppress(OSError):
        try:
            unfinished.write_text(json.dumps(stamped), encoding="ascii")
            unfinished.replace(stamp)
        finally:
            unfinished.unlink(missing_ok=True)
