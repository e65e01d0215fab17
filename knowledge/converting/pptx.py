"""Presentations: each slide is a page, its title a heading; speaker notes are not read.

Notes are for whoever speaks and are not shown to the audience, so they are no part of the guide.
"""

from collections.abc import Iterator
from importlib.metadata import version

from knowledge.converting.archives import Archive
from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.elements import Element, local_name
from knowledge.converting.html_blocks import join_lines
from knowledge.converting.inline import Run, text_of, write_runs
from knowledge.converting.kinds import kind_of
from knowledge.converting.markdown_writer import MarkdownWriter, escape_text
from knowledge.converting.office import A, P, R
from knowledge.converting.tables import Cell, write_cells

VERSION = "pptx-1"
_KIND = "a PowerPoint presentation"
_PRESENTATION = "ppt/presentation.xml"
_TITLES = frozenset({"title", "ctrTitle"})
_PLACEHOLDERS_LEFT_OUT = frozenset({"dt", "ftr", "hdr", "sldNum"})
_PLACEHOLDERS_WITH_BULLETS = frozenset({"body", "obj", None})
_TRUE = frozenset({"1", "true"})


def identity() -> str:
    """Name the converter, its version and the library behind it."""
    return f"{VERSION} lxml {version('lxml')}"


def convert(data: bytes) -> ConvertedText:
    """Return the slides in their order, without the hidden ones.

    Raises:
        ConversionError: it is no presentation, damaged, encrypted or without words.
    """
    archive = Archive(data, _KIND)
    if kind_of(data) != _KIND:
        raise archive.refuse()
    writer = MarkdownWriter()
    has_words = False
    for name in _slides_of(archive):
        slide = archive.read_xml(name)
        writer.begin_page()
        if slide.get("show") not in {"0", "false"}:
            has_words |= _Slide(archive, name, writer).write(slide)
    converted = writer.finish(archive.title())
    if not has_words:
        raise ConversionError("there are no words in it")
    return converted


def _slides_of(archive: Archive) -> Iterator[str]:
    related = archive.relationships(_PRESENTATION)
    for entry in archive.read_xml(_PRESENTATION).iter(f"{P}sldId"):
        kind, name = related.get(entry.get(f"{R}id", ""), ("", ""))
        if kind == "slide" and archive.has(name):
            yield name


class _Slide:
    def __init__(self, archive: Archive, name: str, writer: MarkdownWriter) -> None:
        self._archive = archive
        self._name = name
        self._writer = writer
        self._has_words = False

    def write(self, slide: Element) -> bool:
        """Write the slide's shapes, its title first; return whether there were words."""
        shapes = list(_shapes_of(slide))
        titles = [shape for shape in shapes if _placeholder_of(shape) in _TITLES]
        for shape in titles:
            runs = [run for words, _ in _paragraphs_of(shape) for run in (*words, Run(text=" "))]
            self._writer.write_heading(1, escape_text(text_of(runs)))
            self._has_words |= bool(text_of(runs))
        for shape in sorted((shape for shape in shapes if shape not in titles), key=_place_of):
            self._write_shape(shape)
        return self._has_words

    def _write_shape(self, shape: Element) -> None:
        kind = _placeholder_of(shape)
        if kind in _PLACEHOLDERS_LEFT_OUT:
            return
        if local_name(shape) == "graphicFrame":
            self._write_frame(shape)
            return
        has_bullets = _is_placeholder(shape) and kind in _PLACEHOLDERS_WITH_BULLETS
        for runs, paragraph in _paragraphs_of(shape):
            words = write_runs(runs)
            self._has_words |= bool(words)
            properties = paragraph.find(f"{A}pPr")
            level = _level_of(properties)
            bullet = _bullet_of(properties)
            if bullet == "none" or (bullet is None and not has_bullets):
                self._writer.write_paragraph(words)
            else:
                self._writer.write_item(level + 1, words)

    def _write_frame(self, frame: Element) -> None:
        for table in frame.iter(f"{A}tbl"):
            rows = [
                [
                    Cell(
                        words=join_lines(
                            [
                                (words, False)
                                for runs, _ in _paragraphs_of(cell)
                                if (words := write_runs(runs))
                            ]
                        ),
                        is_header=row_number == 0 and _has_first_row(table),
                        rows=_count(cell.get("rowSpan")),
                    )
                    for cell in row.findall(f"{A}tc")
                    if cell.get("vMerge") not in _TRUE
                ]
                for row_number, row in enumerate(table.findall(f"{A}tr"))
            ]
            self._has_words |= any(cell.words for row in rows for cell in row)
            write_cells(rows, self._writer)
        for data in frame.iter():
            if local_name(data) == "relIds":
                self._write_diagram(data.get(f"{R}dm", ""))

    def _write_diagram(self, id_: str) -> None:
        _, name = self._archive.relationships(self._name).get(id_, ("", ""))
        if not self._archive.has(name):
            return
        for point in self._archive.read_xml(name).iter():
            if local_name(point) == "t" and not point.tag.startswith(A):
                for runs, _ in _paragraphs_of(point):
                    words = write_runs(runs)
                    self._has_words |= bool(words)
                    self._writer.write_item(1, words)


