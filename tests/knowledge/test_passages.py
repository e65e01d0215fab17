import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Document, DocumentFormat, parse_document_text
from knowledge.markup import remove_markup
from knowledge.measuring import TokenCounter
from knowledge.passages import Passage, SplitDocument, contextualise, split_document
from knowledge.reading.reading import read_documents
from knowledge.sentences import SentenceKind
from knowledge.settings import KnowledgeSettings
from tests.knowledge.texts import markdown_texts, plain_texts

MAX_TOKENS = 254
TARGET_TOKENS = 222
SEED = Path(__file__).parents[2] / "seeds" / "software-engineer-data-science.txt"

Reader = Callable[[str], Document]


def split(document: Document, count: TokenCounter, max_tokens: int = MAX_TOKENS) -> SplitDocument:
    return split_document(
        document, count, max_tokens=max_tokens, target_tokens=min(TARGET_TOKENS, max_tokens)
    )


def text_of(document: Document, passage: Passage) -> str:
    return document.text[passage.start : passage.end]


def assert_partitions_and_fits(
    document: Document, count: TokenCounter, max_tokens: int = MAX_TOKENS
) -> SplitDocument:
    result = split(document, count, max_tokens)
    body = document.text[document.body_start :]
    assert "".join(text_of(document, passage) for passage in result.passages) == body
    for before, after in pairwise(result.passages):
        assert before.end == after.start
    ids = [passage.id for passage in result.passages]
    assert len(set(ids)) == len(ids)
    for sentence in result.sentences:
        assert document.body_start <= sentence.start < sentence.end <= len(document.text)
        quote = document.text[sentence.start : sentence.end]
        assert quote == quote.strip()
        assert remove_markup(quote)
    for first, second in pairwise(result.sentences):
        assert first.end <= second.start
    headings_of_spans = [
        *((passage.heading_path, text_of(document, passage)) for passage in result.passages),
        *(
            (sentence.heading_path, document.text[sentence.start : sentence.end])
            for sentence in result.sentences
        ),
    ]
    encoded = [
        contextualise(document.title, path, text, count, max_tokens)
        for path, text in headings_of_spans
    ]
    for words, tokens in zip(encoded, count(encoded) if encoded else [], strict=True):
        assert tokens <= max_tokens, words
    return result


@given(text=markdown_texts)
def test_passages_of_random_markdown_partition_and_fit(
    text: str, read_markdown: Reader, count_tokens: TokenCounter
) -> None:
    assert_partitions_and_fits(read_or_take_whole(read_markdown, text), count_tokens)


@given(text=plain_texts)
def test_passages_of_random_plain_text_partition_and_fit(
    text: str, read_plain_text: Reader, count_tokens: TokenCounter
) -> None:
    assert_partitions_and_fits(read_or_take_whole(read_plain_text, text), count_tokens)


@given(text=markdown_texts, max_tokens=st.integers(24, 80))
def test_passages_fit_small_encoders(
    text: str, max_tokens: int, read_markdown: Reader, count_tokens: TokenCounter
) -> None:
    document = read_or_take_whole(read_markdown, text)
    assert_partitions_and_fits(document, count_tokens, max_tokens)


def read_or_take_whole(read: Reader, text: str) -> Document:
    try:
        return read(text)
    except ValueError as error:
        if "front matter" not in str(error):
            raise
        return read("\n" + text)  # random front matter is mostly broken


