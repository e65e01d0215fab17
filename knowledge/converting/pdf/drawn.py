"""What pdfium says of a page: where each character stands and what is drawn."""

import ctypes
import math
import re
from collections.abc import Iterator
from typing import Any

from knowledge.converting.pdf.fragments import BULLET, HYPHEN, Character, Font

_BOLD_FONT = re.compile(r"bold|black|heavy|semibold|demi|cmbx|cmssbx|-bd", re.IGNORECASE)
_SYMBOL_FONT = re.compile(r"wingding|dingbat|symbol|webding|opensymbol", re.IGNORECASE)
_BOLD_WEIGHT = 650
THICKEST_RULE = 3.0  # points, like all lengths here
_WIDEST_BULLET = 9.0
_MAX_PATHS = 20_000
_MAX_SEGMENTS_OF_PATH = 400

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


def read_characters(page: Any) -> Iterator[Character]:  # noqa: ANN401 (pypdfium2 has no types)
    """Yield the characters that are shown, in the order of the file."""
    import pypdfium2.raw as pdfium

    text_page = page.get_textpage()
    handle = text_page.raw
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    fonts: dict[int | None, Font] = {}
    follows_space = follows_gap = False
    last_glyph: tuple[int | None, float, float] | None = None
    for index in range(pdfium.FPDFText_CountChars(handle)):
        code = pdfium.FPDFText_GetUnicode(handle, index)
        if pdfium.FPDFText_IsGenerated(handle, index) == 1 and code != 2:
            follows_gap = True
            continue
        text = HYPHEN if code in {2, 0xAD} else chr(code) if code < 0x110000 else ""
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
            corners = [
                turn_point(at, to, font.angle) for at in (left, right) for to in (bottom, top)
            ]
            left, right = min(at for at, _ in corners), max(at for at, _ in corners)
            bottom, top = min(to for _, to in corners), max(to for _, to in corners)
            baseline = turn_point(x.value, y.value, font.angle)[1]
        # A private character means something to its font alone: in those of symbols, a bullet.
        if "\ue000" <= text <= "\uf8ff":
            text = BULLET
        # A ligature is one glyph of several characters, all of them in the same place.
        glyph = (address, x.value, y.value)
        if glyph == last_glyph:
            left = right
        last_glyph = glyph
        yield Character(text, left, right, bottom, top, baseline, font, follows_space, follows_gap)
        follows_space = follows_gap = False


def _read_font(handle: Any, index: int) -> Font:  # noqa: ANN401
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(handle, index, matrix)
    name = ctypes.create_string_buffer(200)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(handle, index, name, 200, flags)
    font = name.value.decode("utf-8", "replace")
    size = pdfium.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.c, matrix.d)
    return Font(
        size=round(abs(size), 2) or 1.0,
        angle=round(math.degrees(math.atan2(matrix.b, matrix.a))) % 360,
        is_bold=_BOLD_FONT.search(font) is not None
        or pdfium.FPDFText_GetFontWeight(handle, index) >= _BOLD_WEIGHT,
        is_symbol=_SYMBOL_FONT.search(font) is not None,
    )


def turn_point(x: float, y: float, angle: int) -> tuple[float, float]:
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


def read_shapes(page: Any) -> Iterator[Box]:  # noqa: ANN401
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
        width, height = right - left, top - bottom
        if min(width, height) <= THICKEST_RULE or max(width, height) <= _WIDEST_BULLET:
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
                    yield box_of(last, point)
                last = point
                if pdfium.FPDFPathSegment_GetClose(segment):
                    yield box_of(last, first)


def box_of(start: tuple[float, float], end: tuple[float, float]) -> Box:
    """Return the box that has two points as corners."""
    (x0, y0), (x1, y1) = start, end
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
