"""Hostile folders: whatever lies in one is read, passed over or named, and the rest is read."""

import os
import resource
import sys
import tracemalloc
from pathlib import Path

import pytest

from knowledge.errors import KnowledgeError
from knowledge.reading.reading import read_documents
from knowledge.settings import KnowledgeSettings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="names and files that POSIX has")

SURPRISING_NAMES = [
    *(
        "CON.md",
        "NUL.txt",
        "COM1.md",
        "aux.md",
        "C:\\Windows\\win.md",
        "up\\..\\..\\up.md",
        "a:b.md",
    ),
    *("\u202egpj.md", "\u200b.md", "e\u0301.md", "é.md", "x" * 240 + ".md", " .md", "-rf.md"),
    *(
        "new\nline.md",
        "\x1b[2J.md",
        "*?.md",
        "%2e%2e%2f.md",
        "~.md",
        "$(touch x).md",
        "@everyone.md",
    ),
    *("a.md.md", "a.MD", "\U0010ffff.md", "<!--.md", "guide.pdf.md"),
]


def read(folder: Path, **limits: int) -> tuple[list[str], dict[str, str]]:
    reading = read_documents([folder], KnowledgeSettings(**limits))  # type: ignore[arg-type]
    ids = [document.id for document in reading]
    return ids, {Path(file.path).name: file.reason for file in reading.skipped}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "guides"
    folder.mkdir()
    (folder / "guide.md").write_text("# Guide\n\nThe words of the guide.", encoding="utf-8")
    (tmp_path / "secret.md").write_text("A secret.", encoding="utf-8")
    return folder


def test_surprising_names_are_names(folder: Path) -> None:
    for number, name in enumerate(SURPRISING_NAMES):
        (folder / name).write_text(f"The words of guide {number}.", encoding="utf-8")
    ids, skipped = read(folder)
    assert skipped == {}
    assert set(ids) == {"guide.md", *SURPRISING_NAMES}


def test_names_that_are_no_text_are_named(folder: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("file names are text there")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.md")).write_text("Words", encoding="utf-8")
    ids, skipped = read(folder)
    assert ids == ["guide.md"]
    assert skipped == {"\\udcff\\udcfe.md": "its name is not valid text; rename it"}


def test_links_pipes_devices_and_giants(folder: Path) -> None:
    (folder / "out.md").symlink_to("../secret.md")
    (folder / "root.md").symlink_to("/")
    (folder / "everything").symlink_to("/")
    (folder / "up").symlink_to("..")
    (folder / "itself.md").symlink_to("itself.md")
    (folder / "nowhere.md").symlink_to("nowhere")
    (folder / "zero.md").symlink_to("/dev/zero")
    (folder / "environment.md").symlink_to("/proc/self/environ")
    os.mkfifo(folder / "pipe.md")
    os.mkfifo(folder / "pipe.pdf")
    (folder / "folder.md").mkdir()
    (folder / "folder.md" / "inner.md").write_text("Inner words.", encoding="utf-8")
    with (folder / "giant.md").open("wb") as file:
        file.truncate(2 * 1024**3)
    ids, skipped = read(folder)
    assert ids == ["folder.md/inner.md", "guide.md"]
    outside, not_followed = "a link that leads out of the folder", "a link to a folder"
    assert {name: reason for name, reason in skipped.items() if reason == outside} == (
        dict.fromkeys(
            [name for name in ("environment.md", "out.md", "zero.md") if name in skipped], outside
        )
    )
    assert {name for name, reason in skipped.items() if reason.startswith(not_followed)} == {
        *("everything", "root.md", "up"),
    }
    assert skipped["pipe.md"] == skipped["pipe.pdf"] == "not a regular file"
    assert "max_document_bytes" in skipped["giant.md"]
    assert skipped["itself.md"].startswith("it can't be read")
    assert skipped["nowhere.md"].startswith("it can't be read")


def test_more_files_than_allowed_are_refused_before_they_fill_the_memory(folder: Path) -> None:
    for number in range(3_000):
        (folder / f"{number}.md").touch()
    with pytest.raises(KnowledgeError, match=r"than 2,000 guides .*knowledge\.max_documents"):
        read(folder, max_documents=2_000)
    with pytest.raises(KnowledgeError, match=r"than 1,200 files .*knowledge\.max_documents"):
        read(folder, max_documents=100)


class _EndlessFolder:
    """A folder of a million files, of which each is made only when it is asked for."""

    def __init__(self) -> None:
        self.listed = 0

    def __enter__(self) -> "_EndlessFolder":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __iter__(self) -> "_EndlessFolder":
        return self

    def __next__(self) -> "_Entry":
        if self.listed == 1_000_000:
            raise StopIteration
        self.listed += 1
        return _Entry(f"a-tiny-file-of-many-{self.listed}.md")


class _Entry:
    def __init__(self, name: str) -> None:
        self.name = name

    def is_dir(self) -> bool:
        return False


def test_a_million_files_are_refused_early(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = _EndlessFolder()
    monkeypatch.setattr(os, "scandir", lambda path: endless)
    tracemalloc.start()
    try:
        with pytest.raises(KnowledgeError, match=r"more than 21,000 files .*max_documents"):
            read(folder, max_documents=10_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert endless.listed == 21_001
    assert peak < 20_000_000


def test_folders_in_folders_in_folders(folder: Path) -> None:
    inner = folder
    for _ in range(60):
        inner = inner / ("in" * 20)
        inner.mkdir()
    (inner / "deep.md").write_text("Deep words.", encoding="utf-8")
    ids, _ = read(folder)
    assert len(ids) == 2


def test_a_side_car_that_multiplies_itself_is_refused(folder: Path) -> None:
    lines = ["a0: &a0 {k: v}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 100)]
    (folder / "rolewise.yaml").write_text("\n".join(lines), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(KnowledgeError, match=r"rolewise\.yaml.*tag:yaml.org,2002:merge"):
        read(folder)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.parametrize(
    "content",
    ["title: !!timestamp soon", "a: !!bool maybe", "a: !!int ''", "[" * 5_000, "a: !!python/x y"],
    ids=lambda content: content[:20],
)
def test_a_side_car_of_wild_tags_is_refused_with_its_name(content: str, folder: Path) -> None:
    (folder / "rolewise.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"rolewise\.yaml"):
        read(folder)


@pytest.mark.parametrize(
    ("characters", "is_read"),
    [
        pytest.param(range(0xD800), True, id="the first 55,296"),
        pytest.param(range(0xE000, 0x110000), True, id="the others"),
    ],
)
def test_text_with_every_code_point(characters: range, is_read: bool, folder: Path) -> None:
    text = "".join(map(chr, characters))
    (folder / "all.md").write_bytes(text.encode())
    reading = read_documents([folder], KnowledgeSettings())
    documents = {document.id: document for document in reading}
    assert ("all.md" in documents) == is_read
    assert documents["all.md"].text == text.replace("\r", "\n")
