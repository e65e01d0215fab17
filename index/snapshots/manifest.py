"""The manifest says what a snapshot holds, and of what and by what it was built."""

import hashlib
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.snapshots.files import BUILT_FROM_NAME
from knowledge.errors import DamagedSnapshotError, StaleSnapshotError

FORMAT_VERSION = 4
MANIFEST_NAME = "manifest.json"

_MOST_BYTES_READ_AT_EACH_OPENING = 64_000_000
_MAX_MANIFEST_BYTES = 256_000_000
_FILE_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*", re.ASCII)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FileEntry(_Part):
    """One file of a snapshot."""

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class EncoderEntry(_Part):
    """The encoder that made the vectors."""

    model: str
    fingerprint: str
    dimension: int = Field(ge=1, le=1_000_000)
    max_tokens: int = Field(ge=1)


class ChunkerEntry(_Part):
    """How documents were split."""

    name: str
    target_tokens: int = Field(ge=1)


class DocumentEntry(_Part):
    """One document, with the hash of its text."""

    id: str
    sha256: str


class Manifest(_Part):
    """Everything that a snapshot says of itself."""

    format_version: int
    name: str
    created_at: str
    built_by: str
    knowledge_paths: list[str]
    encoder: EncoderEntry
    chunker: ChunkerEntry
    documents: list[DocumentEntry]
    passages: int = Field(ge=1)
    sentences: int = Field(ge=0)
    headings: int = Field(ge=0)
    references_sha256: str
    files: dict[str, FileEntry]
    checksum: str = ""
    """Of all the rest, so that a flipped bit here is found as well."""

    def sealed(self) -> Self:
        """Return the same with its checksum."""
        rest = self.model_dump(mode="json", exclude={"checksum"})
        content = json.dumps(rest, sort_keys=True).encode()
        return self.model_copy(update={"checksum": hashlib.sha256(content).hexdigest()})

    @property
    def is_large(self) -> bool:
        """Whether reading every byte takes so long that it isn't done at each opening."""
        return sum(entry.bytes for entry in self.files.values()) > _MOST_BYTES_READ_AT_EACH_OPENING


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a snapshot.

    Raises:
        DamagedSnapshotError: it is missing or not a manifest.
        StaleSnapshotError: it is of another format version.
    """
    path = folder / MANIFEST_NAME
    try:
        if path.stat().st_size > _MAX_MANIFEST_BYTES:
            raise DamagedSnapshotError(f"{path} is too large to be one. Run: rolewise build")
        data = path.read_bytes()
        values = json.loads(data, object_pairs_hook=_refuse_doubled)
    except FileNotFoundError as error:
        raise DamagedSnapshotError(f"{path} is missing. Run: rolewise build") from error
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedSnapshotError(
            f"{path} can't be read ({error}). Run: rolewise build"
        ) from error
    version = values.get("format_version") if isinstance(values, dict) else None
    if type(version) is int and version != FORMAT_VERSION:
        raise StaleSnapshotError(
            f"The index {folder.name} has format {version}, and this Rolewise reads format"
            f" {FORMAT_VERSION}. Run: rolewise build"
        )
    try:
        manifest = Manifest.model_validate_json(data)  # refuses lone surrogates too
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise DamagedSnapshotError(
            f"{path} is damaged: {place}: {first['msg']}. Run: rolewise build"
        ) from error
    if manifest != manifest.sealed():
        raise DamagedSnapshotError(
            f"{path} is damaged: it was changed since it was written. Run: rolewise build"
        )
    if manifest.name != folder.name:
        raise DamagedSnapshotError(
            f"{path} is of another index, {manifest.name!r:.60}. Run: rolewise build"
        )
    for name in manifest.files:
        if not _FILE_NAME.fullmatch(name):
            raise DamagedSnapshotError(
                f"{path} names a file that is none of a snapshot's: {name!r}. Run: rolewise build"
            )
    return manifest


def read_knowledge_paths(folder: Path) -> tuple[Path, ...]:
    """Return what a snapshot was built from, be it of another format or damaged elsewhere.

    It stands there twice; where one of the two is damaged, the one whose paths are there counts.

    Raises:
        DamagedSnapshotError: neither tells.
    """
    found = []
    for name in (MANIFEST_NAME, BUILT_FROM_NAME):
        with suppress(OSError, ValueError, TypeError, LookupError, RecursionError):
            values = json.loads((folder / name).read_bytes())
            paths = values["knowledge_paths"] if name == MANIFEST_NAME else values
            if paths and all(isinstance(path, str) and "\0" not in path for path in paths):
                found.append(tuple(Path(path) for path in paths))
    for paths_there in found:
        with suppress(OSError, ValueError):
            if all(path.exists() for path in paths_there):
                return paths_there
    if found:
        return found[0]
    raise DamagedSnapshotError(
        f"{folder / MANIFEST_NAME} doesn't tell which guides it was built from. Name them:"
        " rolewise build PATH"
    )


def _refuse_doubled(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Take the keys of an object, each of which may stand there once."""
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key stands there twice")
    return values


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_texts(texts: list[str] | tuple[str, ...]) -> str:
    """Return one SHA-256 of several texts in order, in hexadecimal."""
    digest = hashlib.sha256()
    for text in texts:
        encoded = text.encode()
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return digest.hexdigest()
