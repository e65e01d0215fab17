"""Guides are read from files into documents; every later offset refers to a document's text."""

import codecs
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml
from charset_normalizer import from_bytes

from knowledge.blocks import Block, BlockKind
from knowledge.errors import KnowledgeError
from knowledge.markdown import parse_markdown
from knowledge.markup import remove_markup
from knowledge.plain_text import parse_plain_text
from knowledge.settings import KnowledgeSettings

_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_PLAIN_TEXT_SUFFIXES = frozenset({".txt", ".text"})
_FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_MAX_CHARACTERS_OF_FRONT_MATTER = 16_384
_MAX_SHARE_OF_CONTROL_CHARACTERS = 0.1
_MAX_DIFFERENCE_OF_CHAOS = 0.05
# What editors have written by default; DOS and the old Mac OS are but mistaken for others.
_ENCODINGS_GUESSED = [
    *(f"cp{number}" for number in range(1250, 1259)),
    *("iso8859_2", "iso8859_5", "cp874", "koi8_r", "koi8_u"),
    *("cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949"),
]
_UTF_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of reading the knowledge folders."""

    documents: tuple[Document, ...]
    skipped: tuple[SkippedFile, ...]


class _UnreadableFileError(Exception):
    """Say why one file is left out; the rest is read."""


def read_documents(paths: Sequence[Path], settings: KnowledgeSettings) -> Reading:
    """Read every guide under the paths, in the order of their ids.

    A file that can't be read is skipped and named, and the rest is read. Hidden files are passed
    over in silence. With more than one folder, ids begin with the folder's name.

    Raises:
        KnowledgeError: a path doesn't exist, nothing readable was found, or two ids collide.
    """
    documents: dict[str, Document] = {}
    skipped: list[SkippedFile] = []
    roots = list({_resolve(path): path for path in paths}.values())
    several_folders = sum(root.is_dir() for root in roots) > 1
    for root in roots:
        prefix = f"{root.resolve().name}/" if several_folders and root.is_dir() else ""
        for path in _files_under(root, skipped):
            relative = path.relative_to(root).as_posix() if root.is_dir() else path.name
            try:
                document = _read_document(path, prefix + relative, root, settings)
            except _UnreadableFileError as error:
                skipped.append(_skipped(path, str(error)))
                continue
            if document.id in documents:
                raise KnowledgeError(
                    f"Two guides would both be called {document.id}:"
                    f" {documents[document.id].source} and {path}. Rename one of them."
                )
            documents[document.id] = document
            if len(documents) > settings.max_documents:
                raise KnowledgeError(
                    f"There are more than {settings.max_documents:,} guides under {root}. Name a"
                    " smaller folder, or raise knowledge.max_documents in the settings."
                )
    if not documents:
        raise KnowledgeError(_nothing_found(paths, skipped))
    return Reading(
        documents=tuple(documents[id_] for id_ in sorted(documents)), skipped=tuple(skipped)
    )


def parse_document_text(
    text: str, *, id_: str, source: str, document_format: DocumentFormat
) -> Document:
    """Return the document of a decoded text with line ends as LF.

    Raises:
        ValueError: its front matter is broken.
    """
    front_matter, body_start = _read_front_matter(text)
    parse = parse_markdown if document_format is DocumentFormat.MARKDOWN else parse_plain_text
    title = (
        front_matter.title
        or _title_from_headings(text, parse(text, body_start))
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


def _read_document(path: Path, id_: str, root: Path, settings: KnowledgeSettings) -> Document:
    suffix = path.suffix.lower()
    if suffix in _MARKDOWN_SUFFIXES:
        document_format = DocumentFormat.MARKDOWN
    elif suffix in _PLAIN_TEXT_SUFFIXES or path == root:
        document_format = DocumentFormat.PLAIN_TEXT
    else:
        raise _UnreadableFileError("not a kind of document that is read (.md, .txt)")
    try:
        id_.encode()
    except UnicodeEncodeError:
        raise _UnreadableFileError("its name is not valid text; rename it") from None
    text = _decode(_read_bytes(path, root, settings.max_document_bytes))
    if not text.strip():
        raise _UnreadableFileError("it is empty")
    try:
        return parse_document_text(
            text, id_=id_, source=printable_path(path.resolve()), document_format=document_format
        )
    except ValueError as error:
        raise _UnreadableFileError(str(error)) from error


def printable_path(path: Path) -> str:
    """Return a path that can be written anywhere, what isn't text in it shown as such."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def _read_bytes(path: Path, root: Path, max_bytes: int) -> bytes:
    try:
        if root.is_dir() and not path.resolve().is_relative_to(root.resolve()):
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
    # Names that are not valid text can't be printed nor stored.
    name = str(path).encode(errors="backslashreplace").decode()
    return SkippedFile(path=name, reason=reason)


