"""Documents beyond a limit are left out and named with the setting; the others are built."""

from pathlib import Path

import pytest

from index.build import BuildReport, build_snapshot
from index.settings import IndexSettings
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from knowledge.errors import KnowledgeError, NoSnapshotError
from knowledge.settings import KnowledgeSettings
from tests.index.fakes import WordHashEncoder

SECTION = (
    "## Section {0}\n\nThe role of number {0} is explained in this section at some length.\n\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "guides"
    folder.mkdir()
    for name, sections in (("a-small", 2), ("b-large", 60), ("c-small", 3), ("d-small", 4)):
        text = "".join(SECTION.format(f"{name} {number}") for number in range(sections))
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def build(home: Home, folder: Path, **limits: int) -> BuildReport:
    return build_snapshot(
        home,
        [folder],
        WordHashEncoder,
        knowledge_settings=KnowledgeSettings(target_tokens=16, **limits),  # type: ignore[arg-type]
        index_settings=IndexSettings(),
    )


def built_and_skipped(home: Home, report: BuildReport) -> tuple[list[str], dict[str, str]]:
    snapshot = Snapshot.open_current(home)
    ids = [entry.id for entry in snapshot.manifest.documents]
    snapshot.close()
    return ids, {Path(file.path).name: file.reason for file in report.skipped}


def passages_of(home: Home, folder: Path, name: str) -> int:
    return build(Home(home.path / name), folder / name).passages


def test_a_document_of_too_many_passages(home: Home, folder: Path) -> None:
    report = build(home, folder, max_document_passages=10)
    ids, skipped = built_and_skipped(home, report)
    assert ids == ["a-small.md", "c-small.md", "d-small.md"]
    assert list(skipped) == ["b-large.md"]
    assert skipped["b-large.md"].endswith("more than knowledge.max_document_passages (10)")


def test_more_passages_in_all_than_allowed(home: Home, folder: Path) -> None:
    allowed = passages_of(home, folder, "a-small.md") + passages_of(home, folder, "c-small.md")
    report = build(home, folder, max_total_passages=allowed)
    ids, skipped = built_and_skipped(home, report)
    assert ids == ["a-small.md", "c-small.md"]
    assert report.passages == allowed
    assert skipped == dict.fromkeys(
        ["b-large.md", "d-small.md"],
        f"with it, the guides have more passages than knowledge.max_total_passages ({allowed:,})",
    )


def test_more_bytes_in_all_than_allowed(home: Home, folder: Path) -> None:
    allowed = sum((folder / name).stat().st_size for name in ("a-small.md", "b-large.md"))
    ids, skipped = built_and_skipped(home, build(home, folder, max_total_bytes=allowed))
    assert ids == ["a-small.md", "b-large.md"]
    reason = f"with it, the guides have more bytes than knowledge.max_total_bytes ({allowed:,})"
    assert skipped == dict.fromkeys(["c-small.md", "d-small.md"], reason)


def test_what_an_earlier_build_took_is_held_to_lower_limits(home: Home, folder: Path) -> None:
    assert build(home, folder).documents == 4
    limited = build(home, folder, max_document_passages=10)
    assert (limited.documents, limited.documents_copied) == (3, 3)
    raised = build(home, folder)
    assert (raised.documents, raised.documents_copied) == (4, 3)


def test_nothing_within_the_limits(home: Home, folder: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"can be read \(.*max_document_passages \(1\)"):
        build(home, folder, max_document_passages=1)
    with pytest.raises(NoSnapshotError):
        home.current_name()
