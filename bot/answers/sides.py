"""What a question compares: the sides that are told by its joints where not all are known roles.

"Who earns more, cabin crew or a pilot", "programming or business lead", "the board vs the
committee": one side may be a role that nobody knows, and guides may have sections about sides
without their being roles.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.answers.folders import FolderMention
from bot.answers.phrases import (
    AN,
    ANOTHER_OR,
    ASKS_TWICE,
    ASKS_WHICH,
    BEFORE_NAME,
    BEFORE_VERSUS,
    BEGINS_CHOICE,
    CHOOSING,
    COMPARING,
    ENDS_CHOICE,
    JOINING,
    NOT_COMPARED,
    OF_BOTH,
    OR_ANOTHER,
    OTHER_SIDE,
    RANKING,
    SHOULD_I,
    WORD_OF_NAME,
)
from bot.answers.sections import Section, Sections
from bot.answers.typed_phrases import Mention
from index.searching.lexical import STOP_WORDS
from knowledge.roles.levels import RANKS
from knowledge.roles.occupations import GRADES

_MOST_BETWEEN_ROLES = 45
_NO_KINDS = STOP_WORDS | RANKS | GRADES | NOT_COMPARED
_TELLS_APART = re.compile(
    r"\b(?:vs\.?|versus|compared (?:to|with)|(?:differ(?:s|ent(?:ly)?)?|distinct|apart) from"
    r"|same (?:\w+ )?as)(?!\w)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\b(?:between|distinguish|compare)\b", re.IGNORECASE)
_AND = re.compile(r"\b(?:and|from|to|with)\b", re.IGNORECASE)
_THAN = re.compile(r"\bthan\b", re.IGNORECASE)
_JOINS = re.compile(r"\b(?:or|and)\b", re.IGNORECASE)
_CHOOSES = re.compile(r"\bshould i\b|\beach\b|\beither\b|\brather\b", re.IGNORECASE)
_ENDS = re.compile(
    r"[,;:.?!()]|\s[-–—]\s|\b(?:vs\.?|versus|or|and|between|which|who|whos|whose|what|whats|how)\b",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\s*,\s*(?:(?:and|or|vs\.?|versus)\b)?|\s*\b(?:and|or|vs\.?|versus)(?!\w)", re.IGNORECASE
)
_LISTED = re.compile(r",\s*(?:an?\s|the\s)?$", re.IGNORECASE)
_WHO = frozenset({"who", "whos"})
_MOST_WORDS = 5
_MOST_SIDES = 4
_MOST_JOINTS = 8
"""So many are looked at: each asks the index several times."""


def joins_roles(text: str, mentions: list[Mention]) -> bool:
    """Tell "what do X use and what do Y use" from "does an X report to a Y"."""
    between = _between(text, mentions)
    if len(mentions) < 2:
        return False
    return any((CHOOSING.search(between), ASKS_TWICE.search(between), OF_BOTH.search(text))) or (
        len(between) <= _MOST_BETWEEN_ROLES and bool(JOINING.search(between))
    )


def find_other_side(text: str, mentions: list[Mention]) -> Mention | None:
    """Return what a role is compared with where that is no role that anybody knows: "an EMT"."""
    for pattern in (OTHER_SIDE, BEFORE_VERSUS):
        for match in pattern.finditer(text):
            if (side := _unknown_side(text, match, mentions)) is not None:
                return _with_noun_behind(side, mentions)
    return None


def find_side_elsewhere(
    text: str, mentions: list[Mention], folders: Sequence[FolderMention]
) -> Mention | None:
    """Return the "acme kitchen team" that a "zorbex baker" is compared with."""
    is_of_place = any(one.is_right_before(mentions[0]) for one in folders)
    other = find_other_side(text, mentions) if len(folders) > 1 and is_of_place else None
    if other is None:
        return None
    within = [one for one in folders if other.start <= one.start and one.end < other.end]
    return other if len(within) == 1 else None


def _with_noun_behind(side: Mention, mentions: list[Mention]) -> Mention:
    """Return the "lead" of "lead vs principal engineer" as the lead engineer."""
    *before, noun = mentions[0].words.split()
    if side.words.lower() not in RANKS or not before or side.start > mentions[0].start:
        return side
    return replace(side, words=f"{side.words} {noun}")


def kinds_of_role(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the kinds of one role that are compared: "a security AD and a routing AD".

    Nothing where the role doesn't have a word of its own before it each time.
    """
    kinds = []
    for mention in mentions:
        before = BEFORE_NAME.search(text, 0, mention.start)
        if before is None or before["word"].lower() in _NO_KINDS:
            return []
        start, end = before.start("word"), mention.end
        kinds.append(Mention(start=start, end=end, words=text[start:end], roles=()))
    return kinds if len({kind.words.lower() for kind in kinds}) > 1 else []


