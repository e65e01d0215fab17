"""Guides are read from files into documents; every later offset refers to a document's text."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from knowledge.blocks import Block, BlockKind
from knowledge.decoding import DecodingError, decode_text
from knowledge.errors import KnowledgeError
from knowledge.front_matter import read_front_matter
from knowledge.markdown import parse_markdown
from knowledge.markup import remove_markup
from knowledge.plain_text import parse_plain_text
from knowledge.settings import KnowledgeSettings

_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_PLAIN_TEXT_SUFFIXES = frozenset({".txt", ".text"})


class DocumentFormat(StrEnum):
    """How a document's text is written."""

    MARKDOWN = "markdown"
    PLAIN_TEXT = "plain text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One guide.

    `id` is its path inside the knowledge folder, with forward slashes. `text` is the file decoded,
    without byte-order mark, line ends as LF, and nothing else changed; its body starts at
    `body_start`, behind front matter.
    """

    id: str
    title: str
    source: str
    text: str
    format: DocumentFormat
    body_start: int = 0
    aliases: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedFile:
    """A file that was not read, and why."""

    path: str
    reason: str


class ParseText(Protocol):
    """Makes a document of a text; `parse_document_text` is one."""

    def __call__(
        self, text: str, *, id_: str, source: str, document_format: DocumentFormat
    ) -> Document:
        """Return the document of a decoded text with line ends as LF.

        Raises:
            ValueError: its front matter is broken.
        """
        ...


def parse_document_text(
    text: str, *, id_: str, source: str, document_format: DocumentFormat
) -> Document:
    """Return the document of a decoded text with line ends as LF.

    Raises:
        ValueError: its front matter is broken.
    """
    front_matter, body_start = read_front_matter(text)
    title = (
        front_matter.title
        or _title_from_headings(text, parse_blocks(text, body_start, document_format))
        or _title_from_name(id_)
    )
    return Document(
        id=id_,
        title=title,
        source=source,
        text=text,
        format=document_format,
        body_start=body_start,
        aliases=front_matter.aliases,
        url=front_matter.url,
    )


# Every document is parsed for its title, and then again to be split.
@lru_cache(maxsize=1)
def parse_blocks(text: str, body_start: int, document_format: DocumentFormat) -> tuple[Block, ...]:
    """Return the blocks of a text's body in order, without overlap."""
    parse = parse_markdown if document_format is DocumentFormat.MARKDOWN else parse_plain_text
    return tuple(parse(text, body_start))


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListedFile:
    """A file to read; one that was found in a folder must not lead out of it."""

    id: str
    path: Path
    format: DocumentFormat
    folder: Path | None


class _UnreadableFileError(Exception):
    """Say why one file is left out; the rest is read."""


