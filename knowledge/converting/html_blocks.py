"""The elements of a web page or a chapter, written block by block as Markdown."""

from collections.abc import Callable, Iterable, Sequence

from knowledge.converting.elements import Element, name_of
from knowledge.converting.inline import Run, write_runs
from knowledge.converting.markdown_writer import MarkdownWriter
from knowledge.converting.tables import Cell, write_cells

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD = frozenset({"b", "strong"})
_TERMS = frozenset({"dt", "summary"})
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr output q"
    " rb rp rt ruby s samp small span strike strong sub sup time tt u var wbr br".split()
)
NEVER_SHOWN = frozenset(
    "applet area audio base canvas colgroup datalist embed frame frameset head iframe input link"
    " map math meta noframes noscript object optgroup option param picture progress script select"
    " source style svg template textarea title track video button img".split()
)
_SHOWN_IN_MATH = frozenset({"math"})


class HtmlBlocks:
    """Writes the elements below a root."""

    def __init__(self, writer: MarkdownWriter, is_left_out: Callable[[Element], bool]) -> None:
        """Take where to write, and which elements to pass over with all that is in them."""
        self._writer = writer
        self._is_left_out = is_left_out
        self._runs: list[Run] = []
        self._bold = 0
        self._addresses: list[str] = []
        self._lists: list[int | None] = []
        self._item: tuple[int, int | None] | None = None
        self._is_within_item = 0
        self._heading = 0
        self._breaks = 0

    def write(self, root: Element) -> None:
        """Write all that is within an element, however deeply nested."""
        from lxml import etree

        walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        passed_over: set[Element] = set()
        for event, element in walker:
            if event in {"comment", "pi"}:
                self._add(element.tail)
                continue
            name = name_of(element)
            if event == "start":
                if self._is_passed_over(element, name):
                    passed_over.add(element)
                    walker.skip_subtree()
                else:
                    self._open(element, name)
                    self._add(element.text)
            else:
                if element in passed_over:
                    passed_over.discard(element)
                else:
                    self._close(name)
                if element is not root:
                    self._add(element.tail)
        self._flush()

    def _is_passed_over(self, element: Element, name: str) -> bool:
        if name in NEVER_SHOWN or not name or self._is_left_out(element):
            return True
        if name == "pre" and is_code(element):
            self._flush()
            self._writer.write_code("".join(element.itertext()))
            return True
        if name == "table" and not _is_layout(element):
            self._flush()
            self._write_table(element)
            return True
        return False

    def _open(self, element: Element, name: str) -> None:
        if name == "br":
            self._breaks += 1
            if self._breaks > 1:
                self._flush()
            else:
                self._runs.append(Run(text=" "))
            return
        if name not in _INLINE:
            self._flush()
        if name in _HEADINGS:
            self._heading = _HEADINGS[name]
        elif name in {"ul", "ol", "menu"}:
            self._lists.append(_first_number(element) if name == "ol" else None)
        elif name == "li":
            self._open_item(element)
        elif name == "a":
            self._addresses.append((element.get("href") or "").strip())
        elif name in _BOLD or name in _TERMS:
            self._bold += 1
        elif name == "q":
            self._add("“")

    def _open_item(self, element: Element) -> None:
        number = self._lists[-1] if self._lists else None
        given = element.get("value") or ""
        if number is not None and given.isdecimal():
            number = int(given)
        self._item = (max(len(self._lists), 1), number)
        self._is_within_item += 1
        if number is not None:
            self._lists[-1] = number + 1

    def _close(self, name: str) -> None:
        if name == "br":
            return
        if name not in _INLINE:
            self._flush()
        if name in _HEADINGS:
            self._heading = 0
        elif name in {"ul", "ol", "menu"}:
            self._lists.pop()
        elif name == "li":
            self._item = None
            self._is_within_item -= 1
        elif name == "a":
            self._addresses.pop()
        elif name in _BOLD or name in _TERMS:
            self._bold -= 1
        elif name == "q":
            self._add("”")
        elif name in {"td", "th"}:
            self._runs.append(Run(text=" "))

    def _add(self, text: str | None) -> None:
        if text:
            if not text.isspace():
                self._breaks = 0
            address = self._addresses[-1] if self._addresses else ""
            self._runs.append(Run(text=text, is_bold=self._bold > 0, address=address or None))

    def _flush(self) -> None:
        runs, self._runs, self._breaks = self._runs, [], 0
        words = write_runs(runs, with_bold=not self._heading)
        if not words:
            return
        if self._heading:
            self._writer.write_heading(self._heading, words)
        elif self._item:
            depth, number = self._item
            self._item = None
            self._writer.write_item(depth, words, number)
        elif self._is_within_item:
            self._writer.write_within_item(words)
        else:
            self._writer.write_paragraph(words)

    def _write_table(self, table: Element) -> None:
        rows: list[list[Cell]] = []
        for row in _rows_of(table):
            if self._is_left_out(row):
                continue
            rows.append(
                [
                    Cell(
                        words=self._words_of(cell),
                        columns=_span_of(cell, "colspan"),
                        rows=_span_of(cell, "rowspan"),
                        is_header=name_of(cell) == "th",
                    )
                    for cell in row
                    if name_of(cell) in {"td", "th"} and not self._is_left_out(cell)
                ]
            )
        for caption in table:
            if name_of(caption) == "caption":
                self._writer.write_paragraph(self._words_of(caption))
        write_cells(rows, self._writer)

    def _words_of(self, cell: Element) -> str:
        lines = _Lines()
        HtmlBlocks(lines, self._is_left_out).write(cell)
        return lines.joined()