EDGE_CASES = {
    "no final newline": "# Title\n\nText.",
    "white space only": " \n\t\n \f\n",
    "one line": "One line.",
    "no headings": "One paragraph.\n\nAnother paragraph.\n",
    "only headings": "# A\n\n## B\n\n### C\n\n# D\n",
    "a heading beyond the limit": "# " + "very " * 2000 + "long\n\nText.\n",
    "a title beyond the limit": "---\ntitle: " + "very " * 400 + "long\n---\nText.\n",
    "10,000 nested list items": "".join(f"{'  ' * (n % 7)}- item {n}\n" for n in range(10_000)),
    "10,000 items without words": "-\n" * 10_000,
    "10,000 empty blocks of HTML": "<br>\n\n" * 10_000,
    "lists in lists in lists": "".join(f"{'  ' * n}- item {n}\n" for n in range(150)),
    "quotes in quotes": "> " * 300 + "words\n",
    "front matter": "---\ntitle: T\n---\n# A\n\nText.\n",
    "front matter that is no mapping": "---\njust words\n---\n# A\n\nText.\n",
    "unclosed front matter": "---\ntitle: T\n\n# A\n\nText.\n",
    "only front matter": "---\ntitle: T\n---\n",
    "table": "| A | B |\n|---|---|\n" + "| one | two |\n" * 500,
    "table with a row beyond the limit": "| A | B |\n|---|---|\n| " + "word " * 3000 + "| x |\n",
    "table with a header beyond the limit": "| " + "word " * 900 + "|\n|---|\n| x |\n| y |\n",
    "introduction beyond the limit": "word " * 900 + "are:\n\n- one\n- two\n",
    "unclosed code": "Text.\n\n```\n" + "code\n" * 900,
    "unclosed comment": "Text.\n\n<!-- hidden\n\n" + "words\n" * 900,
    "a link cut in two": "[" + "word. Next " * 300 + "](https://example.org)\n",
    "decomposing characters": "각힣" * 5000,
}


@pytest.mark.parametrize("document_format", DocumentFormat)
@pytest.mark.parametrize("name", EDGE_CASES)
def test_passages_of_edge_cases_partition_and_fit(
    name: str, document_format: DocumentFormat, count_tokens: TokenCounter
) -> None:
    document = parse_document_text(
        EDGE_CASES[name], id_="guide", source="guide", document_format=document_format
    )
    assert_partitions_and_fits(document, count_tokens)


def test_a_1_mb_line_with_spaces_partitions_and_fits(
    read_markdown: Reader, count_tokens: TokenCounter
) -> None:
    assert_partitions_and_fits(read_markdown("word and more " * 75_000), count_tokens)


def test_a_1_mb_line_without_spaces_partitions_and_fits(
    read_plain_text: Reader, count_tokens: TokenCounter
) -> None:
    assert_partitions_and_fits(read_plain_text("0123456789" * 100_000), count_tokens)


def test_an_empty_body_has_no_passages(read_markdown: Reader, count_tokens: TokenCounter) -> None:
    for text in ("", "---\ntitle: T\n---\n"):
        empty = split(read_markdown(text), count_tokens)
        assert empty.passages == ()
        assert empty.sentences == ()


def test_front_matter_is_part_of_no_passage(
    read_markdown: Reader, count_tokens: TokenCounter
) -> None:
    document = read_markdown("---\ntitle: Secret\n---\n# Heading\n\nText.\n")
    assert [text_of(document, p) for p in split(document, count_tokens).passages] == [
        "# Heading\n\nText.\n"
    ]


def test_the_id_of_a_passage_names_its_document_and_span(
    read_markdown: Reader, count_tokens: TokenCounter
) -> None:
    document = read_markdown("One paragraph.\n")
    (passage,) = split(document, count_tokens).passages
    assert (passage.id, passage.document_id) == ("guide.md#0-15", "guide.md")


def test_small_sections_merge_and_large_ones_are_cut(
    read_markdown: Reader, count_words: TokenCounter
) -> None:
    small = "## Small\n\nFew words here.\n\n"
    large = "## Large\n\n" + "Ten words make up each one of all these sentences. " * 80
    document = read_markdown(f"{small}{small}{large}")
    passages = split(document, count_words).passages
    assert text_of(document, passages[0]).count("## Small") == 2
    sizes = [len(remove_markup(text_of(document, passage)).split()) for passage in passages[1:]]
    assert len(sizes) >= 2
    assert all(TARGET_TOKENS / 2 <= size <= TARGET_TOKENS * 1.25 for size in sizes)


def test_cuts_are_laid_at_headings(read_markdown: Reader, count_words: TokenCounter) -> None:
    section = "Ten words make up each one of all these sentences. " * 15
    document = read_markdown("".join(f"# Role {n}\n\n{section}\n\n" for n in range(5)))
    passages = split(document, count_words).passages
    assert [passage.heading_path for passage in passages] == [(f"Role {n}",) for n in range(5)]
    assert all(text_of(document, passage).startswith("# Role") for passage in passages)


