"""Whole guides, written as documents of other kinds and read again, say the same."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

import docx
import pytest

from knowledge.blocks import Block, BlockKind
from knowledge.converting.converters import convert_bytes
from knowledge.markdown import parse_markdown
from knowledge.markup import remove_markup
from knowledge.reading.front_matter import read_front_matter
from tests.knowledge.converting.making import Made, make_epub, make_pdf, save

_GUIDES = Path(__file__).parents[2] / "quality" / "guides"
_NAMES = ["data-engineer", "devops-engineer", "site-reliability-engineer", "analytics-engineer"]

Part = tuple[BlockKind, int, str]
"""A block, its level and its words."""


def parts_of(text: str, start: int = 0) -> list[Part]:
    def part_of(block: Block) -> Part:
        return block.kind, block.level, remove_markup(text[block.start : block.end])

    return [part_of(block) for block in parse_markdown(text, start)]


def read_guide(name: str) -> list[Part]:
    text = (_GUIDES / f"{name}.md").read_text(encoding="utf-8")
    return parts_of(text, read_front_matter(text)[1])


def _tables_and_parts(parts: Sequence[Part]) -> Iterator[Part | list[list[str]]]:
    """Yield the parts, the rows of each table as one."""
    rows: list[list[str]] = []
    for part in parts:
        if part[0] is BlockKind.HEADER_ROW or (rows and part[0] is not BlockKind.ROW):
            if rows:
                yield rows
            rows = []
        if part[0] in {BlockKind.HEADER_ROW, BlockKind.ROW}:
            rows.append([cell.strip() for cell in part[2].split("|")])
        else:
            yield part
    if rows:
        yield rows


def write_pdf(parts: Sequence[Part]) -> bytes:
    def story(styles: Made) -> Iterator[Made]:
        from reportlab.lib import colors
        from reportlab.platypus import ListFlowable, ListItem, Paragraph, Table

        body = styles["BodyText"]
        for part in _tables_and_parts(parts):
            if isinstance(part, list):
                rows = [[Paragraph(escape(cell), body) for cell in row] for row in part]
                yield Table(rows, style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
                continue
            kind, level, words = part
            if kind is BlockKind.HEADING:
                bold = Paragraph(f"<b>{escape(words)}</b>", body)
                yield bold if level > 6 else Paragraph(escape(words), styles[f"Heading{level}"])
            elif kind is BlockKind.ITEM:
                flowable: Made = ListItem(Paragraph(escape(words), body))
                for _ in range(level):
                    flowable = ListFlowable([flowable], bulletType="bullet", start="•")
                yield flowable
            else:
                yield Paragraph(escape(words), body)

    def head_and_number(canvas: Made, page: Made) -> None:
        canvas.drawString(60, 810, "A running head")
        canvas.drawString(300, 30, str(page.page))

    return make_pdf(story, on_page=head_and_number)


def write_docx(parts: Sequence[Part]) -> bytes:
    document = docx.Document()
    for part in _tables_and_parts(parts):
        if isinstance(part, list):
            table = document.add_table(len(part), len(part[0]))
            for row, cells in enumerate(part):
                for column, cell in enumerate(cells):
                    table.cell(row, column).text = cell
            continue
        kind, level, words = part
        if kind is BlockKind.HEADING and level > 6:
            document.add_paragraph().add_run(words).bold = True
        elif kind is BlockKind.HEADING:
            document.add_heading(words, level)
        elif kind is BlockKind.ITEM:
            document.add_paragraph(words, f"List Bullet{f' {level}' if level > 1 else ''}")
        else:
            document.add_paragraph(words)
    return save(document)


def write_body(parts: Sequence[Part]) -> str:
    def html_of(part: Part | list[list[str]]) -> str:
        if isinstance(part, list):
            header, *rows = ("".join(f"<td>{escape(cell)}" for cell in row) for row in part)
            header = header.replace("<td>", "<th>")
            return f"<table><tr>{header}{''.join(f'<tr>{row}' for row in rows)}</table>"
        kind, level, words = part
        match kind:
            case BlockKind.HEADING if level > 6:
                return f"<p><strong>{escape(words)}</strong></p>"
            case BlockKind.HEADING:
                return f"<h{level}>{escape(words)}</h{level}>"
            case BlockKind.ITEM:
                return f"{'<ul>' * level}<li>{escape(words)}</li>{'</ul>' * level}"
            case _:
                return f"<p>{escape(words)}</p>"

    return "\n".join(map(html_of, _tables_and_parts(parts)))


def write_page(parts: Sequence[Part]) -> bytes:
    return (
        "<!doctype html><meta charset=utf-8><nav><a href=/>Home</a></nav>"
        f"<main>{write_body(parts)}</main><footer>Imprint</footer>"
    ).encode()


def write_book(parts: Sequence[Part]) -> bytes:
    return make_epub({"guide.xhtml": write_body(parts).replace("<td>", "</td><td>")})


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize(
    ("suffix", "write"),
    [(".pdf", write_pdf), (".docx", write_docx), (".html", write_page), (".epub", write_book)],
    ids=["pdf", "docx", "html", "epub"],
)
def test_a_guide_says_the_same_in_every_kind(
    name: str, suffix: str, write: Callable[[Sequence[Part]], bytes]
) -> None:
    parts = read_guide(name)
    converted = parts_of(convert_bytes(write(parts), suffix).text)
    assert converted == parts
