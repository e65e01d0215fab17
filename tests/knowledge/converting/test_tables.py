import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.converting.markdown_writer import MarkdownWriter
from knowledge.converting.tables import Cell, write_cells


def write(rows: list[list[Cell]]) -> str:
    writer = MarkdownWriter()
    write_cells(rows, writer)
    return writer.finish().text


def cells(*words: str, is_header: bool = False) -> list[Cell]:
    return [Cell(words=word, is_header=is_header) for word in words]


@pytest.mark.parametrize(
    ("first", "is_header"),
    [
        (cells("Level", "Pay"), True),
        (cells("", "Pay"), True),
        (cells("Level 1", "Pay in 2026 (euros)"), True),
        (cells("1", "2", is_header=True), True),
        (cells("Junior", "10"), False),
        (cells("Duties", "Learns the tools of the team, and asks many questions."), False),
        ([Cell(words="Junior", is_header=True), Cell(words="pays little")], False),
    ],
)
def test_a_header_is_marked_or_holds_short_labels(first: list[Cell], is_header: bool) -> None:
    lines = write([first, cells("a", "b")]).splitlines()
    assert lines[1] == "| --- | --- |"
    assert (lines[0] == "|  |  |") is not is_header


def test_a_single_row_has_no_header() -> None:
    assert write([cells("Level", "Pay")]) == "|  |  |\n| --- | --- |\n| Level | Pay |\n"


def test_cells_that_span_rows_are_told_in_each() -> None:
    rows = [
        cells("Level", "Pay", "Place"),
        [Cell(words="Junior", rows=2), Cell(words="10", columns=2)],
        cells("20", "home"),
        cells("Senior", "30", "office"),
    ]
    assert write(rows).splitlines()[2:] == [
        "| Junior | 10 |  |",
        "| Junior | 20 | home |",
        "| Senior | 30 | office |",
    ]


@given(
    st.lists(
        st.lists(
            st.builds(
                Cell,
                words=st.text(alphabet="abc", max_size=3),
                columns=st.integers(1, 300),
                rows=st.integers(1, 1_000),
            ),
            max_size=6,
        ),
        max_size=6,
    )
)
def test_no_cell_is_lost(rows: list[list[Cell]]) -> None:
    text = write(rows)
    words = text.replace("|", " ").split()
    for row in rows:
        for cell in row:
            assert not cell.words or cell.words in words
