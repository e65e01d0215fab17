"""What converters found becomes Markdown that reads back as just that, and nothing else."""

import re
import unicodedata
from collections.abc import Sequence

from knowledge.blocks import MAX_NESTING
from knowledge.converting.converted import ConvertedText
from knowledge.markup import remove_markup

_CHARACTERS_LEFT_OUT = re.compile(
    # Controls, soft hyphens, what has no width, and surrogates; tabs and line ends are white space.
    "[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]"
)
_LIGATURES = re.compile("[\ufb00-\ufb06]")
_MAY_BE_MARKUP = re.compile(r"[\\`*_\[\]<&~|{}#]|^[-+>=]|^\d{1,9}[.)]")
_PUNCTUATION_OF_MARKUP = re.compile(r"[\\`*_\[\](){}<>&~|#!]|^[-+=]|(?<=\{)[.:]")
_NUMBER_AT_START = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
# HTML that a block opens with, and rules that a list mark and more marks make.
_READS_OTHERWISE = re.compile(r"(?<!\\)<(?=[A-Za-z/!?])|^[-*_=~ ]+$")
_MARK_AT_START = re.compile(r"^(?:#{1,6}|[-+*>]|={1,}$)")
_CLOSING_MARKS = re.compile(r"(?:(?<=\s)|^)(?=#+$)")
# What programs write where nobody has said what the title is.
_NO_TITLE = re.compile(
    r"\(?(?:untitled|anonymous|unspecified|no title|title|(?:powerpoint )?presentation|document)"
    r"\)? ?\d*|slide \d+|microsoft \w+ - .*|.*\.(?:docx?|pptx?|pdf|html?|rtf|odt|indd|tex|dvi)",
    re.IGNORECASE,
)
_MOST_READ_AGAIN = 5_000
"""Longer texts are escaped throughout: markdown-it takes long over what is all marks."""
_MAX_LEVEL = 6
_MAX_DEPTH = MAX_NESTING // 4


def tidy_text(text: str) -> str:
    """Return text on one line: white space as single spaces, without what can't be seen."""
    text = _CHARACTERS_LEFT_OUT.sub("", text)
    text = _LIGATURES.sub(lambda ligature: unicodedata.normalize("NFKC", ligature[0]), text)
    return " ".join(text.split())


def escape_text(text: str) -> str:
    r"""Return Markdown that reads as `text` does, however it begins: "# 1" becomes "\# 1".

    No more is escaped than has to be: nothing where it reads the same as it is, else the mark it
    begins with, else also what could open HTML, else all that could be markup.

    Args:
        text: One line, tidied.
    """
    if not _MAY_BE_MARKUP.search(text):
        return text
    if len(text) <= _MOST_READ_AGAIN:
        escaped = _escape_start(text)
        for candidate in (text, escaped, re.sub("[<&]", r"\\\g<0>", escaped)):
            if _READS_OTHERWISE.search(candidate) is None and remove_markup(candidate) == text:
                return candidate
    return _PUNCTUATION_OF_MARKUP.sub(r"\\\g<0>", _escape_start(text, only_number=True))


def _escape_start(text: str, *, only_number: bool = False) -> str:
    text = _NUMBER_AT_START.sub(r"\1\\\2", text)
    return text if only_number else _MARK_AT_START.sub(r"\\\g<0>", text)


def offset_in_markdown(text: str, offset: int, markdown: str) -> int:
    """Return where in the Markdown of a text the character at an offset stands.

    Args:
        text: What `escape_text` was given.
        offset: Where in it.
        markdown: What it returned, perhaps with more around it.
    """
    position = 0
    for character in text[:offset]:
        position = markdown.find(character, position) + 1
    return position