class Reading:
    """Guides, read one at a time in the order of their ids as they are iterated over.

    `file_count` is how many files are to be read; the ones that can't be are skipped.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        files: Sequence[_ListedFile],
        skipped: Sequence[SkippedFile],
        settings: KnowledgeSettings,
        parse: ParseText,
    ) -> None:
        """Take what was listed; `read_documents` does that."""
        self.file_count = len(files)
        self._paths = paths
        self._files = files
        self._skipped_in_listing = tuple(skipped)
        self._skipped_in_reading: list[SkippedFile] = []
        self._settings = settings
        self._parse = parse

    @property
    def skipped(self) -> tuple[SkippedFile, ...]:
        """The files that were not read; all of them once the iteration is over."""
        skipped = [*self._skipped_in_listing, *self._skipped_in_reading]
        return tuple(sorted(skipped, key=lambda file: file.path))

    def __iter__(self) -> Iterator[Document]:
        """Read and yield each document.

        Raises:
            KnowledgeError: at the end, where none of the files could be read.
        """
        self._skipped_in_reading.clear()
        is_empty = True
        for file in self._files:
            try:
                document = _read_document(file, self._settings, self._parse)
            except _UnreadableFileError as error:
                self._skipped_in_reading.append(_skipped(file.path, str(error)))
                continue
            is_empty = False
            yield document
        if is_empty:
            raise KnowledgeError(_nothing_found(self._paths, self.skipped))


def read_documents(
    paths: Sequence[Path], settings: KnowledgeSettings, parse: ParseText = parse_document_text
) -> Reading:
    """List every guide under the paths, to be read in the order of their ids.

    A file that can't be read is skipped and named, and the rest is read. Hidden files are passed
    over in silence. With more than one folder, ids begin with the folder's name.

    Args:
        paths: Folders and files of guides.
        settings: How much is read at most.
        parse: Makes the documents; a build gives back by it what it knows of a text already.

    Raises:
        KnowledgeError: a path doesn't exist, there is no guide, there are too many, or two ids
            collide.
    """
    files: dict[str, _ListedFile] = {}
    skipped: list[SkippedFile] = []
    roots = list({_resolve(path): path for path in paths}.values())
    several_folders = sum(root.is_dir() for root in roots) > 1
    for root in roots:
        for file in _list_files(root, skipped, has_prefix=several_folders):
            if file.id in files:
                first, second = (printable_path(found.path) for found in (files[file.id], file))
                raise KnowledgeError(
                    f"Two guides would both be called {file.id}: {first} and {second}. Rename one"
                    " of them."
                )
            files[file.id] = file
            if len(files) > settings.max_documents:
                raise KnowledgeError(
                    f"There are more than {settings.max_documents:,} guides under {root}. Name a"
                    " smaller folder, or raise knowledge.max_documents in the settings."
                )
    if not files:
        raise KnowledgeError(_nothing_found(paths, skipped))
    listed = [files[id_] for id_ in sorted(files)]
    return Reading(paths, listed, skipped, settings, parse)


def _resolve(root: Path) -> Path:
    try:
        return root.resolve(strict=True)
    except FileNotFoundError:
        raise KnowledgeError(
            f"There is no file or folder {root}. Name one that holds guides."
        ) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise KnowledgeError(
            f"{root} can't be read ({_reason(error)}). Name a file or folder that holds guides."
        ) from error


def _files_under(root: Path, skipped: list[SkippedFile]) -> Iterator[Path]:
    if not root.is_dir():
        yield root
        return

    def skip_folder(error: OSError) -> None:
        skipped.append(_skipped(Path(error.filename), f"it can't be read: {_reason(error)}"))

    for folder, folder_names, file_names in os.walk(root, onerror=skip_folder):
        folder_names[:] = sorted(name for name in folder_names if not name.startswith("."))
        folders = (Path(folder, name) for name in folder_names)
        links = (path for path in folders if path.is_symlink())
        skipped += (_skipped(path, "a link to a folder, which is not followed") for path in links)
        for name in sorted(file_names):
            if not name.startswith("."):
                yield Path(folder, name)


def _list_files(
    root: Path, skipped: list[SkippedFile], *, has_prefix: bool
) -> Iterator[_ListedFile]:
    folder = root.resolve() if root.is_dir() else None
    prefix = f"{folder.name}/" if folder and has_prefix else ""
    for path in _files_under(root, skipped):
        id_ = path.name if folder is None else prefix + path.relative_to(root).as_posix()
        suffix = path.suffix.lower()
        if suffix in _MARKDOWN_SUFFIXES:
            document_format = DocumentFormat.MARKDOWN
        elif suffix in _PLAIN_TEXT_SUFFIXES or folder is None:
            document_format = DocumentFormat.PLAIN_TEXT
        else:
            skipped.append(_skipped(path, "not a kind of document that is read (.md, .txt)"))
            continue
        try:
            id_.encode()
        except UnicodeEncodeError:
            skipped.append(_skipped(path, "its name is not valid text; rename it"))
            continue
        yield _ListedFile(id=id_, path=path, format=document_format, folder=folder)


def _read_document(file: _ListedFile, settings: KnowledgeSettings, parse: ParseText) -> Document:
    data = _read_bytes(file.path, file.folder, settings.max_document_bytes)
    try:
        text = decode_text(data)
    except DecodingError as error:
        raise _UnreadableFileError(str(error)) from error
    if not text.strip():
        raise _UnreadableFileError("it is empty")
    source = printable_path(file.path.resolve())
    try:
        return parse(text, id_=file.id, source=source, document_format=file.format)
    except ValueError as error:
        raise _UnreadableFileError(str(error)) from error


def printable_path(path: Path) -> str:
    """Return a path that can be written anywhere, what isn't text in it shown as such."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def _read_bytes(path: Path, folder: Path | None, max_bytes: int) -> bytes:
    try:
        if folder is not None and not path.resolve().is_relative_to(folder):
            raise _UnreadableFileError("a link that leads out of the folder")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _UnreadableFileError("not a regular file")
        if status.st_size > max_bytes:
            raise _UnreadableFileError(
                f"{status.st_size:,} bytes, more than knowledge.max_document_bytes ({max_bytes:,})"
            )
        return path.read_bytes()
    except (OSError, RuntimeError) as error:
        raise _UnreadableFileError(f"it can't be read: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, RuntimeError):
        return "a link to itself"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _skipped(path: Path, reason: str) -> SkippedFile:
    return SkippedFile(path=printable_path(path), reason=reason)


def _title_from_headings(text: str, blocks: Sequence[Block]) -> str | None:
    """Return the heading that the text opens with, else the first of the highest ones."""
    ranked = [
        (block.level if position else 0, heading)
        for position, block in enumerate(blocks)
        if block.kind is BlockKind.HEADING
        and (heading := remove_markup(text[block.start : block.end]))
    ]
    return min(ranked, key=lambda rank_and_heading: rank_and_heading[0], default=(0, None))[1]


def _title_from_name(id_: str) -> str:
    words = re.sub(r"[-_\s]+", " ", Path(id_).stem).strip() or id_
    return words[0].upper() + words[1:]


def _nothing_found(paths: Sequence[Path], skipped: Sequence[SkippedFile]) -> str:
    where = ", ".join(str(path) for path in paths)
    if not skipped:
        return f"There is no guide in {where}. Put .md or .txt files there."
    shown = "; ".join(f"{file.path}: {file.reason}" for file in skipped[:3])
    more = f"; and {len(skipped) - 3:,} more" if len(skipped) > 3 else ""
    return f"No guide in {where} can be read ({shown}{more}). Put .md or .txt files there."
