"""Guides become a snapshot: read, split, encoded, stored, published whole or not at all."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

import numpy as np

from index.dense import DenseIndex
from index.encoder import Encoder
from index.home import Home, translating_storage_errors
from index.lexical import LexicalIndex, terms_of, words_of
from index.manifest import (
    FORMAT_VERSION,
    MANIFEST_NAME,
    ChunkerEntry,
    DocumentEntry,
    EncoderEntry,
    FileEntry,
    Manifest,
    hash_file,
    hash_texts,
)
from index.settings import IndexSettings
from index.snapshot import (
    HEADING_VECTORS_NAME,
    LEXICAL_NAME,
    PASSAGE_VECTORS_NAME,
    REFERENCE_VECTORS_NAME,
    SENTENCE_VECTORS_NAME,
    STORE_NAME,
)
from index.store import nearest_heading, write_store
from knowledge.documents import (
    Document,
    SkippedFile,
    printable_path,
    read_documents,
)
from knowledge.errors import KnowledgeError
from knowledge.markup import remove_markup
from knowledge.passages import CHUNKER, SplitDocument, contextualise, split_document
from knowledge.roles import Role, find_roles
from knowledge.settings import KnowledgeSettings


class Progress(Protocol):
    """Is told how far a build has come."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note that `done` of `total` parts of a stage are done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What came of a build."""

    snapshot: str
    documents: int
    passages: int
    sentences: int
    roles: tuple[Role, ...]
    skipped: tuple[SkippedFile, ...]


def build_snapshot(
    home: Home,
    paths: Sequence[Path],
    load_encoder: Callable[[], Encoder],
    *,
    knowledge_settings: KnowledgeSettings,
    index_settings: IndexSettings,
    references: tuple[str, ...] = (),
    progress: Progress = lambda stage, done, total: None,
) -> BuildReport:
    """Build a snapshot of the guides under the paths and put it into service.

    Args:
        home: Where it goes. A failed build leaves what is in service as it was.
        paths: Folders and files of guides.
        load_encoder: Gives what makes the vectors; asked only once there are guides to encode.
        knowledge_settings: How guides are read and split.
        index_settings: How many snapshots are kept.
        references: Texts that questions will be compared with; their vectors are kept too.
        progress: Is told how far the build has come.

    Raises:
        KnowledgeError: there are no guides.
        EncoderError: the encoder can't be loaded.
        BusyError: another process is building.
        StorageError: the home can't be written or the disk is full.
    """
    progress("reading", 0, 1)
    reading = read_documents(paths, knowledge_settings)
    progress("reading", 1, 1)
    with home.building() as folder:
        progress("loading the encoder", 0, 1)
        encoder = load_encoder()
        progress("loading the encoder", 1, 1)
        splits = []
        for done, document in enumerate(reading.documents, start=1):
            splits.append(_split(document, encoder, knowledge_settings))
            progress("splitting", done, len(reading.documents))
        if not any(split.passages for split in splits):
            raise KnowledgeError("The guides hold no text. Put some text into them.")
        outlines = {
            document.id: split.outline
            for document, split in zip(reading.documents, splits, strict=True)
        }
        roles = find_roles(reading.documents, outlines)
        name = _snapshot_name(reading.documents)
        with translating_storage_errors(home.path):
            heading_count = _write(
                folder, reading.documents, splits, roles, encoder, references, progress
            )
            manifest = Manifest(
                format_version=FORMAT_VERSION,
                name=name,
                created_at=datetime.now(UTC).isoformat(timespec="seconds"),
                built_by=f"rolewise {_own_version()}",
                knowledge_paths=[printable_path(path.absolute()) for path in paths],
                encoder=EncoderEntry(
                    model=encoder.model,
                    fingerprint=encoder.fingerprint,
                    dimension=encoder.dimension,
                    max_tokens=encoder.max_tokens,
                ),
                chunker=ChunkerEntry(name=CHUNKER, target_tokens=knowledge_settings.target_tokens),
                documents=[
                    DocumentEntry(
                        id=document.id, sha256=hashlib.sha256(document.text.encode()).hexdigest()
                    )
                    for document in reading.documents
                ],
                passages=sum(len(split.passages) for split in splits),
                sentences=sum(len(split.sentences) for split in splits),
                headings=heading_count,
                references_sha256=hash_texts(references),
                files={
                    path.relative_to(folder).as_posix(): FileEntry(
                        bytes=path.stat().st_size, sha256=hash_file(path)
                    )
                    for path in sorted(folder.rglob("*"))
                    if path.is_file()
                },
            )
            (folder / MANIFEST_NAME).write_text(
                manifest.model_dump_json(indent=2) + "\n", encoding="utf-8"
            )
        home.publish(folder, name)
        home.delete_old_snapshots(index_settings.kept_snapshots)
    return BuildReport(
        snapshot=name,
        documents=len(reading.documents),
        passages=manifest.passages,
        sentences=manifest.sentences,
        roles=roles,
        skipped=reading.skipped,
    )


def _split(
    document: Document, encoder: Encoder, knowledge_settings: KnowledgeSettings
) -> SplitDocument:
    return split_document(
        document,
        encoder.count_tokens,
        max_tokens=encoder.max_tokens,
        target_tokens=knowledge_settings.target_tokens,
    )


def _write(
    folder: Path,
    documents: Sequence[Document],
    splits: Sequence[SplitDocument],
    roles: Sequence[Role],
    encoder: Encoder,
    references: tuple[str, ...],
    progress: Progress,
) -> int:
    passage_texts: list[str] = []
    sentence_texts: list[str] = []
    headings: dict[str, int] = {}
    for document, split in zip(documents, splits, strict=True):
        passage_texts += [
            contextualise(
                document.title,
                passage.heading_path,
                document.text[passage.start : passage.end],
                encoder.count_tokens,
                encoder.max_tokens,
            )
            for passage in split.passages
        ]
        sentence_texts += [
            remove_markup(document.text[sentence.start : sentence.end])
            for sentence in split.sentences
        ]
        for sentence in split.sentences:
            headings.setdefault(nearest_heading(document, sentence), len(headings))
    total = len(passage_texts) + len(sentence_texts) + len(headings) + len(references)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress("encoding", done, total)

    DenseIndex(encoder.encode(passage_texts, advance)).save(folder / PASSAGE_VECTORS_NAME)
    np.save(folder / SENTENCE_VECTORS_NAME, encoder.encode(sentence_texts, advance))
    np.save(folder / HEADING_VECTORS_NAME, encoder.encode(list(headings), advance))
    np.save(folder / REFERENCE_VECTORS_NAME, encoder.encode(references, advance))
    progress("storing", 0, 1)
    LexicalIndex([terms_of(text) for text in passage_texts]).save(folder / LEXICAL_NAME)
    words = {word for document in documents for word in words_of(document.text)}
    write_store(folder / STORE_NAME, documents, splits, roles, headings, sorted(words))
    progress("storing", 1, 1)
    return len(headings)


def _snapshot_name(documents: Sequence[Document]) -> str:
    now = datetime.now(UTC)
    seed = hash_texts([now.isoformat(), *(document.id for document in documents)])
    return f"{now:%Y%m%dT%H%M%SZ}-{seed[:8]}"


def _own_version() -> str:
    try:
        return version("rolewise")
    except PackageNotFoundError:
        return "unknown"