def find_other_choice(text: str, mentions: list[Mention]) -> Mention | None:
    """Return what stands beside a role where one of two is asked for: "cabin crew or pilots"."""
    which = ASKS_WHICH.search(text)
    if not (which or SHOULD_I.search(text)):
        return None
    for mention in mentions:
        start, end = mention.outer or (mention.start, mention.end)
        behind = BEGINS_CHOICE.search(text, 0, start) and OR_ANOTHER.match(text, end)
        before = ENDS_CHOICE.match(text, end) and ANOTHER_OR.search(text, 0, start)
        for match in (behind, before):
            if match and (side := _unknown_side(text, match, mentions)) is not None:
                # "Should I be a nurse or quit" has no other side.
                is_somebody = which or AN.search(text, 0, side.start)
                return side if side.words == match["name"] and is_somebody else None
    return None


def _unknown_side(text: str, match: re.Match[str], mentions: list[Mention]) -> Mention | None:
    """Return the name that was found, without what belongs to no name."""
    words = list(WORD_OF_NAME.finditer(text, match.start("name"), match.end("name")))
    while words and _is_no_name(words[-1][0]):
        words.pop()
    while words and _is_no_name(words[0][0]):
        words = words[1:]
    if not words or any(_is_no_name(word[0]) for word in words):
        return None
    start, end = words[0].start(), words[-1].end()
    if any(item.start < end and start < item.end for item in mentions):
        return None
    return Mention(start=start, end=end, words=text[start:end], roles=())


def _is_no_name(word: str) -> bool:
    return word.lower() in STOP_WORDS or word.lower() in NOT_COMPARED


def _between(text: str, mentions: list[Mention]) -> str:
    return text[mentions[0].end : mentions[-1].start] if len(mentions) > 1 else ""


def find_sides(
    text: str,
    mentions: Sequence[Mention],
    sections: Sections,
    within: frozenset[str] | None = None,
) -> list[Mention]:
    """Return what a question puts side by side: roles, and what the guides have sections for.

    Nothing where that isn't at least two, one of them a section.

    Args:
        text: The question.
        mentions: The roles that it names.
        sections: Finds headings.
        within: The documents that alone are asked, if not all are.
    """
    finder = _Finder(text, mentions, sections, within)
    for joint, is_plain in itertools.islice(_joints(text), _MOST_JOINTS):
        left, right = finder.before(joint.start(), is_plain), finder.behind(joint.end(), is_plain)
        if left and right and left != right:
            sides = _without_what_is_shared(finder.with_others([left, right]))
            if is_plain or all(side.roles or side.section or side in mentions for side in sides):
                return sides
    return []


def _without_what_is_shared(sides: Sequence[Mention]) -> list[Mention]:
    """Return sides without the section that is about several: "Committers and contributors"."""
    headings = [side.section.places for side in sides if side.section]
    return [
        replace(side, section=None)
        if side.section and headings.count(side.section.places) > 1
        else side
        for side in sides
    ]


