from collections.abc import Callable

import docx
import pytest
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.converting.converted import ConversionError
from knowledge.converting.converters import convert_bytes
from knowledge.converting.markdown_writer import tidy_text
from knowledge.markdown import parse_markdown
from knowledge.markup import remove_markup
from tests.knowledge.converting.making import Made, change_archive, make_archive, save

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def convert(write: Callable[[Made], object]) -> str:
    document = docx.Document()
    write(document)
    return convert_bytes(save(document), ".docx").text


def with_body(xml: str) -> bytes:
    """Return a document with that XML at the end of its body."""
    return change_archive(
        save(docx.Document()),
        {"word/document.xml": lambda part: part.replace("<w:sectPr", f"{xml}<w:sectPr", 1)},
    )


def test_a_guide_keeps_its_headings_lists_and_tables() -> None:
    document = docx.Document()
    document.core_properties.title = "Careers in data"
    document.add_heading("Data engineer", 0)
    document.add_heading("Skills", 1)
    paragraph = document.add_paragraph("They need ")
    paragraph.add_run("SQL").bold = True
    paragraph.add_run(" & more:")
    document.add_paragraph("SQL", style="List Bullet")
    document.add_paragraph("joins", style="List Bullet 2")
    document.add_paragraph("Python", style="List Bullet")
    document.add_heading("First steps", 2)
    document.add_paragraph("collect", style="List Number")
    document.add_paragraph("load", style="List Number")
    table = document.add_table(3, 3)
    for column, head in enumerate(["Level", "Pay", "Notes"]):
        table.cell(0, column).text = head
    table.cell(1, 0).merge(table.cell(2, 0)).text = "Junior"
    table.cell(1, 1).text, table.cell(2, 1).text = "10 | 20", "30"
    table.cell(1, 2).text = "starts\nout"
    document.add_paragraph("# is no heading")
    document.add_paragraph().add_run("Bold line").bold = True
    converted = convert_bytes(save(document), ".docx")
    assert converted.title == "Careers in data"
    assert converted.page_starts == ()
    assert converted.text == (
        "# Data engineer\n\n# Skills\n\nThey need **SQL** & more:\n\n- SQL\n  - joins\n- Python\n\n"
        "## First steps\n\n1. collect\n2. load\n\n"
        "| Level | Pay | Notes |\n| --- | --- | --- |\n"
        "| Junior | 10 \\| 20 | starts out |\n| Junior | 30 |  |\n\n"
        "\\# is no heading\n\n**Bold line**\n"
    )


def test_the_title_on_the_page_is_the_title_where_no_property_is() -> None:
    document = docx.Document()
    document.add_heading("Data engineer", 0)
    assert convert_bytes(save(document), ".docx").title == "Data engineer"


def test_styles_of_ones_own_are_headings_by_what_they_are_based_on() -> None:
    def write(document: Made) -> None:
        style = document.styles.add_style("Chapter", 1)
        style.base_style = document.styles["Heading 2"]
        document.add_paragraph("Pay", style="Chapter")
        outlined = document.add_paragraph("Hours")
        outlined._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {_W} w:val="2"/>'))

    assert convert(write) == "## Pay\n\n### Hours\n"


def test_revisions_are_read_as_accepted_and_comments_are_not_read() -> None:
    data = with_body(
        '<w:p><w:r><w:t xml:space="preserve">Nurses </w:t></w:r>'
        '<w:del w:id="1" w:author="a"><w:r><w:delText>deleted</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="a"><w:r><w:t>care</w:t></w:r></w:ins>'
        '<w:moveFrom w:id="3" w:author="a"><w:r><w:t>moved</w:t></w:r></w:moveFrom>'
        '<w:r><w:commentReference w:id="4"/></w:r>'
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r></w:p>"
    )
    data = change_archive(
        data,
        {"word/comments.xml": lambda _: f"<w:comments {_W}><w:t>a remark</w:t></w:comments>"},
    )
    assert convert_bytes(data, ".docx").text == "Nurses care\n"


