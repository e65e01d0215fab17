"""Vectors are searched by FAISS: exactly while that is fast, beyond it among the nearest clusters.

The vectors themselves lie beside the FAISS index in a file that is memory-mapped. What is found in
clusters, where half a byte stands for two dimensions, is ranked again by them, so that every score
is an exact inner product whatever the index is.
"""

import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from index.encoding.encoder import Vectors
from index.searching.vectors import open_vectors
from index.snapshots.files import DENSE_NAME, PASSAGE_VECTORS_NAME
from knowledge.errors import DamagedSnapshotError

if TYPE_CHECKING:
    import faiss

# Chosen by benchmarks/vector_indexes.py; docs/index.md has its figures. Up to 8,000 vectors a
# search of all takes half a millisecond; beyond, one of the nearest clusters half of that or less.
MOST_SEARCHED_EXACTLY = 8_000
_CLUSTERS_OF_ROOT = 2.0
_PROBED_EXPONENT = 0.82
# Among 1,000,000 vectors of which thousands are nearly alike, 4 times as many as wanted hold .88 of
# the nearest ten, 20 times as many .99; among 100,000, 4 times as many do.
_LEAST_FETCHED, _MOST_FETCHED, _VECTORS_OF_ONE_FETCHED = 4, 40, 50_000
_TRAINED_ON_OF_CLUSTER = 64
_ADDED_AT_ONCE = 20_000
_ROWS_AT_ONCE = 4_096
_LEAST_BYTES_OF_CLUSTER = 8
# FAISS counts a table that it could make of few clusters, which takes up to twice their file.
_BYTES_FOR_BYTE_OF_FILE = 4
_SAMPLE_CHECKED = 1_000
_FOUND_OF_SAMPLE = 50
_LEAST_SHARE_FOUND = 0.95
_ROUNDING = 1e-4
# What FAISS reads from a file, and searches by without looking whether it fits the rest.
_LAYOUT = tuple(
    "metric_type code_size by_residual M M2 nbits ksub bbs implem qbs qbs2 skip max_codes".split()
)
_SEED = 1_234
_reading = threading.Lock()


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
        self.is_exact = _is_searched_exactly(count, dimension)
        share = count // _VECTORS_OF_ONE_FETCHED
        self._fetched_of_wanted = (
            1 if self.is_exact else min(max(share, _LEAST_FETCHED), _MOST_FETCHED)
        )
        try:
            self._index = _read_index(path)
        except (RuntimeError, OSError, MemoryError) as error:
            raise DamagedSnapshotError(
                f"{path} is not a readable FAISS index. Run: rolewise build"
            ) from error
        expected = faiss.IndexFlatIP if self.is_exact else faiss.IndexIVFPQFastScan
        found: type[faiss.Index] = type(self._index)
        if found is not expected:
            raise DamagedSnapshotError(
                f"{path} holds a {found.__name__}, not an {expected.__name__}. Run: rolewise build"
            )
        if (self._index.ntotal, self._index.d) != (count, dimension):
            raise DamagedSnapshotError(
                f"{path} holds {self._index.ntotal:,} vectors of {self._index.d} dimensions, but"
                f" the manifest says {count:,} of {dimension}. Run: rolewise build"
            )
        if fault := _find_fault(self._index):
            raise DamagedSnapshotError(f"{path} {fault}. Run: rolewise build")

    @staticmethod
    def build(folder: Path, count: int, dimension: int) -> None:
        """Index the vectors that lie in a folder; plain `faiss.read_index` reads the result too.

        Raises:
            OSError: the file can't be written whole.
        """
        import faiss

        # Threads that wait for each other cost more than they bring, but on an idle machine.
        faiss.omp_set_num_threads(1)
        vectors = open_vectors(folder / PASSAGE_VECTORS_NAME, count, dimension)
        index = _make_index(vectors)
        for first in range(0, count, _ADDED_AT_ONCE):
            index.add(np.ascontiguousarray(vectors[first : first + _ADDED_AT_ONCE]))
        # FAISS's own writer doesn't notice that a disk is full when its last bytes don't fit.
        with (folder / DENSE_NAME).open("wb") as file:
            writer = faiss.PyCallbackIOWriter(file.write)  # type: ignore[attr-defined] # no stub
            faiss.write_index(index, writer)

    def find_faults(self) -> Iterator[str]:
        """Yield where the index holds something else than the vectors beside it.

        Exact ones must be the same. Of those in clusters each must be in one, a sample in the
        nearest, and found by itself.
        """
        import faiss

        index: Any = self._index
        count = len(self.vectors)
        if self.is_exact:
            for first in range(0, count, _ADDED_AT_ONCE):
                rows = self.vectors[first : first + _ADDED_AT_ONCE]
                differ = (index.reconstruct_n(first, len(rows)) != rows).any(axis=1)
                for row in np.flatnonzero(differ):
                    yield f"FAISS has another vector of passage {first + row:,} than its file"
            return
        lists = index.invlists
        cluster_of = np.full(count, -1, dtype=np.int64)
        for cluster in range(index.nlist):
            held = faiss.rev_swig_ptr(lists.get_ids(cluster), lists.list_size(cluster))
            cluster_of[held[(held >= 0) & (held < count)]] = cluster
        for row in np.flatnonzero(cluster_of < 0):
            yield f"FAISS has passage {row:,} in no cluster"
        sample = np.linspace(0, count - 1, min(count, _SAMPLE_CHECKED)).astype(np.int64)
        vectors = np.asarray(self.vectors[sample])
        likeness = vectors @ faiss.downcast_index(index.quantizer).reconstruct_n(0, index.nlist).T
        own = likeness[np.arange(len(sample)), cluster_of[sample]]
        for row in sample[~(own >= likeness.max(axis=1) - _ROUNDING)]:
            yield f"FAISS has passage {row:,} in another cluster than the nearest"
        found = [
            (self.vectors[self.search(vector, _FOUND_OF_SAMPLE)] == vector).all(axis=1).any()
            for vector in vectors
        ]
        if np.mean(found) < _LEAST_SHARE_FOUND:
            yield f"FAISS finds only {np.mean(found):.0%} of the passages by their own vectors"

    def search(self, vector: Vectors, count: int) -> npt.NDArray[np.int64]:
        """Return the positions of the passages with the highest inner product, in order.

        Args:
            vector: float32, shape (dimension,).
            count: How many at most.

        Source: Johnson et al. 2017 (FAISS), exact inner product; among clusters, Jégou et al. 2011
        and André et al. 2015 (product quantisation, searched in registers).
        """
        import faiss

        faiss.omp_set_num_threads(1)  # it is a setting of each thread
        wanted = count * self._fetched_of_wanted
        _, positions = self._index.search(
            np.ascontiguousarray(vector[np.newaxis], dtype=np.float32),
            min(wanted, self._index.ntotal),
        )
        found = np.sort(positions[0])
        # A damaged file may name passages that there are none of.
        found = found[(found >= 0) & (found < len(self.vectors))].astype(np.int64)
        if len(found) > count:
            best = np.argsort(-self.similarities(vector, found), kind="stable")[:count]
            found = np.sort(found[best])
        return np.asarray(found)

    def search_within(
        self, vector: Vectors, positions: npt.NDArray[np.int64], count: int
    ) -> npt.NDArray[np.int64]:
        """Return which of the passages named have the highest inner product, in order.

        Args:
            vector: float32, shape (dimension,).
            positions: int64, shape (positions,), in order.
            count: How many at most.
        """
        best = positions[:0]
        for start in range(0, len(positions), _ROWS_AT_ONCE):
            some = np.concatenate([best, positions[start : start + _ROWS_AT_ONCE]])
            order = np.argsort(-self.similarities(vector, some), kind="stable")
            best = np.sort(some[order[:count]])
        return best

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


