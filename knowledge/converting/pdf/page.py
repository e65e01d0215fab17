"""What is on a page: its characters in runs, the lines drawn on it, and bullets drawn as dots."""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from knowledge.converting.markdown_writer import tidy_text

_BOLD_FONT = re.compile(r"bold|black|heavy|semibold|demi|cmbx|cmssbx|-bd", re.IGNORECASE)
_SYMBOL_FONT = re.compile(r"wingding|dingbat|symbol|webding|opensymbol", re.IGNORECASE)
_BOLD_WEIGHT = 650
_GAP_OF_WORDS = 0.17
"""Of the font's size: a wider gap parts two words where no space was set."""
_GAP_OF_FRAGMENTS = 0.6
_GAP_OF_FRAGMENTS_WITH_SPACE = 1.6
_WIDEST_GAP_BEHIND_MARK = 4.0
_MOST_OVERLAP = 0.6
_THICKEST_RULE = 3.0
_SHORTEST_RULE = 6.0
_MAX_PATHS = 20_000
_MAX_SEGMENTS_OF_PATH = 400
_HYPHEN = "\u0002"
BULLET = "•"
_LIST_MARK = re.compile(r"[•◦▪▫■□●○‣⁃∙·◆◇➢➤►▶✓✔–—\-*]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,5})[.)]")
_WIDEST_BULLET = 9.0

_Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """Words in one line without a wide gap; its edges are points, from bottom to top.

    `is_bold` is told where all of its letters are. `words` are its words, each with its left and
    right edge.
    """

    text: str
    words: tuple[tuple[str, float, float], ...] = ()
    left: float
    right: float
    bottom: float
    top: float
    baseline: float
    size: float
    is_bold: bool

    @property
    def middle(self) -> float:
        """Return its middle between bottom and top."""
        return (self.bottom + self.top) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A line that is drawn: from `start` to `end` at `place` of the other axis."""

    place: float
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is on a page, as seen by who reads it upright."""

    left: float
    right: float
    bottom: float
    top: float
    fragments: list[Fragment] = field(default_factory=list)
    horizontals: list[Rule] = field(default_factory=list)
    verticals: list[Rule] = field(default_factory=list)
    turned: list[Fragment] = field(default_factory=list)
    """What is written in other directions."""


@dataclass(slots=True)
class _Font:
    size: float
    angle: int
    is_bold: bool
    is_symbol: bool


@dataclass(slots=True)
class _Character:
    text: str
    left: float
    right: float
    bottom: float
    top: float
    baseline: float
    font: _Font
    follows_space: bool
    follows_gap: bool


def read_page(page: Any) -> Page:  # noqa: ANN401 (pypdfium2 has no types)
    """Return what is on a page of pypdfium2."""
    by_angle: dict[int, list[_Character]] = {}
    for character in _characters_of(page):
        by_angle.setdefault(character.font.angle, []).append(character)
    angle = max(by_angle, key=lambda angle: len(by_angle[angle]), default=0)
    fragments = list(_fragments_of(by_angle.pop(angle, [])))
    turned = [part for other in by_angle.values() for part in _fragments_of(other)]
    box = page.get_bbox()
    corners = [_turn(x, y, angle) for x in (box[0], box[2]) for y in (box[1], box[3])]
    horizontals: list[Rule] = []
    verticals: list[Rule] = []
    for drawn in _shapes_of(page):
        left, bottom, right, top = _box_of(
            _turn(drawn[0], drawn[1], angle), _turn(drawn[2], drawn[3], angle)
        )
        width, height = right - left, top - bottom
        if height <= _THICKEST_RULE < _SHORTEST_RULE <= width:
            horizontals.append(Rule(place=(bottom + top) / 2, start=left, end=right))
        elif width <= _THICKEST_RULE < _SHORTEST_RULE <= height:
            verticals.append(Rule(place=(left + right) / 2, start=bottom, end=top))
        elif abs(width - height) <= 0.25 * max(width, height, 0.1):
            fragments += _bullet_for((left, bottom, right, top), fragments)
    return Page(
        left=min(x for x, _ in corners),
        right=max(x for x, _ in corners),
        bottom=min(y for _, y in corners),
        top=max(y for _, y in corners),
        fragments=_join_neighbours(fragments, verticals),
        horizontals=horizontals,
        verticals=verticals,
        turned=turned,
    )


