"""What `rolewise docs` prints with --json; docs/json.md describes it."""

from typing import Any

from bot.library.inspection import InspectedDocument, InspectedPassage
from bot.library.library import DocumentListing


def listing_to_json(listing: DocumentListing) -> dict[str, Any]:
    """Return one document of `rolewise docs list --json`."""
    return {
        "id": listing.id,
        "title": listing.title,
        "kind": listing.kind,
        "state": listing.state.value,
        "reason": listing.reason,
        "path": listing.path,
        "bytes": listing.bytes,
        "pages": listing.pages,
        "passages": listing.passages,
        "language": listing.language,
        "url": listing.url,
    }


def inspection_to_json(inspected: InspectedDocument) -> dict[str, Any]:
    """Return one document of `rolewise docs show --json`."""
    document = inspected.document
    return {
        "id": document.id,
        "title": document.title,
        "aliases": list(document.aliases),
        "url": document.url,
        "source": document.source,
        "format": document.format.value,
        "read_by": document.origin.reader,
        "characters": len(document.text),
        "body_start": document.body_start,
        "language": document.language,
        "page_starts": list(document.page_starts),
        "roles": [
            {
                "name": role.name,
                "aliases": list(role.aliases),
                "spans": [[span.start, span.end] for span in role.spans],
            }
            for role in inspected.roles
        ],
        "max_tokens": inspected.max_tokens,
        "passages": [_passage_to_json(passage) for passage in inspected.passages],
    }


def _passage_to_json(inspected: InspectedPassage) -> dict[str, Any]:
    passage = inspected.passage
    return {
        "id": passage.id,
        "heading": " › ".join(passage.heading_path),
        "start": passage.start,
        "end": passage.end,
        "page": inspected.pages[0] if inspected.pages else None,
        "last_page": inspected.pages[1] if inspected.pages else None,
        "tokens": inspected.tokens,
        "text": inspected.text,
        "encoded": inspected.encoded,
        "sentences": [
            {
                "kind": sentence.kind.value,
                "start": sentence.start,
                "end": sentence.end,
                "lead": list(sentence.lead) if sentence.lead else None,
            }
            for sentence in inspected.sentences
        ],
    }
