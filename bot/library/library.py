"""The knowledge folder: what lies in it, what the index has of it, and how both are changed."""

import os
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from index.snapshots.home import Home
from index.snapshots.integrity import sync_path
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import DocumentRecord
from knowledge.converting.converters import CONVERTERS
from knowledge.converting.kinds import kind_of
from knowledge.documents import Origin
from knowledge.errors import KnowledgeError, SnapshotError, StorageError
from knowledge.reading.file_names import check_file_name
from knowledge.reading.listing import (
    ListedFile,
    Listing,
    describe_file,
    kinds_instead,
    kinds_read,
    list_files,
    printable_path,
)
from knowledge.reading.opening import describe_failure
from knowledge.reading.reader import Reader, UnreadableFileError, load_bytes, origin_of
from knowledge.settings import KnowledgeSettings

_UNFINISHED = ".unfinished-"
_SECONDS_TO_ADD = 3_600.0
"""Nothing takes as long as this to be added, so what is older was left by a killed process."""

_KINDS_OF_TEXT = frozenset({"text", "a web page", "of no known kind"})


class DocumentState(StrEnum):
    """How what lies in the knowledge folder and what the index has compare."""

    INDEXED = "indexed"
    CHANGED = "changed"
    NEW = "new"
    SKIPPED = "skipped"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentListing:
    """One file of the knowledge folder, or a document of the index whose file is gone.

    `kind` is the end of the file's name, such as ".pdf". What only the index knows is `None` where
    it doesn't have the document; `pages` also where a kind has none. `reason` says why a file was
    skipped.
    """

    id: str
    path: str | None
    kind: str
    bytes: int | None
    state: DocumentState
    reason: str | None = None
    title: str | None = None
    url: str | None = None
    language: str | None = None
    pages: int | None = None
    passages: int | None = None

    @property
    def is_guide(self) -> bool:
        """Whether there is a file that a build reads."""
        return self.state not in {DocumentState.SKIPPED, DocumentState.GONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Indexed:
    """What the index in service has."""

    documents: Mapping[str, DocumentRecord]
    skipped: Mapping[str, tuple[Origin, str]]


class Library:
    """The files under the paths of the guides, as the index in `home` knows them."""

    def __init__(self, home: Home, paths: Sequence[Path], settings: KnowledgeSettings) -> None:
        """Take where guides are read from; nothing is read yet."""
        self._home = home
        self._paths = paths
        self._settings = settings

    def list_documents(self) -> tuple[DocumentListing, ...]:
        """Return every file in the order of ids, and what is left of those that are gone.

        Raises:
            KnowledgeError: a path is gone, or a side-car is wrong.
        """
        listing = self._list_files()
        indexed = self._read_index()
        listed = {file.id: self._describe(file, indexed) for file in listing.files}
        for skipped in listing.skipped:
            id_ = skipped.id or skipped.path
            listed.setdefault(
                id_,
                _listing_of(
                    id_,
                    skipped.path,
                    DocumentState.SKIPPED,
                    record=indexed.documents.get(id_),
                    reason=skipped.reason,
                ),
            )
        for id_, record in indexed.documents.items():
            if id_ not in listed:
                listed[id_] = _listing_of(id_, None, DocumentState.GONE, record=record)
        return tuple(listed[id_] for id_ in sorted(listed))

    def find_file(self, id_: str) -> ListedFile:
        """Return a file that is read as a document.

        Raises:
            KnowledgeError: there is none of this id.
        """
        for file in self._list_files().files:
            if file.id == id_:
                return file
        raise _no_such_guide(id_)

    def add_document(
        self, folder: Path, prefix: str, name: str, data: bytes, *, replace: bool
    ) -> str:
        """Put a file into the knowledge folder, whole or not at all, and return its id.

        Args:
            folder: Where it goes; it is made where it is not there yet.
            prefix: What ids of files in this folder begin with.
            name: The file's name, without a folder.
            data: All its bytes.
            replace: Whether it may take the place of a file of this name.

        Raises:
            KnowledgeError: its name, kind or size is none of a guide, it can't be read as what it
                is called, or there is one of this name already.
            StorageError: the folder can't be written.
        """
        suffix = Path(name).suffix.lower()
        self._check(name, suffix, data)
        path = folder / name
        file = describe_file(path, prefix + name, folder)
        with Reader(self._settings) as reader:
            try:
                reader.read_bytes(file, data)
            except UnreadableFileError as error:
                raise KnowledgeError(f"{name} was not added: {error}.") from error
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _delete_leftovers(folder, _SECONDS_TO_ADD)
            _write_whole(path, data, replace=replace)
        except FileExistsError as error:
            raise KnowledgeError(
                f"There is a guide {file.id} already. To put this one in its place, add it with"
                " --replace; or give it another name."
            ) from error
        except OSError as error:
            raise _not_written(folder, error) from error
        return file.id

    def remove_document(self, id_: str) -> None:
        """Delete a document's file; what the index has of it stays until the next build.

        Raises:
            KnowledgeError: there is no file of this id.
            StorageError: it can't be deleted.
        """
        path = self._find_path(id_)
        try:
            path.unlink()
            sync_path(path.parent)
        except OSError as error:
            raise _not_written(path, error) from error

    def delete_leftovers(self) -> None:
        """Delete what was being added when a process was killed; none may be adding now."""
        for root in self._paths:
            _delete_leftovers(root, older_than_seconds=0.0)

    def _find_path(self, id_: str) -> Path:
        listing = self._list_files()
        for file in listing.files:
            if file.id == id_:
                return file.path
        for skipped in listing.skipped:
            if skipped.id == id_:
                return Path(skipped.path)
        raise _no_such_guide(id_)

    def _list_files(self) -> Listing:
        return list_files(self._paths, self._settings, left_out=[self._home.path])

    def _read_index(self) -> _Indexed:
        with suppress(SnapshotError), closing(Snapshot.open_current(self._home)) as snapshot:
            records = {record.id: record for record in snapshot.store.document_records()}
            return _Indexed(documents=records, skipped=snapshot.store.skipped_files())
        return _Indexed(documents={}, skipped={})

    def _describe(self, file: ListedFile, indexed: _Indexed) -> DocumentListing:
        record = indexed.documents.get(file.id)
        try:
            data = load_bytes(file, self._settings)
        except UnreadableFileError as error:
            return _listing_of(
                file.id,
                printable_path(file.path),
                DocumentState.SKIPPED,
                record=record,
                reason=str(error),
            )
        origin = origin_of(file, data)
        state, reason = DocumentState.NEW, None
        if record is not None:
            is_same = _is_same(record.origin, origin)
            state = DocumentState.INDEXED if is_same else DocumentState.CHANGED
        elif file.id in indexed.skipped:
            before, reason_before = indexed.skipped[file.id]
            if before == origin:
                state, reason = DocumentState.SKIPPED, reason_before
        return _listing_of(
            file.id,
            printable_path(file.path),
            state,
            record=record,
            size=len(data),
            reason=reason,
        )

    def _check(self, name: str, suffix: str, data: bytes) -> None:
        try:
            check_file_name(name)
        except ValueError as error:
            shown = name.encode("ascii", "backslashreplace").decode()[:100]
            raise KnowledgeError(f"{shown} was not added: {error}. Rename it.") from error
        if suffix not in kinds_read():
            raise KnowledgeError(
                f"{name} was not added: it is none of the kinds of documents that are read"
                f" ({kinds_instead(suffix)})."
            )
        if len(data) > self._settings.max_document_bytes:
            raise KnowledgeError(
                f"{name} was not added: {len(data):,} bytes, more than"
                f" knowledge.max_document_bytes ({self._settings.max_document_bytes:,})."
            )
        if suffix not in CONVERTERS and (kind := kind_of(data)) not in _KINDS_OF_TEXT:
            raise KnowledgeError(f"{name} was not added: it is not text but {kind}.")


def _is_same(before: Origin, now: Origin) -> bool:
    """Tell whether a build would take a document over; without its converter, whatever made it."""
    if not now.reader:
        return (before.file_sha256, before.said) == (now.file_sha256, now.said)
    return before == now


def _listing_of(
    id_: str,
    path: str | None,
    state: DocumentState,
    *,
    record: DocumentRecord | None,
    size: int | None = None,
    reason: str | None = None,
) -> DocumentListing:
    return DocumentListing(
        id=id_,
        path=path,
        kind=Path(id_).suffix.lower(),
        bytes=size,
        state=state,
        reason=reason,
        title=record.title if record else None,
        url=record.url if record else None,
        language=record.language if record else None,
        pages=(record.pages or None) if record else None,
        passages=record.passages if record else None,
    )


def _no_such_guide(id_: str) -> KnowledgeError:
    return KnowledgeError(f"There is no guide {id_}. See what there is: rolewise docs list")


def _write_whole(path: Path, data: bytes, *, replace: bool) -> None:
    """Write a file so that it is there whole or not at all.

    Raises:
        FileExistsError: there is one, and it is not to be replaced.
        OSError: it can't be written.
    """
    if path.is_dir() or (not replace and os.path.lexists(path)):
        raise FileExistsError(path)
    # Hidden files are no guides, so a build that runs now passes it over.
    unfinished = path.with_name(f"{_UNFINISHED}{uuid.uuid4().hex}")
    try:
        unfinished.write_bytes(data)
        sync_path(unfinished)
        if replace:
            unfinished.replace(path)
        else:
            _rename_to_new(unfinished, path)
        sync_path(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _delete_leftovers(folder: Path, older_than_seconds: float) -> None:
    """Delete what killed processes were adding to a folder."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime >= older_than_seconds:
                path.unlink()


def _rename_to_new(unfinished: Path, path: Path) -> None:
    """Give a file its name unless another has it, were it for a moment."""
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        raise
    except OSError:  # not every file system has links
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        unfinished.replace(path)


def _not_written(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} can't be written ({describe_failure(error)}). Nothing has changed; see to its"
        " permissions and the space left."
    )
