"""The cells of a table's rows, as they stand in a document's text."""

import re
from collections.abc import Sequence

from knowledge.blocks import Block, trim
from knowledge.measuring import Span

_BETWEEN_CELLS = re.compile(r"(?<!\\)\|")
_FEWEST_CELLS = 3
_MOST_CHARACTERS_OF_WHOLE_ROW = 300


def cells_of(text: str, row: Block) -> list[Span]:
    """Return the spans of a row's cells, without white space around; they may be empty."""
    bars = [match.start() for match in _BETWEEN_CELLS.finditer(text, row.start, row.end)]
    starts = [row.start, *(bar + 1 for bar in bars)]
    cells = [trim(text, *cell) for cell in zip(starts, [*bars, row.end], strict=True)]
    # A bar before the first cell and behind the last stands beside nothing.
    if bars and bars[0] == row.start:
        cells = cells[1:]
    if len(bars) > 1 and bars[-1] == row.end - 1:
        cells = cells[:-1]
    return cells


def tells_by_cells(row: Block, cells: Sequence[Span]) -> bool:
    """Tell a row that says too much to be quoted as one: each cell is quoted by itself."""
    return len(cells) >= _FEWEST_CELLS and row.end - row.start > _MOST_CHARACTERS_OF_WHOLE_ROW
