import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.blocks import BlockKind
from knowledge.converting.inline import Run, text_of, write_runs
from knowledge.converting.markdown_writer import (
    MarkdownWriter,
    escape_text,
    offset_in_markdown,
    tidy_text,
)
from knowledge.markdown import parse_markdown
from knowledge.markup import remove_markup

_TEXTS = st.one_of(
    st.text(alphabet="ab1 #*_`[]()<>!&;~|{}.:-+=\\/\"'\n\t9é$@^amp", max_size=25),
    st.text(max_size=20),
).map(tidy_text)
_WORDS = _TEXTS.filter(lambda text: any(character.isalnum() for character in text))


@given(_TEXTS.filter(bool))
def test_escaped_text_is_a_paragraph_that_reads_as_the_text(text: str) -> None:
    markdown = escape_text(text)
    assert remove_markup(markdown) == text
    (block,) = parse_markdown(markdown)
    assert (block.kind, block.start, block.end) == (BlockKind.PARAGRAPH, 0, len(markdown))


@pytest.mark.parametrize(
    "text",
    ["C++ & C#", "snake_case, 2 * 3 = 6", "a < b > c", "AT&T's [draft]", "e.g. ~5 %", "100 | 200"],
)
def test_nothing_is_escaped_that_needs_not_be(text: str) -> None:
    assert escape_text(text) == text


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("# 1 in sales", r"\# 1 in sales"),
        ("1. Know your users", r"1\. Know your users"),
        ("- 5 degrees", r"\- 5 degrees"),
        ("> 10 years", r"\> 10 years"),
        ("#Heading", r"\#Heading"),
        ("Write to <a@example.org> (soon)", r"Write to \<a@example.org> (soon)"),
    ],
)
def test_marks_that_text_begins_with_are_escaped(text: str, markdown: str) -> None:
    assert escape_text(text) == markdown


@given(_TEXTS.filter(bool), st.data())
def test_offsets_lead_to_the_same_character_in_markdown(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(min_value=0, max_value=len(text) - 1))
    markdown = escape_text(text)
    if "&#92;" not in markdown:
        assert (
            markdown[offset_in_markdown(text, offset, markdown) :].lstrip("\\")[:1]
            in (
                text[offset],
                "",
            )
            or text[offset] == "\\"
        )


@given(_WORDS, _WORDS, _WORDS, _WORDS)
def test_blocks_read_back_as_they_were_written(
    heading: str, item: str, inner: str, paragraph: str
) -> None:
    writer = MarkdownWriter()
    writer.write_heading(2, escape_text(heading))
    writer.write_item(1, escape_text(item))
    writer.write_item(2, escape_text(inner), 7)
    writer.write_item(2, escape_text(inner), 8)
    writer.write_item(1, escape_text(item))
    writer.write_within_item(escape_text(paragraph))
    writer.write_paragraph(escape_text(paragraph))
    text = writer.finish().text
    blocks = parse_markdown(text)
    assert [(block.kind, block.level) for block in blocks] == [
        (BlockKind.HEADING, 2),
        (BlockKind.ITEM, 1),
        (BlockKind.ITEM, 2),
        (BlockKind.ITEM, 2),
        (BlockKind.ITEM, 1),
        (BlockKind.PARAGRAPH, 1),
        (BlockKind.PARAGRAPH, 0),
    ]
    expected = [heading, item, inner, inner, item, paragraph, paragraph]
    assert [remove_markup(text[block.start : block.end]) for block in blocks] == expected


@given(st.lists(st.lists(_WORDS, min_size=3, max_size=3), min_size=2, max_size=4))
def test_tables_read_back_row_by_row(rows: list[list[str]]) -> None:
    writer = MarkdownWriter()
    header, *others = [[escape_text(cell) for cell in row] for row in rows]
    writer.write_table(header, others)
    text = writer.finish().text
    blocks = parse_markdown(text)
    assert [block.kind for block in blocks] == [
        BlockKind.HEADER_ROW,
        *[BlockKind.ROW] * len(others),
    ]
    for block, row in zip(blocks, rows, strict=True):
        shown = remove_markup(text[block.start : block.end])
        for cell in row:
            letters = "".join(filter(str.isalnum, cell))
            assert letters in "".join(filter(str.isalnum, shown))


def test_rows_and_columns_without_words_are_left_out() -> None:
    writer = MarkdownWriter()
    writer.write_table(["a", "", "c"], [["", "", ""], ["1", "", "3"]])
    assert writer.finish().text == "| a | c |\n| --- | --- |\n| 1 | 3 |\n"


def test_a_number_that_begins_a_list_behind_words_is_no_part_of_them() -> None:
    writer = MarkdownWriter()
    writer.write_item(1, "Steps")
    writer.write_item(2, "third", 3)
    text = writer.finish().text
    assert [block.level for block in parse_markdown(text)] == [1, 2]


def test_pages_begin_where_they_are_said_to() -> None:
    writer = MarkdownWriter()
    writer.begin_page()
    writer.write_paragraph("One goes on")
    writer.begin_page_within(len("on"))
    writer.begin_page()
    writer.write_heading(1, "Three")
    converted = writer.finish()
    assert converted.text == "One goes on\n\n# Three\n"
    assert converted.page_starts == (0, 9, 11)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("  The\n Guide ", "The Guide"),
        ("Microsoft Word - guide.docx", None),
        ("untitled", None),
        ("(anonymous)", None),
        ("PowerPoint Presentation", None),
        ("Presentation skills", "Presentation skills"),
        ("guide_final.indd", None),
        ("", None),
        (None, None),
    ],
)
def test_what_programs_call_a_document_is_no_title(title: str | None, expected: str | None) -> None:
    assert MarkdownWriter().finish(title).title == expected


@given(
    st.lists(
        st.builds(
            Run,
            text=st.text(alphabet="ab .*_[](<&\n", max_size=8),
            is_bold=st.booleans(),
            address=st.sampled_from([None, "https://example.org/a_b", "javascript:x", "a b", "#c"]),
        ),
        max_size=6,
    )
)
def test_runs_read_as_their_words(runs: list[Run]) -> None:
    words = text_of(runs)
    markdown = write_runs(runs)
    assert remove_markup(markdown) == words
    assert "javascript:" not in markdown.replace(words, "")


def test_bold_words_and_links_are_marked() -> None:
    runs = [
        Run(text="Pay", is_bold=True),
        Run(text=": see "),
        Run(text="the table", address="pay.html#table"),
        Run(text="."),
    ]
    assert write_runs(runs) == "**Pay**: see [the table](pay.html#table)."