def _joints(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield what may stand between two sides, and whether it plainly does."""
    for match in _TELLS_APART.finditer(text):
        yield match, True
    if RANKING.search(text):
        for match in _THAN.finditer(text):
            yield match, True
    if between := _BETWEEN.search(text):
        for match in _AND.finditer(text, between.end()):
            yield match, True
    if ASKS_WHICH.search(text) or COMPARING.search(text) or _CHOOSES.search(text):
        for match in _JOINS.finditer(text):
            yield match, False


class _Finder:
    def __init__(
        self,
        text: str,
        mentions: Sequence[Mention],
        sections: Sections,
        within: frozenset[str] | None,
    ) -> None:
        self._text = text
        self._mentions = mentions
        self._sections = sections
        self._within = within
        self._words = list(WORD_OF_NAME.finditer(text))

    def before(self, end: int, is_plain: bool) -> Mention | None:
        """Return what ends before a joint."""
        ends = list(_ENDS.finditer(self._text, 0, end))
        start = ends[-1].end() if ends else 0
        if ends and ends[-1][0].lower() in _WHO:
            # Behind it stands what somebody does: "who makes posters and who prints them".
            return next(
                (one for one in self._mentions if start <= one.start and one.end <= end), None
            )
        return self._side(start, end, is_plain, at_end=True)

    def behind(self, start: int, is_plain: bool) -> Mention | None:
        """Return what begins behind a joint."""
        match = _ENDS.search(self._text, start)
        end = match.start() if match else len(self._text)
        return self._side(start, end, is_plain, at_end=False)

    def with_others(self, sides: list[Mention]) -> list[Mention]:
        """Return sides with those that are joined to them behind, or listed before them."""
        while len(sides) < _MOST_SIDES:
            comma = _LISTED.search(self._text, 0, sides[0].start)
            other = self.before(comma.start(), False) if comma else None
            if other is None or not (other.roles or other.section):
                break
            sides = [other, *sides]
        while len(sides) < _MOST_SIDES:
            joint = _NEXT.match(self._text, sides[-1].end)
            other = self.behind(joint.end(), False) if joint else None
            if other is None or any(other.start == side.start for side in sides):
                break
            sides = [*sides, other]
        return sides

    def _side(self, start: int, end: int, is_plain: bool, *, at_end: bool) -> Mention | None:
        inside = [one for one in self._mentions if start <= one.start and one.end <= end]
        if inside:
            nearest = inside[-1] if at_end else inside[0]
            gap = (nearest.end, end) if at_end else (start, nearest.start)
            between = WORD_OF_NAME.findall(self._text, *gap)
            # Before "than" stands what is compared: "do postdocs work longer weeks than students".
            is_than = at_end and _THAN.match(self._text, end) is not None
            if is_than or all(word.lower() in STOP_WORDS for word in between[:1]):
                return nearest
        words = [word for word in self._words if start <= word.start() and word.end() <= end]
        stretches = list(_stretches(words, at_end=at_end))
        for stretch in stretches:
            typed = [word[0] for word in stretch]
            section = self._sections.find(typed, self._within)
            if section is not None or (is_plain and self._sections.holds(typed)):
                # Before a section's name there may be more: "sitting on the radio board".
                is_whole = _is_whole(words, stretch, at_end=at_end) or (section and at_end)
                return self._mention(stretch, section) if is_whole else None
        return None

    def _mention(self, stretch: Sequence[re.Match[str]], section: Section | None = None) -> Mention:
        start, end = stretch[0].start(), stretch[-1].end()
        return Mention(start=start, end=end, words=self._text[start:end], roles=(), section=section)


def _is_whole(
    words: Sequence[re.Match[str]], stretch: Sequence[re.Match[str]], *, at_end: bool
) -> bool:
    """Tell a side by itself from the end of a longer name: "test" of "a pen test".

    Without an article what is asked may stand before it: "training hours journeyman".
    """
    if not at_end:
        last = words.index(stretch[-1])
        return last + 1 == len(words) or words[last + 1][0].lower() in STOP_WORDS
    before = [word[0].lower() in STOP_WORDS for word in words[: words.index(stretch[0])]]
    return not any(before) or before[-1]


def _stretches(
    words: Sequence[re.Match[str]], *, at_end: bool
) -> Iterator[Sequence[re.Match[str]]]:
    """Yield the stretches of words that may be a side, the longest first.

    What ends before a preposition may be one, too: "the board in Ghent".
    """
    is_stop = [word[0].lower() in STOP_WORDS for word in words]
    if at_end:
        before_last = [place for place, stops in enumerate(is_stop) if stops and place][-1:]
        spans = [
            (first, end)
            for end in (len(words), *before_last)
            for first in range(max(end - _MOST_WORDS, 0), end)
        ]
    else:
        begin = is_stop.index(False) if False in is_stop else len(words)
        spans = [(begin, end) for end in range(min(begin + _MOST_WORDS, len(words)), begin, -1)]
    for first, end in spans:
        if not is_stop[first] and not is_stop[end - 1]:
            yield words[first:end]
