"""The sentences of a document: what an answer is made of, one by one.

A sentence here is a sentence of a paragraph, a list item or a row of a table. Headings, code and
the entries of a table of contents are none: they never answer by themselves.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from knowledge.blocks import LEVEL_OF_BOLD_LINE, Block, BlockKind, trim
from knowledge.documents import Document, parse_blocks
from knowledge.markup import remove_markup
from knowledge.measuring import MAX_CHARACTERS_COUNTED, MeasuredText, Span
from knowledge.tables import cells_of, tells_by_cells

_MAX_CHARACTERS_OF_WHOLE_ITEM = 300
_MOST_CHARACTERS_OF_LABEL = 80
_ENDS_OF_LEAD = (":", "：", "...", "…")
_CHARACTERS_SEGMENTED_AT_ONCE = 10_000
_UNBREAKABLE = re.compile(r"`[^`]+`|<[^<>]*>|!?\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])")
_HARD_BREAK = re.compile(r"[ \t]*\\\n")
_ABBREVIATION_AT_END = re.compile(r"(?<!\w)\w{1,3}\.\Z")
_MARKS_OF_ITEM = r"(?:[-*+]|\d{1,9}[.)])?\s*"
_BOLD_SENTENCE = re.compile(rf"{_MARKS_OF_ITEM}(\*\*|__)(?:(?!\1).)+\1[.:]?", re.DOTALL)
_LINK_WITHIN_GUIDES = re.compile(rf"{_MARKS_OF_ITEM}[*_]*\[[^\[\]]*\]\((?!\w+:)[^()\s]+\)[*_]*")


class SentenceKind(StrEnum):
    """What a sentence is."""

    SENTENCE = "sentence"
    LEAD = "lead"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One candidate for an answer: a span of its document and the headings above it.

    `lead` is the span of the line that introduces a list item, of the header of a table row or of a
    cell's column, or of the question or bold words that a paragraph begins an answer with. A
    sentence of kind `lead` introduces what names it, or a table. What belongs to a list item is of
    kind `item`, and names the line above it in the list.
    """

    kind: SentenceKind
    start: int
    end: int
    heading_path: tuple[str, ...]
    lead: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A document taken apart: its blocks, the headings above each, and its sentences."""

    blocks: tuple[Block, ...]
    heading_paths: tuple[tuple[str, ...], ...]
    sentences: tuple[Sentence, ...]


def outline_document(document: Document, measured: MeasuredText, max_tokens: int) -> Outline:
    """Take a document apart; no sentence has more than `max_tokens` tokens.

    A sentence that is longer, such as a table pasted without line ends, is cut at white space, or
    within a word where there is none.

    Args:
        document: The document.
        measured: Its text.
        max_tokens: The most tokens of a sentence.
    """
    blocks = parse_blocks(document.text, document.body_start, document.format)
    paths = tuple(_heading_paths(document.text, blocks))
    sentences = list(_sentences_of(blocks, paths, _Cutter(measured, blocks, max_tokens)))
    leads = {sentence.lead for sentence in sentences}
    return Outline(
        blocks=blocks,
        heading_paths=paths,
        sentences=tuple(
            replace(sentence, kind=SentenceKind.LEAD)
            if (sentence.start, sentence.end) in leads
            else sentence
            for sentence in sentences
        ),
    )


class _Cutter:
    """Cuts blocks into sentences that are short enough."""

    def __init__(self, measured: MeasuredText, blocks: Sequence[Block], max_tokens: int) -> None:
        self.text = measured.text
        self._measured = measured
        self._max_tokens = max_tokens
        self._spans = {block: list(_spans_of(self.text, block)) for block in blocks}
        # Tokens are counted many times faster together than span by span.
        measured.count(
            [
                (start, end)
                for spans in self._spans.values()
                for start, end in spans
                if end - start <= MAX_CHARACTERS_COUNTED
            ]
        )

    def cut(self, block: Block) -> list[Span]:
        """Return the spans of a block's sentences; what holds no words is left out."""
        return [
            piece
            for span in self._spans[block]
            for piece in (trim(self.text, *long) for long in self._cut_to_fit(*span))
            if self._measured.words(*piece)
        ]

    def _cut_to_fit(self, start: int, end: int) -> Iterable[Span]:
        # A character is at most four tokens (a byte each), so what is short needs no counting.
        if end - start <= self._max_tokens // 4:
            return [(start, end)]
        return self._measured.cut(start, end, self._max_tokens)


