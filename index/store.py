"""Documents, passages, sentences and roles are kept in one SQLite file, read-only once written."""

import errno
import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.documents import Document
from knowledge.errors import DamagedSnapshotError
from knowledge.passages import Passage, SplitDocument
from knowledge.roles import Role, RoleSpan
from knowledge.sentences import Sentence, SentenceKind

_SCHEMA = """
CREATE TABLE documents (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    source TEXT NOT NULL, url TEXT, text TEXT NOT NULL
);
CREATE TABLE passages (
    position INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents,
    heading_path TEXT NOT NULL, start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL
);
CREATE TABLE sentences (
    position INTEGER PRIMARY KEY, passage INTEGER NOT NULL REFERENCES passages, kind TEXT NOT NULL,
    heading INTEGER NOT NULL, heading_path TEXT NOT NULL, start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL, lead_start INTEGER, lead_end INTEGER
);
CREATE INDEX sentences_by_passage ON sentences (passage);
CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE roles (position INTEGER PRIMARY KEY, name TEXT NOT NULL, aliases TEXT NOT NULL);
CREATE TABLE role_spans (
    role INTEGER NOT NULL REFERENCES roles, document INTEGER NOT NULL REFERENCES documents,
    start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL
);
CREATE TABLE role_passages (
    role INTEGER NOT NULL REFERENCES roles, passage INTEGER NOT NULL REFERENCES passages,
    PRIMARY KEY (role, passage)
) WITHOUT ROWID;
"""
_TABLES = re.findall(r"CREATE TABLE (\w+)", _SCHEMA)
_DOCUMENTS_HELD = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """What is known of a document without its text."""

    id: str
    title: str
    source: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSentence:
    """A sentence with its place in the index; `heading` is the row of its heading's vector."""

    position: int
    heading: int
    passage_position: int
    document_id: str
    sentence: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRole:
    """A role with the positions of the passages that are about it."""

    role: Role
    passage_positions: frozenset[int]


def nearest_heading(document: Document, sentence: Sentence) -> str:
    """Return the heading that a sentence stands under, or the title where there is none."""
    return sentence.heading_path[-1] if sentence.heading_path else document.title


def write_store(
    path: Path,
    documents: Sequence[Document],
    splits: Sequence[SplitDocument],
    roles: Sequence[Role],
    headings: Mapping[str, int],
    words: Iterable[str],
) -> None:
    """Write a new store.

    Args:
        path: Where no file is yet.
        documents: The documents, in the order of their positions.
        splits: The passages and sentences of each.
        roles: The roles found in them.
        headings: The row of each heading's vector, by `nearest_heading`.
        words: Every word of the documents, lower case.

    Raises:
        OSError: the file can't be written whole.
    """
    try:
        _write_tables(path, documents, splits, roles, headings, words)
    except sqlite3.OperationalError as error:
        is_full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
        raise OSError(errno.ENOSPC if is_full else errno.EIO, str(error), str(path)) from error


def _write_tables(
    path: Path,
    documents: Sequence[Document],
    splits: Sequence[SplitDocument],
    roles: Sequence[Role],
    headings: Mapping[str, int],
    words: Iterable[str],
) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        positions = {document.id: position for position, document in enumerate(documents)}
        connection.executemany(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    position,
                    document.id,
                    document.title,
                    document.source,
                    document.url,
                    document.text,
                )
                for position, document in enumerate(documents)
            ),
        )
        passage_position = sentence_position = 0
        for document_position, split in enumerate(splits):
            first_passage = passage_position
            for passage in split.passages:
                connection.execute(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
                    (
                        passage_position,
                        document_position,
                        json.dumps(passage.heading_path),
                        passage.start,
                        passage.end,
                    ),
                )
                passage_position += 1
            owner = 0
            for sentence in split.sentences:
                while sentence.start >= split.passages[owner].end:
                    owner += 1
                connection.execute(
                    "INSERT INTO sentences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        sentence_position,
                        first_passage + owner,
                        sentence.kind,
                        headings[nearest_heading(documents[document_position], sentence)],
                        json.dumps(sentence.heading_path),
                        sentence.start,
                        sentence.end,
                        *(sentence.lead or (None, None)),
                    ),
                )
                sentence_position += 1
        connection.executemany(
            "INSERT OR IGNORE INTO words VALUES (?)", ((word,) for word in words)
        )
        _write_roles(connection, roles, positions)
        connection.commit()
    finally:
        connection.close()


