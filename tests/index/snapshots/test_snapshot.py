import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.encoding.encoder import Vectors
from index.snapshots.home import Home
from index.snapshots.manifest import FORMAT_VERSION, MANIFEST_NAME, read_manifest
from index.snapshots.snapshot import Snapshot
from knowledge.errors import DamagedSnapshotError, StaleSnapshotError
from tests.index.fakes import (
    GUIDES,
    REFERENCES,
    WordHashEncoder,
    build,
    edit_manifest,
    stamp_file,
    write_guides,
)

Open = Callable[[Path], Snapshot]
FILES = [
    "built-from.json",
    "headings.npy",
    "knowledge.sqlite",
    "lexical/data.csc.index.npy",
    "lexical/indices.csc.index.npy",
    "lexical/indptr.csc.index.npy",
    "lexical/params.index.json",
    "lexical/vocab.index.json",
    "passages.faiss",
    "passages.npy",
    "references.npy",
    "sentences.npy",
    "word-ends.npy",
    "words.npy",
]


def test_what_was_built_is_opened(folder: Path, open_snapshot: Open) -> None:
    snapshot = open_snapshot(folder)
    assert snapshot.name == folder.name
    assert sorted(snapshot.manifest.files) == FILES
    assert snapshot.store.document_ids() == sorted(GUIDES)
    for name, text in GUIDES.items():
        assert snapshot.store.text_of(name) == text
    assert {role.name for role in snapshot.roles} >= {"Data Engineer", "Nurse"}
    encoder = WordHashEncoder()
    snapshot.check_encoder(encoder)
    sentences = snapshot.store.sentences_of(range(snapshot.manifest.passages))
    for stored in sentences:
        document = snapshot.store.text_of(stored.document_id)
        text = document[stored.sentence.start : stored.sentence.end].removeprefix("- ")
        vector = snapshot.sentence_vectors([stored.position])[0]
        np.testing.assert_allclose(vector, encoder.encode([text])[0], atol=1e-6)
        heading = (
            stored.sentence.heading_path[-1]
            if stored.sentence.heading_path
            else snapshot.store.document(stored.document_id).title
        )
        np.testing.assert_allclose(
            snapshot.heading_vectors([stored.heading])[0], encoder.encode([heading])[0], atol=1e-6
        )
    assert snapshot.sentence_vectors([]).shape == (0, 16)
    assert snapshot.heading_vectors([0, 0]).shape == (2, 16)
    np.testing.assert_array_equal(
        snapshot.sentence_vectors([3, 1, 3]), np.load(folder / "sentences.npy")[[3, 1, 3]]
    )
    np.testing.assert_array_equal(
        snapshot.passage_vectors(1, 3), np.load(folder / "passages.npy")[1:3]
    )
    assert snapshot.passage_vectors(2, 2).shape == (0, 16)


def test_references_are_encoded_again_only_where_they_have_changed(
    folder: Path, open_snapshot: Open
) -> None:
    snapshot = open_snapshot(folder)
    encoder = WordHashEncoder()
    kept = snapshot.reference_vectors(REFERENCES, encoder)
    assert encoder.encoded == []
    assert kept.dtype == np.float32
    np.testing.assert_allclose(kept, WordHashEncoder().encode(REFERENCES), atol=1e-6)
    changed = snapshot.reference_vectors(("what else?",), encoder)
    assert encoder.encoded == ["what else?"]
    assert changed.shape == (1, 16)


def test_no_references_are_no_vectors(home: Home, guides: Path, open_snapshot: Open) -> None:
    build(home, guides, references=())
    snapshot = open_snapshot(home.folder_of(home.current_name()))
    assert snapshot.reference_vectors((), WordHashEncoder()).shape == (0, 16)


def test_a_guide_of_stop_words_alone_is_opened(
    home: Home, tmp_path: Path, open_snapshot: Open
) -> None:
    build(home, write_guides(tmp_path / "guides", {"a.txt": "It is what it is.\n"}))
    snapshot = open_snapshot(home.folder_of(home.current_name()))
    assert snapshot.lexical.scores({"data": 1}).tolist() == [0.0]


