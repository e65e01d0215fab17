"""Replies in a terminal: wrapped and coloured, comparisons side by side, guides' text as it is."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

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
from bot.answers.reply_text import Line, Sources, clean_text, lay_out, lay_out_part, side_note
from bot.terminal.explanation import Rows, explanation_rows, find_excerpts, passage_rows

_MIN_COLUMNS_OF_SIDE = 28
_MAX_CHARACTERS_STANDING_CLOSE = 60
_MAX_COLUMNS_OF_TEXT = 100  # longer lines are hard to read


class TerminalScreen:
    """Shows replies with rich.

    All text goes into `Text` objects, which are never read as markup, and is cleaned of control
    characters before.
    """

    def __init__(self, console: Console | None = None) -> None:
        """Take the console, or open the terminal's."""
        self._console = console or Console(highlight=False, markup=False, emoji=False)

    def show_reply(self, reply: AnyReply, *, explain: bool = False) -> None:
        """Show a reply, and on demand how it came about."""
        sources = Sources(statements_of(reply))
        blocks: list[RenderableType] = []
        if reply.notices:
            notices = (clean_text(notice) for notice in reply.notices)
            blocks.append(Text("\n".join(notices), style="italic"))
        match reply:
            case Answer():
                blocks.append(_render_lines(lay_out(reply.statements, sources)))
            case Comparison():
                blocks.append(self._render_sides(reply.sides, sources))
            case Clarify():
                blocks.append(_render_offer(reply.text, reply.suggestions))
            case NotCovered():
                blocks.append(Text(clean_text(reply.text)))
                if reply.suggestions:
                    blocks.append(_render_offer("You could ask:", reply.suggestions))
            case Several():
                for part in reply.parts:
                    lines = _render_lines(lay_out_part(part, sources))
                    blocks.append(Group(Text(clean_text(part.question), style="bold"), lines))
        if sources.labels:
            blocks.append(_render_sources(sources))
        for position, block in enumerate(blocks):
            if position:
                self._print("")
            self._print(block)
        if explain:
            self._print("")
            self.show_rows(explanation_rows(reply))
            self._print("")
            self._print(_render_passages(reply))

    def show_sources(self, reply: AnyReply) -> None:
        """Show the passages that a reply quotes, with the quotes in their place."""
        for position, excerpt in enumerate(find_excerpts(reply)):
            if position:
                self._print("")
            self._print(Text(f"[{excerpt.number}] {excerpt.label}", style="cyan"))
            text = Text()
            for piece, is_quote in excerpt.pieces:
                text.append(piece, style="bold" if is_quote else "dim")
            self._print(Padding(text, (0, 0, 0, 2)))

    def show_rows(self, rows: Rows) -> None:
        """Show names with what belongs to them."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in rows:
            grid.add_row(Text(name, style="dim"), Text(value))
        self._print(grid)

    def show_text(self, text: str) -> None:
        """Show lines of text."""
        self._print(Text(text))

    def _render_sides(self, sides: tuple[Side, ...], sources: Sources) -> RenderableType:
        blocks = [_render_side(side, sources) for side in sides]
        headings = [Text(clean_text(side.role), style="bold") for side in sides]
        if self._console.width < (_MIN_COLUMNS_OF_SIDE + 1) * len(sides):
            stacked: list[RenderableType] = []
            for heading, block in zip(headings, blocks, strict=True):
                stacked += [*([Text()] if stacked else []), heading, block]
            return Group(*stacked)
        table = Table(
            box=box.SIMPLE_HEAD, expand=True, show_edge=False, padding=(0, 1), pad_edge=False
        )
        for heading in headings:
            table.add_column(heading, ratio=1, overflow="fold")
        table.add_row(*blocks)
        return table

    def _print(self, block: RenderableType) -> None:
        is_table = isinstance(block, Table)
        width = self._console.width if is_table else min(self._console.width, _MAX_COLUMNS_OF_TEXT)
        self._console.print(block, width=width)


def _render_side(side: Side, sources: Sources) -> RenderableType:
    note = side_note(side)
    said = _render_lines(lay_out(side.statements, sources, role_above=side.role))
    if note is None:
        return said
    gap = [Text()] if side.statements else []
    return Group(Text(note, style="italic"), *gap, said)


def _render_lines(lines: Sequence[Line]) -> RenderableType:
    blocks: list[RenderableType] = []
    for position, line in enumerate(lines):
        if position and _begins_paragraph(lines, position):
            blocks.append(Text())
        text = Text()
        if line.label:
            text.append(f"{line.label}: ", style="bold")
        text.append(line.text)
        for mark in line.marks:
            text.append(f" [{mark}]", style="cyan")
        blocks.append(_as_item(text) if line.is_item else text)
    return Group(*blocks)


def _begins_paragraph(lines: Sequence[Line], position: int) -> bool:
    """Tell whether a line stands apart from the one above; short ones may stand close together."""
    above, line = lines[position - 1], lines[position]
    introduces = position + 1 < len(lines) and lines[position + 1].is_item
    is_long = max(len(above.text), len(line.text)) > _MAX_CHARACTERS_STANDING_CLOSE
    return not line.is_item and (above.is_item or introduces or is_long)


def _as_item(text: Text) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    grid.add_row(Text("-"), text)
    return grid


def _render_offer(text: str, choices: Iterable[str]) -> RenderableType:
    return Group(
        Text(clean_text(text)), *(_as_item(Text(clean_text(choice))) for choice in choices)
    )


def _render_sources(sources: Sources) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for number, label in enumerate(sources.labels, start=1):
        grid.add_row(Text(f"[{number}]", style="cyan dim"), Text(label, style="dim"))
    return grid


def _render_passages(reply: AnyReply) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    for name in ("#", "score", "dense", "lex"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("passage", overflow="fold")
    for number, row in enumerate(passage_rows(reply), start=1):
        passage = Text(row.place)
        for mark in row.marks:
            passage.append(f" [{mark}]", style="cyan")
        passage.append(f"\n{row.snippet}", style="dim")
        scores = (f"{row.score:.2f}", f"{row.dense:.2f}", f"{row.lexical:.2f}")
        table.add_row(str(number), *scores, passage)
    return table