def _shapes_of(slide: Element) -> Iterator[Element]:
    tree = slide.find(f"{P}cSld/{P}spTree")
    pending = [] if tree is None else list(reversed(tree))
    while pending:
        element = pending.pop()
        match local_name(element):
            case "sp" | "graphicFrame" | "cxnSp":
                if not _is_hidden(element):
                    yield element
            case "grpSp" if not _is_hidden(element):
                pending += reversed(element)
            case "AlternateContent":
                pending += reversed([part for part in element if local_name(part) == "Choice"])
            case "Choice":
                pending += reversed(element)


def _is_hidden(shape: Element) -> bool:
    properties = next((part for part in shape.iter(f"{P}cNvPr")), None)
    return properties is not None and properties.get("hidden") in _TRUE


def _place_of(shape: Element) -> tuple[int, int, int]:
    """Return where a shape stands, to be read from top to bottom.

    One without a place of its own stands where its layout says: the body, which comes first.
    """
    offset = next(shape.iter(f"{A}off"), None)
    if offset is None:
        return (0, 0, 0)
    try:
        return (1, int(offset.get("y", "0")), int(offset.get("x", "0")))
    except ValueError:
        return (1, 0, 0)


def _is_placeholder(shape: Element) -> bool:
    return next(shape.iter(f"{P}ph"), None) is not None


def _placeholder_of(shape: Element) -> str | None:
    placeholder = next(shape.iter(f"{P}ph"), None)
    kind: str | None = None if placeholder is None else placeholder.get("type")
    return kind


def _paragraphs_of(shape: Element) -> Iterator[tuple[list[Run], Element]]:
    for paragraph in shape.iter(f"{A}p"):
        runs = []
        for element in paragraph:
            match local_name(element):
                case "r" | "fld":
                    properties = element.find(f"{A}rPr")
                    is_bold = properties is not None and properties.get("b") in _TRUE
                    text = element.findtext(f"{A}t") or ""
                    runs.append(Run(text=text, is_bold=is_bold))
                case "br":
                    runs.append(Run(text=" "))
                case "AlternateContent" | "m":
                    text = "".join(
                        part.text or "" for part in element.iter() if local_name(part) == "t"
                    )
                    runs.append(Run(text=text))
        yield runs, paragraph


def _level_of(properties: Element) -> int:
    level = "0" if properties is None else properties.get("lvl", "0")
    return min(int(level), 8) if level.isdecimal() and len(level) < 3 else 0


def _bullet_of(properties: Element) -> str | None:
    for element in () if properties is None else properties:
        match local_name(element):
            case "buNone":
                return "none"
            case "buChar" | "buAutoNum" | "buBlip":
                return "some"
    return None


def _has_first_row(table: Element) -> bool:
    properties = table.find(f"{A}tblPr")
    return properties is not None and properties.get("firstRow") in _TRUE


def _count(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 5 else 1
