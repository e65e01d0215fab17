"""Vectors lie in plain .npy files, written piece by piece and read memory-mapped."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt

from knowledge.errors import DamagedSnapshotError

_BYTES_OF_HEADER = 128

Number = TypeVar("Number", bound=np.generic)


class VectorFile:
    """A .npy file that grows; what is appended is on its way to the disk, not in memory."""

    def __init__(self, path: Path, dimension: int, dtype: npt.DTypeLike = np.float32) -> None:
        """Begin a file where there is none yet.

        Args:
            path: The file.
            dimension: How many numbers a row has.
            dtype: Of the numbers.

        Raises:
            OSError: it can't be written.
        """
        self.path = path
        self.count = 0
        self._dimension = dimension
        self._dtype = np.dtype(dtype)
        with ExitStack() as opened:
            self._file = opened.enter_context(path.open("wb"))
            self._write_header()
            opened.pop_all()

    def __enter__(self) -> Self:
        """Return the file itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Complete the header and close the file."""
        try:
            if error is None:
                self._file.seek(0)
                self._write_header()
        finally:
            self._file.close()

    def append(self, vectors: npt.NDArray[Any]) -> None:
        """Add vectors: of the file's own type, shape (any, dimension).

        Raises:
            OSError: the disk is full or fails.
        """
        if vectors.shape[1:] != (self._dimension,):
            raise ValueError(f"vectors of shape {vectors.shape}, not (any, {self._dimension})")
        self._file.write(np.ascontiguousarray(vectors, dtype=self._dtype).data)
        self.count += len(vectors)

    def _write_header(self) -> None:
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self.count, self._dimension),
        }
        np.lib.format.write_array_header_1_0(self._file, header)
        if self._file.tell() != _BYTES_OF_HEADER:
            raise ValueError(f"a header of {self._file.tell()} bytes, not {_BYTES_OF_HEADER}")


def open_vectors(path: Path, count: int | None, dimension: int) -> npt.NDArray[np.float32]:
    """Return a file's vectors, memory-mapped: float32, shape (count, dimension).

    Args:
        path: The file.
        count: How many there must be; without it, any number.
        dimension: Of each.

    Raises:
        DamagedSnapshotError: it can't be read, or holds another number or size of vectors.
    """
    return open_rows(path, count, dimension, np.float32)


def open_rows(
    path: Path, count: int | None, width: int, dtype: type[Number]
) -> npt.NDArray[Number]:
    """Return a file's rows, memory-mapped: of that type, shape (count, width).

    Args:
        path: The file.
        count: How many there must be; without it, any number.
        width: Of each.
        dtype: Of the numbers in them.

    Raises:
        DamagedSnapshotError: it can't be read, or holds another number, size or type of rows.
    """
    try:
        # As a plain array over the same memory: each look into a memmap costs Python's time.
        loaded = np.asarray(np.lib.format.open_memmap(path, mode="r"))
    except Exception as error:  # NumPy parses the header as Python and raises what that raises
        raise DamagedSnapshotError(f"{path} can't be read. Run: rolewise build") from error
    rows: npt.NDArray[Number] = loaded
    count = len(rows) if count is None and rows.ndim else count
    if rows.dtype != dtype or rows.shape != (count, width):
        raise DamagedSnapshotError(
            f"{path} holds {rows.dtype} of shape {rows.shape}, not {np.dtype(dtype)} of"
            f" ({count}, {width}). Run: rolewise build"
        )
    return rows
