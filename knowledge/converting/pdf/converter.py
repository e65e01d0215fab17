"""PDF documents, page by page, become Markdown."""

from importlib.metadata import version
from typing import Any

from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.kinds import kind_of, refuse_other_kind
from knowledge.converting.limits import check_page_count
from knowledge.converting.pdf.blocks import BlockReader, find_headings, heading_key
from knowledge.converting.pdf.layout import read_in_order
from knowledge.converting.pdf.page import read_page
from knowledge.converting.pdf.running import leave_out_running_heads, size_of_body
from knowledge.converting.pdf.writing import write_blocks

VERSION = "pdf-1"
_ERROR_OF_PASSWORD = 4
_MAX_ENTRIES_OF_OUTLINE = 5_000


def identity() -> str:
    """Name the converter, its version and the library behind it."""
    return f"{VERSION} pypdfium2 {version('pypdfium2')}"


def convert(data: bytes) -> ConvertedText:
    """Return the text of a PDF with its headings, lists and tables, and where its pages begin.

    Raises:
        ConversionError: it is no PDF, damaged, encrypted, or but images of text.
    """
    if kind_of(data) != "a PDF":
        raise refuse_other_kind(data, "a PDF")
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == _ERROR_OF_PASSWORD:
            raise ConversionError("it is encrypted; save it without a password") from error
        raise ConversionError("it is cut short or damaged") from error
    try:
        return _convert_document(document)
    except pdfium.PdfiumError as error:
        raise ConversionError("it is damaged") from error
    finally:
        document.close()


def _convert_document(document: Any) -> ConvertedText:  # noqa: ANN401 (pypdfium2 has no types)
    check_page_count(len(document))
    pages = []
    for index in range(len(document)):
        page = document[index]
        pages.append(read_page(page))
        page.close()
    if not any(page.fragments or page.turned for page in pages):
        raise ConversionError(
            "there is no text in it, only images; recognise its text (OCR) before adding it"
        )
    pages = leave_out_running_heads(pages)
    body_size = size_of_body(pages)
    reader = BlockReader(body_size=body_size)
    for index, page in enumerate(pages):
        reader.read_page(index, list(read_in_order(page)))
    find_headings(reader.blocks, body_size, _outline_of(document))
    return write_blocks(reader.blocks).finish(document.get_metadata_value("Title"))


def _outline_of(document: Any) -> dict[tuple[str, int | None], int]:  # noqa: ANN401
    outline: dict[tuple[str, int | None], int] = {}
    for number, entry in enumerate(document.get_toc(max_depth=6)):
        if number >= _MAX_ENTRIES_OF_OUTLINE:
            break
        key = heading_key(entry.get_title())
        target = entry.get_dest()
        if key:
            page = target.get_index() if target is not None else None
            outline.setdefault((key, page), entry.level + 1)
    return outline
