"""Documents, passages, sentences and roles are read from one SQLite file as they are needed."""

import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from index.snapshots.damage import refusing_damage
from index.snapshots.schema import TABLES
from index.snapshots.stored import (
    DocumentRecord,
    Positions,
    StoredDocument,
    StoredPassage,
    StoredRole,
    StoredSentence,
)
from knowledge.documents import Origin
from knowledge.errors import DamagedSnapshotError
from knowledge.passages import Passage
from knowledge.sentences import Sentence, SentenceKind

_DOCUMENTS_HELD = 256
_ROLES_HELD = 64
_PASSAGES_HELD = 1_024


class Store:
    """Reads a store that `StoreWriter` wrote; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the store.

        Raises:
            DamagedSnapshotError: it is no SQLite file or has other tables.
        """
        self.path = path
        self._lock = threading.Lock()
        self._lock_of_held = threading.Lock()
        self._sentences_held: OrderedDict[int, list[StoredSentence]] = OrderedDict()
        try:
            self._connection = sqlite3.connect(
                store_address(path), uri=True, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self.damaged() from error
        try:
            for table in TABLES:
                self._read(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608
            self.document_count = self._count("documents")
            self.passage_count = self._count("passages")
            self.sentence_count = self._count("sentences")
            self.heading_count = self._count("headings")
        except BaseException:
            self._connection.close()
            raise
        self.document = lru_cache(maxsize=_DOCUMENTS_HELD)(self._read_document)
        self.passages_about = lru_cache(maxsize=_ROLES_HELD)(self._read_passages_about)
        self.documents_about = lru_cache(maxsize=_ROLES_HELD)(self._read_documents_about)

    def close(self) -> None:
        """Close the file, and forget what was read of it."""
        with self._lock:
            self._connection.close()
        with self._lock_of_held:
            self._sentences_held.clear()
        self.document.cache_clear()
        self.passages_about.cache_clear()
        self.documents_about.cache_clear()

    def document_ids(self) -> list[str]:
        """Return the ids of all documents, in their order."""
        return [str(row[0]) for row in self._read("SELECT id FROM documents ORDER BY position")]

    @refusing_damage
    def document_records(self) -> list[DocumentRecord]:
        """Return how each document was read, in their order."""
        return [
            DocumentRecord(
                id=row[0],
                title=row[1],
                url=row[2],
                language=row[3],
                pages=len(json.loads(row[4])),
                passages=row[5],
                origin=Origin(file_sha256=row[6], reader=row[7], said=row[8]),
            )
            for row in self._read(
                """
                SELECT id, title, url, language, page_starts, end_passage - first_passage,
                       file_sha256, reader, said
                FROM documents ORDER BY position
                """
            )
        ]

    @refusing_damage
    def skipped_files(self) -> dict[str, tuple[Origin, str]]:
        """Return by its id what each file that was left out was made of, and why it was."""
        return {
            row[0]: (Origin(file_sha256=row[1], reader=row[2], said=row[3]), row[4])
            for row in self._read("SELECT id, file_sha256, reader, said, reason FROM skipped")
        }

    @refusing_damage
    def text_of(self, document_id: str) -> str:
        """Return the whole text of a document."""
        before = self._read("SELECT before_body FROM documents WHERE id = ?", [document_id])
        if not before:
            raise self.damaged()
        pieces = self._read(
            """
            SELECT text FROM documents
            JOIN passages ON passages.position >= first_passage AND passages.position < end_passage
            WHERE id = ? ORDER BY passages.position
            """,
            [document_id],
        )
        return "".join(row[0] for row in [*before, *pieces])

    @refusing_damage
    def slice(self, document_id: str, start: int, end: int) -> str:
        """Return the text of a document's body from one offset to another."""
        rows = self._read(
            """
            SELECT start_offset, text FROM documents
            JOIN passages ON passages.position >= first_passage AND passages.position < end_passage
            WHERE id = ? AND end_offset > ? AND start_offset < ? ORDER BY passages.position
            """,
            [document_id, start, end],
        )
        if not rows:
            return ""
        first = int(rows[0][0])
        return "".join(row[1] for row in rows)[max(start - first, 0) : end - first]

    @refusing_damage
    def passages(self, positions: Iterable[int]) -> dict[int, StoredPassage]:
        """Return the passages at the positions."""
        rows = self._read(
            """
            SELECT passages.position, documents.id, heading_path, start_offset, end_offset, text
            FROM passages JOIN documents ON documents.position = passages.document
            WHERE passages.position IN (SELECT value FROM json_each(?))
            """,
            [_as_json(positions)],
        )
        return {
            position: StoredPassage(
                position=position,
                passage=Passage(
                    id=f"{document_id}#{start}-{end}",
                    document_id=document_id,
                    heading_path=_parse_path(heading_path),
                    start=start,
                    end=end,
                ),
                text=text,
            )
            for position, document_id, heading_path, start, end, text in rows
        }

    @refusing_damage
    def passages_of(self, document_ids: Iterable[str]) -> Positions:
        """Return the positions of the passages of documents, in order: int64."""
        rows = self._read(
            """
            SELECT first_passage, end_passage FROM documents
            WHERE id IN (SELECT value FROM json_each(?)) ORDER BY first_passage
            """,
            [json.dumps(sorted(set(document_ids)))],
        )
        return np.concatenate(
            [np.zeros(0, np.int64), *(np.arange(first, end) for first, end in rows)], dtype=np.int64
        )

    def passage_ids(self) -> list[tuple[int, str]]:
        """Return the position and the id of every passage, in order."""
        rows = self._read(
            """
            SELECT passages.position, documents.id, start_offset, end_offset
            FROM passages JOIN documents ON documents.position = passages.document
            ORDER BY passages.position
            """
        )
        return [(position, f"{document}#{start}-{end}") for position, document, start, end in rows]

    def sentences_of(self, passage_positions: Iterable[int]) -> list[StoredSentence]:
        """Return the sentences of the passages, in the order of their positions.

        Those of the passages that are asked for most are held.
        """
        wanted = sorted(set(passage_positions))
        held = self._sentences_held
        with self._lock_of_held:
            found = {position: held[position] for position in wanted if position in held}
        if missing := [position for position in wanted if position not in found]:
            found |= self._read_sentences_of(missing)
        with self._lock_of_held:
            held.update(found)
            for position in wanted:
                held.move_to_end(position)
            while len(held) > _PASSAGES_HELD:
                held.popitem(last=False)
        return [sentence for position in wanted for sentence in found[position]]

    @refusing_damage
    def _read_sentences_of(self, positions: Sequence[int]) -> dict[int, list[StoredSentence]]:
        by_passage: dict[int, list[StoredSentence]] = {position: [] for position in positions}
        rows = self._read(
            """
            SELECT sentences.position, passages.position, documents.id, kind,
                   sentences.heading_path, heading, sentences.start_offset, sentences.end_offset,
                   lead_start, lead_end, plain, sentences.terms, words
            FROM passages
            CROSS JOIN sentences ON sentences.position >= passages.first_sentence
                AND sentences.position < passages.end_sentence
            JOIN documents ON documents.position = passages.document
            WHERE passages.position IN (SELECT value FROM json_each(?))
            ORDER BY sentences.position
            """,
            [_as_json(positions)],
        )
        for row in rows:
            sentence = StoredSentence(
                position=row[0],
                passage_position=row[1],
                document_id=row[2],
                heading=row[5],
                sentence=Sentence(
                    kind=SentenceKind(row[3]),
                    heading_path=_parse_path(row[4]),
                    start=row[6],
                    end=row[7],
                    lead=None if row[8] is None else (row[8], row[9]),
                ),
                plain=row[10],
                terms=frozenset(row[11].split()),
                words=row[12],
            )
            by_passage[sentence.passage_position].append(sentence)
        return by_passage

    def first_heading(self) -> str | None:
        """Return the text of the first heading's vector, if there is any."""
        rows = self._read("SELECT text FROM headings WHERE position = 0")
        return str(rows[0][0]) if rows else None

    def has_word(self, word: str) -> bool:
        """Return whether any document holds a word, given in lower case."""
        return bool(
            self._read(
                "SELECT 1 FROM words WHERE first = ? AND length = ? AND word = ?",
                [word[:1], len(word), word],
            )
        )

    def words_like(self, first: str, shortest: int, longest: int) -> list[str]:
        """Return the words with this first letter and a length within the bounds."""
        return [
            str(row[0])
            for row in self._read(
                "SELECT word FROM words WHERE first = ? AND length BETWEEN ? AND ?",
                [first, shortest, longest],
            )
        ]

    @refusing_damage
    def roles(self) -> tuple[StoredRole, ...]:
        """Return every role, those with a guide first."""
        return tuple(
            StoredRole(
                position=position,
                name=name,
                aliases=tuple(json.loads(aliases)),
                has_guide=bool(has_guide),
            )
            for position, name, aliases, has_guide in self._read(
                "SELECT position, name, aliases, has_guide FROM roles ORDER BY position"
            )
        )

    def role_spans(self, document_ids: Iterable[str]) -> list[tuple[int, str, int, int]]:
        """Return the stretches of the documents that are about roles.

        Each is the role's position, the document's id, and [start, end) of its text.
        """
        return self._read(
            """
            SELECT role, documents.id, start_offset, end_offset FROM documents
            CROSS JOIN role_spans ON role_spans.document = documents.position
            WHERE documents.id IN (SELECT value FROM json_each(?))
            """,
            [json.dumps(sorted(set(document_ids)))],
        )

    @refusing_damage
    def _read_passages_about(self, role: int) -> Positions:
        """Return the positions of the passages about a role, in order: int64."""
        rows = self._read(
            "SELECT passage FROM role_passages WHERE role = ? ORDER BY passage", [role]
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))

    @refusing_damage
    def _read_documents_about(self, role: int) -> frozenset[str]:
        """Return the ids of the documents with passages about a role."""
        rows = self._read(
            """
            SELECT DISTINCT documents.id FROM role_passages
            CROSS JOIN passages ON passages.position = role_passages.passage
            CROSS JOIN documents ON documents.position = passages.document
            WHERE role_passages.role = ?
            """,
            [role],
        )
        return frozenset(str(row[0]) for row in rows)

    @refusing_damage
    def _read_document(self, document_id: str) -> StoredDocument:
        """Return what is known of a document."""
        rows = self._read(
            "SELECT id, title, source, url, page_starts FROM documents WHERE id = ?", [document_id]
        )
        if not rows:
            raise self.damaged()
        id_, title, source, url, page_starts = rows[0]
        return StoredDocument(
            id=id_,
            title=title,
            source=source,
            url=url,
            page_starts=tuple(json.loads(page_starts)),
        )

    @refusing_damage
    def _count(self, table: str) -> int:
        # Positions count from 0 without a gap; counting rows would read the whole file.
        return int(self._read(f"SELECT coalesce(max(position) + 1, 0) FROM {table}")[0][0])  # noqa: S608

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, tuple(values)).fetchall()

    _read = refusing_damage(_rows)

    def damaged(self) -> DamagedSnapshotError:
        """Return the error that says that the file is not what was written."""
        return DamagedSnapshotError(f"{self.path} is damaged. Run: rolewise build")


def store_address(path: Path) -> str:
    """Return the address that SQLite opens a finished store by, which nothing ever changes."""
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


def _as_json(positions: Iterable[int]) -> str:
    return json.dumps([int(position) for position in positions])


@lru_cache(maxsize=4_096)
def _parse_path(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
