from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.blocks import BlockKind
from knowledge.documents import Document
from knowledge.markup import remove_markup
from knowledge.measuring import MeasuredText, TokenCounter
from knowledge.sentences import Outline, SentenceKind, outline_document
from tests.knowledge.texts import markdown_texts, plain_texts

MAX_TOKENS = 190
SENTENCE, LEAD, ITEM, ROW = SentenceKind

Reader = Callable[[str], Document]
Described = tuple[SentenceKind, str, str | None]


def take_apart(document: Document, count: TokenCounter, max_tokens: int) -> Outline:
    return outline_document(document, MeasuredText(document.text, count), max_tokens)


def describe(document: Document, outline: Outline) -> list[Described]:
    return [
        (
            sentence.kind,
            document.text[sentence.start : sentence.end],
            document.text[slice(*sentence.lead)] if sentence.lead else None,
        )
        for sentence in outline.sentences
    ]


LONG_WORDS = "and it goes on with more and more words " * 10

MARKDOWN = {
    "paragraph": (
        "One sentence. Another, e.g. this one (ie. it). *Last.*\n",
        [
            (SENTENCE, "One sentence.", None),
            (SENTENCE, "Another, e.g. this one (ie. it).", None),
            (SENTENCE, "*Last.*", None),
        ],
    ),
    "headings and code are none": ("# A\n\n```\nx\n```\n\n**B**\n\n    y\n", []),
    "list with a lead": (
        "First. You will:\n\n- build\n- test\n\nAfter.\n\n- alone\n",
        [
            (SENTENCE, "First.", None),
            (LEAD, "You will:", None),
            (ITEM, "- build", "You will:"),
            (ITEM, "- test", "You will:"),
            (SENTENCE, "After.", None),
            (ITEM, "- alone", None),
        ],
    ),
    "bold lead": (
        "**You will:**\nbuild, and:**\n\n- test\n",
        [
            (LEAD, "**You will:**\nbuild, and:**", None),
            (ITEM, "- test", "**You will:**\nbuild, and:**"),
        ],
    ),
    "lines that end in a backslash": (
        "Share it\\\nThey share what they made \\\nwith all. Always.\n",
        [
            (SENTENCE, "Share it", None),
            (SENTENCE, "They share what they made", None),
            (SENTENCE, "with all.", None),
            (SENTENCE, "Always.", None),
        ],
    ),
    "bold lines below a lead": (
        "You need:\n\n**Essential**\n\n- SQL\n\n**Nice to have**\n\n- Go\n\n## Pay\n\n- good\n",
        [
            (LEAD, "You need:", None),
            (ITEM, "- SQL", "You need:"),
            (ITEM, "- Go", "You need:"),
            (ITEM, "- good", None),
        ],
    ),
    "nested items": (
        "You will:\n\n- build\n  - data\n    - daily\n  - tools\n- test\n",
        [
            (LEAD, "You will:", None),
            (LEAD, "- build", "You will:"),
            (LEAD, "- data", "- build"),
            (ITEM, "- daily", "- data"),
            (ITEM, "- tools", "- build"),
            (ITEM, "- test", "You will:"),
        ],
    ),
    "items of several paragraphs": (
        "You will:\n\n- **Build**\n\n  It takes time. And care.\n\n- Test all.\n\n"
        "  Twice.\n\n- End\n",
        [
            (LEAD, "You will:", None),
            (LEAD, "- **Build**", "You will:"),
            (ITEM, "It takes time.", "- **Build**"),
            (ITEM, "And care.", "- **Build**"),
            (ITEM, "- Test all.", "You will:"),
            (ITEM, "Twice.", "You will:"),
            (ITEM, "- End", "You will:"),
        ],
    ),
    "lead within an item": (
        "- Build\n\n  Such as:\n\n  - data\n\n- Test\n",
        [
            (LEAD, "- Build", None),
            (LEAD, "Such as:", "- Build"),
            (ITEM, "- data", "Such as:"),
            (ITEM, "- Test", None),
        ],
    ),
    "code within a list": (
        "Do:\n\n- a\n\n  ```\n  x\n  ```\n\n- b\n",
        [(LEAD, "Do:", None), (ITEM, "- a", "Do:"), (ITEM, "- b", "Do:")],
    ),
    "long item": (
        f"- It begins. Then {LONG_WORDS}end.\n",
        [(ITEM, "- It begins.", None), (ITEM, f"Then {LONG_WORDS}end.", None)],
    ),
    "long item that begins bold": (
        f"You will:\n\n- **Build.** Then {LONG_WORDS}end. Rest.\n",
        [
            (LEAD, "You will:", None),
            (LEAD, "- **Build.**", "You will:"),
            (ITEM, f"Then {LONG_WORDS}end.", "- **Build.**"),
            (ITEM, "Rest.", "- **Build.**"),
        ],
    ),
    "long item with items": (
        f"- It begins. Then {LONG_WORDS}end:\n  - a\n",
        [
            (ITEM, "- It begins.", None),
            (LEAD, f"Then {LONG_WORDS}end:", None),
            (ITEM, "- a", f"Then {LONG_WORDS}end:"),
        ],
    ),
    "questions": (
        "Is it hard? Not at all. You learn. Who helps? Why?\n\nYour lead does.\n\nSo it goes.\n",
        [
            (LEAD, "Is it hard?", None),
            (SENTENCE, "Not at all.", "Is it hard?"),
            (SENTENCE, "You learn.", "Is it hard?"),
            (SENTENCE, "Who helps?", None),
            (LEAD, "Why?", None),
            (SENTENCE, "Your lead does.", "Why?"),
            (SENTENCE, "So it goes.", None),
        ],
    ),
    "a question before a list and one in an item": (
        "Why?\n\n- pay\n- who pays?\n\n  We do.\n\nSo it goes.\n",
        [
            (SENTENCE, "Why?", None),
            (ITEM, "- pay", None),
            (LEAD, "- who pays?", None),
            (ITEM, "We do.", "- who pays?"),
            (SENTENCE, "So it goes.", None),
        ],
    ),
    "bold words that begin a paragraph": (
        "**Money.** Little. In cash.\n\nSo **it** goes.\n",
        [
            (LEAD, "**Money.**", None),
            (SENTENCE, "Little.", "**Money.**"),
            (SENTENCE, "In cash.", "**Money.**"),
            (SENTENCE, "So **it** goes.", None),
        ],
    ),
    "tables": (
        "These:\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n| C |\n|---|\n| 3 |\n\n- x\n",
        [
            (LEAD, "These:", None),
            (ROW, "| 1 | 2 |", "| A | B |"),
            (ROW, "| 3 |", "| C |"),
            (ITEM, "- x", None),
        ],
    ),
    "HTML": (
        "All:\n\n<ul>\n<li>one</li>\n<li>two</li></ul>\n\n<!-- Hidden. Words. -->\n\n"
        "<table><tr><th>A</th></tr><tr><td>1</td></tr></table>\n\n"
        "<p>Text. More.</p>\n\n<table><tr><td>2</td></tr></table>\n",
        [
            (LEAD, "All:", None),
            (ITEM, "<li>one</li>", "All:"),
            (ITEM, "<li>two</li></ul>", "All:"),
            (ROW, "<tr><td>1</td></tr></table>", "<tr><th>A</th></tr>"),
            (SENTENCE, "<p>Text.", None),
            (SENTENCE, "More.</p>", None),
            (ROW, "<tr><td>2</td></tr></table>", None),
        ],
    ),
    "entries of a table of contents are none": (
        "# Contents\n\n- [A](#a)\n  - [B](#b)\n- [**C**](c.md)\n- [D](d.md) is next\n"
        "- [E](https://e.org)\n\nSee:\n\n- [F](f.md)\n",
        [
            (ITEM, "- [D](d.md) is next", None),
            (ITEM, "- [E](https://e.org)", None),
            (LEAD, "See:", None),
            (ITEM, "- [F](f.md)", "See:"),
        ],
    ),
    "links, code and tags are not cut through": (
        "See [this. That](https://x.y/a?b=c. D) now. Or `x. Y z` here. Or [a. B][r]. End.\n",
        [
            (SENTENCE, "See [this. That](https://x.y/a?b=c. D) now.", None),
            (SENTENCE, "Or `x. Y z` here.", None),
            (SENTENCE, "Or [a. B][r].", None),
            (SENTENCE, "End.", None),
        ],
    ),
    "quote": (
        "> One. Two\n> words.\n",
        [(SENTENCE, "> One.", None), (SENTENCE, "Two\n> words.", None)],
    ),
    "an image without words is none": ("![](a.png)\n\n- ![](b.png)\n", []),
}


