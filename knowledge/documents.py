"""A document is one guide with its text; every offset refers to that text."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from knowledge.blocks import Block, BlockKind
from knowledge.converting.converted import ConvertedText
from knowledge.markdown import parse_markdown
from knowledge.markup import remove_markup
from knowledge.plain_text import parse_plain_text
from knowledge.reading.front_matter import (
    NOTHING_SAID,
    Description,
    quotable_front_matter,
    read_front_matter,
)


class DocumentFormat(StrEnum):
    """How a document's text is written."""

    MARKDOWN = "markdown"
    PLAIN_TEXT = "plain text"


_WORDS_OF_PARTS = frozenset(
    """
    about and benefits compensation contents description duties education essential experience
    functions introduction job key main of overview pay perks position principal purpose
    qualifications required requirements responsibilities role salary skills summary tasks the this
    what you your
    """.split()
)
"""The words of headings that any guide may have."""

_PLACEHOLDER = re.compile(r"\{\{|\{%")
_SAYS_TITLE = re.compile(
    r"(?:(?:job|position|role|working) title|position|vacancy|title)\s*:\s*"
    r"(?P<title>[^.:?!]{2,80})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a document was made of; while all of it is the same, so is the document.

    `reader` names what decoded or converted the file, with its version. `said` is what a side-car
    says of the document, in any form that differs where it differs.
    """

    file_sha256: str = ""
    reader: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One guide.

    `id` is its path inside the knowledge folder, with forward slashes. `text` is the file decoded,
    without byte-order mark, line ends as LF, and nothing else changed, or the Markdown that it was
    converted to; its body starts at `body_start`, behind front matter or where that has sentences
    first. `page_starts` are the offsets of its pages, none where it has no pages, and
    `title_in_file` is the title that a converted file was saved with. `language` is a code of ISO
    639, where the text is long enough to tell.
    """

    id: str
    title: str
    source: str
    text: str
    format: DocumentFormat
    body_start: int = 0
    aliases: tuple[str, ...] = ()
    url: str | None = None
    page_starts: tuple[int, ...] = ()
    title_in_file: str | None = None
    language: str | None = None
    origin: Origin = Origin()

    def page_at(self, offset: int) -> int | None:
        """Return the number, from 1, of the page that an offset of the text lies on."""
        return page_at(self.page_starts, offset)


def page_at(page_starts: Sequence[int], offset: int) -> int | None:
    """Return the number, from 1, of the page that an offset lies on; none without pages."""
    return max(bisect_right(page_starts, offset), 1) if page_starts else None


def parse_document_text(
    text: str,
    *,
    id_: str,
    source: str,
    document_format: DocumentFormat,
    said: Description = NOTHING_SAID,
) -> Document:
    """Return the document of a decoded text with line ends as LF.

    Args:
        text: The text.
        id_: What the document is called.
        source: Where it was read from.
        document_format: How it is written.
        said: What is said of it elsewhere; its own front matter goes before that.

    Raises:
        ValueError: its front matter is broken.
    """
    own, body_start = read_front_matter(text)
    end_of_front_matter = 0
    if body_start and (quotable := quotable_front_matter(text)):
        body_start = quotable.start
        # A short line of a description is a heading of no plain text.
        is_plain = document_format is DocumentFormat.PLAIN_TEXT
        end_of_front_matter = quotable.end if is_plain else 0
    title = (
        own.title
        or said.title
        or _title_from_headings(
            text,
            [
                block
                for block in parse_blocks(text, body_start, document_format)
                if block.start >= end_of_front_matter
            ],
        )
        or _title_from_name(id_)
    )
    return Document(
        id=id_,
        title=title,
        source=source,
        text=text,
        format=document_format,
        body_start=body_start,
        aliases=own.aliases or said.aliases,
        url=own.url or said.url,
    )


def document_of_converted(
    converted: ConvertedText, *, id_: str, source: str, said: Description = NOTHING_SAID
) -> Document:
    """Return the document of a file that was converted to Markdown; no front matter is sought.

    A heading of the first level goes before the title that the file was saved with, which is often
    that of another file or of a template.
    """
    text = converted.text
    blocks = parse_blocks(text, 0, DocumentFormat.MARKDOWN)
    title = (
        said.title
        or _title_from_headings(text, [block for block in blocks if block.level == 1])
        or " ".join((converted.title or "").split())
        or _title_from_headings(text, blocks)
        or _title_from_name(id_)
    )
    return Document(
        id=id_,
        title=title,
        source=source,
        text=text,
        format=DocumentFormat.MARKDOWN,
        aliases=said.aliases,
        url=said.url,
        page_starts=converted.page_starts,
        title_in_file=converted.title,
    )


# Every document is parsed for its title, and then again to be split.
@lru_cache(maxsize=1)
def parse_blocks(text: str, body_start: int, document_format: DocumentFormat) -> tuple[Block, ...]:
    """Return the blocks of a text's body in order, without overlap."""
    parse = parse_markdown if document_format is DocumentFormat.MARKDOWN else parse_plain_text
    quotable = quotable_front_matter(text) if body_start else None
    if quotable is None:
        return tuple(parse(text, body_start))
    # What is no sentence of the front matter is read as blank lines.
    kept = [" "] * quotable.end
    before = 0
    for first, last in quotable.prose:
        kept[first:last] = text[first:last]
        lines = text.count("\n", before - 1, first) if before else 2
        # What the next key says stands apart, and no text is as indented as its key.
        if lines <= 1 or any(first < start < last for start, _ in quotable.breaks):
            kept[first - 1] = "\n"
        if lines == 0 and before < first - 1:
            kept[first - 2] = "\n"
        before = last
    for first, last in quotable.breaks:
        kept[first:last] = "\n\n".rjust(last - first)
    for place in range(quotable.end):
        if text[place] == "\n":
            kept[place] = "\n"
    facts = [Block(kind=BlockKind.PARAGRAPH, start=start, end=end) for start, end in quotable.facts]
    said = sorted([*parse("".join(kept), 0), *facts], key=lambda block: block.start)
    return (*said, *parse(text, quotable.end))


def _title_from_headings(text: str, blocks: Sequence[Block]) -> str | None:
    """Return the heading that the text opens with, else the first of the highest ones.

    Before them a line may say what the job's title is: "Job Title: Web Editor".
    """
    for block in itertools.takewhile(lambda block: block.kind is not BlockKind.HEADING, blocks):
        if said := _SAYS_TITLE.fullmatch(remove_markup(text[block.start : block.end])):
            return said["title"]
    ranked = [
        (block.level if position else 0, heading)
        for position, block in enumerate(blocks)
        if block.kind is BlockKind.HEADING
        and (heading := remove_markup(text[block.start : block.end]))
        and not _heads_a_part(heading)
    ]
    return min(ranked, key=lambda rank_and_heading: rank_and_heading[0], default=(0, None))[1]


def _heads_a_part(heading: str) -> bool:
    """Tell "Duties & Responsibilities", as any guide may have, and a template's "{{ title }}"."""
    words = re.findall(r"[^\W\d_]+", heading.lower())
    return _PLACEHOLDER.search(heading) is not None or (
        bool(words) and _WORDS_OF_PARTS.issuperset(words)
    )


def _title_from_name(id_: str) -> str:
    words = re.sub(r"[-_\s]+", " ", Path(id_).stem).strip() or id_
    return words[0].upper() + words[1:]
