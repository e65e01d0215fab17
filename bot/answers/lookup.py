"""One question is looked up: worded, searched, and its sentences judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.aspects import AspectReader
from bot.answers.evidence import Evidence, Wording, gather_evidence, word_question
from bot.answers.judgement import Judgement, judge
from bot.answers.question import Subject
from index.encoder import Encoder
from index.search import Hit, Probe, search
from index.settings import IndexSettings
from index.snapshot import Snapshot

PASSAGES_REPORTED = 10
_PASSAGES_READ = 8
# Chosen on the development half: with the bare question beside the stand-alone one, at the same
# weight, the answer is in the first passage for .77 of the questions about one role instead of
# .70, and in the first five for .89 of the follow-ups instead of .84. A favour of 1 or 2 standard
# deviations for the role's own passages does the same; without it, .04 less.
_WEIGHT_OF_BARE_QUESTION = 1.0
_FAVOUR_OF_SUBJECT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found for one question about at most one role."""

    wording: Wording
    hits: tuple[Hit, ...]
    evidence: Evidence
    judgement: Judgement


def look_up(
    snapshot: Snapshot,
    encoder: Encoder,
    reader: AspectReader,
    settings: IndexSettings,
    *,
    standalone: str,
    bare: str,
    subject: Subject | None,
    contrasted: Sequence[Subject] = (),
    speaks_of_role: bool = True,
    strictness: float = 0.0,
) -> Finding:
    """Look a question up.

    Args:
        snapshot: Where.
        encoder: Encodes the question, once.
        reader: Finds what it is after.
        settings: How passages are searched.
        standalone: The question as it is meant.
        bare: The question without its roles.
        subject: The role that it is about, if any.
        contrasted: Other roles that it is compared with.
        speaks_of_role: Whether the question itself names a role or points to one.
        strictness: Above 0 refuses more, below 0 less.
    """
    vector, bare_vector = encoder.encode([standalone, bare])
    wording = word_question(bare, vector, bare_vector, reader)
    about = subject.role.passage_positions if subject and subject.role else frozenset()
    hits = search(
        snapshot,
        [
            Probe(vector=vector, text=standalone),
            Probe(vector=bare_vector, text=bare, weight=_WEIGHT_OF_BARE_QUESTION),
        ],
        PASSAGES_REPORTED,
        settings,
        favoured=about,
        favour=_FAVOUR_OF_SUBJECT,
    )
    evidence = gather_evidence(
        snapshot, reader, wording, hits[:_PASSAGES_READ], subject, contrasted=contrasted
    )
    return Finding(
        wording=wording,
        hits=tuple(hits),
        evidence=evidence,
        judgement=judge(
            snapshot,
            wording,
            evidence,
            subject,
            speaks_of_role=speaks_of_role,
            strictness=strictness,
        ),
    )
