"""Styles and lists of Word documents: what makes a paragraph a heading or an item."""

import re
from dataclasses import dataclass, replace

from knowledge.converting.elements import Element
from knowledge.converting.office import W

_HEADING_NAME = re.compile(r"heading (\d)", re.IGNORECASE)
_NESTED_LIST_NAME = re.compile(r"list (?:bullet|number|continue)? ?([2-9])")
_MAX_HEIRS = 20
_MAX_LEVEL = 9
_OFF = frozenset({"0", "false", "off", "none"})


def child_of(parent: Element, name: str) -> Element:
    """Return a child of that name, or None; None has none."""
    return None if parent is None else parent.find(f"{W}{name}")


def value_of(element: Element) -> str | None:
    """Return the value that an element of properties sets."""
    value: str | None = element.get(f"{W}val")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphStyle:
    """What a paragraph is, by its style and by what is set on it.

    `list_indent` is how deep the style itself is, as "List Bullet 2" is by one.
    """

    heading_level: int | None = None
    is_title: bool = False
    is_contents: bool = False
    is_bold: bool = False
    is_list_paragraph: bool = False
    list_id: str | None = None
    list_level: int = 0
    list_indent: int = 0


class Styles:
    """The styles of a document."""

    def __init__(self, styles: Element) -> None:
        """Take the root of the part that holds them, or None."""
        self._styles = {
            style.get(f"{W}styleId"): style
            for style in (() if styles is None else styles.iter(f"{W}style"))
        }
        self._default = next(
            (
                id_
                for id_, style in self._styles.items()
                if style.get(f"{W}type") == "paragraph"
                and style.get(f"{W}default") in {"1", "true"}
            ),
            None,
        )
        self._known: dict[str | None, ParagraphStyle] = {}

    def of_paragraph(self, paragraph: Element) -> ParagraphStyle:
        """Return what a paragraph is."""
        properties = child_of(paragraph, "pPr")
        named = child_of(properties, "pStyle")
        style = self._of_style(self._default if named is None else value_of(named))
        return _change(style, properties) if properties is not None else style

    def is_bold(self, run: Element, by_paragraph: bool) -> bool:
        """Return whether a run is bold, by what is set on it, by its style or its paragraph's."""
        properties = child_of(run, "rPr")
        bold = child_of(properties, "b")
        if bold is not None:
            return value_of(bold) not in _OFF
        named = child_of(properties, "rStyle")
        if named is not None and self._of_style(value_of(named)).is_bold:
            return True
        return by_paragraph

    def is_hidden(self, run: Element) -> bool:
        """Return whether a run is hidden text."""
        hidden = child_of(child_of(run, "rPr"), "vanish")
        return hidden is not None and value_of(hidden) not in _OFF

    def _of_style(self, id_: str | None) -> ParagraphStyle:
        if id_ not in self._known:
            chain: list[Element] = []
            base = id_
            while base in self._styles and len(chain) < _MAX_HEIRS:
                chain.append(self._styles[base])
                based_on = child_of(chain[-1], "basedOn")
                base = None if based_on is None else value_of(based_on)
            style = ParagraphStyle()
            for definition in reversed(chain):
                style = _read_style(style, definition)
            self._known[id_] = style
        return self._known[id_]


def _read_style(base: ParagraphStyle, definition: Element) -> ParagraphStyle:
    named = child_of(definition, "name")
    name = ((value_of(named) if named is not None else None) or "").lower()
    style = replace(
        base,
        is_title=name == "title",
        is_contents=re.fullmatch(r"toc \d", name) is not None,
        is_list_paragraph=base.is_list_paragraph or name.startswith("list"),
    )
    heading = _HEADING_NAME.fullmatch(name)
    if heading:
        style = replace(style, heading_level=int(heading[1]))
    elif name == "title":
        style = replace(style, heading_level=1)
    elif name in {"toc heading", "subtitle"} or style.is_contents:
        style = replace(style, heading_level=2 if name == "toc heading" else None)
    nested = _NESTED_LIST_NAME.fullmatch(name)
    if nested:
        style = replace(style, list_indent=int(nested[1]) - 1)
    bold = child_of(child_of(definition, "rPr"), "b")
    if bold is not None:
        style = replace(style, is_bold=value_of(bold) not in _OFF)
    properties = child_of(definition, "pPr")
    return style if properties is None else _change(style, properties)


