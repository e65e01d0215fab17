"""Reading converts only what was not converted before, and remembers what was."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.converters import CONVERTERS, Converter
from knowledge.documents import Document, DocumentFormat, Origin
from knowledge.reading.reading import read_documents
from knowledge.settings import KnowledgeSettings
from tests.knowledge.reading.test_reading import FRENCH, PNG, read, reasons, write


class Memory:
    """Remembers the documents of an earlier reading."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents

    def find_document(self, id_: str, origin: Origin) -> Document | None:
        found = [one for one in self._documents if (one.id, one.origin) == (id_, origin)]
        return next(iter(found), None)

    def find_converted(
        self, file_sha256: str, reader: str | None
    ) -> tuple[ConvertedText, str] | None:
        for one in self._documents:
            origin = one.origin
            if origin.file_sha256 == file_sha256 and reader in {None, origin.reader}:
                converted = ConvertedText(
                    text=one.text, page_starts=one.page_starts, title=one.title_in_file
                )
                return converted, origin.reader
        return None


class Scans:
    """A made-up kind of files, whose pages are divided by form feeds, converted in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.version: int | None = 1
        self.converted = 0
        scanner = Converter(identity=self.identify, convert=lambda data: self.convert(data, ""))
        monkeypatch.setattr(
            "knowledge.reading.listing.CONVERTERS", {**CONVERTERS, ".scan": scanner}
        )
        monkeypatch.setattr(
            "knowledge.reading.reader.ConversionProcess", lambda limits: nullcontext(self)
        )

    def identify(self) -> str:
        if self.version is None:
            raise ModuleNotFoundError("scanner")
        return f"scan {self.version}"

    def convert(self, data: bytes, suffix: str) -> ConvertedText:
        self.converted += 1
        if data.startswith(b"locked"):
            raise ConversionError("it is encrypted")
        title, *pages = data.decode().split("\f")
        starts = [sum(map(len, pages[:number])) for number in range(len(pages))]
        return ConvertedText(text="".join(pages), page_starts=tuple(starts), title=title)


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> Scans:
    return Scans(monkeypatch)


SCAN = b"The  title\f---\na: b\n---\nOne.\n\f## Two\n\nText.\n"


def test_converted_files_have_pages_and_no_front_matter(tmp_path: Path, scans: Scans) -> None:
    (tmp_path / "guide.SCAN").write_bytes(SCAN)
    (tmp_path / "locked.scan").write_bytes(b"locked")
    (tmp_path / "blank.scan").write_bytes(b"Title\f \f ")
    reading = read(tmp_path)
    (document,) = reading.documents
    assert document.text == "---\na: b\n---\nOne.\n## Two\n\nText.\n"
    assert document.page_starts == (0, 18)
    assert document.format is DocumentFormat.MARKDOWN
    assert (document.title, document.title_in_file) == ("The title", "The  title")
    assert document.body_start == 0
    assert document.origin.reader == "scan 1"
    assert reasons(reading) == {"locked.scan": "it is encrypted", "blank.scan": "it holds no text"}


def test_what_has_not_changed_is_not_converted_again(tmp_path: Path, scans: Scans) -> None:
    def read_again() -> Document:
        (document,) = read_documents([tmp_path], KnowledgeSettings(), Memory(known))
        return document

    path = tmp_path / "guide.scan"
    path.write_bytes(SCAN)
    known: list[Document] = []
    known.append(read_again())
    assert read_again() == known[0]
    assert scans.converted == 1
    # A side-car and another name change what is made of the same Markdown.
    (tmp_path / "rolewise.yaml").write_text("documents: {guide.scan: {aliases: [RN]}}")
    assert read_again().aliases == ("RN",)
    assert read_again().title == "The title"
    (tmp_path / "rolewise.yaml").unlink()
    renamed = path.rename(tmp_path / "renamed.scan")
    assert read_again() == replace(known[0], id="renamed.scan", source=str(renamed))
    assert scans.converted == 1
    scans.version = 2
    assert read_again().origin.reader == "scan 2"
    assert scans.converted == 2
    renamed.write_bytes(SCAN + b"More.")
    assert read_again().text.endswith("More.")
    assert scans.converted == 3


def test_without_converters_what_is_known_serves(tmp_path: Path, scans: Scans) -> None:
    (tmp_path / "guide.scan").write_bytes(SCAN)
    known = read(tmp_path).documents
    scans.version = None
    (tmp_path / "new.scan").write_bytes(b"New\fNew.")
    reading = read_documents([tmp_path], KnowledgeSettings(), Memory(known))
    assert tuple(reading) == known
    assert [(file.id, file.reason) for file in reading.skipped] == [
        ("new.scan", 'it needs the converters: pip install "rolewise[documents]"')
    ]


def test_text_that_is_known_is_not_parsed_again(tmp_path: Path) -> None:
    write(tmp_path, a_md="# A\n", b_md="# B\n")
    first, second = read(tmp_path).documents
    known = Memory([replace(first, title="Known"), replace(second, title="Known")])
    write(tmp_path, b_md="# C\n")
    titles = [one.title for one in read_documents([tmp_path], KnowledgeSettings(), known)]
    assert titles == ["Known", "C"]


def test_the_language_is_told(tmp_path: Path) -> None:
    write(tmp_path, a_md=f"---\ntitle: {'A nurse cares for people. ' * 20}\n---\n{FRENCH}")
    assert [document.language for document in read(tmp_path).documents] == ["fr"]
    untold = read_documents([tmp_path], KnowledgeSettings(languages=()))
    assert [document.language for document in untold] == [None]


def test_tables_are_converted_in_a_process_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "pay.csv").write_text("Role,Pay\nNurse,1 000\nPilot,2 000\n")
    (tmp_path / "photo.csv").write_bytes(PNG)
    (tmp_path / "wrong.pdf").write_text("No PDF.")
    reading = read(tmp_path)
    (document,) = reading.documents
    assert "| Nurse | 1 000 |" in document.text
    assert (document.id, document.format) == ("pay.csv", DocumentFormat.MARKDOWN)
    assert document.origin.reader == CONVERTERS[".csv"].identity()
    assert set(reasons(reading)) == {"photo.csv", "wrong.pdf"}
