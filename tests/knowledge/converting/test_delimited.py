import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.blocks import BlockKind
from knowledge.converting.converted import ConversionError
from knowledge.converting.converters import convert_bytes
from knowledge.converting.markdown_writer import tidy_text
from knowledge.markdown import parse_markdown

_ROWS = [
    ["Role", "Pay", "Notes"],
    ["Nurse, ward", "30 000", "nights; days"],
    ["Cook", "20 000", ""],
]
_TABLE = (
    "| Role | Pay | Notes |\n| --- | --- | --- |\n"
    "| Nurse, ward | 30 000 | nights; days |\n| Cook | 20 000 |  |\n"
)


def write_csv(rows: list[list[str]], **dialect: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, **dialect).writerows(rows)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    "delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"]
)
def test_dialect_and_encoding_are_found(delimiter: str, encoding: str) -> None:
    data = write_csv(_ROWS, delimiter=delimiter).encode(encoding)
    assert convert_bytes(data, ".csv").text == _TABLE
    assert convert_bytes(data, ".TSV").text == _TABLE


def test_excel_says_its_delimiter_in_the_first_line() -> None:
    assert convert_bytes(b"sep=;\r\nRole;Pay\r\nCook;1,5\r\n", ".csv").text == (
        "| Role | Pay |\n| --- | --- |\n| Cook | 1,5 |\n"
    )


def test_cells_of_several_lines_and_bars_stay_one_cell() -> None:
    data = write_csv([["Role", "Skills"], ["Cook", "knives\n| heat\n\n# salt"]]).encode()
    assert convert_bytes(data, ".csv").text.splitlines()[-1] == r"| Cook | knives \| heat # salt |"


def test_a_first_row_of_numbers_is_no_header() -> None:
    (header, *rows) = parse_markdown(convert_bytes(b"Cook,1\nNurse,2\n", ".csv").text)
    assert header.kind is BlockKind.HEADER_ROW
    assert len(rows) == 2


def test_a_single_column_is_paragraphs() -> None:
    assert convert_bytes(b"Cooks cook.\n\nNurses nurse.\n", ".csv").text == (
        "Cooks cook.\n\nNurses nurse.\n"
    )


def test_long_tables_repeat_their_header() -> None:
    rows = [["Role", "Work"], *([f"Role {number}", "does its work " * 10] for number in range(50))]
    text = convert_bytes(write_csv(rows).encode(), ".csv").text
    blocks = parse_markdown(text)
    headers = [block for block in blocks if block.kind is BlockKind.HEADER_ROW]
    assert len(blocks) - len(headers) == 50
    assert len(headers) > 3
    assert all(text[block.start : block.end] == "| Role | Work |" for block in headers)


@given(
    st.lists(
        st.lists(
            st.text(alphabet="ab1 #|*\\\n,;\"'", max_size=8).map(tidy_text), min_size=2, max_size=4
        ),
        min_size=1,
        max_size=6,
    ).filter(lambda rows: any(any(row) for row in rows))
)
def test_no_word_of_a_table_is_lost(rows: list[list[str]]) -> None:
    text = convert_bytes(write_csv(rows).encode(), ".csv").text
    letters = "".join(filter(str.isalnum, text.replace("&#92;", "")))
    assert letters == "".join(filter(str.isalnum, "".join("".join(row) for row in rows)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"\n\n,,\n", "it is empty"),
        (b"%PDF-1.4\n", "not a table in text but a PDF"),
        (b"PK\x03\x04", "not a table in text but a ZIP archive"),
        (b"a,b\n\0\0\0\xff\xfe\0\0", "binary data"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ConversionError, match=reason):
        convert_bytes(data, ".csv")
