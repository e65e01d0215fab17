"""What is quoted for each role of a comparison."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bot.answers.lookup import Finding, rows_of_side
from bot.answers.naming import first_named
from bot.answers.question import Subject
from bot.answers.repeated import tells_of_all
from bot.answers.replies import Side
from bot.answers.room import Room
from bot.answers.writer import write_statements
from index.snapshots.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found for one role, and whether that answers."""

    subject: Subject
    finding: Finding
    is_covered: bool


def write_sides(
    snapshot: Snapshot, found: Sequence[Found], room: Room, said_before: Sequence[str]
) -> tuple[Side, ...]:
    """Return a side for each role, each sentence on one of them.

    One that fits several is quoted beside the role that it names first, as what defines that; else
    beside the one of which the guides say the least.

    Args:
        snapshot: Where it was found.
        found: What, in the order of the sides.
        room: How much may be said of each.
        said_before: Texts whose sentences are not repeated.
    """
    subjects = [one.subject for one in found]
    drafts = [_write_side(snapshot, one, room, said_before) for one in found]
    times = Counter(text for draft in drafts for text in _texts_of(draft))
    owners = {text: first_named(text, subjects) for text, count in times.items() if count > 1}
    if not owners:
        return tuple(drafts)
    sides: dict[int, Side] = {}
    said = [*said_before]
    for place in sorted(range(len(found)), key=lambda place: _how_much_is_said(subjects[place])):
        of_others = [text for text, owner in owners.items() if owner not in {None, place}]
        sides[place] = _write_side(snapshot, found[place], room, [*said, *of_others])
        said += _texts_of(sides[place])
    return tuple(sides[place] for place in range(len(found)))


def _write_side(snapshot: Snapshot, found: Found, room: Room, said: Sequence[str]) -> Side:
    subject, evidence = found.subject, found.finding.evidence
    rows = rows_of_side(evidence, subject)
    statements = write_statements(
        snapshot,
        [evidence.candidates[row] for row in rows],
        found.finding.judgement.scores[rows],
        role=subject.name,
        room=room,
        said_before=said,
        is_of_role=evidence.is_of_subject[rows],
        tells_nothing=partial(tells_of_all, snapshot, found.finding, subject),
    )
    return Side(
        role=subject.name,
        has_guide=subject.has_guide,
        statements=statements if found.is_covered else (),
    )


def _how_much_is_said(subject: Subject) -> tuple[bool, bool]:
    """Return what orders roles by how much the guides say of them: least of those without one."""
    return subject.has_guide, subject.section is None


def _texts_of(side: Side) -> list[str]:
    return [text for statement in side.statements for text in statement.texts]
