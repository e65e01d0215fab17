"""Reads damaged snapshots whose stamp vouches for them, in a process that may crash.

A line is printed before each case, and what came of it behind: the parent sees what ended it.
"""

import contextlib
import os
import resource
import sys
from pathlib import Path

import index.snapshots.manifest
from index.searching.dense import DenseIndex
from knowledge.errors import RolewiseError
from tests.index.checking.damage import change_bytes, damage, read_all, restore, vouch
from tests.index.fakes import unit_vectors

MEMORY_BEYOND = 400_000_000


def limit_memory() -> None:
    """Let this process have little more memory than it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY_BEYOND
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def read_damaged_snapshots(folder: Path, original: Path, first: int, end: int, seed: int) -> None:
    """Read damaged snapshots as large ones are read, whose bytes nobody looks at again."""
    index.snapshots.manifest._MOST_BYTES_READ_AT_EACH_OPENING = 0
    restore(folder, original)
    expected = read_all(folder)
    limit_memory()
    for number in range(first, end):
        restore(folder, original)
        how = damage(folder, number, seed)
        sys.stdout.write(f"{number} {how}: ")
        sys.stdout.flush()
        with contextlib.suppress(RolewiseError, OSError):  # of a file that is missing, say
            vouch(folder)
        try:
            outcome = "the same" if read_all(folder) == expected else "other answers"
        except RolewiseError as error:
            outcome = f"refused: {error}"
        sys.stdout.write(f"{outcome}\n")
        sys.stdout.flush()


def read_flipped_headers(folder: Path, count: int, dimension: int, first: int, end: int) -> None:
    """Open and search a FAISS file with each bit of its first bytes flipped."""
    path = folder / "passages.faiss"
    data = path.read_bytes()
    vector = unit_vectors(1, dimension)[0]
    DenseIndex(folder, count=count, dimension=dimension).search(vector, 10)
    limit_memory()
    for place in range(8 * first, 8 * end):
        path.write_bytes(data)
        change_bytes(path, place // 8, lambda byte, bit=place % 8: byte ^ 1 << bit)  # type: ignore[misc]
        sys.stdout.write(f"byte {place // 8}, bit {place % 8}: ")
        sys.stdout.flush()
        try:
            DenseIndex(folder, count=count, dimension=dimension).search(vector, 10)
            outcome = "opened"
        except RolewiseError as error:
            outcome = f"refused: {error}"
        sys.stdout.write(f"{outcome}\n")
        sys.stdout.flush()
    path.write_bytes(data)


if __name__ == "__main__":
    if sys.argv[1] == "snapshots":
        of_first, of_end, of_seed = map(int, sys.argv[4:])
        read_damaged_snapshots(Path(sys.argv[2]), Path(sys.argv[3]), of_first, of_end, of_seed)
    else:
        vectors, numbers, of_first, of_end = map(int, sys.argv[3:])
        read_flipped_headers(Path(sys.argv[2]), vectors, numbers, of_first, of_end)
