import errno
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoding.encoder import Vectors
from index.searching.vectors import VectorFile, open_vectors
from knowledge.errors import DamagedSnapshotError
from tests.index.fakes import unit_vectors

needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vectors #1 ü.npy"


def write(path: Path, *pieces: Vectors, dimension: int = 4) -> None:
    with VectorFile(path, dimension) as file:
        for piece in pieces:
            file.append(piece)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    counts=st.lists(st.integers(0, 40), max_size=6),
    dimension=st.integers(1, 400),
    seed=st.integers(0, 1_000),
)
def test_pieces_come_back_as_one(
    counts: list[int], dimension: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "pieces.npy"
    pieces = [unit_vectors(count, dimension, seed + row) for row, count in enumerate(counts)]
    with VectorFile(path, dimension) as file:
        for row, piece in enumerate(pieces):
            assert file.count == sum(counts[:row])
            file.append(piece)
    whole = np.concatenate([np.zeros((0, dimension), dtype=np.float32), *pieces])
    for count in (sum(counts), None):
        found = open_vectors(path, count, dimension)
        assert isinstance(found.base, np.memmap)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, whole)
    loaded = np.load(path)
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded, whole)


def test_the_file_is_what_numpy_writes(path: Path) -> None:
    vectors = unit_vectors(7, 4)
    write(path, vectors[:3], vectors[3:])
    other = path.with_name("numpy.npy")
    np.save(other, vectors)
    assert path.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    "vectors",
    [
        np.asfortranarray(unit_vectors(6, 4)),
        unit_vectors(12, 4)[::2],
        unit_vectors(6, 8)[:, ::2],
        unit_vectors(6, 4).astype(np.float64),
        unit_vectors(6, 4)[::-1],
    ],
    ids=["Fortran order", "every second row", "every second column", "float64", "backwards"],
)
def test_vectors_of_any_layout_are_written_row_by_row(
    vectors: npt.NDArray[np.float32], path: Path
) -> None:
    write(path, vectors)
    np.testing.assert_array_equal(np.load(path), vectors.astype(np.float32))


@pytest.mark.parametrize("shape", [(2, 3), (4,), (0,), (2, 4, 1), ()], ids=str)
def test_vectors_of_another_shape_are_misuse(shape: tuple[int, ...], path: Path) -> None:
    with VectorFile(path, 4) as file, pytest.raises(ValueError, match="not \\(any, 4\\)"):
        file.append(np.zeros(shape, dtype=np.float32))
    assert np.load(path).shape == (0, 4)


def test_an_error_within_leaves_a_closed_file_that_holds_nothing(path: Path) -> None:
    def fail(file: VectorFile) -> None:
        file.append(unit_vectors(3, 4))
        raise RuntimeError("the build fails")

    with pytest.raises(RuntimeError, match="the build fails"), VectorFile(path, 4) as file:
        fail(file)
    with pytest.raises(ValueError, match="closed file"):
        file.append(unit_vectors(1, 4))
    # Its length is written at the end, so that half a file is never taken for a whole one.
    with pytest.raises(DamagedSnapshotError, match=r"shape \(0, 4\), not float32 of \(3, 4\)"):
        open_vectors(path, 3, 4)


def test_a_file_without_a_folder_is_an_error_of_the_operating_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        VectorFile(tmp_path / "no such folder" / "vectors.npy", 4)


@needs_dev_full
@pytest.mark.parametrize("count", [0, 1, 30, 50_000])
def test_a_full_disk_is_noticed_whatever_the_size(count: int) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)) as caught:
        write(Path("/dev/full"), unit_vectors(count, 4))
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize(
    ("count", "dimension"), [(2, 4), (4, 4), (3, 3), (3, 5), (0, 4), (None, 5)], ids=str
)
def test_another_count_or_dimension_names_both(
    count: int | None, dimension: int, path: Path
) -> None:
    write(path, unit_vectors(3, 4))
    with pytest.raises(DamagedSnapshotError) as caught:
        open_vectors(path, count, dimension)
    expected = 3 if count is None else count
    assert str(caught.value) == (
        f"{path} holds float32 of shape (3, 4), not float32 of ({expected}, {dimension})."
        " Run: rolewise build"
    )


@pytest.mark.parametrize("cut", [1, 16, 48, 100, 176])
def test_a_truncated_file_is_damaged(cut: int, path: Path) -> None:
    write(path, unit_vectors(3, 4))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(DamagedSnapshotError, match=r"can't be read\. Run: rolewise build"):
        open_vectors(path, 3, 4)


@pytest.mark.parametrize("missing", ["no-such-file", "."], ids=["missing", "folder"])
def test_what_is_no_file_is_damaged(missing: str, tmp_path: Path) -> None:
    with pytest.raises(DamagedSnapshotError):
        open_vectors(tmp_path / missing, 1, 4)


def test_a_flipped_bit_in_the_header_never_escapes(path: Path) -> None:
    write(path, unit_vectors(3, 4))
    data = path.read_bytes()
    refused = 0
    for bit in range(0, 8 * 128, 3):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        try:
            found = open_vectors(path, 3, 4)
        except DamagedSnapshotError:
            refused += 1
        else:
            assert found.shape == (3, 4)
    assert refused > 130


def test_what_was_opened_cannot_be_changed(path: Path) -> None:
    write(path, unit_vectors(3, 4))
    with pytest.raises(ValueError, match="read-only"):
        open_vectors(path, 3, 4)[0] = 1