@pytest.mark.parametrize("name", MARKDOWN)
def test_sentences_of_markdown(
    name: str, read_markdown: Reader, count_tokens: TokenCounter
) -> None:
    text, described = MARKDOWN[name]
    document = read_markdown(text)
    assert describe(document, take_apart(document, count_tokens, MAX_TOKENS)) == described


def test_sentences_of_plain_text(read_plain_text: Reader, count_tokens: TokenCounter) -> None:
    document = read_plain_text(
        "Developer\nA developer builds. They test.\n\nThey need:\n\n- SQL\n    - joins\n- Go\n"
        "      - tools\n\nPay\n  - good\n"
    )
    assert describe(document, take_apart(document, count_tokens, MAX_TOKENS)) == [
        (SENTENCE, "A developer builds.", None),
        (SENTENCE, "They test.", None),
        (LEAD, "They need:", None),
        (LEAD, "- SQL", "They need:"),
        (ITEM, "- joins", "- SQL"),
        (LEAD, "- Go", "They need:"),
        (ITEM, "- tools", "- Go"),
        (ITEM, "- good", None),
    ]


def test_heading_paths(read_markdown: Reader, count_tokens: TokenCounter) -> None:
    document = read_markdown(
        "Zero.\n\n# A\n\nOne.\n\n### B *b*\n\nTwo.\n\n**C**\n\nThree.\n\n## D\n\nFour.\n\n"
        "##\n\nFive.\n\n# E\n\nSix.\n"
    )
    outline = take_apart(document, count_tokens, MAX_TOKENS)
    assert [sentence.heading_path for sentence in outline.sentences] == [
        (),
        ("A",),
        ("A", "B b"),
        ("A", "B b", "C"),
        ("A", "D"),
        ("A",),
        ("E",),
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("word " * 2000, id="a sentence"),
        pytest.param("word" * 2000, id="a word"),
        pytest.param("word\n" * 2000, id="lines"),
        pytest.param("- " + "word " * 2000, id="an item"),
        pytest.param("| A |\n|---|\n| " + "word " * 2000 + "|", id="a row"),
        pytest.param("| " + "word " * 2000 + "|\n|---|\n| 1 |", id="a header row"),
        pytest.param("word " * 2000 + ":\n\n- 1", id="a lead"),
        pytest.param("- " + "word " * 2000 + ":\n  - 1", id="an item that leads"),
        pytest.param("Nested 각. " * 500, id="characters of several tokens"),
    ],
)
def test_no_sentence_and_no_lead_is_beyond_the_limit(
    text: str, read_markdown: Reader, count_tokens: TokenCounter
) -> None:
    document = read_markdown(text)
    outline = take_apart(document, count_tokens, 40)
    assert outline.sentences
    spans = [(sentence.start, sentence.end) for sentence in outline.sentences]
    spans += [sentence.lead for sentence in outline.sentences if sentence.lead]
    counts = count_tokens([remove_markup(document.text[start:end]) for start, end in spans])
    assert max(counts) <= 40