def _characters_of(page: Any) -> Iterator[_Character]:  # noqa: ANN401
    import pypdfium2.raw as pdfium

    text_page = page.get_textpage()
    handle = text_page.raw
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    fonts: dict[int | None, _Font] = {}
    follows_space = follows_gap = False
    for index in range(pdfium.FPDFText_CountChars(handle)):
        code = pdfium.FPDFText_GetUnicode(handle, index)
        if pdfium.FPDFText_IsGenerated(handle, index) == 1 and code != 2:
            follows_gap = True
            continue
        text = _HYPHEN if code in {2, 0xAD} else chr(code) if code < 0x110000 else ""
        if not text.strip():
            follows_space = True
            continue
        address = ctypes.cast(pdfium.FPDFText_GetTextObject(handle, index), ctypes.c_void_p).value
        font = fonts.get(address)
        if font is None:
            font = fonts[address] = _read_font(handle, index)
        pdfium.FPDFText_GetLooseCharBox(handle, index, box)
        pdfium.FPDFText_GetCharOrigin(handle, index, x, y)
        left, right, bottom, top = box.left, box.right, box.bottom, box.top
        baseline = y.value
        if font.angle:
            corners = [_turn(at, to, font.angle) for at in (left, right) for to in (bottom, top)]
            left, right = min(at for at, _ in corners), max(at for at, _ in corners)
            bottom, top = min(to for _, to in corners), max(to for _, to in corners)
            baseline = _turn(x.value, y.value, font.angle)[1]
        # A private character means something to its font alone: in those of symbols, a bullet.
        if "\ue000" <= text <= "\uf8ff":
            text = BULLET
        yield _Character(text, left, right, bottom, top, baseline, font, follows_space, follows_gap)
        follows_space = follows_gap = False


def _read_font(handle: Any, index: int) -> _Font:  # noqa: ANN401
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(handle, index, matrix)
    name = ctypes.create_string_buffer(200)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(handle, index, name, 200, flags)
    font = name.value.decode("utf-8", "replace")
    size = pdfium.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.c, matrix.d)
    return _Font(
        size=round(abs(size), 2) or 1.0,
        angle=round(math.degrees(math.atan2(matrix.b, matrix.a))) % 360,
        is_bold=_BOLD_FONT.search(font) is not None
        or pdfium.FPDFText_GetFontWeight(handle, index) >= _BOLD_WEIGHT,
        is_symbol=_SYMBOL_FONT.search(font) is not None,
    )


def _turn(x: float, y: float, angle: int) -> tuple[float, float]:
    """Return where a point is once the page is turned back by an angle in degrees."""
    match angle:
        case 0:
            return x, y
        case 90:
            return y, -x
        case 180:
            return -x, -y
        case 270:
            return -y, x
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return x * cosine + y * sine, y * cosine - x * sine


def _fragments_of(characters: list[_Character]) -> Iterator[Fragment]:
    group: list[_Character] = []
    for character in characters:
        if group and not _goes_on(group[-1], character):
            yield _join_characters(group)
            group = []
        # What is set twice, a little apart, is to look bold.
        if group and _is_same(group[-1], character):
            continue
        group.append(character)
    if group:
        yield _join_characters(group)


def _goes_on(last: _Character, character: _Character) -> bool:
    size = max(last.font.size, character.font.size)
    gap = character.left - last.right
    widest = _GAP_OF_FRAGMENTS_WITH_SPACE if character.follows_space else _GAP_OF_FRAGMENTS
    return _is_one_line(last, character) and -_MOST_OVERLAP * size < gap < widest * size


def _is_one_line(first: "_Character | Fragment", second: "_Character | Fragment") -> bool:
    shared = min(first.top, second.top) - max(first.bottom, second.bottom)
    lower = min(first.top - first.bottom, second.top - second.bottom)
    return shared > 0.5 * lower and abs(first.baseline - second.baseline) < 0.5 * max(
        first.top - first.bottom, second.top - second.bottom
    )


