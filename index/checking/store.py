"""The SQLite file of a snapshot is checked: whole, its texts without gaps, its quotes exact."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.snapshots.manifest import Manifest
from index.snapshots.store import store_address
from knowledge.markup import remove_markup

_TABLES_BY_POSITION = ("documents", "passages", "sentences", "headings", "roles")
_MOST_FAULTS_OF_SQLITE = 10


class StoreChecker:
    """Reads a store in a way of its own, so that it finds what reading for answers passes over.

    Each method yields what is wrong; nothing is where all is well.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        """Name the file and what it should hold."""
        self._manifest = manifest
        self._connection = sqlite3.connect(store_address(path), uri=True)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def check_tables(self) -> Iterator[str]:
        """Check SQLite's own structure, references between tables, and positions without gaps."""
        for (fault,) in self._read(f"PRAGMA integrity_check({_MOST_FAULTS_OF_SQLITE})"):
            if fault != "ok":
                yield f"SQLite says: {fault}"
        for table, row, other, _ in self._read("PRAGMA foreign_key_check"):
            yield f"row {row} of {table} refers to none of {other}"
        expected = {
            "documents": len(self._manifest.documents),
            "passages": self._manifest.passages,
            "sentences": self._manifest.sentences,
            "headings": self._manifest.headings,
        }
        for table in _TABLES_BY_POSITION:
            ((count, first, last),) = self._read(
                f"SELECT count(*), min(position), max(position) FROM {table}"  # noqa: S608
            )
            if count and (first, last) != (0, count - 1):
                yield f"the positions of {table} have gaps"
            if count != expected.get(table, count):
                yield f"there are {count:,} {table}, but the manifest says {expected[table]:,}"

    def check_texts(self) -> Iterator[str]:
        """Check that each document's passages are its text, and that it is the one that was read.

        Passages partition the body, sentences lie in their passages, what they say without markup
        is their text's.
        """
        entries = iter(self._manifest.documents)
        first_passage = first_sentence = 0
        for document in self._read(
            "SELECT position, id, sha256, body_start, before_body, first_passage, end_passage,"
            " page_starts FROM documents ORDER BY position"
        ):
            position, id_, sha256, body_start, before_body, first, end, page_starts = document
            entry = next(entries, None)
            if entry is None or (entry.id, entry.sha256) != (id_, sha256):
                yield f"{id_} is not the document that the manifest lists in its place"
            if first != first_passage or end < first:
                yield f"{id_} doesn't begin with the passage behind the document before"
            first_passage = end
            passages = list(
                self._read(
                    "SELECT document, heading_path, start_offset, end_offset, text,"
                    " first_sentence, end_sentence FROM passages"
                    " WHERE position >= ? AND position < ? ORDER BY position",
                    first,
                    end,
                )
            )
            text = "".join([before_body, *(passage[4] for passage in passages)])
            if hashlib.sha256(text.encode()).hexdigest() != sha256:
                yield f"the text of {id_} is not the one that was read"
            if not _are_pages(page_starts, len(text)):
                yield f"the pages of {id_} are not in order within its text"
            if passages and len(before_body) != body_start:
                yield f"the body of {id_} begins elsewhere than it should"
            offset = body_start
            for number, passage in enumerate(passages, start=first):
                owner, path, start, stop, words, first_of_passage, end_of_passage = passage
                if owner != position or (start, stop) != (offset, offset + len(words)):
                    yield f"passage {number} doesn't stand where the one before it in {id_} ends"
                if not _is_path(path):
                    yield f"passage {number} has no headings that can be read"
                if first_of_passage != first_sentence or end_of_passage < first_of_passage:
                    yield f"the sentences of passage {number} don't follow those before"
                offset, first_sentence = stop, end_of_passage
                yield from self._check_sentences(text, number, passage)
        if first_passage != self._manifest.passages:
            yield f"{first_passage:,} of {self._manifest.passages:,} passages belong to documents"
        if first_sentence != self._manifest.sentences:
            yield f"{first_sentence:,} of {self._manifest.sentences:,} sentences belong to passages"

    def _check_sentences(self, text: str, number: int, passage: tuple[Any, ...]) -> Iterator[str]:
        for position, path, start, stop, lead_start, lead_end, plain in self._read(
            "SELECT position, heading_path, start_offset, end_offset, lead_start, lead_end, plain"
            " FROM sentences WHERE position >= ? AND position < ? ORDER BY position",
            *passage[5:],
        ):
            if not (passage[2] <= start < passage[3] and start < stop <= len(text)):
                yield f"sentence {position} doesn't lie in passage {number}"
            elif plain != remove_markup(text[start:stop]):
                yield f"sentence {position} is not the text that it quotes"
            if (lead_start is None) != (lead_end is None) or (
                lead_start is not None and not 0 <= lead_start < lead_end <= start
            ):
                yield f"the line that introduces sentence {position} doesn't stand before it"
            if not _is_path(path):
                yield f"sentence {position} has no headings that can be read"

    def check_roles(self) -> Iterator[str]:
        """Check that roles can be read, and that what is said to be about them is there."""
        for name, aliases in self._read("SELECT name, aliases FROM roles"):
            if not (name and _is_path(aliases)):
                yield f"the role {name!r:.60} has no names that can be read"
        for name, start, stop in self._read(
            """
            SELECT documents.id, start_offset, end_offset FROM role_spans
            JOIN documents ON documents.position = role_spans.document
            WHERE start_offset < 0 OR start_offset > role_spans.end_offset
                OR role_spans.end_offset > coalesce(
                    (SELECT passages.end_offset FROM passages WHERE position = end_passage - 1),
                    length(before_body)
                )
            """
        ):
            yield f"[{start}, {stop}) of {name} is said to be about a role, and lies outside"

    def read_terms(self) -> Iterator[list[str]]:
        """Yield the terms of each passage, in the order of their positions."""
        for (terms,) in self._read("SELECT terms FROM passages ORDER BY position"):
            yield terms.split()

    def first_headings(self, count: int) -> list[str]:
        """Return the texts of the first headings' vectors."""
        rows = self._read("SELECT text FROM headings ORDER BY position LIMIT ?", count)
        return [text for (text,) in rows]

    def _read(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        yield from self._connection.execute(query, values)


def _is_path(text: object) -> bool:
    try:
        names = json.loads(str(text))
    except (ValueError, RecursionError):
        return False
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _are_pages(text: object, length: int) -> bool:
    try:
        starts = json.loads(str(text))
    except (ValueError, RecursionError):
        return False
    if not isinstance(starts, list) or not all(type(start) is int for start in starts):
        return False
    return starts == sorted(starts) and (not starts or (starts[0] == 0 and starts[-1] <= length))
