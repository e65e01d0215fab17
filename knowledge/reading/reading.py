"""Guides are read from their files into documents, one at a time."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from knowledge.documents import Document, Origin
from knowledge.reading.listing import (
    ListedFile,
    Listing,
    SkippedFile,
    list_files,
    nothing_found,
    printable_path,
)
from knowledge.reading.reader import KnownDocuments, Reader, UnreadableFileError, load_bytes
from knowledge.settings import KnowledgeSettings


class Reading:
    """Guides, read one at a time in the order of their ids as they are iterated over.

    `file_count` is how many files are to be read; the ones that can't be are skipped, and so are
    those whose text another has.
    """

    def __init__(
        self, listing: Listing, settings: KnowledgeSettings, known: KnownDocuments | None
    ) -> None:
        """Take what was listed; `read_documents` does that."""
        self.file_count = len(listing.files)
        self._listing = listing
        self._skipped_in_reading: list[SkippedFile] = []
        self._settings = settings
        self._known = known

    @property
    def skipped(self) -> tuple[SkippedFile, ...]:
        """The files that were not read; all of them once the iteration is over."""
        skipped = [*self._listing.skipped, *self._skipped_in_reading]
        return tuple(sorted(skipped, key=lambda file: file.path))

    def __iter__(self) -> Iterator[Document]:
        """Read and yield each document.

        Raises:
            KnowledgeError: at the end, where none of the files could be read.
        """
        self._skipped_in_reading.clear()
        ids_by_text: dict[bytes, str] = {}
        left = self._settings.max_total_bytes
        with Reader(self._settings, self._known) as reader:
            for file in self._listing.files:
                try:
                    data = load_bytes(file, self._settings) if left >= 0 else b""
                    left -= len(data)
                    if left < 0:
                        raise UnreadableFileError(
                            "with it, the guides have more bytes than knowledge.max_total_bytes"
                            f" ({self._settings.max_total_bytes:,})"
                        )
                    document = reader.read_bytes(file, data)
                    _check_is_first(document, ids_by_text)
                except UnreadableFileError as error:
                    self._skip(file, str(error), error.origin)
                else:
                    yield document
        if not ids_by_text:
            raise nothing_found(self._listing.paths, self.skipped)

    def leave_out(self, document: Document, reason: str) -> None:
        """Count a document that was read among the files that were skipped."""
        self._skipped_in_reading.append(
            SkippedFile(path=document.source, reason=reason, id=document.id, origin=document.origin)
        )

    def _skip(self, file: ListedFile, reason: str, origin: Origin | None) -> None:
        path = printable_path(file.path)
        self._skipped_in_reading.append(
            SkippedFile(path=path, reason=reason, id=file.id, origin=origin)
        )


def read_documents(
    paths: Sequence[Path],
    settings: KnowledgeSettings,
    known: KnownDocuments | None = None,
    *,
    left_out: Collection[Path] = (),
) -> Reading:
    """List every guide under the paths, to be read in the order of their ids.

    A file that can't be read is skipped and named, and the rest is read; of several with the same
    text, the first is read.

    Args:
        paths: Folders and files of guides.
        settings: How much is read at most.
        known: What need not be read or converted again.
        left_out: Folders that hold no guides wherever they are, such as the home of the index.

    Raises:
        KnowledgeError: a path doesn't exist, there is no guide, there are too many, two ids
            collide, or a side-car is wrong.
    """
    listing = list_files(paths, settings, left_out)
    if not listing.files:
        raise nothing_found(listing.paths, listing.skipped)
    return Reading(listing, settings, known)


def _check_is_first(document: Document, ids_by_text: dict[bytes, str]) -> None:
    """Take note of a document's text.

    Raises:
        UnreadableFileError: another document has the same.
    """
    digest = hashlib.sha256(document.text.encode()).digest()
    first = ids_by_text.setdefault(digest, document.id)
    if first != document.id:
        raise UnreadableFileError(
            f"its text is that of {first}, which is read instead", document.origin
        )