def _write_roles(
    connection: sqlite3.Connection, roles: Sequence[Role], positions: dict[str, int]
) -> None:
    for position, role in enumerate(roles):
        connection.execute(
            "INSERT INTO roles VALUES (?, ?, ?)", (position, role.name, json.dumps(role.aliases))
        )
        connection.executemany(
            "INSERT INTO role_spans VALUES (?, ?, ?, ?)",
            ((position, positions[span.document_id], span.start, span.end) for span in role.spans),
        )
    # A passage is about a role when half of it lies within a span about the role, or half of the
    # span within the passage: short sections share one.
    connection.execute(
        """
        INSERT OR IGNORE INTO role_passages
        SELECT role_spans.role, passages.position
        FROM role_spans JOIN passages ON passages.document = role_spans.document
        WHERE 2 * (min(passages.end_offset, role_spans.end_offset)
                   - max(passages.start_offset, role_spans.start_offset))
              >= min(passages.end_offset - passages.start_offset,
                     role_spans.end_offset - role_spans.start_offset)
        """
    )


class Store:
    """Reads a store that `write_store` wrote; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the store.

        Raises:
            DamagedSnapshotError: it is no SQLite file or has other tables.
        """
        self._path = path
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1",
                uri=True,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            raise self._damaged() from error
        try:
            for table in _TABLES:
                self._rows(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608
            self.passage_count = self._count("passages")
            self.sentence_count = self._count("sentences")
            rows = self._rows("SELECT id, title, source, url FROM documents ORDER BY position")
        except sqlite3.Error as error:
            self._connection.close()
            raise self._damaged() from error
        self.documents = {
            row[0]: StoredDocument(id=row[0], title=row[1], source=row[2], url=row[3])
            for row in rows
        }
        self.text_of = lru_cache(maxsize=_DOCUMENTS_HELD)(self._read_text)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def passages(self, positions: Iterable[int]) -> dict[int, Passage]:
        """Return the passages at the positions."""
        wanted = [int(position) for position in positions]
        rows = self._read(
            """
            SELECT passages.position, documents.id, heading_path, start_offset, end_offset
            FROM passages JOIN documents ON documents.position = passages.document
            WHERE passages.position IN (SELECT value FROM json_each(?))
            """,
            [json.dumps(wanted)],
        )
        return {
            position: Passage(
                id=f"{document_id}#{start}-{end}",
                document_id=document_id,
                heading_path=tuple(json.loads(heading_path)),
                start=start,
                end=end,
            )
            for position, document_id, heading_path, start, end in rows
        }

    def sentences_of(self, passage_positions: Iterable[int]) -> list[StoredSentence]:
        """Return the sentences of the passages, in the order of their positions."""
        wanted = [int(position) for position in passage_positions]
        rows = self._read(
            """
            SELECT sentences.position, passage, documents.id, kind, sentences.heading_path,
                   heading, sentences.start_offset, sentences.end_offset, lead_start, lead_end
            FROM sentences
            JOIN passages ON passages.position = sentences.passage
            JOIN documents ON documents.position = passages.document
            WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY sentences.position
            """,
            [json.dumps(wanted)],
        )
        return [
            StoredSentence(
                position=row[0],
                passage_position=row[1],
                document_id=row[2],
                heading=row[5],
                sentence=Sentence(
                    kind=SentenceKind(row[3]),
                    heading_path=tuple(json.loads(row[4])),
                    start=row[6],
                    end=row[7],
                    lead=None if row[8] is None else (row[8], row[9]),
                ),
            )
            for row in rows
        ]

    def words(self) -> list[str]:
        """Return every word of the documents, lower case."""
        return [str(row[0]) for row in self._read("SELECT word FROM words")]

    def roles(self) -> tuple[StoredRole, ...]:
        """Return every role, those with a guide first."""
        spans: dict[int, list[RoleSpan]] = {}
        for position, document_id, start, end in self._read(
            """
            SELECT role, documents.id, start_offset, end_offset
            FROM role_spans JOIN documents ON documents.position = role_spans.document
            """
        ):
            spans.setdefault(position, []).append(
                RoleSpan(document_id=document_id, start=start, end=end)
            )
        passages: dict[int, set[int]] = {}
        for role, passage in self._read("SELECT role, passage FROM role_passages"):
            passages.setdefault(role, set()).add(passage)
        return tuple(
            StoredRole(
                role=Role(
                    name=name,
                    aliases=tuple(json.loads(aliases)),
                    spans=tuple(spans.get(position, ())),
                ),
                passage_positions=frozenset(passages.get(position, ())),
            )
            for position, name, aliases in self._read(
                "SELECT position, name, aliases FROM roles ORDER BY position"
            )
        )

    def _read_text(self, document_id: str) -> str:
        rows = self._read("SELECT text FROM documents WHERE id = ?", [document_id])
        if not rows:
            raise self._damaged()
        return str(rows[0][0])

    def _count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608

    def _read(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return self._rows(query, values)
        except sqlite3.Error as error:
            raise self._damaged() from error

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, tuple(values)).fetchall()

    def _damaged(self) -> DamagedSnapshotError:
        return DamagedSnapshotError(f"{self._path} is damaged. Run: rolewise build")
