import os
from collections.abc import Callable
from pathlib import Path

import pytest

import index.snapshots.integrity
from index.snapshots.integrity import (
    STAMP_NAME,
    describe_files,
    stamp_files,
    sync_files,
    verify_files,
)
from index.snapshots.manifest import FileEntry, hash_file

FILES = {"a.bin": b"first", "folder/b.bin": b"second" * 1000}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "files"


@pytest.fixture
def entries(folder: Path) -> dict[str, FileEntry]:
    return describe_files(folder)


@pytest.fixture
def stamp(tmp_path: Path) -> Path:
    return tmp_path / STAMP_NAME


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read, in order."""
    names: list[str] = []

    def note(path: Path) -> str:
        names.append(path.name)
        return hash_file(path)

    monkeypatch.setattr(index.snapshots.integrity, "hash_file", note)
    return names


def test_files_are_described_by_their_names_sizes_and_checksums(
    entries: dict[str, FileEntry],
) -> None:
    assert {name: entry.bytes for name, entry in entries.items()} == {
        "a.bin": 5,
        "folder/b.bin": 6000,
    }
    sha256 = "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"
    assert entries["a.bin"].sha256 == sha256


def test_bytes_are_read_the_first_time_only(
    folder: Path, entries: dict[str, FileEntry], stamp: Path, hashed: list[str]
) -> None:
    for _ in range(3):
        assert verify_files(folder, entries, stamp) == []
    assert hashed == ["a.bin", "b.bin"]
    assert verify_files(folder, entries, stamp, anew=True) == []
    assert hashed == ["a.bin", "b.bin"] * 2


def test_what_was_stamped_when_written_is_not_read(
    folder: Path, entries: dict[str, FileEntry], stamp: Path, hashed: list[str]
) -> None:
    stamp_files(folder, entries, stamp)
    assert verify_files(folder, entries, stamp) == []
    assert hashed == []


def _write(path: Path) -> None:
    path.write_bytes(b"fir5t")


def _write_and_set_the_time_back(path: Path) -> None:
    before = path.stat()
    path.write_bytes(b"fir5t")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _put_another_in_its_place(path: Path) -> None:
    before = path.stat()
    other = path.with_name("other")
    other.write_bytes(b"fir5t")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize(
    "change", [_write, _write_and_set_the_time_back, _put_another_in_its_place]
)
def test_a_changed_file_of_the_same_size_is_found(
    change: Callable[[Path], None],
    folder: Path,
    entries: dict[str, FileEntry],
    stamp: Path,
    hashed: list[str],
) -> None:
    assert verify_files(folder, entries, stamp) == []
    change(folder / "a.bin")
    hashed.clear()
    for _ in range(2):
        problems = verify_files(folder, entries, stamp)
        assert problems == ["a.bin has another checksum than it should have"]
    assert hashed == ["a.bin", "a.bin"]


def test_missing_and_shortened_files_are_named(
    folder: Path, entries: dict[str, FileEntry], stamp: Path
) -> None:
    (folder / "a.bin").unlink()
    (folder / "folder/b.bin").write_bytes(b"second")
    assert verify_files(folder, entries, stamp) == [
        "a.bin is missing",
        "folder/b.bin has 6 bytes, not 6,000",
    ]
    assert not stamp.exists()


def test_a_file_that_cannot_be_read_is_named(
    folder: Path, entries: dict[str, FileEntry], stamp: Path
) -> None:
    (folder / "a.bin").unlink()
    (folder / "a.bin").mkdir()
    (entry,) = verify_files(
        folder,
        {"a.bin": FileEntry(bytes=(folder / "a.bin").stat().st_size, sha256="0" * 64)},
        stamp,
    )
    assert entry == "a.bin can't be read (Is a directory)"


def test_a_stamp_does_not_vouch_for_what_a_description_says_otherwise(
    folder: Path, entries: dict[str, FileEntry], stamp: Path
) -> None:
    assert verify_files(folder, entries, stamp) == []
    others = entries | {"a.bin": FileEntry(bytes=5, sha256="0" * 64)}
    assert verify_files(folder, others, stamp) == ["a.bin has another checksum than it should have"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"a.bin": 3}', b'{"a.bin": []}', b'{"a.bin": ["x"]}', b"\xff"],
)
def test_a_damaged_stamp_is_none(
    content: bytes, folder: Path, entries: dict[str, FileEntry], stamp: Path, hashed: list[str]
) -> None:
    stamp.write_bytes(content)
    assert verify_files(folder, entries, stamp) == []
    assert hashed == ["a.bin", "b.bin"]
    assert verify_files(folder, entries, stamp) == []
    assert len(hashed) == 2


def test_without_a_stamp_every_byte_is_read_each_time(
    folder: Path, entries: dict[str, FileEntry], tmp_path: Path, hashed: list[str]
) -> None:
    stamp = tmp_path / "no folder" / STAMP_NAME
    for _ in range(2):
        assert verify_files(folder, entries, stamp) == []
    assert len(hashed) == 4


def test_what_changes_while_it_is_read_is_not_vouched_for(
    folder: Path,
    entries: dict[str, FileEntry],
    stamp: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hash_then_change(path: Path) -> str:
        found = hash_file(path)
        path.write_bytes(path.read_bytes()[::-1])
        return found

    monkeypatch.setattr(index.snapshots.integrity, "hash_file", hash_then_change)
    verify_files(folder, entries, stamp)
    monkeypatch.undo()
    assert len(verify_files(folder, entries, stamp)) == 2


def test_syncing_takes_folders_and_files(folder: Path) -> None:
    sync_files(folder)


def test_without_a_stamp_every_byte_is_read_and_nothing_written(folder: Path) -> None:
    files = describe_files(folder)
    before = sorted(folder.rglob("*"))
    assert verify_files(folder, files) == []
    assert sorted(folder.rglob("*")) == before
    status = (folder / "a.bin").stat()
    data = bytearray((folder / "a.bin").read_bytes())
    data[0] ^= 1
    (folder / "a.bin").write_bytes(data)
    os.utime(folder / "a.bin", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert verify_files(folder, files) == ["a.bin has another checksum than it should have"]