def _change(style: ParagraphStyle, properties: Element) -> ParagraphStyle:
    outline = child_of(properties, "outlineLvl")
    level = "" if outline is None else value_of(outline) or ""
    if level.isdecimal():
        # Level 9 is body text, says Word.
        heading = int(level) + 1 if int(level) < _MAX_LEVEL else None
        style = replace(style, heading_level=heading)
    numbered = child_of(properties, "numPr")
    if numbered is not None:
        id_ = child_of(numbered, "numId")
        depth = child_of(numbered, "ilvl")
        list_level = "" if depth is None else value_of(depth) or ""
        if id_ is not None:
            value = value_of(id_)
            style = replace(style, list_id=None if value == "0" else value)
        if list_level.isdecimal():
            style = replace(style, list_level=min(int(list_level), _MAX_LEVEL))
    return style


class Numbering:
    """The lists of a document; it counts their items."""

    def __init__(self, numbering: Element) -> None:
        """Take the root of the part that defines them, or None."""
        self._levels: dict[tuple[str, int], Element] = {}
        self._abstract_of: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._restarted: set[str] = set()
        if numbering is None:
            return
        for abstract in numbering.iter(f"{W}abstractNum"):
            for level in abstract.iter(f"{W}lvl"):
                depth = level.get(f"{W}ilvl") or ""
                if depth.isdecimal():
                    self._levels[abstract.get(f"{W}abstractNumId") or "", int(depth)] = level
        for number in numbering.iter(f"{W}num"):
            id_, refers = number.get(f"{W}numId") or "", child_of(number, "abstractNumId")
            self._abstract_of[id_] = "" if refers is None else value_of(refers) or ""
            for override in number.iter(f"{W}lvlOverride"):
                start = child_of(override, "startOverride")
                value = "" if start is None else value_of(start) or ""
                depth = override.get(f"{W}ilvl") or ""
                if value.isdecimal() and depth.isdecimal():
                    self._starts[id_, int(depth)] = int(value)

    def count(self, list_id: str, level: int) -> int | None:
        """Return the number of the next item of a list, or None where it has a bullet."""
        abstract = self._abstract_of.get(list_id, "")
        definition = self._levels.get((abstract, level))
        kind = child_of(definition, "numFmt")
        counts = self._counts.setdefault(abstract, {})
        if (list_id, level) in self._starts and f"{list_id}-{level}" not in self._restarted:
            self._restarted.add(f"{list_id}-{level}")
            counts.pop(level, None)
            start = self._starts[list_id, level]
        else:
            given = child_of(definition, "start")
            value = "" if given is None else value_of(given) or ""
            start = int(value) if value.isdecimal() and len(value) < 9 else 1
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [depth for depth in counts if depth > level]:
            del counts[deeper]
        is_bullet = kind is None or value_of(kind) in {"bullet", "none"}
        return None if is_bullet else counts[level]

    def label_of(self, list_id: str | None, level: int) -> str:
        """Return the number that stands before a heading, such as "2.1", or ""."""
        if list_id is None or self.count(list_id, level) is None:
            return ""
        abstract = self._abstract_of.get(list_id, "")
        text = child_of(self._levels.get((abstract, level)), "lvlText")
        kind = child_of(self._levels.get((abstract, level)), "numFmt")
        if text is None or kind is None or value_of(kind) != "decimal":
            return ""
        counts = self._counts.get(abstract, {})
        return re.sub(
            r"%(\d)", lambda place: str(counts.get(int(place[1]) - 1, 1)), value_of(text) or ""
        )