def _spans_of(text: str, block: Block) -> Iterable[Span]:
    match block.kind:
        case BlockKind.ROW if tells_by_cells(block, cells := cells_of(text, block)):
            return [
                span
                for start, end in cells
                for span in _spans_of_sentences(text, replace(block, start=start, end=end))
            ]
        case BlockKind.HEADER_ROW | BlockKind.ROW:
            return [(block.start, block.end)]
        case BlockKind.ITEM if block.end - block.start <= _MAX_CHARACTERS_OF_WHOLE_ITEM:
            return [(block.start, block.end)]
        case BlockKind.ITEM | BlockKind.PARAGRAPH:
            return _spans_of_sentences(text, block)
        case _:
            return ()


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


@dataclass(slots=True)
class _OpenItem:
    """A list item that the blocks behind it may belong to.

    `line` introduces the items within it; `lead_of_text` the paragraphs.
    """

    level: int
    line: Span | None
    lead_of_text: Span | None


def _sentences_of(
    blocks: Sequence[Block], paths: Sequence[tuple[str, ...]], cutter: _Cutter
) -> Iterator[Sentence]:
    text = cutter.text
    lead: Span | None = None
    header_row: Span | None = None
    columns: list[Span] = []
    question: Span | None = None
    open_items: list[_OpenItem] = []
    for position, (block, path) in enumerate(zip(blocks, paths, strict=True)):
        if block.kind not in {BlockKind.HEADER_ROW, BlockKind.ROW}:
            header_row = None
        if block.kind is not BlockKind.PARAGRAPH:
            question = None
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
                header_row = next(iter(cutter.cut(block)), None)
                columns = cells_of(text, block)
            case BlockKind.ROW if header_row and tells_by_cells(block, cells_of(text, block)):
                yield from _sentences_of_cells(block, path, columns, cutter)
            case BlockKind.ROW:
                for start, end in cutter.cut(block):
                    yield Sentence(
                        kind=SentenceKind.ROW,
                        start=start,
                        end=end,
                        heading_path=path,
                        lead=header_row,
                    )
            case BlockKind.ITEM:
                own_lead = parent.line if parent else introduced
                sentences = list(_sentences_of_item(block, path, own_lead, cutter))
                yield from sentences
                line = (sentences[-1].start, sentences[-1].end) if sentences else own_lead
                following = blocks[position + 1] if position + 1 < len(blocks) else None
                introduces_text = (
                    following is not None
                    and following.kind is BlockKind.PARAGRAPH
                    and not _ends_like_statement(text, block)
                )
                open_items.append(
                    _OpenItem(
                        level=block.level,
                        line=line,
                        lead_of_text=line if introduces_text else own_lead,
                    )
                )
            case BlockKind.PARAGRAPH:
                spans = cutter.cut(block)
                following = _first_but_bold_lines(blocks, position + 1)
                introduces = (
                    bool(spans)
                    and remove_markup(text[slice(*spans[-1])]).endswith(_ENDS_OF_LEAD)
                    and following is not None
                    and (
                        following.kind is BlockKind.HEADER_ROW or _is_item_within(block, following)
                    )
                )
                for span in spans:
                    is_lead = introduces and span == spans[-1]
                    kind = SentenceKind.ITEM if parent else SentenceKind.SENTENCE
                    begins = _begins_answer(text, span, is_first=span == spans[0] != spans[-1])
                    yield Sentence(
                        kind=SentenceKind.LEAD if is_lead else kind,
                        start=span[0],
                        end=span[1],
                        heading_path=path,
                        lead=parent.lead_of_text if parent else None if begins else question,
                    )
                    question = span if begins else question
                # What ends with a question is answered by the next paragraph; that, by no further.
                question = question if spans and question == spans[-1] else None
                if introduces and parent:
                    parent.line = spans[-1]
                elif introduces:
                    lead = spans[-1]


