"""Plain text is read into blocks: headings are short lines of their own, lists have marks."""

import re
from collections import Counter
from dataclasses import dataclass, replace

from knowledge.blocks import LABELLED_LINE, Block, BlockKind, LineIndex, trim

_ITEM = re.compile(r"(?P<indent>\s*)(?:[-*+•‣◦▪·–—]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+\S")
_NUMBERED = re.compile(r"\s*\(?(?P<number>\d{1,3}(?:\.\d{1,3})*)[.)]?\s+\S")
_UNDERLINE = re.compile(r"\s*(?:={3,}|-{3,}|~{3,})\s*$")
_MARKED = re.compile(
    r"\s*(?:(?P<marks>={2,6}|-{2,6}|~{2,6}|\*{2,6}|#{1,6})\s*(?P<inside>[^\s=~*#-](?:.*\S)?)"
    r"\s*(?P=marks)|(?P<before>#{1,6})\s+(?P<behind>\S.*?))\s*$"
)
"""A heading between marks, "== Pay ==", or behind those of Markdown."""

_MAX_CHARACTERS_OF_HEADING = 90
_MAX_WORDS_OF_HEADING = 12
_MAX_STACKED_HEADINGS = 3
_FEWEST_LINES_OF_LIST = 4
_LOWEST_LEVEL = 6
_MIN_CHARACTERS_OF_WRAPPED_LINE = 40
_MAX_CHARACTERS_OF_WRAPPED_LINE = 120
_ENDS_OF_SENTENCE = (".", "!", "?", ":")
_UNFINISHED = re.compile(r"\b(?:of|on|in|to|for|with|from|by|at|than|as|but|that|which|who|we)$")
_SURELY_UNFINISHED = re.compile(r"(?:,|\b(?:an?|the|and|or))$")
_COLUMNS = re.compile(r"\S {2,}\S")
_TELLS_A_FACT = re.compile(r"[^\W\d_][\w /-]{1,28}:\s+(?:\d|[^:]*[$£€]\d)")
"""A line that says something behind a label, "Pay: $13 an hour", and so is no heading."""

_FEWEST_FACTS = 3
_TITLE_WITH_COLON = re.compile(r"[A-Z][\w&/-]*(?: (?:[A-Z][\w&/-]*|and|for|of|or|the|to|&)){0,4}:")
"""A heading in capitals, before anything but a list: "JOB SUMMARY:"."""

_NUMBERED_NAME = re.compile(r"\d{1,3}[.)]\s+[A-Z][^:.?!]{2,60}:")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    start: int
    end: int
    text: str
    follows_blank: bool
    place: int | None = None
    """Which it is in a list without marks."""
    is_fact: bool = False
    """Whether it stands beside others that say something behind a label: "Reports to: a nurse"."""

    @property
    def is_underline(self) -> bool:
        return bool(_UNDERLINE.match(self.text))

    @property
    def is_item(self) -> bool:
        return bool(_ITEM.match(self.text))

    @property
    def marked(self) -> re.Match[str] | None:
        """What is a heading between marks, if the line is one."""
        return _MARKED.match(self.text) if len(self.text) <= _MAX_CHARACTERS_OF_HEADING else None

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip())


