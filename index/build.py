"""Guides become a snapshot: read, split, encoded, stored, published whole or not at all."""

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

from index.encoding.encoder import Encoder
from index.settings import IndexSettings
from index.snapshots.files import BUILT_FROM_NAME
from index.snapshots.home import Home, translating_storage_errors
from index.snapshots.integrity import STAMP_NAME, describe_files, stamp_files
from index.snapshots.manifest import (
    FORMAT_VERSION,
    MANIFEST_NAME,
    ChunkerEntry,
    DocumentEntry,
    EncoderEntry,
    Manifest,
    hash_texts,
)
from index.snapshots.snapshot import Snapshot
from index.snapshots.snapshot_writer import SnapshotWriter, TooManyPassagesError
from knowledge.errors import DamagedSnapshotError, KnowledgeError, SnapshotError
from knowledge.passages import CHUNKER
from knowledge.reading.listing import SkippedFile, nothing_found, printable_path
from knowledge.reading.reading import read_documents
from knowledge.roles.roles import Role
from knowledge.settings import KnowledgeSettings


class Progress(Protocol):
    """Is told how far a build has come."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note that `done` of `total` parts of a stage are done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What came of a build.

    `documents_copied` and `passages_copied` had not changed since the snapshot before: what was
    made of them then was taken over. `foreign` are the ids of documents in another language than
    the encoder's, with their languages.
    """

    snapshot: str
    documents: int
    documents_copied: int
    passages: int
    passages_copied: int
    sentences: int
    roles: tuple[Role, ...]
    skipped: tuple[SkippedFile, ...]
    foreign: tuple[tuple[str, str], ...] = ()


