"""Markdown markup is taken off what is shown and what is encoded, here and nowhere else."""

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_ATX_WITHOUT_SPACE = re.compile(r"^\s{0,3}#{1,6}(?=[^#\s])")
_UNRESOLVED_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\[[^\[\]]*\])")
_LEFT_OVER_STRONG = re.compile(r"\*\*")
_WHITE_SPACE = re.compile(r"\s+")


@cache
def _inline_reader() -> MarkdownIt:
    # A quote is a piece of a block, so nothing in it is indented code or a block of HTML.
    return MarkdownIt("commonmark").disable(["code", "html_block", "reference"]).enable("strikethrough")


def remove_markup(quote: str) -> str:
    """Return the words of a quote on one line, without Markdown markup.

    Heading marks, list marks, block-quote marks, emphasis, code ticks, HTML tags and the addresses
    of links go; text, link text and the alternative text of images stay, in order. The outer bars
    of a table row go and the inner ones stay.
    """
    source = _ATX_WITHOUT_SPACE.sub("", quote.strip())
    words = " ".join(
        _text_of(child)
        for token in _inline_reader().parse(source)
        for child in ([token] if token.type == "fence" else [_joined(token)])
        if token.type in {"inline", "fence"}
    )
    words = _UNRESOLVED_LINK.sub(r"\1", words)
    words = _LEFT_OVER_STRONG.sub("", words)
    words = _WHITE_SPACE.sub(" ", words).strip()
    if words.startswith("|") and len(words) > 1:
        words = words.strip("| ")
    return words


def _joined(inline: Token) -> Token:
    text = "".join(_text_of(child) for child in inline.children or ())
    return Token("text", "", 0, content=text)


def _text_of(token: Token) -> str:
    match token.type:
        case "text" | "text_special" | "code_inline" | "fence" | "image":
            return token.content
        case "softbreak" | "hardbreak":
            return " "
        case _:
            return ""
