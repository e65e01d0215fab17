"""A snapshot's SQLite file is written document by document, or copied from the one before."""

import errno
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.searching.lexical import join_words, terms_of, words_of
from index.snapshots.earlier_store import EarlierStore, KnownDocument
from index.snapshots.schema import SCHEMA
from index.snapshots.store import store_address
from knowledge.documents import Document
from knowledge.errors import DamagedSnapshotError
from knowledge.passages import Passage
from knowledge.reading.listing import SkippedFile
from knowledge.roles.facts import RoleFacts
from knowledge.roles.roles import Role
from knowledge.sentences import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRows:
    """A passage as it is written: with its sentences and what was made of both."""

    passage: Passage
    key: bytes
    encoded_text: str
    sentences: tuple[Sentence, ...]
    plain_sentences: tuple[str, ...]
    headings: tuple[str, ...]


class StoreWriter:
    """Writes a new store.

    Whatever raises `sqlite3.OperationalError` here is raised as the `OSError` that it stands for,
    and damage in the store before as `DamagedSnapshotError`.
    """

    def __init__(self, path: Path, before: Path | None = None) -> None:
        """Begin a store where there is no file yet.

        Args:
            path: The file.
            before: A store to copy from what is unchanged; it is only read.

        Raises:
            OSError: the file can't be written.
        """
        self._path = path
        self._before = before
        self.earlier = EarlierStore(before)
        self._words: set[str] = set()
        self._positions: dict[str, int] = {}
        self.headings: dict[str, int] = {}
        self.passage_count = 0
        self.sentence_count = 0
        with self._translating(), ExitStack() as opened:
            self._connection = sqlite3.connect(path.absolute().as_uri(), uri=True)
            opened.callback(self._connection.close)
            opened.callback(self.earlier.close)
            self._connection.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA
            )
            if before is not None:
                self._connection.execute("ATTACH ? AS earlier", [store_address(before)])
            opened.pop_all()

    def close(self) -> None:
        """Close the file, finished or not."""
        self._connection.close()
        self.earlier.close()

    def add_document(
        self, document: Document, sha256: str, passages: Sequence[PassageRows], facts: RoleFacts
    ) -> None:
        """Write a document that was split anew."""
        with self._translating():
            position = self._insert_document(document, sha256, facts.to_json(), len(passages))
            for rows in passages:
                passage = rows.passage
                first_sentence = self.sentence_count
                self.sentence_count += len(rows.sentences)
                self._connection.execute(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(self.passage_count, position, json.dumps(passage.heading_path)),
                        *(passage.start, passage.end, first_sentence, self.sentence_count),
                        rows.key,
                        document.text[passage.start : passage.end],
                        " ".join(terms_of(rows.encoded_text)),
                    ),
                )
                self.passage_count += 1
                self._connection.executemany(
                    "INSERT INTO sentences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    self._sentence_rows(first_sentence, rows),
                )

    def copy_document(self, document: Document, sha256: str, known: KnownDocument) -> None:
        """Write a document as the store before has it, under its present id and address."""
        rows = known.rows
        with self._translating():
            facts = self._connection.execute(
                "SELECT role_facts FROM earlier.documents WHERE position = ?", [known.position]
            ).fetchone()[0]
            first_passage, first_sentence = self.passage_count, self.sentence_count
            count = rows.end_passage - rows.first_passage
            position = self._insert_document(document, sha256, facts, count)
            for heading in self._connection.execute(
                """
                SELECT text FROM earlier.headings WHERE position IN
                (SELECT heading FROM earlier.sentences WHERE position >= ? AND position < ?)
                ORDER BY position
                """,
                [rows.first_sentence, rows.end_sentence],
            ).fetchall():
                self._row_of_heading(heading[0])
            self._connection.execute(
                """
                INSERT INTO main.passages
                SELECT position + ?, ?, heading_path, start_offset, end_offset,
                       first_sentence + ?, end_sentence + ?, key, text, terms
                FROM earlier.passages WHERE position >= ? AND position < ?
                """,
                [
                    *(first_passage - rows.first_passage, position),
                    *[first_sentence - rows.first_sentence] * 2,
                    *(rows.first_passage, rows.end_passage),
                ],
            )
            self._connection.execute(
                """
                INSERT INTO main.sentences
                SELECT old.position + ?, kind,
                       (SELECT new.position FROM main.headings AS new
                        JOIN earlier.headings AS known ON known.text = new.text
                        WHERE known.position = old.heading),
                       heading_path, start_offset, end_offset, lead_start, lead_end, plain, terms,
                       words
                FROM earlier.sentences AS old WHERE old.position >= ? AND old.position < ?
                """,
                [first_sentence - rows.first_sentence, rows.first_sentence, rows.end_sentence],
            )
            self.passage_count += count
            self.sentence_count += rows.end_sentence - rows.first_sentence

    def read_terms(self) -> Iterator[list[str]]:
        """Yield the terms of each passage written, in the order of their positions."""
        with self._translating():
            for (terms,) in self._connection.execute(
                "SELECT terms FROM main.passages ORDER BY position"
            ):
                yield terms.split()

    def read_role_facts(self) -> Iterator[tuple[str, RoleFacts]]:
        """Yield the id of each document written with what it says of roles."""
        with self._translating():
            for id_, facts in self._connection.execute(
                "SELECT id, role_facts FROM main.documents ORDER BY position"
            ):
                yield id_, RoleFacts.from_json(facts)

    def finish(self, roles: Sequence[Role], skipped: Sequence[SkippedFile] = ()) -> None:
        """Write what depends on all documents, and close the file.

        Args:
            roles: Those of all documents.
            skipped: The files that were left out, to be told why.

        Raises:
            OSError: the file can't be written whole.
        """
        with self._translating():
            self._connection.executemany(
                "INSERT INTO words VALUES (?, ?, ?)",
                ((word[0], len(word), word) for word in sorted(self._words)),
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO skipped VALUES (?, ?, ?, ?, ?)",
                (
                    (
                        file.id,
                        file.origin.file_sha256,
                        file.origin.reader,
                        file.origin.said,
                        file.reason,
                    )
                    for file in skipped
                    if file.id is not None and file.origin is not None
                ),
            )
            for position, role in enumerate(roles):
                self._connection.execute(
                    "INSERT INTO roles VALUES (?, ?, ?, ?)",
                    (position, role.name, json.dumps(role.aliases), role.has_guide),
                )
                self._connection.executemany(
                    "INSERT OR IGNORE INTO role_spans VALUES (?, ?, ?, ?)",
                    (
                        (position, self._positions[span.document_id], span.start, span.end)
                        for span in role.spans
                    ),
                )
            # A passage is about a role when half of it lies within a span about the role, or half
            # of the span within the passage: short sections share one.
            self._connection.execute(
                """
                INSERT OR IGNORE INTO main.role_passages
                SELECT role_spans.role, passages.position
                FROM main.role_spans
                JOIN main.documents ON documents.position = role_spans.document
                JOIN main.passages ON passages.position >= documents.first_passage
                    AND passages.position < documents.end_passage
                WHERE 2 * (min(passages.end_offset, role_spans.end_offset)
                           - max(passages.start_offset, role_spans.start_offset))
                      >= min(passages.end_offset - passages.start_offset,
                             role_spans.end_offset - role_spans.start_offset)
                """
            )
            self._connection.commit()
            self._connection.close()
        self.earlier.close()

    def _insert_document(self, document: Document, sha256: str, facts: str, passages: int) -> int:
        position = len(self._positions)
        self._positions[document.id] = position
        before_body = document.text[: document.body_start] if passages else document.text
        self._connection.execute(
            "INSERT INTO documents VALUES"
            " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(position, document.id, document.title, document.source, document.url),
                *(document.format, json.dumps(document.aliases)),
                *(json.dumps(document.page_starts), document.title_in_file, document.language),
                *(document.origin.file_sha256, document.origin.reader, document.origin.said),
                *(sha256, document.body_start),
                *(before_body, facts, self.passage_count, self.passage_count + passages),
            ),
        )
        self._words.update(words_of(document.text))
        return position

    def _sentence_rows(self, first: int, rows: PassageRows) -> Iterator[tuple[object, ...]]:
        for position, (sentence, plain, heading) in enumerate(
            zip(rows.sentences, rows.plain_sentences, rows.headings, strict=True), start=first
        ):
            yield (
                *(position, sentence.kind, self._row_of_heading(heading)),
                *(json.dumps(sentence.heading_path), sentence.start, sentence.end),
                *(sentence.lead or (None, None)),
                plain,
                " ".join(dict.fromkeys(terms_of(plain))),
                join_words(plain),
            )

    def _row_of_heading(self, text: str) -> int:
        row = self.headings.get(text)
        if row is None:
            row = self.headings[text] = len(self.headings)
            self._connection.execute("INSERT INTO main.headings VALUES (?, ?)", (row, text))
        return row

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            is_full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
            code = errno.ENOSPC if is_full else errno.EIO
            raise OSError(code, str(error), str(self._path)) from error
        except sqlite3.DatabaseError as error:
            # What is written here is sound, so the store before is not.
            raise DamagedSnapshotError(
                f"{self._before} is damaged. Run: rolewise build --full"
            ) from error
