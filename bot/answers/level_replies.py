"""What is said of a role's levels: which there are, and that one isn't."""

import re
from collections.abc import Sequence

from bot.answers.ladders import Fit, Ladder, Ladders, Rung, fit_level
from bot.answers.levels import lacks
from bot.answers.lookup import Finding
from bot.answers.question import Subject
from bot.answers.replies import Citation, Statement
from index.snapshots.snapshot import Snapshot
from knowledge.markup import remove_markup

_MOST_LISTINGS = 3
_MOST_CHARACTERS = 1_000
_ASKS_FOR_LEVELS = re.compile(
    r"\b(?:what|which|how many|list|name|are there) (?:\w+ ){0,2}?(?:levels|grades|tiers|ranks)\b"
    r"|^\W*(?:the )?(?:levels|grades|ladder)\W*$",
    re.IGNORECASE,
)


def asks_for_levels(bare: str) -> bool:
    """Tell whether a question asks which levels there are."""
    return bool(_ASKS_FOR_LEVELS.search(bare))


def ladder_of(ladders: Ladders | None, subject: Subject) -> Ladder | None:
    """Return the levels of a role, as the guides tell them that are asked."""
    if ladders is None or subject.role is None:
        return None
    ladder = ladders.of(subject.role)
    return ladder.within(subject.folder.documents) if subject.folder else ladder


def list_levels(snapshot: Snapshot, ladder: Ladder, role: str) -> tuple[Statement, ...]:
    """Return the levels of a role, as each of its guides lists them best; none where none does."""
    best: dict[str, list[Rung]] = {}
    for rungs in ladder.listings():
        best.setdefault(rungs[0].document_id, rungs)
    listings = list(best.values())[:_MOST_LISTINGS]
    room = _MOST_CHARACTERS // max(len(listings), 1)
    return tuple(_list(snapshot, rungs, role, room) for rungs in listings)


def is_no_level(ladder: Ladder | None, subject: Subject, finding: Finding) -> bool:
    """Tell whether a level is asked about that the guides don't have beside others."""
    if not ladder or subject.level is None:
        return False
    stored = [candidate.stored for candidate in finding.evidence.candidates]
    fits = fit_level(ladder, subject.level, stored)
    return lacks(ladder, subject.level) and Fit.IS_ABOUT_IT not in fits


def explain_no_level(ladder: Ladder, subject: Subject) -> str:
    """Return that the guides don't have a level of a role, and which they have."""
    there_are = ", ".join(code.upper() for code in ladder.codes())
    return f"The guides have no {subject.name}. Of its levels they have: {there_are}."


def _list(snapshot: Snapshot, rungs: Sequence[Rung], role: str, room: int) -> Statement:
    citations: list[Citation] = []
    texts: list[str] = []
    lead = None
    if (table := rungs[0].table) is not None:
        citations.append(_cite(snapshot, rungs[0].document_id, *table))
        lead = remove_markup(citations[0].quote)
    for rung in rungs:
        if texts and sum(map(len, texts)) + len(rung.label) > room:
            break
        citations.append(_cite(snapshot, rung.document_id, rung.start, rung.end))
        texts.append(rung.label)
    return Statement(texts=tuple(texts), citations=tuple(citations), role=role, lead=lead)


def _cite(snapshot: Snapshot, document_id: str, start: int, end: int) -> Citation:
    document = snapshot.store.document(document_id)
    return Citation(
        document=document.id,
        title=document.title,
        heading="",
        start=start,
        end=end,
        quote=snapshot.store.slice(document_id, start, end),
        page=document.page_at(start),
        url=document.url,
    )
