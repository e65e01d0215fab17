"""What is on a page: its words in fragments, the lines drawn on it, and bullets drawn as dots."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from knowledge.converting.pdf.drawn import (
    THICKEST_RULE,
    Box,
    box_of,
    read_characters,
    read_shapes,
    turn_point,
)
from knowledge.converting.pdf.fragments import (
    BULLET,
    Character,
    Fragment,
    Rule,
    fragments_of,
    join_neighbours,
    leave_out_copies,
)

_SHORTEST_RULE = 6.0


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


def read_page(page: Any) -> Page:  # noqa: ANN401 (pypdfium2 has no types)
    """Return what is on a page of pypdfium2."""
    by_angle: dict[int, list[Character]] = {}
    for character in read_characters(page):
        by_angle.setdefault(character.font.angle, []).append(character)
    angle = max(by_angle, key=lambda angle: len(by_angle[angle]), default=0)
    fragments = list(leave_out_copies(fragments_of(by_angle.pop(angle, []))))
    turned = [part for other in by_angle.values() for part in fragments_of(other)]
    box = page.get_bbox()
    corners = [turn_point(x, y, angle) for x in (box[0], box[2]) for y in (box[1], box[3])]
    horizontals: list[Rule] = []
    verticals: list[Rule] = []
    for drawn in read_shapes(page):
        left, bottom, right, top = box_of(
            turn_point(drawn[0], drawn[1], angle), turn_point(drawn[2], drawn[3], angle)
        )
        width, height = right - left, top - bottom
        if height <= THICKEST_RULE < _SHORTEST_RULE <= width:
            horizontals.append(Rule(place=(bottom + top) / 2, start=left, end=right))
        elif width <= THICKEST_RULE < _SHORTEST_RULE <= height:
            verticals.append(Rule(place=(left + right) / 2, start=bottom, end=top))
        elif abs(width - height) <= 0.25 * max(width, height, 0.1):
            fragments += _bullet_for((left, bottom, right, top), fragments)
    return Page(
        left=min(x for x, _ in corners),
        right=max(x for x, _ in corners),
        bottom=min(y for _, y in corners),
        top=max(y for _, y in corners),
        fragments=join_neighbours(fragments, verticals),
        horizontals=horizontals,
        verticals=verticals,
        turned=turned,
    )


def _bullet_for(box: Box, fragments: list[Fragment]) -> Iterator[Fragment]:
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
