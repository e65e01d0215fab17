import io
import zipfile
from pathlib import Path

import docx
import pytest

from knowledge.converting.archives import Archive, join_names, parse_xml
from knowledge.converting.converted import ConversionError
from knowledge.converting.converters import convert_bytes
from tests.knowledge.converting.making import change_archive, make_archive, save


def document_with(part: str) -> bytes:
    return change_archive(save(docx.Document()), {"word/document.xml": lambda _: part})


def test_an_archive_that_unpacks_to_very_much_is_refused_before_it_is() -> None:
    bomb = make_archive({"word/document.xml": b" " * 30_000_000})
    assert len(bomb) < 40_000
    with pytest.raises(ConversionError, match="it unpacks to 30,000,000 bytes"):
        convert_bytes(bomb, ".docx")


def test_a_part_is_never_read_beyond_what_the_archive_declares_of_it() -> None:
    data = bytearray(make_archive({"word/document.xml": b" " * 30_000_000}))
    for name_of_size in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.index(name_of_size) + (22 if name_of_size == b"PK\x03\x04" else 24)
        data[at : at + 4] = (100).to_bytes(4, "little")
    with pytest.raises(ConversionError, match="cut short or damaged"):
        Archive(bytes(data), "a Word document").read("word/document.xml")


def test_an_archive_of_very_many_parts_is_refused() -> None:
    data = make_archive({f"{number}": "" for number in range(20_001)})
    with pytest.raises(ConversionError, match="20,001 parts"):
        convert_bytes(data, ".docx")


def test_encrypted_parts_are_told() -> None:
    data = bytearray(save(docx.Document()))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ConversionError, match="it is encrypted"):
        convert_bytes(bytes(data), ".docx")


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE a [<!ENTITY b "words">]>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE a [<!ENTITY % c SYSTEM "http://example.org/c.dtd"> %c;<!ENTITY b "x">]>',
        '<!DOCTYPE a [<!ENTITY x "yyyyyyyyyy"><!ENTITY b "&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;">]>',
    ],
    ids=["entity", "file", "address", "billion laughs"],
)
def test_xml_that_declares_entities_is_refused(declaration: str) -> None:
    with pytest.raises(ConversionError, match="XML"):
        parse_xml(f"{declaration}<a>&b;</a>".encode())
    with pytest.raises(ConversionError, match="XML"):
        convert_bytes(document_with(f"{declaration}<a>&b;</a>"), ".docx")


def test_nothing_outside_of_the_document_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    page = f'<!DOCTYPE html SYSTEM "{secret.as_uri()}"><p>Words</p><img src="{secret.as_uri()}">'
    assert convert_bytes(page.encode(), ".html").text == "Words\n"


@pytest.mark.parametrize(
    ("folder", "target", "name"),
    [
        ("ppt", "slides/slide1.xml", "ppt/slides/slide1.xml"),
        ("ppt/slides", "../media/a.png", "ppt/media/a.png"),
        ("ppt", "/ppt/slides/slide1.xml", "ppt/slides/slide1.xml"),
        ("book", "../../../../etc/passwd", "etc/passwd"),
        ("", "a%20b.xhtml#c", "a b.xhtml"),
    ],
)
def test_names_lead_to_parts_of_the_archive_alone(folder: str, target: str, name: str) -> None:
    assert join_names(folder, target) == name


def test_names_that_lead_out_of_the_archive_are_but_names() -> None:
    stream = io.BytesIO(save(docx.Document()))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("../../outside.xml", "<a/>")
        archive.writestr("C:\\device\\NUL", "<a/>")
    with pytest.raises(ConversionError, match="no words"):
        convert_bytes(stream.getvalue(), ".docx")
