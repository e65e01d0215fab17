"""Documents made by libraries that have nothing to do with those that read them."""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any, Protocol, TypeAlias

Made: TypeAlias = Any
"""A document, or a part of one, as python-docx, python-pptx or reportlab has it: without types."""

CONTAINER = (
    '<?xml version="1.0"?><container version="1.0"'
    ' xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book/content.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)


def make_pdf(
    story: Callable[[Made], Iterable[Made]],
    *,
    on_page: Callable[[Made, Made], None] | None = None,
    columns: int = 1,
    title: str | None = None,
) -> bytes:
    """Lay out what reportlab calls a story; `story` gets its sample styles."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    stream = io.BytesIO()
    document = BaseDocTemplate(stream, pagesize=A4, title=title)
    width = 480 / columns - 10
    frames = [Frame(60 + at * (width + 20), 70, width, 700) for at in range(columns)]
    document.addPageTemplates(
        [PageTemplate("page", frames, onPage=on_page or (lambda canvas, page: None))]
    )
    document.build(list(story(getSampleStyleSheet())))
    return stream.getvalue()


def draw_pdf(draw: Callable[[Made], None], *, password: str | None = None) -> bytes:
    """Draw on the canvas of reportlab, line by line."""
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=password)
    draw(canvas)
    canvas.save()
    return stream.getvalue()


class Saved(Protocol):
    """A document of python-docx or python-pptx."""

    def save(self, stream: IO[bytes], /) -> None:
        """Write it."""


def save(document: Saved) -> bytes:
    """Return the bytes of a document."""
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def make_archive(parts: Mapping[str, str | bytes]) -> bytes:
    """Pack a ZIP archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def change_archive(data: bytes, changes: Mapping[str, Callable[[str], str]]) -> bytes:
    """Return an archive with some of its parts changed; a missing part is changed from ""."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        parts[name] = change(parts.get(name, b"").decode()).encode()
    return make_archive(parts)


def make_epub(chapters: Mapping[str, str], *, spine: Sequence[str] = (), title: str = "") -> bytes:
    """Pack a book; the spine is in the order of the chapters where it isn't given."""
    items = "".join(
        f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in chapters
    )
    references = "".join(f'<itemref idref="{name}"/>' for name in spine or chapters)
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
        f"</metadata><manifest>{items}</manifest><spine>{references}</spine></package>"
    )
    return make_archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "book/content.opf": package,
            **{
                f"book/{name}": (
                    '<?xml version="1.0" encoding="utf-8"?><html'
                    f' xmlns="http://www.w3.org/1999/xhtml"><head><title>{name}</title></head>'
                    f"<body>{body}</body></html>"
                )
                for name, body in chapters.items()
            },
        }
    )
