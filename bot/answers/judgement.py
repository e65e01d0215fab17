"""Which sentences answer best, whether any does, and how likely the reply is to be right.

Linear and logistic models over the evidence; bot/answers/model.py says where their weights are.
The probabilities speak of the question and the guides in absolute terms; the fused scores of a
search don't come into them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from bot.answers.aspects import OPEN_QUESTION, AspectMatch, load_aspects
from bot.answers.evidence import Evidence
from bot.answers.model import ANSWER_SIGNALS, Model
from bot.answers.naming import terms_of_path
from bot.answers.question import Subject
from bot.answers.wording import Wording
from index.encoding.encoder import Vectors
from index.snapshots.snapshot import Snapshot

# What guides either state or leave out, where sentences near by don't answer: a question after the
# salary is not answered by what the work is.
_FACT_ASPECTS = frozenset(
    """
    day measures tools collaboration reporting levels salary benefits education entry hiring
    outlook employers hours place names
    """.split()
)
_BEST_SENTENCES = 3
# How many there are of something guides mostly leave out, unlike how long something takes.
_COUNT_WANTED = re.compile(
    r"\bhow many\b(?! (?:more )?(?:seconds?|minutes?|hours?|hrs?|days?|nights?|weeks?|months?"
    r"|years?|yrs?)\b)",
    re.IGNORECASE,
)
# On the development sets .75 of the off-topic questions and one in a hundred of the answerable ones
# are below the first; those above it are small talk, or nothing answers them. Of questions that
# name a role none is below the second.
_LEAST_TOPICALITY = 0.34
_LEAST_TOPICALITY_OF_ROLES = 0.28
# Of 5,482 questions of the development sets that are answerable two are nearer to chatter than to
# careers and to the best sentence by more than this, of the off-topic ones .6.
_CHATTER_ALLOWED_OF_ROLES = 0.15
_SHARE_OF_RARE = 0.1
# Of 186 off-topic questions of the development sets two are above this, of the answerable .68.
_LOGIT_ON_TOPIC = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Scores of the sentences, and what they say of the reply.

    `logit` tells whether the guides answer; `confidence` is the probability that a reply of the
    best sentences holds the answer.
    """

    scores: npt.NDArray[np.float32]
    signals: Vectors
    logit: float
    confidence: float
    is_answered: bool
    is_on_topic: bool


def judge(
    snapshot: Snapshot,
    model: Model,
    wording: Wording,
    evidence: Evidence,
    subject: Subject | None,
    *,
    speaks_of_role: bool,
    answerable_refused: float,
) -> Judgement:
    """Return how well each sentence answers and whether any does.

    Args:
        snapshot: Tells how rare a term is.
        model: The weights.
        wording: The question.
        evidence: The sentences.
        subject: The role that the question is about, if any.
        speaks_of_role: Whether the question itself names a role or points to one.
        answerable_refused: The share of answerable questions that may be refused.
    """
    scores = model.scorer.score(evidence.signals)
    signals = answer_signals(snapshot, model, wording, evidence, scores, subject)
    # A role that the question itself doesn't name makes anything sound like a question about it.
    is_closer = speaks_of_role or _has_word_of_heading(snapshot, wording, evidence)
    closeness = "topicality" if is_closer else "bare_dense"
    topicality = max(float(signals[ANSWER_SIGNALS.index(closeness)]), wording.aspect.likeness)
    dense = float(signals[ANSWER_SIGNALS.index("dense")])
    logit = model.calibration.answerable.logit(signals)
    is_near = topicality >= (_LEAST_TOPICALITY_OF_ROLES if is_closer else _LEAST_TOPICALITY)
    asks_what_role_does = wording.asked.bare == OPEN_QUESTION and subject is not None
    is_on_topic = (
        logit >= _LOGIT_ON_TOPIC
        or asks_what_role_does
        or (is_near and not is_chatter(wording.aspect, dense, speaks_of_role))
    )
    is_possible = len(scores) > 0 and is_on_topic
    return Judgement(
        scores=scores,
        signals=signals,
        logit=logit,
        confidence=model.calibration.right.probability(signals) if is_possible else 0.0,
        is_answered=is_possible and logit >= model.calibration.threshold(answerable_refused),
        is_on_topic=is_on_topic,
    )


def _has_word_of_heading(snapshot: Snapshot, wording: Wording, evidence: Evidence) -> bool:
    """Tell whether a question has a rare word of a heading above what was found: "devrel"."""
    rare = {
        term
        for term in wording.terms
        if 0
        < snapshot.lexical.document_frequency(term)
        <= _SHARE_OF_RARE * snapshot.manifest.passages
    }
    return bool(rare) and any(
        not rare.isdisjoint(terms_of_path(candidate.stored.sentence.heading_path))
        for candidate in evidence.candidates
    )


