"""What managers read: listings within one message, progress, and what came of a change."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from bot.community.showing.text import escape_line, escape_text, measure
from bot.terminal.explanation import Rows
from bot.terminal.screen import describe_age

if TYPE_CHECKING:
    from bot.feedback.gaps import GapGroup, Gaps
    from index.build import BuildReport
    from index.snapshots.snapshots import SnapshotListing

MAX_CONTENT = 2_000

_MAX_NAME = 120
_MAX_VALUE = 400
_MAX_SKIPPED = 5
_BAR = 20
_NOT_KEPT = (
    "The text of questions is not kept. To see which the guides leave open, set"
    " `discord.keep_questions` to `true` and start me again."
)
_STAGES = {
    "reading": "Reading the guides",
    "encoding": "Encoding what is new",
}


def fit(lines: Iterable[str], head: str, *, more: str = "…") -> str:
    """Return a head and as many escaped lines as one message holds."""
    text = head
    room = MAX_CONTENT - measure(more) - 1
    for line in lines:
        if measure(text) + measure(line) + 1 > room:
            return f"{text}\n{more}"
        text += f"\n{line}"
    return text


def describe_rows(rows: Rows) -> Iterator[str]:
    """Yield names with what belongs to them, a line each."""
    for name, value in rows:
        shown = escape_line(value, _MAX_VALUE)
        yield f"**{escape_line(name, _MAX_NAME)}:** {shown}" if name else f"- {shown}"


def describe_progress(stage: str, done: int, total: int) -> str:
    """Return how far a rebuild has come."""
    name = _STAGES.get(stage, escape_line(stage.capitalize(), _MAX_NAME))
    if total <= 0:
        return f"{name} …"
    share = min(1.0, done / total)
    filled = round(share * _BAR)
    return f"{name}: `{'█' * filled}{'░' * (_BAR - filled)}` {share:.0%} ({done:,} of {total:,})"


def describe_report(report: "BuildReport") -> str:
    """Return what came of a rebuild."""
    head = (
        f"Rebuilt: {count(report.documents, 'guide')}, {report.documents_copied:,} unchanged;"
        f" {count(report.passages, 'passage')}. It answers questions within a second."
    )
    skipped = [
        f"- {escape_line(str(one.path), _MAX_NAME)}: {escape_line(one.reason, _MAX_VALUE)}"
        for one in report.skipped[:_MAX_SKIPPED]
    ]
    if not skipped:
        return head
    return fit(skipped, f"{head}\nLeft out ({len(report.skipped):,}):")


def describe_snapshots(snapshots: Sequence["SnapshotListing"]) -> str:
    """Return the snapshots, the newest first."""
    if not snapshots:
        return "Nothing has been built yet."
    return fit(map(describe_snapshot, reversed(snapshots)), "**Snapshots**, the newest first:")


def describe_snapshot(snapshot: "SnapshotListing") -> str:
    """Return one line about a snapshot."""
    parts = []
    if snapshot.created_at is not None:
        parts.append(describe_age(snapshot.created_at))
    if snapshot.documents is not None:
        parts.append(count(snapshot.documents, "guide"))
    if snapshot.problem is not None:
        parts.append(escape_line(snapshot.problem, _MAX_VALUE))
    if snapshot.is_in_service:
        parts.append("**in service**")
    return f"- `{snapshot.name}`: {', '.join(parts)}"


def describe_gaps(gaps: "Gaps") -> str:
    """Return what members asked, and the questions left open, the most asked first."""
    counts = gaps.counts
    asked = count(sum(counts.outcomes.values()), "question")
    head = (
        f"**{asked} asked** since {counts.first_day}" if counts.first_day else "**Nothing asked**"
    )
    outcomes = [f"{name.replace('_', ' ')} {number:,}" for name, number in counts.outcomes.items()]
    verdicts = [f"{name.replace('_', ' ')} {number:,}" for name, number in counts.verdicts.items()]
    lines = [", ".join(outcomes), ", ".join(verdicts)] if counts.first_day else []
    if gaps.groups:
        lines += ["", "**Left open**, the most asked first (all of it in the file):"]
        lines += [line for group in gaps.groups for line in _lines_of_group(group)]
    elif gaps.keep_questions:
        lines += ["", "Nothing was left open."]
    else:
        lines += ["", _NOT_KEPT]
    return fit(lines, head)


def _lines_of_group(group: "GapGroup") -> Iterator[str]:
    parts = [f"asked {group.count:,} ×"]
    if group.not_answered:
        reason = f" ({group.reason.replace('_', ' ')})" if group.reason else ""
        parts.append(f"not answered {group.not_answered:,} ×{reason}")
    if group.not_helpful:
        parts.append(f"not helpful {group.not_helpful:,} ×")
    yield f"- **{escape_line(group.question, _MAX_VALUE)}** {', '.join(parts)}"
    others = [one for one in group.examples if one != group.question]
    if others:
        yield f"-# also: {escape_line(' · '.join(others), _MAX_VALUE)}"


def count(number: int, what: str) -> str:
    """Return a number with what it counts."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def describe_error(error: Exception) -> str:
    """Return an error that a manager can mend."""
    return escape_text(str(error))[: MAX_CONTENT // 2]
