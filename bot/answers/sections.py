"""What guides have headings for without its being a role: a committee, a field, a kind of student.

A comparison may name it beside roles, and what stands below the heading is then about it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache

import numpy as np

from bot.answers.aspects import load_aspects
from index.searching.lexical import join_words, terms_of
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import StoredSentence
from knowledge.roles.occupations import spell_out
from knowledge.roles.spoken_of import words_of_file_name

_MOST_HELD = 256
_MOST_PASSAGES_READ = 64
_PASSAGES_READ_AT_ONCE = 8
_MOST_WORDS_MORE = 2
_MOST_WORDS_OF_LEAD = 6
_PARTS = re.compile(r"[/|:–—(),]|\s-\s|\b(?:and|or|&)\b")
_LETTERS = re.compile(r"\b([A-Z]{2,})s\b")
_RELATES = re.compile(
    r"\b(?:with|from|to|for|than|vs|versus|or|not|how|what|why|when)\b", re.IGNORECASE
)
_BODIES = frozenset(terms_of("team group board committee crew department division role job work"))

_Words = tuple[tuple[str, ...], frozenset[str] | None]
Place = tuple[str, int, int]
"""A stretch of a document: its id, and [start, end) of its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands below a heading: `positions` are those of its passages, in order."""

    heading: str
    places: tuple[Place, ...]
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heading:
    """A heading in a document, or a line that introduces a list: `path` ends with it.

    `lead` is the span of that line.
    """

    document_id: str
    path: tuple[str, ...]
    lead: tuple[int, int] | None = None
    is_file: bool = False

    def is_above(self, item: StoredSentence) -> bool:
        """Tell whether a sentence stands below the heading, or is that line or below it."""
        if self.document_id != item.document_id:
            return False
        if self.is_file:
            return True
        sentence = item.sentence
        if self.lead is not None:
            return self.lead in {sentence.lead, (sentence.start, sentence.end)}
        return sentence.heading_path[: len(self.path)] == self.path


class Sections:
    """Finds headings of the guides by words of questions."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Take the index whose guides are asked."""
        self._snapshot = snapshot
        self._found: dict[_Words, tuple[Section | None]] = {}

    def find(self, words: Sequence[str], within: frozenset[str] | None = None) -> Section | None:
        """Return what stands below the heading that some words name, if one does so best.

        A heading is named by all of its words, by most of them, or by those between two marks;
        words that say where it stands may be added: "sponsors committee" is "Sponsors" of the guide
        "Committees". So is a line that introduces a list.

        Args:
            words: What was typed.
            within: The documents that alone are asked, if not all are.
        """
        # A conversation is read anew with each of its questions.
        key = (tuple(words), within)
        held = self._found.get(key)
        if held is None:
            held = (self._look_up(words, within),)
            if len(self._found) >= _MOST_HELD:
                self._found.clear()
            self._found[key] = held
        return held[0]

    def _look_up(self, words: Sequence[str], within: frozenset[str] | None) -> Section | None:
        terms = terms_of(" ".join(spell_out(words)))
        items = self._sentences_with(terms)
        leads = {(item.document_id, item.sentence.lead) for item in items}
        found: dict[_Heading, tuple[int, int]] = {}
        for item in items:
            if within is None or item.document_id in within:
                for heading in _headings_of(item, leads):
                    if heading not in found:
                        more = self._words_more(terms, heading)
                        found[heading] = (more, item.passage_position)
        fewest = min((more for more, _ in found.values()), default=_MOST_WORDS_MORE + 1)
        if fewest > _MOST_WORDS_MORE:
            return None
        best = {heading: place for heading, (more, place) in found.items() if more == fewest}
        names = {_terms_of_heading(heading.path[-1]) for heading in best}
        return self._section_of(best) if len(names) == 1 else None

    def holds(self, words: Sequence[str]) -> bool:
        """Tell whether a sentence of the guides has the words one after the other."""
        phrase = join_words(" ".join(words))
        sentences = self._sentences_with(frozenset(terms_of(phrase)))
        return any(phrase in item.words for item in sentences)

    def _sentences_with(self, terms: Iterable[str]) -> list[StoredSentence]:
        """Return the sentences of the passages that have all of some terms, be it in a heading."""
        lexical, wanted = self._snapshot.lexical, frozenset(terms)
        if not wanted or not all(map(lexical.document_frequency, wanted)):
            return []
        of_each = [lexical.scores({term: 1.0}) for term in wanted]
        having = np.flatnonzero(np.logical_and.reduce([scores > 0 for scores in of_each]))
        scores = np.sum(of_each, axis=0)[having]
        read = having[np.argsort(-scores, kind="stable")[:_MOST_PASSAGES_READ]]
        return self._snapshot.store.sentences_of(read.tolist())

    def _words_more(self, terms: Sequence[str], heading: _Heading) -> int:
        """Return how many words a heading has beside those wanted; too many if it isn't meant."""
        wanted = frozenset(terms)
        *above, text = heading.path
        own = _terms_of_heading(text)
        relates = wanted != own and _RELATES.search(text) is not None
        if not own or relates or _says_what_is_told(text):
            return _MOST_WORDS_MORE + 1
        has_it = f" {' '.join(terms)} " in f" {' '.join(terms_of(_in_singular(text)))} "
        if wanted == own or (has_it and len(own - wanted) <= _MOST_WORDS_MORE):
            return len(own - wanted)
        title = self._snapshot.store.document(heading.document_id).title
        around = _BODIES.union(*map(_terms_of_heading, (*above, title, heading.document_id)))
        parts = map(_terms_of_heading, (text, *_PARTS.split(text)))
        is_meant = any(part and part <= wanted <= part | around for part in parts)
        return min(len(own - wanted), _MOST_WORDS_MORE) if is_meant else _MOST_WORDS_MORE + 1

    def _section_of(self, headings: dict[_Heading, int]) -> Section:
        places: list[Place] = []
        positions: set[int] = set()
        for heading, position in headings.items():
            own = list(self._below(heading, position))
            start = min(item.sentence.start for item in own)
            places.append((heading.document_id, start, max(item.sentence.end for item in own)))
            positions.update(item.passage_position for item in own)
        name = next(iter(headings)).path[-1]
        return Section(heading=name, places=tuple(places), positions=tuple(sorted(positions)))

    def _below(self, heading: _Heading, position: int) -> Iterator[StoredSentence]:
        """Yield the sentences below a heading, from those of one passage in both directions."""
        count = self._snapshot.manifest.passages
        ahead = range(position, count, _PASSAGES_READ_AT_ONCE)
        back = range(
            position - _PASSAGES_READ_AT_ONCE, -_PASSAGES_READ_AT_ONCE, -_PASSAGES_READ_AT_ONCE
        )
        for starts in (ahead, back):
            for first in starts:
                read = range(max(first, 0), min(first + _PASSAGES_READ_AT_ONCE, count))
                sentences = self._snapshot.store.sentences_of(read)
                own = [item for item in sentences if heading.is_above(item)]
                yield from own
                if not own or (own[-1] if starts is ahead else own[0]) is not (
                    sentences[-1] if starts is ahead else sentences[0]
                ):
                    break


