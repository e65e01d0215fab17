"""Statements are picked from the sentences that answer: few, short, in the guides' own words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bot.answers.evidence import Candidate
from bot.answers.replies import Citation, Statement
from bot.answers.room import Room
from index.snapshots.snapshot import Snapshot
from knowledge.markup import remove_markup
from knowledge.roles.phrases import role_key
from knowledge.sentences import SentenceKind

_SAME_MEANING = 0.97
_MAX_ITEMS = 6
_LONGEST_LABEL = 60
_SAYS_IT_IS_ONE = frozenset({"a", "an", "job", "position", "role", "the", "title"})


@dataclass(slots=True, kw_only=True)
class _Group:
    """Candidates that are shown as one statement: one sentence, or items of one list."""

    lead: tuple[int, int] | None
    document_id: str
    members: list[Candidate] = field(default_factory=list)
    score: float = 0.0


def write_statements(
    snapshot: Snapshot,
    candidates: Sequence[Candidate],
    scores: npt.NDArray[np.float32],
    *,
    role: str | None,
    room: Room,
    said_before: Iterable[str] = (),
    is_of_role: npt.NDArray[np.bool_] | None = None,
    tells_nothing: Callable[[Candidate], bool] | None = None,
) -> tuple[Statement, ...]:
    """Return what answers best: the best first, the rest in the guides' order within a passage.

    Args:
        snapshot: Where the candidates come from.
        candidates: The sentences that may answer.
        scores: Of each, higher is better.
        role: The role that the statements are about.
        room: How much may be said.
        said_before: Texts whose sentences are not repeated.
        is_of_role: Which candidates are about the role or name it; by default all.
        tells_nothing: Tells which of them are left out where there are others.
    """
    said = tuple(said_before)
    order = [int(row) for row in np.argsort(-scores, kind="stable")]
    introducing = {(c.stored.document_id, c.stored.sentence.lead) for c in candidates}
    order = [
        row
        for row in order
        if not any(candidates[row].text in text for text in said)
        and _introduces_something(candidates[row], introducing)
        and not (role and _is_only_name(candidates[row], role))
    ]
    if not order:
        return ()
    # The scores are logits of a softmax over the candidates: which of them holds the answer.
    probabilities = np.exp(scores - scores[order[0]])
    probabilities /= probabilities[order].sum()
    groups: list[_Group] = []
    used, covered = 0, 0.0
    for row in order:
        candidate, score = candidates[row], float(scores[row])
        probability = float(probabilities[row])
        group = _group_of(groups, candidate)
        lead = _lead_of(candidate)
        length = len(candidate.text) + (lead[1] - lead[0] if lead and group is None else 0)
        if groups and (
            probability < room.least
            or room.is_enough(used, covered)
            or used + length > room.characters
            or (group is None and len(groups) >= room.statements)
            or (group is not None and len(group.members) >= _MAX_ITEMS)
            or _is_said(candidate, groups)
        ):
            continue
        if tells_nothing is not None and tells_nothing(candidate):
            continue
        if group is None:
            group = _Group(
                lead=_lead_of(candidate), document_id=candidate.stored.document_id, score=score
            )
            groups.append(group)
        group.members.append(candidate)
        used += length
        covered += probability
        if candidate.stored.sentence.kind is SentenceKind.LEAD:
            used += _add_items(group, candidate, candidates, order, (room.characters - used) // 2)
    if is_of_role is None:
        is_of_role = np.ones(len(candidates), dtype=np.bool_)
    of_role = {candidates[int(row)].stored.position for row in np.flatnonzero(is_of_role)}
    quoted = {member.stored.position for group in groups for member in group.members}
    if tells_nothing is not None and quoted.isdisjoint(of_role):
        # All that is said of the role is said of others, too.
        return write_statements(
            snapshot,
            candidates,
            scores,
            role=role,
            room=room,
            said_before=said,
            is_of_role=is_of_role,
        )
    return tuple(
        _statement(snapshot, group, role if group.members[0].stored.position in of_role else None)
        for group in _in_reading_order(groups)
    )


def _introduces_something(
    candidate: Candidate, introducing: set[tuple[str, tuple[int, int] | None]]
) -> bool:
    """Tell a line whose list is at hand from one that would introduce nothing."""
    sentence = candidate.stored.sentence
    if sentence.kind is not SentenceKind.LEAD:
        return len(candidate.text) > _LONGEST_LABEL or not candidate.text.endswith(":")
    return (candidate.stored.document_id, (sentence.start, sentence.end)) in introducing


def _is_only_name(candidate: Candidate, role: str) -> bool:
    """Tell "Position: Web Editor", which says nothing of a web editor."""
    words = role_key(candidate.text).split()
    return _SAYS_IT_IS_ONE.union(role_key(role).split()).issuperset(words)


def _lead_of(candidate: Candidate) -> tuple[int, int] | None:
    """Return the span of the line that a candidate is shown under, its own if it introduces."""
    sentence = candidate.stored.sentence
    if sentence.kind is SentenceKind.LEAD:
        return (sentence.start, sentence.end)
    return sentence.lead


def _group_of(groups: Sequence[_Group], candidate: Candidate) -> _Group | None:
    lead = _lead_of(candidate)
    if lead is None:
        return None
    return next(
        (
            group
            for group in groups
            if group.lead == lead and group.document_id == candidate.stored.document_id
        ),
        None,
    )


def _is_said(candidate: Candidate, groups: Sequence[_Group]) -> bool:
    """Tell whether a sentence is there already, or says what one that is there says."""
    return any(
        candidate.stored.position == member.stored.position
        or candidate.text == member.text
        or float(candidate.vector @ member.vector) > _SAME_MEANING
        for group in groups
        for member in group.members
    )


def _add_items(
    group: _Group,
    lead: Candidate,
    candidates: Sequence[Candidate],
    order: Sequence[int],
    room: int,
) -> int:
    """Take the best of the items that a line introduces along with it; return their characters."""
    used = 0
    span = (lead.stored.sentence.start, lead.stored.sentence.end)
    there = {member.stored.position for member in group.members}
    for row in order:
        item = candidates[row]
        belongs = (
            item.stored.sentence.lead == span
            and item.stored.document_id == lead.stored.document_id
            and item.stored.position not in there
        )
        if belongs and len(group.members) <= _MAX_ITEMS and used + len(item.text) <= room:
            group.members.append(item)
            used += len(item.text)
    return used


def _in_reading_order(groups: Sequence[_Group]) -> list[_Group]:
    """Return the best first, and the others passage by passage in the guide's order.

    On six development sets what stands first holds the answer for .69 of the questions about one
    role, and for .50 if the guide's order decides on that too.
    """
    for group in groups:
        group.members.sort(key=lambda member: member.stored.position)
    best_of_passage: dict[int, float] = {}
    for group in groups:
        passage = group.members[0].stored.passage_position
        best_of_passage[passage] = max(best_of_passage.get(passage, -np.inf), group.score)
    best = max(groups, key=lambda group: group.score)
    return sorted(
        groups,
        key=lambda group: (
            group is not best,
            -best_of_passage[group.members[0].stored.passage_position],
            group.members[0].stored.position,
        ),
    )


def _statement(snapshot: Snapshot, group: _Group, role: str | None) -> Statement:
    members = [
        member
        for member in group.members
        if (member.stored.sentence.start, member.stored.sentence.end) != group.lead
    ]
    citations = []
    lead = None
    if group.lead is not None:
        citations.append(_cite(snapshot, group.members[0], *group.lead))
        lead = remove_markup(citations[0].quote)
    citations += [
        _cite(snapshot, member, member.stored.sentence.start, member.stored.sentence.end)
        for member in members
    ]
    if not members and lead is not None:
        return Statement(texts=(lead,), citations=tuple(citations), role=role)
    return Statement(
        texts=tuple(member.text for member in members),
        citations=tuple(citations),
        role=role,
        lead=lead,
    )


def _cite(snapshot: Snapshot, candidate: Candidate, start: int, end: int) -> Citation:
    document = snapshot.store.document(candidate.stored.document_id)
    path = candidate.stored.sentence.heading_path
    headings = [heading for heading in path if heading != document.title]
    return Citation(
        document=document.id,
        title=document.title,
        heading=" › ".join(headings),
        start=start,
        end=end,
        quote=_quote(snapshot, candidate, start, end),
        page=document.page_at(start),
        url=document.url,
    )


def _quote(snapshot: Snapshot, candidate: Candidate, start: int, end: int) -> str:
    passage = candidate.hit.passage
    if passage.start <= start and end <= passage.end:
        return candidate.hit.text[start - passage.start : end - passage.start]
    return snapshot.store.slice(candidate.stored.document_id, start, end)
