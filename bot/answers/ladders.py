"""The levels of a role that its guides tell apart, and which sentences are about which."""

import itertools
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np

from index.searching.lexical import find_best, join_words, terms_of
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import Positions, StoredRole, StoredSentence
from knowledge.measuring import Span
from knowledge.roles.levels import Level, levels_of_label, levels_of_line, levels_of_row
from knowledge.roles.phrases import role_key
from knowledge.roles.roles import all_names
from knowledge.sentences import SentenceKind

_SENTENCES_HELD = 4_096
_PATHS_HELD = 4_096
_LONGEST_LABEL = 40
_FEWEST_LEVELS = 2
_PASSAGES_THAT_NAME = 40


_TITLE_WITH_CODE = re.compile(r"(?:[A-Z][\w-]+ ){1,4}\([A-Z]{1,3}\d{1,2}\)")


class Fit(IntEnum):
    """What a sentence has to do with a level."""

    NOTHING = 0
    NAMES_IT = 1
    IS_ABOUT_IT = 2
    IS_ABOUT_ANOTHER = 3
    KNOWS_NO_LEVELS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A line or a section that is about one level, by its names; `label` is how it is written.

    [start, end) of the document's text is the label, `path` the headings above a line, and `table`
    the span of what introduces it: the header of a table, or the line above a list.
    """

    levels: tuple[Level, ...]
    label: str
    document_id: str
    start: int
    end: int
    path: tuple[str, ...]
    is_section: bool
    table: Span | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The levels of a role, in the order of its guides, and the passages that tell them."""

    rungs: tuple[Rung, ...]
    passages: tuple[int, ...]

    def __bool__(self) -> bool:
        """Whether the guides tell any levels apart."""
        return len({level for rung in self.rungs for level in rung.levels}) >= _FEWEST_LEVELS

    def within(self, document_ids: Container[str]) -> "Ladder":
        """Return what some documents tell of it."""
        rungs = tuple(rung for rung in self.rungs if rung.document_id in document_ids)
        return Ladder(rungs, self.passages)

    def listings(self) -> list[list[Rung]]:
        """Return where levels are listed: the sections, lists and tables, the longest first."""
        found: dict[tuple[object, ...], list[Rung]] = {}
        for rung in self.rungs:
            listing = (rung.document_id, rung.path, rung.is_section, rung.table)
            found.setdefault(listing, []).append(rung)
        listings = [rungs for rungs in found.values() if len(rungs) >= _FEWEST_LEVELS]
        return sorted(listings, key=lambda rungs: -len(rungs))

    def neighbour_of(self, level: Level, step: int) -> Level | None:
        """Return the level that stands a step behind one in the longest listing that has it."""
        for rungs in self.listings():
            names = set(_matching(level, rungs))
            places = [place for place, rung in enumerate(rungs) if names & set(rung.levels)]
            if not places:
                continue
            place = (places[-1] if step > 0 else places[0]) + step
            if not 0 <= place < len(rungs):
                return None
            found = [other for other in rungs[place].levels if other.noun in {level.noun, ""}]
            found.sort(key=lambda other: other.is_code != level.is_code)
            return next(iter(found), None)
        return None

    def end(self, place: int) -> Level | None:
        """Return the level at an end of the longest listing: 0 is the lowest, -1 the highest."""
        listing = next(iter(self.listings()), [])
        numbers = [max(int(level.number or 0) for level in rung.levels) for rung in listing]
        if numbers and numbers[0] > numbers[-1]:
            listing = listing[::-1]  # written from the top down
        return next(iter(listing[place].levels), None) if listing else None

    def names_of(self, level: Level) -> Mapping[str, frozenset[Level]]:
        """Return all the names of a level in each document that has it.

        A title's code stands beside it, "Senior Engineer 1 (IC4)", and is another name.
        """
        found: dict[str, frozenset[Level]] = {}
        for document_id in dict.fromkeys(rung.document_id for rung in self.rungs):
            rungs = [rung for rung in self.rungs if rung.document_id == document_id]
            names = frozenset(_matching(level, rungs))
            if names:
                others = {other for rung in rungs for other in _neighbours(rung.levels, names)}
                found[document_id] = names | others
        return found

    def has(self, level: Level) -> bool:
        """Tell whether the guides tell of a level."""
        return bool(self.names_of(level))

    def codes(self) -> tuple[str, ...]:
        """Return the codes and numbers of the levels that there are."""
        names = {level.name for rung in self.rungs for level in rung.levels if level.is_code}
        return tuple(sorted(names))