def parse_plain_text(text: str, start: int = 0) -> list[Block]:
    """Return the blocks of a plain text in order, without overlap.

    A line is a paragraph of its own unless it was wrapped: then its paragraph is 40 to 120
    characters wide, and the next line's first word would not have fitted behind it, or it goes on
    with a sentence. A short line
    that doesn't end like a sentence and stands before other text is a heading, and so is one
    between marks. A heading that
    directly follows another ranks below it; a numbered one ranks by its number. A line that hangs
    below a list item belongs to it.

    Args:
        text: The whole document, line ends as LF.
        start: Where its body starts; earlier text belongs to no block.
    """
    lines = _lines_of(text, start)
    blocks: list[Block] = []
    paragraphs = _paragraphs_of(lines)
    for position, paragraph in enumerate(paragraphs):
        first, last = paragraph[0], paragraph[-1]
        before = paragraphs[position - 1][0] if position else None
        following = paragraphs[position + 1][0] if position + 1 < len(paragraphs) else None
        kind, level = BlockKind.PARAGRAPH, 0
        if first.is_underline and len(paragraph) == 1:
            if blocks and blocks[-1].kind is BlockKind.HEADING:
                blocks[-1] = Block(
                    kind=BlockKind.HEADING,
                    start=blocks[-1].start,
                    end=trim(text, first.start, first.end)[1],
                    level=1 if "=" in first.text else 2,
                )
            continue
        if marked := _read_marked(first, following):
            blocks.append(marked)
            continue
        if first.place or (first.place == 0 and blocks and blocks[-1].kind is BlockKind.HEADING):
            kind, level = BlockKind.ITEM, 1
        elif _is_heading(paragraph, before, following):
            kind, level = BlockKind.HEADING, _level_by_number(first)
        elif first.is_item:
            kind, level = BlockKind.ITEM, 1 + min(first.indent // 2, 5)
        block_start, block_end = trim(text, first.start, last.end)
        if kind is BlockKind.HEADING and text[block_end - 1] == ":":
            block_end -= 1
        blocks.append(Block(kind=kind, start=block_start, end=block_end, level=level))
    return _with_ranks(text, _without_stacked_headings(text, blocks))


def _lines_of(text: str, start: int) -> list[_Line]:
    index = LineIndex(text, start)
    lines: list[_Line] = []
    follows_blank = True
    for number, line_start in enumerate(index.starts):
        line_end = index.start_of(number + 1)
        line = text[line_start:line_end]
        if not line.strip():
            follows_blank = True
            continue
        lines.append(
            _Line(start=line_start, end=line_end, text=line.rstrip(), follows_blank=follows_blank)
        )
        follows_blank = False
    return lines


def _paragraphs_of(lines: list[_Line]) -> list[list[_Line]]:
    runs: list[list[_Line]] = []
    for line in lines:
        if line.follows_blank or not runs:
            runs.append([line])
        else:
            runs[-1].append(line)
    paragraphs: list[list[_Line]] = []
    for run in map(_with_facts, runs):
        if _is_unmarked_list(run):
            paragraphs += [[replace(line, place=place)] for place, line in enumerate(run)]
            continue
        width = max(len(line.text) for line in run)
        paragraphs.append([run[0]])
        for before, line, behind in zip(run, run[1:], [*run[2:], None], strict=False):
            first = paragraphs[-1][0]
            hangs = first.is_item and line.indent > first.indent
            continues = hangs or (
                _is_wrapped(before, line, behind, width) or _goes_on(run[0], before, line, width)
            )
            is_apart = line.is_item or any(one.is_underline or one.marked for one in (before, line))
            if continues and not is_apart:
                paragraphs[-1].append(line)
            else:
                paragraphs.append([line])
    return paragraphs


def _with_facts(run: list[_Line]) -> list[_Line]:
    """Return lines with those marked that say something behind a label, if three or more do."""
    labelled = [LABELLED_LINE.match(line.text) is not None for line in run]
    if sum(labelled) < _FEWEST_FACTS:
        return run
    return [replace(line, is_fact=is_fact) for line, is_fact in zip(run, labelled, strict=True)]


def _is_unmarked_list(run: list[_Line]) -> bool:
    """Tell a list that has no marks, below its heading or not: four lines or more.

    Each begins with a capital, and none ends like a sentence or goes on in the next.
    """
    return len(run) >= _FEWEST_LINES_OF_LIST and all(
        line.text.lstrip()[0].isupper()
        and not line.text.endswith((*_ENDS_OF_SENTENCE, ",", ";"))
        and not (line.is_item or line.is_underline or line.marked or _COLUMNS.search(line.text))
        for line in run
    )


def _is_wrapped(before: _Line, line: _Line, behind: _Line | None, width: int) -> bool:
    if not _MIN_CHARACTERS_OF_WRAPPED_LINE <= width <= _MAX_CHARACTERS_OF_WRAPPED_LINE:
        return False
    # A short line behind the end of a sentence is a heading, if it does not end the paragraph.
    stands_alone = (
        before.text.endswith(_ENDS_OF_SENTENCE)
        and behind is not None
        and not line.text.endswith(_ENDS_OF_SENTENCE)
        and _would_fit(line, behind, width)
    )
    return not stands_alone and not _would_fit(before, line, width)


def _goes_on(first: _Line, before: _Line, line: _Line, width: int) -> bool:
    """Tell whether a line goes on with a sentence, though its first word would have fitted before.

    Written by hand, lines are of uneven width. The first line of a run may be a heading, and a run
    that begins in lower case a list.
    """
    if not _MIN_CHARACTERS_OF_WRAPPED_LINE <= width <= _MAX_CHARACTERS_OF_WRAPPED_LINE:
        return False
    text = before.text
    if text.endswith(_ENDS_OF_SENTENCE) or text.isupper() or _COLUMNS.search(text):
        return False
    if first.text.lstrip()[0].islower() or 2 * len(text) < width:
        return False
    if _SURELY_UNFINISHED.search(text):
        return True
    goes_on = line.text.lstrip()[0].islower()
    is_long = before is not first or 4 * len(text) >= 3 * width
    return goes_on and (is_long or _UNFINISHED.search(text) is not None)


def _would_fit(before: _Line, line: _Line, width: int) -> bool:
    """Say whether the first word of a line has room on the line before."""
    return len(before.text) + 1 + len(line.text.split(maxsplit=1)[0]) <= width


def _read_marked(line: _Line, following: _Line | None) -> Block | None:
    """Return the heading that a line between marks is, without them."""
    match = line.marked
    if match is None or following is None:
        return None
    group = "inside" if match["inside"] else "behind"
    marks = match["marks"] or match["before"]
    if not any(character.isalpha() for character in match[group]):
        return None
    return Block(
        kind=BlockKind.HEADING,
        start=line.start + match.start(group),
        end=line.start + match.end(group),
        level=len(marks) if marks[0] in "=#" else 2,
    )


def _is_heading(paragraph: list[_Line], before: _Line | None, following: _Line | None) -> bool:
    line = paragraph[0].text.strip()
    if len(paragraph) > 1 or following is None or len(line) > _MAX_CHARACTERS_OF_HEADING:
        return False
    if following.is_underline and not following.follows_blank:
        return True
    if paragraph[0].is_item:
        is_in_list = following.is_item or (before is not None and before.is_item)
        if is_in_list or not _NUMBERED.match(line):
            return False
    words = line.split()
    if _NUMBERED_NAME.fullmatch(line):
        return following.follows_blank
    if _TITLE_WITH_COLON.fullmatch(line):
        return not following.is_item
    return (
        len(words) <= _MAX_WORDS_OF_HEADING
        and not line.endswith((".", "!", ",", ";", ":", "…"))
        and any(character.isalpha() for character in line)
        and not next(character for character in line if character.isalpha()).islower()
        and _TELLS_A_FACT.match(line) is None
        and not paragraph[0].is_fact
    )


def _without_stacked_headings(text: str, blocks: list[Block]) -> list[Block]:
    """Return the blocks with a long stack of short lines read as one heading and its lines."""
    result: list[Block] = []
    stack: list[Block] = []
    for block, behind in zip(blocks, [*blocks[1:], None], strict=False):
        stack.append(block)
        belongs_to_stack = (
            block.kind is BlockKind.HEADING
            and behind is not None
            and behind.kind is BlockKind.HEADING
            and text.count("\n", block.end, behind.start) == 1
        )
        if belongs_to_stack:
            continue
        if len(stack) > _MAX_STACKED_HEADINGS:
            stack[1:] = (replace(line, kind=BlockKind.ITEM, level=1) for line in stack[1:])
        result += stack
        stack = []
    return result


def _level_by_number(heading: _Line) -> int:
    numbered = _NUMBERED.match(heading.text)
    return min(2 + numbered["number"].count("."), _LOWEST_LEVEL) if numbered else 0


def _with_ranks(text: str, blocks: list[Block]) -> list[Block]:
    """Return the blocks with a rank for each heading that has none by its number or underline.

    What stands there again, "Pay" or "Duties", is a part of what stands there once.
    """
    ranked: list[Block] = []
    words = Counter(
        text[one.start : one.end].casefold() for one in blocks if one.kind is BlockKind.HEADING
    )
    for block in blocks:
        if block.kind is BlockKind.HEADING and not block.level:
            before = ranked[-1] if ranked else None
            if before and before.kind is BlockKind.HEADING:
                level = min(before.level + 1, _LOWEST_LEVEL)
            elif before:
                level = 3 if words[text[block.start : block.end].casefold()] > 1 else 2
            else:
                level = 1
            ranked.append(replace(block, level=level))
        else:
            ranked.append(block)
    return ranked
