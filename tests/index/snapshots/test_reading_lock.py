import gc
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from index.snapshots.home import Home
from index.snapshots.manifest import MANIFEST_NAME
from index.snapshots.reading_lock import ReadingLock, locking_out_readers
from index.snapshots.snapshot import Snapshot
from knowledge.errors import DamagedSnapshotError
from tests.index.fakes import build, leftovers_of
from tests.index.processes import another_process

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="open files are the lock there")

ROOT = Path(__file__).parents[3]
_READ = """
import sys
from pathlib import Path
from index.snapshots.snapshot import Snapshot
snapshot = Snapshot(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def is_free(folder: Path) -> bool:
    with locking_out_readers(folder) as found:
        return found


def test_a_snapshot_that_is_read_is_not_deleted(built_home: Home, guides: Path) -> None:
    first = built_home.folder_of(built_home.current_name())
    with another_process(_READ, first, ready="open") as process:
        build(built_home, guides, kept_snapshots=1)
        assert first.is_dir()
        Snapshot(first).close()
        process.kill()  # the lock dies with its process
        process.wait()
        build(built_home, guides, kept_snapshots=1)
    assert not first.exists()
    assert built_home.snapshot_names() == (built_home.current_name(),)
    assert leftovers_of(built_home) == []


def test_who_reads_what_is_told(built_home: Home) -> None:
    for name in ("1", "2"):
        with built_home.building() as folder:
            (folder / MANIFEST_NAME).touch()
            built_home.publish(folder, f"3000010{name}T030405Z-0123abcd")
    first, second, third = built_home.snapshot_names()
    with built_home.locked():
        with closing(Snapshot(built_home.folder_of(first))):
            assert built_home.delete_old_snapshots(1) == (first,)
            assert built_home.snapshot_names() == (first, third)
        assert built_home.delete_old_snapshots(1) == ()
        assert built_home.snapshot_names() == (third,)
    assert second < third


def test_readers_do_not_wait_for_each_other(folder: Path) -> None:
    one, other = ReadingLock(folder), ReadingLock(folder)
    assert not is_free(folder)
    one.release()
    one.release()
    assert not is_free(folder)
    other.release()
    assert is_free(folder)


def test_a_reader_that_is_forgotten_reads_no_more(folder: Path) -> None:
    lock = ReadingLock(folder)
    assert not is_free(folder)
    del lock
    gc.collect()
    assert is_free(folder)


def test_what_fails_to_open_is_not_read(folder: Path) -> None:
    (folder / MANIFEST_NAME).write_text("{}", encoding="utf-8")
    with pytest.raises(DamagedSnapshotError):
        Snapshot(folder)
    assert is_free(folder)


def test_nobody_begins_to_read_what_is_being_deleted(folder: Path) -> None:
    with locking_out_readers(folder) as found:
        assert found
        with pytest.raises(DamagedSnapshotError, match="has just been deleted"):
            Snapshot(folder)
    Snapshot(folder).close()


def test_a_reader_that_comes_too_late_takes_the_one_in_service(
    built_home: Home, guides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the pointer and opening the folder, the folder is deleted."""
    find = Home.folder_of
    reports = []

    def find_late(home: Home, name: str) -> Path:
        monkeypatch.undo()
        reports.append(build(home, guides, kept_snapshots=1))
        return find(home, name)

    monkeypatch.setattr(Home, "folder_of", find_late)
    with closing(Snapshot.open_current(built_home)) as snapshot:
        assert snapshot.name == reports[0].snapshot
    assert built_home.snapshot_names() == (reports[0].snapshot,)


def test_many_threads_open_and_close_while_snapshots_are_replaced(
    built_home: Home, guides: Path
) -> None:
    is_over = threading.Event()
    failures: list[BaseException] = []

    def read() -> None:
        while not is_over.is_set():
            try:
                with closing(Snapshot.open_current(built_home)) as snapshot:
                    assert snapshot.store.text_of("teacher.txt").startswith("Teacher")
            except BaseException as error:
                failures.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(8):
        build(built_home, guides, kept_snapshots=1)
    is_over.set()
    for reader in readers:
        reader.join()
    assert failures == []
    build(built_home, guides, kept_snapshots=1)
    assert built_home.snapshot_names() == (built_home.current_name(),)
