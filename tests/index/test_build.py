import contextlib
import errno
import json
import os
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.build import BuildReport, build_snapshot
from index.settings import IndexSettings
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from knowledge.errors import EncoderError, KnowledgeError, StorageError
from knowledge.settings import KnowledgeSettings
from tests.index.fakes import GUIDES, REFERENCES, WordHashEncoder, build, leftovers_of

ROOT = Path(__file__).parents[2]


def open_current(home: Home) -> Snapshot:
    return Snapshot.open_current(home)


def test_the_report_and_the_manifest_count_the_same(home: Home, guides: Path) -> None:
    report = build(home, guides)
    snapshot = open_current(home)
    manifest = snapshot.manifest
    assert report.snapshot == snapshot.name == home.current_name()
    assert report.documents == len(manifest.documents) == len(GUIDES)
    assert report.passages == manifest.passages == snapshot.store.passage_count
    assert report.sentences == manifest.sentences == snapshot.store.sentence_count
    assert report.passages >= len(GUIDES)
    assert [
        snapshot.store.text_of(row.document_id)[row.sentence.start : row.sentence.end]
        for row in snapshot.store.sentences_of(range(manifest.passages))
    ] == [
        "Data engineers build pipelines that carry data.",
        "A data engineer needs:",
        "- Python;",
        "- SQL.",
        "They are paid well.",
        "Nurses care for patients.",
        "A nurse studies for three years 😀 at least.",
        "Then comes practice.",
        "Teachers teach pupils.",
        "They prepare lessons and mark homework.",
    ]
    assert [role.name for role in report.roles] == [role.name for role in snapshot.roles]
    assert all(snapshot.store.has_word(word) for word in ("data", "engineers", "pupils"))
    assert report.documents_copied == report.passages_copied == 0
    assert manifest.knowledge_paths == [str(guides)]
    snapshot.close()


def test_skipped_files_are_reported(home: Home, guides: Path) -> None:
    (guides / "picture.png").write_bytes(b"\x89PNG")
    (guides / "empty.md").touch()
    (guides / ".hidden.md").touch()
    report = build(home, guides)
    reasons = {Path(file.path).name: file.reason for file in report.skipped}
    assert set(reasons) == {"picture.png", "empty.md"}
    assert reasons["empty.md"] == "it is empty"
    assert report.documents == len(GUIDES)


@pytest.mark.parametrize("skipped", [[], ["a.md", "z.md"]], ids=["all read", "some skipped"])
def test_progress_never_goes_back_and_ends_whole(
    skipped: list[str], home: Home, guides: Path
) -> None:
    for name in skipped:
        (guides / name).touch()
    told: list[tuple[str, int, int]] = []
    build(home, guides, progress=lambda *values: told.append(values))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["reading", "loading the encoder", "indexing", "storing"]
    for stage in stages:
        steps = [(done, total) for name, done, total in told if name == stage]
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert len({total for _, total in steps}) == 1
        assert steps[-1][0] == steps[-1][1]
    assert [stage for stage, _, _ in told] == sorted(
        (stage for stage, _, _ in told), key=stages.index
    )


def test_the_same_guides_give_the_same_passages_and_vectors(
    home: Home, guides: Path, tmp_path: Path
) -> None:
    build(home, guides)
    first = open_current(home)
    other_home = Home(tmp_path / "other")
    build(other_home, guides)
    second = open_current(other_home)
    same = {"passages.faiss", "passages.npy", "sentences.npy", "headings.npy", "references.npy"}
    same |= {name for name in first.manifest.files if name.startswith("lexical/")}
    for name in sorted(same):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes(), name
    count = first.manifest.passages
    assert first.store.passages(range(count)) == second.store.passages(range(count))
    assert first.store.sentences_of(range(count)) == second.store.sentences_of(range(count))
    assert first.roles == second.roles
    assert first.manifest.documents == second.manifest.documents
    first.close()
    second.close()


def test_vectors_are_of_the_passages_with_their_context(home: Home, guides: Path) -> None:
    encoder = WordHashEncoder()
    report = build(home, guides, encoder)
    passages = encoder.encoded[: report.passages]
    assert passages[0].startswith("Data Engineer")
    assert all(len(text.split()) <= encoder.max_tokens for text in passages)
    snapshot = open_current(home)
    for position, text in enumerate(passages):
        vector = WordHashEncoder().encode([text])[0]
        found = snapshot.dense.similarities(vector, np.array([position]))
        assert found[0] == pytest.approx(1, abs=1e-5)
    assert encoder.encoded[-len(REFERENCES) :] == list(REFERENCES)
    snapshot.close()


