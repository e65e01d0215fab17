"""Tables in a PDF: within lines that are drawn, or by words that stand below one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.converting.pdf.fragments import Fragment, Rule, cut_fragment
from knowledge.converting.pdf.page import Page

_NEAR = 3.0
_MAX_RULES = 2_000
_MAX_CELLS = 20_000
_MOST_ROWS = 500
_WIDEST_ROW_GAP = 4.0
_WIDEST_LEADING = 1.6
_MOST_WORDS_CUT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """A cell's lines, and how many rows and columns it spans."""

    lines: tuple[Fragment, ...]
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table on a page."""

    left: float
    right: float
    bottom: float
    top: float
    rows: tuple[tuple[GridCell, ...], ...]


def find_drawn_grids(page: Page) -> tuple[list[Grid], list[Fragment]]:
    """Return the tables that lines are drawn around, and the fragments that are in none."""
    grids: list[Grid] = []
    rest = page.fragments
    for horizontals, verticals in _connected(
        page.horizontals[:_MAX_RULES], page.verticals[:_MAX_RULES]
    ):
        ys = list(reversed(_merge([rule.place for rule in horizontals])))
        xs = _merge([rule.place for rule in verticals])
        cells = (len(xs) - 1) * (len(ys) - 1)
        if len(xs) < 3 or len(ys) < 3 or cells > _MAX_CELLS:
            continue
        inside = [
            part
            for part in rest
            if xs[0] - _NEAR <= (part.left + part.right) / 2 <= xs[-1] + _NEAR
            and ys[-1] - _NEAR <= part.middle <= ys[0] + _NEAR
        ]
        grid = _fill(xs, ys, horizontals, verticals, inside)
        if sum(any(cell.lines for cell in row) for row in grid.rows) >= 2:
            grids.append(grid)
            taken = set(map(id, inside))
            rest = [part for part in rest if id(part) not in taken]
    return grids, rest


def _connected(
    horizontals: Sequence[Rule], verticals: Sequence[Rule]
) -> list[tuple[list[Rule], list[Rule]]]:
    """Return the rules in groups that touch one another."""
    group_of = list(range(len(horizontals) + len(verticals)))

    def find(index: int) -> int:
        while group_of[index] != index:
            group_of[index] = group_of[group_of[index]]
            index = group_of[index]
        return index

    for number, horizontal in enumerate(horizontals):
        for other, vertical in enumerate(verticals, len(horizontals)):
            if (
                horizontal.start - _NEAR <= vertical.place <= horizontal.end + _NEAR
                and vertical.start - _NEAR <= horizontal.place <= vertical.end + _NEAR
            ):
                group_of[find(number)] = find(other)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for number, rule in enumerate([*horizontals, *verticals]):
        members = groups.setdefault(find(number), ([], []))
        members[number >= len(horizontals)].append(rule)
    return list(groups.values())


def _merge(places: Sequence[float]) -> list[float]:
    merged: list[float] = []
    for place in sorted(places):
        if not merged or place - merged[-1] > _NEAR:
            merged.append(place)
    return merged


def _fill(
    xs: Sequence[float],
    ys: Sequence[float],
    horizontals: Sequence[Rule],
    verticals: Sequence[Rule],
    inside: Sequence[Fragment],
) -> Grid:
    """Lay words into cells; where no line is drawn between two cells they are one."""
    rows, columns = len(ys) - 1, len(xs) - 1
    across = [(ys[row] + ys[row + 1]) / 2 for row in range(rows)]
    along = [(xs[column] + xs[column + 1]) / 2 for column in range(columns)]
    drawn_left_of = [_drawn_at(xs[column], across, verticals) for column in range(columns)]
    drawn_above = [_drawn_at(ys[row], along, horizontals) for row in range(rows)]
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    reach: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(rows):
        for column in range(columns):
            place = row, column
            if column and row not in drawn_left_of[column]:
                owner[place] = owner[row, column - 1]
            elif row and column not in drawn_above[row]:
                owner[place] = owner[row - 1, column]
            else:
                owner[place] = place
            last_row, last_column = reach.get(owner[place], place)
            reach[owner[place]] = max(last_row, row), max(last_column, column)
    words: dict[tuple[int, int], list[Fragment]] = {}
    for part in inside:
        row = next((row for row in range(rows) if part.middle > ys[row + 1]), rows - 1)
        column = next((at for at in range(columns) if part.left < xs[at + 1] - 1), columns - 1)
        words.setdefault(owner[row, column], []).append(part)
    laid_out = []
    for row in range(rows):
        line = []
        for column in range(columns):
            if owner[row, column] != (row, column):
                continue
            lines = sorted(
                words.get((row, column), []), key=lambda part: (-part.baseline, part.left)
            )
            line.append(
                GridCell(
                    lines=tuple(lines),
                    rows=reach[row, column][0] - row + 1,
                    columns=reach[row, column][1] - column + 1,
                )
            )
        laid_out.append(tuple(line))
    return Grid(left=xs[0], right=xs[-1], bottom=ys[-1], top=ys[0], rows=tuple(laid_out))


def _drawn_at(place: float, middles: Sequence[float], rules: Sequence[Rule]) -> set[int]:
    """Return which of the middles of cells a line at that place is drawn beside."""
    near = [rule for rule in rules if abs(rule.place - place) <= _NEAR]
    return {
        number
        for number, middle in enumerate(middles)
        if any(rule.start - _NEAR <= middle <= rule.end + _NEAR for rule in near)
    }


def find_aligned_grid(rows: Sequence[Sequence[Fragment]]) -> tuple[Grid, int] | None:
    """Return the table that the first row of words begins, and how many rows it has taken.

    The rows with the most fragments tell its columns. Each further row has words in several of
    them, or goes on within columns other than the first, close to the row above.

    Args:
        rows: The rows of a column of text from top to bottom, each from left to right.
    """
    run = _rows_close_together(rows)
    most = max(len(row) for row in run)
    columns = _columns_of([row for row in run if len(row) == most])
    if len(columns) < 2:
        return None
    taken: list[list[tuple[int, Fragment]]] = []
    for row in run:
        cells = _assign(row, columns)
        if cells is None:
            break
        filled = {column for column, _ in cells}
        if len(filled) < 2 and (0 in filled or not taken):
            break
        taken.append(cells)
    full_rows = sum(len({column for column, _ in cells}) >= 2 for cells in taken)
    if full_rows < (2 if len(columns) > 2 else 3):
        return None
    return _lay_out(taken, run, len(columns)), len(taken)


def _rows_close_together(rows: Sequence[Sequence[Fragment]]) -> list[Sequence[Fragment]]:
    run = [rows[0]]
    for row in rows[1:_MOST_ROWS]:
        height = max(part.size for part in row)
        gap = _gap_between(run[-1], row)
        if gap > (_WIDEST_ROW_GAP if len(row) > 1 else _WIDEST_LEADING) * height:
            break
        run.append(row)
    return run


def _assign(
    row: Sequence[Fragment], columns: Sequence[tuple[float, float]]
) -> list[tuple[int, Fragment]] | None:
    """Return a row's fragments with their columns, or None where one stands in several.

    Short ones, such as heads of columns close to one another, are cut between words.
    """
    cells = []
    pending = list(reversed(row))
    while pending:
        part = pending.pop()
        within = [
            number
            for number, (left, right) in enumerate(columns)
            if min(part.right, right) - max(part.left, left) > 1.0
        ]
        if len(within) < 2:
            centre = (part.left + part.right) / 2
            nearest = min(
                range(len(columns)), key=lambda number: abs(sum(columns[number]) / 2 - centre)
            )
            cells.append((within[0] if within else nearest, part))
            continue
        position = _find_cut(part, columns[within[0]][1], columns[within[1]][0])
        if position is None:
            return None
        first, second = cut_fragment(part, position)
        pending += [second, first]
    return cells


def _find_cut(part: Fragment, gutter_left: float, gutter_right: float) -> int | None:
    """Return before which word a fragment can be cut in the gutter between two columns."""
    if len(part.words) > _MOST_WORDS_CUT:
        return None
    gaps = [
        (abs(part.words[position][1] - gutter_right), position)
        for position in range(1, len(part.words))
        if part.words[position - 1][2] < gutter_right and part.words[position][1] > gutter_left
    ]
    return min(gaps)[1] if gaps else None


def _lay_out(
    taken: Sequence[Sequence[tuple[int, Fragment]]],
    rows: Sequence[Sequence[Fragment]],
    column_count: int,
) -> Grid:
    gaps = [_gap_between(above, row) for above, row in pairwise(rows[: len(taken)])]
    # Where some rows are closer than others, the close ones are lines of one row.
    is_wrapped = max(gaps) > 1.3 * min(gaps) and min(gaps) < 1.4 * rows[0][0].size
    widest_within = (max(gaps) + min(gaps)) / 2 if is_wrapped else 0.0
    lines: list[list[list[Fragment]]] = []
    for row, gap in zip(taken, [float("inf"), *gaps], strict=True):
        cells: list[list[Fragment]] = [[] for _ in range(column_count)]
        for column, part in row:
            cells[column].append(part)
        if lines and (not cells[0] or gap < widest_within):
            for above_cell, cell in zip(lines[-1], cells, strict=True):
                above_cell.extend(cell)
        else:
            lines.append(cells)
    parts = [part for row in taken for _, part in row]
    return Grid(
        left=min(part.left for part in parts),
        right=max(part.right for part in parts),
        bottom=min(part.bottom for part in parts),
        top=max(part.top for part in parts),
        rows=tuple(tuple(GridCell(lines=tuple(cell)) for cell in line) for line in lines),
    )


def _gap_between(above: Sequence[Fragment], row: Sequence[Fragment]) -> float:
    return min(part.baseline for part in above) - max(part.baseline for part in row)


def _columns_of(rows: Sequence[Sequence[Fragment]]) -> list[tuple[float, float]]:
    """Return the columns that words stand in: what is left of one another by at least a gap."""
    columns: list[tuple[float, float]] = []
    for part in sorted((part for row in rows for part in row), key=lambda part: part.left):
        if columns and part.left < columns[-1][1] + 0.3 * part.size:
            columns[-1] = (columns[-1][0], max(columns[-1][1], part.right))
        else:
            columns.append((part.left, part.right))
    return columns
