from collections.abc import Callable

import pptx
import pytest
from pptx.util import Inches

from knowledge.converting.converted import ConversionError
from knowledge.converting.converters import convert_bytes
from tests.knowledge.converting.making import Made, change_archive, make_archive, save


def make(write: Callable[[Made], None]) -> bytes:
    presentation = pptx.Presentation()
    write(presentation)
    return save(presentation)


def add_slide(presentation: Made, layout: int, title: str) -> Made:
    slide = presentation.slides.add_slide(presentation.slide_layouts[layout])
    slide.shapes.title.text = title
    return slide


def write_guide(presentation: Made) -> None:
    cover = add_slide(presentation, 0, "Careers in data")
    cover.placeholders[1].text = "A guide"
    skills = add_slide(presentation, 1, "Skills")
    frame = skills.placeholders[1].text_frame
    frame.text = "SQL"
    for words, depth in (("joins", 1), ("Python", 0)):
        paragraph = frame.add_paragraph()
        paragraph.text, paragraph.level = words, depth
    skills.notes_slide.notes_text_frame.text = "Tell the joke here."
    pay = add_slide(presentation, 5, "Pay # 1")
    below = pay.shapes.add_textbox(Inches(1), Inches(5), Inches(3), Inches(1))
    below.text_frame.text = "A box below."
    table = pay.shapes.add_table(3, 2, Inches(1), Inches(2), Inches(5), Inches(1)).table
    for row, (level, amount) in enumerate(
        [("Level", "Pay"), ("Junior", "10 | 20"), ("Lead", "30")]
    ):
        table.cell(row, 0).text, table.cell(row, 1).text = level, amount


def test_each_slide_is_a_page_with_its_title_as_heading() -> None:
    converted = convert_bytes(make(write_guide), ".pptx")
    assert converted.text == (
        "# Careers in data\n\nA guide\n\n# Skills\n\n- SQL\n  - joins\n- Python\n\n# Pay # 1\n\n"
        "| Level | Pay |\n| --- | --- |\n| Junior | 10 \\| 20 |\n| Lead | 30 |\n\nA box below.\n"
    )
    assert len(converted.page_starts) == 3
    pages = zip(converted.page_starts, [*converted.page_starts[1:], None], strict=True)
    assert [
        converted.text[start:end].split("\n\n")[0 if not start else 1] for start, end in pages
    ] == [
        "# Careers in data",
        "# Skills",
        "# Pay # 1",
    ]


def test_hidden_slides_and_shapes_are_pages_without_words() -> None:
    def write(presentation: Made) -> None:
        add_slide(presentation, 5, "Shown")
        add_slide(presentation, 5, "Hidden")._element.set("show", "0")
        last = add_slide(presentation, 5, "Last")
        box = last.shapes.add_textbox(0, 0, 9, 9)
        box.text_frame.text = "hidden box"
        box._element.nvSpPr.cNvPr.set("hidden", "1")

    converted = convert_bytes(make(write), ".pptx")
    assert converted.text == "# Shown\n\n# Last\n"
    assert len(converted.page_starts) == 3


def test_grouped_shapes_are_read() -> None:
    def write(presentation: Made) -> None:
        group = add_slide(presentation, 5, "Group").shapes.add_group_shape()
        inner = group.shapes.add_group_shape()
        inner.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "Within"

    assert convert_bytes(make(write), ".pptx").text == "# Group\n\nWithin\n"


def test_slides_are_in_the_order_they_are_shown_in() -> None:
    def write(presentation: Made) -> None:
        for title in ("Second", "First"):
            add_slide(presentation, 5, title)
        ids = presentation.slides._sldIdLst
        ids.append(ids[0])

    assert convert_bytes(make(write), ".pptx").text == "# First\n\n# Second\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"words", "it is not a PowerPoint presentation but text"),
        (make_archive({"word/document.xml": "<w/>"}), "but a Word document"),
        (make(lambda presentation: None), "no words"),
        (make(write_guide)[:9000], "cut short or damaged"),
        (
            change_archive(make(write_guide), {"ppt/slides/slide2.xml": lambda _: "<cut"}),
            "XML is damaged",
        ),
    ],
    ids=["text", "docx", "no words", "cut", "broken"],
)
def test_what_is_no_presentation_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ConversionError, match=reason):
        convert_bytes(data, ".pptx")
