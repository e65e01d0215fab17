import sqlite3
from pathlib import Path

import faiss
import numpy as np
import pytest

from index.checking.home import check_encoder_of_snapshot, check_home, check_snapshot
from index.checking.vectors import check_agreement
from index.searching.dense import DenseIndex
from index.searching.lexical import LexicalIndex
from index.searching.vectors import VectorFile
from index.snapshots.files import LEXICAL_NAME, PASSAGE_VECTORS_NAME
from index.snapshots.home import Home
from index.snapshots.manifest import read_manifest
from knowledge.checks import Check, Verdict
from tests.index.fakes import (
    REFERENCES,
    WordHashEncoder,
    build,
    edit_manifest,
    stamp_file,
    unit_vectors,
)

STORE = "knowledge.sqlite"
VECTORS = ["headings.npy", "passages.npy", "references.npy", "sentences.npy"]


def bad_checks(folder: Path) -> list[Check]:
    return [check for check in check_snapshot(folder).checks if check.verdict is Verdict.BAD]


def aspects(folder: Path) -> list[str]:
    """Return the kinds of checks that found something bad."""
    return [check.name.split()[0] for check in bad_checks(folder)]


def test_what_was_built_is_sound(built_home: Home) -> None:
    findings = check_home(built_home)
    assert {check.verdict for check in findings.checks} == {Verdict.GOOD}
    (found,) = findings.snapshots
    assert found.is_intact
    assert findings.in_service == found.name == built_home.current_name()
    assert [check.name.split()[0] for check in found.checks] == [
        *("files", "tables", "texts", "roles", "vectors", "agreement", "opening")
    ]


def test_a_home_without_anything_is_no_fault(home: Home) -> None:
    (check,) = check_home(home).checks
    assert check.verdict is Verdict.NOTE
    assert check.fix == "Run: rolewise build"
    assert not home.path.exists()


def test_nothing_is_written(built_home: Home) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_size)
            for path in built_home.path.rglob("*")
        }

    before = state()
    check_home(built_home)
    assert state() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sentences SET heading = 99 WHERE position = 1",
        "UPDATE passages SET document = 99 WHERE position = 1",
        "UPDATE role_spans SET role = 99",
        "UPDATE sentences SET position = 99 WHERE position = 0",
    ],
)
def test_references_and_positions_are_checked(statement: str, folder: Path) -> None:
    change_store(folder, statement)
    assert "tables" in aspects(folder)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE passages SET text = upper(text) WHERE position = 1",
        "UPDATE passages SET start_offset = start_offset + 1 WHERE position = 1",
        "UPDATE passages SET end_offset = end_offset + 1 WHERE position = 0",
        "UPDATE passages SET document = 1 WHERE position = 0",
        "UPDATE passages SET heading_path = '{}' WHERE position = 0",
        "UPDATE passages SET heading_path = '[' WHERE position = 0",
        "UPDATE passages SET end_sentence = end_sentence - 1 WHERE position = 0",
        "UPDATE documents SET before_body = before_body || ' '",
        "UPDATE documents SET body_start = body_start + 1 WHERE position = 1",
        "UPDATE documents SET first_passage = first_passage + 1 WHERE position = 1",
        "UPDATE documents SET sha256 = 'f00' WHERE position = 1",
        "UPDATE documents SET id = 'other.md' WHERE position = 1",
        "UPDATE documents SET page_starts = '[0, 99999]'",
        "UPDATE documents SET page_starts = '[0, 9, 5]'",
        "UPDATE documents SET page_starts = '7'",
        "UPDATE sentences SET start_offset = -1 WHERE position = 1",
        "UPDATE sentences SET end_offset = 99999 WHERE position = 1",
        "UPDATE sentences SET end_offset = start_offset WHERE position = 1",
        "UPDATE sentences SET start_offset = 0, end_offset = 5 WHERE position = 3",
        "UPDATE sentences SET plain = 'Nurses never sleep.' WHERE position = 1",
        "UPDATE sentences SET lead_start = 99999, lead_end = 100000 WHERE position = 1",
        "UPDATE sentences SET lead_start = 0, lead_end = NULL WHERE position = 1",
        "UPDATE sentences SET heading_path = '[1]' WHERE position = 1",
    ],
)
def test_offsets_and_quotes_are_checked(statement: str, folder: Path) -> None:
    change_store(folder, statement)
    assert "texts" in aspects(folder)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE role_spans SET end_offset = 99999",
        "UPDATE role_spans SET start_offset = -1",
        "UPDATE roles SET aliases = '7'",
        "UPDATE roles SET name = '' WHERE position = 0",
    ],
)
def test_roles_are_checked(statement: str, folder: Path) -> None:
    change_store(folder, statement)
    assert "roles" in aspects(folder)


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 2.0], ids=str)
def test_vectors_are_numbers_of_norm_one(name: str, value: float, folder: Path) -> None:
    vectors = np.load(folder / name)
    vectors[1] = value
    np.save(folder / name, vectors)
    stamp_file(folder, name)
    (check,) = [check for check in bad_checks(folder) if check.name.startswith("vectors")]
    assert f"{name}: vector 1 has norm" in check.finding


