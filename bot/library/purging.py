"""What was removed is deleted from every snapshot too: no file in the home holds its text then."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from index.snapshots.home import Home
from index.snapshots.manifest import Manifest, read_manifest
from knowledge.errors import KnowledgeError, SnapshotError

if TYPE_CHECKING:
    from bot.application import Application
    from index.build import Progress


def purge_documents(
    application: "Application", ids: Collection[str], progress: "Progress"
) -> tuple[str, ...]:
    """Build without documents that were removed, and delete every snapshot that has them.

    Where no guide is left, nothing can be built, and all snapshots are deleted. A snapshot whose
    manifest can't be read may have them, and is deleted as well.

    Returns:
        The names of the snapshots that were deleted.

    Raises:
        BusyError: another process is building, or goes on reading a snapshot.
        RolewiseError: what building raises.
    """
    home = application.home
    application.delete_leftovers()
    texts = _texts_of(home, ids)
    try:
        application.build(progress=progress)
    except KnowledgeError:
        if any(listing.is_guide for listing in application.documents()):
            raise
        with home.locked():
            return home.delete_all_snapshots()
    with home.locked():
        current = home.current_name()
        doomed = [
            name
            for name in home.snapshot_names()
            if name != current and _may_have(_manifest_of(home, name), ids, texts)
        ]
        return home.delete_snapshots(doomed)


def is_in_a_snapshot(home: Home, id_: str) -> bool:
    """Return whether any snapshot is known to have a document of this id."""
    return bool(_texts_of(home, [id_]))


def _texts_of(home: Home, ids: Collection[str]) -> set[str]:
    """Return the hashes of the texts that documents of these ids have in any snapshot."""
    manifests = (_manifest_of(home, name) for name in home.snapshot_names())
    return {
        entry.sha256
        for manifest in manifests
        if manifest is not None
        for entry in manifest.documents
        if entry.id in ids
    }


def _may_have(manifest: Manifest | None, ids: Collection[str], texts: Collection[str]) -> bool:
    return manifest is None or any(
        entry.id in ids or entry.sha256 in texts for entry in manifest.documents
    )


def _manifest_of(home: Home, name: str) -> Manifest | None:
    try:
        return read_manifest(home.folder_of(name))
    except SnapshotError:
        return None
