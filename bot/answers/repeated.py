"""What guides to several roles say in the same words, as of the company: it tells of none."""

import numpy as np

from bot.answers.evidence import Candidate
from bot.answers.lookup import Finding
from bot.answers.question import Subject
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import StoredSentence

_RAREST = 4
_MOST_PASSAGES_READ = 16


def tells_of_all(
    snapshot: Snapshot, finding: Finding, subject: Subject | None, candidate: Candidate
) -> bool:
    """Tell whether a sentence stands word for word in the guide to another role.

    Where it is asked what a role does, it says nothing of that. Where pay or holidays are asked
    for, what holds for all answers.

    Args:
        snapshot: The index.
        finding: What was found for the question.
        subject: The role that it is about.
        candidate: The sentence.
    """
    role = subject.role if subject else None
    return (
        role is not None
        and finding.is_always_told
        and _is_said_of_others(snapshot, role.position, candidate.stored)
    )


def _is_said_of_others(snapshot: Snapshot, role: int, item: StoredSentence) -> bool:
    if len(item.terms) < _RAREST:
        return False
    lexical = snapshot.lexical
    rarest = sorted(item.terms, key=lambda term: (lexical.document_frequency(term), term))
    having = np.flatnonzero(
        np.logical_and.reduce([lexical.scores({term: 1.0}) > 0 for term in rarest[:_RAREST]])
    )
    others = {
        other.document_id
        for other in snapshot.store.sentences_of(having[:_MOST_PASSAGES_READ].tolist())
        if other.document_id != item.document_id and other.words == item.words
    }
    if not others:
        return False
    about: dict[str, set[int]] = {}
    for position, document_id, *_ in snapshot.store.role_spans({*others, item.document_id}):
        about.setdefault(document_id, set()).add(position)
    return any(role not in positions for positions in about.values())
