"""One question is looked up: worded, searched, and its sentences judged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.answers.aspects import OPEN_QUESTION, AspectReader
from bot.answers.evidence import ALWAYS_TOLD, Evidence, gather_evidence
from bot.answers.folders import Folder
from bot.answers.judgement import Judgement, judge
from bot.answers.ladders import Fit, Ladder, fit_level, passages_of
from bot.answers.model import Model
from bot.answers.question import Subject
from bot.answers.wording import Wording
from index.encoding.encoder import Vectors
from index.searching.lexical import terms_of
from index.searching.search import Favour, Hit, Probe, search
from index.settings import IndexSettings
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import Positions

PASSAGES_REPORTED = 10
_PASSAGES_READ = 7
# Chosen on the development half: with the bare question beside the stand-alone one, at the same
# weight, the answer is in the first passage for .77 of the questions about one role instead of
# .70, and in the first five for .89 of the follow-ups instead of .84. A favour of 1 or 2 standard
# deviations for the role's own passages does the same; without it, .04 less.
_WEIGHT_OF_BARE_QUESTION = 1.0
_WEIGHT_OF_BACKGROUND = 0.5
_FAVOUR_OF_SUBJECT = 1.0
_FAVOUR_OF_OPENING = 1.0
_FAVOUR_OF_LEVEL = 1.0
# With both, of 470 answerable questions on five sets .883 are answered and .721 rightly, for .877
# and .713, and as many of the others are refused.
_FAVOUR_OF_FOLDER = 1.0
_FAVOUR_OF_NAMING = 1.0
# On 240 follow-ups of 20 development sets the answer is in the first passage for .78 with these,
# in the first five for .99 and in the reply for .78; without them for .74, .94 and .77. With one
# for both .78, .98 and .78.
_FAVOUR_OF_QUOTED_DOCUMENT = 2.0
_FAVOUR_OF_QUOTED_PASSAGE = 1.0
_LEAST_SHARE_QUOTED = 0.5
_DISTANCE_OF_STRANGERS = 10.0
_GAINS_OF_LEVEL = {
    Fit.IS_ABOUT_IT: 2.0,
    Fit.NAMES_IT: 1.0,
    Fit.IS_ABOUT_ANOTHER: -8.0,
    Fit.KNOWS_NO_LEVELS: -1.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found for one question about at most one role.

    `is_always_told` says whether a guide to the role tells it in any case: what the role does.
    """

    wording: Wording
    hits: tuple[Hit, ...]
    evidence: Evidence
    judgement: Judgement
    is_always_told: bool


def look_up(
    snapshot: Snapshot,
    reader: AspectReader,
    model: Model,
    settings: IndexSettings,
    wording: Wording,
    *,
    subject: Subject | None,
    ladder: Ladder | None = None,
    contrasted: Sequence[Subject] = (),
    speaks_of_role: bool = True,
    folder: Folder | None = None,
    answerable_refused: float,
) -> Finding:
    """Look a question up.

    Args:
        snapshot: Where.
        reader: Compares with aspects.
        model: The weights.
        settings: How passages are searched.
        wording: The question.
        subject: The role that it is about, if any.
        ladder: The levels of that role, where one of them is asked about, or beside it.
        contrasted: Other roles that it is compared with.
        speaks_of_role: Whether the question itself names a role or points to one.
        folder: What alone may answer, where the question says so.
        answerable_refused: The share of answerable questions that may be refused.
    """
    within = None if folder is None else snapshot.store.passages_of(folder.documents)
    probes = [
        Probe(vector=wording.vector, text=wording.asked.standalone),
        Probe(vector=wording.bare_vector, text=wording.asked.bare, weight=_WEIGHT_OF_BARE_QUESTION),
    ]
    if wording.asked.background is not None:
        probes.append(
            Probe(
                vector=wording.vector,
                text=wording.asked.background,
                weight=_WEIGHT_OF_BACKGROUND,
            )
        )
    hits = search(
        snapshot,
        probes,
        PASSAGES_REPORTED,
        settings,
        favours=_favours(snapshot, wording, subject, ladder),
        within=within,
    )
    read = hits[:_PASSAGES_READ]
    if within is not None and len(hits) < PASSAGES_REPORTED:
        shown = {hit.position for hit in hits}
        others = search(snapshot, probes, PASSAGES_REPORTED, settings)
        hits += [hit for hit in others if hit.position not in shown]
        del hits[PASSAGES_REPORTED:]
    evidence = gather_evidence(
        snapshot,
        reader,
        wording,
        read,
        subject,
        contrasted=contrasted,
        matching=model.matching,
    )
    judgement = judge(
        snapshot,
        model,
        wording,
        evidence,
        subject,
        speaks_of_role=speaks_of_role,
        answerable_refused=answerable_refused,
    )
    is_about_it = bool(evidence.column("about_subject").any())
    is_always_told = _is_always_told(reader, wording, subject)
    if judgement.is_on_topic and is_about_it and is_always_told:
        judgement = replace(judgement, is_answered=True)
    if ladder is not None and subject:
        gains = _gains_of_level(ladder, subject, contrasted, evidence)
        judgement = replace(judgement, scores=judgement.scores + gains)
    return Finding(
        wording=wording,
        hits=tuple(_rank_again(hits, evidence, judgement)),
        evidence=evidence,
        judgement=replace(
            judgement,
            scores=_without_strangers(evidence, judgement.scores, always=is_always_told),
        ),
        is_always_told=is_always_told,
    )


