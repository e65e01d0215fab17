"""Vectors are searched by FAISS: exactly while that is fast, beyond it among the nearest clusters.

The vectors themselves lie beside the FAISS index in a file that is memory-mapped. What FAISS finds
is looked at again with them, so that every score is an exact cosine whatever the index is.
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.cores import count_cores
from index.encoder import Vectors
from index.files import DENSE_NAME, PASSAGE_VECTORS_NAME
from index.vectors import open_vectors
from knowledge.errors import DamagedSnapshotError

if TYPE_CHECKING:
    import faiss

# Chosen by benchmarks/vector_indexes.py; docs/index.md has its figures: a search of all 20,000
# vectors takes a millisecond, and beyond them one of the nearest clusters half of that or less.
MOST_SEARCHED_EXACTLY = 20_000
_CLUSTERS_OF_ROOT = 2.0
# 110 of 283 clusters at 20,000 vectors, 141 of 632 at 100,000, 199 of 2,000 at 1,000,000: what
# keeps recall@10 at .99 and above.
_PROBED_OF_ONE, _PROBED_EXPONENT = 25.0, 0.15
_VECTORS_TRAINED_ON_OF_CLUSTER = 40
_VECTORS_ADDED_AT_ONCE = 65_536
_SEED = 1_234


class DenseIndex:
    """An inner-product index over unit vectors; row numbers are passage positions."""

    def __init__(self, folder: Path, *, count: int, dimension: int) -> None:
        """Open an index that `build` wrote.

        Raises:
            DamagedSnapshotError: it can't be read, or holds another number or size of vectors.
        """
        import faiss

        path = folder / DENSE_NAME
        self.vectors = open_vectors(folder / PASSAGE_VECTORS_NAME, count, dimension)
        is_exact = count <= MOST_SEARCHED_EXACTLY
        try:
            self._index: faiss.Index = faiss.read_index(
                str(path), 0 if is_exact else faiss.IO_FLAG_MMAP
            )
        except (RuntimeError, OSError, MemoryError) as error:
            raise DamagedSnapshotError(
                f"{path} is not a readable FAISS index. Run: rolewise build"
            ) from error
        expected = faiss.IndexFlatIP if is_exact else faiss.IndexIVFScalarQuantizer
        if not isinstance(self._index, expected):
            raise DamagedSnapshotError(
                f"{path} holds a {type(self._index).__name__}, not an {expected.__name__}."
                " Run: rolewise build"
            )
        if (self._index.ntotal, self._index.d) != (count, dimension):
            raise DamagedSnapshotError(
                f"{path} holds {self._index.ntotal:,} vectors of {self._index.d} dimensions, but"
                f" the manifest says {count:,} of {dimension}. Run: rolewise build"
            )

    @staticmethod
    def build(folder: Path, count: int, dimension: int) -> None:
        """Index the vectors that lie in a folder; plain `faiss.read_index` reads the result too.

        Raises:
            OSError: the file can't be written whole.
        """
        import faiss

        vectors = open_vectors(folder / PASSAGE_VECTORS_NAME, count, dimension)
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(count_cores())
        try:
            index = _make_index(vectors)
            for first in range(0, count, _VECTORS_ADDED_AT_ONCE):
                index.add(np.ascontiguousarray(vectors[first : first + _VECTORS_ADDED_AT_ONCE]))
        finally:
            faiss.omp_set_num_threads(threads)
        # FAISS's own writer doesn't notice that a disk is full when its last bytes don't fit.
        with (folder / DENSE_NAME).open("wb") as file:
            writer = faiss.PyCallbackIOWriter(file.write)  # type: ignore[attr-defined] # no stub
            faiss.write_index(index, writer)

    def search(self, vector: Vectors, count: int) -> npt.NDArray[np.int64]:
        """Return the positions of the passages with the highest inner product, in order.

        Args:
            vector: float32, shape (dimension,).
            count: How many at most.

        Source: Johnson et al. 2017 (FAISS), exact inner product.
        """
        _, positions = self._index.search(
            np.ascontiguousarray(vector[np.newaxis], dtype=np.float32),
            min(count, self._index.ntotal),
        )
        found = np.sort(positions[0])
        return np.asarray(found[found >= 0], dtype=np.int64)

    def similarities(self, vector: Vectors, positions: npt.NDArray[np.int64]) -> Vectors:
        """Return the exact inner product of the vector with each passage named.

        Args:
            vector: float32, shape (dimension,).
            positions: int64, shape (positions,).

        Returns:
            float32, shape (positions,).
        """
        # Not a matrix product, which gives equal rows unequal scores in their last bits.
        return np.asarray((self.vectors[positions] * vector).sum(axis=1), dtype=np.float32)


def _make_index(vectors: npt.NDArray[np.float32]) -> "faiss.Index":
    """Return an index, empty and trained, of the type that suits the number of vectors.

    Source: Jégou et al. 2011 and Johnson et al. 2017 (inverted lists), with a byte a dimension.
    """
    import faiss

    count, dimension = vectors.shape
    if count <= MOST_SEARCHED_EXACTLY:
        return faiss.IndexFlatIP(dimension)
    clusters = round(_CLUSTERS_OF_ROOT * math.sqrt(count))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        clusters,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.seed = _SEED
    index.nprobe = min(clusters, round(_PROBED_OF_ONE * count**_PROBED_EXPONENT))
    sample = np.random.default_rng(_SEED).choice(
        count, min(count, clusters * _VECTORS_TRAINED_ON_OF_CLUSTER), replace=False
    )
    index.train(np.ascontiguousarray(vectors[np.sort(sample)]))
    return index
