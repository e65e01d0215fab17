import os
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given

from knowledge.converting.converters import CONVERTERS
from knowledge.documents import Document, DocumentFormat
from knowledge.errors import KnowledgeError
from knowledge.reading.listing import SkippedFile
from knowledge.reading.reading import read_documents
from knowledge.settings import KnowledgeSettings
from tests.knowledge.texts import file_texts

FRENCH = (
    "Le développeur écrit du code, relit celui des autres et corrige les défauts qu’on lui"
    " signale. Être à l’écoute des équipes, c’est déjà la moitié du métier. "
) * 5
LATIN = FRENCH.replace("’", "'")
JAPANESE = (
    "データエンジニアは、データを集めて使える形にする仕組みを作ります。毎日の運用も担当します。" * 8
)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89" * 20
ELF = b"\x7fELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0\1\0\0\0\xd0\xff\xfe" * 20
NO_KIND = f"not a kind of document that is read ({', '.join(['.md', '.txt', *CONVERTERS])})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What came of a reading, to its end."""

    documents: tuple[Document, ...]
    skipped: tuple[SkippedFile, ...]


def read(*paths: Path, **values: int) -> Read:
    reading = read_documents(paths, KnowledgeSettings(**values))  # type: ignore[arg-type]
    documents = tuple(reading)
    return Read(documents=documents, skipped=reading.skipped)


def write(folder: Path, **texts: str) -> Path:
    """Write files; a double underscore in a name stands for a slash, a single one for a dot."""
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    return folder


def ids(reading: Read) -> list[str]:
    return [document.id for document in reading.documents]


def reasons(reading: Read) -> dict[str, str]:
    return {Path(file.path).name: file.reason for file in reading.skipped}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param(FRENCH, "utf-8", id="UTF-8"),
        pytest.param(FRENCH, "utf-8-sig", id="UTF-8 with a mark"),
        pytest.param(FRENCH, "utf-16", id="UTF-16 with a mark"),
        pytest.param("\ufeff" + FRENCH, "utf-16-be", id="UTF-16 big-endian with a mark"),
        pytest.param(FRENCH, "utf-32", id="UTF-32 with a mark"),
        pytest.param("\ufeff" + FRENCH, "utf-32-be", id="UTF-32 big-endian with a mark"),
        pytest.param(FRENCH, "cp1252", id="Windows 1252"),
        pytest.param(LATIN, "latin-1", id="Latin 1"),
        pytest.param(JAPANESE, "shift_jis", id="Shift JIS"),
    ],
)
def test_encodings(text: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / "guide.txt").write_bytes(text.encode(encoding))
    (document,) = read(tmp_path).documents
    assert document.text == text.removeprefix("\ufeff")


@given(text=file_texts)
def test_the_text_is_the_file_decoded_with_line_ends_as_lf(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # Enough letters for the odd characters to pass for text.
    text = "Letters. " * 100 + text
    path = tmp_path_factory.mktemp("files") / "guide.txt"
    path.write_bytes(text.encode())
    (document,) = read(path).documents
    assert document.text == re.sub("\r\n|\r", "\n", text)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(PNG, "it is not text but binary data", id="PNG"),
        pytest.param(ELF, "it is not text but binary data", id="ELF"),
        pytest.param(
            random.Random(1).randbytes(4096), "it is not text but binary data", id="random"
        ),
        pytest.param(b"\1\2\3" * 99, "it is not text but binary data", id="control characters"),
        pytest.param(
            "no mark".encode("utf-16-le") + b"\xe9\0",
            "it is not text but binary data",
            id="UTF-16 without a mark",
        ),
        pytest.param(
            b"\xff\xfea", "its byte-order mark says UTF-16, but byte 2 is not", id="wrong mark"
        ),
        pytest.param(
            b"\xef\xbb\xbfa\xff",
            "its byte-order mark says UTF-8, but byte 1 is not",
            id="wrong UTF-8 mark",
        ),
        pytest.param(b"", "it is empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf \r\n\t", "it is empty", id="white space"),
        pytest.param(
            b"---\ntitle: [\n---\nText.\n",
            "its front matter is not valid YAML, line 3:",
            id="front matter",
        ),
        pytest.param(
            b"---\ntitle: [a]\n---\n", "its front matter's title is not a text", id="title"
        ),
        pytest.param(
            b"---\naliases: {a: b}\n---\n",
            "its front matter's aliases is not a list of names",
            id="aliases",
        ),
        pytest.param(
            b"---\nurl: x.org\n---\n", "its front matter's url does not begin with http", id="url"
        ),
        pytest.param(b"---\n? [a]\n---\n", "its front matter is not valid YAML", id="key"),
        pytest.param(
            b"---\n" + b"[" * 9000 + b"\n---\n", "its front matter is not valid YAML", id="deep"
        ),
    ],
)
def test_a_bad_file_is_named_and_the_rest_is_read(data: bytes, reason: str, tmp_path: Path) -> None:
    write(tmp_path, good_md="Text.")
    (tmp_path / "bad.md").write_bytes(data)
    reading = read(tmp_path)
    assert ids(reading) == ["good.md"]
    assert reasons(reading)["bad.md"].startswith(reason)


