"""How a reply came about: how it was understood, what was found, where its quotes stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.replies import AnyReply, Citation, outcome_of, statements_of
from bot.answers.reply_text import Sources, clean_text
from index.searching.search import Hit

Rows = Sequence[tuple[str, str]]
"""Names with what belongs to them, one pair a line."""

_MAX_CHARACTERS_OF_SNIPPET = 160


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
    for hit in reply.hits:
        snippet = " ".join(clean_text(hit.text).split())
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
                for position, hit in enumerate(reply.hits)
                if _holds(hit, citation) and _quote_within(hit, citation) == citation.quote
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


def _holds(hit: Hit, citation: Citation) -> bool:
    passage = hit.passage
    return (
        passage.document_id == citation.document
        and passage.start <= citation.start
        and citation.end <= passage.end
    )


def _quote_within(hit: Hit, citation: Citation) -> str:
    return hit.text[citation.start - hit.passage.start : citation.end - hit.passage.start]


def _cut_pieces(
    reply: AnyReply, position: int, cited: Sequence[Citation]
) -> tuple[tuple[str, bool], ...]:
    if position < 0:
        return tuple((_clean_lines(citation.quote), True) for citation in cited)
    text, offset = reply.hits[position].text, reply.hits[position].passage.start
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
