"""What speaks for each sentence as an answer: one row of numbers for each candidate."""

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bot.answers.aspects import AspectReader
from bot.answers.matching import WordMatching, match_words
from bot.answers.question import Subject
from bot.answers.wording import Wording
from index.encoding.encoder import Vectors
from index.searching.lexical import join_words, words_of
from index.searching.search import Hit
from index.snapshots.snapshot import Snapshot
from index.snapshots.store import StoredRole, StoredSentence
from knowledge.roles.occupations import CLIPPINGS
from knowledge.roles.phrases import role_key
from knowledge.roles.roles import all_names

SIGNALS = (
    "dense",
    "bare_dense",
    "bare_dense_before",
    "bare_dense_of_lead",
    "affinity",
    "cue",
    "overlap",
    "word_match",
    "heading",
    "heading_affinity",
    "passage_score",
    "passage_rank",
    "about_subject",
    "names_subject",
    "heading_names_subject",
    "passage_names_subject",
    "names_contrasted",
    "opening_definition",
    "opening_of_guide",
    "begins_with_subject",
    "length",
)
"""The columns of the evidence, in order."""

_WORDS_BEFORE_SUBJECT = 3
_WORDS_OF_BEGINNING = 8
_CHARACTERS_OF_OPENING = 400
_DIFFERS = re.compile(r" (?:differ\w*|unlike|contrast\w*) ")
# Among fewer passages than these, how rare a word is can't be told.
_FEWEST_PASSAGES = 200
_PATHS_HELD = 4_096
_THE_ROLE = re.compile(r"(?:(?:(?:this|the) )?(?:role|job|position)|they|someone|a person|you)\b")
_BEHIND_SUBJECTS = frozenset(
    """
    who whose which is are was were has have does do can will may often usually typically mainly
    """.split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence that may answer, as it will be shown."""

    stored: StoredSentence
    hit: Hit
    vector: Vectors

    @property
    def text(self) -> str:
        """The sentence without markup."""
        return self.stored.plain

    @property
    def terms(self) -> frozenset[str]:
        """The sentence's stems."""
        return self.stored.terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Candidates with their signals: float32, shape (candidates, signals).

    `shares` tell what part of each candidate is about what is asked: float32, shape (candidates,).
    """

    candidates: tuple[Candidate, ...]
    signals: Vectors
    shares: Vectors

    @property
    def vectors(self) -> Vectors:
        """The candidates' vectors: float32, shape (candidates, dimension)."""
        vectors = [candidate.vector for candidate in self.candidates]
        return np.stack(vectors) if vectors else np.zeros((0, 0), dtype=np.float32)

    def column(self, signal: str) -> Vectors:
        """Return one signal of every candidate: float32, shape (candidates,)."""
        return np.asarray(self.signals[:, SIGNALS.index(signal)], dtype=np.float32)


NO_EVIDENCE = Evidence(
    candidates=(),
    signals=np.zeros((0, len(SIGNALS)), dtype=np.float32),
    shares=np.zeros(0, dtype=np.float32),
)


def gather_evidence(
    snapshot: Snapshot,
    reader: AspectReader,
    wording: Wording,
    hits: Sequence[Hit],
    subject: Subject | None,
    *,
    contrasted: Sequence[Subject] = (),
    matching: WordMatching | None = None,
) -> Evidence:
    """Return the sentences of the hits with what speaks for each.

    What another role's guide says is no evidence about the subject unless it names it, of a role
    that the guides only mention, only what speaks of it is, and of one that they don't know as a
    role, only passages that name it are.

    Args:
        snapshot: Where the hits were found.
        reader: Compares with aspects.
        wording: The question.
        hits: The passages that may answer, best first.
        subject: The role that the question is about, if any.
        contrasted: Other roles that it is compared with.
        matching: How words are compared, where that was fitted to the encoder.
    """
    by_position = {hit.position: (rank, hit) for rank, hit in enumerate(hits)}
    stored = snapshot.store.sentences_of(by_position)
    named = _Named.of(snapshot, subject, contrasted, stored)
    names = [named.names(item) for item in stored]
    heading_names = [named.heading_names(item) for item in stored]
    kept = [
        row
        for row, item in enumerate(stored)
        if named.may_answer(item, is_named=names[row] or heading_names[row])
    ]
    naming_passages = {item.passage_position for item in itertools.compress(stored, names)}
    if named.is_unknown:
        kept = [
            row
            for row in kept
            if heading_names[row] or stored[row].passage_position in naming_passages
        ]
    if not kept:
        return NO_EVIDENCE
    vectors = snapshot.sentence_vectors([item.position for item in stored])
    headings = snapshot.heading_vectors([item.heading for item in stored])
    word_matches = match_words(
        wording,
        snapshot.sentence_words([item.position for item in stored]),
        snapshot.lexical.inverse_document_frequency,
        matching,
    )
    likeness = max(wording.aspect.likeness, 0.0)
    affinities, shares = reader.fit(vectors, wording.aspect)
    affinities *= likeness
    heading_affinities = reader.heading_affinity(headings, wording.aspect) * likeness
    dense, bare_dense = (vectors @ np.stack([wording.vector, wording.bare_vector]).T).T
    heading_dense = headings @ wording.bare_vector
    weights = {term: snapshot.lexical.inverse_document_frequency(term) for term in wording.terms}
    total_weight = sum(weights.values()) or 1.0
    # "Salary" gives an answer away, "people" hardly: the rarer a cue is in these guides, the more.
    passages = max(snapshot.manifest.passages, _FEWEST_PASSAGES)
    rarity = {
        term: likeness * _rarity(snapshot.lexical.document_frequency(term), passages)
        for term in wording.aspect.cues
    }
    places = {
        (item.document_id, item.sentence.start, item.sentence.end): row
        for row, item in enumerate(stored)
    }
    best_score = max(hit.score for hit in hits)
    definition = float(wording.aspect.weights[0]) * likeness
    essence = wording.aspect.essence * likeness
    begun: dict[str, int] = {}
    rows = []
    for row in kept:
        item = stored[row]
        rank, hit = by_position[item.passage_position]
        before = row - 1 if row and stored[row - 1].document_id == item.document_id else row
        lead = places.get((item.document_id, *item.sentence.lead)) if item.sentence.lead else None
        begins = subject is None or named.begins(item)
        # A definition begins with what it defines; of those, the first in a guide is the likeliest.
        ordinal = begun.get(item.document_id, 0)
        begun[item.document_id] = ordinal + begins
        rows.append(
            (
                dense[row],
                bare_dense[row],
                bare_dense[before],
                0.0 if lead is None else bare_dense[lead],
                affinities[row],
                max([rarity[term] for term in wording.aspect.cues & item.terms], default=0.0),
                sum([weights[term] for term in wording.terms & item.terms]) / total_weight,
                word_matches[row],
                heading_dense[row],
                heading_affinities[row],
                hit.score - best_score,
                1.0 / (1 + rank),
                named.is_about(item),
                names[row],
                heading_names[row],
                item.passage_position in naming_passages,
                named.names_contrasted(item),
                definition * begins / (1 + ordinal),
                essence * named.nearness_to_beginning(item),
                begins,
                math.log1p(len(item.plain)),
            )
        )
    return Evidence(
        candidates=tuple(
            Candidate(
                stored=stored[row],
                hit=by_position[stored[row].passage_position][1],
                vector=vectors[row],
            )
            for row in kept
        ),
        signals=np.array(rows, dtype=np.float32),
        shares=shares[kept],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """Tells which sentences are about the role in question, or name it."""

    subject: Subject | None
    narrow: frozenset[str]
    wide: frozenset[str]
    contrasted: frozenset[str]
    roles: Sequence[StoredRole]
    own_spans: Mapping[str, Sequence[tuple[int, int]]]
    other_spans: Mapping[str, Sequence[tuple[int, int]]]

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        subject: Subject | None,
        contrasted: Sequence[Subject],
        stored: Sequence[StoredSentence],
    ) -> "_Named":
        own: dict[str, list[tuple[int, int]]] = {}
        others: dict[str, list[tuple[int, int]]] = {}
        if subject is not None and subject.role is not None:
            documents = {item.document_id for item in stored}
            for role, document_id, start, end in snapshot.store.role_spans(documents):
                spans = own if role == subject.role.position else others
                spans.setdefault(document_id, []).append((start, end))
        narrow = _names_of(subject)
        return cls(
            subject=subject,
            narrow=narrow,
            wide=narrow | _names_of(subject, widely=True),
            contrasted=frozenset[str]().union(*map(_names_of, contrasted)),
            roles=snapshot.roles,
            own_spans=own,
            other_spans=others,
        )

    def may_answer(self, item: StoredSentence, *, is_named: bool) -> bool:
        if self.contrasted and self._tells_from_third(item):
            return False
        role = self.subject.role if self.subject else None
        if role is None:
            return True
        if not role.has_guide:
            return is_named and _speaks_of(self.narrow, item.words)
        return is_named or self.is_about(item) or not _lies_within(item, self.other_spans)

    def _tells_from_third(self, item: StoredSentence) -> bool:
        """Tell whether a sentence says how a role differs from one that isn't compared here."""
        if not _DIFFERS.search(item.words) or _names(self.contrasted, item.words):
            return False
        compared = self.wide | self.contrasted
        return any(
            key not in compared and f" {key} " in item.words
            for role in self.roles
            for key in map(role_key, (role.name, *role.aliases))
            if key
        )

    @property
    def is_unknown(self) -> bool:
        return self.subject is not None and self.subject.role is None

    def is_about(self, item: StoredSentence) -> bool:
        return _lies_within(item, self.own_spans)

    def nearness_to_beginning(self, item: StoredSentence) -> float:
        """Return 1 where a sentence begins what is about the role, and the less the later it is."""
        start = item.sentence.start
        return max(
            (
                math.exp((begin - start) / _CHARACTERS_OF_OPENING)
                for begin, end in self.own_spans.get(item.document_id, ())
                if begin <= start < end
            ),
            default=0.0,
        )

    def names(self, item: StoredSentence) -> bool:
        return _names(self.narrow, item.words)

    def heading_names(self, item: StoredSentence) -> bool:
        return bool(self.wide) and _names(self.wide, _words_of_path(item.sentence.heading_path))

    def names_contrasted(self, item: StoredSentence) -> bool:
        return bool(self.contrasted) and _names(self.contrasted, item.words)

    def begins(self, item: StoredSentence) -> bool:
        """Tell whether a sentence begins with the role, by name or as "this role" and the like."""
        if _THE_ROLE.match(item.words, 1):
            return True
        if not _names(self.wide, item.words):
            return False
        beginning = f" {' '.join(item.words.split()[:_WORDS_OF_BEGINNING])} "
        return _names(self.wide, beginning)


def _rarity(frequency: int, passages: int) -> float:
    """Return a term's inverse document frequency in parts of that of a term never seen."""
    return math.log(1.0 + (passages - frequency + 0.5) / (frequency + 0.5)) / math.log(
        2.0 * passages + 2.0
    )


@lru_cache(maxsize=_PATHS_HELD)
def _words_of_path(path: tuple[str, ...]) -> str:
    return join_words(" . ".join(path))


@lru_cache(maxsize=64)
def _names_of(subject: Subject | None, *, widely: bool = False) -> frozenset[str]:
    if subject is None:
        return frozenset()
    if subject.role is None:
        spelt_out = " ".join(CLIPPINGS.get(word, word) for word in words_of(subject.name))
        names: tuple[str, ...] = (subject.name, spelt_out)
    else:
        # "Software engineer" is too wide a name for "Software Engineer (Data Science)".
        full = subject.role.name
        names = tuple(
            name for name in all_names(subject.role) if widely or not full.startswith(f"{name} (")
        )
    return frozenset(filter(None, (role_key(name) for name in names)))


def _speaks_of(names: Iterable[str], words_joined: str) -> bool:
    """Tell "a data scientist, who models" from "tools that let data scientists model".

    A role is spoken of where its name begins the sentence, or is followed by who, whose or a verb
    in the third person.
    """
    for name in names:
        at = words_joined.find(f" {name} ")
        if at == -1:
            continue
        behind = words_joined[at + len(name) + 2 :].split(maxsplit=1)
        follows = behind[0] if behind else ""
        begins = len(words_joined[:at].split()) <= _WORDS_BEFORE_SUBJECT
        if begins or follows in _BEHIND_SUBJECTS or (len(follows) > 3 and follows.endswith("s")):
            return True
    return False


def _lies_within(item: StoredSentence, spans: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    return any(start <= item.sentence.start < end for start, end in spans.get(item.document_id, ()))


def _names(names: Iterable[str], words_joined: str) -> bool:
    return any(f" {name} " in words_joined for name in names)
