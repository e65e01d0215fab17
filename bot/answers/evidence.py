"""What speaks for each sentence as an answer: one row of numbers for each candidate."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.answers.aspects import AspectReader
from bot.answers.question import Subject
from bot.answers.wording import Wording
from index.encoder import Vectors
from index.lexical import join_words, words_of
from index.search import Hit
from index.snapshot import Snapshot
from index.store import StoredSentence
from knowledge.occupations import CLIPPINGS
from knowledge.role_phrases import role_key
from knowledge.roles import all_names

SIGNALS = (
    "dense",
    "bare_dense",
    "affinity",
    "cue",
    "overlap",
    "heading",
    "heading_affinity",
    "passage_dense",
    "passage_rank",
    "about_subject",
    "names_subject",
    "opening_definition",
)
"""The columns of the evidence, in order."""

_LEAST_DEFINITION = 1e-3
_WORDS_BEFORE_SUBJECT = 3
_WORDS_OF_BEGINNING = 8
_THE_ROLE = re.compile(r"(?:(?:this|the) (?:role|job|position)|they|someone|a person|you)\b")
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
    names_contrasted: bool

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
    """Candidates with their signals: float32, shape (candidates, signals)."""

    candidates: tuple[Candidate, ...]
    signals: Vectors

    @property
    def vectors(self) -> Vectors:
        """The candidates' vectors: float32, shape (candidates, dimension)."""
        vectors = [candidate.vector for candidate in self.candidates]
        return np.stack(vectors) if vectors else np.zeros((0, 0), dtype=np.float32)


def gather_evidence(
    snapshot: Snapshot,
    reader: AspectReader,
    wording: Wording,
    hits: Sequence[Hit],
    subject: Subject | None,
    *,
    contrasted: Sequence[Subject] = (),
) -> Evidence:
    """Return the sentences of the hits with what speaks for each.

    Args:
        snapshot: Where the hits were found.
        reader: Compares with aspects.
        wording: The question.
        hits: The passages that may answer, best first.
        subject: The role that the question is about, if any. What another role's guide says is
            no evidence about it, unless it names it. Of a role without a guide the sentences that
            name it are, and of one that was not even recognised, the passages that do.
        contrasted: Other roles that it is compared with.
    """
    by_position = {hit.position: (rank, hit) for rank, hit in enumerate(hits)}
    stored = snapshot.store.sentences_of(by_position)
    if not stored:
        return Evidence(candidates=(), signals=np.zeros((0, len(SIGNALS)), dtype=np.float32))
    vectors = snapshot.sentence_vectors([item.position for item in stored])
    headings = snapshot.heading_vectors([item.heading for item in stored])
    likeness = max(wording.aspect.likeness, 0.0)
    affinities = reader.affinity(vectors, wording.aspect) * likeness
    heading_affinities = reader.heading_affinity(headings, wording.aspect) * likeness
    dense = vectors @ wording.vector
    bare_dense = vectors @ wording.bare_vector
    heading_dense = headings @ wording.bare_vector
    weights = {
        term: snapshot.lexical.inverse_document_frequency(term) for term in sorted(wording.terms)
    }
    total_weight = sum(weights.values()) or 1.0
    names = _names_of(subject)
    wide_names = names | _names_of(subject, widely=True)
    definition = float(wording.aspect.weights[0]) * likeness
    asks_for_definition = definition > _LEAST_DEFINITION
    role = subject.role if subject else None
    documents = {item.document_id for item in stored}
    spans = snapshot.store.role_spans(role.position, documents) if role else {}
    is_only_mentioned = role is not None and not role.has_guide
    is_unknown = subject is not None and subject.role is None
    naming_passages = {
        item.passage_position
        for item in stored
        if is_unknown
        and (
            _names(names, item.words)
            or _names(names, join_words(" . ".join(item.sentence.heading_path)))
        )
    }
    others = [name for other in contrasted for name in _names_of(other)]
    candidates = []
    rows = []
    seen_of_document: dict[str, int] = {}
    for row, item in enumerate(stored):
        terms = item.terms
        rank, hit = by_position[item.passage_position]
        joined = item.words
        names_subject = _names(names, joined)
        if is_only_mentioned and not _speaks_of(names, joined):
            continue
        is_about = _lies_within(item, spans) or hit.position in naming_passages
        if subject is not None and not is_about and not names_subject:
            continue
        # A definition begins with what it defines; of those, the first in a guide is the likeliest.
        ordinal = 0
        begins = subject is None
        if asks_for_definition:
            begins = begins or _begins_with(wide_names, joined)
            ordinal = seen_of_document.get(item.document_id, 0)
            seen_of_document[item.document_id] = ordinal + begins
        candidates.append(
            Candidate(
                stored=item,
                hit=hit,
                vector=vectors[row],
                names_contrasted=_names(others, joined),
            )
        )
        rows.append(
            [
                dense[row],
                bare_dense[row],
                affinities[row],
                likeness * bool(wording.aspect.cues & terms),
                sum(weights[term] for term in wording.terms & terms) / total_weight,
                heading_dense[row],
                heading_affinities[row],
                hit.dense,
                1.0 / (1 + rank),
                is_about,
                names_subject,
                asks_for_definition * begins * definition / (1 + ordinal),
            ]
        )
    return Evidence(
        candidates=tuple(candidates),
        signals=np.array(rows, dtype=np.float32).reshape(-1, len(SIGNALS)),
    )


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


def _begins_with(names: Iterable[str], words_joined: str) -> bool:
    """Whether a sentence begins with the role, by name or as "this role" and the like."""
    beginning = f" {' '.join(words_joined.split()[:_WORDS_OF_BEGINNING])} "
    return bool(_THE_ROLE.match(words_joined.strip())) or _names(names, beginning)


def _lies_within(item: StoredSentence, spans: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    return any(start <= item.sentence.start < end for start, end in spans.get(item.document_id, ()))


def _names(names: Iterable[str], words_joined: str) -> bool:
    return any(f" {name} " in words_joined for name in names)
