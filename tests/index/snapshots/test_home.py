import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from knowledge.errors import (
    BusyError,
    DamagedSnapshotError,
    NoSnapshotError,
    StorageError,
)
from tests.index.fakes import build, leftovers_of
from tests.index.processes import another_process

ROOT = Path(__file__).parents[3]
NAMES = [f"2026010{day}T030405Z-0123abc{day}" for day in range(1, 6)]

_HOLD = """
import sys
from pathlib import Path
from index.snapshots.home import Home
with Home(Path(sys.argv[1])).building() as folder:
    (folder / "half").write_text("half")
    print("locked", flush=True)
    sys.stdin.read()
"""


def publish(home: Home, name: str) -> Path:
    with home.building() as folder:
        (folder / "inner").mkdir()
        (folder / "inner" / "file").write_text(name, encoding="utf-8")
        return home.publish(folder, name)


def test_nothing_is_made_by_naming_a_home(home: Home) -> None:
    with pytest.raises(NoSnapshotError, match=r"No index has been built in .*rolewise build"):
        home.current_name()
    with pytest.raises(NoSnapshotError):
        Snapshot.open_current(home)
    assert not home.path.exists()


def test_the_users_folder_is_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert Home(Path("~/rolewise")).path == tmp_path / "rolewise"


def test_what_is_published_is_in_service(home: Home) -> None:
    target = publish(home, NAMES[0])
    assert home.current_name() == NAMES[0]
    assert home.folder_of(NAMES[0]) == target
    assert (target / "inner" / "file").read_text(encoding="utf-8") == NAMES[0]
    publish(home, NAMES[1])
    assert home.current_name() == NAMES[1]
    assert home.folder_of(NAMES[0]).is_dir()
    assert leftovers_of(home) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\xff\xfe",
        b"\0" * 50,
        b"..",
        b"../snapshots",
        b"/etc",
        b"20260101T030405Z-0123abc1/..",
        b"20260101T030405Z-0123ABC1",
        b"20260101T030405Z-0123abc1 20260101T030405Z-0123abc1",
        "２０２６0101T030405Z-0123abc1".encode(),
        b"x" * 1_000_000,
    ],
    ids=lambda data: repr(data[:40]),
)
def test_a_damaged_pointer_is_named(data: bytes, home: Home) -> None:
    publish(home, NAMES[0])
    (home.path / "current").write_bytes(data)
    with pytest.raises(DamagedSnapshotError, match=r"current .*rolewise build"):
        home.current_name()
    with pytest.raises(DamagedSnapshotError):
        Snapshot.open_current(home)
    publish(home, NAMES[1])
    assert home.current_name() == NAMES[1]


def test_a_folder_in_place_of_the_pointer_is_damage(home: Home) -> None:
    (home.path / "current").mkdir(parents=True)
    with pytest.raises(DamagedSnapshotError, match="can't be read"):
        home.current_name()


def test_a_pointer_to_a_missing_snapshot_is_damage(home: Home) -> None:
    shutil.rmtree(publish(home, NAMES[0]))
    assert home.current_name() == NAMES[0]
    with pytest.raises(DamagedSnapshotError, match=f"{NAMES[0]} is missing"):
        Snapshot.open_current(home)


@pytest.mark.parametrize("name", ["..", ".", "", "../snapshots", "/etc", NAMES[1], "inner"])
def test_only_snapshots_have_folders(name: str, home: Home) -> None:
    publish(home, NAMES[0])
    (home.snapshots / "inner").mkdir()
    with pytest.raises(DamagedSnapshotError, match="is missing"):
        home.folder_of(name)


def test_a_folder_not_published_is_deleted(home: Home) -> None:
    publish(home, NAMES[0])

    def fail(folder: Path) -> None:
        (folder / "half").write_text("half", encoding="utf-8")
        raise RuntimeError("the build fails")

    with pytest.raises(RuntimeError, match="the build fails"), home.building() as folder:
        fail(folder)
    assert leftovers_of(home) == []
    assert home.current_name() == NAMES[0]


