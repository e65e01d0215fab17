"""Hostile documents in the process that converts: each is read or refused, within its limits."""

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("lxml")
pytest.importorskip("pypdfium2")

from knowledge.converting.converted import ConversionError
from knowledge.converting.limits import ConversionLimits
from knowledge.converting.process import ConversionProcess
from tests.knowledge.converting import hostile_documents as hostile

LIMITS = ConversionLimits(
    max_text_bytes=5_000_000, max_pages=300, max_seconds=5.0, max_memory_bytes=600_000_000
)
MakeParts = Callable[..., dict[str, bytes | str]]
PARTS: dict[str, tuple[MakeParts, str, str]] = {
    ".docx": (hostile.docx_parts, "word/document.xml", "w:document"),
    ".pptx": (hostile.pptx_parts, "ppt/slides/slide1.xml", "p:sld"),
    ".epub": (hostile.epub_parts, "OPS/chapter.xhtml", "html"),
}
CONVERTED = [".pdf", *PARTS]


@pytest.fixture(scope="module")
def process() -> Iterator[ConversionProcess]:
    with ConversionProcess(LIMITS) as process:
        yield process


@pytest.fixture(autouse=True)
def the_next_document_is_read(process: ConversionProcess) -> Iterator[None]:
    yield
    assert "Words." in process.convert(harmless(".docx"), ".docx").text


@cache
def harmless(suffix: str) -> bytes:
    if suffix == ".pdf":
        return hostile.pdf_page(hostile.WORDS)
    return hostile.zip_of(PARTS[suffix][0]())


def convert(process: ConversionProcess, data: bytes, suffix: str) -> str:
    """Return the text of a document, or why it is refused."""
    try:
        return process.convert(data, suffix).text
    except ConversionError as error:
        return f"refused: {error}"


@pytest.mark.parametrize("suffix", CONVERTED)
def test_harmless_ones_are_read(suffix: str, process: ConversionProcess) -> None:
    assert "Words" in process.convert(harmless(suffix), suffix).text


Bomb = Callable[[dict[str, bytes | str], str], bytes]
BOMBS: dict[str, Bomb] = {
    "one part": lambda parts, name: hostile.zip_bomb(parts, name, 40),
    "one part that lies": lambda parts, name: hostile.lying_zip_bomb(parts, name, 40),
    "overlapping parts": lambda parts, name: hostile.overlapping_zip_bomb(parts, 1_000),
    "nested archives": lambda parts, name: hostile.zip_of(
        {**parts, name: hostile.zip_of({"a.zip": hostile.zip_bomb({}, "b", 20)})}
    ),
}


@pytest.mark.parametrize("suffix", PARTS)
@pytest.mark.parametrize("bomb", BOMBS)
def test_zip_bombs(bomb: str, suffix: str, process: ConversionProcess) -> None:
    make, name, _ = PARTS[suffix]
    assert convert(process, BOMBS[bomb](make(), name), suffix).startswith("refused: ")


def test_an_archive_of_thousands_of_parts(process: ConversionProcess) -> None:
    parts = {**hostile.docx_parts(), **{f"word/{number}": b"" for number in range(21_000)}}
    assert convert(process, hostile.zip_of(parts), ".docx").startswith("refused: it holds 21,004 ")


@pytest.mark.parametrize("suffix", PARTS)
def test_entity_bombs(suffix: str, process: ConversionProcess) -> None:
    make, _, root = PARTS[suffix]
    text = convert(
        process, hostile.zip_of(make("&bomb;", doctype=hostile.entity_bomb(root))), suffix
    )
    assert text.count("laugh") <= 1


@pytest.mark.parametrize("suffix", [".html", ".xhtml"])
def test_entity_bombs_of_web_pages(suffix: str, process: ConversionProcess) -> None:
    page = f"{hostile.entity_bomb('html')}<html><body><p>Words &bomb;</p></body></html>"
    assert convert(process, page.encode(), suffix).count("laugh") <= 1


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"CANARY")

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("suffix", [*PARTS, ".html", ".xhtml", ".pdf"])
def test_nothing_outside_is_fetched(
    suffix: str,
    process: ConversionProcess,
    listener: tuple[str, list[str]],
    tmp_path: Path,
) -> None:
    address, asked = listener
    canary = tmp_path / "canary.xml"
    canary.write_text("CANARY", encoding="utf-8")
    for outside in (f"{address}/x", canary.as_uri(), str(canary)):
        for data in refer_outside(suffix, outside):
            assert "CANARY" not in convert(process, data, suffix)
    assert asked == []


