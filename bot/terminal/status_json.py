"""What `rolewise status --json` prints; docs/json.md describes it."""

from typing import Any

from bot.application import Status


def status_to_json(status: Status) -> dict[str, Any]:
    """Return what is in service as JSON."""
    manifest = status.manifest
    return {
        "home": str(status.home),
        "snapshot": manifest.name,
        "created_at": manifest.created_at,
        "built_by": manifest.built_by,
        "knowledge_paths": list(manifest.knowledge_paths),
        "encoder": {
            "model": manifest.encoder.model,
            "fingerprint": manifest.encoder.fingerprint,
            "dimension": manifest.encoder.dimension,
            "max_tokens": manifest.encoder.max_tokens,
        },
        "documents": len(manifest.documents),
        "passages": manifest.passages,
        "sentences": manifest.sentences,
        "roles_with_guide": list(status.roles_with_guide),
        "roles_mentioned": list(status.roles_mentioned),
        "snapshots": [
            {
                "name": listing.name,
                "created_at": listing.created_at,
                "documents": listing.documents,
                "passages": listing.passages,
                "bytes": listing.bytes,
                "in_service": listing.is_in_service,
                "problem": listing.problem,
            }
            for listing in status.snapshots
        ],
    }
