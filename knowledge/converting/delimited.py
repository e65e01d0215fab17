"""Tables in files of comma- or tab-separated values: each row a line of a Markdown table."""

import csv
import io
import re
from collections.abc import Sequence

from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.kinds import kind_of
from knowledge.converting.markdown_writer import MarkdownWriter, escape_text, tidy_text
from knowledge.reading.decoding import DecodingError, decode_text

VERSION = "csv-1"
_DELIMITERS = ",;\t|"
_CHARACTERS_SNIFFED = 20_000
_ROWS_SNIFFED = 50
_CHARACTERS_BETWEEN_HEADERS = 500
"""A long table is written as several, so that most passages hold the header of their rows.

Of a table of 80 rows in 16 passages of 160 tokens, 14 passages held the header with 600, and
8 with 1,200.
"""
_NUMBER = re.compile(r"[-+]?[\d.,  ]*\d\s*%?")
_MAX_CELL_CHARACTERS = 10_000_000


def identity() -> str:
    """Name the converter and its version."""
    return VERSION


def convert(data: bytes) -> ConvertedText:
    """Return the table, its first row as the header unless it holds numbers.

    Raises:
        ConversionError: it is not text, or no table.
    """
    if kind_of(data) not in {"text", "of no known kind"}:
        raise ConversionError(f"it is not a table in text but {kind_of(data)}")
    try:
        text = decode_text(data).replace("\0", "")
    except DecodingError as error:
        raise ConversionError(str(error)) from error
    rows = [[tidy_text(cell) for cell in row] for row in _read_rows(text)]
    rows = [row for row in rows if any(row)]
    if not rows:
        raise ConversionError("it is empty")
    writer = MarkdownWriter()
    if max(map(len, rows)) == 1:
        for (cell,) in rows:
            writer.write_paragraph(escape_text(cell))
        return writer.finish()
    _write_tables(rows, writer)
    return writer.finish()


def _write_tables(rows: Sequence[Sequence[str]], writer: MarkdownWriter) -> None:
    has_header = len(rows) > 1 and not any(_NUMBER.fullmatch(cell) for cell in rows[0])
    header = [escape_text(cell) for cell in rows[0]] if has_header else []
    table: list[list[str]] = []
    characters = 0
    for row in rows[1:] if has_header else rows:
        table.append([escape_text(cell) for cell in row])
        characters += sum(map(len, row))
        if header and characters > _CHARACTERS_BETWEEN_HEADERS:
            writer.write_table(header, table)
            table, characters = [], 0
    if table:
        writer.write_table(header, table)


def _read_rows(text: str) -> list[list[str]]:
    csv.field_size_limit(_MAX_CELL_CHARACTERS)
    first_line, _, rest = text.partition("\n")
    named = re.fullmatch(r'"?sep=(.)"?\s*', first_line)
    delimiter = named[1] if named else _find_delimiter(text)
    try:
        return list(csv.reader(io.StringIO(rest if named else text), delimiter=delimiter))
    except csv.Error as error:
        raise ConversionError(f"its table can't be read ({error})") from error


def _find_delimiter(text: str) -> str:
    """Return the delimiter by which most rows have the same number of cells.

    `csv.Sniffer` is led astray by prose in cells, and takes letters for delimiters.
    """
    sample = text[:_CHARACTERS_SNIFFED]
    scores = []
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row]
        except csv.Error:
            continue
        if len(sample) < len(text):
            rows = rows[:-1]
        widths = [len(row) for row in rows[:_ROWS_SNIFFED]]
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        share = widths.count(common) / len(widths) if widths else 0.0
        scores.append((common > 1, share, common, delimiter))
    return max(scores, key=lambda score: score[:3])[3] if scores else ","
