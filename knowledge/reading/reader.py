"""One file becomes a document: read as text, converted, or taken from what is known of it."""

import hashlib
import json
from contextlib import ExitStack
from dataclasses import astuple, replace
from types import TracebackType
from typing import Protocol, Self

from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.converters import Converter
from knowledge.converting.process import ConversionProcess
from knowledge.documents import (
    Document,
    Origin,
    document_of_converted,
    parse_document_text,
)
from knowledge.reading.decoding import DecodingError, decode_text
from knowledge.reading.language import detect_language
from knowledge.reading.listing import ListedFile, printable_path
from knowledge.reading.opening import OpeningError, read_regular_file
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


class NothingKnown:
    """Remembers nothing."""

    def find_document(self, id_: str, origin: Origin) -> Document | None:
        """Return nothing."""
        return None

    def find_converted(
        self, file_sha256: str, reader: str | None
    ) -> tuple[ConvertedText, str] | None:
        """Return nothing."""
        return None


class UnreadableFileError(Exception):
    """Say in one clause why one file is left out; the rest is read."""

    def __init__(self, reason: str, origin: Origin | None = None) -> None:
        """Take the reason, and what the document would have been made of."""
        super().__init__(reason)
        self.origin = origin


class Reader:
    """Reads files one after the other; a process of its own converts those that are no text."""

    def __init__(self, settings: KnowledgeSettings, known: KnownDocuments | None = None) -> None:
        """Take what is known; no process is started before it is needed."""
        self._settings = settings
        self._known = known or NothingKnown()
        self._opened = ExitStack()
        self._process = self._opened.enter_context(ConversionProcess(settings.conversion_limits))

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process."""
        self._opened.close()

    def read(self, file: ListedFile) -> Document:
        """Return the document of a file.

        Raises:
            UnreadableFileError: it can't be read.
        """
        return self.read_bytes(file, load_bytes(file, self._settings))

    def read_bytes(self, file: ListedFile, data: bytes) -> Document:
        """Return the document of a file whose bytes are given.

        Raises:
            UnreadableFileError: it can't be read.
        """
        origin = origin_of(file, data)
        source = printable_path(file.path.resolve())
        known = self._known.find_document(file.id, origin)
        if known is not None:
            return replace(known, source=source)
        try:
            if file.converter is None:
                document = _read_text(file, data, source)
            else:
                converted, reader = self._convert(file, data, origin)
                origin = replace(origin, reader=reader)
                document = document_of_converted(
                    converted, id_=file.id, source=source, said=file.said
                )
        except (ConversionError, DecodingError, ValueError) as error:
            raise UnreadableFileError(str(error), origin) from error
        if not document.text.strip():
            reason = "it is empty" if file.converter is None else "it holds no text"
            raise UnreadableFileError(reason, origin)
        language = None
        if self._settings.languages:
            language = detect_language(document.text[document.body_start :])
        return replace(document, language=language, origin=origin)

    def _convert(self, file: ListedFile, data: bytes, origin: Origin) -> tuple[ConvertedText, str]:
        """Return a file as Markdown, and what converted it, now or before.

        Where the converters are not installed, whatever converted the same file before will do.
        """
        before = self._known.find_converted(origin.file_sha256, origin.reader or None)
        if before is not None:
            return before
        if not origin.reader:
            raise ConversionError(CONVERTERS_MISSING)
        return self._process.convert(data, file.suffix), origin.reader


def load_bytes(file: ListedFile, settings: KnowledgeSettings) -> bytes:
    """Return all bytes of a file that is regular, inside its folder and not too large.

    Raises:
        UnreadableFileError: it is not so, or it can't be read.
    """
    try:
        return read_regular_file(
            file.path, folder=file.folder, max_bytes=settings.max_document_bytes
        )
    except OpeningError as error:
        raise UnreadableFileError(str(error)) from error


def origin_of(file: ListedFile, data: bytes) -> Origin:
    """Return what the document of a file is made of.

    Its reader is empty where the converters for it are not installed.

    Args:
        file: The file.
        data: All its bytes.
    """
    return Origin(
        file_sha256=hashlib.sha256(data).hexdigest(),
        reader=TEXT_READER if file.converter is None else _identity(file.converter),
        said=json.dumps(astuple(file.said)) if any(astuple(file.said)) else "",
    )


def _identity(converter: Converter) -> str:
    try:
        return converter.identity()
    except ImportError:
        return ""


def _read_text(file: ListedFile, data: bytes, source: str) -> Document:
    return parse_document_text(
        decode_text(data),
        id_=file.id,
        source=source,
        document_format=file.format,
        said=file.said,
    )
