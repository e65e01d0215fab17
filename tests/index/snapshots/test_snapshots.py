import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

import index.snapshots.manifest
import index.snapshots.snapshots
from index.snapshots.files import PASSAGE_VECTORS_NAME, STORE_NAME
from index.snapshots.home import Home
from index.snapshots.integrity import sync_path
from index.snapshots.manifest import MANIFEST_NAME, read_manifest
from index.snapshots.snapshot import Snapshot
from index.snapshots.snapshots import list_snapshots, roll_back
from knowledge.errors import (
    BusyError,
    DamagedSnapshotError,
    NoSnapshotError,
    SnapshotError,
    StaleSnapshotError,
    StorageError,
)
from tests.index.fakes import WordHashEncoder, build, leftovers_of

ENCODER = WordHashEncoder()


@pytest.fixture
def names(built_home: Home, guides: Path) -> tuple[str, ...]:
    """Three snapshots: of three guides, of four, of five."""
    for number in (4, 5):
        (guides / f"guide-{number}.md").write_text(f"# Guide {number}\n\nText.\n", encoding="utf-8")
        build(built_home, guides)
    return built_home.snapshot_names()


def back(home: Home, name: str | None = None) -> str:
    return roll_back(home, name, lambda: ENCODER)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_snapshots_are_listed_in_the_order_of_building(
    built_home: Home, names: tuple[str, ...]
) -> None:
    listings = list_snapshots(built_home)
    assert tuple(listing.name for listing in listings) == names
    assert [listing.documents for listing in listings] == [3, 4, 5]
    assert [listing.is_in_service for listing in listings] == [False, False, True]
    for listing in listings:
        folder = built_home.folder_of(listing.name)
        manifest = read_manifest(folder)
        assert listing.passages == manifest.passages
        assert listing.created_at == manifest.created_at
        assert listing.bytes == sum(
            path.stat().st_size for path in folder.rglob("*") if path.is_file()
        )
        assert listing.problem is None