def test_a_removed_guide_is_gone_altogether(home: Home, guides: Path) -> None:
    build(home, guides)
    shutil.rmtree(guides / "nurses")
    build(home, guides)
    snapshot = open_current(home)
    assert "nurses/nurse.md" not in snapshot.store.document_ids()
    assert not snapshot.store.has_word("patients")
    assert "Nurse" not in {role.name for role in snapshot.roles}
    assert snapshot.lexical.document_frequency("patient") == 0
    for path in snapshot.folder.rglob("*"):
        assert path.is_dir() or b"patients" not in path.read_bytes()
    snapshot.close()


@pytest.mark.parametrize(
    "failure",
    [EncoderError("no model"), RuntimeError("out of luck"), KeyboardInterrupt()],
    ids=repr,
)
def test_a_failing_encoder_leaves_the_index_as_it_was(
    failure: BaseException, home: Home, guides: Path
) -> None:
    before = build(home, guides).snapshot
    encoder = WordHashEncoder()
    encoder.failure = failure
    with pytest.raises(type(failure)):
        build(home, guides, encoder)
    assert home.current_name() == before
    assert [path.name for path in home.snapshots.iterdir()] == [before]
    assert leftovers_of(home) == []
    open_current(home).close()


def test_an_encoder_that_cannot_be_loaded_leaves_no_folder(home: Home, guides: Path) -> None:
    def fail() -> WordHashEncoder:
        raise EncoderError("no model")

    with pytest.raises(EncoderError, match="no model"):
        build_snapshot(
            home,
            [guides],
            fail,
            knowledge_settings=KnowledgeSettings(),
            index_settings=IndexSettings(),
        )
    assert list(home.snapshots.iterdir()) == []


def test_without_guides_nothing_is_written_and_no_encoder_loaded(
    home: Home, tmp_path: Path
) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(KnowledgeError, match="There is no guide"):
        build(home, tmp_path / "nothing")
    assert not home.path.exists()


