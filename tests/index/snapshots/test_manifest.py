from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.snapshots.manifest import (
    FORMAT_VERSION,
    MANIFEST_NAME,
    hash_file,
    hash_texts,
    read_manifest,
)
from index.snapshots.snapshot import Snapshot
from knowledge.errors import DamagedSnapshotError, SnapshotError
from tests.index.fakes import edit_manifest

Change = Callable[[dict[str, Any]], object]


def test_the_manifest_says_what_was_built(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert manifest.format_version == FORMAT_VERSION
    assert manifest.name == folder.name
    assert manifest.built_by.startswith("rolewise ")
    assert manifest.encoder.model == "word-hashes"
    assert (manifest.encoder.dimension, manifest.encoder.max_tokens) == (16, 40)
    assert manifest.chunker.target_tokens == 16
    assert [document.id for document in manifest.documents] == [
        "data-engineer.md",
        "nurses/nurse.md",
        "teacher.txt",
    ]
    for name, entry in manifest.files.items():
        assert (folder / name).stat().st_size == entry.bytes
        assert hash_file(folder / name) == entry.sha256
    on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert on_disk == {*manifest.files, MANIFEST_NAME}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"1e999",
        b'"text"',
        b"{}",
        b"\xff\xfe\x00",
        b"\x80",
        b'{"format_version": %d}' % FORMAT_VERSION,
        b'{"format_version": "%d"}' % FORMAT_VERSION,
        b'{"format_version": %d.0}' % FORMAT_VERSION,
        b'{"format_version": null}',
        b'{"format_version": true}',
        b'{"format_version": false}',
        b'{"format_version": [%d]}' % FORMAT_VERSION,
        b'{"format_version": 1e999}',
        b'{"format_version": %d, "\\ud800": 1}' % FORMAT_VERSION,
        b"[" * 200_000,
        b"1" * 5_000,
    ],
    ids=lambda data: repr(data[:40]),
)
def test_what_is_no_manifest_is_damaged(data: bytes, folder: Path) -> None:
    (folder / MANIFEST_NAME).write_bytes(data)
    with pytest.raises(DamagedSnapshotError) as caught:
        Snapshot(folder)
    message = str(caught.value)
    assert MANIFEST_NAME in message
    assert message.endswith("Run: rolewise build")
    assert "\n" not in message
    message.encode()  # it can be printed


@pytest.mark.parametrize("key", ["format_version", "passages"])
def test_a_key_that_stands_there_twice_is_damaged(key: str, folder: Path) -> None:
    path = folder / MANIFEST_NAME
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if f'"{key}"' in line)
    path.write_text(text.replace(line, f"{line}\n{line}"), encoding="utf-8")
    with pytest.raises(DamagedSnapshotError, match=r"twice.*Run: rolewise build"):
        read_manifest(folder)


def test_a_manifest_of_another_snapshot_is_damaged(folder: Path) -> None:
    edit_manifest(folder, lambda values: values.update(name="20260102T030405Z-0123abcd"))
    with pytest.raises(DamagedSnapshotError, match="of another index, '20260102T030405Z-0123abcd'"):
        read_manifest(folder)


def test_every_flipped_bit_is_found(folder: Path) -> None:
    path = folder / MANIFEST_NAME
    data = path.read_bytes().rstrip()
    for position in range(0, len(data), 11):
        path.write_bytes(
            data[:position] + bytes([data[position] ^ 1 << position % 8]) + data[position + 1 :]
        )
        with pytest.raises(SnapshotError, match="Run: rolewise build"):
            read_manifest(folder)


@pytest.mark.parametrize("data", [None, "folder"], ids=["missing", "folder"])
def test_a_manifest_that_is_no_file_is_damaged(data: str | None, folder: Path) -> None:
    (folder / MANIFEST_NAME).unlink()
    if data is not None:
        (folder / MANIFEST_NAME).mkdir()
    with pytest.raises(DamagedSnapshotError, match=r"manifest\.json (is missing|can't be read)"):
        Snapshot(folder)