def test_a_heading_and_a_lead_are_not_left_behind(
    read_markdown: Reader, count_words: TokenCounter
) -> None:
    filler = "Ten words make up each one of all these sentences. " * 16
    items = "".join(f"- item {n} has six words\n" for n in range(20))
    document = read_markdown(f"{filler}\n\nThe duties are:\n\n{items}\n\n## Next\n\n{filler}\n")
    for passage in split(document, count_words).passages:
        text = text_of(document, passage).strip()
        assert not text.endswith(("The duties are:", "## Next"))


def test_a_passage_of_several_sections_has_the_headings_they_share(
    read_markdown: Reader, count_words: TokenCounter
) -> None:
    document = read_markdown("# Role\n\n## Pay\n\nMuch.\n\n## Hours\n\nMany.\n")
    (passage,) = split(document, count_words).passages
    assert passage.heading_path == ("Role",)
    (passage,) = split(
        read_markdown("## Pay\n\nMuch.\n\n## Hours\n\nMany.\n"), count_words
    ).passages
    assert passage.heading_path == ()


def test_passages_fit_where_joined_words_count_more(read_markdown: Reader) -> None:
    def count(texts: Sequence[str]) -> list[int]:
        return [len(text.split()) ** 2 // 10 for text in texts]

    document = read_markdown("Ten words make up each one of all these sentences. " * 40)
    assert_partitions_and_fits(document, count)


@pytest.mark.parametrize(
    ("title", "path", "text", "max_tokens", "expected"),
    [
        pytest.param("Guide", ("Role", "Pay"), "Much.", 80, "Guide. Role. Pay. Much.", id="all"),
        pytest.param("Guide", (), "Much.", 80, "Guide. Much.", id="no headings"),
        pytest.param("Guide", ("Guide", "Pay"), "Much.", 80, "Guide. Pay. Much.", id="once each"),
        pytest.param("", (), "**Much.**", 80, "Much.", id="no context"),
        pytest.param(
            "Guide", ("Pay",), "## Pay\n\nMuch.", 80, "Guide. Pay Much.", id="in the text"
        ),
        pytest.param("Guide", ("A", "B", "C"), "x", 32, "Guide. B. C. x", id="outer heading goes"),
        pytest.param("A guide", ("A", "B"), "x", 24, "B. x", id="title goes after them"),
        pytest.param("A guide", ("Very long one",), "x", 24, "Very long. x", id="words are cut"),
    ],
)
def test_contextualise(
    title: str,
    path: tuple[str, ...],
    text: str,
    max_tokens: int,
    expected: str,
    count_words: TokenCounter,
) -> None:
    assert contextualise(title, path, text, count_words, max_tokens) == expected


def test_the_seed_guide(count_tokens: TokenCounter) -> None:
    (document,) = read_documents([SEED], KnowledgeSettings())
    result = assert_partitions_and_fits(document, count_tokens)
    assert document.title == "Software Engineer (Data Science)"
    assert document.text == SEED.read_text("utf-8")
    assert len(result.sentences) == 11
    assert {sentence.kind for sentence in result.sentences} == {SentenceKind.SENTENCE}
    name = "Software Engineer (Data Science)"
    assert [sentence.heading_path for sentence in result.sentences] == [
        *[(name, f"{name}: A Comprehensive Career Guide")] * 6,
        *[(name, f"Overview of {name}", f"Defining the Role: {name}")] * 5,
    ]
    last = result.sentences[-1]
    assert document.text[last.start : last.end].startswith("It also differs from a Data Engineer,")


@pytest.mark.skipif("ROLEWISE_ROLES" not in os.environ, reason="ROLEWISE_ROLES names no guides")
def test_third_party_guides_partition_and_fit(count_tokens: TokenCounter) -> None:
    reading = read_documents([Path(os.environ["ROLEWISE_ROLES"], "guides")], KnowledgeSettings())
    for document in reading:
        assert assert_partitions_and_fits(document, count_tokens).sentences
    assert reading.skipped == ()