def _sentences_of_cells(
    row: Block, path: tuple[str, ...], columns: Sequence[Span], cutter: _Cutter
) -> Iterator[Sentence]:
    """Yield what the cells of a long row say, below the row's first cell and the column's head.

    "Mastery | knows the basics | teaches others" is of two levels, "L3" and "L4".
    """
    text = cutter.text
    label, *cells = cells_of(text, row)
    for start, end in cutter.cut(row):
        place = next((place for place, cell in enumerate(cells, 1) if start < cell[1]), 0)
        if end <= label[1]:
            continue
        head = columns[place] if place < len(columns) else None
        above = (
            remove_markup(text[slice(*span)])
            for span in (label, head)
            if span and span[1] - span[0] <= _MOST_CHARACTERS_OF_LABEL
        )
        yield Sentence(
            kind=SentenceKind.ITEM,
            start=start,
            end=end,
            heading_path=(*path, *filter(None, above)),
            lead=head if head and head[0] < head[1] else None,
        )


def _sentences_of_item(
    block: Block, path: tuple[str, ...], lead: Span | None, cutter: _Cutter
) -> Iterator[Sentence]:
    """Yield a list item whole, or its sentences where it is long.

    A bold sentence that begins a long item introduces its other sentences.
    """
    if lead is None and _LINK_WITHIN_GUIDES.fullmatch(cutter.text, block.start, block.end):
        return
    spans = cutter.cut(block)
    begins_bold = len(spans) > 1 and _BOLD_SENTENCE.fullmatch(cutter.text, *spans[0]) is not None
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


def _ends_like_statement(text: str, block: Block) -> bool:
    return remove_markup(text[block.start : block.end]).endswith((".", "!", "。", "！"))


def _begins_answer(text: str, span: Span, *, is_first: bool) -> bool:
    """Tell a question, or the bold words before the rest of a paragraph."""
    is_question = remove_markup(text[slice(*span)]).endswith(("?", "？"))
    return is_question or (is_first and _BOLD_SENTENCE.fullmatch(text, *span) is not None)


def _spans_of_sentences(text: str, block: Block) -> Iterator[Span]:
    """Yield the spans of a block's sentences; neither links nor abbreviations are cut through.

    A line that ends in Markdown's backslash ends its sentence, too.
    """
    start = block.start
    for line_end in _HARD_BREAK.finditer(text, block.start, block.end):
        yield from _spans_between_breaks(text, start, line_end.start())
        start = line_end.end()
    yield from _spans_between_breaks(text, start, block.end)


def _spans_between_breaks(text: str, first: int, last: int) -> Iterator[Span]:
    unbreakable = (match.span() for match in _UNBREAKABLE.finditer(text, first, last))
    held = next(unbreakable, None)
    open_start: int | None = None
    open_end = first
    for start, end in _spans_by_nupunkt(text, first, last):
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


def _spans_by_nupunkt(text: str, first: int, last: int) -> Iterator[Span]:
    from nupunkt import sent_spans

    # nupunkt takes quadratic time on odd text, so it is never given much at once.
    slice_start = first
    while slice_start < last:
        slice_end = min(slice_start + _CHARACTERS_SEGMENTED_AT_ONCE, last)
        if slice_end < last:
            space = text.rfind(" ", slice_start, slice_end)
            slice_end = space + 1 if space > slice_start else slice_end
        for start, end in sent_spans(text[slice_start:slice_end]):
            sentence_start, sentence_end = trim(text, slice_start + start, slice_start + end)
            if sentence_start < sentence_end:
                yield sentence_start, sentence_end
        slice_start = slice_end
