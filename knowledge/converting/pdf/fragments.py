"""Characters become fragments: words in one line without a wide gap between them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from knowledge.converting.markdown_writer import tidy_text

BULLET = "•"
HYPHEN = "\u0002"
"""What pdfium gives for the hyphen of a word that is cut at a line's end."""
_GAP_OF_WORDS = 0.17
"""Of the font's size: a wider gap parts two words where no space was set."""
_GAP_OF_FRAGMENTS = 0.6
_GAP_OF_FRAGMENTS_WITH_SPACE = 1.6
_WIDEST_GAP_BEHIND_MARK = 4.0
_MOST_OVERLAP = 0.6
_LIST_MARK = re.compile(r"[•◦▪▫■□●○‣⁃∙·◆◇➢➤►▶✓✔–—\-*]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,5})[.)]")


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


@dataclass(slots=True)
class Font:
    """How letters look: their size in points, as shown, and their direction in degrees."""

    size: float
    angle: int
    is_bold: bool
    is_symbol: bool


@dataclass(slots=True)
class Character:
    """A character that is shown, its edges in points, as if its direction were to the right.

    `follows_space` is told where a space was set before it, `follows_gap` where pdfium sees one.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    baseline: float
    font: Font
    follows_space: bool
    follows_gap: bool


def fragments_of(characters: list[Character]) -> Iterator[Fragment]:
    """Yield the characters of one direction in fragments, as far as they follow one another."""
    group: list[Character] = []
    for character in characters:
        if group and not _goes_on(group[-1], character):
            yield _join_characters(group)
            group = []
        group.append(character)
    if group:
        yield _join_characters(group)


def _goes_on(last: Character, character: Character) -> bool:
    size = max(last.font.size, character.font.size)
    gap = character.left - last.right
    widest = _GAP_OF_FRAGMENTS_WITH_SPACE if character.follows_space else _GAP_OF_FRAGMENTS
    return _is_one_line(last, character) and -_MOST_OVERLAP * size < gap < widest * size


def _is_one_line(first: "Character | Fragment", second: "Character | Fragment") -> bool:
    shared = min(first.top, second.top) - max(first.bottom, second.bottom)
    lower = min(first.top - first.bottom, second.top - second.bottom)
    return shared > 0.5 * lower and abs(first.baseline - second.baseline) < 0.5 * max(
        first.top - first.bottom, second.top - second.bottom
    )


def leave_out_copies(fragments: Iterable[Fragment]) -> Iterator[Fragment]:
    """Yield fragments once that are set twice, a little apart, so that they look bold."""
    places: set[tuple[str, int, int]] = set()
    for fragment in fragments:
        left, baseline = round(fragment.left), round(fragment.baseline)
        if not any(
            (fragment.text, left + across, baseline + along) in places
            for across in (-1, 0, 1)
            for along in (-1, 0, 1)
        ):
            yield fragment
        places.add((fragment.text, left, baseline))


def _join_characters(group: list[Character]) -> Fragment:
    words: list[list[Character]] = []
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
                else "".join(character.text for character in word).replace(HYPHEN, "-"),
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


def join_neighbours(fragments: list[Fragment], verticals: list[Rule]) -> list[Fragment]:
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


def join_row(row: Sequence[Fragment]) -> Fragment:
    """Join all that stands in a row, from left to right."""
    return reduce(_join, row)


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