class _Lines(MarkdownWriter):
    """Collects the blocks of a cell, which are one line in a table."""

    def __init__(self) -> None:
        super().__init__()
        self._words: list[tuple[str, bool]] = []

    def write_heading(self, level: int, words: str) -> None:
        self._words.append((words, False))

    def write_paragraph(self, words: str) -> None:
        self._words.append((words, False))

    def write_item(self, depth: int, words: str, number: int | None = None) -> None:
        self._words.append((words, True))

    def write_within_item(self, words: str) -> None:
        self._words.append((words, False))

    def write_table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        for row in (header, *rows):
            self._words += ((words, False) for words in row if words)

    def write_code(self, code: str) -> None:
        self._words.append((write_runs([Run(text=code)]), False))

    def joined(self) -> str:
        """Return the blocks on one line, items parted by semicolons."""
        return join_lines(self._words)


def join_lines(lines: Iterable[tuple[str, bool]]) -> str:
    """Return lines as one, as a cell of a table has but one.

    Args:
        lines: The Markdown of each, and whether it is an item of a list.
    """
    joined = ""
    for words, is_item in lines:
        parts = is_item and joined and joined[-1] not in ".:;,!?"
        joined = f"{joined}{';' if parts else ''} {words}" if joined else words
    return joined


def is_code(pre: Element) -> bool:
    """Return whether preformatted text is code; a letter or a poem is not."""
    names = {name_of(element) for element in pre.iter()}
    return bool(names & {"code", "samp", "kbd"}) or bool(pre.get("class"))


def _is_layout(table: Element) -> bool:
    """Return whether a table but places its parts, each of them blocks of the page."""
    if table.get("role") in {"presentation", "none"}:
        return True
    names = {name_of(element) for element in table.iterdescendants()}
    if names & {"table", *_HEADINGS, "article", "section"}:
        return True
    return all(sum(name_of(cell) in {"td", "th"} for cell in row) <= 1 for row in _rows_of(table))


def _rows_of(table: Element) -> list[Element]:
    return [element for element in table.iterdescendants() if name_of(element) == "tr"]


def _span_of(cell: Element, attribute: str) -> int:
    value = (cell.get(attribute) or "").strip()
    return min(max(int(value), 1), 1_000) if value.isdecimal() and len(value) < 6 else 1


def _first_number(element: Element) -> int:
    value = (element.get("start") or "").strip()
    return int(value) if value.isdecimal() and len(value) < 9 else 1
