"""Lines become headings, paragraphs, list items and tables."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from knowledge.converting.pdf.fragments import BULLET, Fragment
from knowledge.converting.pdf.grids import Grid
from knowledge.converting.pdf.layout import Part

_BULLET = re.compile(r"(?:[•◦▪▫■□●○‣⁃∙·◆◇➢➤►▶✓✔*]|[-–—o](?=\s))\s*(?=\S)")
_NUMBER = re.compile(r"\(?(?P<number>\d{1,3})[.)]\s+(?=\S)")
_LETTER = re.compile(r"\(?[a-zA-Z][.)]\s+(?=\S)")
_ENTRY_OF_CONTENTS = re.compile(r"(?P<entry>.+?)\s*(?:\.\s?){4,}\s*(?P<page>\d{1,4}|[ivxlc]+)")
_NUMBER_OF_SECTION = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s+\S")
_SENTENCE_END = (".", "!", "?", ".”", '."', ".)", "。", "！", "？")
_LARGER = 1.12
_MAX_WORDS_OF_HEADING = 25
_MAX_WORDS_OF_BOLD_HEADING = 14
_MAX_LINES_OF_HEADING = 4
_WIDEST_LEADING_OF_HEADING = 1.4
_FULL_LINE = 0.82
_NEAR = 3.0


@dataclass(slots=True, kw_only=True)
class TextBlock:
    """Lines that belong together.

    `mark` is what a list item begins with, which is no longer in its first line; `pages` are the
    pages of the lines, and `column_right` is how far the lines of its column reach.
    """

    lines: list[Fragment]
    pages: list[int]
    column_right: float
    column_left: float
    mark: str | None = None
    mark_left: float = 0.0
    level: int = 0
    entry: str | None = None

    @property
    def size(self) -> float:
        """Return the font size of its first line."""
        return self.lines[0].size

    @property
    def is_bold(self) -> bool:
        """Return whether all of its lines are bold."""
        return all(line.is_bold for line in self.lines)

    @property
    def words(self) -> str:
        """Return its lines on one, their hyphens as they are."""
        return " ".join(line.text for line in self.lines)


@dataclass(slots=True, kw_only=True)
class TableBlock:
    """A table, and the page that it begins on."""

    grid: Grid
    page: int


@dataclass(slots=True, kw_only=True)
class PageStart:
    """A page begins here."""

    page: int


Block = TextBlock | TableBlock | PageStart


@dataclass(slots=True)
class BlockReader:
    """Reads the parts of all pages, in order, into blocks."""

    body_size: float
    blocks: list[Block] = field(default_factory=list)
    _open: TextBlock | None = None
    _leading: float = 1.2

    def read_page(self, index: int, regions: Sequence[Sequence[Part]]) -> None:
        """Read the next page; a paragraph may go on from the page before."""
        self.blocks.append(PageStart(page=index))
        for region in regions:
            lines = [part for part in region if isinstance(part, Fragment)]
            right = max((line.right for line in lines), default=0.0)
            left = min((line.left for line in lines), default=0.0)
            self._leading = _leading_of(lines)
            is_first = True
            for part in region:
                if isinstance(part, Grid):
                    self._open = None
                    self.blocks.append(TableBlock(grid=part, page=index))
                else:
                    self._read_line(part, index, left, right, begins_region=is_first)
                is_first = False

    def _read_line(
        self, line: Fragment, page: int, left: float, right: float, *, begins_region: bool
    ) -> None:
        entry = _ENTRY_OF_CONTENTS.fullmatch(line.text)
        if entry:
            self._begin(line, page, left, right).entry = entry["entry"]
            self._open = None
            return
        if line.text == BULLET:
            return
        mark = self._mark_of(line)
        if mark is None and self._open is not None:
            goes_on = (
                self._goes_on_elsewhere(self._open, line)
                if begins_region
                else self._goes_on(self._open, line)
            )
            if goes_on:
                self._open.lines.append(line)
                self._open.pages.append(page)
                if begins_region:
                    self._open.column_right, self._open.column_left = right, left
                return
        block = self._begin(line, page, left, right)
        if mark is not None:
            block.mark = mark.strip()
            block.mark_left = line.left
            block.lines[0] = _without_mark(line, mark)

    def _begin(self, line: Fragment, page: int, left: float, right: float) -> TextBlock:
        block = TextBlock(lines=[line], pages=[page], column_right=right, column_left=left)
        self.blocks.append(block)
        self._open = block
        return block

    def _mark_of(self, line: Fragment) -> str | None:
        bullet = _BULLET.match(line.text)
        if bullet:
            return bullet[0]
        is_heading = line.size > _LARGER * self.body_size
        number = _NUMBER.match(line.text)
        if number and not is_heading:
            value = int(number["number"])
            return number[0] if value == 1 or self._is_counted(value, line.left) else None
        letter = _LETTER.match(line.text)
        if letter and not is_heading and self._follows_letter(letter[0].strip(" ().")):
            return letter[0]
        return None

    def _is_counted(self, value: int, left: float) -> bool:
        """Return whether a list that stands here has come to the number before."""
        for block in reversed(self.blocks[-200:]):
            if isinstance(block, TextBlock) and block.mark is not None:
                number = _NUMBER.match(f"{block.mark} x")
                if number and abs(block.mark_left - left) < 2 * self.body_size:
                    return value == int(number["number"]) + 1
        return False

    def _follows_letter(self, letter: str) -> bool:
        if letter in {"a", "A", "i", "I"}:
            return letter in {"a", "A"}
        marks = (
            block.mark
            for block in reversed(self.blocks[-50:])
            if isinstance(block, TextBlock) and block.mark is not None
        )
        return any(mark.strip("().") == chr(ord(letter) - 1) for mark in marks)

    def _goes_on(self, block: TextBlock, line: Fragment) -> bool:
        """Return whether a line belongs to the block above it in the same column."""
        last = block.lines[-1]
        gap = last.baseline - line.baseline
        if abs(gap) < 0.3 * line.size:
            # Words in the same line, too far apart to be joined and too few for a table.
            return True
        if not _looks_alike(last, line) or not 0 < gap <= 1.25 * self._leading * line.size:
            return False
        if self.is_heading_line(last):
            if gap > _WIDEST_LEADING_OF_HEADING * line.size:
                return False
            return len(block.lines) < _MAX_LINES_OF_HEADING and _is_full(block, 0.6)
        text_left = block.lines[1].left if len(block.lines) > 1 else None
        if block.mark is not None:
            begins_outside = line.left < block.lines[0].left - _NEAR
            return not (begins_outside and not _is_full(block, _FULL_LINE))
        is_indented = line.left > last.left + 0.8 * line.size
        if is_indented and (text_left is None or line.left > text_left + _NEAR):
            return not last.text.endswith(_SENTENCE_END) and _is_full(block, _FULL_LINE)
        ends = last.text.endswith((*_SENTENCE_END, ":")) and not _is_full(block, _FULL_LINE)
        if ends:
            return False
        # A short line and a new beginning: lines of an address, or of a list without marks.
        return _is_full(block, 0.5) or not line.text[:1].isupper()

    def _goes_on_elsewhere(self, block: TextBlock, line: Fragment) -> bool:
        """Return whether a line at the top of a column or page goes on with the block before."""
        last = block.lines[-1]
        if not _looks_alike(last, line) or self.is_heading_line(last):
            return False
        if last.text.endswith("-") and len(last.text) > 1 and last.text[-2].isalpha():
            return line.text[:1].islower()
        if last.text.endswith((*_SENTENCE_END, ":")) or not _is_full(block, 0.7):
            return False
        return line.text[:1].islower() or (last.text[-1] in ",;–—" or last.text[-1].islower())

    def is_heading_line(self, line: Fragment) -> bool:
        """Return whether a line looks like one of a heading, by size and weight."""
        return line.size > _LARGER * self.body_size or line.is_bold


def _leading_of(lines: Sequence[Fragment]) -> float:
    """Return how far lines of a paragraph are apart, as a share of their size."""
    gaps = Counter(
        round((above.baseline - below.baseline) / below.size, 1)
        for above, below in pairwise(lines)
        if abs(above.size - below.size) < 0.6
        and 0.8 < (above.baseline - below.baseline) / below.size < 2.5
    )
    if not gaps:
        return 1.25
    # Lines are closer than paragraphs are, though there may be more paragraphs than lines.
    common = max(gaps.values())
    return min(gap for gap, count in gaps.items() if count >= 0.25 * common)


def _looks_alike(last: Fragment, line: Fragment) -> bool:
    if abs(last.size - line.size) > max(0.6, 0.08 * last.size):
        return False
    return last.is_bold == line.is_bold or not (last.is_bold and len(last.text.split()) < 10)


def _is_full(block: TextBlock, share: float) -> bool:
    """Return whether a block's last line reaches far enough to the right to go on."""
    width = block.column_right - block.column_left
    return block.lines[-1].right >= block.column_left + share * width


