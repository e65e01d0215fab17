"""Markdown is parsed into blocks by markdown-it; offsets are code points of the document."""

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.blocks import Block, BlockKind, LineIndex, trim

_ATX_WITHOUT_SPACE = re.compile(r"\s{0,3}(#{1,6})[^#\s]")
_LEVEL_OF_BOLD_LINE = 7
_MAX_WORDS_OF_BOLD_HEADING = 12


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def parse_markdown(text: str, start: int = 0) -> list[Block]:
    """Return the blocks of a Markdown text in order, without overlap.

    Beyond CommonMark, `##Heading` without a space and a short bold line of its own are headings,
    since people write them so.

    Args:
        text: The whole document, line ends as LF.
        start: Where its body starts; earlier text belongs to no block.
    """
    lines = LineIndex(text, start)
    blocks: list[Block] = []
    list_depth = 0
    item_is_fresh = False
    in_header_row = False
    tokens = _parser().parse(text[start:])
    for position, token in enumerate(tokens):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                list_depth += 1
            case "bullet_list_close" | "ordered_list_close":
                list_depth -= 1
            case "list_item_open":
                item_is_fresh = True
            case "thead_open" | "thead_close":
                in_header_row = token.type == "thead_open"
            case "tr_open":
                kind = BlockKind.HEADER_ROW if in_header_row else BlockKind.ROW
                _append(blocks, text, lines, token, kind)
            case "heading_open":
                _append(blocks, text, lines, token, BlockKind.HEADING, int(token.tag[1]))
            case "fence" | "code_block":
                _append(blocks, text, lines, token, BlockKind.CODE)
            case "html_block":
                _append(blocks, text, lines, token, BlockKind.PARAGRAPH)
            case "paragraph_open":
                inline = tokens[position + 1]
                if list_depth and item_is_fresh:
                    item_is_fresh = False
                    _append(blocks, text, lines, token, BlockKind.ITEM, list_depth)
                elif not list_depth and (level := _level_of_odd_heading(inline)):
                    _append(blocks, text, lines, token, BlockKind.HEADING, level)
                else:
                    _append(blocks, text, lines, token, BlockKind.PARAGRAPH)
    return blocks


def _append(
    blocks: list[Block], text: str, lines: LineIndex, token: Token, kind: BlockKind, level: int = 0
) -> None:
    assert token.map is not None, "markdown-it gives every block its lines"
    start, end = trim(text, lines.start_of(token.map[0]), lines.start_of(token.map[1]))
    # "- - item" nests two items on one line: the outer one has no paragraph, so none overlaps.
    if start < end and (not blocks or start >= blocks[-1].end):
        blocks.append(Block(kind=kind, start=start, end=end, level=level))


def _level_of_odd_heading(inline: Token) -> int:
    if "\n" in inline.content:
        return 0
    if match := _ATX_WITHOUT_SPACE.match(inline.content):
        return len(match[1])
    children = [child for child in inline.children or () if child.content.strip() or child.nesting]
    is_bold_throughout = (
        len(children) >= 3
        and children[0].type == "strong_open"
        and children[-1].type == "strong_close"
        and sum(child.type == "strong_open" for child in children) == 1
    )
    words = inline.content.split()
    if is_bold_throughout and len(words) <= _MAX_WORDS_OF_BOLD_HEADING:
        ends_like_sentence = inline.content.strip("*_ ").endswith((".", "!", ",", ";"))
        return 0 if ends_like_sentence else _LEVEL_OF_BOLD_LINE
    return 0