def refer_outside(suffix: str, outside: str) -> list[bytes]:
    """Return documents that refer to an address in the ways that their format has."""
    page = (
        f'<html><head><base href="{outside}"><link rel="stylesheet" href="{outside}">'
        f'<meta http-equiv="refresh" content="0; url={outside}"><script src="{outside}"></script>'
        f'</head><body><p>Words</p><img src="{outside}"><iframe src="{outside}"></iframe>'
        f'<object data="{outside}"></object><embed src="{outside}">'
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{outside}"/></body></html>'
    )
    if suffix in {".html", ".xhtml"}:
        return [page.encode(), (hostile.external_entity("html", outside) + page).encode()]
    if suffix == ".pdf":
        action = f"<</S /URI /URI ({outside})>>"
        launch = f"<</S /Launch /F ({outside})>>"
        embedded = f"/OpenAction {launch} /AA <</O {action}>>"
        pages = {2: "<</Type /Pages /Kids [3 0 R] /Count 1>>"}
        page_of = "<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R>>"
        stream = f"<</Length 0 /F <</FS /URL /F ({outside})>>>>\nstream\n\nendstream"
        catalogue = f"<</Type /Catalog /Pages 2 0 R {embedded}>>"
        return [hostile.pdf_of({1: catalogue, **pages, 3: page_of, 4: stream})]
    make, _, root = PARTS[suffix]
    documents = [make("&bomb; Words", doctype=hostile.external_entity(root, outside))]
    if suffix == ".docx":
        references = "".join(
            hostile.relationship(f"r{number}", kind, outside, "External")
            for number, kind in enumerate(["image", "attachedTemplate", "subDocument", "frame"])
        )
        documents.append(hostile.docx_parts(body='<w:subDoc r:id="r2"/>', references=references))
    if suffix == ".epub":
        documents += [hostile.epub_parts(page), hostile.epub_parts(chapter=outside)]
        documents.append(
            hostile.epub_parts(package_doctype=hostile.external_entity("package", outside))
        )
    return [hostile.zip_of(parts) for parts in documents]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../../../etc/passwd",
            "/etc/passwd",
            "C:\\Windows\\win.ini",
            "..\\..\\x",
            "CON",
            "NUL.xml",
        ),
        *("word/\u202elmx.tnemucod", "x" * 300, "word/../word/document.xml", "word//document.xml"),
        *("a\0b", "", ".", "\udce4.xml", "file:///etc/passwd", "http://127.0.0.1/x"),
    ],
    ids=ascii,
)
def test_names_in_archives_lead_nowhere(name: str, process: ConversionProcess) -> None:
    """A part of such a name is passed over; a document that consists of it is refused."""
    beside = {**hostile.docx_parts(), name.encode("utf-8", "replace").decode(): b"root:x:0:0"}
    assert "root:x" not in convert(process, hostile.zip_of(beside), ".docx")
    instead = hostile.docx_parts()
    instead["_rels/.rels"] = hostile.relationships(
        hostile.relationship(
            "r1", "officeDocument", name.encode("ascii", "ignore").decode()
        ).replace("\0", "")
    )
    assert "root:" not in convert(process, hostile.zip_of(instead), ".docx")
    book = hostile.epub_parts(chapter=name.encode("ascii", "ignore").decode().replace("\0", ""))
    assert "root:" not in convert(process, hostile.zip_of(book), ".epub")


def test_macros_are_no_text(process: ConversionProcess) -> None:
    parts = {**hostile.docx_parts(), "word/vbaProject.bin": b'Sub AutoOpen()\nShell "calc"\n'}
    text = convert(process, hostile.zip_of(parts), ".docx")
    assert text.startswith("refused: ") or ("Words." in text and "AutoOpen" not in text)
    script = hostile.pdf_of(
        {
            1: "<</Type /Catalog /Pages 2 0 R /OpenAction <</S /JavaScript /JS (SCRIPT)>>>>",
            2: "<</Type /Pages /Kids [3 0 R] /Count 1>>",
            3: (
                "<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources"
                " <</Font <</F 5 0 R>>>>>>"
            ),
            4: hostile.pdf_stream(hostile.WORDS),
            5: hostile.FONT,
        }
    )
    assert convert(process, script, ".pdf") == "Words of the page.\n"


