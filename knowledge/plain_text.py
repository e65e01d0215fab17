"""Plain text is read into blocks: headings are short lines of their own, lists have marks."""

import re
from dataclasses import dataclass, replace
from itertools import groupby

from knowledge.blocks import Block, BlockKind, LineIndex, trim

_ITEM = re.compile(r"(?P<indent>\s*)(?:[-*+•‣◦▪·–—]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+\S")
_NUMBERED = re.compile(r"\s*\(?(?:\d{1,3}(?:\.\d{1,3})*)[.)]?\s+\S")
_UNDERLINE = re.compile(r"\s*(?:={3,}|-{3,}|~{3,})\s*$")
_MAX_CHARACTERS_OF_HEADING = 90
_MAX_WORDS_OF_HEADING = 12
_MAX_STACKED_HEADINGS = 3
_MAX_CHARACTERS_OF_WRAPPED_LINE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    start: int
    end: int
    text: str
    follows_blank: bool

    @property
    def is_underline(self) -> bool:
        return bool(_UNDERLINE.match(self.text))

    @property
    def is_item(self) -> bool:
        return bool(_ITEM.match(self.text))


def parse_plain_text(text: str, start: int = 0) -> list[Block]:
    """Return the blocks of a plain text in order, without overlap.

    A line is a paragraph of its own unless it was wrapped: then it is no longer than 120 characters
    and the next line's first word would not have fitted behind it. A short line that doesn't end
    like a sentence and stands before other text is a heading. A heading that directly follows
    another ranks below it.

    Args:
        text: The whole document, line ends as LF.
        start: Where its body starts; earlier text belongs to no block.
    """
    lines = _lines_of(text, start)
    blocks: list[Block] = []
    paragraphs = _paragraphs_of(lines)
    for position, paragraph in enumerate(paragraphs):
        first, last = paragraph[0], paragraph[-1]
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
        if _is_heading(paragraph, following):
            kind, level = BlockKind.HEADING, _level_after(blocks)
        elif first.is_item:
            indent = len(first.text) - len(first.text.lstrip())
            kind, level = BlockKind.ITEM, 1 + min(indent // 2, 5)
        block_start, block_end = trim(text, first.start, last.end)
        blocks.append(Block(kind=kind, start=block_start, end=block_end, level=level))
    return _without_stacked_headings(blocks)


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
    for run in runs:
        width = max(len(line.text) for line in run)
        was_wrapped = width <= _MAX_CHARACTERS_OF_WRAPPED_LINE
        paragraphs.append([run[0]])
        for before, line in zip(run, run[1:], strict=False):
            first_word = line.text.split(maxsplit=1)[0]
            would_not_fit = len(before.text) + 1 + len(first_word) > width
            continues = was_wrapped and would_not_fit and not line.is_item and not line.is_underline
            if continues and not before.is_underline:
                paragraphs[-1].append(line)
            else:
                paragraphs.append([line])
    return paragraphs


def _is_heading(paragraph: list[_Line], following: _Line | None) -> bool:
    line = paragraph[0].text.strip()
    if len(paragraph) > 1 or following is None or len(line) > _MAX_CHARACTERS_OF_HEADING:
        return False
    if following.is_underline:
        return True
    is_numbered = bool(_NUMBERED.match(line))
    if paragraph[0].is_item and not (is_numbered and not following.is_item):
        return False
    words = line.split()
    return (
        len(words) <= _MAX_WORDS_OF_HEADING
        and not line.endswith((".", "!", ",", ";", ":", "…"))
        and any(character.isalpha() for character in line)
        and not next(character for character in line if character.isalpha()).islower()
    )


def _without_stacked_headings(blocks: list[Block]) -> list[Block]:
    """Return the blocks with a long stack of short lines read as one heading and its lines."""
    result: list[Block] = []
    for is_heading, run in groupby(blocks, key=lambda block: block.kind is BlockKind.HEADING):
        members = list(run)
        if is_heading and len(members) > _MAX_STACKED_HEADINGS:
            first, *others = members
            members = [first, *(replace(block, kind=BlockKind.ITEM, level=1) for block in others)]
        result.extend(members)
    return result


def _level_after(blocks: list[Block]) -> int:
    """Return the rank of a heading that comes next: below a heading that it directly follows."""
    if not blocks:
        return 1
    if blocks[-1].kind is BlockKind.HEADING:
        return blocks[-1].level + 1
    return 2
