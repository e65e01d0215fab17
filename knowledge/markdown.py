"""Markdown is parsed into blocks by markdown-it; offsets are code points of the document."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from textwrap import dedent
from typing import TYPE_CHECKING

from knowledge.blocks import (
    ADMONITION,
    HEADING_WITHOUT_SPACE,
    LABELLED_LINE,
    LEVEL_OF_BOLD_LINE,
    MAX_NESTING,
    Block,
    BlockKind,
    LineIndex,
    trim,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MAX_WORDS_OF_BOLD_HEADING = 12
# "**Front Desk Supervisor** (40 positions)"
_BEHIND_BOLD = re.compile(r"(?P<mark>\*\*|__)\s+\([^()\n]{1,80}\)$")
_MOST_LINES_OF_BOLD_HEADING = 2
_ANCHOR = re.compile(r"<(?P<tag>a|span)\b[^<>]*>\s*</(?P=tag)>", re.IGNORECASE)
# Liquid's and Hugo's tags, fences of admonitions, MyST's labels, kramdown's attributes, contents.
_LINE_OF_GENERATOR = re.compile(
    r"^[ \t]*(?:\{%.*%\}|\{\{[<%].*[>%]\}\}|:::.*|\(\S+\)=|\{:.*\}"
    r"|\[\[?(?:toc|TOC)\]\]?)[ \t]*$",
    re.MULTILINE,
)
_INDENT = "    "
_BEGINS_PROSE = re.compile(r"\s*(?:(?:[-*+•]|\d+[.)])\s+\S|[A-Z\d“\"'])")
_PLAIN_WORD = re.compile(r"[(“\"'*_\[]*[^\W\d_][\w’'/,-]*[.,;:!?)”\"'*_\]]*")
_CODE = re.compile(r"[{}=<>$\\|`]|\w\(\)|//|;$|^\s*#", re.MULTILINE)
_FEWEST_WORDS_OF_PROSE = 6
_SHARE_OF_PLAIN_WORDS = 0.7
_FEWEST_LABELLED_LINES = 2
_LINE_END = re.compile(r"\n")
_HTML_WITHOUT_WORDS = re.compile(r"<(?:script|style|pre|textarea|[!?])", re.IGNORECASE)
_HTML_PART = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<tag>h[1-6]|li|tr|p|div|dt|dd|summary|blockquote)\b",
    re.DOTALL | re.IGNORECASE,
)
_HTML_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<[^<>]*>", re.DOTALL)


def parse_markdown(text: str, start: int = 0) -> list[Block]:
    """Return the blocks of a Markdown text in order, without overlap.

    Beyond CommonMark, `##Heading` without a space and a short bold line of its own are headings,
    and indented sentences and lists are no code, since people write them so. A block of HTML is
    read as its headings, items, rows and paragraphs, and lines that are for a site generator alone
    are read as blank.

    Args:
        text: The whole document, line ends as LF.
        start: Where its body starts; earlier text belongs to no block.
    """
    lines = LineIndex(text, start)
    blocks: list[Block] = []
    list_depth = 0
    item_is_fresh = False
    in_header_row = False
    # Only the lines of the tokens are used, and spaces within lines don't change them.
    source = _LINE_OF_GENERATOR.sub("", _open_admonitions(dedent(text[start:])))
    tokens = _tokens_of(HEADING_WITHOUT_SPACE.sub(r"\g<marks> ", source))
    for position, token in enumerate(tokens):
        kind, level = BlockKind.PARAGRAPH, list_depth
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                list_depth += 1
                continue
            case "bullet_list_close" | "ordered_list_close":
                list_depth -= 1
                continue
            case "list_item_open" | "list_item_close":
                item_is_fresh = token.nesting > 0
                continue
            case "thead_open" | "thead_close":
                in_header_row = token.nesting > 0
                continue
            case "tr_open":
                kind = BlockKind.HEADER_ROW if in_header_row else BlockKind.ROW
            case "heading_open":
                kind, level = BlockKind.HEADING, int(token.tag[1])
            case "fence" | "code_block":
                kind = BlockKind.CODE
            case "paragraph_open" if item_is_fresh:
                kind, item_is_fresh = BlockKind.ITEM, False
            case "paragraph_open":
                if not list_depth and _is_bold_line(tokens[position + 1].content):
                    kind, level = BlockKind.HEADING, LEVEL_OF_BOLD_LINE
            case "html_block":
                pass
            case _:
                continue
        assert token.map is not None, "markdown-it gives every block its lines"
        block_start, block_end = trim(
            text, lines.start_of(token.map[0]), lines.start_of(token.map[1])
        )
        # "- - item" nests two items on one line: the outer one has no paragraph, so none overlaps.
        if block_start < block_end and (not blocks or block_start >= blocks[-1].end):
            if kind is BlockKind.HEADING and text.startswith(("!!!", "???"), block_start):
                level = LEVEL_OF_BOLD_LINE
            block = Block(kind=kind, start=block_start, end=block_end, level=level)
            if token.type == "html_block":
                blocks += _blocks_of_html(text, block)
            elif kind is BlockKind.PARAGRAPH:
                blocks += _labelled_lines(text, block)
            else:
                blocks.append(block)
    return blocks


def _open_admonitions(source: str) -> str:
    """Return a text with what is indented below MkDocs' admonitions as if it weren't.

    The title of '??? tip "The manager"' is a heading, and one without a title is a blank line.
    """
    lines = source.split("\n")
    is_within = False
    for place, line in enumerate(lines):
        if (match := ADMONITION.fullmatch(line)) is not None:
            title = (match["title"] or "").rstrip(".!,;")
            lines[place] = f"###### {title}" if title else ""
            is_within = True
        elif line.strip() and not line.startswith((_INDENT, "\t")):
            is_within = False
        elif is_within:
            lines[place] = line.removeprefix(_INDENT).removeprefix("\t")
    return "\n".join(lines)


def _labelled_lines(text: str, paragraph: Block) -> list[Block]:
    """Return a paragraph's lines where each says something behind a label, else the paragraph."""
    source = text[paragraph.start : paragraph.end]
    starts = [
        paragraph.start,
        *(match.end() + paragraph.start for match in _LINE_END.finditer(source)),
    ]
    labels = [LABELLED_LINE.match(text, start, paragraph.end) for start in starts]
    # A sentence that goes on in the next line does so in lower case.
    cases = {label["label"][0].islower() for label in labels if label}
    if len(starts) < _FEWEST_LABELLED_LINES or not all(labels) or len(cases) > 1:
        return [paragraph]
    spans = (trim(text, *span) for span in itertools.pairwise([*starts, paragraph.end]))
    return [replace(paragraph, start=start, end=end) for start, end in spans]