def _without_mark(line: Fragment, mark: str) -> Fragment:
    width = (line.right - line.left) * len(mark) / max(len(line.text), 1)
    return Fragment(
        text=line.text[len(mark) :],
        left=line.left + width,
        right=line.right,
        bottom=line.bottom,
        top=line.top,
        baseline=line.baseline,
        size=line.size,
        is_bold=line.is_bold,
    )


def find_headings(
    blocks: Sequence[Block], body_size: float, outline: Mapping[tuple[str, int | None], int]
) -> None:
    """Set the levels of the blocks that are headings.

    They are those of the document's own outline, where it has one that names them; else what is
    larger than the text, or bold and short, ranked by size and weight.

    Args:
        blocks: The blocks of the document.
        body_size: The font size of its text.
        outline: The levels, 1 the highest, by what headings say, as `heading_key` gives it, and
            their page, or None.
    """
    candidates: list[TextBlock] = []
    for block in blocks:
        if isinstance(block, TextBlock) and block.entry is None:
            key = heading_key(block)
            level = outline.get((key, block.pages[0])) or outline.get((key, None))
            is_short = len(block.words.split()) <= _MAX_WORDS_OF_HEADING
            if level is not None and is_short and not _has_bullet(block):
                block.level = level
            elif _looks_like_heading(block, body_size):
                candidates.append(block)
    styles = sorted({_style_of(block) for block in candidates}, reverse=True)
    known = {
        _style_of(block): block.level
        for block in blocks
        if isinstance(block, TextBlock) and block.level
    }
    deepest = 0
    ranks: dict[tuple[float, bool], int] = {}
    for style in sorted({*styles, *known}, reverse=True):
        ranks[style] = known.get(style, deepest + 1)
        deepest = max(deepest, ranks[style])
    for block in candidates:
        block.level = min(ranks[_style_of(block)], 6)


