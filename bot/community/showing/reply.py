"""A reply as Discord shows it: one embed, or plain messages where embeds may not be sent."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

import discord

from bot.answers.replies import (
    Answer,
    AnyReply,
    Clarify,
    Comparison,
    NotCovered,
    Several,
    Side,
    statements_of,
)
from bot.answers.reply_text import Line, Sources, lay_out, lay_out_part, side_note
from bot.answers.reply_text import clean_text as clean_line
from bot.community.showing.buttons import shows_suggestions
from bot.community.showing.text import (
    escape_line,
    escape_link_label,
    escape_text,
    measure,
    shorten,
    split_text,
)

# Discord's limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
MAX_CONTENT = 2_000
MAX_TITLE = 256
MAX_DESCRIPTION = 4_096
MAX_FIELD_VALUE = 1_024

# Ours, so that every part finds room within 6,000: title 256, description 4,096 (of a comparison
# 500 and its sides 3,600), sources 1,024, suggestions 400, and their names.
_MAX_SIDES = 10
_MAX_ALL_SIDES = 3_600
_MAX_ROLE = 100
_MAX_NOTES = 500
_MAX_NOTE = 240
_MAX_MARKS = 8
_MAX_SUGGESTIONS = 400
_MAX_CHOICES = 1_000
_MAX_SUGGESTION = 120
_MAX_SOURCE = 200
_MAX_ADDRESS = 300
_LEAST_TO_SHOW = 40

_SOURCES = "Sources"
_TO_ASK = "You could ask"
_TO_CHOOSE = "To choose from"
SUGGESTIONS = (_TO_ASK, _TO_CHOOSE)
"""What suggestions stand under where the buttons don't show them in full."""
_SMALL = "-# "
_MORE = " …"
_NOTHING = "–"
_NOT_IN_HOST = re.compile(r"[@\s\\<>()\"]")
_NOT_IN_ADDRESS = re.compile(r"[^\w!#$%&'*+,\-./:;=?~]")  # an @ could ping


def reply_embed(reply: AnyReply, *, with_question: bool) -> discord.Embed:
    """Return a reply as one embed within all of Discord's limits, to stand above its buttons.

    Args:
        reply: Any reply, however long.
        with_question: Whether the question stands above, as where nobody else has seen it.
    """
    embed = discord.Embed(colour=_colour_of(reply))
    if with_question:
        embed.title = escape_line(reply.question, MAX_TITLE) or None
    sources = Sources(statements_of(reply))
    notes = [_note(notice) for notice in reply.notices]
    match reply:
        case Answer():
            pieces = [*notes, *_pieces_of(lay_out(reply.statements, sources))]
            embed.description = _pack(pieces, MAX_DESCRIPTION)
        case Comparison():
            if notes or not reply.sides:
                embed.description = _pack(notes, _MAX_NOTES)
            _add_sides(embed, reply.sides, sources)
        case Clarify() | NotCovered():
            pieces = [*notes, _Piece(text=escape_text(reply.text))]
            embed.description = _pack(pieces, MAX_DESCRIPTION)
        case Several():
            embed.description = _pack([*notes, *_pieces_of_parts(reply, sources)], MAX_DESCRIPTION)
    if sources.labels:
        value = _pack(_source_lines(reply, sources), MAX_FIELD_VALUE)
        embed.add_field(name=_SOURCES, value=value, inline=False)
    if not shows_suggestions(reply):
        limit = _MAX_CHOICES if isinstance(reply, Clarify) else _MAX_SUGGESTIONS
        value = _pack(_items(reply.suggestions), limit)
        embed.add_field(name=_head_of_suggestions(reply), value=value, inline=False)
    return embed


def reply_contents(reply: AnyReply, *, with_question: bool) -> list[str]:
    """Return a reply as the contents of messages without embeds, whole and in order."""
    sources = Sources(statements_of(reply))
    blocks = [f"> {escape_line(reply.question, MAX_TITLE)}"] if with_question else []
    blocks += [_note(notice).whole for notice in reply.notices]
    match reply:
        case Answer():
            blocks.append(_join(_pieces_of(lay_out(reply.statements, sources))))
        case Comparison():
            blocks += [_plain_side(side, sources) for side in reply.sides]
        case Clarify() | NotCovered():
            blocks.append(escape_text(reply.text))
        case Several():
            blocks.append(_join(list(_pieces_of_parts(reply, sources))))
    if sources.labels:
        blocks.append(f"**{_SOURCES}**\n{_join(_source_lines(reply, sources))}")
    if not shows_suggestions(reply):
        blocks.append(f"**{_head_of_suggestions(reply)}**\n{_join(_items(reply.suggestions))}")
    return split_text("\n\n".join(block for block in blocks if block), MAX_CONTENT) or [_NOTHING]


def _head_of_suggestions(reply: AnyReply) -> str:
    return _TO_CHOOSE if isinstance(reply, Clarify) else _TO_ASK


def _colour_of(reply: AnyReply) -> discord.Colour:
    match reply:
        case Answer() | Comparison() | Several():
            return discord.Colour.blurple()
        case Clarify():
            return discord.Colour.gold()
        case NotCovered():
            return discord.Colour.light_grey()


