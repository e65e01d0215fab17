import errno
import os
import threading
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoding.encoder import Vectors
from index.searching import dense
from index.searching.dense import MOST_SEARCHED_EXACTLY, DenseIndex
from index.snapshots.files import DENSE_NAME, PASSAGE_VECTORS_NAME
from index.snapshots.home import translating_storage_errors
from knowledge.errors import DamagedSnapshotError, StorageError
from tests.index.fakes import unit_vectors

needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


def write(folder: Path, vectors: Vectors) -> Path:
    """Write the vectors and their index into a folder; return the index's file."""
    folder.mkdir(exist_ok=True)
    np.save(folder / PASSAGE_VECTORS_NAME, vectors)
    DenseIndex.build(folder, *vectors.shape)
    return folder / DENSE_NAME


def index_of(vectors: Vectors, folder: Path) -> DenseIndex:
    """Build an index and open it."""
    write(folder, vectors)
    return DenseIndex(folder, count=len(vectors), dimension=vectors.shape[1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pässages #1"


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    count=st.integers(1, 300),
    dimension=st.integers(1, 70),
    wanted=st.integers(1, 400),
    seed=st.integers(0, 2**32 - 1),
)
def test_search_equals_brute_force(
    count: int, dimension: int, wanted: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    vectors = unit_vectors(count, dimension, seed)
    question = unit_vectors(1, dimension, seed + 1)[0]
    index = index_of(vectors, tmp_path_factory.getbasetemp() / "brute force")
    positions = index.search(question, wanted)
    cosines = vectors.astype(np.float64) @ question.astype(np.float64)
    assert positions.dtype == np.int64
    assert len(positions) == min(count, wanted)
    assert positions.tolist() == sorted(set(positions.tolist()))
    expected = np.sort(cosines)[::-1][:wanted]
    np.testing.assert_allclose(np.sort(cosines[positions])[::-1], expected, atol=1e-6)
    if dimension > 3:  # with few dimensions cosines are equal by chance
        nearest = np.argsort(-cosines, kind="stable")[:wanted]
        assert positions.tolist() == sorted(nearest.tolist())
    np.testing.assert_allclose(
        index.similarities(question, positions), cosines[positions], atol=1e-6
    )


def test_a_vector_of_any_length_is_searched_by_inner_product(folder: Path) -> None:
    # The mean of several questions' vectors is shorter than one.
    vectors = unit_vectors(50, 8)
    index = index_of(vectors, folder)
    mean = unit_vectors(3, 8, 7).mean(axis=0)
    products = vectors @ mean
    assert index.search(mean, 5).tolist() == sorted(np.argsort(-products)[:5].tolist())
    assert index.search(-mean, 5).tolist() == sorted(np.argsort(products)[:5].tolist())
    np.testing.assert_allclose(index.similarities(mean, np.arange(50)), products, atol=1e-6)


def test_similarities_are_of_the_positions_named(folder: Path) -> None:
    vectors = unit_vectors(5, 4)
    index = index_of(vectors, folder)
    found = index.similarities(vectors[3], np.array([4, 3, 0, 3]))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, (vectors @ vectors[3])[[4, 3, 0, 3]], atol=1e-6)
    assert index.similarities(vectors[3], np.zeros(0, dtype=np.int64)).shape == (0,)


@pytest.mark.parametrize("rows_at_once", [1, 7, 1_000])
def test_the_nearest_of_some_positions_are_those_of_all_that_are_among_them(
    rows_at_once: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense, "_ROWS_AT_ONCE", rows_at_once)
    vectors = unit_vectors(60, 8)
    index = index_of(vectors, folder)
    question = -vectors.mean(axis=0)  # most cosines are below 0
    some = np.arange(0, 60, 3)
    by_cosine = sorted(some.tolist(), key=lambda place: -float(vectors[place] @ question))
    for count in (1, 5, 20, 100):
        found = index.search_within(question, some, count)
        assert found.tolist() == sorted(by_cosine[:count])
    assert index.search_within(question, some[:0], 5).tolist() == []


def test_equal_vectors_have_equal_similarities(folder: Path) -> None:
    # The last bits decide the order otherwise: a matrix product adds rows up in several ways.
    for count in range(2, 40):
        index = index_of(np.repeat(unit_vectors(1, 384, count), count, axis=0), folder)
        found = index.similarities(unit_vectors(1, 384, 99)[0], np.arange(count))
        assert len(set(found.tolist())) == 1


def test_plain_faiss_reads_the_file(folder: Path) -> None:
    vectors = unit_vectors(40, 12)
    index = index_of(vectors, folder)
    assert index.search(vectors[7], 1).tolist() == [7]
    assert isinstance(index.vectors.base, np.memmap)
    np.testing.assert_array_equal(index.vectors, vectors)
    plain = faiss.read_index(str(folder / DENSE_NAME))
    assert (plain.ntotal, plain.d, plain.metric_type) == (40, 12, faiss.METRIC_INNER_PRODUCT)
    assert plain.reconstruct_n(0, 40).tolist() == vectors.tolist()


@pytest.mark.parametrize(("count", "dimension"), [(41, 12), (39, 12), (40, 13), (40, 6)], ids=str)
def test_another_count_or_dimension_names_both(count: int, dimension: int, folder: Path) -> None:
    write(folder, unit_vectors(40, 12))
    with pytest.raises(DamagedSnapshotError) as caught:
        DenseIndex(folder, count=count, dimension=dimension)
    assert str(folder / PASSAGE_VECTORS_NAME) in str(caught.value)
    assert "float32 of shape (40, 12)" in str(caught.value)
    assert f"({count}, {dimension}). Run: rolewise build" in str(caught.value)
    np.save(folder / PASSAGE_VECTORS_NAME, unit_vectors(count, dimension))
    with pytest.raises(DamagedSnapshotError) as caught:
        DenseIndex(folder, count=count, dimension=dimension)
    assert str(folder / DENSE_NAME) in str(caught.value)
    assert "holds 40 vectors of 12 dimensions" in str(caught.value)
    assert f"says {count} of {dimension}. Run: rolewise build" in str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 4, 20, 44, 45, 100, 1900, -1])
