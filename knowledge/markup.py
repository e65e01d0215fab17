"""Markdown markup is taken off what is shown and what is encoded, here and nowhere else."""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from knowledge.blocks import ADMONITION, HEADING_WITHOUT_SPACE

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_COMMENT = re.compile(r"^[ \t]{0,3}<!--.*?(?:-->|\Z)", re.DOTALL | re.MULTILINE)
_ATTRIBUTES = re.compile(r"\{:?[ \t]*[.#][^{}]*\}$")
_LABEL = re.compile(r"\[[^\[\]]*\]")
_TAG_WITHIN_WORDS = re.compile(
    r"<!--|</?(?:a|abbr|b|bdi|bdo|cite|code|del|dfn|em|font|i|ins|kbd|label|mark|q|s|samp|small"
    r"|span|strike|strong|sub|sup|time|tt|u|var|wbr)\b",
    re.IGNORECASE,
)
# A sentence out of a bold or slanted paragraph has the opening mark or the closing one, not both.
_LEFT_OVER_MARK = re.compile(
    r"(?<!\w)\*{2,3}(?=\S)|(?<=\S)\*{2,3}(?!\w)"
    r"|^(?:\*|_{1,3})(?=[\w\"“‘(\[])|(?<=[.!?:…)\"”’])(?:\*|_{1,3})$"
)
_WHITE_SPACE = re.compile(r"\s+")
# A line's last sentence has what ended the line.
_HARD_BREAK_AT_END = re.compile(r"(?<=[^\\])\\\Z")


# Most texts hold no markup or the simplest, which is read without a parser; what is matched here
# reads the same to the parser. A passage is a row of lines, each with a list or heading mark, or a
# row of a table, or without; what might be another block at a line's start is not matched.
_CHARACTER = r"[^\\`*_\[\]<&~|{}#\0\r\n]"
_EMPHASISED = rf"[^\W_](?:{_CHARACTER}*(?:[^\W_]|[.,:;!?)]))?"
_EMPHASES = "|".join(f"{mark}{_EMPHASISED}{mark}" for mark in (r"\*\*", r"\*", "__", "_"))
_EMPHASIS = rf"(?<![^ \t\n(])(?:{_EMPHASES})(?![^ \t\n.,:;!?)])"
_LINK = rf"(?<!!)\[{_CHARACTER}+\]\([^\s()<>\\`*|\0-\x20\x7f]*\)"
_SIGN_WITHIN_WORD = r"(?<=[^\W_])(?:#|_(?=[^\W_]))|&(?!#|\w+;)|~(?!~)"
_PIECE = rf"(?:{_CHARACTER}++|{_SIGN_WITHIN_WORD}|{_EMPHASIS}|{_LINK})"
_MARK = r" {0,3}(?:#{1,6}|[-*+])[ \t]++"
_NUMBER = r"[0-9]{1,9}[.)][ \t]++"
_ROW = rf" {{0,3}}\|(?:{_PIECE}|\|)*+"
_TEXT = rf"[ \t]*+(?![-+=>]|[0-9]+[.)])(?=[^ \t\n]){_PIECE}++"
_SIMPLE = re.compile(
    rf"(?>(?:{_MARK}|{_NUMBER})?{_TEXT}|{_ROW}|)(?:\n(?>(?:{_MARK})?{_TEXT}|{_ROW}|[ \t]*+))*+"
)
_MARKS_OF_LINES = re.compile(rf"^{_MARK}|\A{_NUMBER}", re.MULTILINE)
_SIMPLE_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
_UNDERSCORES_AROUND_WORDS = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")

_TEXTS_HELD = 2_048
_MAX_CHARACTERS_HELD = 4_096


def remove_markup(quote: str) -> str:
    """Return the words of a quote on one line, without Markdown markup.

    Heading marks, list marks, block-quote marks, emphasis, code ticks, HTML tags and comments, the
    addresses and definitions of links, attributes like `{#name}` at a line's end, the outer bars of
    a table's rows and its delimiter line go, and so does what says that a title is an admonition's.
    Text, link text and the alternative text of images
    stay, in order.
    """
    quote = _HARD_BREAK_AT_END.sub("", quote.strip())
    if quote.startswith(("!!!", "???")) and (match := ADMONITION.fullmatch(quote)) is not None:
        quote = match["title"] or ""
    if _SIMPLE.fullmatch(quote):
        return _remove_simple_markup(quote)
    return _parse_again(quote) if len(quote) <= _MAX_CHARACTERS_HELD else _parse(quote)


