"""Spans are counted without markup, each once, and cut to fit."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from knowledge.markup import remove_markup
from knowledge.measuring import MeasuredText, TokenCounter
from tests.knowledge.texts import markdown_texts, plain_texts


@given(text=st.one_of(markdown_texts, plain_texts), max_tokens=st.integers(4, 50))
def test_what_is_cut_partitions_and_fits(
    text: str, max_tokens: int, count_tokens: TokenCounter
) -> None:
    spans = list(MeasuredText(text, count_tokens).cut(0, len(text), max_tokens)) if text else []
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(start < end for start, end in spans)
    counts = count_tokens([remove_markup(text[start:end]) for start, end in spans]) if spans else []
    assert all(
        tokens <= max_tokens or end - start == 1
        for tokens, (start, end) in zip(counts, spans, strict=True)
    )


def test_cuts_are_at_white_space(count_words: TokenCounter) -> None:
    text = "one two three four five six seven eight"
    spans = list(MeasuredText(text, count_words).cut(0, len(text), 3))
    assert [text[start:end] for start, end in spans] == [
        "one two ",
        "three four ",
        "five six ",
        "seven eight",
    ]


def test_spans_are_counted_together_and_once() -> None:
    asked: list[list[str]] = []

    def count(texts: Sequence[str]) -> list[int]:
        asked.append(list(texts))
        return [len(text) for text in texts]

    measured = MeasuredText("One. **Two.** Three.", count)
    assert measured.count([(0, 4), (5, 13), (0, 5)]) == [4, 4, 4]
    assert measured.count([(4, 14), (14, 20)]) == [4, 6]
    assert measured.count([]) == []
    assert asked == [["One.", "Two."], ["Three."]]
