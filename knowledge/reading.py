"""Guides are read from their files into documents, one at a time."""

import hashlib
import json
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Protocol

from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.converters import Converter, convert_bytes
from knowledge.decoding import DecodingError, decode_text
from knowledge.documents import (
    Document,
    Origin,
    document_of_converted,
    parse_document_text,
)
from knowledge.language import detect_language
from knowledge.listing import (
    ListedFile,
    Listing,
    SkippedFile,
    describe_failure,
    list_files,
    nothing_found,
    printable_path,
)
from knowledge.settings import KnowledgeSettings

TEXT_READER = "text-2"
"""Names how text files are read, with its version: part of what decides whether one has changed."""

CONVERTERS_MISSING = 'it needs the converters: pip install "rolewise[documents]"'


class KnownDocuments(Protocol):
    """Remembers what was made of files before."""

    def find_document(self, id_: str, origin: Origin) -> Document | None:
        """Return the document of this id that was made of the same, if there is one."""
        ...

    def find_converted(
        self, file_sha256: str, reader: str | None
    ) -> tuple[ConvertedText, str] | None:
        """Return what a file was converted to, and what converted it.

        Args:
            file_sha256: Of the file.
            reader: What must have converted it; anything may where it is none.
        """
        ...


class UnreadableFileError(Exception):
    """Say in one clause why one file is left out; the rest is read."""


class _NothingKnown:
    def find_document(self, id_: str, origin: Origin) -> Document | None:
        return None

    def find_converted(
        self, file_sha256: str, reader: str | None
    ) -> tuple[ConvertedText, str] | None:
        return None


class Reading:
    """Guides, read one at a time in the order of their ids as they are iterated over.

    `file_count` is how many files are to be read; the ones that can't be are skipped, and so are
    those whose text another has.
    """

    def __init__(
        self, listing: Listing, settings: KnowledgeSettings, known: KnownDocuments
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
        for file in self._listing.files:
            try:
                document = read_file(file, self._settings, self._known)
                text_hash = hashlib.sha256(document.text.encode()).digest()
                if (first := ids_by_text.setdefault(text_hash, file.id)) != file.id:
                    raise UnreadableFileError(f"its text is that of {first}, which is read instead")
            except UnreadableFileError as error:
                skipped = SkippedFile(path=printable_path(file.path), reason=str(error), id=file.id)
                self._skipped_in_reading.append(skipped)
                continue
            yield document
        if not ids_by_text:
            raise nothing_found(self._listing.paths, self.skipped)


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
    return Reading(listing, settings, known or _NothingKnown())


def read_file(file: ListedFile, settings: KnowledgeSettings, known: KnownDocuments) -> Document:
    """Return the document of a file, from what is known where that was made of the same.

    Raises:
        UnreadableFileError: it can't be read.
    """
    data = _read_bytes(file.path, file.folder, settings.max_document_bytes)
    source = printable_path(file.path.resolve())
    origin = origin_of(file, data)
    if (document := known.find_document(file.id, origin)) is not None:
        return replace(document, source=source)
    if file.converter is None:
        document = _read_text(file, data, source)
    else:
        converted, reader = _convert(file, data, origin, known)
        origin = replace(origin, reader=reader)
        document = document_of_converted(converted, id_=file.id, source=source, said=file.said)
    if not document.text.strip():
        raise UnreadableFileError("it is empty" if file.converter is None else "it holds no text")
    language = detect_language(document.text[document.body_start :])
    return replace(document, language=language, origin=origin)


def origin_of(file: ListedFile, data: bytes) -> Origin:
    """Return what the document of a file is made of.

    Args:
        file: The file.
        data: All its bytes.
    """
    return Origin(
        file_sha256=hashlib.sha256(data).hexdigest(),
        reader=TEXT_READER if file.converter is None else _identity(file.converter) or "",
        said=json.dumps(astuple(file.said)) if any(astuple(file.said)) else "",
    )


def _identity(converter: Converter) -> str | None:
    """Return what names a converter, or none where its libraries are not installed."""
    try:
        return converter.identity()
    except ImportError:
        return None


def _read_text(file: ListedFile, data: bytes, source: str) -> Document:
    try:
        return parse_document_text(
            decode_text(data),
            id_=file.id,
            source=source,
            document_format=file.format,
            said=file.said,
        )
    except (DecodingError, ValueError) as error:
        raise UnreadableFileError(str(error)) from error


def _convert(
    file: ListedFile, data: bytes, origin: Origin, known: KnownDocuments
) -> tuple[ConvertedText, str]:
    """Return a file as Markdown, and what converted it, now or before.

    Where the converters are not installed, whatever converted the same file before will do.
    """
    before = known.find_converted(origin.file_sha256, origin.reader or None)
    if before is not None:
        return before
    if not origin.reader:
        raise UnreadableFileError(CONVERTERS_MISSING)
    try:
        return convert_bytes(data, file.suffix), origin.reader
    except ConversionError as error:
        raise UnreadableFileError(str(error)) from error
    except ImportError as error:
        raise UnreadableFileError(CONVERTERS_MISSING) from error


def _read_bytes(path: Path, folder: Path | None, max_bytes: int) -> bytes:
    try:
        if folder is not None and not path.resolve().is_relative_to(folder):
            raise UnreadableFileError("a link that leads out of the folder")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFileError("not a regular file")
        if status.st_size > max_bytes:
            raise UnreadableFileError(
                f"{status.st_size:,} bytes, more than knowledge.max_document_bytes ({max_bytes:,})"
            )
        return path.read_bytes()
    except (OSError, RuntimeError) as error:
        raise UnreadableFileError(f"it can't be read: {describe_failure(error)}") from error