def _remove_simple_markup(quote: str) -> str:
    words = _MARKS_OF_LINES.sub("", quote)
    if "|" in words:
        words = "\n".join(_tidy_line(line.strip()) for line in words.split("\n"))
    if "[" in words:
        words = _SIMPLE_LINK.sub(r"\1", words)
    if "*" in words:
        words = words.replace("*", "")
    if "_" in words:
        words = _UNDERSCORES_AROUND_WORDS.sub("", words)
    return " ".join(words.split())


def _parse(quote: str) -> str:
    source = HEADING_WITHOUT_SPACE.sub(r"\g<marks> ", _COMMENT.sub("", quote))
    words = " ".join(
        token.content if token.type == "fence" else _words_of(token)
        for token in _reader().parse(source)
        if token.type in {"inline", "fence"}
    )
    return _WHITE_SPACE.sub(" ", words).strip()


# A sentence is asked for when it is split, counted, searched for roles and stored.
_parse_again = lru_cache(maxsize=_TEXTS_HELD)(_parse)


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable("strikethrough")
    # A quote is a piece of a block, so nothing in it is indented code or a block of HTML. Escaped
    # characters stay apart from the text, since they are no marks.
    reader.disable(["code", "html_block", "text_join"])
    reader.core.ruler.before("inline", "table_rows", _tidy_lines)
    reader.inline.ruler.after("image", "link_defined_elsewhere", _read_link_defined_elsewhere)
    # Addresses are never followed nor shown, so any will do.
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    return reader


def _tidy_lines(state: "StateCore") -> None:
    for token in state.tokens:
        if token.type == "inline":
            lines = (_tidy_line(line.strip()) for line in token.content.split("\n"))
            token.content = "\n".join(line for line in lines if line)


def _tidy_line(line: str) -> str:
    if "|" in line and not line.strip("|:- \t"):
        return ""
    if line.startswith("|"):
        line = line.strip("| \t")
        return f"{line}|" if line.endswith("\\") else line
    return _ATTRIBUTES.sub("", line) if line.endswith("}") else line


def _read_link_defined_elsewhere(state: "StateInline", silent: bool) -> bool:
    """Read `[text][label]` as a link though its definition is not part of the quote."""
    opening = state.pos + (state.src[state.pos] == "!")
    follows_word = state.pos > 0 and state.src[state.pos - 1].isalnum()
    if state.src[opening : opening + 1] != "[" or follows_word:
        return False
    closing = state.md.helpers.parseLinkLabel(state, opening, True)
    label = _LABEL.match(state.src, closing + 1, state.posMax) if closing >= 0 else None
    if label is None:
        return False
    if not silent:
        end = state.posMax
        state.pos, state.posMax = opening + 1, closing
        state.md.inline.tokenize(state)
        state.posMax = end
    state.pos = label.end()
    return True


def _words_of(inline: "Token") -> str:
    pieces = [piece for child in inline.children or () for piece in _pieces_of(child)]
    words = "".join(piece for piece, _ in pieces)
    may_be_mark = [is_text for piece, is_text in pieces for _ in piece]
    return _LEFT_OVER_MARK.sub(lambda mark: "" if may_be_mark[mark.start()] else mark[0], words)


def _pieces_of(token: "Token") -> list[tuple[str, bool]]:
    """Return the words of an inline token, and whether they are text that may hold marks."""
    match token.type:
        case "text":
            return [(token.content, True)]
        case "text_special" | "code_inline":
            return [(token.content, False)]
        case "softbreak" | "hardbreak":
            return [(" ", False)]
        case "image":
            return [piece for child in token.children or () for piece in _pieces_of(child)]
        case "html_inline" if not _TAG_WITHIN_WORDS.match(token.content):
            return [(" ", False)]
        case _:
            return []