def test_a_truncated_file_is_damaged(size: int, folder: Path) -> None:
    path = write(folder, unit_vectors(40, 12))
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DamagedSnapshotError, match=r"passages\.faiss is not a readable"):
        DenseIndex(folder, count=40, dimension=12)


@pytest.mark.parametrize("size", [0, 100, 128, 1900, -1])
def test_truncated_vectors_are_damaged(size: int, folder: Path) -> None:
    write(folder, unit_vectors(40, 12))
    path = folder / PASSAGE_VECTORS_NAME
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DamagedSnapshotError, match=r"passages\.npy can't be read"):
        DenseIndex(folder, count=40, dimension=12)


def test_a_flipped_bit_in_the_header_never_escapes(folder: Path) -> None:
    path = write(folder, unit_vectors(3, 4))
    data = path.read_bytes()
    refused = 0
    # Up to the size of the vectors, which FAISS believes and would take gigabytes for.
    for bit in range(8 * 37):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        try:
            loaded = DenseIndex(folder, count=3, dimension=4)
        except DamagedSnapshotError:
            refused += 1
        else:
            assert loaded.search(unit_vectors(1, 4)[0], 3).tolist() == [0, 1, 2]
    assert refused > 100


@pytest.mark.parametrize("name", [DENSE_NAME, PASSAGE_VECTORS_NAME])
@pytest.mark.parametrize("replacement", ["nothing", "folder"])
def test_what_is_no_file_is_damaged(name: str, replacement: str, folder: Path) -> None:
    write(folder, unit_vectors(3, 4))
    (folder / name).unlink()
    if replacement == "folder":
        (folder / name).mkdir()
    with pytest.raises(DamagedSnapshotError) as caught:
        DenseIndex(folder, count=3, dimension=4)
    assert str(folder / name) in str(caught.value)