def _decode(data: bytes) -> str:
    text = _decode_by_mark_or_guess(data)
    controls = sum(
        character < " " and character not in "\t\n\v\f\r\x1b" for character in text[:100_000]
    )
    if controls > _MAX_SHARE_OF_CONTROL_CHARACTERS * min(len(text), 100_000):
        raise _UnreadableFileError("it is not text but binary data")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode_by_mark_or_guess(data: bytes) -> str:
    for mark, encoding in _UTF_BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                name = encoding.removesuffix("-sig").upper()
                reason = f"its byte-order mark says {name}, but byte {error.start} is not"
                raise _UnreadableFileError(reason) from error
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise _UnreadableFileError("it is not text but binary data") from error
    guesses = from_bytes(data, cp_isolation=_ENCODINGS_GUESSED)
    best = guesses.best()
    if best is None:
        raise _UnreadableFileError("its encoding is not recognised; save it as UTF-8")
    # French reads as Baltic without a fault, so the likeliest language decides among good guesses,
    # and then the commonest encoding.
    good = [guess for guess in guesses if guess.chaos <= best.chaos + _MAX_DIFFERENCE_OF_CHAOS]
    return str(max(good, key=lambda guess: (guess.coherence, guess.encoding == "cp1252")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _FrontMatter:
    title: str | None = None
    aliases: tuple[str, ...] = ()
    url: str | None = None


def _read_front_matter(text: str) -> tuple[_FrontMatter, int]:
    match = _FRONT_MATTER.match(text, 0, _MAX_CHARACTERS_OF_FRONT_MATTER)
    if not match:
        return _FrontMatter(), 0
    try:
        values = yaml.safe_load(match["yaml"])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 2}" if mark else ""
        problem = getattr(error, "problem", None) or error
        raise ValueError(f"its front matter is not valid YAML{place}: {problem}") from error
    if not isinstance(values, dict):
        return _FrontMatter(), 0
    return (
        _FrontMatter(
            title=_text_value(values, "title"),
            aliases=_text_values(values, "aliases"),
            url=_web_address(values),
        ),
        match.end(),
    )


def _text_value(values: dict[object, object], key: str) -> str | None:
    value = values.get(key)
    if value is None:
        return None
    if not isinstance(value, str | int | float):
        raise ValueError(f"its front matter's {key} is not a text")
    return _as_text(value, key) or None


def _as_text(value: object, key: str) -> str:
    text = " ".join(str(value).split())
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"its front matter's {key} holds half a character") from error
    return text


def _text_values(values: dict[object, object], key: str) -> tuple[str, ...]:
    value = values.get(key)
    if isinstance(value, str):
        value = value.split(",")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(name, str | int) for name in value):
        raise ValueError(f"its front matter's {key} is not a list of names")
    return tuple(filter(None, (_as_text(item, key) for item in value)))


def _web_address(values: dict[object, object]) -> str | None:
    url = _text_value(values, "url")
    if url is not None and not re.fullmatch(r"https?://\S+", url):
        raise ValueError("its front matter's url does not begin with http:// or https://")
    return url


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
