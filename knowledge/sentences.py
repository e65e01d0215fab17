"""The sentences of a document: what an answer is made of, one by one.

A sentence here is a sentence of a paragraph, a list item or a row of a table. Headings and code are
none: they never answer by themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from nupunkt import sent_spans

from knowledge.blocks import Block, BlockKind, trim
from knowledge.documents import Document, DocumentFormat
from knowledge.markdown import parse_markdown
from knowledge.markup import remove_markup
from knowledge.plain_text import parse_plain_text

_MAX_CHARACTERS_OF_WHOLE_ITEM = 300
_CHARACTERS_OF_A_SLICE = 4_000


class TokenCounter(Protocol):
    """Counts the tokens of texts as the encoder does, without special tokens."""

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """Return one count for each text."""
        ...


class SentenceKind(StrEnum):
    """What a sentence is."""

    SENTENCE = "sentence"
    LEAD = "lead"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One candidate for an answer: a span of its document and the headings above it.

    `lead` is the span of the line that introduces a list item, or of the header of a table row.
    A sentence of kind `lead` introduces the items that name it.
    """

    kind: SentenceKind
    start: int
    end: int
    heading_path: tuple[str, ...]
    lead: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A document taken apart: its blocks, the headings above each, and its sentences."""

    blocks: tuple[Block, ...]
    heading_paths: tuple[tuple[str, ...], ...]
    sentences: tuple[Sentence, ...]


def outline_document(document: Document, count_tokens: TokenCounter, max_tokens: int) -> Outline:
    """Take a document apart; no sentence has more than `max_tokens` tokens.

    A sentence that is longer, such as a table pasted without line ends, is cut at white space, or
    within a word where there is none.
    """
    parse = (
        parse_markdown if document.format is DocumentFormat.MARKDOWN else parse_plain_text
    )
    blocks = parse(document.text, document.body_start)
    paths = tuple(_heading_paths(document.text, blocks))
    sentences = tuple(
        piece
        for sentence in _sentences_of(document.text, blocks, paths)
        for piece in _cut_to_fit(document.text, sentence, count_tokens, max_tokens)
    )
    return Outline(blocks=tuple(blocks), heading_paths=paths, sentences=sentences)


def cut_span(
    text: str, start: int, end: int, count_tokens: TokenCounter, max_tokens: int
) -> Iterator[tuple[int, int]]:
    """Yield spans that partition [start, end), each of at most `max_tokens` tokens."""
    waiting = [(start, end)]
    while waiting:
        start, end = waiting.pop()
        is_short = end - start <= _CHARACTERS_OF_A_SLICE
        if end - start == 1 or (
            is_short and count_tokens([remove_markup(text[start:end])])[0] <= max_tokens
        ):
            yield start, end
            continue
        middle = (start + end) // 2 if is_short else start + _CHARACTERS_OF_A_SLICE
        space = text.rfind(" ", start + 1, middle)
        cut = space + 1 if space > (start + middle) // 2 else middle
        waiting += [(cut, end), (start, cut)]


def _heading_paths(text: str, blocks: Sequence[Block]) -> Iterator[tuple[str, ...]]:
    open_headings: list[tuple[int, str]] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            while open_headings and open_headings[-1][0] >= block.level:
                open_headings.pop()
            heading = remove_markup(text[block.start : block.end])
            if heading:
                open_headings.append((block.level, heading))
        yield tuple(heading for _, heading in open_headings)


def _sentences_of(
    text: str, blocks: Sequence[Block], paths: Sequence[tuple[str, ...]]
) -> Iterator[Sentence]:
    lead: tuple[int, int] | None = None
    leads_of_items: dict[int, tuple[int, int]] = {}
    header_row: tuple[int, int] | None = None
    for position, (block, path) in enumerate(zip(blocks, paths, strict=True)):
        following = blocks[position + 1] if position + 1 < len(blocks) else None
        match block.kind:
            case BlockKind.HEADING | BlockKind.CODE:
                lead = None
            case BlockKind.HEADER_ROW:
                header_row = (block.start, block.end)
            case BlockKind.ROW:
                yield Sentence(
                    kind=SentenceKind.ROW,
                    start=block.start,
                    end=block.end,
                    heading_path=path,
                    lead=header_row,
                )
            case BlockKind.ITEM:
                own_lead = leads_of_items.get(block.level - 1, lead) if block.level > 1 else lead
                leads_of_items[block.level] = (block.start, block.end)
                introduces = (
                    following is not None
                    and following.kind is BlockKind.ITEM
                    and following.level > block.level
                )
                spans = (
                    [(block.start, block.end)]
                    if block.end - block.start <= _MAX_CHARACTERS_OF_WHOLE_ITEM
                    else list(_spans_of_sentences(text, block))
                )
                for start, end in spans:
                    yield Sentence(
                        kind=SentenceKind.LEAD if introduces else SentenceKind.ITEM,
                        start=start,
                        end=end,
                        heading_path=path,
                        lead=own_lead,
                    )
            case BlockKind.PARAGRAPH:
                spans = list(_spans_of_sentences(text, block))
                introduces = (
                    following is not None
                    and following.kind in {BlockKind.ITEM, BlockKind.HEADER_ROW}
                    and text[block.start : block.end].rstrip("*_ ").endswith(":")
                )
                lead = spans[-1] if introduces and spans else None
                leads_of_items.clear()
                for span in spans:
                    kind = SentenceKind.LEAD if span == lead else SentenceKind.SENTENCE
                    yield Sentence(kind=kind, start=span[0], end=span[1], heading_path=path)


def _spans_of_sentences(text: str, block: Block) -> Iterator[tuple[int, int]]:
    block_text = text[block.start : block.end]
    for start, end in sent_spans(block_text):
        sentence_start, sentence_end = trim(text, block.start + start, block.start + end)
        if sentence_start < sentence_end:
            yield sentence_start, sentence_end


def _cut_to_fit(
    text: str, sentence: Sentence, count_tokens: TokenCounter, max_tokens: int
) -> Iterator[Sentence]:
    # A token has at least one character, decomposed ones aside, so most need no counting.
    if sentence.end - sentence.start <= max_tokens // 4:
        spans: Iterator[tuple[int, int]] = iter([(sentence.start, sentence.end)])
    else:
        spans = cut_span(text, sentence.start, sentence.end, count_tokens, max_tokens)
    for start, end in spans:
        start, end = trim(text, start, end)
        if start < end and remove_markup(text[start:end]):
            yield Sentence(
                kind=sentence.kind,
                start=start,
                end=end,
                heading_path=sentence.heading_path,
                lead=sentence.lead,
            )
