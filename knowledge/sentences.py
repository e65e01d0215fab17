"""The sentences of a document: what an answer is made of, one by one.

A sentence here is a sentence of a paragraph, a list item or a row of a table. Headings, code and
the entries of a table of contents are none: they never answer by themselves.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from nupunkt import sent_spans

from knowledge.blocks import LEVEL_OF_BOLD_LINE, Block, BlockKind, trim
from knowledge.documents import Document, DocumentFormat
from knowledge.markdown import parse_markdown
from knowledge.markup import remove_markup
from knowledge.plain_text import parse_plain_text

_MAX_CHARACTERS_OF_WHOLE_ITEM = 300
_CHARACTERS_OF_A_SLICE = 4_000
_CHARACTERS_SEGMENTED_AT_ONCE = 10_000
_UNBREAKABLE = re.compile(r"`[^`]+`|<[^<>]*>|!?\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])")
_ABBREVIATION_AT_END = re.compile(r"(?<!\w)\w{1,3}\.\Z")
_MARKS_OF_ITEM = r"(?:[-*+]|\d{1,9}[.)])?\s*"
_BOLD_SENTENCE = re.compile(rf"{_MARKS_OF_ITEM}(\*\*|__)(?:(?!\1).)+\1[.:]?", re.DOTALL)
_LINK_WITHIN_GUIDES = re.compile(rf"{_MARKS_OF_ITEM}[*_]*\[[^\[\]]*\]\((?!\w+:)[^()\s]+\)[*_]*")

_Span = tuple[int, int]


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
    A sentence of kind `lead` introduces the items that name it, or a table. What belongs to a list
    item is of kind `item`, and names the line above it in the list.
    """

    kind: SentenceKind
    start: int
    end: int
    heading_path: tuple[str, ...]
    lead: _Span | None = None


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
    text = document.text
    parse = parse_markdown if document.format is DocumentFormat.MARKDOWN else parse_plain_text
    blocks = parse(text, document.body_start)
    paths = tuple(_heading_paths(text, blocks))

    def fit(spans: Iterable[_Span]) -> list[_Span]:
        return list(_cut_to_fit(text, spans, count_tokens, max_tokens))

    sentences = list(_sentences_of(text, blocks, paths, fit))
    leads = {sentence.lead for sentence in sentences}
    return Outline(
        blocks=tuple(blocks),
        heading_paths=paths,
        sentences=tuple(
            replace(sentence, kind=SentenceKind.LEAD)
            if (sentence.start, sentence.end) in leads
            else sentence
            for sentence in sentences
        ),
    )


def cut_span(
    text: str, start: int, end: int, count_tokens: TokenCounter, max_tokens: int
) -> Iterator[_Span]:
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
        space = max(text.rfind(mark, start + 1, middle) for mark in " \n")
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


def _cut_to_fit(
    text: str, spans: Iterable[_Span], count_tokens: TokenCounter, max_tokens: int
) -> Iterator[_Span]:
    for start, end in spans:
        # A character is at most four tokens (a byte each), so what is short needs no counting.
        pieces = (
            [(start, end)]
            if end - start <= max_tokens // 4
            else cut_span(text, start, end, count_tokens, max_tokens)
        )
        for piece in pieces:
            piece_start, piece_end = trim(text, *piece)
            if remove_markup(text[piece_start:piece_end]):
                yield piece_start, piece_end


@dataclass(slots=True)
class _OpenItem:
    """A list item that the blocks behind it may belong to.

    `line` introduces the items within it; `lead_of_text` the paragraphs.
    """

    level: int
    line: _Span | None
    lead_of_text: _Span | None


