"""Damaged snapshots: refused with a clear error, or read as though nothing had happened."""

from pathlib import Path

import pytest

from index.checking import check_snapshot
from knowledge.errors import SnapshotError
from tests.index.damage import damage, read_all, restore
from tests.soak import SEED, rounds

ROOT = Path(__file__).parents[2]


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
            assert not check_snapshot(folder).is_intact, (number, how)
    assert refused
