"""Roles that a list item, a paragraph or a row of a table is about, by the words it begins with."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from knowledge.blocks import Block, BlockKind
from knowledge.documents import Document
from knowledge.markup import remove_markup
from knowledge.roles.half_names import noun_alone
from knowledge.roles.headings import capitalise, is_only_role, names_in_heading
from knowledge.roles.spoken_of import RoleSection
from knowledge.sentences import Outline
from knowledge.tables import cells_of

# "**Product Owner**: …", "Business analyst(s) - …", "5.2.1 Commodore: …".
_LABEL = re.compile(r"\W*(?:\d+(?:\.\d+)+\W+)?(?P<label>[^:|–—.?!]{3,60}?)(?:\s*:|\s+[-–—]\s)\s*\S")
# "The **General Manager** is in charge of …", "**Historian**" with a paragraph below.
_BOLD_LABEL = re.compile(
    r"(?:[-*+]\s+|\(?\w{1,3}[.)]\s+)?(?:The |An? |Our )?(?P<mark>\*\*|__)"
    r"(?P<label>[^*_:]{3,60})(?P=mark)"
)
# "Honorary Bosun (Bosun): The Bosun shall keep the boats", but not "Quorum: The quorum shall be 7".
_SAYS_WHAT_THEY_DO = re.compile(
    r"\W*(?:\d+(?:\.\d+)*\W+)?(?:Honorary )?"
    r"(?P<name>[A-Z][\w-]+(?: [A-Z][\w-]+){0,2})(?: \([^()]+\))?:\s+The (?P=name) "
    r"(?:(?:shall|will|must) (?!be\b|take place|consist|begin|end\b|include|apply|mean)"
    r"|(?:is|(?:shall|will|must) be) (?:\w+ ){0,2}(?:responsible|expected|elected|appointed)\b)"
)
# "- PROJECT MANAGER" with what they do in the next line.
_LINE_OF_ITEM = re.compile(r"(?:[-*+]|\(?\w{1,3}[.)])\s+(?P<label>[^\n:]{3,60})\n")
_LINE_OF_LABEL = re.compile(r"(?P<label>[^\n:.?!]{3,60}):")
# "- [Secretary](about/secretary)" with what they do in items of its own.
_LINK_OF_ITEM = re.compile(
    r"(?:[-*+]|\(?\w{1,3}[.)])\s+\[(?P<label>[^\[\]\n:]{3,60})\]\([^()\n]+\)[ \t]*\n"
)
_TELLS_ROLES = re.compile(
    r"\b(?:committees?|jobs?|officers?|people|positions?|roles?|staff|team|titles?|who)\b",
    re.IGNORECASE,
)
"""In the title of a guide to several roles."""

_MOST_CHARACTERS_OF_LABEL = 80
_LONGEST_BEGINNING = 240
_FEWEST_CHARACTERS = 200
_FEWEST_CHARACTERS_IN_LIST = 60
_FEWEST_ROLES_OF_LIST = 2
_FEWEST_ROLES_TOLD_SHORTLY = 3
_FEWEST_LINES = 3
_COLUMN_OF_ROLES = re.compile(
    r"\W*(?:job |occupational |occupation |role |post )?"
    r"(?:jobs?|names?|occupations?|positions?|posts?|professions?|roles?|titles?)\W*",
    re.IGNORECASE,
)
_ENDS = {BlockKind.HEADING, BlockKind.HEADER_ROW}


def roles_labelled(document: Document, outline: Outline) -> Iterator[RoleSection]:
    """Yield the roles that rows of a table are about, or items and paragraphs that say a lot.

    A line or two about a role beside another is no guide to it, unless several say a lot. Beside
    those, what somebody shall do is about a role, too, be it no known occupation.
    """
    yield from _roles_of_rows(document, outline)
    yield from _roles_of_lines(document, outline)
    blocks = outline.blocks
    labelled: list[RoleSection] = []
    people: list[RoleSection] = []
    for place, block in enumerate(blocks):
        if block.kind not in {BlockKind.ITEM, BlockKind.PARAGRAPH}:
            continue
        beginning = document.text[block.start : block.start + _MOST_CHARACTERS_OF_LABEL]
        said = remove_markup(document.text[block.start : block.start + _LONGEST_BEGINNING])
        matches = [_LABEL.match(said[:_MOST_CHARACTERS_OF_LABEL])]
        if block.kind is BlockKind.ITEM:
            whole = document.text[block.start : block.start + _LONGEST_BEGINNING]
            matches += [_BOLD_LABEL.match(beginning), _LINE_OF_ITEM.match(beginning)]
            matches += [_LINK_OF_ITEM.match(whole)]
        end = _end_of(blocks, place)
        label = next((one["label"] for one in matches if one and is_only_role(one["label"])), None)
        noun = next((noun for one in matches if one and (noun := noun_alone(one["label"]))), None)
        if label is not None:
            [name] = names_in_heading(label)
            labelled.append(RoleSection(name=name, start=block.start, end=end))
        elif noun is not None:
            people.append(RoleSection(name=capitalise(noun), start=block.start, end=end))
        elif (match := _SAYS_WHAT_THEY_DO.match(said)) is not None:
            people.append(RoleSection(name=match["name"], start=block.start, end=end))
    labelled = _apart(labelled)
    told = {one.name for one in labelled if one.end - one.start >= _FEWEST_CHARACTERS}
    briefly = {one.name for one in labelled if one.end - one.start >= _FEWEST_CHARACTERS_IN_LIST}
    tells_roles = _TELLS_ROLES.search(document.title) is not None
    if len(told) >= _FEWEST_ROLES_OF_LIST or (
        tells_roles and len(briefly) >= _FEWEST_ROLES_TOLD_SHORTLY
    ):
        listed = [*labelled, *people]
        yield from (one for one in listed if one.end - one.start >= _FEWEST_CHARACTERS_IN_LIST)
    else:
        yield from (one for one in labelled if one.end - one.start >= _FEWEST_CHARACTERS)


def _apart(sections: Sequence[RoleSection]) -> list[RoleSection]:
    """Return sections that each end where the next begins, be that an item within it."""
    apart = [one._replace(end=min(one.end, next_.start)) for one, next_ in pairwise(sections)]
    return [*apart, *sections[-1:]]


def _end_of(blocks: Sequence[Block], place: int) -> int:
    """Return where an item ends with all that is within it, or a paragraph."""
    block, end = blocks[place], blocks[place].end
    if block.kind is BlockKind.PARAGRAPH:
        return end
    for later in blocks[place + 1 :]:
        is_next = later.kind is BlockKind.ITEM and later.level <= block.level
        if later.kind in _ENDS or is_next or later.level < block.level:
            break
        end = later.end
    return end


def _roles_of_rows(document: Document, outline: Outline) -> Iterator[RoleSection]:
    """Yield the roles of a table whose first column is of them, one a row."""
    is_of_roles = False
    for block in outline.blocks:
        if block.kind is BlockKind.HEADER_ROW:
            is_of_roles = _COLUMN_OF_ROLES.fullmatch(_first_cell(document.text, block)) is not None
        elif block.kind is BlockKind.ROW and is_of_roles:
            name = _first_cell(document.text, block)
            if is_only_role(name) and block.end - block.start >= _FEWEST_CHARACTERS:
                yield RoleSection(name=names_in_heading(name)[0], start=block.start, end=block.end)


def _roles_of_lines(document: Document, outline: Outline) -> Iterator[RoleSection]:
    """Yield the roles that lines with a colon name, "President:", each with what is below it."""
    blocks = outline.blocks
    names: dict[int, str] = {}
    for place, block in enumerate(blocks):
        is_short = block.end - block.start <= _MOST_CHARACTERS_OF_LABEL
        if block.kind is not BlockKind.PARAGRAPH or not is_short:
            continue
        match = _LINE_OF_LABEL.fullmatch(remove_markup(document.text[block.start : block.end]))
        if match is not None and is_only_role(match["label"]):
            [names[place]] = names_in_heading(match["label"])
        elif match is not None and (noun := noun_alone(match["label"])):
            names[place] = capitalise(noun)
    if len(names) < _FEWEST_LINES:
        return
    ends = [place for place, block in enumerate(blocks) if place in names or block.kind in _ENDS]
    starts = [*(blocks[place].start for place in ends), len(document.text)]
    for place, (start, end) in zip(ends, pairwise(starts), strict=True):
        if place in names:
            yield RoleSection(name=names[place], start=start, end=end)


def _first_cell(text: str, row: Block) -> str:
    cells = cells_of(text, row)
    return remove_markup(text[slice(*cells[0])]) if cells else ""