@pytest.mark.parametrize("kind", ["IndexFlatL2", "IndexHNSWFlat"])
def test_another_kind_of_index_is_damaged(kind: str, folder: Path) -> None:
    # The nearest by distance would come out in the wrong order.
    path = write(folder, unit_vectors(3, 4))
    other = faiss.IndexFlatL2(4) if kind == "IndexFlatL2" else faiss.IndexHNSWFlat(4, 4)
    other.add(unit_vectors(3, 4))
    faiss.write_index(other, str(path))
    with pytest.raises(DamagedSnapshotError, match=kind):
        DenseIndex(folder, count=3, dimension=4)


@needs_dev_full
@pytest.mark.parametrize("count", [1, 10, 4_000])
def test_a_full_disk_is_noticed_whatever_the_size(count: int, folder: Path) -> None:
    # FAISS's own writer loses what still stands in its buffer, and says nothing.
    folder.mkdir()
    np.save(folder / PASSAGE_VECTORS_NAME, unit_vectors(count, 16))
    (folder / DENSE_NAME).symlink_to("/dev/full")
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)) as caught:
        DenseIndex.build(folder, count, 16)
    assert caught.value.errno == errno.ENOSPC
    with (
        pytest.raises(StorageError, match="no space left"),
        translating_storage_errors(Path("/home")),
    ):
        DenseIndex.build(folder, count, 16)


def test_threads_search_at_once(folder: Path) -> None:
    vectors = unit_vectors(500, 32)
    index = index_of(vectors, folder)
    failures: list[int] = []

    def work(first: int) -> None:
        for row in range(first, first + 100):
            positions = index.search(vectors[row], 3)
            best = positions[index.similarities(vectors[row], positions).argmax()]
            if best != row:
                failures.append(row)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 400, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_many_vectors_are_searched_among_the_nearest_clusters(folder: Path) -> None:
    count = MOST_SEARCHED_EXACTLY + 1
    random = np.random.default_rng(5)
    centres = unit_vectors(200, 32)
    noise = random.standard_normal((count, 32), dtype=np.float32) * 0.15
    vectors = centres[random.integers(0, len(centres), count)] + noise
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    index = index_of(vectors, folder)
    recalls = []
    for question in unit_vectors(40, 32, 9):
        found = index.search(question, 50)
        cosines = vectors @ question
        nearest = np.argsort(-cosines)[:10]
        recalls.append(np.isin(nearest, found).mean())
        assert found.tolist() == sorted(set(found.tolist()))
        # Whatever FAISS keeps of a vector, the scores are of the vector itself.
        np.testing.assert_allclose(index.similarities(question, found), cosines[found], atol=1e-6)
    assert np.mean(recalls) >= 0.98
    assert (folder / DENSE_NAME).stat().st_size < 0.5 * vectors.nbytes
    plain = faiss.read_index(str(folder / DENSE_NAME))
    assert (type(plain), plain.ntotal, plain.d) == (faiss.IndexIVFPQFastScan, count, 32)


def test_the_same_vectors_give_the_same_clusters(folder: Path, tmp_path: Path) -> None:
    vectors = unit_vectors(MOST_SEARCHED_EXACTLY + 1, 8)
    first, second = write(folder, vectors), write(tmp_path / "again", vectors)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("kept", [0, 10, 100, 0.5, 0.99])
def test_a_cut_index_of_clusters_is_damaged(folder: Path, kept: float) -> None:
    vectors = unit_vectors(MOST_SEARCHED_EXACTLY + 1, 8)
    path = write(folder, vectors)
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data)) if kept < 1 else int(kept)])
    with pytest.raises(DamagedSnapshotError, match="is not a readable FAISS index"):
        DenseIndex(folder, count=len(vectors), dimension=8)
