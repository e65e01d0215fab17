"""Books: the chapters of an EPUB in the order of its spine."""

import posixpath
import re
from collections.abc import Iterator
from importlib.metadata import version

from knowledge.converting.archives import Archive, join_names
from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.elements import Element, name_of
from knowledge.converting.html import parse_html
from knowledge.converting.html_blocks import HtmlBlocks
from knowledge.converting.kinds import kind_of
from knowledge.converting.markdown_writer import MarkdownWriter
from knowledge.converting.web_page import is_hidden

VERSION = "epub-1"
_KIND = "an EPUB book"
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_MIME_TYPES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
_ALGORITHMS_OF_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def identity() -> str:
    """Name the converter, its version and the library behind it."""
    return f"{VERSION} lxml {version('lxml')}"


def convert(data: bytes) -> ConvertedText:
    """Return a book's chapters; its pages depend on who reads it, so it has none.

    Raises:
        ConversionError: it is no EPUB, damaged, protected against copying, or without words.
    """
    archive = Archive(data, _KIND)
    if kind_of(data) != _KIND:
        raise archive.refuse()
    if archive.has(_ENCRYPTION) and _is_encrypted(archive.read_xml(_ENCRYPTION)):
        raise ConversionError("it is encrypted")
    package_name = _find_package(archive)
    package = archive.read_xml(package_name)
    writer = MarkdownWriter()
    for name in _chapters_of(package, posixpath.dirname(package_name)):
        if archive.has(name):
            chapter = parse_html(archive.read(name))
            body = next((part for part in chapter.iter() if name_of(part) == "body"), chapter)
            HtmlBlocks(writer, _is_left_out).write(body)
    title = next(
        (part.text for part in package.iter() if name_of(part) == "title" and part.text), None
    )
    converted = writer.finish(title)
    if not converted.text:
        raise ConversionError("there are no words in it")
    return converted


def _find_package(archive: Archive) -> str:
    for entry in archive.read_xml(_CONTAINER).iter():
        if name_of(entry) == "rootfile" and entry.get("full-path"):
            return join_names("", entry.get("full-path"))
    raise ConversionError("it names no book within")


def _chapters_of(package: Element, folder: str) -> Iterator[str]:
    items = {
        entry.get("id"): entry
        for entry in package.iter()
        if name_of(entry) == "item" and entry.get("media-type") in _MIME_TYPES
    }
    seen = set()
    for entry in package.iter():
        item = items.get(entry.get("idref")) if name_of(entry) == "itemref" else None
        # The table of contents repeats the headings.
        if item is None or "nav" in (item.get("properties") or "").split():
            continue
        name = join_names(folder, item.get("href") or "")
        if name not in seen:
            seen.add(name)
            yield name


def _is_encrypted(encryption: Element) -> bool:
    """Return whether more than fonts is encrypted, which are so in many books."""
    return any(
        not (entry.get("Algorithm") or "").startswith(_ALGORITHMS_OF_FONTS)
        for entry in encryption.iter()
        if name_of(entry) == "encryptionmethod"
    )


def _is_left_out(element: Element) -> bool:
    kinds = " ".join(value for name, value in element.attrib.items() if name.endswith("type"))
    is_page_number = re.search(r"\bpagebreak\b", kinds) or element.get("role") == "doc-pagebreak"
    return is_hidden(element) or name_of(element) == "nav" or bool(is_page_number)