def test_another_builder_is_named_and_what_it_left_is_deleted(home: Home) -> None:
    publish(home, NAMES[0])
    with another_process(_HOLD, home.path, ready="locked") as process:
        with (
            pytest.raises(BusyError, match=r"Another process is building.*Wait"),
            home.building(),
        ):
            pytest.fail("two processes build at once")
        assert len(leftovers_of(home)) == 1, "the other's folder must stay"
        assert home.current_name() == NAMES[0]
        process.kill()  # the lock dies with its process
        process.wait()
        assert len(leftovers_of(home)) == 1
        publish(home, NAMES[1])
    assert leftovers_of(home) == []
    assert home.current_name() == NAMES[1]


def test_a_builder_that_ends_frees_the_lock(home: Home) -> None:
    with another_process(_HOLD, home.path, ready="locked") as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0
        publish(home, NAMES[0])


def test_two_threads_do_not_build_at_once(home: Home) -> None:
    found: list[BaseException] = []

    def build_too() -> None:
        try:
            with home.building():
                pass
        except BusyError as error:
            found.append(error)

    with home.building():
        thread = threading.Thread(target=build_too)
        thread.start()
        thread.join()
    assert len(found) == 1


@pytest.mark.parametrize(
    ("keep", "current", "kept"),
    [(1, 4, [4]), (3, 4, [2, 3, 4]), (9, 4, [0, 1, 2, 3, 4]), (1, 0, [0, 4]), (2, 1, [1, 3, 4])],
)
def test_old_snapshots_are_deleted_but_never_the_one_in_service(
    keep: int, current: int, kept: list[int], home: Home
) -> None:
    for name in NAMES:
        publish(home, name)
    (home.path / "current").write_text(NAMES[current], encoding="ascii")
    (home.snapshots / "the owner's own").mkdir()
    home.delete_old_snapshots(keep)
    left = sorted(path.name for path in home.snapshots.iterdir())
    assert left == [*(NAMES[row] for row in kept), "the owner's own"]


def test_what_a_killed_builder_left_half_deleted_is_deleted(home: Home) -> None:
    for kind in ("unfinished", "deleted"):
        (home.snapshots / f".{kind}-{NAMES[0]}").mkdir(parents=True)
    old, new = (home.exports / f".unfinished-{name}" for name in ("old", "new"))
    for folder in (old, new):
        (folder / "encoder").mkdir(parents=True)
    os.utime(old, (0, 0))
    publish(home, NAMES[0])
    assert leftovers_of(home) == []
    assert [path.name for path in home.exports.iterdir()] == [new.name]


@pytest.mark.parametrize("place", ["home", "home/snapshots"])
def test_a_home_that_cannot_be_written_is_named(place: str, home: Home, tmp_path: Path) -> None:
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("a file in its place", encoding="utf-8")
    with (
        pytest.raises(StorageError, match=r"can't be written .*--home") as caught,
        home.building(),
    ):
        pytest.fail("there is no home to build in")
    assert str(home.path) in str(caught.value)
    assert path.read_text(encoding="utf-8") == "a file in its place"
    with pytest.raises(NoSnapshotError):
        home.current_name()


