"""Word documents: what their pages show, read from the archive's XML; no macro is ever run."""

from collections.abc import Iterator
from importlib.metadata import version

from knowledge.converting.archives import Archive
from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.docx_styles import Numbering, Styles, child_of, value_of
from knowledge.converting.elements import Element, local_name
from knowledge.converting.html_blocks import join_lines
from knowledge.converting.inline import Run, text_of, write_runs
from knowledge.converting.kinds import kind_of
from knowledge.converting.markdown_writer import MarkdownWriter, escape_text, tidy_text
from knowledge.converting.office import W
from knowledge.converting.tables import Cell, write_cells

VERSION = "docx-1"
_KIND = "a Word document"
_LEFT_OUT = frozenset(
    "del moveFrom delText instrText delInstrText rPr pPr sectPr tblPr tblGrid trPr tcPr sdtPr"
    " Fallback pict object proofErr annotationRef commentReference footnoteReference"
    " endnoteReference rt".split()
)
_BREAKS = frozenset({"br", "tab", "cr", "ptab"})


def identity() -> str:
    """Name the converter, its version and the library behind it."""
    return f"{VERSION} lxml {version('lxml')}"


def convert(data: bytes) -> ConvertedText:
    """Return what a Word document shows, with its footnotes at the end.

    Raises:
        ConversionError: it is no Word document, damaged, encrypted or without words.
    """
    archive = Archive(data, _KIND)
    if kind_of(data) != _KIND:
        raise archive.refuse()
    body = archive.read_xml("word/document.xml").find(f"{W}body")
    if body is None:
        raise ConversionError("its part 'word/document.xml' is damaged")
    writer = MarkdownWriter()
    reader = _Reader(archive, writer)
    reader.write_blocks(body)
    for notes in ("word/footnotes.xml", "word/endnotes.xml"):
        if archive.has(notes):
            reader.write_notes(archive.read_xml(notes))
    converted = writer.finish(archive.title() or reader.title)
    if not converted.text:
        raise ConversionError("there are no words in it")
    return converted


class _Reader:
    def __init__(self, archive: Archive, writer: MarkdownWriter) -> None:
        self._writer = writer
        self._styles = Styles(_read_optional(archive, "word/styles.xml"))
        self._numbering = Numbering(_read_optional(archive, "word/numbering.xml"))
        self.title: str | None = None

    def write_blocks(self, parent: Element) -> None:
        for element in _blocks_of(parent):
            if local_name(element) == "tbl":
                self._write_table(element)
            else:
                self._write_paragraph(element)

    def write_notes(self, notes: Element) -> None:
        for note in notes:
            if note.get(f"{W}type") in {None, "normal"}:
                self.write_blocks(note)

    def _write_paragraph(self, paragraph: Element) -> None:
        runs = list(self._runs_of(paragraph))
        words = text_of(runs)
        style = self._styles.of_paragraph(paragraph)
        if words and style.is_title and self.title is None:
            self.title = words
        if not words:
            pass
        elif style.is_contents:
            # A link to a part of the guide: such entries are kept, but they answer nothing.
            entry = escape_text(tidy_text(words.rstrip("0123456789 .…")) or words)
            self._writer.write_item(1, f"[{entry}](#contents)")
        elif style.heading_level is not None:
            number = self._numbering.label_of(style.list_id, style.list_level)
            heading = f"{number} {words}" if number else words
            self._writer.write_heading(style.heading_level, escape_text(heading))
        elif style.list_id is not None:
            number_of_item = self._numbering.count(style.list_id, style.list_level)
            depth = style.list_level + style.list_indent + 1
            self._writer.write_item(depth, write_runs(runs), number_of_item)
        elif style.is_list_paragraph:
            self._writer.write_within_item(write_runs(runs))
        else:
            self._writer.write_paragraph(write_runs(runs))
        for box in _boxes_in(paragraph):
            self.write_blocks(box)

    def _runs_of(self, paragraph: Element) -> Iterator[Run]:
        style_is_bold = self._styles.of_paragraph(paragraph).is_bold
        pending = list(reversed(paragraph))
        while pending:
            element = pending.pop()
            name = local_name(element)
            if name in _LEFT_OUT or name == "txbxContent":
                continue
            if name == "r":
                if self._styles.is_hidden(element):
                    continue
                is_bold = self._styles.is_bold(element, style_is_bold)
                text = "".join(_text_of_run(element))
                if text:
                    yield Run(text=text, is_bold=is_bold)
            elif name == "t":
                yield Run(text=element.text or "")
            else:
                pending += reversed(element)

    def _write_table(self, table: Element) -> None:
        rows: list[list[Cell]] = []
        heights: dict[int, tuple[int, int]] = {}
        elements = [row for row in _within(table, "tr") if not _is_deleted(row)]
        cells_of_rows = [list(_within(row, "tc")) for row in elements]
        if all(len(cells) <= 1 for cells in cells_of_rows):
            for cells in cells_of_rows:
                for cell in cells:
                    self.write_blocks(cell)
            return
        for row, cells in zip(elements, cells_of_rows, strict=True):
            properties = child_of(row, "trPr")
            is_header = not rows and properties is not None and _is_on(properties, "tblHeader")
            column = _number(child_of(properties, "gridBefore"))
            line = [Cell(words="")] * column
            above, heights = heights, {}
            for cell in cells:
                cell_properties = child_of(cell, "tcPr")
                columns = max(_number(child_of(cell_properties, "gridSpan")), 1)
                merged = child_of(cell_properties, "vMerge")
                goes_on = merged is not None and value_of(merged) != "restart"
                if goes_on and column in above:
                    # The row above holds what is shown here; each row shall tell it by itself.
                    row_of_words, position = above[column]
                    words = rows[row_of_words][position].words
                    heights[column] = above[column]
                else:
                    words = self._words_of_cell(cell)
                    if merged is not None:
                        heights[column] = (len(rows), len(line))
                line.append(Cell(words=words, columns=columns, is_header=is_header))
                column += columns
            rows.append(line)
        write_cells(rows, self._writer)

    def _words_of_cell(self, cell: Element) -> str:
        lines = []
        for element in _blocks_of(cell):
            if local_name(element) == "tbl":
                inner = (self._words_of_cell(part) for part in element.iter(f"{W}tc"))
                lines += [(words, False) for words in inner if words]
                continue
            words = write_runs(list(self._runs_of(element)))
            is_item = self._styles.of_paragraph(element).list_id is not None
            if words:
                lines.append((words, is_item))
            lines += [
                (text, False) for box in _boxes_in(element) if (text := self._words_of_cell(box))
            ]
        return join_lines(lines)


