"""A document is a row of blocks: headings, paragraphs, list items, table rows, code."""

import re
from dataclasses import dataclass
from enum import StrEnum

HEADING_WITHOUT_SPACE = re.compile(
    r"^ {0,3}(?P<marks>#{2,6}(?=[^#\s])|#(?=[A-ZÀ-ÖØ-Þ]))", re.MULTILINE
)
"""`##Heading` and `#Heading` are headings to those who write them; `#1` and `#general` are not."""

LABELLED_LINE = re.compile(r"[\s>*_]*(?P<label>[^\W\d_][^:.?!()*_]{1,30}):[*_]*\s+\S")
"""A line that says something behind a label: "Pay: $13 an hour", "**Reports to:** a nurse"."""

ADMONITION = re.compile(r"(?:!!!|\?\?\?\+?)[ \t]+[\w-]+(?:[ \t]+\"(?P<title>.*)\")?[ \t]*")
"""A line that opens what MkDocs sets apart: `!!! note`, `??? tip "The manager"`."""

LEVEL_OF_BOLD_LINE = 7
"""The rank of a heading that is but a bold line of its own: below all others."""

MAX_NESTING = 100
"""How many lists and quotes within one another are read; markdown-it drops what is deeper."""


class BlockKind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    HEADER_ROW = "header row"
    ROW = "row"
    CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of a document.

    `start` and `end` are code points of the document's text, end-exclusive. `level` is a heading's
    rank (1 is the highest) or a list item's depth (1 is the outermost), else 0.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0


class LineIndex:
    """Offsets of the lines of a text, where only LF ends a line.

    `str.splitlines` also splits at form feeds, U+2028 and others, which no Markdown parser does.
    """

    def __init__(self, text: str, start: int = 0) -> None:
        """Index the lines of `text` from offset `start` on."""
        self._text_end = len(text)
        self.starts = [start]
        position = text.find("\n", start)
        while position != -1:
            self.starts.append(position + 1)
            position = text.find("\n", position + 1)

    def start_of(self, line: int) -> int:
        """Return where line `line` starts, or the text's end past the last line."""
        return self.starts[line] if line < len(self.starts) else self._text_end


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without white space at its ends; it may be empty."""
    piece = text[start:end]
    stripped = piece.lstrip()
    start += len(piece) - len(stripped)
    return start, start + len(stripped.rstrip())