def _is_same(last: _Character, character: _Character) -> bool:
    return (
        last.text == character.text
        and abs(last.left - character.left) < 0.1 * character.font.size
        and abs(last.baseline - character.baseline) < 0.1 * character.font.size
    )


def _join_characters(group: list[_Character]) -> Fragment:
    words: list[list[_Character]] = []
    for character in group:
        last = words[-1][-1] if words else None
        is_new = (
            last is None
            or character.follows_space
            or character.follows_gap
            or character.left - last.right
            > _GAP_OF_WORDS * min(last.font.size, character.font.size)
        )
        if is_new:
            words.append([])
        words[-1].append(character)
    sizes = Counter(character.font.size for character in group)
    size = max(sizes, key=lambda size: (sizes[size], size))
    main = [character for character in group if character.font.size == size]
    letters = [character for character in group if character.text.isalnum()]
    return _fragment(
        [
            (
                BULLET
                if len(group) == 1 and group[0].font.is_symbol
                else "".join(character.text for character in word).replace(_HYPHEN, "-"),
                word[0].left,
                max(character.right for character in word),
            )
            for word in words
        ],
        bottom=min(character.bottom for character in main),
        top=max(character.top for character in main),
        baseline=main[0].baseline,
        size=size,
        is_bold=bool(letters) and all(character.font.is_bold for character in letters),
    )


def _fragment(
    words: Sequence[tuple[str, float, float]],
    *,
    bottom: float,
    top: float,
    baseline: float,
    size: float,
    is_bold: bool,
) -> Fragment:
    tidied = tuple((word, left, right) for text, left, right in words if (word := tidy_text(text)))
    return Fragment(
        text=" ".join(word for word, _, _ in tidied),
        words=tidied,
        left=words[0][1],
        right=max(right for _, _, right in words),
        bottom=bottom,
        top=top,
        baseline=baseline,
        size=size,
        is_bold=is_bold,
    )


def cut_fragment(fragment: Fragment, position: int) -> tuple[Fragment, Fragment]:
    """Return a fragment's first words, as many as `position` says, and the others."""
    first, second = fragment.words[:position], fragment.words[position:]
    return tuple(  # type: ignore[return-value]
        replace(
            fragment,
            text=" ".join(word for word, _, _ in words),
            words=words,
            left=words[0][1],
            right=max(right for _, _, right in words),
        )
        for words in (first, second)
    )


def _shapes_of(page: Any) -> Iterator[_Box]:  # noqa: ANN401
    """Yield the box of each line drawn, and of each small shape."""
    import pypdfium2.raw as pdfium

    x, y = ctypes.c_float(), ctypes.c_float()
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    for number, shape in enumerate(
        page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=3)
    ):
        if number >= _MAX_PATHS:
            return
        left, bottom, right, top = shape.get_bounds()
        count = pdfium.FPDFPath_CountSegments(shape.raw)
        if (
            min(right - left, top - bottom) <= _THICKEST_RULE
            or max(right - left, top - bottom) <= 9
        ):
            yield left, bottom, right, top
        elif count <= _MAX_SEGMENTS_OF_PATH:
            pdfium.FPDFPath_GetDrawMode(shape.raw, fill, stroke)
            if not stroke.value:
                continue
            matrix = shape.get_matrix()
            last = first = (0.0, 0.0)
            for index in range(count):
                segment = pdfium.FPDFPath_GetPathSegment(shape.raw, index)
                pdfium.FPDFPathSegment_GetPoint(segment, x, y)
                point = matrix.on_point(x.value, y.value)
                kind = pdfium.FPDFPathSegment_GetType(segment)
                if kind == pdfium.FPDF_SEGMENT_MOVETO:
                    first = point
                elif kind == pdfium.FPDF_SEGMENT_LINETO:
                    yield _box_of(last, point)
                last = point
                if pdfium.FPDFPathSegment_GetClose(segment):
                    yield _box_of(last, first)


def _box_of(
    start: tuple[float, float], end: tuple[float, float]
) -> tuple[float, float, float, float]:
    return (
        min(start[0], end[0]),
        min(start[1], end[1]),
        max(start[0], end[0]),
        max(start[1], end[1]),
    )