def _read_index(path: Path) -> "faiss.Index":
    """Read an index; what it says of its sizes is believed as far as the file reaches.

    Else a flipped bit in a size would have FAISS ask for terabytes before it finds the file short.
    """
    import faiss

    size = max(path.stat().st_size, 1)
    with _reading:  # the limits are the whole process's
        faiss.set_deserialization_vector_byte_limit(_BYTES_FOR_BYTE_OF_FILE * size)
        faiss.set_deserialization_loop_limit(size // _LEAST_BYTES_OF_CLUSTER + 1)
        return faiss.read_index(str(path))


def _find_fault(read: "faiss.Index") -> str | None:
    """Return what is wrong with how an index is laid out, beside how many vectors it holds."""
    import faiss

    index: Any = read
    if isinstance(index, faiss.IndexFlatIP):
        sound: Any = faiss.IndexFlatIP(index.d)
    else:
        if index.quantizer.ntotal != index.nlist:
            return f"holds {index.nlist:,} clusters, but {index.quantizer.ntotal:,} centres of them"
        if not 1 <= index.nprobe <= index.nlist:
            return f"holds {index.nlist:,} clusters, of which {index.nprobe:,} would be searched"
        sound = _make_clusters(index.d, index.nlist)
    for name in _LAYOUT:
        value, expected = getattr(index, name, None), getattr(sound, name, None)
        if value != expected:
            return f"is laid out otherwise than it was built: {name} is {value}, not {expected}"
    return None


def _is_searched_exactly(count: int, dimension: int) -> bool:
    return count <= MOST_SEARCHED_EXACTLY or dimension % 2 > 0  # clusters hold pairs of dimensions


def _make_index(vectors: npt.NDArray[np.float32]) -> "faiss.Index":
    """Return an index, empty and trained, of the type that suits the vectors."""
    import faiss

    count, dimension = vectors.shape
    if _is_searched_exactly(count, dimension):
        return faiss.IndexFlatIP(dimension)
    clusters = round(_CLUSTERS_OF_ROOT * math.sqrt(count))
    index = _make_clusters(dimension, clusters)
    sample = np.random.default_rng(_SEED).choice(
        count, min(count, _TRAINED_ON_OF_CLUSTER * clusters), replace=False
    )
    index.train(np.ascontiguousarray(vectors[np.sort(sample)]))
    probed = round(clusters**_PROBED_EXPONENT)
    faiss.ParameterSpace().set_index_parameter(index, "nprobe", probed)  # it is saved along
    return index


def _make_clusters(dimension: int, clusters: int) -> "faiss.Index":
    import faiss

    return faiss.index_factory(
        dimension, f"IVF{clusters},PQ{dimension // 2}x4fs", faiss.METRIC_INNER_PRODUCT
    )
