"""What a person is shown, and how it looks where there is no terminal: plain lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TextIO

from bot.replies import AnyReply, Citation, outcome_of, statements_of
from bot.reply_text import Sources, clean_text, plain_text
from index.search import Hit

if TYPE_CHECKING:
    from bot.application import Status
    from index.build import BuildReport

Rows = Sequence[tuple[str, str]]
"""Names with what belongs to them, one pair a line."""

_MAX_NAMES = 40
_MAX_CHARACTERS_OF_SNIPPET = 160


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A passage that is quoted, in pieces: text, and whether it is a quote."""

    number: int
    label: str
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRow:
    """A passage found, as an explanation shows it; `marks` are the sources quoted from it."""

    score: float
    dense: float
    lexical: float
    place: str
    snippet: str
    marks: tuple[int, ...]


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
        ("Snapshot", manifest.name),
        ("Age", clean_text(f"{describe_age(manifest.created_at, now)}, {manifest.built_by}")),
        ("Guides from", ", ".join(paths)),
        ("Home", clean_text(str(status.home))),
    ]


def report_rows(report: "BuildReport") -> Rows:
    """Return what `rolewise build` shows when it is done."""
    with_guide = [role.name for role in report.roles if role.has_guide]
    mentioned = [role.name for role in report.roles if not role.has_guide]
    rows = [
        ("Documents", f"{report.documents:,}"),
        ("Passages", f"{report.passages:,}"),
        ("Sentences", f"{report.sentences:,}"),
        ("Roles with a guide", _join_names(with_guide)),
        ("Roles mentioned", _join_names(mentioned)),
        ("Snapshot", report.snapshot),
    ]
    if report.skipped:
        rows.append(("Skipped", "1 file" if len(report.skipped) == 1 else _files(report.skipped)))
        rows += [("", clean_text(f"{file.path}: {file.reason}")) for file in report.skipped]
    return rows


def explanation_rows(reply: AnyReply) -> Rows:
    """Return what an explanation says of the question and the reply."""
    timings = ", ".join(f"{name} {value:.1f}" for name, value in reply.timings_ms.items())
    return [
        ("Understood as", clean_text(reply.standalone_question)),
        ("Outcome", outcome_of(reply).value),
        ("Confidence", f"{reply.confidence:.2f}"),
        ("Snapshot", clean_text(reply.snapshot)),
        ("Milliseconds", clean_text(timings) or "not measured"),
    ]


def passage_rows(reply: AnyReply) -> list[PassageRow]:
    """Return the passages found, best first."""
    sources = Sources(statements_of(reply))
    cited = [citation for statement in statements_of(reply) for citation in statement.citations]
    rows = []
    for hit, text in zip(reply.hits, reply.passage_texts, strict=True):
        snippet = " ".join(clean_text(text).split())
        if len(snippet) > _MAX_CHARACTERS_OF_SNIPPET:
            snippet = f"{snippet[: _MAX_CHARACTERS_OF_SNIPPET - 1].rstrip()}…"
        path = (hit.passage.document_id, *hit.passage.heading_path)
        rows.append(
            PassageRow(
                score=hit.score,
                dense=hit.dense,
                lexical=hit.lexical,
                place=clean_text(" › ".join(path)),
                snippet=snippet,
                marks=sources.marks_of(item for item in cited if _holds(hit, item)),
            )
        )
    return rows


def find_excerpts(reply: AnyReply) -> list[Excerpt]:
    """Return the passages that a reply quotes, in the order of its sources."""
    statements = statements_of(reply)
    sources = Sources(statements)
    citations = dict.fromkeys(item for statement in statements for item in statement.citations)
    groups: dict[tuple[int, int], list[Citation]] = {}
    for citation in citations:
        position = next(
            (
                position
                for position, (hit, text) in enumerate(
                    zip(reply.hits, reply.passage_texts, strict=True)
                )
                if _holds(hit, citation) and _quote_within(hit, text, citation) == citation.quote
            ),
            -1 - len(groups),  # found in no passage: shown by itself
        )
        groups.setdefault((sources.number_of(citation), position), []).append(citation)
    return [
        Excerpt(
            number=number,
            label=sources.labels[number - 1],
            pieces=_cut_pieces(reply, position, cited),
        )
        for (number, position), cited in sorted(groups.items(), key=lambda group: group[0][0])
    ]


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


def _holds(hit: Hit, citation: Citation) -> bool:
    passage = hit.passage
    return (
        passage.document_id == citation.document
        and passage.start <= citation.start
        and citation.end <= passage.end
    )


def _quote_within(hit: Hit, text: str, citation: Citation) -> str:
    return text[citation.start - hit.passage.start : citation.end - hit.passage.start]


def _cut_pieces(
    reply: AnyReply, position: int, cited: Sequence[Citation]
) -> tuple[tuple[str, bool], ...]:
    if position < 0:
        return tuple((_clean_lines(citation.quote), True) for citation in cited)
    text, offset = reply.passage_texts[position], reply.hits[position].passage.start
    pieces: list[tuple[str, bool]] = []
    done = 0
    for citation in sorted(cited, key=lambda item: item.start):
        start, end = citation.start - offset, citation.end - offset
        if start < done:
            continue
        pieces += [(text[done:start], False), (text[start:end], True)]
        done = end
    pieces.append((text[done:].rstrip(), False))
    return tuple((_clean_lines(piece), is_quote) for piece, is_quote in pieces if piece)


def _clean_lines(text: str) -> str:
    return "\n".join(clean_text(line) for line in text.split("\n"))


def _join_names(names: Sequence[str]) -> str:
    shown = ", ".join(clean_text(name) for name in names[:_MAX_NAMES])
    hidden = len(names) - _MAX_NAMES
    return f"{shown} and {hidden:,} more" if hidden > 0 else shown or "none"


def _files(skipped: Sequence[object]) -> str:
    return f"{len(skipped):,} files"
