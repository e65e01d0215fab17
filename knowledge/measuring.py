"""The spans of a document are read without markup and counted, many at once and each once."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from knowledge.blocks import trim
from knowledge.markup import remove_markup

MAX_CHARACTERS_COUNTED = 4_000
"""What is longer is cut before it is counted."""

Span = tuple[int, int]


class TokenCounter(Protocol):
    """Counts the tokens of texts as the encoder does, without special tokens."""

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """Return one count for each text."""
        ...


class MeasuredText:
    """A document's text with what is known of its spans."""

    def __init__(self, text: str, count_tokens: TokenCounter) -> None:
        """Take a text and what counts its tokens."""
        self.text = text
        self._count_tokens = count_tokens
        self._counts: dict[Span, int] = {}

    def words(self, start: int, end: int) -> str:
        """Return a span's words without markup."""
        return remove_markup(self.text[start:end])

    def count(self, spans: Sequence[Span]) -> list[int]:
        """Return the tokens of each span without markup; white space around it has none."""
        trimmed = [trim(self.text, *span) for span in spans]
        unknown = [span for span in dict.fromkeys(trimmed) if span not in self._counts]
        if unknown:
            counts = self._count_tokens([self.words(*span) for span in unknown])
            self._counts.update(zip(unknown, counts, strict=True))
        return [self._counts[span] for span in trimmed]

    def cut(self, start: int, end: int, max_tokens: int) -> Iterator[Span]:
        """Yield spans that partition [start, end), each of at most `max_tokens` tokens."""
        waiting = [(start, end)]
        while waiting:
            start, end = waiting.pop()
            is_short = end - start <= MAX_CHARACTERS_COUNTED
            if end - start == 1 or (is_short and self.count([(start, end)])[0] <= max_tokens):
                yield start, end
                continue
            middle = (start + end) // 2 if is_short else start + MAX_CHARACTERS_COUNTED
            space = max(self.text.rfind(mark, start + 1, middle) for mark in " \n")
            cut = space + 1 if space > (start + middle) // 2 else middle
            waiting += [(cut, end), (start, cut)]
