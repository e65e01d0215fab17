"""The store and the files of a snapshot, when it is opened and read."""

from itertools import pairwise
from pathlib import Path

import pytest

from index.build import build_snapshot
from index.encoding.encoder import SentenceTransformerEncoder
from index.searching.search import Probe, search
from index.settings import IndexSettings
from index.snapshots.files import BUILT_FROM_NAME, DENSE_NAME, SENTENCE_VECTORS_NAME
from index.snapshots.home import Home
from index.snapshots.manifest import hash_file
from index.snapshots.snapshot import Snapshot
from knowledge.errors import DamagedSnapshotError
from knowledge.reading.reading import read_documents
from knowledge.settings import KnowledgeSettings
from tests.index.fakes import build, edit_manifest, stamp_file
from tests.index.snapshots.test_snapshot import FILES, Open

# What it was built from is for repairs alone: a snapshot serves without it.
NEEDED = [name for name in FILES if "/" not in name and name != BUILT_FROM_NAME]


@pytest.mark.parametrize("name", NEEDED)
def test_a_file_that_the_manifest_leaves_out_is_named(
    name: str, folder: Path, open_snapshot: Open
) -> None:
    edit_manifest(folder, lambda values: values["files"].pop(name))
    with pytest.raises(DamagedSnapshotError, match=f"doesn't list {name}"):
        open_snapshot(folder)


@pytest.mark.parametrize("name", ["lexical", "x" * 300], ids=["folder", "long"])
def test_a_listed_name_that_is_no_file_is_damaged(
    name: str, folder: Path, open_snapshot: Open
) -> None:
    path = folder / name
    size = path.stat().st_size if name == "lexical" else 0
    entry = {"bytes": size, "sha256": "0" * 64}
    edit_manifest(folder, lambda values: values["files"].update({name: entry}))
    with pytest.raises(DamagedSnapshotError, match=r"can't be read|is missing"):
        open_snapshot(folder)


def test_a_failed_opening_closes_the_store(
    folder: Path, open_snapshot: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []
    monkeypatch.setattr("index.snapshots.store.Store.close", lambda _: closed.append(True))
    (folder / "headings.npy").write_bytes(b"")
    stamp_file(folder, "headings.npy")
    with pytest.raises(DamagedSnapshotError):
        open_snapshot(folder)
    assert closed == [True]


def test_passages_of_the_store_partition_each_document(
    folder: Path, open_snapshot: Open, guides: Path
) -> None:
    snapshot = open_snapshot(folder)
    stored = snapshot.store.passages(range(snapshot.manifest.passages))
    assert len(stored) == snapshot.manifest.passages
    for document in read_documents([guides], KnowledgeSettings()):
        own = [row.passage for row in stored.values() if row.passage.document_id == document.id]
        assert own[0].start == document.body_start
        assert own[-1].end == len(document.text)
        for before, after in pairwise(own):
            assert before.end == after.start


def test_the_real_encoder_finds_what_was_meant(
    home: Home, guides: Path, real_encoder: SentenceTransformerEncoder
) -> None:
    build_snapshot(
        home,
        [guides],
        lambda: real_encoder,
        knowledge_settings=KnowledgeSettings(target_tokens=16),
        index_settings=IndexSettings(),
    )
    snapshot = Snapshot.open_current(home)
    snapshot.check_encoder(real_encoder)
    for question, found in [
        ("who looks after people in hospital?", "care for patients"),
        ("which programming languages should I learn?", "Python"),
        ("who works in a school?", "pupils"),
    ]:
        probe = Probe(vector=real_encoder.encode([question])[0], text=question)
        hit = search(snapshot, [probe], 10, IndexSettings())[0]
        text = snapshot.store.text_of(hit.passage.document_id)
        assert found in hit.text
        assert hit.text == text[hit.passage.start : hit.passage.end]
    snapshot.close()


def test_a_large_snapshot_is_read_whole_only_when_it_has_changed(
    home: Home, guides: Path, open_snapshot: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.snapshots.manifest._MOST_BYTES_READ_AT_EACH_OPENING", 0)
    build(home, guides)
    folder = home.folder_of(home.current_name())
    read: list[str] = []

    def note(path: Path) -> str:
        read.append(path.name)
        return hash_file(path)

    monkeypatch.setattr("index.snapshots.integrity.hash_file", note)
    open_snapshot(folder)
    assert read == [DENSE_NAME]  # publishing stamped the others
    read.clear()
    data = bytearray((folder / SENTENCE_VECTORS_NAME).read_bytes())
    data[-1] ^= 1
    (folder / SENTENCE_VECTORS_NAME).write_bytes(data)
    with pytest.raises(DamagedSnapshotError, match=r"sentences\.npy has another checksum"):
        open_snapshot(folder)
    assert read == [SENTENCE_VECTORS_NAME, DENSE_NAME]
