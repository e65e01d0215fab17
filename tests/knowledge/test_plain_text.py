import pytest
from hypothesis import given

from knowledge.blocks import BlockKind
from knowledge.plain_text import parse_plain_text
from tests.knowledge.texts import plain_texts

HEADING, PARAGRAPH, ITEM = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.ITEM

SENTENCE = "Text that ends as a sentence does."
WRAPPED = (
    "A data engineer builds and maintains the systems that move data from\n"
    "where it is made to where it is used. They work with the analysts. I\n"
    "know some of them."
)
RAGGED = (
    "Most begin through the agency and\n"
    "are taken on after a summer, if the lead will have them on the\n"
    "roster; the rate is 110 items, and\n"
    "Fridays are slower."
)
LONG = (
    "A paragraph on one long line that no editor has wrapped, as a word processor exports it. " * 3
)


def blocks_of(text: str, start: int = 0) -> list[tuple[BlockKind, int, str]]:
    return [
        (block.kind, block.level, text[block.start : block.end])
        for block in parse_plain_text(text, start)
    ]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        pytest.param("", [], id="empty"),
        pytest.param(" \n\t\n\x0c\n", [], id="white space"),
        pytest.param(
            "== ops manager ==\nthats me\n--- Pay ---\n47k\n\n# tools\nsome of them, -- or none --",
            [
                (HEADING, 2, "ops manager"),
                (PARAGRAPH, 0, "thats me"),
                (HEADING, 2, "Pay"),
                (PARAGRAPH, 0, "47k"),
                (HEADING, 1, "tools"),
                (PARAGRAPH, 0, "some of them, -- or none --"),
            ],
            id="headings between marks",
        ),
        pytest.param(
            "Cook\n\nPay: $13 an hour\n\nDuties\nCook what is ordered by the guests of the house\n"
            "Clean up\nOrder supplies\nOther duties\n\nHost\n\nDuties\n\nGreet guests.",
            [
                (HEADING, 1, "Cook"),
                (PARAGRAPH, 0, "Pay: $13 an hour"),
                (HEADING, 3, "Duties"),
                (ITEM, 1, "Cook what is ordered by the guests of the house"),
                (ITEM, 1, "Clean up"),
                (ITEM, 1, "Order supplies"),
                (ITEM, 1, "Other duties"),
                (HEADING, 2, "Host"),
                (HEADING, 3, "Duties"),
                (PARAGRAPH, 0, "Greet guests."),
            ],
            id="lists without marks, and headings that stand again",
        ),
        pytest.param(
            "Hospice aide\n\nREPORTING:\nSupervised by: Registered nurse\nSupervises: nobody\n"
            "Works with: Patients\n\nJob Summary:\nTo care for patients.\n\nWe offer:\n- pay",
            [
                (HEADING, 1, "Hospice aide"),
                (HEADING, 2, "REPORTING"),
                (PARAGRAPH, 0, "Supervised by: Registered nurse"),
                (PARAGRAPH, 0, "Supervises: nobody"),
                (PARAGRAPH, 0, "Works with: Patients"),
                (HEADING, 2, "Job Summary"),
                (PARAGRAPH, 0, "To care for patients."),
                (PARAGRAPH, 0, "We offer:"),
                (ITEM, 1, "- pay"),
            ],
            id="headings with colons, and facts behind labels",
        ),
        pytest.param(
            "1. Actuary:\n\nCounts.\n\n2. Analyst:\n\nLooks.",
            [
                (HEADING, 2, "1. Actuary"),
                (PARAGRAPH, 0, "Counts."),
                (HEADING, 2, "2. Analyst"),
                (PARAGRAPH, 0, "Looks."),
            ],
            id="numbered names with colons",
        ),
        pytest.param("One line", [(PARAGRAPH, 0, "One line")], id="one line"),
        pytest.param(WRAPPED, [(PARAGRAPH, 0, WRAPPED)], id="wrapped"),
        pytest.param(RAGGED, [(PARAGRAPH, 0, RAGGED)], id="wrapped by hand"),
        pytest.param(
            "What a good candidate brings to us\nfluent Python, some SQL and ideas of their own",
            [
                (HEADING, 1, "What a good candidate brings to us"),
                (PARAGRAPH, 0, "fluent Python, some SQL and ideas of their own"),
            ],
            id="a heading right above a line in lower case",
        ),
        pytest.param(
            "Tools that data engineers work with\nThey use Python, and some of them like it.",
            [
                (HEADING, 1, "Tools that data engineers work with"),
                (PARAGRAPH, 0, "They use Python, and some of them like it."),
            ],
            id="a heading that ends in a preposition",
        ),
        pytest.param(
            "knowledge of accounting\nthe ability to read a balance sheet quickly",
            [
                (PARAGRAPH, 0, "knowledge of accounting"),
                (PARAGRAPH, 0, "the ability to read a balance sheet quickly"),
            ],
            id="a list without marks",
        ),
        pytest.param(
            f"PICKING AT THE SHED\nwhat nobody told you, by one who does it\n\n{RAGGED}",
            [
                (HEADING, 1, "PICKING AT THE SHED"),
                (PARAGRAPH, 0, "what nobody told you, by one who does it"),
                (PARAGRAPH, 0, RAGGED),
            ],
            id="a shouted title above a line in lower case",
        ),
        pytest.param(
            f"Title\n{WRAPPED}\nPay\n{SENTENCE}",
            [
                (HEADING, 1, "Title"),
                (PARAGRAPH, 0, WRAPPED),
                (HEADING, 2, "Pay"),
                (PARAGRAPH, 0, SENTENCE),
            ],
            id="wrapped between headings",
        ),
        pytest.param(
            f"{LONG.strip()}\n{LONG.strip()}",
            [(PARAGRAPH, 0, LONG.strip()), (PARAGRAPH, 0, LONG.strip())],
            id="a paragraph a line",
        ),
        pytest.param(
            f"A line of this text that is the longest of all.\nPay\n{SENTENCE}",
            [
                (PARAGRAPH, 0, "A line of this text that is the longest of all."),
                (HEADING, 2, "Pay"),
                (PARAGRAPH, 0, SENTENCE),
            ],
            id="heading below the longest line",
        ),
        pytest.param(
            f"Title\nSubtitle\n{SENTENCE}\n\nNext\n\n{SENTENCE}",
            [
                (HEADING, 1, "Title"),
                (HEADING, 2, "Subtitle"),
                (PARAGRAPH, 0, SENTENCE),
                (HEADING, 2, "Next"),
                (PARAGRAPH, 0, SENTENCE),
            ],
            id="ranks",
        ),
        pytest.param(
            f"Title\n=====\n\nPart\n----\n{SENTENCE}",
            [(HEADING, 1, "Title\n====="), (HEADING, 2, "Part\n----"), (PARAGRAPH, 0, SENTENCE)],
            id="underlined",
        ),
        pytest.param(
            f"{SENTENCE}\n\n-----\n\n{SENTENCE}",
            [(PARAGRAPH, 0, SENTENCE), (PARAGRAPH, 0, SENTENCE)],
            id="a rule underlines nothing",
        ),
        pytest.param(
            f"1. Intro\n{SENTENCE}\n1.1 Pay\n{SENTENCE}\n1.1.2 Raises\n{SENTENCE}\n2. End\n"
            f"{SENTENCE}",
            [
                (HEADING, 2, "1. Intro"),
                (PARAGRAPH, 0, SENTENCE),
                (HEADING, 3, "1.1 Pay"),
                (PARAGRAPH, 0, SENTENCE),
                (HEADING, 4, "1.1.2 Raises"),
                (PARAGRAPH, 0, SENTENCE),
                (HEADING, 2, "2. End"),
                (PARAGRAPH, 0, SENTENCE),
            ],
            id="numbered headings",
        ),
        pytest.param(
            f"Steps:\n\n1. Learn SQL\n2. Build things\n\n{SENTENCE}",
            [
                (PARAGRAPH, 0, "Steps:"),
                (ITEM, 1, "1. Learn SQL"),
                (ITEM, 1, "2. Build things"),
                (PARAGRAPH, 0, SENTENCE),
            ],
            id="numbered items",
        ),
        pytest.param(
            "* one\n  - two\n    hangs\n* three\n\n(a) four\n• five",
            [
                (ITEM, 1, "* one"),
                (ITEM, 2, "- two\n    hangs"),
                (ITEM, 1, "* three"),
                (ITEM, 1, "(a) four"),
                (ITEM, 1, "• five"),
            ],
            id="items",
        ),
        pytest.param(
            f"Skills\nPython\nSQL\nPatience\nTact\n\nPay\n\n{SENTENCE}",
            [
                (HEADING, 1, "Skills"),
                (ITEM, 1, "Python"),
                (ITEM, 1, "SQL"),
                (ITEM, 1, "Patience"),
                (ITEM, 1, "Tact"),
                (HEADING, 2, "Pay"),
                (PARAGRAPH, 0, SENTENCE),
            ],
            id="a stack of short lines",
        ),
        pytest.param(
            f"What do they do?\n{SENTENCE}",
            [(HEADING, 1, "What do they do?"), (PARAGRAPH, 0, SENTENCE)],
            id="a question",
        ),
        pytest.param(
            f"not a heading\n\nNor this,\n\n12.5\n\n{SENTENCE}",
            [
                (PARAGRAPH, 0, "not a heading"),
                (PARAGRAPH, 0, "Nor this,"),
                (PARAGRAPH, 0, "12.5"),
                (PARAGRAPH, 0, SENTENCE),
            ],
            id="short lines that are no headings",
        ),
    ],
)
def test_parse_plain_text(text: str, blocks: list[tuple[BlockKind, int, str]]) -> None:
    assert blocks_of(text) == blocks


def test_what_is_before_the_body_belongs_to_no_block() -> None:
    text = f"---\ntitle: T\n---\nTitle\n{SENTENCE}"
    assert blocks_of(text, text.index("Title")) == [
        (HEADING, 1, "Title"),
        (PARAGRAPH, 0, SENTENCE),
    ]


@given(text=plain_texts)
def test_blocks_are_in_order_trimmed_and_hold_all_words(text: str) -> None:
    end_before = 0
    for block in parse_plain_text(text):
        assert not any(map(str.isalnum, text[end_before : block.start]))
        assert end_before <= block.start < block.end
        words = text[block.start : block.end]
        assert words == words.strip()
        end_before = block.end
    assert not any(map(str.isalnum, text[end_before:]))
