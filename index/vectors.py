"""Vectors lie in plain .npy files, written piece by piece and read memory-mapped."""

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from index.encoder import Vectors
from knowledge.errors import DamagedSnapshotError

_BYTES_OF_HEADER = 128


class VectorFile:
    """A .npy file that grows; what is appended is on its way to the disk, not in memory."""

    def __init__(self, path: Path, dimension: int) -> None:
        """Begin a file where there is none yet.

        Raises:
            OSError: it can't be written.
        """
        self.path = path
        self.count = 0
        self._dimension = dimension
        self._file = path.open("wb")
        self._write_header()

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

    def append(self, vectors: Vectors) -> None:
        """Add vectors: float32, shape (any, dimension).

        Raises:
            OSError: the disk is full or fails.
        """
        if vectors.shape[1:] != (self._dimension,):
            raise ValueError(f"vectors of shape {vectors.shape}, not (any, {self._dimension})")
        self._file.write(np.ascontiguousarray(vectors, dtype=np.float32).data)
        self.count += len(vectors)

    def _write_header(self) -> None:
        header = {
            "descr": np.lib.format.dtype_to_descr(np.dtype(np.float32)),
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
    try:
        loaded = np.lib.format.open_memmap(path, mode="r")
    except Exception as error:  # NumPy parses the header as Python and raises what that raises
        raise DamagedSnapshotError(f"{path} can't be read. Run: rolewise build") from error
    vectors: npt.NDArray[np.float32] = loaded
    count = len(vectors) if count is None and vectors.ndim else count
    if vectors.dtype != np.float32 or vectors.shape != (count, dimension):
        raise DamagedSnapshotError(
            f"{path} holds {vectors.dtype} of shape {vectors.shape}, not float32 of"
            f" ({count}, {dimension}). Run: rolewise build"
        )
    return vectors