def test_faiss_holds_the_vectors_that_lie_beside_it(folder: Path) -> None:
    vectors = np.load(folder / "passages.npy")
    np.save(folder / "passages.npy", vectors[::-1])
    stamp_file(folder, "passages.npy")
    (check,) = bad_checks(folder)
    assert check.name.startswith("agreement")
    assert "FAISS has another vector of passage 0 than its file" in check.finding


def test_the_index_of_words_holds_the_words_of_the_passages(folder: Path) -> None:
    change_store(folder, "UPDATE passages SET terms = 'zebra zebra' WHERE position = 0")
    (check,) = bad_checks(folder)
    assert check.name.startswith("agreement")
    assert "more" in check.finding


@pytest.mark.parametrize(
    ("name", "value"), [("data", np.nan), ("data", -1.0), ("indices", 99), ("indices", -1)]
)
def test_places_and_weights_of_words_are_checked(name: str, value: float, folder: Path) -> None:
    file = f"lexical/{name}.csc.index.npy"
    values = np.load(folder / file)
    values[1] = value
    np.save(folder / file, values)
    stamp_file(folder, file)
    assert aspects(folder) == ["agreement"]


def test_among_clusters_faiss_holds_nearly_the_same(tmp_path: Path, folder: Path) -> None:
    count, dimension = 8_200, 16
    manifest = read_manifest(folder).model_copy(update={"passages": count})
    vectors = unit_vectors(count, dimension)
    with VectorFile(tmp_path / PASSAGE_VECTORS_NAME, dimension) as file:
        file.append(vectors)
    DenseIndex.build(tmp_path, count, dimension)
    terms = [["one", "two"]] * count
    LexicalIndex.build(terms, tmp_path / LEXICAL_NAME)
    assert list(check_agreement(tmp_path, manifest, iter(terms))) == []
    vectors[:500] *= -1
    with VectorFile(tmp_path / PASSAGE_VECTORS_NAME, dimension) as file:
        file.append(vectors)
    faults = list(check_agreement(tmp_path, manifest, iter(terms)))
    assert faults[0] == "FAISS has passage 0 in another cluster than the nearest"
    assert faults[-1].startswith("FAISS finds only 9")


def test_files_that_are_none_of_a_snapshots_are_named(folder: Path) -> None:
    (folder / "lexical" / "corpus.jsonl").write_text("{}")
    (check,) = bad_checks(folder)
    assert check.finding == "lexical/corpus.jsonl is none of its files"


def test_what_is_not_as_it_was_published_is_not_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(faiss, "read_index", refuse)
    (folder / "passages.faiss").write_bytes(b"IxFI" + b"\xff" * 100)
    assert aspects(folder) == ["files"]


def test_an_older_format_is_stale_and_no_damage_out_of_service(
    built_home: Home, guides: Path
) -> None:
    old = built_home.current_name()
    edit_manifest(built_home.folder_of(old), lambda values: values.update(format_version=3))
    assert [check.verdict for check in check_home(built_home).checks] == [
        *(Verdict.GOOD, Verdict.BAD)
    ]
    build(built_home, guides)
    findings = check_home(built_home)
    assert findings.find(old) is not None
    assert {check.verdict for check in findings.checks} == {Verdict.GOOD, Verdict.NOTE}


