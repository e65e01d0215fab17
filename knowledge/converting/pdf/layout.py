"""The order in which a page is read: its columns one by one, what spans them in between."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from knowledge.converting.pdf.fragments import Fragment, join_row, rows_of
from knowledge.converting.pdf.grids import Grid, find_aligned_grid, find_drawn_grids
from knowledge.converting.pdf.page import Page

Part = Fragment | Grid

_LEAST_LINES_OF_COLUMN = 4
_LEAST_SHARE_BESIDE = 0.5
_MOST_SHARE_ACROSS = 0.34
_LEAST_WORDS_OF_LINE = 3.0
_LEAST_SHARE_OF_FULL_LINES = 0.5
_NARROWEST_GUTTER = 0.6
_MOST_COLUMNS = 6
_LEADERS = re.compile(r"(?:\.\s?){4,}")
"""The dots that lead from an entry of a table of contents to its page."""
_NEAR = 2.0


def read_in_order(page: Page) -> Iterator[list[Part]]:
    """Yield the runs of lines and tables of a page as they are read; each is of one column."""
    grids, fragments = find_drawn_grids(page)
    for region in _split_columns([*fragments, *grids], _MOST_COLUMNS):
        yield list(_find_aligned_grids(region))
    if page.turned:
        yield list(page.turned)


def _split_columns(parts: Sequence[Part], most: int) -> Iterator[Sequence[Part]]:
    gutter = _find_gutter(parts) if most > 1 else None
    if gutter is None:
        if parts:
            yield parts
        return
    yield from _split_columns([part for part in parts if part.bottom >= gutter.top], most - 1)
    left_column: list[Part] = []
    right_column: list[Part] = []
    beside = (part for part in parts if part.bottom < gutter.top and part.top > gutter.bottom)
    for part in sorted(beside, key=lambda part: -part.top):
        if part.left < gutter.place - _NEAR and part.right > gutter.place:
            yield from _split_columns(left_column, most - 1)
            yield from _split_columns(right_column, most - 1)
            left_column, right_column = [], []
            yield [part]
        elif part.right <= gutter.place:
            left_column.append(part)
        else:
            right_column.append(part)
    yield from _split_columns(left_column, most - 1)
    yield from _split_columns(right_column, most - 1)
    yield from _split_columns([part for part in parts if part.top <= gutter.bottom], most - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gutter:
    """Columns of text stand side by side from `bottom` to `top`; the right one begins here."""

    place: float
    bottom: float
    top: float


def _find_gutter(parts: Sequence[Part]) -> _Gutter | None:
    """Return where the first right-hand column begins, if there are columns of text side by side.

    Columns are told from tables by lines of several words that mostly fill the column.
    """
    lines = [part for part in parts if isinstance(part, Fragment)]
    if len(lines) < 2 * _LEAST_LINES_OF_COLUMN:
        return None
    size = median(line.size for line in lines)
    starts: dict[int, list[Fragment]] = {}
    for line in lines:
        starts.setdefault(round(line.left / 4), []).append(line)
    best: tuple[float, float] | None = None
    found: _Gutter | None = None
    for members in starts.values():
        if len(members) < _LEAST_LINES_OF_COLUMN:
            continue
        place = min(line.left for line in members) - _NEAR
        bottom, top = min(line.bottom for line in members), max(line.top for line in members)
        near = [line for line in lines if line.top > bottom and line.bottom < top]
        right = [line for line in near if line.left >= place]
        left = [line for line in near if line.right <= place - _NARROWEST_GUTTER * size + _NEAR]
        across = len(near) - len(right) - len(left)
        if across > _MOST_SHARE_ACROSS * len(near) or not (_is_text(left) and _is_text(right)):
            continue
        beside = min(_count_beside(left, right), _count_beside(right, left))
        if beside < _LEAST_SHARE_BESIDE * min(len(left), len(right)):
            continue
        rank = len(right) + len(left) - across, -place
        if best is None or rank > best:
            best = rank
            found = _extend(_Gutter(place=place, bottom=bottom, top=top), lines)
    return found


def _extend(gutter: _Gutter, lines: Sequence[Fragment]) -> _Gutter:
    """Let columns reach as far as no line stands across the gutter."""
    across = [line for line in lines if line.left < gutter.place - _NEAR < line.right - _NEAR]
    above = [line.bottom for line in across if line.bottom >= gutter.top - _NEAR]
    below = [line.top for line in across if line.top <= gutter.bottom + _NEAR]
    return replace(
        gutter,
        bottom=max(below, default=min(line.bottom for line in lines) - 1),
        top=min(above, default=max(line.top for line in lines) + 1),
    )


def _is_text(column: Sequence[Fragment]) -> bool:
    if len(column) < _LEAST_LINES_OF_COLUMN:
        return False
    words = sum(len(line.text.split()) for line in column) / len(column)
    left, right = min(line.left for line in column), max(line.right for line in column)
    full = sum(line.right - line.left > 0.6 * (right - left) for line in column)
    return words >= _LEAST_WORDS_OF_LINE and full >= _LEAST_SHARE_OF_FULL_LINES * len(column)


def _count_beside(column: Sequence[Fragment], other: Sequence[Fragment]) -> int:
    """Return how many lines of a column stand beside those of another."""
    bottom, top = min(line.bottom for line in other), max(line.top for line in other)
    return sum(line.top > bottom and line.bottom < top for line in column)


def _find_aligned_grids(region: Sequence[Part]) -> Iterator[Part]:
    """Yield a column's parts from top to bottom, rows of words in columns as tables."""
    grids = sorted((part for part in region if isinstance(part, Grid)), key=lambda grid: -grid.top)
    rows = rows_of([part for part in region if isinstance(part, Fragment)])
    position = 0
    while position < len(rows):
        row = sorted(rows[position], key=lambda part: part.left)
        if any(_LEADERS.search(part.text) for part in row):
            row = [join_row(row)]
        rows[position] = row
        while grids and grids[0].top > row[0].middle:
            yield grids.pop(0)
        until = next(
            (at for at in range(position + 1, len(rows)) if _is_below(rows[at], grids)), len(rows)
        )
        ahead = [sorted(other, key=lambda part: part.left) for other in rows[position:until]]
        found = find_aligned_grid(ahead) if len(row) > 1 or _may_be_header(ahead) else None
        if found is None:
            yield from row
            position += 1
        else:
            grid, count = found
            yield grid
            position += count
    yield from grids


def _may_be_header(rows: Sequence[Sequence[Fragment]]) -> bool:
    """Return whether heads of columns may stand so close that they look like one."""
    return len(rows) > 1 and len(rows[1]) > 2 and rows[0][0].is_bold


def _is_below(row: Sequence[Fragment], grids: Sequence[Grid]) -> bool:
    return bool(grids) and row[0].middle < grids[0].top