def test_links_fields_controls_and_boxes_are_read() -> None:
    data = with_body(
        "<w:p><w:hyperlink><w:r><w:t>A link</w:t></w:r></w:hyperlink>"
        '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGE</w:instrText></w:r>'
        '<w:fldSimple w:instr="DATE"><w:r><w:t xml:space="preserve"> in May</w:t></w:r>'
        "</w:fldSimple>"
        "<w:r><w:tab/><w:t>tabbed</w:t><w:br/><w:t>broken</w:t></w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>Controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        '<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/'
        'markup-compatibility/2006"><mc:Choice Requires="wps"><w:txbxContent><w:p><w:r><w:t>Boxed'
        "</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r>"
        "<w:t>Boxed</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert convert_bytes(data, ".docx").text == (
        "A link in May tabbed broken\n\nControlled\n\nBoxed\n"
    )


def test_footnotes_follow_at_the_end() -> None:
    data = change_archive(
        save(docx.Document()),
        {
            "word/document.xml": lambda part: part.replace(
                "<w:sectPr", "<w:p><w:r><w:t>Text</w:t></w:r></w:p><w:sectPr", 1
            ),
            "word/footnotes.xml": lambda _: (
                f'<w:footnotes {_W}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>'
                '<w:footnote w:id="1"><w:p><w:r><w:t>Noted.</w:t></w:r></w:p></w:footnote>'
                "</w:footnotes>"
            ),
        },
    )
    assert convert_bytes(data, ".docx").text == "Text\n\nNoted.\n"


def test_a_table_of_contents_is_kept_as_links() -> None:
    def write(document: Made) -> None:
        style = document.styles.add_style("toc 1", 1)
        document.add_paragraph("Skills\t3", style=style)

    assert convert(write) == "- [Skills](#contents)\n"


def test_a_table_with_one_cell_is_what_is_in_it() -> None:
    def write(document: Made) -> None:
        cell = document.add_table(1, 1).cell(0, 0)
        cell.text = "Note"
        cell.add_paragraph("in a box", style="List Bullet")

    assert convert(write) == "Note\n\n- in a box\n"


def test_a_number_on_a_list_that_starts_anew_is_counted_anew() -> None:
    def write(document: Made) -> None:
        document.add_paragraph("one", style="List Number")
        numbering = document.part.numbering_part.element
        style = document.styles["List Number"].element
        number = style.find(f".//{qn('w:numId')}").get(qn("w:val"))
        abstract = next(
            entry for entry in numbering.num_lst if str(entry.numId) == number
        ).abstractNumId.val
        fresh = numbering.add_num(abstract)
        fresh.add_lvlOverride(ilvl=0).add_startOverride(1)
        paragraph = document.add_paragraph("one again", style="List Number")
        paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = fresh.numId

    assert convert(write) == "1. one\n1. one again\n"


_WORDS = st.text(alphabet="ab1 #*_|<.-\t", min_size=1, max_size=10).filter(
    lambda text: any(map(str.isalnum, text))
)


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.sampled_from(["", "Heading 1", "List Bullet", "Quote"]), _WORDS),
        min_size=1,
        max_size=6,
    )
)
def test_no_word_is_lost(paragraphs: list[tuple[str, str]]) -> None:
    text = convert(
        lambda document: [
            document.add_paragraph(words, style=style or None) for style, words in paragraphs
        ]
    )
    shown = [remove_markup(text[block.start : block.end]) for block in parse_markdown(text)]
    assert shown == [tidy_text(words) for _, words in paragraphs]


def _encrypted() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"plain words", "it is not a Word document but text"),
        (b"%PDF-1.7", "it is not a Word document but a PDF"),
        (_encrypted(), "an older format or encrypted"),
        (make_archive({"a.txt": "words"}), "it is not a Word document but a ZIP archive"),
        (make_archive({"ppt/presentation.xml": "<p/>"}), "but a PowerPoint presentation"),
        (save(docx.Document())[:3000], "cut short or damaged"),
        (save(docx.Document()), "no words"),
        (make_archive({"word/document.xml": "<broken"}), "XML is damaged"),
    ],
    ids=["empty", "text", "pdf", "encrypted", "zip", "pptx", "cut", "no words", "broken"],
)
def test_what_is_no_word_document_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ConversionError, match=reason):
        convert_bytes(data, ".docx")