def _pieces_of_parts(reply: Several, sources: Sources) -> Iterator["_Piece"]:
    """Yield each question in bold, with what is replied to it below."""
    for part in reply.parts:
        yield _Piece(before="**", text=escape_line(part.question, MAX_TITLE), after="**")
        first, *others = _pieces_of(lay_out_part(part, sources)) or [_Piece(text=_NOTHING)]
        yield from (replace(first, is_close=True), *others)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A line of Markdown, of which `text` alone may be cut where there is no room."""

    before: str = ""
    text: str = ""
    after: str = ""
    is_close: bool = False
    """Whether no empty line stands above."""

    @property
    def whole(self) -> str:
        return f"{self.before}{self.text}{self.after}"

    @property
    def gap(self) -> str:
        """What stands between the line before and this one: items and sources stay together."""
        return "\n" if self.is_close or self.before.startswith(("- ", _SMALL)) else "\n\n"

    def cut(self, limit: int) -> str:
        """Return the line within a limit, or nothing where too little of it would be left."""
        limit -= measure(self.before) + measure(self.after)
        if not self.text or limit < _LEAST_TO_SHOW:
            return ""
        return f"{self.before}{shorten(self.text, limit)}{self.after}"


def _join(pieces: Sequence[_Piece]) -> str:
    return "".join(f"{piece.gap}{piece.whole}" for piece in pieces).strip()


def _pack(pieces: Sequence[_Piece], limit: int) -> str:
    """Join pieces within a limit; the last one that finds room is cut, and the rest left out."""
    packed = ""
    for position, piece in enumerate(pieces, start=1):
        gap = piece.gap if packed else ""
        room = limit - measure(packed) - len(gap)
        spare = 0 if position == len(pieces) else len(_MORE)
        if measure(piece.whole) > room - spare:
            cut = piece.cut(room)
            packed = f"{packed}{gap}{cut}" if cut else f"{packed}{_MORE}"
            break
        packed += f"{gap}{piece.whole}"
    return packed.strip() or _NOTHING


def _add_sides(embed: discord.Embed, sides: Sequence[Side], sources: Sources) -> None:
    shown = sides[:_MAX_SIDES]
    limit = min(MAX_FIELD_VALUE, _MAX_ALL_SIDES // max(len(shown), 1) - _MAX_ROLE)
    for side in shown:
        name = escape_line(side.role, _MAX_ROLE) or _NOTHING
        embed.add_field(name=name, value=_pack(_pieces_of_side(side, sources), limit), inline=True)
    if len(sides) > len(shown):
        left_out = f"The first {len(shown)} of {len(sides)} roles are shown."
        embed.add_field(name=_NOTHING, value=left_out, inline=False)


def _pieces_of_side(side: Side, sources: Sources) -> list[_Piece]:
    note = side_note(side)
    lines = _pieces_of(lay_out(side.statements, sources, role_above=side.role))
    return [_note(note), *lines] if note else lines


def _plain_side(side: Side, sources: Sources) -> str:
    name = escape_line(side.role, _MAX_ROLE) or _NOTHING
    return f"**{name}**\n{_join(_pieces_of_side(side, sources))}"


def _note(text: str) -> _Piece:
    return _Piece(before=f"*{escape_line(text, _MAX_NOTE)}*")


def _pieces_of(lines: Iterable[Line]) -> list[_Piece]:
    return [_piece_of(line) for line in lines]


def _piece_of(line: Line) -> _Piece:
    bullet = "- " if line.is_item else ""
    label = f"**{escape_line(line.label, _MAX_ROLE)}:** " if line.label else ""
    marks = "".join(f" {_mark(number)}" for number in line.marks[:_MAX_MARKS])
    return _Piece(before=f"{bullet}{label}", text=escape_text(line.text), after=marks)


def _mark(number: int) -> str:
    return rf"\[{number}\]"


def _items(texts: Iterable[str]) -> list[_Piece]:
    return [_Piece(before=f"- {escape_line(text, _MAX_SUGGESTION)}") for text in texts]


def _source_lines(reply: AnyReply, sources: Sources) -> list[_Piece]:
    addresses: dict[int, str | None] = {}
    for statement in statements_of(reply):
        for citation in statement.citations:
            addresses.setdefault(sources.number_of(citation), citation.url)
    lines = []
    for number, label in enumerate(sources.labels, start=1):
        named = link(_words_of(label, addresses[number]), addresses[number])
        lines.append(_Piece(before=f"{_SMALL}{_mark(number)} {named}"))
    return lines


def _words_of(label: str, address: str | None) -> str:
    """Return the label of a source without its address, which is in the link."""
    return label.removesuffix(f" ({clean_line(address)})") if address else label


def link(words: str, address: str | None) -> str:
    """Return words as one escaped line, linked where the address is one of the web."""
    safe = safe_address(address) if address else None
    if safe is None:
        return escape_line(words, _MAX_SOURCE) or _NOTHING
    return f"[{escape_link_label(words, _MAX_SOURCE) or _NOTHING}](<{safe}>)"


def safe_address(address: str) -> str | None:
    """Return a web address that can stand in a masked link, or none where it is not one."""
    address = address.strip()
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    if not is_web or _NOT_IN_HOST.search(parts.netloc):
        return None
    quoted = _NOT_IN_ADDRESS.sub(lambda match: quote(match[0], errors="replace"), address)
    return quoted if measure(quoted) <= _MAX_ADDRESS else None