def test_files_that_are_no_guides(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", secret_md="Secret.", folder__a_md="Secret.")
    folder = write(tmp_path / "guides", good_md="Text.", photo_png="<p>", large_md="x" * 101)
    os.mkfifo(folder / "pipe.md")
    (folder / "out.md").symlink_to(outside / "secret.md")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    (folder / "nothing.md").symlink_to(folder / "missing.md")
    (folder / "in.md").symlink_to("good.md")
    (folder / "away").symlink_to(outside)
    (folder / "circle").symlink_to(folder)
    reading = read(folder, max_document_bytes=100)
    assert ids(reading) == ["good.md"]
    assert reasons(reading) == {
        "photo.png": NO_KIND,
        "in.md": "its text is that of good.md, which is read instead",
        "large.md": "101 bytes, more than knowledge.max_document_bytes (100)",
        "pipe.md": "not a regular file",
        "out.md": "a link that leads out of the folder",
        "loop.md": reasons(reading)["loop.md"],
        "nothing.md": "it can't be read: No such file or directory",
        "away": "a link to a folder, which is not followed",
        "circle": "a link to a folder, which is not followed",
    }
    assert reasons(reading)["loop.md"].startswith("it can't be read: ")


def test_what_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, good_md="Text.", locked_md="Text.", closed__a_md="Text.")
    open_file, scandir = os.open, os.scandir

    def refuse_locked(path: str | Path, *values: int, **named: int) -> int:
        if Path(path).name == "locked.md":
            raise PermissionError(13, "Permission denied", str(path))
        return open_file(path, *values, **named)

    def refuse_closed(path: str | Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "supports_dir_fd", {refuse_locked})
    monkeypatch.setattr(os, "open", refuse_locked)
    monkeypatch.setattr(os, "scandir", refuse_closed)
    reading = read(tmp_path)
    assert ids(reading) == ["good.md"]
    assert reasons(reading) == {
        "locked.md": "it can't be read: Permission denied",
        "closed": "it can't be read: Permission denied",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text elsewhere")
def test_a_name_that_is_no_text_is_named_in_text(tmp_path: Path) -> None:
    write(tmp_path, good_md="Text.")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("Text.")
    reading = read(tmp_path)
    assert ids(reading) == ["good.md"]
    assert reasons(reading) == {"caf\\udce9.md": "its name is not valid text; rename it"}


def test_ids_are_posix_paths_in_order_and_hidden_files_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, b_md="B.", a__z_txt="Z.", a__c_MD="C.", _git__x_md="X.", _hidden_md="H.")
    reading = read(tmp_path)
    assert ids(reading) == ["a/c.MD", "a/z.txt", "b.md"]
    assert reading.skipped == ()
    formats = [document.format for document in reading.documents]
    assert formats == [DocumentFormat.MARKDOWN, DocumentFormat.PLAIN_TEXT, DocumentFormat.MARKDOWN]
    assert [document.source for document in reading.documents] == [
        str(tmp_path.resolve() / document.id) for document in reading.documents
    ]


def test_several_folders_prefix_their_ids(tmp_path: Path) -> None:
    write(tmp_path, one__a_md="1.", two__a_md="2.", single_md="S.")
    paths = [tmp_path / "two", tmp_path / "one", tmp_path / "single.md"]
    assert ids(read(*paths)) == ["one/a.md", "single.md", "two/a.md"]
    assert ids(read(tmp_path / "one", tmp_path / "single.md")) == ["a.md", "single.md"]
    assert ids(read(tmp_path / "one", tmp_path / "two" / ".." / "one")) == ["a.md"]


def test_a_file_that_is_named_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    write(tmp_path, guide_rst="Text.")
    (document,) = read(tmp_path / "guide.rst").documents
    assert (document.id, document.format) == ("guide.rst", DocumentFormat.PLAIN_TEXT)


def test_a_folder_behind_a_link_is_read(tmp_path: Path) -> None:
    write(tmp_path, real__a_md="A.")
    (tmp_path / "link").symlink_to("real")
    assert ids(read(tmp_path / "link")) == ["a.md"]


