"""A guide's file is opened so that nothing else is ever read in its place.

Between looking at a file and opening it, it may be swapped for a link, a pipe or a device. So what
was opened is looked at, not what was listed; no part of its path that is a link is followed on
opening; and opening waits for nothing.
"""

import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY
for _name in ("O_BINARY", "O_CLOEXEC", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK"):
    _FLAGS |= getattr(os, _name, 0)


class OpeningError(Exception):
    """Say in one clause why a file is not read."""


def read_regular_file(path: Path, *, folder: Path | None, max_bytes: int) -> bytes:
    """Return the bytes of a file.

    Args:
        path: The file; links are followed as far as they stay inside the folder.
        folder: What it must not lead out of, without links in its own path.
        max_bytes: The most that is read.

    Raises:
        OpeningError: it is no regular file, lies outside, is too large or can't be read.
    """
    try:
        real = path.resolve(strict=True)
        if folder is not None and not real.is_relative_to(folder):
            raise OpeningError("a link that leads out of the folder")
        _check_kind(real.lstat())  # some devices do something when they are opened
        with os.fdopen(_open(real, folder), "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            _check_kind(status)
            if status.st_size > max_bytes:
                raise OpeningError(_too_large(status.st_size, max_bytes))
            pieces = []
            left = max_bytes + 1  # it may grow as it is read
            while left and (piece := file.read(left)):
                pieces.append(piece)
                left -= len(piece)
    except (OSError, RuntimeError, ValueError) as error:
        raise OpeningError(f"it can't be read: {describe_failure(error)}") from error
    if not left:
        raise OpeningError(_too_large(max_bytes + 1, max_bytes))
    return b"".join(pieces)


def describe_failure(error: Exception) -> str:
    """Return what the operating system says of a path."""
    if isinstance(error, RuntimeError):
        return "a link to itself"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _open(real: Path, folder: Path | None) -> int:
    if folder is None or real == folder or os.open not in os.supports_dir_fd:
        return os.open(real, _FLAGS)
    parts = real.relative_to(folder).parts
    place = os.open(folder, _FLAGS | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _FLAGS | os.O_DIRECTORY, dir_fd=place)
            os.close(place)
            place = inner
        return os.open(parts[-1], _FLAGS, dir_fd=place)
    finally:
        os.close(place)


def _check_kind(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OpeningError("not a regular file")


def _too_large(size: int, max_bytes: int) -> str:
    return f"{size:,} bytes, more than knowledge.max_document_bytes ({max_bytes:,})"
