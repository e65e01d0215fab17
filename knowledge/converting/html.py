"""Web pages: what a page is about, without the navigation, notices and scripts around it."""

import re
from importlib.metadata import version

from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.elements import Element, name_of
from knowledge.converting.html_blocks import HtmlBlocks
from knowledge.converting.kinds import refuse_other_kind
from knowledge.converting.markdown_writer import MarkdownWriter, tidy_text
from knowledge.converting.web_page import find_content
from knowledge.reading.decoding import DecodingError, decode_text

VERSION = "html-1"
_DECLARED = re.compile(
    rb"<(?:meta[^>]*?charset|\?xml[^>]*?encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I
)
_BYTES_SEARCHED_FOR_ENCODING = 4096
# To browsers these are all Windows-1252 (WHATWG Encoding Standard, names and labels).
_READ_AS_WINDOWS = frozenset({"iso-8859-1", "latin1", "iso8859-1", "us-ascii", "ascii"})
_MARKS_OF_OTHER_KINDS = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def identity() -> str:
    """Name the converter, its version and the library behind it."""
    return f"{VERSION} lxml {version('lxml')}"


def convert(data: bytes) -> ConvertedText:
    """Return what a page is about.

    Raises:
        ConversionError: it is no web page, or there are no words in it.
    """
    if not data or data.startswith(_MARKS_OF_OTHER_KINDS):
        raise refuse_other_kind(data, "a web page")
    page = parse_html(data)
    root, is_left_out = find_content(page)
    writer = MarkdownWriter()
    HtmlBlocks(writer, is_left_out).write(root)
    converted = writer.finish(_title_of(page))
    if not converted.text:
        raise ConversionError("there are no words in it")
    return converted


def parse_html(data: bytes) -> Element:
    """Return the root of a page, however broken; nothing outside of it is read.

    Raises:
        ConversionError: it is not text.
    """
    from lxml import etree

    declared = _DECLARED.search(data[:_BYTES_SEARCHED_FOR_ENCODING])
    encoding = declared[1].decode("ascii", "replace").lower() if declared else None
    try:
        text = decode_text(data, "cp1252" if encoding in _READ_AS_WINDOWS else encoding)
    except DecodingError as error:
        raise ConversionError(str(error)) from error
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)
    try:
        page = etree.fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ConversionError("it can't be read as a web page") from error
    # What is deeper than libxml2 goes would be lost without a word.
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ConversionError("its elements are nested too deeply")
    if page is None:
        raise ConversionError("there are no words in it")
    return page


def _title_of(page: Element) -> str | None:
    """Return the page's title, without the name of its site where a heading shows which it is."""
    title = next(
        (
            tidy_text("".join(element.itertext()))
            for element in page.iter()
            if name_of(element) == "title"
        ),
        "",
    )
    for element in page.iter():
        if name_of(element) == "h1":
            heading = tidy_text("".join(element.itertext()))
            if heading and title.casefold().startswith(heading.casefold()):
                return heading
    return title or None
