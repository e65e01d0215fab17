"""What a person is shown, and how it looks where there is no terminal: plain lines."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TextIO

from bot.answers.replies import AnyReply
from bot.answers.reply_text import clean_text, plain_text
from bot.terminal.explanation import Rows, explanation_rows, find_excerpts, passage_rows

if TYPE_CHECKING:
    from bot.application import Status
    from index.build import BuildReport
    from index.snapshots.snapshots import SnapshotListing
    from knowledge.reading.listing import SkippedFile

_MAX_NAMES = 40
_MOST_ALIKE = 3
_MOST_SKIPPED = 30


class Screen(Protocol):
    """Shows replies and reports to a person."""

    def show_reply(self, reply: AnyReply, *, explain: bool = False) -> None:
        """Show a reply, and on demand how it came about."""
        ...

    def show_sources(self, reply: AnyReply) -> None:
        """Show the passages that a reply quotes, with the quotes in their place."""
        ...

    def show_rows(self, rows: Rows) -> None:
        """Show names with what belongs to them."""
        ...

    def show_text(self, text: str) -> None:
        """Show lines of text that hold nothing of a guide or a question."""
        ...


class PlainScreen:
    """Writes plain lines; nothing in them moves a cursor or colours anything."""

    def __init__(self, stream: TextIO) -> None:
        """Take where to write."""
        self._stream = stream

    def show_reply(self, reply: AnyReply, *, explain: bool = False) -> None:
        """Show a reply, and on demand how it came about."""
        self._write(plain_text(reply))
        if explain:
            self._write("")
            self.show_rows(explanation_rows(reply))
            rows = passage_rows(reply)
            self._write(f"Passages, best first (score, dense, lexical):{'' if rows else ' none'}")
            for number, row in enumerate(rows, start=1):
                marks = "".join(f" [{mark}]" for mark in row.marks)
                scores = f"{row.score:7.2f} {row.dense:6.2f} {row.lexical:6.2f}"
                self._write(f"{number:3}. {scores}  {row.place}{marks}: {row.snippet}")

    def show_sources(self, reply: AnyReply) -> None:
        """Show the passages that a reply quotes, the quotes between »« marks."""
        for position, excerpt in enumerate(find_excerpts(reply)):
            if position:
                self._write("")
            self._write(f"[{excerpt.number}] {excerpt.label}")
            self._write(
                "".join(f"»{text}«" if is_quote else text for text, is_quote in excerpt.pieces)
            )

    def show_rows(self, rows: Rows) -> None:
        """Show names with what belongs to them."""
        width = max((len(name) for name, _ in rows), default=0) + 1
        for name, value in rows:
            self._write(f"{f'{name}:' if name else '':{width}} {value}")

    def show_text(self, text: str) -> None:
        """Show lines of text."""
        self._write(text)

    def _write(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


_OF_ENCODER = "made for this encoder"
_OF_ANOTHER_ENCODER = (
    "of another encoder, so that too much or too little is refused; make its own with"
    " rolewise evaluate FILE --calibrate"
)


def status_rows(status: "Status", now: datetime | None = None) -> Rows:
    """Return what `rolewise status` shows."""
    manifest = status.manifest
    encoder = manifest.encoder
    paths = [clean_text(path) for path in manifest.knowledge_paths]
    return [
        ("Documents", f"{len(manifest.documents):,}"),
        ("Passages", f"{manifest.passages:,}"),
        ("Sentences", f"{manifest.sentences:,}"),
        ("Roles with a guide", _join_names(status.roles_with_guide)),
        ("Roles mentioned", _join_names(status.roles_mentioned)),
        ("Encoder", clean_text(f"{encoder.model} ({encoder.fingerprint[:8]})")),
        ("Thresholds", _OF_ENCODER if status.is_calibrated else _OF_ANOTHER_ENCODER),
        ("Snapshot", manifest.name),
        ("Age", clean_text(f"{describe_age(manifest.created_at, now)}, {manifest.built_by}")),
        ("Guides from", ", ".join(paths)),
        ("Home", clean_text(str(status.home))),
        *snapshot_rows(status.snapshots, now),
    ]


def snapshot_rows(listings: "Sequence[SnapshotListing]", now: datetime | None = None) -> Rows:
    """Return a row for each snapshot, the newest first."""
    return [
        ("" if position else "Snapshots", clean_text(_describe_snapshot(listing, now)))
        for position, listing in enumerate(reversed(listings))
    ]


def _describe_snapshot(listing: "SnapshotListing", now: datetime | None) -> str:
    mark = " (in service)" if listing.is_in_service else ""
    if listing.problem is not None:
        return f"{listing.name}{mark}: can't be used. {listing.problem}"
    parts = (
        f"{listing.documents:,} document{'' if listing.documents == 1 else 's'}",
        f"{listing.passages:,} passage{'' if listing.passages == 1 else 's'}",
        f"{listing.bytes / 1_000_000:,.1f} MB",
        describe_age(listing.created_at or "", now),
    )
    return f"{listing.name}{mark}: {', '.join(parts)}"


def report_rows(report: "BuildReport") -> Rows:
    """Return what `rolewise build` shows when it is done."""
    with_guide = [role.name for role in report.roles if role.has_guide]
    mentioned = [role.name for role in report.roles if not role.has_guide]
    rows = [
        ("Documents", _with_unchanged(report.documents, report.documents_copied)),
        ("Passages", _with_unchanged(report.passages, report.passages_copied)),
        ("Sentences", f"{report.sentences:,}"),
        ("Roles with a guide", _join_names(with_guide)),
        ("Roles mentioned", _join_names(mentioned)),
        ("Snapshot", report.snapshot),
    ]
    if report.skipped:
        rows.append(("Skipped", "1 file" if len(report.skipped) == 1 else _files(report.skipped)))
        rows += [("", clean_text(line)) for line in _describe_skipped(report.skipped)]
    if report.foreign:
        rows.append(("Other languages", "less is found in what the encoder doesn't know"))
        rows += [("", clean_text(f"{id_}: {language}")) for id_, language in report.foreign]
    return rows


def _describe_skipped(skipped: "Sequence[SkippedFile]") -> list[str]:
    """Return a line for each skipped file; of many for one reason, and of very many, for some."""
    reasons = Counter(file.reason for file in skipped)
    lines: list[str] = []
    for file in skipped:
        alike = reasons.pop(file.reason, 0)
        if alike > _MOST_ALIKE:
            lines.append(f"{file.path} and {alike - 1:,} more: {file.reason}")
        elif alike:
            same = (other for other in skipped if other.reason == file.reason)
            lines += [f"{other.path}: {other.reason}" for other in same]
    if len(lines) > _MOST_SKIPPED:
        lines[_MOST_SKIPPED:] = ["and others; rolewise docs list names each"]
    return lines


def _with_unchanged(count: int, unchanged: int) -> str:
    return f"{count:,}, of which {unchanged:,} unchanged" if unchanged else f"{count:,}"


def describe_age(created_at: str, now: datetime | None = None) -> str:
    """Return how long ago a time in ISO 8601 was: "3 hours ago"."""
    try:
        created = datetime.fromisoformat(created_at)
    except ValueError:
        return created_at
    if created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    seconds = ((now or datetime.now(UTC)) - created).total_seconds()
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count:,} {unit}{'' if count == 1 else 's'} ago"
    return "just now" if seconds >= 0 else created_at


def _join_names(names: Sequence[str]) -> str:
    shown = ", ".join(clean_text(name) for name in names[:_MAX_NAMES])
    hidden = len(names) - _MAX_NAMES
    return f"{shown} and {hidden:,} more" if hidden > 0 else shown or "none"


def _files(skipped: Sequence[object]) -> str:
    return f"{len(skipped):,} files"
