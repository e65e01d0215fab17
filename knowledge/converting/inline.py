"""The words of a line, in runs: some of them bold, some of them links."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from knowledge.converting.markdown_writer import escape_text, tidy_text
from knowledge.markup import remove_markup

_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>()\\`*|]+|(?!\w+:|//)[^\s<>()\\`*|:]+")


_MOST_READ_AGAIN = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Text that looks the same throughout.

    `address` is where it leads, where it is a link.
    """

    text: str
    is_bold: bool = False
    address: str | None = None


def text_of(runs: Iterable[Run]) -> str:
    """Return the words of the runs on one line, not yet escaped."""
    return tidy_text("".join(run.text for run in runs))


def write_runs(runs: Sequence[Run], *, with_bold: bool = True) -> str:
    """Return runs as Markdown on one line, which reads as their words and nothing else.

    Args:
        runs: The runs, in order.
        with_bold: Whether what is bold is marked so.
    """
    words = text_of(runs)
    has_marks = any(run.address or (run.is_bold and with_bold) for run in runs)
    if has_marks and len(words) <= _MOST_READ_AGAIN:
        marked = _write_marks(runs, with_bold=with_bold)
        if remove_markup(marked) == words:
            return marked
    return escape_text(words)


def _write_marks(runs: Sequence[Run], *, with_bold: bool) -> str:
    pieces = []
    for (is_bold, address), group in groupby(
        runs, key=lambda run: (run.is_bold and with_bold, run.address)
    ):
        text = "".join(run.text for run in group)
        words = tidy_text(text)
        if not words:
            pieces.append(text)
            continue
        inner = escape_text(words)
        if address and _ADDRESS.fullmatch(address):
            inner = f"[{inner}]({address})"
        if is_bold and any(character.isalnum() for character in words):
            inner = f"**{inner}**"
        before = " " if text[0].isspace() else ""
        after = " " if text[-1].isspace() else ""
        pieces.append(f"{before}{inner}{after}")
    return tidy_text("".join(pieces))
