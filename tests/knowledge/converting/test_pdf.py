import base64
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.converting.converted import ConversionError
from knowledge.converting.converters import convert_bytes
from tests.knowledge.converting.making import Made, draw_pdf, make_archive, make_pdf

_WORK = (
    "A data engineer builds the pipelines that carry data from where it is made to where it is"
    " used, and cares for their quality, their cost and their well-being. "
)
_PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


def text_of(data: bytes) -> str:
    return convert_bytes(data, ".pdf").text


def guide(styles: Made) -> Sequence[Made]:
    from reportlab.lib import colors
    from reportlab.platypus import ListFlowable, ListItem, PageBreak, Paragraph, Spacer, Table

    body = styles["BodyText"]

    def items(*words: str) -> list[Made]:
        return [ListItem(Paragraph(text, body)) for text in words]

    ruled = [("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("SPAN", (0, 1), (0, 2))]
    return [
        Paragraph("Careers in data", styles["Title"]),
        Paragraph("Data engineer", styles["Heading1"]),
        Paragraph(_WORK * 4, body),
        Paragraph("Skills", styles["Heading2"]),
        Paragraph("They need:", body),
        ListFlowable(
            [
                *items("SQL, and reading what a database will do with it " * 3),
                ListItem(
                    [
                        Paragraph("Languages", body),
                        ListFlowable(items("Python", "Scala"), bulletType="bullet"),
                    ]
                ),
            ],
            bulletType="bullet",
        ),
        ListFlowable(items("Collect.", "Load."), bulletType="1", bulletFormat="%s."),
        PageBreak(),
        Paragraph("Pay", styles["Heading2"]),
        Table(
            [
                ["Level", "Pay", "Notes"],
                ["Junior", "10 | 20", Paragraph("starts out with " + _WORK, body)],
                ["", "30", "later"],
                ["Senior", "40", "leads"],
            ],
            colWidths=[80, 80, 250],
            style=ruled,
        ),
        Spacer(1, 20),
        Table([["Hours", "Place"], ["40", "office"], ["30", "home"], ["20", "abroad"]]),
        Paragraph("# is what this begins with. " + _WORK, body),
    ]


def head_and_number(canvas: Made, page: Made) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(60, 810, "Careers in data, edition 2026")
    canvas.drawCentredString(300, 30, f"Page {page.page} of 2")


def test_a_guide_keeps_its_headings_lists_tables_and_pages() -> None:
    converted = convert_bytes(make_pdf(guide, on_page=head_and_number, title="The guide"), ".pdf")
    work = _WORK.strip()
    assert converted.title == "The guide"
    assert converted.text == (
        f"# Careers in data\n\n# Data engineer\n\n{' '.join([work] * 4)}\n\n## Skills\n\n"
        "They need:\n\n"
        f"- {('SQL, and reading what a database will do with it ' * 3).strip()}\n"
        "- Languages\n  - Python\n  - Scala\n\n1. Collect.\n2. Load.\n\n"
        "## Pay\n\n| Level | Pay | Notes |\n| --- | --- | --- |\n"
        f"| Junior | 10 \\| 20 | starts out with {work} |\n| Junior | 30 | later |\n"
        "| Senior | 40 | leads |\n\n"
        "| Hours | Place |\n| --- | --- |\n| 40 | office |\n| 30 | home |\n| 20 | abroad |\n\n"
        f"\\# is what this begins with. {work}\n"
    )
    first, second = converted.page_starts
    assert first == 0
    assert converted.text[second:].lstrip().startswith("## Pay")


def test_columns_are_read_one_after_the_other() -> None:
    from reportlab.platypus import Paragraph

    words = [f"{number}. {_WORK}".replace(". ", " ", 1) for number in range(40)]
    data = make_pdf(
        lambda styles: [Paragraph(text, styles["BodyText"]) for text in words], columns=2
    )
    assert text_of(data) == "\n\n".join(text.strip() for text in words) + "\n"


def test_a_heading_over_two_columns_stands_before_them() -> None:
    def draw(canvas: Made) -> None:
        canvas.setFont("Helvetica-Bold", 20)
        canvas.drawString(60, 780, "A heading that goes across both of the columns")
        canvas.setFont("Helvetica", 10)
        for line in range(20):
            canvas.drawString(60, 740 - 12 * line, f"left column line {line} of some words here")
            canvas.drawString(320, 738 - 12 * line, f"right column line {line} of some words here")

    text = text_of(draw_pdf(draw))
    left = " ".join(f"left column line {line} of some words here" for line in range(20))
    assert text.startswith("# A heading that goes across both of the columns\n\n" + left)
    assert text.index("right column line 0") > text.index("left column line 19")


def test_columns_below_lines_that_go_across_are_read_one_after_the_other() -> None:
    def draw(canvas: Made) -> None:
        canvas.setFont("Helvetica", 10)
        for line in range(40):
            canvas.drawString(60, 780 - 12 * line, f"line {line} goes {'all the way ' * 7}across")
        for line in range(8):
            canvas.drawString(60, 280 - 12 * line, f"left column line {line} of some words here")
            canvas.drawString(320, 275 - 12 * line, f"right column line {line} of some words here")

    text = text_of(draw_pdf(draw))
    for side in ("left", "right"):
        lines = " ".join(f"{side} column line {line} of some words here" for line in range(8))
        assert lines in text
    assert text.index("left column") < text.index("right column")


def test_ligatures_are_the_letters_they_stand_for() -> None:
    unicode = b"1 beginbfchar <01> <00660069> endbfchar"
    content = b"BT /F 12 Tf 60 700 Td (The \\001rst day of a \\001re\\001ghter) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/ToUnicode 6 0 R"
        b"/Encoding<</Differences[1/fi]>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(unicode), unicode),
    ]
    data = b"%PDF-1.7\n"
    table = b"xref\n0 7\n0000000000 65535 f \n"
    for number, body in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    data += b"%strailer\n<</Root 1 0 R/Size 7>>\nstartxref\n%d\n%%%%EOF" % (table, len(data))
    assert text_of(data) == "The first day of a firefighter\n"


def test_words_that_are_set_twice_to_look_bold_are_read_once() -> None:
    def draw(canvas: Made) -> None:
        for shift in (0, 0.4):
            canvas.drawString(60 + shift, 780, "Cooks cook.")

    assert text_of(draw_pdf(draw)) == "Cooks cook.\n"


def test_a_paragraph_goes_on_over_the_page_and_words_are_joined_at_hyphens() -> None:
    def draw(canvas: Made) -> None:
        canvas.drawString(
            60, 760, "A nurse cares for people in a hospital or at home, and is an atten-"
        )
        canvas.drawString(
            60, 746, "tive person. The well-being of the patients is what counts, and well-"
        )
        canvas.drawString(
            60, 732, "being is more than health, as everybody who has been ill knows and as the"
        )
        canvas.showPage()
        canvas.drawString(
            60, 760, "guides say. A new paragraph is not begun here, since the sentence goes on."
        )

    converted = convert_bytes(draw_pdf(draw), ".pdf")
    assert converted.text == (
        "A nurse cares for people in a hospital or at home, and is an attentive person. The"
        " well-being of the patients is what counts, and well-being is more than health, as"
        " everybody who has been ill knows and as the guides say. A new paragraph is not begun"
        " here, since the sentence goes on.\n"
    )
    assert converted.page_starts == (0, converted.text.index("guides say"))


def test_headings_that_count_are_no_running_heads() -> None:
    def draw(canvas: Made) -> None:
        for level in range(1, 6):
            canvas.setFont("Helvetica-Bold", 18)
            canvas.drawString(60, 780, f"Level {level}")
            canvas.setFont("Helvetica", 10)
            for line in range(30):
                canvas.drawString(60, 740 - 12 * line, f"Words of level {level}, line {line}, more")
            canvas.drawString(60, 30, f"{level + 11}")
            canvas.showPage()

    text = text_of(draw_pdf(draw))
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        f"# Level {level}" for level in range(1, 6)
    ]
    assert "12" not in text.split()
    assert "16" not in text.split()


