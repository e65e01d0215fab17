"""The store of an earlier snapshot: what it knows need not be made again."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index.snapshots.store import store_address
from knowledge.converting.converted import ConvertedText
from knowledge.documents import Document, DocumentFormat, Origin
from knowledge.errors import DamagedSnapshotError
from knowledge.reading.reader import TEXT_READER


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Where something stands in the earlier store: rows of passages and of their sentences."""

    first_passage: int
    end_passage: int
    first_sentence: int
    end_sentence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDocument:
    """A document of the earlier store, without its text."""

    position: int
    document: Document
    rows: Rows


class EarlierStore:
    """Looks up what need not be made again; it knows nothing where there is no store.

    Each method raises `DamagedSnapshotError` where the store is damaged.
    """

    def __init__(self, path: Path | None) -> None:
        """Open a finished store, which is only read.

        Raises:
            DamagedSnapshotError: it is no SQLite file.
        """
        self._path = path
        self._connection: sqlite3.Connection | None = None
        if path is not None:
            with self._translating():
                self._connection = sqlite3.connect(store_address(path), uri=True)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()

    def find_document(self, id_: str, origin: Origin) -> Document | None:
        """Return the document of this id that was made of the same."""
        return self._with_text(
            self._find(
                "id = ? AND file_sha256 = ? AND reader = ? AND said = ?",
                [id_, origin.file_sha256, origin.reader, origin.said],
            )
        )

    def find_converted(
        self, file_sha256: str, reader: str | None
    ) -> tuple[ConvertedText, str] | None:
        """Return what a file was converted to, and what converted it."""
        document = self._with_text(
            self._find(
                "file_sha256 = ? AND reader != ? AND reader = coalesce(?, reader)",
                [file_sha256, TEXT_READER, reader],
            )
        )
        if document is None:
            return None
        converted = ConvertedText(
            text=document.text,
            page_starts=document.page_starts,
            title=document.title_in_file,
        )
        return converted, document.origin.reader

    def find_split(self, document: Document, sha256: str) -> KnownDocument | None:
        """Return a document whose passages would be this one's."""
        return self._find(
            "sha256 = ? AND format = ? AND title = ? AND aliases = ?",
            [sha256, document.format, document.title, json.dumps(document.aliases)],
        )

    def find_passage(self, key: bytes) -> Rows | None:
        """Return a passage whose vectors would be the same."""
        rows = self._read(
            "SELECT position, position + 1, first_sentence, end_sentence"
            " FROM passages WHERE key = ? LIMIT 1",
            [key],
        )
        return _rows(rows[0]) if rows else None

    def find_heading(self, text: str) -> int | None:
        """Return the row of a heading's vector."""
        rows = self._read("SELECT position FROM headings WHERE text = ?", [text])
        return int(rows[0][0]) if rows else None

    def _find(self, condition: str, values: Sequence[object]) -> KnownDocument | None:
        found = self._read(
            f"""
            SELECT position, id, title, source, url, format, aliases, body_start, page_starts,
                   title_in_file, language, file_sha256, reader, said, first_passage, end_passage
            FROM documents WHERE {condition} LIMIT 1
            """,  # noqa: S608
            values,
        )
        if not found:
            return None
        row = found[0]
        first, end = row[14:]
        sentences = self._read(
            "SELECT min(first_sentence), max(end_sentence) FROM passages"
            " WHERE position >= ? AND position < ?",
            [first, end],
        )[0]
        return KnownDocument(
            position=row[0],
            document=Document(
                id=row[1],
                title=row[2],
                source=row[3],
                url=row[4],
                format=DocumentFormat(row[5]),
                aliases=tuple(json.loads(row[6])),
                body_start=row[7],
                page_starts=tuple(json.loads(row[8])),
                title_in_file=row[9],
                language=row[10],
                origin=Origin(file_sha256=row[11], reader=row[12], said=row[13]),
                text="",
            ),
            rows=_rows((first, end, sentences[0] or 0, sentences[1] or 0)),
        )

    def _with_text(self, known: KnownDocument | None) -> Document | None:
        if known is None:
            return None
        pieces = self._read(
            """
            SELECT before_body FROM documents WHERE position = ?
            UNION ALL
            SELECT * FROM (
                SELECT text FROM passages WHERE position >= ? AND position < ? ORDER BY position
            )
            """,
            [known.position, known.rows.first_passage, known.rows.end_passage],
        )
        return replace(known.document, text="".join(piece for (piece,) in pieces))

    def _read(self, query: str, values: Sequence[object]) -> list[Any]:
        if self._connection is None:
            return []
        with self._translating():
            return self._connection.execute(query, tuple(values)).fetchall()

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise DamagedSnapshotError(
                f"{self._path} is damaged. Run: rolewise build --full"
            ) from error


def _rows(values: Sequence[int]) -> Rows:
    return Rows(
        first_passage=values[0],
        end_passage=values[1],
        first_sentence=values[2],
        end_sentence=values[3],
    )
