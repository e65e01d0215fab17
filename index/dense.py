"""Vectors are stored and searched by FAISS, exactly."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encoder import Vectors
from knowledge.errors import DamagedSnapshotError


class DenseIndex:
    """An exact inner-product index over unit vectors; row numbers are passage positions."""

    def __init__(self, vectors: Vectors) -> None:
        """Index vectors: float32, shape (passages, dimension), unit norm."""
        import faiss

        self._index: faiss.Index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    @classmethod
    def load(cls, path: Path, *, count: int, dimension: int) -> "DenseIndex":
        """Read an index that FAISS wrote.

        Raises:
            DamagedSnapshotError: it can't be read, or holds another number or size of vectors.
        """
        import faiss

        try:
            index = faiss.read_index(str(path))
        except (RuntimeError, OSError, MemoryError) as error:
            raise DamagedSnapshotError(
                f"{path} is not a readable FAISS index. Run: rolewise build"
            ) from error
        if not isinstance(index, faiss.IndexFlatIP):
            raise DamagedSnapshotError(
                f"{path} holds a {type(index).__name__}, not an IndexFlatIP. Run: rolewise build"
            )
        if (index.ntotal, index.d) != (count, dimension):
            raise DamagedSnapshotError(
                f"{path} holds {index.ntotal:,} vectors of {index.d} dimensions, but the manifest"
                f" says {count:,} of {dimension}. Run: rolewise build"
            )
        loaded = cls.__new__(cls)
        loaded._index = index
        return loaded

    def save(self, path: Path) -> None:
        """Write the index, readable with plain `faiss.read_index`.

        Raises:
            OSError: the file can't be written whole.
        """
        import faiss

        # FAISS's own writer doesn't notice that a disk is full when its last bytes don't fit.
        with path.open("wb") as file:
            writer = faiss.PyCallbackIOWriter(file.write)  # type: ignore[attr-defined] # no stub
            faiss.write_index(self._index, writer)

    def search(self, vector: Vectors, count: int) -> npt.NDArray[np.int64]:
        """Return the positions of the nearest passages, best first.

        Args:
            vector: float32, shape (dimension,), unit norm.
            count: How many at most.

        Source: Johnson et al. 2017 (FAISS), exact inner product.
        """
        count = min(count, self._index.ntotal)
        _, positions = self._index.search(vector[np.newaxis], count)
        return np.asarray(positions[0], dtype=np.int64)

    def similarities(self, vector: Vectors, positions: npt.NDArray[np.int64]) -> Vectors:
        """Return the cosine of the vector to each passage named: float32, shape (positions,)."""
        if not len(positions):
            return np.zeros(0, dtype=np.float32)
        rows = self._index.reconstruct_batch(positions)
        # Not `rows @ vector`, which gives equal rows unequal scores in their last bits.
        return np.asarray((rows * vector).sum(axis=1), dtype=np.float32)