def test_guides_without_text_are_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / "a.md").write_text("---\ntitle: Nothing\n---\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="hold no text"):
        build(home, tmp_path / "guides")
    assert leftovers_of(home) == []


def test_no_more_snapshots_are_kept_than_asked_for(
    home: Home, guides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"20260101T03040{second}Z-0123abcd" for second in range(4)]
    for name in names:
        monkeypatch.setattr(Home, "new_name", lambda self, name=name: name)
        build(home, guides, kept_snapshots=2)
    assert sorted(path.name for path in home.snapshots.iterdir()) == names[-2:]


_LIMITED = """
import json, resource, sys
from pathlib import Path
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from knowledge.errors import StorageError
from tests.index.fakes import WordHashEncoder, build, leftovers_of

home, guides = Home(Path(sys.argv[1])), Path(sys.argv[2])
for limit in map(int, sys.argv[3:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        build(home, guides, WordHashEncoder(dimension=512))
        outcome = "built"
    except StorageError as error:
        outcome = str(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    snapshot = Snapshot.open_current(home)
    print(json.dumps([limit, outcome, snapshot.name, leftovers_of(home)]))
    snapshot.close()
"""


def _run(*command: object) -> list[Any]:
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of the size of files")
def test_files_that_grow_too_large_leave_the_last_snapshot(built_home: Home, guides: Path) -> None:
    before = built_home.current_name()
    # Each limit is met by another file: the manifest is the least, the store the largest.
    limits = [0, 10, 1_000, 3_000, 8_000, 16_000, 30_000]
    rows = _run(sys.executable, "-c", _LIMITED, built_home.path, guides, *limits, 10_000_000)
    for limit, outcome, name, leftovers in rows[:-1]:
        assert outcome.endswith("name another folder with --home."), limit
        assert name == before
        assert leftovers == []
    _, outcome, name, leftovers = rows[-1]
    assert (outcome, leftovers) == ("built", [])
    assert name != before


_FULL = """
import json, os, sys
from pathlib import Path
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from knowledge.errors import StorageError
from tests.index.fakes import build, leftovers_of

disk, guides = Path(sys.argv[1]), Path(sys.argv[2])
home = Home(disk / "home")
before = build(home, guides).snapshot
for spare in range(0, 40):
    filler = disk / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
    except OSError:
        pass
    os.truncate(filler, max(filler.stat().st_size - 4096 * spare, 0))
    try:
        build(home, guides)
        outcome = "built"
    except StorageError as error:
        outcome = str(error)
    snapshot = Snapshot.open_current(home)
    print(json.dumps([outcome, snapshot.name == before, leftovers_of(home)]))
    snapshot.close()
    filler.unlink()
    if outcome == "built":
        break
"""


def test_a_full_disk_leaves_the_last_snapshot(guides: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    # The disk is seen by the one process alone, and goes with it.
    script = 'mount -t tmpfs -o size=1m rolewise-test "$1" && shift && exec "$@"'
    unshare = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", str(disk)]
    if not shutil.which("unshare") or subprocess.run([*unshare, "true"], check=False).returncode:
        pytest.skip("a small disk can't be mounted here")
    rows = _run(*unshare, sys.executable, "-c", _FULL, disk, guides)
    assert len(rows) > 5
    for outcome, is_before, leftovers in rows[:-1]:
        assert "There is no space left to write" in outcome
        assert is_before
        assert leftovers == []
    assert rows[-1] == ["built", False, []]


@pytest.mark.parametrize("is_full", [False, True], ids=["upon the one before", "full"])
@pytest.mark.parametrize(
    ("place", "call"),
    [
        ("index.snapshots.store_writer.StoreWriter.__init__", 1),
        ("index.searching.vectors.VectorFile.__init__", 1),
        ("index.searching.vectors.VectorFile.__init__", 2),
        ("index.searching.vectors.VectorFile.__init__", 3),
        ("index.searching.vectors.VectorFile.__init__", 4),
        ("index.searching.vectors.VectorFile.__init__", 6),
        ("index.searching.vectors.VectorFile._write_header", 4),
        ("index.searching.vectors.VectorFile._write_header", 7),
        ("index.searching.vectors.VectorFile._write_header", 11),
        ("index.searching.vectors.VectorFile.append", 1),
        ("index.searching.vectors.VectorFile.append", 2),
        ("index.searching.vectors.VectorFile.append", 4),
        ("index.searching.vectors.VectorFile.append", 6),
        ("index.snapshots.store_writer.StoreWriter.add_document", 1),
        ("index.snapshots.store_writer.StoreWriter._row_of_heading", 2),
        ("index.snapshots.store_writer.StoreWriter.read_terms", 1),
        ("index.searching.lexical.LexicalIndex.build", 1),
        ("index.snapshots.store_writer.StoreWriter.read_role_facts", 1),
        ("index.snapshots.store_writer.StoreWriter.finish", 1),
        ("index.searching.dense.DenseIndex.build", 1),
        ("index.build.describe_files", 1),
        ("pathlib.Path.write_text", 1),
        ("os.fsync", 2),
        ("pathlib.Path.rename", 1),
        ("pathlib.Path.write_text", 2),
        ("pathlib.Path.replace", 1),
    ],
)
def test_a_disk_that_is_full_at_any_step_leaves_the_last_snapshot(
    place: str,
    call: int,
    is_full: bool,
    built_home: Home,
    guides: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = built_home.current_name()
    (guides / "pilot.md").write_text("# Pilot\n\nPilots fly planes.\n", encoding="utf-8")
    owner, _, attribute = place.rpartition(".")
    original = getattr(pkgutil.resolve_name(owner), attribute)
    calls = 0

    def fail_once(*arguments: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return original(*arguments, **named)

    is_static = attribute == "build"
    monkeypatch.setattr(place, staticmethod(fail_once) if is_static else fail_once)
    with pytest.raises(StorageError, match="no space left to write") as caught:
        _build_again(built_home, guides, is_full=is_full)
    # The error keeps what it went through, so only what was closed on purpose is closed.
    assert [path for path in _open_files() if "/.unfinished-" in path] == [], caught
    monkeypatch.undo()
    assert built_home.current_name() == before
    assert [path.name for path in built_home.snapshots.iterdir()] == [before]
    assert leftovers_of(built_home) == []
    report = _build_again(built_home, guides, is_full=is_full)
    assert report.documents_copied == (0 if is_full else 3)
    snapshot = open_current(built_home)
    assert "pilot.md" in snapshot.store.document_ids()
    snapshot.close()


def _build_again(home: Home, guides: Path, *, is_full: bool) -> BuildReport:
    return build_snapshot(
        home,
        [guides],
        WordHashEncoder,
        knowledge_settings=KnowledgeSettings(target_tokens=16),
        index_settings=IndexSettings(),
        references=REFERENCES,
        is_full=is_full,
    )


def _open_files() -> list[str]:
    """Return the files that this process has open; none where the system doesn't tell."""
    opened = []
    for link in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError):
            opened.append(str(link.readlink()))
    return opened


def test_a_build_into_a_file_is_an_error_of_storage(home: Home, guides: Path) -> None:
    home.path.write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError):
        build(home, guides)
