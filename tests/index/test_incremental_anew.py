"""What a build does not take over from the one before, and what others see of it."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.build import BuildReport
from index.encoding.encoder import Encoder, SentenceTransformerEncoder, Vectors
from index.snapshots.files import (
    PASSAGE_VECTORS_NAME,
    SENTENCE_VECTORS_NAME,
)
from index.snapshots.home import Home
from index.snapshots.manifest import FORMAT_VERSION, MANIFEST_NAME, read_manifest
from index.snapshots.snapshot import Snapshot
from knowledge.settings import KnowledgeSettings
from tests.index.fakes import REFERENCES, WordHashEncoder, edit_manifest
from tests.index.test_incremental import (
    _WHOLE,
    BLOCKS,
    Guides,
    ask,
    assert_equal_snapshots,
    build,
    folder_in_service,
    heading_vectors_of,
    keys_of,
    read_tables,
    write_folder,
)
from tests.index.test_incremental_copying import (
    LONG_AGO,
    built,  # noqa: F401 (a fixture)
    place,  # noqa: F401 (a fixture)
)


def test_a_full_build_copies_nothing(built: Home, place: Path) -> None:
    encoder = WordHashEncoder()
    report = build(built, place, encoder, is_full=True)
    assert (report.documents_copied, report.passages_copied) == (0, 0)
    headings = heading_vectors_of(folder_in_service(built))
    assert len(encoder.encoded) == report.passages + len(headings) + len(REFERENCES)


def test_references_are_encoded_again_where_they_have_changed(built: Home, place: Path) -> None:
    encoder = WordHashEncoder()
    build(built, place, encoder, references=("what else?",))
    assert encoder.encoded[1:] == ["what else?"]
    assert np.load(folder_in_service(built) / "references.npy").shape == (1, 16)
    encoder = WordHashEncoder()
    build(built, place, encoder, references=())
    assert encoder.encoded[1:] == []
    assert np.load(folder_in_service(built) / "references.npy").shape == (0, 16)


def assert_built_anew(home: Home, place: Path, report: BuildReport, encoder: Encoder) -> None:
    assert report.documents_copied == report.passages_copied == 0
    assert report.documents == 3
    other = Home(home.path.with_name("other"))
    build(other, place, encoder, is_full=True)
    found, expected = folder_in_service(home), folder_in_service(other)
    assert read_tables(found) == read_tables(expected)
    Snapshot.open_current(home).close()


@pytest.mark.parametrize(
    "version", [FORMAT_VERSION - 1, FORMAT_VERSION + 1, None], ids=["older", "newer", "none"]
)
def test_another_format_is_built_anew(version: int | None, built: Home, place: Path) -> None:
    edit_manifest(
        folder_in_service(built), lambda values: values.update({"format_version": version})
    )
    assert_built_anew(built, place, build(built, place), WordHashEncoder())


def test_another_encoder_builds_anew(built: Home, place: Path) -> None:
    encoder = WordHashEncoder(fingerprint="feedbeef" * 8, dimension=8)
    report = build(built, place, encoder)
    assert_built_anew(built, place, report, encoder)
    assert np.load(folder_in_service(built) / PASSAGE_VECTORS_NAME).shape == (report.passages, 8)


class Turned(WordHashEncoder):
    """Goes by the same fingerprint and gives other vectors."""

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        return np.roll(super().encode(texts, progress), 1, axis=1)


@pytest.mark.parametrize("encoder", [Turned(), WordHashEncoder(dimension=32)], ids=repr)
def test_other_vectors_under_the_same_fingerprint_build_anew(
    encoder: WordHashEncoder, built: Home, place: Path
) -> None:
    assert_built_anew(built, place, build(built, place, encoder), encoder)


def test_another_size_of_passages_builds_anew(built: Home, place: Path) -> None:
    knowledge = KnowledgeSettings(target_tokens=24)
    report = build(built, place, knowledge=knowledge)
    assert (report.documents_copied, report.passages_copied) == (0, 0)
    assert read_manifest(folder_in_service(built)).chunker.target_tokens == 24
    assert build(built, place, knowledge=knowledge).documents_copied == 3


def test_another_way_to_split_builds_anew(
    built: Home, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build.CHUNKER", "optimal-cuts-99")
    assert_built_anew(built, place, build(built, place), WordHashEncoder())
    assert read_manifest(folder_in_service(built)).chunker.name == "optimal-cuts-99"


FILES = [
    MANIFEST_NAME,
    "headings.npy",
    "knowledge.sqlite",
    "lexical/data.csc.index.npy",
    "lexical/vocab.index.json",
    "passages.faiss",
    "passages.npy",
    "references.npy",
    "sentences.npy",
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "emptied", "cut", "flipped", "folder"])
def test_a_damaged_snapshot_is_built_anew(damage: str, name: str, built: Home, place: Path) -> None:
    path = folder_in_service(built) / name
    data = path.read_bytes()
    path.unlink()
    if damage == "emptied":
        path.touch()
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        path.write_bytes(data[:9] + bytes([data[9] ^ 0xFF]) + data[10:])
    elif damage == "folder":
        path.mkdir()
    assert_built_anew(built, place, build(built, place), WordHashEncoder())


@pytest.mark.parametrize("pointer", ["", "nonsense", "20260101T030405Z-0123abcd"])
def test_a_home_without_a_snapshot_in_service_is_built_anew(
    pointer: str, built: Home, place: Path
) -> None:
    (built.path / "current").write_text(pointer, encoding="ascii")
    assert_built_anew(built, place, build(built, place), WordHashEncoder())


@pytest.mark.parametrize("table", ["documents", "passages", "sentences", "headings"])
def test_damage_that_only_shows_while_copying_is_built_anew(
    table: str, home: Home, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a large snapshot, of which not every byte is read on opening.
    monkeypatch.setattr("index.snapshots.snapshot._check_files", lambda folder, manifest: None)
    guides: Guides = {
        f"{number:02}.md": (
            "",
            (
                *LONG_AGO["a.md"][1],
                *(f"## Heading {number}.{row}\n\nText.\n\n" for row in range(12)),
            ),
        )
        for number in range(60)
    }
    write_folder(place, guides)
    build(home, place)
    path = folder_in_service(home) / "knowledge.sqlite"
    connection = sqlite3.connect(path)
    query = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno"
    try:
        pages = [row[0] for row in connection.execute(query, [table])]
    except sqlite3.OperationalError:
        pytest.skip("this SQLite doesn't tell where tables lie")
    finally:
        connection.close()
    assert len(pages) > 2
    data = bytearray(path.read_bytes())
    page = pages[len(pages) // 2]
    data[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(data)
    before = home.current_name()
    encoder = WordHashEncoder()
    report = build(home, place, encoder)
    assert home.current_name() == report.snapshot != before
    assert (report.documents, report.documents_copied, report.passages_copied) == (60, 0, 0)
    other = Home(home.path.with_name("other"))
    build(other, place, is_full=True)
    assert_equal_snapshots(folder_in_service(home), folder_in_service(other))


def test_readers_are_not_disturbed_by_builds(home: Home, place: Path) -> None:
    build(home, place)
    expected = Snapshot.open_current(home)
    answers = {question: ask(expected, question) for question in ("nurse", "data pay", "SRE")}
    expected.close()
    failures: list[object] = []
    is_over = threading.Event()
    asked = 0

    def read() -> None:
        nonlocal asked
        while not is_over.is_set():
            snapshot = Snapshot.open_current(home)
            try:
                for question, hits in answers.items():
                    if ask(snapshot, question) != hits:
                        failures.append((snapshot.name, question))
                    asked += 1
            finally:
                snapshot.close()

    held = Snapshot.open_current(home)
    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for number in range(6):
            build(home, place, is_full=number % 2 == 1, kept_snapshots=20)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert asked > 6
    # One that was opened before all of them still answers.
    assert {question: ask(held, question) for question in answers} == answers
    held.close()


def test_the_snapshot_before_is_whole_until_the_new_one_is_in_service(
    built: Home, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = folder_in_service(built)
    files = {path: path.read_bytes() for path in before.rglob("*") if path.is_file()}
    seen: list[str] = []

    def look(stage: str, done: int, total: int) -> None:
        if built.current_name() == before.name:
            assert {path: path.read_bytes() for path in files} == files
            seen.append(stage)

    published = Home.publish

    def publish(home: Home, folder: Path, name: str) -> Path:
        look("publishing", 0, 1)
        return published(home, folder, name)

    monkeypatch.setattr(Home, "publish", publish)
    report = build(built, place, kept_snapshots=1, progress=look)
    assert {"indexing", "storing", "publishing"} <= set(seen)
    assert report.documents_copied == 3
    assert [path.name for path in built.snapshots.iterdir()] == [report.snapshot]
    snapshot = Snapshot.open_current(built)
    assert snapshot.store.document_ids() == sorted(LONG_AGO)
    snapshot.close()


def test_the_real_encoder_gives_what_a_full_build_gives(
    home: Home, place: Path, real_encoder: SentenceTransformerEncoder
) -> None:
    build(home, place, real_encoder)
    before = folder_in_service(home)
    write_folder(
        place, LONG_AGO | {"a.md": ("", (*LONG_AGO["a.md"][1], BLOCKS[15])), "0.md": _WHOLE}
    )
    report = build(home, place, real_encoder)
    other = Home(home.path.with_name("other"))
    build(other, place, real_encoder, is_full=True)
    found, expected = folder_in_service(home), folder_in_service(other)
    assert read_tables(found) == read_tables(expected)
    assert report.passages_copied == sum(key in keys_of(before) for key in keys_of(found)) > 3
    for name in (PASSAGE_VECTORS_NAME, SENTENCE_VECTORS_NAME):
        np.testing.assert_allclose(np.load(found / name), np.load(expected / name), atol=1e-5)
    vectors = heading_vectors_of(expected)
    for text, vector in heading_vectors_of(found).items():
        np.testing.assert_allclose(vector, vectors[text], atol=1e-5)