def heading_key(block: TextBlock | str) -> str:
    """Return the letters and digits of a heading, in lower case."""
    words = block if isinstance(block, str) else f"{block.mark or ''}{block.words}"
    return "".join(character for character in words.casefold() if character.isalnum())


def _style_of(block: TextBlock) -> tuple[float, bool]:
    return round(block.size * 2) / 2, block.is_bold


def _has_bullet(block: TextBlock) -> bool:
    return block.mark is not None and not _NUMBER.match(f"{block.mark} x")


def _looks_like_heading(block: TextBlock, body_size: float) -> bool:
    words = block.words
    count = len(words.split())
    if not any(character.isalpha() for character in words) or len(block.lines) > (
        _MAX_LINES_OF_HEADING
    ):
        return False
    if _has_bullet(block):
        return False
    if block.size > _LARGER * body_size:
        return count <= _MAX_WORDS_OF_HEADING and not (
            count > _MAX_WORDS_OF_BOLD_HEADING and words.endswith(".")
        )
    return (
        block.is_bold
        and block.size > 0.9 * body_size
        and count <= _MAX_WORDS_OF_BOLD_HEADING
        and not words.endswith((".", ",", ";"))
        and block.mark is None
    )


def depths_of_items(blocks: Sequence[Block]) -> Iterator[tuple[TextBlock, int]]:
    """Yield each list item with its depth, by how far its mark is indented."""
    lefts: list[float] = []
    for block in blocks:
        if not isinstance(block, TextBlock):
            continue
        if block.mark is None or block.level:
            if block.level or not lefts or block.lines[0].left < lefts[0] + _NEAR:
                lefts = []
            continue
        left = block.mark_left
        while lefts and left < lefts[-1] - _NEAR:
            lefts.pop()
        if not lefts or left > lefts[-1] + _NEAR:
            lefts.append(left)
        yield block, len(lefts)