def test_another_encoder_is_named_beside_the_one_built_with(
    folder: Path, open_snapshot: Open
) -> None:
    other = WordHashEncoder(fingerprint="feedbeef" * 8)
    other.model = "another-model"
    with pytest.raises(StaleSnapshotError) as caught:
        open_snapshot(folder).check_encoder(other)
    message = str(caught.value)
    assert "word-hashes (0123abcd)" in message
    assert "another-model (feedbeef)" in message
    assert message.endswith("Run: rolewise build")


def test_another_encoder_of_the_same_name_is_stale(folder: Path, open_snapshot: Open) -> None:
    with pytest.raises(StaleSnapshotError):
        open_snapshot(folder).check_encoder(WordHashEncoder(fingerprint="feedbeef" * 8))


def test_other_vectors_under_the_same_fingerprint_are_stale(
    folder: Path, open_snapshot: Open
) -> None:
    class Negated(WordHashEncoder):
        def encode(
            self, texts: Sequence[str], progress: Callable[[int], None] | None = None
        ) -> Vectors:
            return -super().encode(texts, progress)

    for other in (Negated(), WordHashEncoder(dimension=32)):
        with pytest.raises(StaleSnapshotError, match=r"goes by the same fingerprint.*--full"):
            open_snapshot(folder).check_encoder(other)


def test_a_snapshot_without_sentences_is_opened_and_suits_its_encoder(
    home: Home, tmp_path: Path, open_snapshot: Open
) -> None:
    build(home, write_guides(tmp_path / "guides", {"a.md": "```\nprint('code')\n```\n"}))
    snapshot = open_snapshot(home.folder_of(home.current_name()))
    assert snapshot.store.sentence_count == snapshot.store.heading_count == 0
    assert snapshot.sentence_vectors([]).shape == snapshot.heading_vectors([]).shape == (0, 16)
    snapshot.check_encoder(WordHashEncoder())


@pytest.mark.parametrize("version", [0, 1, 99, -1])
def test_another_format_is_stale(version: int, folder: Path, open_snapshot: Open) -> None:
    def change(values: dict[str, Any]) -> None:
        values.clear()
        values.update({"format_version": version, "what": "later versions know"})

    edit_manifest(folder, change)
    with pytest.raises(
        StaleSnapshotError, match=f"format {version}.*format {FORMAT_VERSION}.*rolewise build"
    ):
        open_snapshot(folder)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "emptied", "cut", "longer", "flipped", "folder"])
def test_a_damaged_file_is_named(name: str, damage: str, folder: Path, open_snapshot: Open) -> None:
    path = folder / name
    data = path.read_bytes()
    path.unlink()
    if damage == "emptied":
        path.touch()
    elif damage == "cut":
        path.write_bytes(data[:-1])
    elif damage == "longer":
        path.write_bytes(data + b"\0")
    elif damage == "flipped":
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif damage == "folder":
        path.mkdir()
    with pytest.raises(DamagedSnapshotError) as caught:
        open_snapshot(folder)
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith("Run: rolewise build")


@pytest.mark.parametrize("name", FILES)
def test_a_file_swapped_with_anothers_is_named(
    name: str, folder: Path, open_snapshot: Open
) -> None:
    other = FILES[FILES.index(name) - 1]
    first, second = (folder / name).read_bytes(), (folder / other).read_bytes()
    (folder / name).write_bytes(second)
    (folder / other).write_bytes(first)
    with pytest.raises(DamagedSnapshotError, match=r"bytes, not|another checksum"):
        open_snapshot(folder)


@pytest.mark.parametrize(
    "name", sorted({*FILES, MANIFEST_NAME} - {"references.npy", "built-from.json"})
)
def test_a_file_of_another_snapshot_never_passes(
    name: str, folder: Path, home: Home, tmp_path: Path, open_snapshot: Open
) -> None:
    build(home, write_guides(tmp_path / "other", {"a.md": "# Pilot\n\nPilots fly planes.\n"}))
    other = home.folder_of(home.current_name())
    # Checked by its contents too, since a large snapshot's checksums aren't verified on opening.
    shutil.copy(other / name, folder / name)
    with pytest.raises(DamagedSnapshotError):
        open_snapshot(folder)
    if name not in {MANIFEST_NAME, "lexical/vocab.index.json"}:
        stamp_file(folder, name)
        with pytest.raises(DamagedSnapshotError):
            open_snapshot(folder)