def is_chatter(aspect: AspectMatch, dense: float, speaks_of_role: bool) -> bool:
    """Tell what isn't asked about careers at all.

    Args:
        aspect: What the question is after.
        dense: The cosine of the best sentence.
        speaks_of_role: Whether the question itself names a role or points to one.
    """
    allowed = _CHATTER_ALLOWED_OF_ROLES if speaks_of_role else 0.0
    return aspect.chatter - max(aspect.likeness, dense) > allowed


def is_about_careers(aspect: AspectMatch, *, follows_up: bool) -> bool:
    """Tell "who codes more" from "who won the world cup", be it asked on after a comparison.

    Args:
        aspect: What the question is after.
        follows_up: Whether it goes on from another.
    """
    is_far = follows_up and aspect.likeness < _LEAST_TOPICALITY
    return not is_far and not is_chatter(aspect, 0.0, speaks_of_role=False)


def answer_signals(
    snapshot: Snapshot,
    model: Model,
    wording: Wording,
    evidence: Evidence,
    scores: npt.NDArray[np.float32],
    subject: Subject | None,
) -> Vectors:
    """Return what tells whether the guides answer: float32, shape (answer signals,)."""
    likeness = wording.aspect.likeness
    fact = float(wording.aspect.weights[_fact_columns()].sum())
    lacks_guide = subject is not None and not subject.has_guide
    is_known = subject is not None and subject.role is not None
    weights = {term: snapshot.lexical.inverse_document_frequency(term) for term in wording.terms}
    values = dict.fromkeys(ANSWER_SIGNALS, 0.0) | {
        "likeness": likeness,
        "is_only_guide": float(sum(known.has_guide for known in snapshot.roles) <= 1),
        "is_mentioned": float(lacks_guide and is_known),
        "is_unknown": float(lacks_guide and not is_known),
        "has_guide": float(subject is not None and subject.has_guide),
        "fact": fact,
        "count_wanted": float(_COUNT_WANTED.search(wording.asked.standalone) is not None),
        "amount_wanted": float(wording.amount is not None),
        "topicality": likeness,
        "chatter": wording.aspect.chatter - likeness,
        "usually_told": model.how_usual(wording.bare_vector),
    }
    values["fact_of_mentioned"] = fact * values["is_mentioned"]
    values["fact_of_only_guide"] = fact * values["is_only_guide"]
    if len(scores):
        best = np.argsort(-scores)[:_BEST_SENTENCES]
        first = best[0]
        candidates = evidence.candidates
        dense = float(evidence.column("dense").max())
        bare_dense = float(evidence.column("bare_dense").max())
        found = frozenset[str]().union(*(candidate.terms for candidate in candidates))
        values |= {
            "best_score": float(scores[first]),
            "second_score": float(scores[best[-1]]),
            "total_score": float(np.logaddexp.reduce(scores)),
            "dense": dense,
            "bare_dense": bare_dense,
            "passage_dense": max(candidate.hit.dense for candidate in candidates),
            "coverage": _share(weights, found),
            "match_elsewhere": _excess_of_strangers(evidence, "word_match"),
            "unknown_is_named": values["is_unknown"]
            * float(evidence.column("passage_names_subject").max()),
            "best_is_about": float(evidence.column("about_subject")[best].mean()),
            "best_is_named": (values["is_mentioned"] + values["is_unknown"])
            * float(
                evidence.is_of_subject[best].any()
                or evidence.column("passage_names_subject")[best].any()
            ),
            "best_is_foreign": float(
                subject is not None and subject.has_guide and evidence.strangers[first]
            ),
            "fact_shown": fact
            * max(
                (
                    share
                    for share, candidate in zip(evidence.shares.tolist(), candidates, strict=True)
                    if wording.aspect.cues & candidate.terms
                ),
                default=0.0,
            ),
            "amount_untold": float(
                wording.amount is not None and not evidence.column("tells_amount")[best].any()
            ),
            "amount_told_first": float(evidence.column("tells_amount")[first]),
            "topicality": max(dense, likeness, bare_dense),
        }
    return np.array(list(values.values()), dtype=np.float32)


def _excess_of_strangers(evidence: Evidence, signal: str) -> float:
    """Return by how much a signal is higher where other roles are spoken of; 0 where it isn't."""
    column, strangers = evidence.column(signal), evidence.strangers
    if strangers.all() or not strangers.any():
        return 0.0
    return max(float(column[strangers].max() - column[~strangers].max()), 0.0)


def _share(weights: Mapping[str, float], found: frozenset[str]) -> float:
    """Return the share of terms, by weight, that are among those found; 1 where there are none."""
    if not weights:
        return 1.0
    covered = sum(weight for term, weight in weights.items() if term in found)
    return covered / (sum(weights.values()) or 1.0)


@cache
def _fact_columns() -> npt.NDArray[np.intp]:
    return np.array(
        [row for row, aspect in enumerate(load_aspects()) if aspect.name in _FACT_ASPECTS],
        dtype=np.intp,
    )