def _gains_of_level(
    ladder: Ladder, subject: Subject, contrasted: Sequence[Subject], evidence: Evidence
) -> Vectors:
    """Return what sentences gain by the level that they are about: float32, shape (sentences,).

    Beside a level of the same role, what is about that is not said of the role as such.
    """
    stored = [candidate.stored for candidate in evidence.candidates]
    gains = np.zeros(len(stored), dtype=np.float32)
    others = [other for other in contrasted if not other.is_other_role_than(subject)]
    if subject.level:
        if not ladder and not others:
            return gains
        fits = fit_level(ladder, subject.level, stored)
        return np.array([_GAINS_OF_LEVEL.get(fit, 0.0) for fit in fits], dtype=np.float32)
    for other in others:
        if other.level:
            fits = fit_level(ladder, other.level, stored)
            is_of_other = np.array([fit is Fit.IS_ABOUT_IT for fit in fits], dtype=np.bool_)
            gains[is_of_other] = _GAINS_OF_LEVEL[Fit.IS_ABOUT_ANOTHER]
    return gains


def rows_of_side(evidence: Evidence, subject: Subject) -> npt.NDArray[np.intp]:
    """Return which candidates may be quoted for one role of a comparison: int, shape (rows,).

    Where it has a guide, what is about it or names it, and what else its guides say that is about
    no other: beside another role's side, what is said of a third is in the wrong place.
    """
    if not subject.has_guide:
        return np.arange(len(evidence.candidates))
    own = {
        candidate.stored.document_id
        for candidate, is_about in zip(
            evidence.candidates, evidence.column("about_subject").tolist(), strict=True
        )
        if is_about
    }
    is_there = np.array([item.stored.document_id in own for item in evidence.candidates], np.bool_)
    fitting = evidence.is_of_subject
    if subject.section is None:
        fitting = fitting | (is_there & ~evidence.strangers)
    return np.flatnonzero(fitting if fitting.any() else ~evidence.strangers)


def _is_always_told(reader: AspectReader, wording: Wording, subject: Subject | None) -> bool:
    """Tell "what do nurses do", which a guide about nurses answers whatever its words are."""
    if subject is None or not subject.has_guide:
        return False
    return wording.asked.bare == OPEN_QUESTION or (
        wording.aspect.name in ALWAYS_TOLD and reader.asks_only(wording.terms, ALWAYS_TOLD)
    )


def _without_strangers(evidence: Evidence, scores: Vectors, *, always: bool) -> Vectors:
    """Return the scores with those of strangers out of reach, unless one of them is the best.

    What a role's own guide always tells is always its own.

    Strangers are sentences about other roles that don't name the one in question. Alone they may
    answer, where what a guide is about was not told rightly; beside what is about the role they are
    in the wrong place.
    """
    if not len(scores) or (evidence.strangers[scores.argmax()] and not always):
        return scores
    distances = _DISTANCE_OF_STRANGERS * evidence.strangers
    return np.asarray(scores - distances, dtype=np.float32)


