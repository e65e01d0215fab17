import errno
import os
import threading
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dense import DenseIndex
from index.home import translating_storage_errors
from knowledge.errors import DamagedSnapshotError, StorageError
from tests.index.fakes import unit_vectors

needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    count=st.integers(1, 300),
    dimension=st.integers(1, 70),
    wanted=st.integers(1, 400),
    seed=st.integers(0, 2**32 - 1),
)
def test_search_equals_brute_force(count: int, dimension: int, wanted: int, seed: int) -> None:
    vectors = unit_vectors(count, dimension, seed)
    question = unit_vectors(1, dimension, seed + 1)[0]
    index = DenseIndex(vectors)
    positions = index.search(question, wanted)
    cosines = vectors.astype(np.float64) @ question.astype(np.float64)
    assert len(positions) == len(set(positions.tolist())) == min(count, wanted)
    expected = np.sort(cosines)[::-1][:wanted]
    np.testing.assert_allclose(cosines[positions], expected, atol=1e-6)
    if dimension > 3:  # with few dimensions cosines are equal by chance
        assert positions.tolist() == np.argsort(-cosines, kind="stable")[:wanted].tolist()
    np.testing.assert_allclose(
        index.similarities(question, positions), cosines[positions], atol=1e-6
    )


def test_similarities_are_of_the_positions_named() -> None:
    vectors = unit_vectors(5, 4)
    index = DenseIndex(vectors)
    found = index.similarities(vectors[3], np.array([4, 3, 0, 3]))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, (vectors @ vectors[3])[[4, 3, 0, 3]], atol=1e-6)
    assert index.similarities(vectors[3], np.zeros(0, dtype=np.int64)).shape == (0,)


def test_equal_vectors_have_equal_similarities() -> None:
    # The last bits decide the order otherwise: a matrix product adds rows up in several ways.
    for count in range(2, 40):
        index = DenseIndex(np.repeat(unit_vectors(1, 384, count), count, axis=0))
        found = index.similarities(unit_vectors(1, 384, 99)[0], np.arange(count))
        assert len(set(found.tolist())) == 1


def test_save_then_load_finds_the_same(tmp_path: Path) -> None:
    vectors = unit_vectors(40, 12)
    path = tmp_path / "pässages #1.faiss"
    saved = DenseIndex(vectors)
    saved.save(path)
    loaded = DenseIndex.load(path, count=40, dimension=12)
    positions = saved.search(vectors[7], 40)
    assert positions[0] == 7
    assert loaded.search(vectors[7], 40).tolist() == positions.tolist()
    assert (
        loaded.similarities(vectors[7], positions).tolist()
        == saved.similarities(vectors[7], positions).tolist()
    )
    plain = faiss.read_index(str(path))
    assert (plain.ntotal, plain.d, plain.metric_type) == (40, 12, faiss.METRIC_INNER_PRODUCT)
    assert plain.reconstruct_n(0, 40).tolist() == vectors.tolist()


@pytest.mark.parametrize(("count", "dimension"), [(41, 12), (39, 12), (40, 13), (40, 6)], ids=str)
def test_another_count_or_dimension_names_both(count: int, dimension: int, tmp_path: Path) -> None:
    path = tmp_path / "passages.faiss"
    DenseIndex(unit_vectors(40, 12)).save(path)
    with pytest.raises(DamagedSnapshotError) as caught:
        DenseIndex.load(path, count=count, dimension=dimension)
    assert "holds 40 vectors of 12 dimensions" in str(caught.value)
    assert f"says {count} of {dimension}. Run: rolewise build" in str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 4, 20, 44, 45, 100, 1900, -1])
def test_a_truncated_file_is_damaged(size: int, tmp_path: Path) -> None:
    path = tmp_path / "passages.faiss"
    DenseIndex(unit_vectors(40, 12)).save(path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DamagedSnapshotError, match=r"passages\.faiss is not a readable"):
        DenseIndex.load(path, count=40, dimension=12)


def test_a_flipped_bit_in_the_header_never_escapes(tmp_path: Path) -> None:
    path = tmp_path / "passages.faiss"
    DenseIndex(unit_vectors(3, 4)).save(path)
    data = path.read_bytes()
    refused = 0
    # Up to the size of the vectors, which FAISS believes and would take gigabytes for.
    for bit in range(8 * 37):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        try:
            loaded = DenseIndex.load(path, count=3, dimension=4)
        except DamagedSnapshotError:
            refused += 1
        else:
            assert sorted(loaded.search(unit_vectors(1, 4)[0], 3)) == [0, 1, 2]
    assert refused > 100


@pytest.mark.parametrize("missing", ["no-such-file", "."], ids=["missing", "folder"])
def test_what_is_no_file_is_damaged(missing: str, tmp_path: Path) -> None:
    with pytest.raises(DamagedSnapshotError):
        DenseIndex.load(tmp_path / missing, count=1, dimension=1)


@pytest.mark.parametrize("kind", ["IndexFlatL2", "IndexHNSWFlat"])
def test_another_kind_of_index_is_damaged(kind: str, tmp_path: Path) -> None:
    # The nearest by distance would come out in the wrong order.
    other = faiss.IndexFlatL2(4) if kind == "IndexFlatL2" else faiss.IndexHNSWFlat(4, 4)
    other.add(unit_vectors(3, 4))
    path = tmp_path / "passages.faiss"
    faiss.write_index(other, str(path))
    with pytest.raises(DamagedSnapshotError, match=kind):
        DenseIndex.load(path, count=3, dimension=4)


@needs_dev_full
@pytest.mark.parametrize("count", [1, 10, 20_000])
def test_a_full_disk_is_noticed_whatever_the_size(count: int) -> None:
    # FAISS's own writer loses what still stands in its buffer, and says nothing.
    index = DenseIndex(unit_vectors(count, 16))
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)) as caught:
        index.save(Path("/dev/full"))
    assert caught.value.errno == errno.ENOSPC
    with (
        pytest.raises(StorageError, match="no space left"),
        translating_storage_errors(Path("/home")),
    ):
        index.save(Path("/dev/full"))


def test_threads_search_at_once() -> None:
    vectors = unit_vectors(500, 32)
    index = DenseIndex(vectors)
    failures: list[int] = []

    def work(first: int) -> None:
        positions = range(first, first + 100)
        failures.extend(row for row in positions if index.search(vectors[row], 3)[0] != row)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 400, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