def _sentences_of(
    text: str,
    blocks: Sequence[Block],
    paths: Sequence[tuple[str, ...]],
    fit: Callable[[Iterable[_Span]], list[_Span]],
) -> Iterator[Sentence]:
    lead: _Span | None = None
    header_row: _Span | None = None
    open_items: list[_OpenItem] = []
    for position, (block, path) in enumerate(zip(blocks, paths, strict=True)):
        if block.kind not in {BlockKind.HEADER_ROW, BlockKind.ROW}:
            header_row = None
        if block.kind is BlockKind.HEADING:
            open_items.clear()
            # "Skills include:", "**Technical**", "- SQL": a bold line doesn't end what introduces.
            lead = lead if block.level == LEVEL_OF_BOLD_LINE else None
            continue
        is_item = block.kind is BlockKind.ITEM
        while open_items and open_items[-1].level + is_item > block.level:
            open_items.pop()
        parent = open_items[-1] if open_items else None
        introduced = lead
        if not is_item and not block.level:
            lead = None
        match block.kind:
            case BlockKind.HEADER_ROW:
                header_row = next(iter(fit([(block.start, block.end)])), None)
            case BlockKind.ROW:
                for start, end in fit([(block.start, block.end)]):
                    yield Sentence(
                        kind=SentenceKind.ROW,
                        start=start,
                        end=end,
                        heading_path=path,
                        lead=header_row,
                    )
            case BlockKind.ITEM:
                own_lead = parent.line if parent else introduced
                sentences = list(_sentences_of_item(text, block, path, own_lead, fit))
                yield from sentences
                line = (sentences[-1].start, sentences[-1].end) if sentences else own_lead
                following = blocks[position + 1] if position + 1 < len(blocks) else None
                introduces_text = (
                    following is not None
                    and following.kind is BlockKind.PARAGRAPH
                    and not _ends_like_sentence(text, block)
                )
                open_items.append(
                    _OpenItem(
                        level=block.level,
                        line=line,
                        lead_of_text=line if introduces_text else own_lead,
                    )
                )
            case BlockKind.PARAGRAPH:
                spans = fit(_spans_of_sentences(text, block))
                following = _first_but_bold_lines(blocks, position + 1)
                introduces = (
                    bool(spans)
                    and remove_markup(text[slice(*spans[-1])]).endswith((":", "："))
                    and following is not None
                    and (
                        following.kind is BlockKind.HEADER_ROW or _is_item_within(block, following)
                    )
                )
                for span in spans:
                    is_lead = introduces and span == spans[-1]
                    kind = SentenceKind.ITEM if parent else SentenceKind.SENTENCE
                    yield Sentence(
                        kind=SentenceKind.LEAD if is_lead else kind,
                        start=span[0],
                        end=span[1],
                        heading_path=path,
                        lead=parent.lead_of_text if parent else None,
                    )
                if introduces and parent:
                    parent.line = spans[-1]
                elif introduces:
                    lead = spans[-1]


def _sentences_of_item(
    text: str,
    block: Block,
    path: tuple[str, ...],
    lead: _Span | None,
    fit: Callable[[Iterable[_Span]], list[_Span]],
) -> Iterator[Sentence]:
    """Yield a list item whole, or its sentences where it is long.

    A bold sentence that begins a long item introduces its other sentences.
    """
    if lead is None and _LINK_WITHIN_GUIDES.fullmatch(text, block.start, block.end):
        return
    if block.end - block.start <= _MAX_CHARACTERS_OF_WHOLE_ITEM:
        spans = fit([(block.start, block.end)])
    else:
        spans = fit(_spans_of_sentences(text, block))
    begins_bold = len(spans) > 1 and _BOLD_SENTENCE.fullmatch(text, *spans[0]) is not None
    for position, (start, end) in enumerate(spans):
        yield Sentence(
            kind=SentenceKind.ITEM,
            start=start,
            end=end,
            heading_path=path,
            lead=spans[0] if begins_bold and position else lead,
        )


def _is_item_within(block: Block, following: Block | None) -> bool:
    return (
        following is not None and following.kind is BlockKind.ITEM and following.level > block.level
    )


def _first_but_bold_lines(blocks: Sequence[Block], position: int) -> Block | None:
    while position < len(blocks):
        block = blocks[position]
        if block.kind is not BlockKind.HEADING or block.level != LEVEL_OF_BOLD_LINE:
            return block
        position += 1
    return None


def _ends_like_sentence(text: str, block: Block) -> bool:
    return remove_markup(text[block.start : block.end]).endswith((".", "!", "?", "。", "！", "？"))


def _spans_of_sentences(text: str, block: Block) -> Iterator[_Span]:
    """Yield the spans of a block's sentences; neither links nor abbreviations are cut through."""
    unbreakable = (match.span() for match in _UNBREAKABLE.finditer(text, block.start, block.end))
    held = next(unbreakable, None)
    open_start: int | None = None
    open_end = block.start
    for start, end in _spans_by_nupunkt(text, block):
        while held and held[1] <= start:
            held = next(unbreakable, None)
        if open_start is not None and not (
            (held and held[0] < start)
            or not any(character.isalnum() for character in text[start:end])
            or not any(character.isalpha() for character in text[open_start:open_end])
            or (text[start].islower() and _ABBREVIATION_AT_END.search(text, open_start, open_end))
        ):
            yield open_start, open_end
            open_start = None
        open_start = start if open_start is None else open_start
        open_end = end
    if open_start is not None:
        yield open_start, open_end


def _spans_by_nupunkt(text: str, block: Block) -> Iterator[_Span]:
    # nupunkt takes quadratic time on odd text, so it is never given much at once.
    slice_start = block.start
    while slice_start < block.end:
        slice_end = min(slice_start + _CHARACTERS_SEGMENTED_AT_ONCE, block.end)
        if slice_end < block.end:
            space = text.rfind(" ", slice_start, slice_end)
            slice_end = space + 1 if space > slice_start else slice_end
        for start, end in sent_spans(text[slice_start:slice_end]):
            sentence_start, sentence_end = trim(text, slice_start + start, slice_start + end)
            if sentence_start < sentence_end:
                yield sentence_start, sentence_end
        slice_start = slice_end
