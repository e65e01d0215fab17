"""What Discord's clients make of the text of a message: its Markdown, mentions and links.

Source: Discord's help page "Markdown Text 101" and the parser of its clients, which is built on
simple-markdown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a part of a text is."""

    TEXT = "text"
    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRUCK = "struck"
    SPOILER = "spoiler"
    CODE = "code"
    CODE_BLOCK = "code-block"
    LINK = "link"
    MENTION = "mention"
    TIMESTAMP = "timestamp"
    COMMAND = "command"
    EMOJI = "emoji"
    HEADING = "heading"
    SUBTEXT = "subtext"
    QUOTE = "quote"
    ITEM = "item"
    LINE_END = "line-end"


@dataclass(frozen=True)
class Node:
    """A part of a text.

    Attributes:
        text: of plain text, code, emoji and mentions, what is in it.
        detail: of a link where it leads; of a heading its level; of an item what stands before it.
    """

    kind: Kind
    text: str = ""
    children: tuple["Node", ...] = ()
    detail: str = ""


REACHING_OUT = frozenset({Kind.MENTION, Kind.TIMESTAMP, Kind.COMMAND, Kind.EMOJI, Kind.LINK})
"""What makes of a text more than its letters."""

_INLINE = [
    (Kind.TEXT, re.compile(r"\\([^\w\s]|_)")),
    (Kind.CODE, re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")),
    (Kind.LINK, re.compile(r"<(https?://[^\s>]+)>")),
    (Kind.LINK, re.compile(r"\[((?:\\.|[^\[\]\\])+)\]\(\s*<?(https?://[^\s<>]*?)>?\s*\)")),
    (Kind.LINK, re.compile(r"(?:https?|steam)://[^\s<]+[^<.,:;\"'\])\s]", re.IGNORECASE)),
    (Kind.LINK, re.compile(r"(?:discord\.gg|discord(?:app)?\.com/invite)/\w+", re.IGNORECASE)),
    (Kind.BOLD, re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    (Kind.UNDERLINE, re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")),
    (Kind.ITALIC, re.compile(r"(?<![^\W_])_((?:__|\\[\s\S]|[^\\_])+?)_(?![^\W_])")),
    (
        Kind.ITALIC,
        re.compile(r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:[^*\\\s]|\*\*)|[^\s*\\])+?)\*(?!\*)"),
    ),
    (Kind.STRUCK, re.compile(r"~~((?:\\[\s\S]|[^\\])+?)~~(?!_)")),
    (Kind.SPOILER, re.compile(r"\|\|((?:\\[\s\S]|[^\\])+?)\|\|")),
    (Kind.MENTION, re.compile(r"<(@[!&]?|#)(\d+)>")),
    (Kind.MENTION, re.compile(r"<(id):(?:browse|customize|guide|linked-roles|home)>")),
    (Kind.MENTION, re.compile(r"@(everyone|here)")),
    (Kind.TIMESTAMP, re.compile(r"<t:-?\d{1,17}(?::[tTdDfFRsS])?>")),
    (Kind.COMMAND, re.compile(r"</((?:[-\w]+ ?){1,3}):(\d+)>")),
    (Kind.EMOJI, re.compile(r"<a?:\w{2,}:\d+>")),
    (Kind.EMOJI, re.compile(r":(?:[\w+~-]*[a-z][\w+~-]*|[+-]1|100|1234):", re.IGNORECASE)),
]
_FENCE = re.compile(r"```(?:([a-z0-9_+\-.#]+?)\n)?\n*([^\n][\s\S]*?)\n*```", re.IGNORECASE)
_HEADING = re.compile(r"(#{1,3})\s+(?!#)(.+)")
_SUBTEXT = re.compile(r"-#\s+(.+)")
_QUOTE = re.compile(r" *> (.*)")
_QUOTE_ALL = re.compile(r" *>>> ([\s\S]*)")
_ITEM = re.compile(r"( *)([*+-]|\d{1,9}\.) +(\S.*)")


def parse(text: str) -> tuple[Node, ...]:
    """Return the parts of a message's content or of a text in an embed."""
    nodes: list[Node] = []
    position = 0
    for fence in _FENCE.finditer(text):
        if _is_escaped(text, fence.start()):
            continue
        nodes += _parse_lines(text[position : fence.start()])
        nodes.append(Node(Kind.CODE_BLOCK, fence[2], detail=fence[1] or ""))
        position = fence.end()
    return (*nodes, *_parse_lines(text[position:]))


def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Yield all parts of a text, each before what it contains."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def seen_text(nodes: tuple[Node, ...]) -> str:
    """Return the letters that a reader sees."""
    return "".join(
        "\n"
        if node.kind is Kind.LINE_END
        else f"{node.detail if node.kind is Kind.ITEM else ''}{node.text}{seen_text(node.children)}"
        for node in nodes
    )


def _parse_lines(text: str) -> Iterator[Node]:
    """Yield the parts of a text without code blocks, line by line."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number:
            yield Node(Kind.LINE_END)
        if everything := _QUOTE_ALL.fullmatch("\n".join(lines[number:])):
            yield Node(Kind.QUOTE, children=tuple(_parse_lines(everything[1])))
            return
        yield from _parse_line(line)


def _parse_line(line: str) -> Iterator[Node]:
    if found := _HEADING.fullmatch(line):
        yield Node(Kind.HEADING, children=tuple(_parse_inline(found[2])), detail=str(len(found[1])))
    elif found := _SUBTEXT.fullmatch(line):
        yield Node(Kind.SUBTEXT, children=tuple(_parse_inline(found[1])))
    elif found := _QUOTE.fullmatch(line):
        yield Node(Kind.QUOTE, children=tuple(_parse_line(found[1])))
    elif found := _ITEM.fullmatch(line):
        sign = found[2] if found[2][0].isdigit() else "•"
        yield Node(Kind.ITEM, children=tuple(_parse_inline(found[3])), detail=f"{found[1]}{sign} ")
    else:
        yield from _parse_inline(line)


def _parse_inline(text: str) -> Iterator[Node]:
    """Yield the parts of a text within a line; neighbouring letters are one part."""
    plain = ""
    position = 0
    while position < len(text):
        kind, found = _match(text, position)
        if found is None:
            plain += text[position]
            position += 1
        elif kind is Kind.TEXT:
            plain += found[1]
            position = found.end()
        else:
            if plain:
                yield Node(Kind.TEXT, plain)
            plain = ""
            yield _node_of(kind, found)
            position = found.end()
    if plain:
        yield Node(Kind.TEXT, plain)


def _match(text: str, position: int) -> tuple[Kind, re.Match[str] | None]:
    if text[position].isalnum() and text[position] not in "hHsSdD":
        return Kind.TEXT, None
    for kind, pattern in _INLINE:
        found = pattern.match(text, position)
        if found is not None:
            return kind, found
    return Kind.TEXT, None


def _node_of(kind: Kind, found: re.Match[str]) -> Node:
    match kind:
        case Kind.CODE:
            return Node(kind, found[2].strip() or found[2])
        case Kind.LINK if found.lastindex == 2:
            return Node(kind, children=tuple(_parse_inline(found[1])), detail=found[2])
        case Kind.LINK:
            address = found[1] if found.lastindex else found[0]
            return Node(kind, address, detail=address)
        case Kind.MENTION | Kind.TIMESTAMP | Kind.EMOJI:
            return Node(kind, found[0])
        case Kind.COMMAND:
            return Node(kind, f"/{found[1]}", detail=found[2])
        case _:
            return Node(kind, children=tuple(_parse_inline(found[1])))


def _is_escaped(text: str, position: int) -> bool:
    before = text[:position]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