def test_an_older_snapshot_is_checked_as_deeply(built_home: Home, guides: Path) -> None:
    old = built_home.folder_of(built_home.current_name())
    build(built_home, guides)
    change_store(old, "UPDATE sentences SET plain = 'no' WHERE position = 1")
    (check,) = [one for one in check_home(built_home).checks if one.verdict is Verdict.BAD]
    assert check.name == f"snapshot {old.name}"
    assert check.fix is not None


@pytest.mark.parametrize("content", [None, b"", b"../..", b"\xff", b"20260102T030405Z-0123abcd"])
def test_a_pointer_to_nothing_is_bad(content: bytes | None, built_home: Home) -> None:
    pointer = built_home.path / "current"
    if content is None:
        pointer.unlink()
    else:
        pointer.write_bytes(content)
    check = check_home(built_home).pointer
    assert check.verdict is Verdict.BAD
    assert check.fix is not None


def test_leftovers_are_named_but_not_those_of_a_build_under_way(built_home: Home) -> None:
    (built_home.snapshots / ".unfinished-0123abcd").mkdir()
    (built_home.snapshots / "20260102T030405Z-0123abcd").write_bytes(b"a file")
    (built_home.path / "current.new").write_text("half")
    built_home.exports.mkdir()
    (built_home.exports / ".unfinished-0123abcd").mkdir()
    findings = check_home(built_home)
    assert {path.name for path in findings.leftovers} == {
        *(".unfinished-0123abcd", "20260102T030405Z-0123abcd", "current.new")
    }
    assert findings.checks[-1].verdict is Verdict.NOTE
    with built_home.building():
        assert check_home(built_home).leftovers == ()


def test_a_stamp_that_cannot_be_kept_is_noted(
    home: Home, guides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.snapshots.manifest._MOST_BYTES_READ_AT_EACH_OPENING", 0)
    build(home, guides)
    folder = home.folder_of(home.current_name())
    (folder / "verified.json").unlink()
    assert all(check.verdict is Verdict.GOOD for check in check_snapshot(folder).checks)
    (folder / "verified.json").unlink()
    (folder / "verified.json").mkdir()
    assert check_snapshot(folder).checks[-1].verdict is Verdict.NOTE
    assert check_snapshot(folder).is_intact


@pytest.mark.parametrize(
    ("encoder", "references", "finding"),
    [
        (WordHashEncoder(), REFERENCES, None),
        (WordHashEncoder(), ("of a later version",), None),
        (WordHashEncoder(dimension=8), REFERENCES, "vectors of 8 numbers, not 16"),
        (WordHashEncoder(fingerprint="feedbeef" * 8), REFERENCES, "(feedbeef)"),
    ],
    ids=["same", "other references", "dimension", "fingerprint"],
)
def test_an_encoder_is_held_against_what_the_snapshot_has(
    encoder: WordHashEncoder, references: tuple[str, ...], finding: str | None, folder: Path
) -> None:
    check = check_encoder_of_snapshot(folder, encoder, references)
    assert check.verdict is (Verdict.BAD if finding else Verdict.GOOD)
    if finding:
        assert finding in check.finding


@pytest.mark.parametrize("references", [REFERENCES, ("of a later version",)])
def test_other_vectors_under_the_same_fingerprint_are_found(
    references: tuple[str, ...], folder: Path
) -> None:
    for name in ("references.npy", "headings.npy"):
        np.save(folder / name, np.load(folder / name)[:, ::-1])
    check = check_encoder_of_snapshot(folder, WordHashEncoder(), references)
    assert check.verdict is Verdict.BAD
    assert "other vectors" in check.finding


def change_store(folder: Path, statement: str) -> None:
    """Change a store, with a manifest that agrees: only what it holds is wrong."""
    connection = sqlite3.connect(folder / STORE)
    assert connection.execute(statement).rowcount
    connection.commit()
    connection.close()
    stamp_file(folder, STORE)