def _bullet_for(box: _Box, fragments: list[Fragment]) -> Iterator[Fragment]:
    """Yield a bullet where a small shape stands right before a line, as browsers print lists."""
    left, bottom, right, top = box
    for line in fragments:
        if (
            line.text != BULLET
            and 0.12 * line.size < top - bottom < 0.7 * line.size
            and line.bottom < (bottom + top) / 2 < line.top
            and -0.1 * line.size < line.left - right < 2.5 * line.size
        ):
            yield replace(
                line,
                text=BULLET,
                words=((BULLET, left, right),),
                left=left,
                right=right,
                is_bold=False,
            )
            return


def _join_neighbours(fragments: list[Fragment], verticals: list[Rule]) -> list[Fragment]:
    """Join what stands side by side in a line, but not across a line that is drawn between."""
    joined: list[Fragment] = []
    for row in rows_of(fragments):
        _mark_number(row)
        open_fragment: Fragment | None = None
        for fragment in sorted(row, key=lambda part: part.left):
            if open_fragment and _belong_together(open_fragment, fragment, verticals):
                open_fragment = _join(open_fragment, fragment)
                continue
            if open_fragment:
                joined.append(open_fragment)
            open_fragment = fragment
        if open_fragment:
            joined.append(open_fragment)
    return joined


def _mark_number(row: list[Fragment]) -> None:
    """Let a number that stands apart before words be one of a numbered list, "1" become "1."."""
    if len(row) != 2:
        return
    number, words = sorted(row, key=lambda part: part.left)
    gap = words.left - number.right
    if (
        number.text.isdecimal()
        and len(number.text) < 4
        and len(words.words) > 1
        and 0.5 * words.size < gap < _WIDEST_GAP_BEHIND_MARK * words.size
    ):
        mark = f"{number.text}."
        marked = replace(number, text=mark, words=((mark, number.left, number.right),))
        row[:] = [marked, words]


def rows_of(fragments: list[Fragment]) -> list[list[Fragment]]:
    """Return fragments by the line they stand in, from top to bottom."""
    rows: list[list[Fragment]] = []
    shown = (part for part in fragments if part.text)
    for fragment in sorted(shown, key=lambda part: (-part.baseline, part.left)):
        # Only the last rows can be of the same line, since they are sorted.
        for row in rows[-3:]:
            if _stands_in(row, fragment):
                row.append(fragment)
                break
        else:
            rows.append([fragment])
    return rows


def _stands_in(row: Sequence[Fragment], fragment: Fragment) -> bool:
    """Return whether a fragment is of a row; far apart, their baselines must be the same."""
    apart = [(max(part.left - fragment.right, fragment.left - part.right), part) for part in row]
    distance, nearest = min(apart, key=lambda pair: pair[0])
    if distance < -_MOST_OVERLAP * fragment.size:
        return False
    if distance < _WIDEST_GAP_BEHIND_MARK * fragment.size:
        return _is_one_line(nearest, fragment)
    return abs(nearest.baseline - fragment.baseline) < 0.25 * min(nearest.size, fragment.size)


def _belong_together(left: Fragment, right: Fragment, verticals: list[Rule]) -> bool:
    gap = right.left - left.right
    size = max(left.size, right.size)
    is_mark = _LIST_MARK.fullmatch(left.text) is not None
    if gap > (_WIDEST_GAP_BEHIND_MARK if is_mark else _GAP_OF_FRAGMENTS) * size:
        return False
    return not any(
        left.right - 1 <= rule.place <= right.left + 1 and rule.start <= right.middle <= rule.end
        for rule in verticals
    )


def _join(left: Fragment, right: Fragment) -> Fragment:
    main = left if len(left.text) >= len(right.text) else right
    letters = [part for part in (left, right) if any(map(str.isalnum, part.text))]
    words = [*left.words, *right.words]
    if right.left - left.right <= _GAP_OF_WORDS * min(left.size, right.size):
        (start, at, _), (end, _, to) = left.words[-1], right.words[0]
        words = [*left.words[:-1], (start + end, at, to), *right.words[1:]]
    return _fragment(
        words,
        bottom=main.bottom,
        top=main.top,
        baseline=main.baseline,
        size=main.size,
        is_bold=bool(letters) and all(part.is_bold for part in letters),
    )
