"""What speaks for each sentence as an answer: one row of numbers for each candidate."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.answers.aspects import OPEN_QUESTION, AspectReader
from bot.answers.ladders import is_in_section_of_level, names_only_a_level
from bot.answers.matching import WordMatching, match_words
from bot.answers.naming import Naming
from bot.answers.question import Subject
from bot.answers.shared_texts import rows_of_others
from bot.answers.wording import Wording
from index.encoding.encoder import Vectors
from index.searching.lexical import words_of
from index.searching.search import Hit
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import StoredSentence
from knowledge.sentences import SentenceKind

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
    "in_other_guide",
    "opening_definition",
    "opening_of_guide",
    "essence_of_level",
    "begins_with_subject",
    "tells_amount",
    "length",
)
"""The columns of the evidence, in order."""

ALWAYS_TOLD = frozenset({"definition", "responsibilities"})
"""The aspects that every guide about a role tells of."""

_YOU = re.compile(r"\byou(?:r|['’]ll|['’]re)?\b", re.IGNORECASE)
_OFTEN_YOU = 2
_LONGEST_EMPLOYER = 60
_SHORTEST_EMPLOYER = 3
_WE = re.compile(r"(?:At [^,]{1,60}, )?(?:we|our)\b", re.IGNORECASE)
_FACT = re.compile(
    r"[^\W\d_][^:.?!()]{1,30}:(?:(?: \S+){0,5}|(?=.* \d)(?: \S+){,11}) \S*[^\s.:;?!]"
)
_LEAST_ESSENCE = 0.05
# Among fewer passages than these, how rare a word is can't be told.
_FEWEST_PASSAGES = 200


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

    @property
    def is_of_subject(self) -> npt.NDArray[np.bool_]:
        """Which candidates are about the role in question, or name it: (candidates,).

        Or a heading above them does.
        """
        columns = ("about_subject", "names_subject", "heading_names_subject")
        return np.asarray(sum(map(self.column, columns)) > 0, dtype=np.bool_)

    @property
    def strangers(self) -> npt.NDArray[np.bool_]:
        """Which candidates are about other roles and don't name the one in question: (candidates,).

        Nor does a heading above them.
        """
        is_about_another = self.column("in_other_guide") > 0
        names = self.column("names_subject") + self.column("heading_names_subject") > 0
        return np.asarray(is_about_another & ~names, dtype=np.bool_)


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

    Of a role that the guides only mention, or don't know as a role, only documents that have its
    name are evidence, and of those that are about other roles only the passages that do.

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
    named = Naming.of(snapshot, subject, contrasted, stored)
    names = [named.names(item) for item in stored]
    heading_names = [named.heading_names(item) for item in stored]
    kept = [
        row
        for row, item in enumerate(stored)
        if named.may_answer(item) and not names_only_a_level(item)
    ]
    if contrasted:
        of_others = rows_of_others(named, stored, names)
        kept = [row for row in kept if row not in of_others]
    if subject is not None and wording.aspect.name in ALWAYS_TOLD:
        # What a role is like is not told by what another is like.
        kept = [row for row in kept if not named.tells_from_third(stored[row])]
    if wording.asked.bare == OPEN_QUESTION or wording.aspect.name in ALWAYS_TOLD:
        addressed = Counter(item.document_id for item in stored if _YOU.search(item.plain))
        kept = [
            row
            for row in kept
            if not _is_a_fact(stored[row])
            and (
                names[row]
                or addressed[stored[row].document_id] < _OFTEN_YOU
                or not _is_of_employer(stored[row])
            )
        ] or kept
    naming_passages = {item.passage_position for item in itertools.compress(stored, names)}
    if named.has_no_guide:
        speaking = named.documents_with_its_words(stored)
        kept = [
            row
            for row in kept
            if heading_names[row]
            or stored[row].passage_position in naming_passages
            or (stored[row].document_id in speaking and not named.is_about_another(stored[row]))
        ]
    if not kept:
        return NO_EVIDENCE
    vectors = snapshot.sentence_vectors([item.position for item in stored])
    # Many sentences stand under one heading.
    below, heading_of = np.unique([item.heading for item in stored], return_inverse=True)
    headings = snapshot.heading_vectors(below.tolist())
    word_matches = match_words(
        wording,
        snapshot.sentence_words([item.position for item in stored]),
        snapshot.lexical.inverse_document_frequency,
        matching,
    )
    likeness = max(wording.aspect.likeness, 0.0)
    affinities, shares = reader.fit(vectors, wording.aspect)
    affinities *= likeness
    heading_affinities = reader.heading_affinity(headings, wording.aspect)[heading_of] * likeness
    dense, bare_dense = (vectors @ np.stack([wording.vector, wording.bare_vector]).T).T.tolist()
    # One by one, Python's own numbers are read in a third of the time that NumPy's take.
    columns = np.stack(
        [affinities, word_matches, (headings @ wording.bare_vector)[heading_of], heading_affinities]
    )
    affinity, word_match, heading_dense, heading_affinity = columns.tolist()
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
    # What a role is like is told of it as a whole, before its levels are.
    of_levels = essence > _LEAST_ESSENCE and subject is not None and subject.level is None
    amount = wording.amount
    begun: dict[str, int] = {}
    rows = []
    for row in kept:
        item = stored[row]
        rank, hit = by_position[item.passage_position]
        before = row - 1 if row and stored[row - 1].document_id == item.document_id else row
        lead = places.get((item.document_id, *item.sentence.lead)) if item.sentence.lead else None
        begins = subject is None or named.begins(item)
        is_about = named.is_about(item)
        # A definition begins with what it defines; of those, the first in a guide is the likeliest.
        ordinal = begun.get(item.document_id, 0)
        begun[item.document_id] = ordinal + begins
        rows.append(
            (
                dense[row],
                bare_dense[row],
                bare_dense[before],
                0.0 if lead is None else bare_dense[lead],
                affinity[row],
                max([rarity[term] for term in wording.aspect.cues & item.terms], default=0.0),
                sum([weights[term] for term in wording.terms & item.terms]) / total_weight,
                word_match[row],
                heading_dense[row],
                heading_affinity[row],
                hit.score - best_score,
                1.0 / (1 + rank),
                is_about,
                names[row],
                heading_names[row],
                item.passage_position in naming_passages,
                named.names_contrasted(item),
                not is_about and named.is_about_another(item),
                definition * begins / (1 + ordinal),
                essence * named.nearness_to_beginning(item) if is_about else 0.0,
                essence if of_levels and is_in_section_of_level(item) else 0.0,
                begins,
                amount is not None and amount.is_told_in(item.plain, item.terms),
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


def _is_a_fact(item: StoredSentence) -> bool:
    """Tell a line of a vacancy's head, "Hours of work: 36.25 a week", from what somebody does."""
    is_line = item.sentence.kind is SentenceKind.SENTENCE
    return is_line and _FACT.fullmatch(item.plain) is not None


def _is_of_employer(item: StoredSentence) -> bool:
    """Tell what a vacancy says of who offers it: "At Acme, we believe in openness", "Acme is …".

    That is who its folder is named after.
    """
    if _YOU.search(item.plain):
        return False
    beginning = "".join(words_of(item.plain[:_LONGEST_EMPLOYER]))
    employers = ("".join(words_of(folder)) for folder in item.document_id.split("/")[:-1])
    return _WE.match(item.plain) is not None or any(
        len(employer) >= _SHORTEST_EMPLOYER and beginning.removeprefix("the").startswith(employer)
        for employer in employers
    )


def _rarity(frequency: int, passages: int) -> float:
    """Return a term's inverse document frequency in parts of that of a term never seen."""
    return math.log(1.0 + (passages - frequency + 0.5) / (frequency + 0.5)) / math.log(
        2.0 * passages + 2.0
    )