def test_the_outline_tells_the_levels_of_headings() -> None:
    def draw(canvas: Made) -> None:
        for level, (heading, size) in enumerate([("Cooks", 12), ("Pay", 16), ("Overtime", 10)]):
            canvas.bookmarkPage(heading)
            canvas.addOutlineEntry(heading, heading, level=level)
            canvas.setFont("Helvetica", size)
            canvas.drawString(60, 780 - 100 * level, heading)
            canvas.setFont("Helvetica", 10)
            canvas.drawString(60, 740 - 100 * level, "Cooks cook, and are paid for it by the hour.")

    text = text_of(draw_pdf(draw))
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Cooks",
        "## Pay",
        "### Overtime",
    ]


def test_bullets_that_are_drawn_as_dots_are_bullets() -> None:
    def draw(canvas: Made) -> None:
        canvas.setFont("Helvetica", 12)
        canvas.drawString(60, 780, "They need:")
        for line, words in enumerate(["knives", "heat", "salt"]):
            canvas.circle(66, 764 - 14 * line, 2, fill=1)
            canvas.drawString(78, 760 - 14 * line, words)

    assert text_of(draw_pdf(draw)) == "They need:\n\n- knives\n- heat\n- salt\n"


def test_entries_of_a_table_of_contents_are_links() -> None:
    def draw(canvas: Made) -> None:
        for line, words in enumerate(["Skills", "Pay and hours"]):
            canvas.drawString(60, 780 - 20 * line, f"1.{line + 1}")
            canvas.drawString(120, 780 - 20 * line, f"{words} {'. ' * 40} {line + 3}")

    assert text_of(draw_pdf(draw)) == (
        "- [1.1 Skills](#contents)\n- [1.2 Pay and hours](#contents)\n"
    )


