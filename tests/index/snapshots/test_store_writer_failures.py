"""A store that can not be written or read is said, at whatever step."""

import errno
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index.snapshots.snapshot_writer import hash_text
from index.snapshots.store_writer import StoreWriter
from knowledge.documents import DocumentFormat, Origin
from knowledge.errors import DamagedSnapshotError
from knowledge.roles.roles import Role
from tests.index.conftest import Guide, lay_out, write_store
from tests.index.snapshots.test_store_writer import (
    ROOT,
    Begin,
    add,
    begin,  # noqa: F401 (a fixture)
    copy,
    find,
    path,  # noqa: F401 (a fixture)
    rows_of,
)


def test_a_store_without_a_folder_is_an_error_of_the_operating_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="unable to open database file"):
        StoreWriter(tmp_path / "no such folder" / "new.sqlite")


def _long_guide(id_: str, count: int = 60) -> Guide:
    return lay_out(
        [f"Passage {number} of {id_}. {'word ' * 60}" for number in range(count)], id_=id_
    )


def _add_long(writer: StoreWriter) -> None:
    add(writer, _long_guide("new.md"))


def _copy_long(writer: StoreWriter) -> None:
    copy(writer, _long_guide("long.md")[0])


def _finish_long(writer: StoreWriter) -> None:
    writer._words.update(f"word{number}" for number in range(5_000))
    writer.finish([])


def _finish_with_roles(writer: StoreWriter) -> None:
    writer.finish([Role(name=f"Role {number} {'x' * 400}") for number in range(200)])


@pytest.mark.parametrize("step", [_add_long, _copy_long, _finish_long, _finish_with_roles])
def test_a_full_disk_is_noticed_at_each_step(
    step: Callable[[StoreWriter], None], begin: Begin, tmp_path: Path
) -> None:
    write_store(tmp_path / "before.sqlite", [_long_guide("long.md")])
    writer = begin(tmp_path / "before.sqlite")
    add(writer, lay_out(["One. "], id_="one.md"))
    pages = writer._connection.execute("PRAGMA main.page_count").fetchone()[0]
    writer._connection.execute(f"PRAGMA main.max_page_count={pages + 2}")
    with pytest.raises(OSError, match="database or disk is full") as caught:
        step(writer)
    assert caught.value.errno == errno.ENOSPC


_READING = """
import resource, signal, sys
from pathlib import Path
from index.snapshots.store_writer import StoreWriter
from tests.index.conftest import NO_FACTS, lay_out

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
writer = StoreWriter(path)
writer._connection.execute("PRAGMA cache_size=100")
for number in range(4):
    document, passages = lay_out(["word " * 500] * 60, id_=f"{number}.md")
    writer.add_document(document, "0" * 64, passages, NO_FACTS)
size = path.stat().st_size
assert size > 400_000, size  # the rest is still to be written
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
for read in (writer.read_terms, writer.read_role_facts):
    try:
        print(len(list(read())), "rows")
    except OSError as error:
        print(type(error).__name__, error.filename == str(path))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of the size of files")
def test_a_full_disk_is_noticed_while_reading_too(path: Path) -> None:
    # What is read pushes out of memory what was not written yet.
    done = subprocess.run(
        [sys.executable, "-c", _READING, str(path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "OSError True"


def _root_pages(path: Path) -> dict[str, int]:
    return dict(rows_of(path, "SELECT name, rootpage FROM sqlite_schema WHERE rootpage"))


def _find_passage(writer: StoreWriter) -> object:
    return writer.earlier.find_passage(b"\0" * 16)


def _find_document(writer: StoreWriter) -> object:
    return writer.earlier.find_document("long.md", Origin())


def _find_converted(writer: StoreWriter) -> object:
    return writer.earlier.find_converted("1" * 64, None)


def _find_split(writer: StoreWriter) -> object:
    return find(writer, _long_guide("long.md")[0])


def _find_heading(writer: StoreWriter) -> object:
    return writer.earlier.find_heading("Heading 1")


@pytest.mark.parametrize(
    ("step", "damaged"),
    [
        pytest.param(_find_passage, ["passages_by_key"], id="finding a passage"),
        pytest.param(
            _find_document,
            ["documents", "sqlite_autoindex_documents_1", "documents_by_file"],
            id="a document",
        ),
        pytest.param(_find_converted, ["documents_by_file"], id="a converted file"),
        pytest.param(_find_split, ["documents_by_text"], id="a text that was split"),
        pytest.param(_find_heading, ["sqlite_autoindex_headings_1"], id="a heading"),
        pytest.param(_copy_long, ["sentences"], id="copying sentences"),
        pytest.param(_copy_long, ["headings"], id="copying headings"),
    ],
)
def test_damage_in_the_store_before_is_named(
    step: Callable[[StoreWriter], object],
    damaged: Sequence[str],
    begin: Begin,
    tmp_path: Path,
) -> None:
    before = tmp_path / "before.sqlite"
    write_store(before, [_long_guide("long.md")])
    roots = _root_pages(before)
    data = bytearray(before.read_bytes())
    for name in damaged:
        data[(roots[name] - 1) * 4096 : roots[name] * 4096] = b"\xa5" * 4096
    before.write_bytes(data)
    writer = begin(before)
    with pytest.raises(DamagedSnapshotError) as caught:
        step(writer)
    assert str(caught.value) == f"{before} is damaged. Run: rolewise build --full"


def test_headings_are_kept_once(begin: Begin, path: Path) -> None:
    writer = begin()
    for name in ("a.md", "b.md"):
        add(writer, lay_out(["One. ", "Two. ", "Three. "], id_=name))
    writer.finish([])
    assert writer.headings == {"A guide": 0, "Heading 1": 1}
    assert rows_of(path, "SELECT position, text FROM headings") == [
        (0, "A guide"),
        (1, "Heading 1"),
    ]


def test_a_documents_names_and_format_are_kept(begin: Begin, path: Path) -> None:
    document, passages = lay_out(["One. "])
    document = replace(
        document, aliases=("RN", "ü 😀"), format=DocumentFormat.PLAIN_TEXT, url="https://a.org"
    )
    writer = begin()
    add(writer, (document, passages))
    writer.finish([])
    [row] = rows_of(path, "SELECT format, aliases, sha256, url FROM documents")
    assert row == (
        "plain text",
        json.dumps(["RN", "ü 😀"]),
        hash_text(document.text),
        "https://a.org",
    )
