"""Which sentences answer best, and whether any does: two logistic models over the evidence.

Their weights lie in model.yaml, with the measure that they were chosen by. The probability speaks
of the question and the guides in absolute terms; the fused scores of a search don't come into it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import yaml

from bot.answers.aspects import FAST_LOADER, AspectMatch, load_aspects
from bot.answers.evidence import SIGNALS, Evidence
from bot.answers.question import Subject
from bot.answers.wording import Wording
from index.encoder import Vectors
from index.snapshot import Snapshot

ANSWER_SIGNALS = (
    "best_score",
    "dense",
    "likeness",
    "coverage",
    "has_subject",
    "fact",
    "fact_cue",
    "fact_affinity",
    "topicality",
    "chatter",
)
"""The columns that tell whether the guides answer, in order."""

# What guides either state or leave out, where sentences near by don't answer: a question after the
# salary is not answered by what the work is.
_FACT_ASPECTS = frozenset(
    {
        "collaboration",
        "tools",
        "levels",
        "salary",
        "education",
        "entry",
        "outlook",
        "conditions",
        "names",
    }
)
_BEST_SENTENCES = 3
# On the development sets no answerable question that names or points to a role is nearer to chatter
# than to careers by more than .18, and none of the others at all.
_CHATTER_ALLOWED_OF_ROLES = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights of both models; see model.yaml."""

    sentence_weights: Vectors
    answer_weights: Vectors
    answer_bias: float
    threshold: float
    least_topicality: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Scores of the sentences, and the probability that the guides answer."""

    scores: npt.NDArray[np.float32]
    signals: Vectors
    confidence: float
    is_answered: bool
    is_on_topic: bool


@cache
def load_model() -> Model:
    """Return the weights that ship with the project."""
    text = files("bot.answers").joinpath("model.yaml").read_text(encoding="utf-8")
    values = yaml.load(text, Loader=FAST_LOADER)  # noqa: S506 – a SafeLoader
    return Model(
        sentence_weights=_column(values["sentence"], SIGNALS),
        answer_weights=_column(values["answer"], ANSWER_SIGNALS),
        answer_bias=float(values["answer_bias"]),
        threshold=float(values["threshold"]),
        least_topicality=float(values["least_topicality"]),
    )


def judge(
    snapshot: Snapshot,
    wording: Wording,
    evidence: Evidence,
    subject: Subject | None,
    *,
    speaks_of_role: bool,
    strictness: float,
) -> Judgement:
    """Return how well each sentence answers and whether any does.

    Args:
        snapshot: Tells how rare a term is.
        wording: The question.
        evidence: The sentences.
        subject: The role that the question is about, if any.
        speaks_of_role: Whether the question itself names a role or points to one.
        strictness: Added to the threshold, in logits: above 0 refuses more, below 0 less.
    """
    model = load_model()
    scores = np.asarray(evidence.signals @ model.sentence_weights, dtype=np.float32)
    signals = answer_signals(snapshot, wording, evidence, scores, subject)
    logit = float(signals @ model.answer_weights) + model.answer_bias
    is_on_topic = bool(signals[ANSWER_SIGNALS.index("topicality")] >= model.least_topicality)
    dense = float(signals[ANSWER_SIGNALS.index("dense")])
    is_on_topic = is_on_topic and not is_chatter(wording.aspect, dense, speaks_of_role)
    threshold = float(np.log(model.threshold / (1 - model.threshold))) + strictness
    return Judgement(
        scores=scores,
        signals=signals,
        confidence=float(1 / (1 + np.exp(-logit))) if len(scores) and is_on_topic else 0.0,
        is_answered=len(scores) > 0 and is_on_topic and logit >= threshold,
        is_on_topic=is_on_topic,
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


def answer_signals(
    snapshot: Snapshot,
    wording: Wording,
    evidence: Evidence,
    scores: npt.NDArray[np.float32],
    subject: Subject | None,
) -> Vectors:
    """Return what tells whether the guides answer: float32, shape (answer signals,)."""
    fact = float(wording.aspect.weights[_fact_columns()].sum())
    likeness = wording.aspect.likeness
    chatter = wording.aspect.chatter - likeness
    if not len(scores):
        values = [0.0, 0.0, likeness, 0.0, 0.0, fact, 0.0, 0.0, likeness, chatter]
        return np.array(values, dtype=np.float32)
    columns = {name: evidence.signals[:, column] for column, name in enumerate(SIGNALS)}
    best = np.argsort(-scores)[:_BEST_SENTENCES]
    dense = float(columns["dense"].max())
    values = [
        float(scores[best[0]]),
        dense,
        likeness,
        _coverage(snapshot, wording, evidence),
        float(subject is not None and subject.role is not None),
        fact,
        fact * float(columns["cue"][best].max()),
        fact * float(columns["affinity"].max()),
        max(dense, likeness, float(columns["bare_dense"].max())),
        chatter,
    ]
    return np.array(values, dtype=np.float32)


def _coverage(snapshot: Snapshot, wording: Wording, evidence: Evidence) -> float:
    """Return the share of the question's terms, by weight, that the sentences hold."""
    if not wording.terms:
        return 1.0
    found = frozenset[str]().union(*(candidate.terms for candidate in evidence.candidates))
    weights = {
        term: snapshot.lexical.inverse_document_frequency(term) for term in sorted(wording.terms)
    }
    covered = sum(weight for term, weight in weights.items() if term in found)
    return covered / (sum(weights.values()) or 1.0)


@cache
def _fact_columns() -> npt.NDArray[np.intp]:
    return np.array(
        [row for row, aspect in enumerate(load_aspects()) if aspect.name in _FACT_ASPECTS],
        dtype=np.intp,
    )


def _column(weights: Mapping[str, float], names: tuple[str, ...]) -> Vectors:
    # A signal that is new since the weights were chosen counts nothing until they are again.
    return np.array([weights.get(name, 0.0) for name in names], dtype=np.float32)
