"""The cells of table rows, and long rows told cell by cell."""

from collections.abc import Sequence

import pytest

from knowledge.blocks import Block, BlockKind
from knowledge.documents import DocumentFormat, parse_document_text
from knowledge.measuring import MeasuredText
from knowledge.sentences import Sentence, SentenceKind, outline_document
from knowledge.tables import cells_of

LONG = "Plans and performs maintenance alone, and asks for help before the risk is high. " * 3
MATRIX = f"""# Titles for the harbour

| Category | Pilot L1 | Pilot L2 |
|---|---|---|
| *Mastery* | {LONG.strip()} | Teaches all others. Writes what is taught. |
| *Reach* | the quay | the sound |
"""


def _sentences(text: str) -> list[Sentence]:
    document = parse_document_text(
        text, id_="guide.md", source="", document_format=DocumentFormat.MARKDOWN
    )

    def count(texts: Sequence[str]) -> list[int]:
        return [len(one.split()) for one in texts]

    return list(outline_document(document, MeasuredText(text, count), 100).sentences)


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| a | b  | c |", ["a", "b", "c"]),
        ("a | b | c", ["a", "b", "c"]),
        ("| a || c |", ["a", "", "c"]),
        ("|  | b |", ["", "b"]),
        (r"| a \| b | c |", [r"a \| b", "c"]),
        ("alone", ["alone"]),
    ],
)
def test_cells_are_what_stands_between_bars(row: str, cells: list[str]) -> None:
    block = Block(kind=BlockKind.ROW, start=0, end=len(row))
    assert [row[start:end] for start, end in cells_of(row, block)] == cells


def test_a_long_row_is_told_cell_by_cell_below_its_columns() -> None:
    told = [
        (one.heading_path[-2:], MATRIX[slice(*one.lead)], MATRIX[one.start : one.end])
        for one in _sentences(MATRIX)
        if one.kind is SentenceKind.ITEM and one.lead
    ]
    assert told[-2:] == [
        (("Mastery", "Pilot L2"), "Pilot L2", "Teaches all others."),
        (("Mastery", "Pilot L2"), "Pilot L2", "Writes what is taught."),
    ]
    assert {path for path, _, _ in told[:-2]} == {("Mastery", "Pilot L1")}


def test_a_short_row_is_told_whole() -> None:
    rows = [one for one in _sentences(MATRIX) if one.kind is SentenceKind.ROW]
    assert [MATRIX[one.start : one.end] for one in rows] == ["| *Reach* | the quay | the sound |"]
    assert rows[0].lead is not None
    assert MATRIX[slice(*rows[0].lead)] == "| Category | Pilot L1 | Pilot L2 |"