def _headings_of(
    item: StoredSentence, leads: Set[tuple[str, tuple[int, int] | None]]
) -> Iterator[_Heading]:
    """Yield the headings above a sentence, and itself where it is above others."""
    sentence = item.sentence
    path = sentence.heading_path
    name = words_of_file_name(item.document_id)
    yield _Heading(document_id=item.document_id, path=(name,), is_file=True)
    for depth in range(len(path)):
        yield _Heading(document_id=item.document_id, path=path[: depth + 1])
    span = (sentence.start, sentence.end)
    is_lead = (item.document_id, span) in leads
    if is_lead and len(item.plain.split()) <= _MOST_WORDS_OF_LEAD:
        yield _Heading(
            document_id=item.document_id, path=(*path, item.plain.rstrip(" :")), lead=span
        )


@cache
def _terms_of_heading(heading: str) -> frozenset[str]:
    return frozenset(terms_of(_in_singular(heading)))


def _in_singular(heading: str) -> str:
    """Return a heading with people called by letters as one: "TAs" are each a TA."""
    return _LETTERS.sub(r"\1", heading)


@cache
def _says_what_is_told(heading: str) -> bool:
    """Tell "Required skills", what guides tell of any role, from "Marketing and promotion"."""
    terms = _terms_of_heading(heading)
    return any(terms <= aspect.question_terms | aspect.cues for aspect in load_aspects())