def test_what_is_wrong_with_a_snapshot_is_listed(
    built_home: Home, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    (built_home.folder_of(names[0]) / MANIFEST_NAME).unlink()
    (built_home.folder_of(names[1]) / STORE_NAME).write_bytes(b"")
    (built_home.path / "current").write_text("nonsense", encoding="ascii")
    first, second, third = list_snapshots(built_home)
    assert (first.documents, first.passages, first.created_at) == (None, None, None)
    assert first.problem is not None
    assert first.problem.endswith(f"{MANIFEST_NAME} is missing.")
    assert second.documents == 4
    assert second.problem is not None
    assert f"{STORE_NAME} has 0 bytes, not" in second.problem
    assert third.problem is None
    assert not third.is_in_service
    monkeypatch.setattr(index.snapshots.manifest, "FORMAT_VERSION", 999)
    assert "has format" in (list_snapshots(built_home)[2].problem or "")


def test_an_empty_home_lists_nothing(home: Home) -> None:
    assert list_snapshots(home) == ()
    with pytest.raises(NoSnapshotError, match="No index has been built"):
        back(home)
    assert not home.path.exists()


def test_rolling_back_goes_one_step_in_the_order_of_building(
    built_home: Home, names: tuple[str, ...], guides: Path
) -> None:
    assert back(built_home) == names[1]
    assert built_home.current_name() == names[1]
    assert back(built_home) == names[0]
    with pytest.raises(NoSnapshotError, match=f"no snapshot before {names[0]}"):
        back(built_home)
    assert built_home.current_name() == names[0]
    assert built_home.snapshot_names() == names
    report = build(built_home, guides)
    assert built_home.snapshot_names() == (*names[1:], report.snapshot)
    assert built_home.current_name() == report.snapshot
    assert back(built_home) == names[2]
    assert leftovers_of(built_home) == []


def test_a_snapshot_may_be_named(built_home: Home, names: tuple[str, ...]) -> None:
    assert back(built_home, names[0]) == names[0]
    assert back(built_home, names[2]) == names[2]
    assert back(built_home, names[1][:-1]) == names[1]
    for nothing in ("", "1999", f"{names[0]}0", "../snapshots", "*"):
        with pytest.raises(NoSnapshotError, match=f"There are: {names[0]}"):
            back(built_home, nothing)
    with pytest.raises(NoSnapshotError, match="3 snapshots begin with '2'"):
        back(built_home, "2")
    assert built_home.current_name() == names[1]


@pytest.mark.parametrize("name", [MANIFEST_NAME, STORE_NAME, PASSAGE_VECTORS_NAME])
@pytest.mark.parametrize("is_large", [False, True], ids=["small", "large"])
def test_a_damaged_snapshot_is_refused_and_named(
    name: str,
    is_large: bool,
    built_home: Home,
    names: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if is_large:
        monkeypatch.setattr(index.snapshots.manifest, "_MOST_BYTES_READ_AT_EACH_OPENING", 0)
        Snapshot(built_home.folder_of(names[1])).close()  # a stamp vouches for its files
    flip(built_home.folder_of(names[1]) / name)
    with pytest.raises(DamagedSnapshotError, match=rf"{names[1]} can't be put .*rolewise status"):
        back(built_home)
    assert built_home.current_name() == names[2]
    assert back(built_home, names[0]) == names[0]


def test_a_snapshot_of_another_encoder_is_refused(built_home: Home, names: tuple[str, ...]) -> None:
    other = WordHashEncoder(fingerprint="f" * 64)
    with pytest.raises(StaleSnapshotError, match=f"{names[1]} can't be put into service"):
        roll_back(built_home, None, lambda: other)
    assert built_home.current_name() == names[2]


@pytest.mark.parametrize("pointer", ["nonsense", "20000101T000000Z-0123abcd"])
def test_rolling_back_mends_a_pointer_to_nothing(
    pointer: str, built_home: Home, names: tuple[str, ...]
) -> None:
    (built_home.path / "current").write_text(pointer, encoding="ascii")
    with pytest.raises(SnapshotError):
        Snapshot.open_current(built_home)
    assert back(built_home, names[2]) == names[2]
    Snapshot.open_current(built_home).close()


def test_where_the_one_in_service_is_gone_the_newest_is_taken(
    built_home: Home, names: tuple[str, ...]
) -> None:
    shutil.rmtree(built_home.folder_of(names[2]))
    assert back(built_home) == names[1]


def test_rolling_back_waits_for_no_builder(built_home: Home, names: tuple[str, ...]) -> None:
    with (
        built_home.building(),
        pytest.raises(BusyError, match=r"building in .* \(process \d+, since 2.* UTC\)\. Wait"),
    ):
        back(built_home)
    assert built_home.current_name() == names[2]


@pytest.mark.parametrize(
    ("failing", "is_moved"), [("current.new", False), ("home", True)], ids=["before", "after"]
)
def test_a_failing_sync_tells_truly_what_is_in_service(
    failing: str,
    is_moved: bool,
    built_home: Home,
    names: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    guides: Path,
) -> None:
    synced = sync_path

    def sync(path: Path) -> None:
        if path.name == failing or (failing == "home" and path == built_home.path):
            raise OSError(5, "Input/output error")
        synced(path)

    monkeypatch.setattr(index.snapshots.home, "sync_path", sync)
    for act in (lambda: back(built_home), lambda: build(built_home, guides)):
        before = built_home.current_name()
        with pytest.raises(StorageError) as caught:
            act()
        now = built_home.current_name()
        assert (now != before) is is_moved
        assert ("is unchanged" in str(caught.value)) is not is_moved
        assert (f"{now} is in service" in str(caught.value)) is is_moved
        Snapshot.open_current(built_home).close()
        assert leftovers_of(built_home) == []
    monkeypatch.undo()
    with closing(Snapshot(built_home.folder_of(build(built_home, guides).snapshot))) as snapshot:
        assert snapshot.store.document_count == 5
    assert names[0] not in built_home.snapshot_names()


def test_names_are_ordered_whatever_the_clock_says(home: Home) -> None:
    names = ["20260101T030405Z-ffffffff", "29990101T030405Z-0123abcd"]
    for name in names:
        (home.snapshots / name).mkdir(parents=True)
    for _ in range(20):  # in one second, and after one that the clock comes to long after
        names.append(home.new_name())
        (home.snapshots / names[-1]).mkdir()
    assert home.snapshot_names() == tuple(names)
    assert names[2].startswith("29990101T030405.000001Z-")


def test_a_name_tells_when_it_was_made(home: Home) -> None:
    before = datetime.now(UTC)
    name = home.new_name()
    made = datetime.strptime(f"{name[:22]}+0000", "%Y%m%dT%H%M%S.%f%z")
    assert before <= made <= datetime.now(UTC)