def _tokens_of(source: str) -> "Sequence[Token]":
    """Return what markdown-it reads, with sentences and lists that are but indented."""
    tokens = _reader().parse(source)
    indented = [
        token
        for token in tokens
        if token.type == "code_block" and not token.level and _is_prose(token.content)
    ]
    if not indented:
        return tokens
    lines = source.split("\n")
    for token in indented:
        assert token.map is not None, "markdown-it gives every block its lines"
        plain = dedent(token.content).rstrip("\n").split("\n")
        lines[token.map[0] : token.map[0] + len(plain)] = plain
    return _reader().parse("\n".join(lines))


def _is_prose(code: str) -> bool:
    """Tell indented sentences and lists from code: words, begun by a capital or a list's mark."""
    words = code.split()
    plain = sum(_PLAIN_WORD.fullmatch(word) is not None for word in words)
    most = max(len(line.split()) for line in code.split("\n"))
    return (
        _BEGINS_PROSE.match(code) is not None
        and _CODE.search(code) is None
        and most >= _FEWEST_WORDS_OF_PROSE
        and plain >= _SHARE_OF_PLAIN_WORDS * len(words)
    )


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # What is within a block is read where it is needed, and only there.
    options = {"maxNesting": MAX_NESTING}
    return MarkdownIt("commonmark", options).enable("table").disable("inline")


@cache
def _reader_of_lines() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


def _is_bold_line(line: str) -> bool:
    line = _BEHIND_BOLD.sub(r"\g<mark>", _ANCHOR.sub("", line).strip())
    lines = line.count("\n") + 1
    is_short = (
        lines <= _MOST_LINES_OF_BOLD_HEADING and len(line.split()) <= _MAX_WORDS_OF_BOLD_HEADING
    )
    if not is_short or not line.startswith(("**", "__")):
        return False
    children = _reader_of_lines().parseInline(line)[0].children or []
    children = [child for child in children if child.content.strip() or child.nesting]
    is_bold_throughout = (
        children[0].type == "strong_open"
        and children[-1].type == "strong_close"
        and sum(child.type == "strong_open" for child in children) == 1
    )
    return is_bold_throughout and not line.strip("*_ ").endswith((".", "!", ",", ";"))


def _blocks_of_html(text: str, block: Block) -> Iterator[Block]:
    html = text[block.start : block.end]
    if _HTML_WITHOUT_WORDS.match(html):
        yield Block(kind=BlockKind.CODE, start=block.start, end=block.end, level=block.level)
        return
    parts = [part for part in _HTML_PART.finditer(html) if part["tag"]]
    bounds = [(0, ""), *((part.start(), part["tag"].lower()) for part in parts)]
    ends = [*(start for start, _ in bounds[1:]), len(html)]
    for (start, tag), end in zip(bounds, ends, strict=True):
        if not _HTML_TAG.sub("", html[start:end]).strip():
            continue
        kind, level = BlockKind.PARAGRAPH, block.level
        match tag:
            case "li":
                kind, level = BlockKind.ITEM, block.level + 1
            case "tr":
                has_heads = "<th" in html[start:end].lower()
                kind = BlockKind.HEADER_ROW if has_heads else BlockKind.ROW
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                kind, level = BlockKind.HEADING, int(tag[1])
        part_start, part_end = trim(text, block.start + start, block.start + end)
        yield Block(kind=kind, start=part_start, end=part_end, level=level)