def _blocks_of(parent: Element) -> Iterator[Element]:
    """Yield paragraphs and tables in order, out of content controls and revisions."""
    pending = list(reversed(parent))
    while pending:
        element = pending.pop()
        name = local_name(element)
        if name in {"p", "tbl"}:
            yield element
        elif name not in _LEFT_OUT:
            pending += reversed(element)


def _within(parent: Element, name: str) -> Iterator[Element]:
    """Yield a table's rows or a row's cells, not those of tables within."""
    pending = list(reversed(parent))
    while pending:
        element = pending.pop()
        found = local_name(element)
        if found == name:
            yield element
        elif found in {"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"}:
            pending += reversed(element)


def _boxes_in(paragraph: Element) -> Iterator[Element]:
    """Yield the text boxes that are anchored in a paragraph, not those within one another."""
    pending = list(reversed(paragraph))
    while pending:
        element = pending.pop()
        name = local_name(element)
        if name == "txbxContent":
            yield element
        elif name == "pict" or name not in _LEFT_OUT:
            pending += reversed(element)


def _text_of_run(run: Element) -> Iterator[str]:
    for element in run:
        name = local_name(element)
        if name == "t":
            yield element.text or ""
        elif name in _BREAKS:
            yield " "
        elif name == "noBreakHyphen":
            yield "-"
        elif name == "sym":
            yield _symbol(element)
        elif name in {"ruby", "rubyBase"}:
            yield "".join(part.text or "" for part in element.iter(f"{W}t"))


def _symbol(element: Element) -> str:
    try:
        code = int(element.get(f"{W}char", ""), 16)
    except ValueError:
        return ""
    # Symbol fonts put their signs into the private area, where they mean nothing by themselves.
    return "" if code >= 0xD800 else chr(code)


def _is_deleted(row: Element) -> bool:
    return child_of(child_of(row, "trPr"), "del") is not None


def _is_on(properties: Element, name: str) -> bool:
    element = child_of(properties, name)
    return element is not None and value_of(element) not in {"0", "false", "off"}


def _number(element: Element) -> int:
    value = "" if element is None else value_of(element) or ""
    return min(int(value), 1_000) if value.isdecimal() and len(value) < 6 else 0


def _read_optional(archive: Archive, name: str) -> Element:
    return archive.read_xml(name) if archive.has(name) else None