@given(
    text=st.one_of(markdown_texts, plain_texts),
    is_markdown=st.booleans(),
    max_tokens=st.sampled_from([12, 40, 190]),
)
def test_sentences_are_apart_and_name_what_stands_before_them(
    text: str,
    is_markdown: bool,
    max_tokens: int,
    read_markdown: Reader,
    read_plain_text: Reader,
    count_tokens: TokenCounter,
) -> None:
    document = (read_markdown if is_markdown else read_plain_text)("\n" + text)
    outline = take_apart(document, count_tokens, max_tokens)
    silent = [
        (block.start, block.end)
        for block in outline.blocks
        if block.kind in {BlockKind.HEADING, BlockKind.CODE, BlockKind.HEADER_ROW}
    ]
    leads = {(s.start, s.end) for s in outline.sentences if s.kind is LEAD}
    for first, second in pairwise(outline.sentences):
        assert first.end <= second.start
    for sentence in outline.sentences:
        assert not any(start < sentence.end and sentence.start < end for start, end in silent)
        if sentence.lead is None:
            continue
        assert sentence.lead[1] <= sentence.start
        if sentence.kind is ROW or sentence.lead not in leads:
            # The header of a table, or the head of a column.
            assert any(start <= sentence.lead[0] < end for start, end in silent)
    words = [remove_markup(document.text[s.start : s.end]) for s in outline.sentences]
    assert all(words)
    assert all(
        tokens <= max_tokens or sentence.end - sentence.start == 1
        for tokens, sentence in zip(
            count_tokens(words) if words else [], outline.sentences, strict=True
        )
    )