def build_snapshot(
    home: Home,
    paths: Sequence[Path],
    load_encoder: Callable[[], Encoder],
    *,
    knowledge_settings: KnowledgeSettings,
    index_settings: IndexSettings,
    references: tuple[str, ...] = (),
    is_full: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> BuildReport:
    """Build a snapshot of the guides under the paths and put it into service.

    What has not changed since the snapshot in service is copied from it.

    Args:
        home: Where it goes. A failed build leaves what is in service as it was.
        paths: Folders and files of guides.
        load_encoder: Gives what makes the vectors; asked only once there are guides to encode.
        knowledge_settings: How guides are read and split.
        index_settings: How many snapshots are kept.
        references: Texts that questions will be compared with; their vectors are kept too.
        is_full: Make everything anew.
        progress: Is told how far the build has come.

    Raises:
        KnowledgeError: there are no guides.
        EncoderError: the encoder can't be loaded.
        BusyError: another process is building.
        StorageError: the home can't be written or the disk is full.
    """
    progress("reading", 0, 1)
    # A wrong path needs no encoder to be told.
    read_documents(paths, knowledge_settings, left_out=[home.path])
    progress("reading", 1, 1)
    with home.building() as folder:
        progress("loading the encoder", 0, 1)
        encoder = load_encoder()
        progress("loading the encoder", 1, 1)
        before = None if is_full else _open_before(home, encoder, knowledge_settings)
        build_upon = partial(
            _build,
            home,
            folder,
            paths,
            encoder,
            knowledge_settings,
            index_settings,
            references,
            progress,
        )
        report: BuildReport | None = None
        with translating_storage_errors(home.path):
            if before is not None:
                with closing(before), suppress(DamagedSnapshotError):
                    report = build_upon(before)
                if report is None:
                    # Only reading it showed that it is damaged.
                    shutil.rmtree(folder)
                    folder.mkdir()
            report = report or build_upon(None)
        home.delete_old_snapshots(index_settings.kept_snapshots)
        return report


def _open_before(
    home: Home, encoder: Encoder, knowledge_settings: KnowledgeSettings
) -> Snapshot | None:
    """Return the snapshot in service if another can be built upon it."""
    try:
        before = Snapshot.open_current(home)
    except SnapshotError:
        return None
    with ExitStack() as opened:
        opened.callback(before.close)
        try:
            before.check_encoder(encoder)
        except SnapshotError:
            return None
        if before.manifest.chunker != _chunker(knowledge_settings):
            return None
        opened.pop_all()
        return before


def _build(
    home: Home,
    folder: Path,
    paths: Sequence[Path],
    encoder: Encoder,
    knowledge_settings: KnowledgeSettings,
    index_settings: IndexSettings,
    references: tuple[str, ...],
    progress: Progress,
    before: Snapshot | None,
) -> BuildReport:
    with SnapshotWriter(
        folder,
        encoder,
        target_tokens=knowledge_settings.target_tokens,
        max_document_passages=knowledge_settings.max_document_passages,
        max_total_passages=knowledge_settings.max_total_passages,
        before=before,
    ) as writer:
        reading = read_documents(
            paths, knowledge_settings, writer.store.earlier, left_out=[home.path]
        )
        foreign: list[tuple[str, str]] = []
        languages = knowledge_settings.languages
        for document in reading:
            try:
                writer.add(document)
            except TooManyPassagesError as error:
                reading.leave_out(document, str(error))
                continue
            if languages and document.language and document.language not in languages:
                foreign.append((document.id, document.language))
            progress("indexing", len(writer.document_hashes), reading.file_count)
        progress("indexing", reading.file_count, reading.file_count)
        if not writer.store.passage_count:
            if not writer.document_hashes:
                raise nothing_found(paths, reading.skipped)
            raise KnowledgeError("The guides hold no text. Put some text into them.")
        progress("storing", 0, 1)
        roles = writer.finish(references, reading.skipped)
    writer.build_dense_index()
    manifest = publish_snapshot(
        home,
        folder,
        writer,
        knowledge_paths=paths,
        encoder=encoder,
        references=references,
        knowledge_settings=knowledge_settings,
    )
    progress("storing", 1, 1)
    return BuildReport(
        snapshot=manifest.name,
        documents=len(writer.document_hashes),
        documents_copied=writer.counts.documents_copied,
        passages=manifest.passages,
        passages_copied=writer.counts.passages_copied,
        sentences=manifest.sentences,
        roles=roles,
        skipped=reading.skipped,
        foreign=tuple(foreign),
    )


def publish_snapshot(
    home: Home,
    folder: Path,
    writer: SnapshotWriter,
    *,
    knowledge_paths: Sequence[Path],
    encoder: Encoder,
    references: tuple[str, ...],
    knowledge_settings: KnowledgeSettings,
) -> Manifest:
    """Describe what a writer wrote and put it into service.

    Raises:
        StorageError: the disk is full or fails; nothing has changed then.
    """
    name = home.new_name()
    paths = [printable_path(path.absolute()) for path in knowledge_paths]
    # Beside the manifest, so that the loss of one of them doesn't keep it from being built anew.
    (folder / BUILT_FROM_NAME).write_text(json.dumps(paths), encoding="ascii")
    manifest = Manifest(
        format_version=FORMAT_VERSION,
        name=name,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        built_by=f"rolewise {_own_version()}",
        knowledge_paths=paths,
        encoder=EncoderEntry(
            model=encoder.model,
            fingerprint=encoder.fingerprint,
            dimension=encoder.dimension,
            max_tokens=encoder.max_tokens,
        ),
        chunker=_chunker(knowledge_settings),
        documents=[
            DocumentEntry(id=id_, sha256=sha256) for id_, sha256 in writer.document_hashes.items()
        ],
        passages=writer.store.passage_count,
        sentences=writer.store.sentence_count,
        headings=len(writer.store.headings),
        references_sha256=hash_texts(references),
        files=describe_files(folder),
    ).sealed()
    (folder / MANIFEST_NAME).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    if manifest.is_large:
        stamp_files(folder, manifest.files, folder / STAMP_NAME)
    home.publish(folder, name)
    return manifest


def _chunker(settings: KnowledgeSettings) -> ChunkerEntry:
    return ChunkerEntry(name=CHUNKER, target_tokens=settings.target_tokens)


def _own_version() -> str:
    try:
        return version("rolewise")
    except PackageNotFoundError:
        return "unknown"
