"""A reply as JSON, in the shape that docs/json.md describes and a JSON Schema checks."""

import json
from importlib.resources import files
from typing import Any

from bot.answers.replies import (
    AnyReply,
    Citation,
    NotCovered,
    Several,
    outcome_of,
    statements_of,
)
from bot.answers.reply_text import plain_text
from index.searching.search import Hit


def to_json(reply: AnyReply) -> dict[str, Any]:
    """Return a reply as `rolewise ask --json` prints it."""
    statements = statements_of(reply)
    positions: dict[Citation, int] = {}
    for statement in statements:
        for citation in statement.citations:
            positions.setdefault(citation, len(positions))
    return {
        "question": reply.question,
        "standalone_question": reply.standalone_question,
        "outcome": outcome_of(reply).value,
        "text": plain_text(reply),
        "statements": [
            {
                "text": statement.text,
                "role": statement.role,
                "citations": list(
                    dict.fromkeys(positions[citation] for citation in statement.citations)
                ),
            }
            for statement in statements
        ],
        "citations": [_citation_to_json(citation) for citation in positions],
        "passages": [_passage_to_json(hit) for hit in reply.hits],
        "reason": reply.reason.value if isinstance(reply, NotCovered) else None,
        "suggestions": list(reply.suggestions),
        "parts": [to_json(part) for part in reply.parts] if isinstance(reply, Several) else [],
        "confidence": reply.confidence,
        "snapshot": reply.snapshot,
        "timings_ms": dict(reply.timings_ms),
    }


def load_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `to_json` gives and of a line that a batch prints."""
    text = files("bot.answers").joinpath("reply.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _citation_to_json(citation: Citation) -> dict[str, Any]:
    return {
        "document": citation.document,
        "title": citation.title,
        "heading": citation.heading,
        "page": citation.page,
        "url": citation.url,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def _passage_to_json(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.passage.id,
        "document": hit.passage.document_id,
        "heading": " › ".join(hit.passage.heading_path),
        "start": hit.passage.start,
        "end": hit.passage.end,
        "text": hit.text,
        "score": hit.score,
        "dense": hit.dense,
        "lexical": hit.lexical,
    }