def _favours(
    snapshot: Snapshot, wording: Wording, subject: Subject | None, ladder: Ladder | None
) -> Sequence[Favour]:
    """Return what passages gain: the subject's, and those near what was quoted last.

    Where the subject's passages begin, definitions are looked for.
    """
    favours = list(_favours_of_quoted(snapshot, wording.asked.quoted))
    if wording.asked.leaning:
        there = snapshot.store.passages_of(wording.asked.leaning)
        favours.append(Favour(positions=there, deviations=_FAVOUR_OF_FOLDER))
    if subject is None:
        return favours
    if subject.section is not None:
        about = np.array(subject.section.positions, dtype=np.int64)
    elif subject.role is not None:
        about = snapshot.store.passages_about(subject.role.position)
    else:
        naming = passages_with(snapshot, subject.name)
        return [*favours, Favour(positions=naming, deviations=_FAVOUR_OF_NAMING)]
    openings = about[np.diff(about, prepend=-2) > 1]
    favours += [
        Favour(positions=about, deviations=_FAVOUR_OF_SUBJECT),
        Favour(positions=openings, deviations=_FAVOUR_OF_OPENING * wording.aspect.essence),
    ]
    if ladder and subject.level:
        positions = passages_of(ladder, subject.level, snapshot)
        favours.append(Favour(positions=positions, deviations=_FAVOUR_OF_LEVEL))
    return favours


def passages_with(snapshot: Snapshot, name: str) -> Positions:
    """Return the positions of the passages with all the words of a name."""
    terms = terms_of(name)
    if not all(map(snapshot.lexical.document_frequency, terms)):
        return np.zeros(0, dtype=np.int64)
    has_all = np.ones(snapshot.manifest.passages, dtype=np.bool_)
    for term in terms:
        has_all &= snapshot.lexical.scores({term: 1.0}) > 0
    return np.flatnonzero(has_all)


def _favours_of_quoted(snapshot: Snapshot, quoted: str | None) -> Iterator[Favour]:
    """Yield what passages gain that stand near what was quoted: in the document, and beside it."""
    if not quoted:
        return
    terms = frozenset(terms_of(quoted))
    scores = snapshot.lexical.scores(dict.fromkeys(terms, 1.0))
    if not scores.any():
        return
    position = int(scores.argmax())
    stored = snapshot.store.sentences_of([position])
    found = frozenset[str]().union(*(item.terms for item in stored))
    if len(terms & found) < _LEAST_SHARE_QUOTED * len(terms):
        return
    there = snapshot.store.passages_of({stored[0].document_id})
    yield Favour(positions=there, deviations=_FAVOUR_OF_QUOTED_DOCUMENT)
    beside = there[np.abs(there - position) <= 1]
    yield Favour(positions=beside, deviations=_FAVOUR_OF_QUOTED_PASSAGE)


def _rank_again(hits: Sequence[Hit], evidence: Evidence, judgement: Judgement) -> list[Hit]:
    """Return the passages in the order of their sentences, then those that were not read.

    A passage's sentences count together, as the logit that any of them holds the answer. So the
    answer is in the first passage for .77 of the questions about one role on seven development
    sets, for .74 with the passage's own score beside that, and for .83 of 58 questions on guides of
    others instead of .81.
    """
    scores: dict[int, float] = {}
    for candidate, score in zip(evidence.candidates, judgement.scores.tolist(), strict=True):
        position = candidate.hit.position
        scores[position] = float(np.logaddexp(scores.get(position, -np.inf), score))
    if not scores:
        return list(hits)
    unread = min(scores.values()) - 1.0
    best = max(hit.score for hit in hits)
    ranked = [
        replace(hit, score=scores.get(hit.position, unread + hit.score - best)) for hit in hits
    ]
    return sorted(ranked, key=lambda hit: -hit.score)


def merge_hits(lists: Sequence[Sequence[Hit]]) -> tuple[Hit, ...]:
    """Interleave the sides' hits, each passage once."""
    merged: dict[int, Hit] = {}
    for rank in range(max(map(len, lists), default=0)):
        for hits in lists:
            if rank < len(hits):
                merged.setdefault(hits[rank].position, hits[rank])
    return tuple(merged.values())