def test_heads_that_change_with_the_chapter_are_left_out_beside_page_numbers() -> None:
    def draw(canvas: Made) -> None:
        for page, chapter in enumerate(["Skills", "Pay", "Hours", "Places"], 1):
            canvas.setFont("Helvetica", 10)
            canvas.drawString(60, 800, f"Chapter on {chapter}")
            canvas.drawString(520, 800, str(page))
            for line in range(20):
                canvas.drawString(60, 740 - 12 * line, f"Words of page {page}, line {line}, more")
            canvas.showPage()

    text = text_of(draw_pdf(draw))
    assert "Chapter" not in text
    assert "Words of page 4, line 19, more" in text


def test_a_table_that_goes_on_has_its_header_on_each_page() -> None:
    from reportlab.lib import colors
    from reportlab.platypus import Table

    rows = [["Role", "Pay"], *([f"Role {number}", f"{number} 000"] for number in range(60))]
    style = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
    converted = convert_bytes(make_pdf(lambda _: [Table(rows, style=style)]), ".pdf")
    assert converted.text.count("| Role | Pay |") == len(converted.page_starts) == 2
    assert all(f"| Role {number} | {number} 000 |" in converted.text for number in range(60))


def test_pages_that_are_turned_are_read_upright() -> None:
    def draw(canvas: Made) -> None:
        canvas.setPageRotation(90)
        canvas.translate(595, 0)
        canvas.rotate(90)
        canvas.setFont("Helvetica-Bold", 20)
        canvas.drawString(60, 500, "Turned")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 460, "The words of a page that lies on its side, in a first line and")
        canvas.drawString(60, 448, "a second.")

    assert text_of(draw_pdf(draw)) == (
        "# Turned\n\nThe words of a page that lies on its side, in a first line and a second.\n"
    )


_WORDS = st.text(alphabet="abc1#*.-_|<&", min_size=1, max_size=7)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(_WORDS, min_size=1, max_size=9), min_size=1, max_size=20))
def test_no_letter_is_lost(lines: list[list[str]]) -> None:
    def draw(canvas: Made) -> None:
        for number, words in enumerate(lines):
            canvas.drawString(60, 780 - 14 * number, " ".join(words))

    expected = sorted(
        letter for line in lines for word in line for letter in word if letter in "abc"
    )
    try:
        text = text_of(draw_pdf(draw))
    except ConversionError:
        assert not expected
        return
    text = text.replace("(#contents)", "").replace("&#92;", "")
    assert sorted(letter for letter in text if letter in "abc") == expected


def _scanned() -> bytes:
    from io import BytesIO

    from reportlab.lib.utils import ImageReader

    picture = ImageReader(BytesIO(base64.b64decode(_PIXEL)))
    return draw_pdf(lambda canvas: canvas.drawImage(picture, 60, 60, 400, 600))


def _words(canvas: Made) -> None:
    canvas.drawString(60, 780, "Words")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"words", "it is not a PDF but text"),
        (make_archive({"a": "b"}), "it is not a PDF but a ZIP archive"),
        (b"\x89PNG\r\n\x1a\n", "it is not a PDF but a PNG image"),
        (draw_pdf(_words, password="secret"), "it is encrypted"),
        (draw_pdf(_words)[:200], "cut short or damaged"),
        (b"%PDF-1.7\nwords", "cut short or damaged"),
        (_scanned(), "no text in it, only images"),
    ],
    ids=["empty", "text", "zip", "image", "encrypted", "cut", "damaged", "scanned"],
)
def test_what_has_no_text_to_read_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ConversionError, match=reason):
        convert_bytes(data, ".pdf")