class MarkdownWriter:
    """Writes a document block by block; the words given to it are Markdown already."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._pieces: list[str] = []
        self._length = 0
        self._page_starts: list[int] = []
        self._indents: list[int] = []
        self._numbered: list[bool] = []

    def begin_page(self) -> None:
        """Let the next page begin here, though it may be within a paragraph."""
        self._page_starts.append(self._length)

    def begin_page_within(self, characters: int) -> None:
        """Let the next page begin as many characters before the end of what was written."""
        self._page_starts.append(self._length - characters)

    def write_heading(self, level: int, words: str) -> None:
        """Write a heading; without words it is none."""
        if words:
            self._begin_block()
            words = _CLOSING_MARKS.sub(r"\\", words)
            self._write(f"{'#' * min(max(level, 1), _MAX_LEVEL)} {words}")

    def write_paragraph(self, words: str) -> None:
        """Write a paragraph; without words it is none."""
        if words:
            self._begin_block()
            self._write(words)

    def write_item(self, depth: int, words: str, number: int | None = None) -> None:
        """Write a list item.

        Args:
            depth: 1 for the outermost list.
            words: Markdown on one line.
            number: Its number, where the list is numbered.
        """
        if not words:
            return
        depth = min(depth, len(self._indents) + 1, _MAX_DEPTH)
        mark = "-" if number is None else f"{min(number, 999_999_999)}."
        outer = self._indents[: depth - 1]
        if not self._indents:
            self._begin_block()
        else:
            # A number other than 1 begins no list right behind words.
            goes_on = number is None or self._numbered[depth - 1 : depth] == [True]
            self._write("\n" if goes_on else "\n\n")
        self._indents = [*outer, len(mark) + 1]
        self._numbered = [*self._numbered[: depth - 1], number is not None]
        self._write(f"{' ' * sum(outer)}{mark} {words}")

    def write_within_item(self, words: str) -> None:
        """Write a further paragraph of the list item before it, or else a paragraph."""
        if words and self._indents:
            self._write(f"\n\n{' ' * sum(self._indents)}{words}")
        else:
            self.write_paragraph(words)

    def write_table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table; rows without words are left out, and so are columns.

        Args:
            header: The words of its header's cells, on one line each; empty where it has none.
            rows: The words of each row's cells.
        """
        rows = [row for row in rows if any(row)]
        columns = [
            column
            for column in range(max(map(len, (header, *rows)), default=0))
            if any(len(row) > column and row[column] for row in (header, *rows))
        ]
        if not columns:
            return
        self._begin_block()
        lines = [_row_of(header, columns), f"|{' --- |' * len(columns)}"]
        self._write("\n".join([*lines, *(_row_of(row, columns) for row in rows)]))

    def write_code(self, code: str) -> None:
        """Write lines that are kept as they are."""
        if code.strip():
            self._begin_block()
            ticks = max((len(run) for run in re.findall("`+", code)), default=0)
            fence = "`" * max(3, ticks + 1)
            code = _CHARACTERS_LEFT_OUT.sub("", code.replace("\r\n", "\n").replace("\r", "\n"))
            self._write(f"{fence}\n{code.strip(chr(10))}\n{fence}")

    def finish(self, title: str | None = None) -> ConvertedText:
        """Return what was written."""
        if self._pieces:
            self._write("\n")
        starts = tuple(min(start, self._length) for start in self._page_starts)
        return ConvertedText(
            text="".join(self._pieces),
            page_starts=(0, *starts[1:]) if starts else (),
            title=_tidy_title(title),
        )

    def _begin_block(self) -> None:
        self._indents = []
        self._numbered = []
        if self._pieces:
            self._write("\n\n")

    def _write(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)


def _tidy_title(title: str | None) -> str | None:
    title = tidy_text(title or "")
    return None if not title or _NO_TITLE.fullmatch(title) else title


def _row_of(cells: Sequence[str], columns: Sequence[int]) -> str:
    words = (cells[column] if column < len(cells) else "" for column in columns)
    return f"| {' | '.join(_escape_bars(cell) for cell in words)} |"


def _escape_bars(cell: str) -> str:
    # A bar that is escaped already has an odd number of backslashes before it; a backslash at the
    # end would escape the cell's own.
    words = cell.rstrip("\\")
    backslashes = len(cell) - len(words)
    cell = words + "&#92;" * (1 if backslashes == 1 else backslashes // 2)
    return re.sub(r"(\\*)\|", lambda bar: bar[0] if len(bar[1]) % 2 else rf"{bar[1]}\|", cell)