class Ladders:
    """The ladders of an index's roles, each read when it is first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Take where the guides are."""
        self._snapshot = snapshot
        self._of_role: dict[int, Ladder] = {}

    def of(self, role: StoredRole) -> Ladder:
        """Return a role's ladder."""
        ladder = self._of_role.get(role.position)
        if ladder is None:
            ladder = self._of_role[role.position] = _read_ladder(self._snapshot, role)
        return ladder

    def with_code(self, code: str, roles: Sequence[StoredRole]) -> list[StoredRole]:
        """Return those of some roles that have a level of a code, "D5"."""
        holding = _passages_that_name(self._snapshot, code)
        documents = {item.document_id for item in self._snapshot.store.sentences_of(holding)}
        about = {position for position, *_ in self._snapshot.store.role_spans(documents)}
        level = Level(code.lower())
        return [role for role in roles if role.position in about and self.of(role).has(level)]


def fit_level(ladder: Ladder, level: Level, sentences: Sequence[StoredSentence]) -> list[Fit]:
    """Return what each sentence has to do with a level."""
    names = ladder.names_of(level)
    return [
        _fit(item, names[item.document_id])
        if item.document_id in names
        else Fit.KNOWS_NO_LEVELS
        if names
        else Fit.NOTHING
        for item in sentences
    ]


def passages_of(ladder: Ladder, level: Level, snapshot: Snapshot) -> Positions:
    """Return the positions of the passages that are about a level."""
    sentences = snapshot.store.sentences_of(ladder.passages)
    fits = fit_level(ladder, level, sentences)
    found = {
        item.passage_position
        for item, fit in zip(sentences, fits, strict=True)
        if fit is Fit.IS_ABOUT_IT
    }
    return np.array(sorted(found), dtype=np.int64)


def is_in_section_of_level(item: StoredSentence) -> bool:
    """Tell whether a sentence stands below a heading that names a level."""
    return bool(_levels_of_section(item))


def names_only_a_level(item: StoredSentence) -> bool:
    """Tell a line that is but a level's name, "Senior SDR (P2)", and so says nothing of it."""
    return (
        item.sentence.kind is SentenceKind.SENTENCE
        and len(item.plain) <= _LONGEST_LABEL
        and item.plain[-1] not in ".!?:"
        and ":" not in item.plain
        and bool(levels_of_line(item.plain))
    )


def _fit(item: StoredSentence, names: frozenset[Level]) -> Fit:
    own, of_section = _own_levels(item), _levels_of_section(item)
    if any(level.is_same(name) for level in own or of_section for name in names):
        return Fit.IS_ABOUT_IT
    if own:
        return Fit.IS_ABOUT_ANOTHER
    if any(_is_named(name, item.words) for name in names):
        return Fit.NAMES_IT
    return Fit.IS_ABOUT_ANOTHER if of_section else Fit.NOTHING


def _is_named(level: Level, words: str) -> bool:
    if not level.name.isdigit():
        return f" {level.name} " in words
    return bool(level.noun) and f" {level.noun} {level.name} " in words


@lru_cache(maxsize=_SENTENCES_HELD)
def _own_levels(item: StoredSentence) -> tuple[Level, ...]:
    if item.sentence.kind is SentenceKind.ROW:
        return levels_of_row(item.plain)
    return levels_of_line(item.plain)


def _levels_of_section(item: StoredSentence) -> tuple[Level, ...]:
    return _levels_of_path(item.sentence.heading_path)


@lru_cache(maxsize=_PATHS_HELD)
def _levels_of_path(path: tuple[str, ...]) -> tuple[Level, ...]:
    for heading in reversed(path):
        if levels := levels_of_label(heading):
            return levels
    return ()


