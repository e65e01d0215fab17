"""Damaged snapshots: refused with a clear error, or read as though nothing had happened."""

import subprocess
import sys
from pathlib import Path

import pytest

from index.checking.home import check_encoder_of_snapshot, check_snapshot
from index.searching.dense import DenseIndex
from index.searching.vectors import VectorFile
from knowledge.checks import Verdict
from knowledge.errors import SnapshotError
from tests.index.checking.damage import damage, read_all, restore
from tests.index.fakes import REFERENCES, WordHashEncoder, unit_vectors
from tests.soak import SEED, rounds

ROOT = Path(__file__).parents[3]


@pytest.mark.soak
def test_no_damage_passes_a_small_snapshot(folder: Path, tmp_path: Path) -> None:
    original = tmp_path / "original"
    restore(original, folder)
    expected = read_all(folder)
    refused = 0
    for number in range(rounds(sample=60, full=1_000)):
        restore(folder, original)
        how = damage(folder, number, SEED)
        try:
            assert read_all(folder) == expected, (number, how)
        except SnapshotError as error:
            refused += 1
            message = str(error)
            assert "rolewise build" in message, (number, how)
            assert "\n" not in message, (number, how)
            message.encode()
            assert is_found(folder), (number, how)
    assert refused


def is_found(folder: Path) -> bool:
    """Return whether the doctor finds a snapshot bad, be it that it suits another encoder."""
    if not check_snapshot(folder).is_intact:
        return True
    of_encoder = check_encoder_of_snapshot(folder, WordHashEncoder(), REFERENCES)
    return of_encoder.verdict is Verdict.BAD


@pytest.mark.soak
def test_damage_that_a_stamp_vouches_for_ends_no_process(folder: Path, tmp_path: Path) -> None:
    original = tmp_path / "original"
    restore(original, folder)
    count = rounds(sample=60, full=1_000)
    lines = run_worker("snapshots", folder, original, 0, count, SEED)
    assert len(lines) == count
    refusals = [line for line in lines if "refused: " in line]
    assert all("rolewise build" in line for line in refusals)
    # Another answer is what a large snapshot may give, until the doctor has looked at it.
    others = [line for line in lines if line.endswith(("the same", "other answers"))]
    assert len(refusals) + len(others) == count
    assert refusals
    assert others


@pytest.mark.soak
@pytest.mark.parametrize("count", [50, 8_200], ids=["exact", "clusters"])
def test_faiss_believes_no_size_that_its_file_does_not_have(count: int, tmp_path: Path) -> None:
    dimension = 16
    with VectorFile(tmp_path / "passages.npy", dimension) as file:
        file.append(unit_vectors(count, dimension))
    DenseIndex.build(tmp_path, count, dimension)
    end = rounds(sample=16, full=200)
    lines = run_worker("headers", tmp_path, count, dimension, 0, end)
    assert len(lines) == 8 * end
    assert any("refused: " in line for line in lines)


def run_worker(*arguments: object) -> list[str]:
    """Return what a process says of each case; a crash of it names the case."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.index.checking.damage_worker", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.returncode, done.stdout[-500:], done.stderr[-2_000:])
    return done.stdout.splitlines()