def test_two_guides_of_one_id_are_refused(tmp_path: Path) -> None:
    write(tmp_path, x__guides__a_md="A.", y__guides__a_md="A.")
    with pytest.raises(KnowledgeError, match=r"both be called guides/a\.md: .*Rename one of them"):
        read(tmp_path / "x" / "guides", tmp_path / "y" / "guides")


def test_the_same_text_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, b_md="Text.", a_txt="Text.", c_md="Text.\r\n", d_md="Text.\n")
    reading = read(tmp_path)
    assert ids(reading) == ["a.txt", "c.md"]
    assert reasons(reading) == {
        "b.md": "its text is that of a.txt, which is read instead",
        "d.md": "its text is that of c.md, which is read instead",
    }


def test_the_home_of_an_index_holds_no_guides(tmp_path: Path) -> None:
    write(tmp_path, a_md="A.", home__b_md="B.", home__guides__c_md="C.")
    home = tmp_path / "home"
    reading = read_documents([tmp_path], KnowledgeSettings(), left_out=[home])
    assert ([document.id for document in reading], reading.skipped) == (["a.md"], ())
    inside = read_documents([home / "guides"], KnowledgeSettings(), left_out=[home])
    assert [document.id for document in inside] == ["c.md"]
    with pytest.raises(KnowledgeError, match="home is where the index is kept"):
        read_documents([home], KnowledgeSettings(), left_out=[home])


def test_too_many_guides_are_refused(tmp_path: Path) -> None:
    write(tmp_path, a_md="A.", b_md="B.")
    assert len(read(tmp_path, max_documents=2).documents) == 2
    with pytest.raises(
        KnowledgeError, match=r"more than 1 guides .* raise knowledge.max_documents"
    ):
        read(tmp_path, max_documents=1)


def test_documents_are_read_as_they_are_reached(tmp_path: Path) -> None:
    write(tmp_path, a_md="A.", b_md="B.", c_md="C.", d_png="D.")
    reading = read_documents([tmp_path], KnowledgeSettings())
    assert reading.file_count == 3
    documents = iter(reading)
    assert next(documents).text == "A."
    write(tmp_path, b_md="", c_md="Changed.")
    assert [document.text for document in documents] == ["Changed."]
    assert [file.reason for file in reading.skipped] == [
        "it is empty",
        NO_KIND,
    ]
    assert [document.id for document in reading] == ["a.md", "c.md"]
    assert len(reading.skipped) == 2


def test_a_path_that_is_wrong_is_named_before_anything_is_read(tmp_path: Path) -> None:
    for missing in (tmp_path, tmp_path / "missing"):
        with pytest.raises(KnowledgeError, match="There is no "):
            read_documents([missing], KnowledgeSettings())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("missing", "There is no file or folder .*missing. Name one", id="missing"),
        pytest.param("loop", "loop can't be read .* Name a file or folder", id="loop"),
        pytest.param("a\0b", "can't be read .* Name a file or folder", id="no path at all"),
        pytest.param("empty", "There is no guide in .*empty. Put .md or .txt files", id="empty"),
        pytest.param(
            "bad", "No guide in .*can be read .*a.md: it is empty.*; and 2 more", id="bad"
        ),
        pytest.param("bad/a.md", "No guide in .*can be read .*: it is empty", id="bad file"),
    ],
)
def test_no_guides_at_all(name: str, message: str, tmp_path: Path) -> None:
    write(tmp_path, bad__a_md="", bad__b_md="", bad__c_md="", bad__d_md=" ", bad__e_md=" ")
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(KnowledgeError, match=message):
        read(tmp_path / name)


@pytest.mark.parametrize("place", ["/jobs/nurse", "jobs/nurse.html", "nurse", "./nurse", "../a"])
def test_a_page_s_place_in_its_own_site_is_no_address(place: str, tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text(f"---\nurl: {place}\n---\nText.\n")
    (document,) = read(tmp_path).documents
    assert document.url is None


@pytest.mark.parametrize("address", ["www.x.org/a", "//x.org/a", "javascript:alert(1)", "ftp://x"])
def test_an_address_without_http_is_refused(address: str, tmp_path: Path) -> None:
    write(tmp_path, good_md="Text.", bad_md=f"---\nurl: {address}\n---\nText.\n")
    assert "does not begin with http" in reasons(read(tmp_path))["bad.md"]


def test_front_matter_behind_a_byte_order_mark(tmp_path: Path) -> None:
    text = "---\r\ntitle: Titre\r\nurl: https://example.org/a\r\n---\r\nTexte.\r\n"
    (tmp_path / "guide.md").write_bytes(text.encode("utf-8-sig"))
    (document,) = read(tmp_path).documents
    assert (document.title, document.url) == ("Titre", "https://example.org/a")
    assert document.text[document.body_start :] == "Texte.\n"
