"""The blocks of a PDF, written as Markdown; the lines of each become one."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from knowledge.converting.markdown_writer import MarkdownWriter, escape_text, offset_in_markdown
from knowledge.converting.pdf.blocks import (
    Block,
    PageStart,
    TableBlock,
    TextBlock,
    depths_of_items,
)
from knowledge.converting.pdf.fragments import Fragment
from knowledge.converting.pdf.grids import Grid, GridCell
from knowledge.converting.tables import Cell, write_cells

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_WORD_AT_END = re.compile(r"([^\W\d_]+)-$")
_WORD_AT_START = re.compile(r"[^\W\d_]+")
_CUT_AT_END = re.compile(r"\w[-–—/]$")
_CHARACTERS_OF_WORD = 80
_LEAST_SHARE_OF_CUT_LINES = 0.02
_NEAR = 5.0


def write_blocks(blocks: Sequence[Block]) -> MarkdownWriter:
    """Return the writer that all blocks have been written to."""
    writer = MarkdownWriter()
    joiner = _LineJoiner(blocks)
    depths = {id(block): depth for block, depth in depths_of_items(blocks)}
    begun: set[int] = set()
    item_left: float | None = None
    table: TableBlock | None = None
    for block in blocks:
        if isinstance(block, PageStart):
            if block.page not in begun:
                writer.begin_page()
        elif isinstance(block, TableBlock):
            item_left = None
            header = _header_that_goes_on(table, block)
            _write_grid(block.grid, header, joiner, writer)
            table = block
        else:
            table = None
            words, starts = joiner.join(block.lines, block.pages)
            if block.mark is None and (block.level or block.lines[0].left < (item_left or 0)):
                item_left = None
            markdown = _write_text(block, words, depths, writer, is_within=item_left is not None)
            if block.mark is not None and not block.level:
                item_left = block.lines[0].left - _NEAR
            for offset, page in starts:
                begun.add(page)
                writer.begin_page_within(
                    len(markdown) - offset_in_markdown(words, offset, markdown)
                )
    return writer


def _write_text(
    block: TextBlock, words: str, depths: dict[int, int], writer: MarkdownWriter, *, is_within: bool
) -> str:
    """Write a block and return the Markdown of its words, which the text now ends with."""
    if block.entry is not None:
        markdown = f"[{escape_text(block.entry)}](#contents)"
        writer.write_item(1, markdown)
    elif block.level:
        markdown = escape_text(f"{block.mark} {words}" if block.mark else words)
        writer.write_heading(block.level, markdown)
    elif block.mark is not None:
        number = re.sub(r"\D", "", block.mark)
        is_letter = len(block.mark) > 1 and not number
        markdown = escape_text(f"{block.mark} {words}" if is_letter else words)
        writer.write_item(depths[id(block)], markdown, int(number) if number else None)
    else:
        markdown = escape_text(words)
        if is_within:
            writer.write_within_item(markdown)
        else:
            writer.write_paragraph(markdown)
    return markdown


def _header_that_goes_on(above: TableBlock | None, table: TableBlock) -> tuple[GridCell, ...]:
    """Return the header of the table above, where this one goes on with it on the next page."""
    if above is None or table.page != above.page + 1:
        return ()
    first, header = table.grid.rows[0], above.grid.rows[0]
    is_same_shape = (
        len(first) == len(header)
        and abs(above.grid.left - table.grid.left) < _NEAR
        and abs(above.grid.right - table.grid.right) < _NEAR
    )
    return header if is_same_shape and not _is_bold(first) else ()


def _is_bold(row: Sequence[GridCell]) -> bool:
    return all(line.is_bold for cell in row for line in cell.lines)


def _write_grid(
    grid: Grid, header: tuple[GridCell, ...], joiner: "_LineJoiner", writer: MarkdownWriter
) -> None:
    rows = [header, *grid.rows] if header and header != grid.rows[0] else list(grid.rows)
    rows = [row for row in rows if any(cell.lines for cell in row)]
    write_cells(
        [
            [
                Cell(
                    words=escape_text(joiner.join(cell.lines)[0]),
                    columns=cell.columns,
                    rows=cell.rows,
                    is_header=number == 0 and (_is_bold(row) or bool(header)),
                )
                for cell in row
            ]
            for number, row in enumerate(rows)
        ],
        writer,
    )


class _LineJoiner:
    """Joins lines; whether a hyphen at a line's end belongs to the word is told by other lines."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._words: Counter[str] = Counter()
        self._lines = self._cut = 0
        for block in blocks:
            if isinstance(block, TextBlock):
                self._count(block.lines)
            elif isinstance(block, TableBlock):
                for row in block.grid.rows:
                    for cell in row:
                        self._count(cell.lines)

        # Programs that hyphenate do so often; where it is rare, hyphens are those of the words.
        self._is_hyphenated = self._cut >= _LEAST_SHARE_OF_CUT_LINES * self._lines

    def _count(self, lines: Sequence[Fragment]) -> None:
        self._lines += len(lines)
        for line in lines:
            self._cut += _WORD_AT_END.search(line.text) is not None
            self._words.update(word.casefold() for word in _WORD.findall(line.text))

    def join(
        self, lines: Sequence[Fragment], pages: Sequence[int] = ()
    ) -> tuple[str, list[tuple[int, int]]]:
        """Return the words on one line, and at which offsets which further pages begin in them."""
        words = ""
        starts: list[tuple[int, int]] = []
        for position, line in enumerate(lines):
            if words:
                words = self._join_two(words, line.text)
                if pages and pages[position] != pages[position - 1]:
                    starts.append((len(words), pages[position]))
            words += line.text
        return words, starts

    def _join_two(self, words: str, following: str) -> str:
        """Return what stands before the following line: with a space, or without a hyphen."""
        # A paragraph may have very many lines; what they end with is near.
        end = words[-_CHARACTERS_OF_WORD:]
        before = _WORD_AT_END.search(end)
        after = _WORD_AT_START.match(following)
        if before is None or after is None:
            # A dash, a range or a web address that is cut at its hyphen.
            return words if _CUT_AT_END.search(end) else f"{words} "
        first, second = before[1].casefold(), after[0].casefold()
        if self._words[first + second]:
            return words[:-1]
        belongs = (
            self._words[f"{first}-{second}"]
            or not after[0][0].islower()
            or not self._is_hyphenated
            or (self._words[first] > 1 and self._words[second])
        )
        return words if belongs else words[:-1]