VECTOR_FILES = ["headings.npy", "passages.npy", "references.npy", "sentences.npy"]


@pytest.mark.parametrize("name", VECTOR_FILES)
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda vectors: vectors.astype(np.float64), "float64"),
        (lambda vectors: vectors.astype(np.int32), "int32"),
        (lambda vectors: vectors[:, :-1], ", 15)"),
        (lambda vectors: vectors.ravel(), "float32 of shape"),
        (lambda vectors: vectors[0, 0], "float32 of shape ()"),
        (lambda vectors: vectors[np.newaxis], "float32 of shape (1, "),
    ],
    ids=["float64", "int32", "dimension", "flat", "scalar", "deep"],
)
def test_vectors_of_another_shape_or_type_are_refused(
    name: str, change: Callable[[Any], Any], found: str, folder: Path, open_snapshot: Open
) -> None:
    np.save(folder / name, change(np.load(folder / name)))
    stamp_file(folder, name)
    with pytest.raises(DamagedSnapshotError) as caught:
        open_snapshot(folder)
    assert found in str(caught.value)
    assert ", 16)" in str(caught.value)


@pytest.mark.parametrize("name", ["headings.npy", "passages.npy", "sentences.npy"])
def test_vectors_of_another_count_are_refused(name: str, folder: Path, open_snapshot: Open) -> None:
    vectors = np.load(folder / name)
    np.save(folder / name, vectors[1:])
    stamp_file(folder, name)
    with pytest.raises(DamagedSnapshotError) as caught:
        open_snapshot(folder)
    assert f"({len(vectors) - 1}, 16)" in str(caught.value)
    assert f"({len(vectors)}, 16)" in str(caught.value)


def _save_objects(path: Path) -> None:
    np.save(path, np.array([{"run": "me"}], dtype=object), allow_pickle=True)


def _save_archive(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, vectors=np.zeros(3))


def _break_header(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"'shape': (", b"'shape': ]"))


def _claim_a_huge_shape(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"'shape': (", b"'shape': (999999999, "))


@pytest.mark.parametrize("name", VECTOR_FILES)
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(_save_objects, id="pickled objects"),
        pytest.param(_save_archive, id="archive"),
        pytest.param(_break_header, id="header that doesn't parse"),
        pytest.param(_claim_a_huge_shape, id="huge shape"),
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-1]), id="cut"),
    ],
)
def test_files_that_hold_no_vectors_are_refused(
    name: str, damage: Callable[[Path], None], folder: Path, open_snapshot: Open
) -> None:
    damage(folder / name)
    stamp_file(folder, name)
    with pytest.raises(DamagedSnapshotError, match=r"can't be read\. Run: rolewise build"):
        open_snapshot(folder)


@pytest.mark.parametrize("key", ["passages", "sentences", "headings"])
def test_another_count_than_the_manifests_names_both(
    key: str, folder: Path, open_snapshot: Open
) -> None:
    count = getattr(read_manifest(folder), key)
    edit_manifest(folder, lambda values: values.update({key: count + 1}))
    with pytest.raises(DamagedSnapshotError) as caught:
        open_snapshot(folder)
    assert "holds" in str(caught.value)
    assert f"{count} {key}" in str(caught.value)
    assert str(count + 1) in str(caught.value)


def test_another_number_of_documents_than_the_manifests_names_both(
    folder: Path, open_snapshot: Open
) -> None:
    edit_manifest(folder, lambda values: values["documents"].pop())
    with pytest.raises(DamagedSnapshotError, match="holds 3 documents, but the manifest says 2"):
        open_snapshot(folder)


@pytest.mark.parametrize("table", ["documents", "passages", "sentences", "headings"])
def test_a_store_that_has_lost_rows_is_named(table: str, folder: Path, open_snapshot: Open) -> None:
    connection = sqlite3.connect(folder / "knowledge.sqlite")
    connection.execute(f"DELETE FROM {table} WHERE position = (SELECT max(position) FROM {table})")
    connection.commit()
    connection.close()
    stamp_file(folder, "knowledge.sqlite")
    with pytest.raises(DamagedSnapshotError, match=rf"knowledge\.sqlite holds \d+ {table}, but"):
        open_snapshot(folder)
