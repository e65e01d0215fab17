"""Running heads and page numbers: what stands in the same place of many pages is left out."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from knowledge.converting.pdf.fragments import Fragment
from knowledge.converting.pdf.page import Page

_DEPTH_OF_MARGIN = 0.13
"""Of the page's height, at its top and at its bottom."""
_LINES_OF_MARGIN = 6
_LEAST_GAP = 1.45
"""Between a running head and the text, in font sizes; lines of text are closer."""
_LEAST_SHARE_OF_PAGES = 0.3
_LEAST_PAGES_NEARBY = 3
_PAGES_NEARBY = 4
_POINTS_APART = 8
_MOST_OF_BODY_SIZE = 1.1
_MOST_OF_BODY_SIZE_OF_NUMBER = 1.5
_NEAR = 2.0
_NUMBER = re.compile(r"\d{1,4}")

_Key = tuple[str, int, int]
"""Words, place on the page, and by how much their number differs from the page's."""


def leave_out_running_heads(pages: Sequence[Page]) -> list[Page]:
    """Return the pages without what is repeated in their margins, and without their numbers.

    A line is repeated where its words stay the same, or all but a number that grows with the pages;
    the latter only in letters as small as those of the text, since "Level 1" and "Level 2" may be
    headings.
    """
    body_size = size_of_body(pages)
    found: defaultdict[_Key, set[int]] = defaultdict(set)
    keys: list[list[tuple[Fragment, list[_Key], bool]]] = []
    for index, page in enumerate(pages):
        lines = []
        for line, is_parted in _margins_of(page):
            keys_of_line = list(_keys_of(line, page, index, body_size))
            lines.append((line, keys_of_line, is_parted))
            for key in keys_of_line if is_parted else ():
                found[key].add(index)
        keys.append(lines)
    least = max(2.0, _LEAST_SHARE_OF_PAGES * len(pages))
    cleaned = []
    for index, (page, lines) in enumerate(zip(pages, keys, strict=True)):
        nearby = set(range(index - _PAGES_NEARBY, index + _PAGES_NEARBY + 1))
        repeated = {
            id(line)
            for line, keys_of_line, _ in lines
            if any(
                len(found[key]) >= least or len(found[key] & nearby) >= _LEAST_PAGES_NEARBY
                for key in keys_of_line
            )
        }
        # What stands beside a page number changes with the chapter.
        beside = [line.baseline for line, _, _ in lines if id(line) in repeated]
        repeated |= {
            id(line)
            for line, _, is_parted in lines
            if is_parted
            and line.size <= _MOST_OF_BODY_SIZE * body_size
            and any(abs(line.baseline - baseline) < _NEAR for baseline in beside)
        }
        rest = [line for line in page.fragments if id(line) not in repeated]
        cleaned.append(replace(page, fragments=rest))
    return cleaned


def size_of_body(pages: Sequence[Page]) -> float:
    """Return the font size in points, to a half, that most letters have."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for fragment in page.fragments:
            sizes[round(fragment.size * 2) / 2] += len(fragment.text)
    return max(sizes, key=lambda size: (sizes[size], -size), default=10.0)


def _margins_of(page: Page) -> Iterator[tuple[Fragment, bool]]:
    """Yield the lines near an edge, and whether a gap parts them from the text.

    Those that none does are running heads only where the same is one on other pages.
    """
    depth = _DEPTH_OF_MARGIN * (page.top - page.bottom)
    lines = sorted(page.fragments, key=lambda line: line.baseline)
    bottom = [line for line in lines[:_LINES_OF_MARGIN] if line.middle < page.bottom + depth]
    above = lines[len(bottom)] if len(bottom) < len(lines) else None
    yield from _tell_parted(bottom, above)
    top = [line for line in lines[-_LINES_OF_MARGIN:] if line.middle > page.top - depth]
    below = lines[-len(top) - 1] if len(top) < len(lines) else None
    yield from _tell_parted(list(reversed(top)), below)


def _tell_parted(
    lines: Sequence[Fragment], following: Fragment | None
) -> Iterator[tuple[Fragment, bool]]:
    """Yield lines, from an edge on; parted are those before the last wide gap."""
    count = 0
    for position, line in enumerate(lines, 1):
        behind = lines[position] if position < len(lines) else following
        size = max(line.size, behind.size if behind else 0.0)
        if behind is not None and abs(behind.baseline - line.baseline) > _LEAST_GAP * size:
            count = position
    for position, line in enumerate(lines):
        yield line, position < count


def _keys_of(line: Fragment, page: Page, index: int, body_size: float) -> Iterator[_Key]:
    is_top = line.middle > (page.top + page.bottom) / 2
    distance = page.top - line.baseline if is_top else line.baseline - page.bottom
    words = line.text.casefold()
    # A place may be rounded up on one page and down on another, so there are two for each.
    for place in (distance / _POINTS_APART, 1000.5 + distance / _POINTS_APART):
        signed = int(place) if is_top else -int(place) - 1
        if words.strip("0123456789 "):
            yield words, signed, 0
        is_number = words.strip("-–— ").isdecimal()
        if line.size <= (_MOST_OF_BODY_SIZE_OF_NUMBER if is_number else _MOST_OF_BODY_SIZE) * (
            body_size
        ):
            for number in _NUMBER.finditer(words):
                rest = f"{words[: number.start()]}#{words[number.end() :]}"
                yield rest, signed, int(number[0]) - index