def test_scripts_and_frames_are_no_text(process: ConversionProcess) -> None:
    page = (
        "<html><body><script>document.write('SCRIPT')</script><p onclick='STEAL()'>Words</p>"
        "<style>p{background:url(STYLE)}</style><iframe srcdoc='<p>FRAME</p>'></iframe>"
        "<noscript>plain</noscript><template><p>TEMPLATE</p></template><a href='javascript:RUN()'>a"
        "</a><svg><script>SVG</script></svg></body></html>"
    )
    text = convert(process, page.encode(), ".html")
    assert "Words" in text
    for hidden in ("SCRIPT", "STEAL", "STYLE", "FRAME", "SVG", "RUN"):
        assert hidden not in text, text


@pytest.mark.parametrize("name", hostile.PDF_LOOPS)
def test_endless_pdfs(name: str) -> None:
    with ConversionProcess(replace(LIMITS, max_seconds=1.0)) as process:
        text = convert(process, hostile.PDF_LOOPS[name](), ".pdf")
        assert text.startswith("refused: ") or "words" in text.lower()
        assert convert(process, harmless(".pdf"), ".pdf") == "Words of the page.\n"


def test_a_pdf_of_too_many_pages_is_refused_for_that(process: ConversionProcess) -> None:
    text = convert(process, hostile.pdf_of_many_pages(20_000), ".pdf")
    assert text == "refused: 20,000 pages, more than knowledge.max_document_pages (300)"


def test_a_pdf_that_claims_two_thousand_million_pages(process: ConversionProcess) -> None:
    assert convert(process, hostile.pdf_that_claims_pages(2_000_000_000), ".pdf").startswith(
        "refused: "
    )


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("<div>" * 100_000, id="elements"),
        pytest.param("<ul><li>" * 50_000, id="lists"),
        pytest.param("<table><tr><td>" * 30_000, id="tables"),
        pytest.param("<b><i>" * 50_000 + "</b>" * 50_000, id="tags closed in the wrong order"),
        pytest.param("<!--" * 200_000, id="comments"),
        pytest.param("&" * 1_000_000, id="ampersands"),
        pytest.param("<a " + "x=y " * 200_000 + ">", id="attributes"),
        pytest.param("<table><tr><td colspan=1000000000 rowspan=1000000000>a", id="spans"),
    ],
)
def test_web_pages_without_end(page: str, process: ConversionProcess) -> None:
    convert(process, f"<html><body><p>Words</p>{page}".encode(), ".html")


@pytest.mark.parametrize("suffix", CONVERTED)
def test_documents_cut_short(suffix: str, process: ConversionProcess) -> None:
    data = harmless(suffix)
    for share in (0.0, 0.01, 0.3, 0.6, 0.9, 0.99):
        convert(process, data[: int(len(data) * share)], suffix)


@pytest.mark.parametrize("suffix", CONVERTED)
@pytest.mark.parametrize("really", CONVERTED)
def test_wrong_endings_of_names(suffix: str, really: str, process: ConversionProcess) -> None:
    text = convert(process, harmless(really), suffix)
    assert text.startswith("refused: ") == (suffix != really), text


@pytest.mark.parametrize("suffix", [*CONVERTED, ".html", ".csv"])
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0" * 100_000, id="nulls"),
        pytest.param(b"\x7fELF" + bytes(range(256)) * 100, id="a program"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5_000, id="encrypted or old Office"
        ),
        pytest.param("".join(map(chr, range(0xD800))).encode(), id="every code point, first part"),
        pytest.param("".join(map(chr, range(0xE000, 0x110000))).encode(), id="the others"),
    ],
)
def test_bytes_that_are_no_document(data: bytes, suffix: str, process: ConversionProcess) -> None:
    convert(process, data, suffix)


def test_an_encrypted_pdf_is_refused_for_that(process: ConversionProcess) -> None:
    locked = hostile.pdf_page(hostile.WORDS).replace(
        b"trailer\n<<",
        b"trailer\n<</ID [<00><00>] /Encrypt <</Filter /Standard /V 1 /R 2 /P -1 /O <%b> /U <%b>>> "
        % (b"41" * 32, b"42" * 32),
    )
    assert (
        convert(process, locked, ".pdf") == "refused: it is encrypted; save it without a password"
    )