@pytest.mark.parametrize("function", ["fsync", "replace", "rename"])
def test_a_failing_disk_leaves_the_last_snapshot(
    function: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(home, NAMES[0])

    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(StorageError, match=r"Input/output error.*is unchanged"):
        publish(home, NAMES[1])
    monkeypatch.undo()
    assert home.current_name() == NAMES[0]
    assert leftovers_of(home) == []
    assert [path.name for path in home.snapshots.iterdir()] == [NAMES[0]]


def test_every_file_is_on_the_disk_before_the_pointer_moves(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    synced, replaced, renamed = os.fsync, Path.replace, Path.rename
    folders: list[Path] = []

    def sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        own = folders[0] if folders and path.is_relative_to(folders[0]) else home.path
        events.append(f"sync {path.relative_to(own.parent).as_posix()}")
        synced(descriptor)

    def rename(path: Path, target: Path) -> Path:
        events.append("rename")
        return renamed(path, target)

    def replace(path: Path, target: Path) -> Path:
        events.append("replace")
        return replaced(path, target)

    if not Path("/proc/self/fd").exists():
        pytest.skip("which file is synced is read from /proc")
    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(Path, "replace", replace)
    with home.building() as folder:
        folders.append(folder)
        (folder / "inner").mkdir()
        (folder / "inner" / "file").touch()
        home.publish(folder, NAMES[0])
    name = folders[0].name
    assert events == [
        f"sync {name}/inner/file",
        f"sync {name}/inner",
        f"sync {name}",
        "rename",
        "sync home/snapshots",
        "sync home/current.new",
        "replace",
        "sync home",
    ]


@pytest.mark.parametrize("name", ["elsewhere", "white space #1 100% ü?"])
def test_a_home_copied_elsewhere_still_opens(name: str, built_home: Home, tmp_path: Path) -> None:
    copy = Home(Path(shutil.copytree(built_home.path, tmp_path / name)))
    shutil.rmtree(built_home.path)
    snapshot = Snapshot.open_current(copy)
    assert snapshot.store.text_of("teacher.txt").startswith("Teacher")
    snapshot.close()


_KILLED = """
import os, sys
from pathlib import Path
from index.searching.dense import DenseIndex
from index.searching.lexical import LexicalIndex
from index.searching.vectors import VectorFile
from index.snapshots.store_writer import StoreWriter
from index.snapshots.home import Home
from tests.index.fakes import WordHashEncoder, build

def die(*_, **__):
    os.kill(os.getpid(), 9)

path, attribute = sys.argv[3].rsplit(".", 1)
owner = {"encoder": WordHashEncoder, "path": Path, "os": os, "vectors": VectorFile,
         "store": StoreWriter, "home": Home, "dense": DenseIndex, "lexical": LexicalIndex}[path]
calls = [0]
original = getattr(owner, attribute)
def count(*arguments, **named):
    calls[0] += 1
    return die() if calls[0] == int(sys.argv[4]) else original(*arguments, **named)
setattr(owner, attribute, count)
build(Home(Path(sys.argv[1])), Path(sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="killed by a signal")
@pytest.mark.parametrize(
    ("place", "call", "is_published"),
    [
        ("encoder.count_tokens", 1, False),
        ("encoder.encode_parts", 1, False),
        ("store.copy_document", 2, False),
        ("store.add_document", 1, False),
        ("vectors.append", 3, False),
        ("lexical.build", 1, False),
        ("store.finish", 1, False),
        ("dense.build", 1, False),
        ("path.write_text", 1, False),
        ("os.fsync", 3, False),
        ("path.rename", 1, False),
        ("path.write_text", 2, False),
        ("path.replace", 1, False),
        ("home.delete_old_snapshots", 1, True),
    ],
    ids=[
        "splitting",
        "encoding",
        "copying",
        "storing",
        "while writing vectors",
        "before the words",
        "before the store",
        "before the index of the vectors",
        "before the manifest",
        "syncing",
        "before the folder gets its name",
        "before the new pointer",
        "before the pointer moves",
        "before old snapshots go",
    ],
)
def test_a_killed_builder_leaves_a_whole_snapshot_in_service(
    place: str, call: int, is_published: bool, built_home: Home, guides: Path
) -> None:
    before = built_home.current_name()
    (guides / "pilot.md").write_text("# Pilot\n\nPilots fly planes.\n", encoding="utf-8")
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, built_home.path, guides, place, str(call)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (built_home.current_name() != before) is is_published
    snapshot = Snapshot.open_current(built_home)
    assert ("pilot.md" in snapshot.store.document_ids()) is is_published
    snapshot.close()
    report = build(built_home, guides)
    assert report.documents == 4
    assert built_home.current_name() == report.snapshot
    assert leftovers_of(built_home) == []
    for path in built_home.snapshots.iterdir():
        Snapshot(path).close()