def _matching(level: Level, rungs: Iterable[Rung]) -> list[Level]:
    """Return the names that a level has, the surest there are: "senior", else "senior 1", "2"."""
    names = [own for rung in rungs for own in rung.levels]
    return (
        [own for own in names if level.is_same(own)]
        or [own for own in names if level.is_like(own)]
        or [own for own in names if level.includes(own)]
    )


def _neighbours(levels: Sequence[Level], names: frozenset[Level]) -> Iterable[Level]:
    for left, right in itertools.pairwise(levels):
        if left.is_code != right.is_code or left.name.isdigit() != right.name.isdigit():
            if left in names and right not in names:
                yield right
            elif right in names and left not in names:
                yield left


def _read_ladder(snapshot: Snapshot, role: StoredRole) -> Ladder:
    """Return the levels that a role's guides tell apart, and those that others name in full."""
    store = snapshot.store
    titles = [f" {role_key(name)} " for name in all_names(role) if " " in role_key(name)]
    about = store.passages_about(role.position).tolist()
    passages = sorted({*about, *_passages_that_name(snapshot, role.name)})
    sentences = store.sentences_of(passages)
    spans: dict[str, list[tuple[int, int]]] = {}
    for position, document_id, start, end in store.role_spans(
        {item.document_id for item in sentences}
    ):
        if position == role.position:
            spans.setdefault(document_id, []).append((start, end))
    rungs: dict[tuple[str, str], Rung] = {}
    for item in sentences:
        at = item.sentence.start
        is_own = any(start <= at < end for start, end in spans.get(item.document_id, ()))
        for rung in (_line_of(item), _section_of(item, snapshot), *_titles_in(item, snapshot)):
            if rung is not None and (is_own or _is_titled(rung, titles)):
                rungs.setdefault((rung.document_id, rung.label), rung)
    return Ladder(tuple(rungs.values()), tuple(passages))


def _passages_that_name(snapshot: Snapshot, name: str) -> list[int]:
    """Return the passages that speak most of a role or a level, by its name."""
    terms = terms_of(name)
    scores = snapshot.lexical.scores(dict.fromkeys(terms, 1.0))
    best = find_best(scores, min(_PASSAGES_THAT_NAME, len(scores)))
    return [int(position) for position in best if scores[position] > 0]


def _is_titled(rung: Rung, titles: Sequence[str]) -> bool:
    """Tell "Engineering Manager 2: …" from other roles' levels, by the words before the colon."""
    label = join_words(rung.label.partition(":")[0])
    return any(title in label for title in titles) and any(level.noun for level in rung.levels)


def _line_of(item: StoredSentence) -> Rung | None:
    levels = _own_levels(item)
    if not levels:
        return None
    return Rung(
        levels=levels,
        label=item.plain,
        document_id=item.document_id,
        start=item.sentence.start,
        end=item.sentence.end,
        path=item.sentence.heading_path,
        is_section=False,
        table=item.sentence.lead,
    )


def _titles_in(item: StoredSentence, snapshot: Snapshot) -> Iterator[Rung]:
    """Yield the levels that a sentence names by titles and codes: "Lead Programmer (L4), …"."""
    sentence = item.sentence
    titles = [title[0] for title in _TITLE_WITH_CODE.finditer(item.plain)]
    for title in titles if len(titles) > 1 else ():
        text = snapshot.store.text_of(item.document_id)
        start = text.find(title, sentence.start, sentence.end)
        if start >= 0 and len(levels := levels_of_label(title)) > 1:
            yield Rung(
                levels=levels,
                label=title,
                document_id=item.document_id,
                start=start,
                end=start + len(title),
                path=sentence.heading_path,
                is_section=False,
            )


def _section_of(item: StoredSentence, snapshot: Snapshot) -> Rung | None:
    for heading in reversed(item.sentence.heading_path):
        if levels := levels_of_label(heading):
            text = snapshot.store.text_of(item.document_id)
            start = text.rfind(heading, 0, item.sentence.start)
            if start < 0:
                return None
            return Rung(
                levels=levels,
                label=heading,
                document_id=item.document_id,
                start=start,
                end=start + len(heading),
                path=(),
                is_section=True,
            )
    return None