def test_a_manifest_cut_short_anywhere_is_damaged(folder: Path) -> None:
    path = folder / MANIFEST_NAME
    data = path.read_bytes().rstrip()
    for size in range(0, len(data), 7):
        path.write_bytes(data[:size])
        with pytest.raises(DamagedSnapshotError):
            read_manifest(folder)


def test_a_huge_manifest_is_not_read(folder: Path) -> None:
    with (folder / MANIFEST_NAME).open("r+b") as file:
        file.truncate(300_000_000)  # takes no room on the disk
    with pytest.raises(DamagedSnapshotError, match="too large"):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        pytest.param(lambda m: m.update(extra=1), "extra", id="unknown key"),
        pytest.param(lambda m: m["encoder"].update(extra=1), "encoder.extra", id="unknown inside"),
        pytest.param(lambda m: m.pop("passages"), "passages", id="missing key"),
        pytest.param(lambda m: m.update(passages="3"), "passages", id="text for a number"),
        pytest.param(lambda m: m.update(passages=3.0), "passages", id="fraction"),
        pytest.param(lambda m: m.update(passages=True), "passages", id="truth for a number"),
        pytest.param(lambda m: m.update(passages=0), "passages", id="no passages"),
        pytest.param(lambda m: m.update(sentences=-1), "sentences", id="negative"),
        pytest.param(lambda m: m.update(name=None), "name", id="null"),
        pytest.param(lambda m: m.update(name="\ud800"), "the whole", id="surrogate"),
        pytest.param(lambda m: m.update(documents={}), "documents", id="object for a list"),
        pytest.param(lambda m: m.update(files=[]), "files", id="list for an object"),
        pytest.param(
            lambda m: m["encoder"].update(dimension=0), "encoder.dimension", id="no dimension"
        ),
        pytest.param(
            lambda m: m["encoder"].update(dimension=10**9), "encoder.dimension", id="huge dimension"
        ),
        pytest.param(
            lambda m: m["files"]["headings.npy"].update(bytes=-1), "bytes", id="negative size"
        ),
        pytest.param(
            lambda m: m["files"]["headings.npy"].update(sha256="f00"), "sha256", id="short hash"
        ),
    ],
)
def test_a_wrong_value_is_named_by_its_place(change: Change, place: str, folder: Path) -> None:
    edit_manifest(folder, change)
    with pytest.raises(DamagedSnapshotError, match=rf"is damaged: .*{place}.*: .*rolewise build"):
        read_manifest(folder)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda m: m.update(passages=10**40), id="passages"),
        pytest.param(lambda m: m.update(sentences=10**40), id="sentences"),
        pytest.param(lambda m: m.update(headings=10**40), id="headings"),
        pytest.param(lambda m: m["encoder"].update(dimension=10**6), id="dimension"),
        pytest.param(lambda m: m["files"]["headings.npy"].update(bytes=10**40), id="bytes"),
    ],
)
def test_absurd_numbers_are_damage(change: Change, folder: Path) -> None:
    edit_manifest(folder, change)
    with pytest.raises(DamagedSnapshotError, match="rolewise build"):
        Snapshot(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "lexical/../../outside",
        "..",
        ".",
        "",
        "/etc/hostname",
        "//server/share",
        "C:\\Windows\\win.ini",
        "..\\outside",
        "a\0b",
        "lexical/",
        "lexical//vocab.index.json",
        "./headings.npy",
        ".hidden",
        "headings.npy\n",
        "\u2028",
    ],
    ids=repr,
)
def test_a_file_outside_the_snapshot_is_refused(name: str, folder: Path) -> None:
    (folder.parent / "outside").write_bytes(b"")
    entry = {"bytes": 0, "sha256": hash_file(folder.parent / "outside")}
    edit_manifest(folder, lambda manifest: manifest["files"].update({name: entry}))
    with pytest.raises(DamagedSnapshotError, match="names a file that is none of a snapshot's"):
        Snapshot(folder)


def test_hashes_of_texts_tell_where_one_ends() -> None:
    hashes = [hash_texts(texts) for texts in ([], [""], ["ab"], ["a", "b"], ["b", "a"], ["", ""])]
    assert len(set(hashes)) == len(hashes)
    assert hash_texts(["a", "b"]) == hash_texts(("a", "b"))
