"""Cells that span rows and columns become a table of Markdown, which knows no such thing."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.converting.markdown_writer import MarkdownWriter

_MAX_WORDS_OF_LABEL = 8
_MAX_COLUMNS = 200
_MAX_CELLS_FILLED = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell as the document has it: its Markdown, and how many columns and rows it spans."""

    words: str
    columns: int = 1
    rows: int = 1
    is_header: bool = False


def write_cells(rows: Sequence[Sequence[Cell]], writer: MarkdownWriter) -> None:
    """Write a table.

    A cell that spans rows is repeated in each, so that every row can be understood by itself; one
    that spans columns is not.
    """
    rows = [row for row in rows if row]
    has_header = bool(rows) and _has_header(rows)
    lines = [line for line in _lay_out(rows) if any(line)]
    if has_header and lines:
        writer.write_table(lines[0], lines[1:])
    else:
        writer.write_table((), lines)


def _has_header(rows: Sequence[Sequence[Cell]]) -> bool:
    """Return whether the first row names the columns: marked so, or short labels throughout."""
    first = rows[0]
    if len(rows) < 2 or not any(cell.words for cell in first):
        return False
    if all(cell.is_header for cell in first if cell.words):
        return True
    # Heads of rows, but none of columns.
    if any(cell.is_header for row in rows for cell in row):
        return False
    # The corner above heads of rows is often empty.
    labels = [cell.words for cell in first if cell.words]
    return 2 * len(labels) >= len(first) and all(
        len(label.split()) <= _MAX_WORDS_OF_LABEL
        and not label.endswith((".", ";", ","))
        and any(character.isalpha() for character in label)
        for label in labels
    )


def _lay_out(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    laid_out: list[list[str]] = []
    open_cells: dict[int, tuple[Cell, int]] = {}
    filled = 0
    for row in rows:
        line: list[str] = []
        waiting = list(reversed(row))
        still_open: dict[int, tuple[Cell, int]] = {}
        while (waiting or any(column >= len(line) for column in open_cells)) and (
            len(line) < _MAX_COLUMNS
        ):
            column = len(line)
            if column in open_cells:
                cell, left = open_cells[column]
            elif waiting:
                cell = waiting.pop()
                left = cell.rows if filled < _MAX_CELLS_FILLED else 1
            else:
                line.append("")
                continue
            columns = min(cell.columns, _MAX_COLUMNS - column)
            line += [cell.words, *[""] * (columns - 1)]
            filled += columns
            if left > 1:
                still_open[column] = (cell, left - 1)
        # What stands beyond the widest table that is laid out is kept in its last cell.
        rest = [cell.words for cell in reversed(waiting) if cell.words]
        if rest:
            line[-1] = " ".join(filter(None, [line[-1], *rest]))
        open_cells = still_open
        laid_out.append(line)
    return laid_out
