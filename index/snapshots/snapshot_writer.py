"""The files of a snapshot are written document by document, in bounded memory.

What has not changed since the snapshot before is copied from it: whole documents with all that
was worked out of them, and the vectors of passages that a changed document still has.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from index.encoding.encoder import Encoder
from index.encoding.parts import Part
from index.searching.dense import DenseIndex
from index.searching.lexical import LexicalIndex
from index.searching.vectors import VectorFile
from index.searching.words import WordBits, bytes_of_word, ends_of, locate_words, pack_signs
from index.snapshots.earlier_store import Rows
from index.snapshots.files import (
    HEADING_VECTORS_NAME,
    LEXICAL_NAME,
    PASSAGE_VECTORS_NAME,
    REFERENCE_VECTORS_NAME,
    SENTENCE_VECTORS_NAME,
    STORE_NAME,
    WORD_BITS_NAME,
    WORD_ENDS_NAME,
)
from index.snapshots.snapshot import Snapshot
from index.snapshots.store_writer import PassageRows, StoreWriter
from knowledge.documents import Document
from knowledge.markup import remove_markup
from knowledge.passages import SplitDocument, contextualise, split_document
from knowledge.reading.listing import SkippedFile
from knowledge.roles.facts import read_role_facts
from knowledge.roles.roles import Role, merge_roles
from knowledge.sentences import Sentence

_PASSAGES_ENCODED_AT_ONCE = 256
_STEPS_HELD = 16_384


@dataclass(slots=True, kw_only=True)
class Counts:
    """What was taken over from the snapshot before."""

    documents_copied: int = 0
    passages_copied: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToEncode:
    """A passage whose vectors are to be made: of its sentences, and of each one's words."""

    text: str
    sentences: Sequence[Part]
    words: Sequence[Sequence[Part]]

    @property
    def parts(self) -> list[Part]:
        return [*self.sentences, *itertools.chain.from_iterable(self.words)]


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """Passages whose vectors are not written yet, in their order; `Rows` are copied."""

    steps: list[_ToEncode | Rows] = field(default_factory=list)
    passages_to_encode: int = 0


class TooManyPassagesError(Exception):
    """Say in one clause why a document is left out; the others are written."""


class SnapshotWriter:
    """Writes the files of a snapshot into a folder; the manifest is not among them."""

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        *,
        target_tokens: int,
        max_document_passages: int = 20_000,
        max_total_passages: int = 1_000_000,
        before: Snapshot | None = None,
    ) -> None:
        """Begin the files.

        Args:
            folder: Where nothing is yet.
            encoder: Makes the vectors.
            target_tokens: The size that passages should have.
            max_document_passages: The most passages of one document.
            max_total_passages: The most passages of all.
            before: What unchanged documents and passages are copied from: a snapshot of the same
                encoder, split in the same way.

        Raises:
            OSError: a file can't be written.
        """
        self._folder = folder
        self._encoder = encoder
        self._target_tokens = target_tokens
        self._max_document_passages = max_document_passages
        self._max_total_passages = max_total_passages
        self._before = before
        self._waiting = _Waiting()
        self.counts = Counts()
        self.document_hashes: dict[str, str] = {}
        with ExitStack() as opened:
            self.store = StoreWriter(
                folder / STORE_NAME, None if before is None else before.folder / STORE_NAME
            )
            opened.callback(self.store.close)
            self._passage_vectors = opened.enter_context(
                VectorFile(folder / PASSAGE_VECTORS_NAME, encoder.dimension)
            )
            self._sentence_vectors = opened.enter_context(
                VectorFile(folder / SENTENCE_VECTORS_NAME, encoder.dimension)
            )
            self._word_bits = opened.enter_context(
                VectorFile(folder / WORD_BITS_NAME, bytes_of_word(encoder.dimension), np.uint8)
            )
            self._word_ends = opened.enter_context(VectorFile(folder / WORD_ENDS_NAME, 1, np.int64))
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the files."""
        self._opened.__exit__(kind, error, traceback)

    def add(self, document: Document) -> None:
        """Write a document.

        Raises:
            TooManyPassagesError: it has too many passages; nothing of it is written.
            OSError: the disk is full or fails.
        """
        sha256 = hash_text(document.text)
        known = self.store.earlier.find_split(document, sha256)
        if known is not None:
            passages_known = known.rows.end_passage - known.rows.first_passage
            self._check_passages(passages_known)
            self.document_hashes[document.id] = sha256
            self.counts.documents_copied += 1
            self.counts.passages_copied += passages_known
            self.store.copy_document(document, sha256, known)
            self._wait(known.rows)
            return
        split = split_document(
            document,
            self._encoder.count_tokens,
            max_tokens=self._encoder.max_tokens,
            target_tokens=self._target_tokens,
        )
        self._check_passages(len(split.passages))
        self.document_hashes[document.id] = sha256
        passages = list(self._passage_rows(document, split))
        self.store.add_document(
            document, sha256, passages, read_role_facts(document, split.outline)
        )

    def _check_passages(self, passages: int) -> None:
        if passages > self._max_document_passages:
            raise TooManyPassagesError(
                f"{passages:,} passages, more than knowledge.max_document_passages"
                f" ({self._max_document_passages:,})"
            )
        if self.store.passage_count + passages > self._max_total_passages:
            raise TooManyPassagesError(
                "with it, the guides have more passages than knowledge.max_total_passages"
                f" ({self._max_total_passages:,})"
            )

    def finish(
        self, references: tuple[str, ...], skipped: Sequence[SkippedFile] = ()
    ) -> tuple[Role, ...]:
        """Write what depends on all documents; return the roles found.

        Args:
            references: Texts whose vectors are kept too.
            skipped: The files that were left out.

        Raises:
            OSError: the disk is full or fails.
        """
        self._write_waiting()
        self._write_headings()
        vectors = (
            self._encoder.encode(references)
            if self._before is None
            else self._before.reference_vectors(references, self._encoder)
        )
        with VectorFile(self._folder / REFERENCE_VECTORS_NAME, self._encoder.dimension) as file:
            file.append(vectors)
        LexicalIndex.build(self.read_terms(), self._folder / LEXICAL_NAME)
        roles = merge_roles(self.store.read_role_facts())
        self.store.finish(roles, skipped)
        return roles

    def read_terms(self) -> Iterator[list[str]]:
        """Yield the terms that each passage is found by, in the order of their positions."""
        return self.store.read_terms()

    def build_dense_index(self) -> None:
        """Index the passages' vectors, once their file is complete."""
        DenseIndex.build(self._folder, self.store.passage_count, self._encoder.dimension)

    def _passage_rows(self, document: Document, split: SplitDocument) -> Iterable[PassageRows]:
        sentences = list(split.sentences)
        first = 0
        for passage in split.passages:
            end = first
            while end < len(sentences) and sentences[end].start < passage.end:
                end += 1
            own = tuple(sentences[first:end])
            first = end
            text = document.text[passage.start : passage.end]
            encoded_text = contextualise(
                document.title,
                passage.heading_path,
                text,
                self._encoder.count_tokens,
                self._encoder.max_tokens,
            )
            plain = tuple(
                remove_markup(document.text[sentence.start : sentence.end]) for sentence in own
            )
            parts = locate_parts(encoded_text, len(encoded_text) - len(remove_markup(text)), plain)
            key = hash_passage(encoded_text, parts)
            known = self.store.earlier.find_passage(key)
            if known is not None:
                self.counts.passages_copied += 1
            self._wait(known or self._to_encode(encoded_text, parts))
            yield PassageRows(
                passage=passage,
                key=key,
                encoded_text=encoded_text,
                sentences=own,
                plain_sentences=plain,
                headings=tuple(nearest_heading(document, sentence) for sentence in own),
            )

    def _to_encode(self, encoded_text: str, sentences: Sequence[Part]) -> _ToEncode:
        # Where each word took a pass of its own, words would cost more than all the rest.
        words: list[list[Part]] = [[] for _ in sentences]
        if self._encoder.pools_parts:
            words = [locate_words(encoded_text, part, with_stop_words=False) for part in sentences]
        return _ToEncode(text=encoded_text, sentences=sentences, words=words)

    def _wait(self, step: _ToEncode | Rows) -> None:
        self._waiting.steps.append(step)
        self._waiting.passages_to_encode += isinstance(step, _ToEncode)
        if (
            self._waiting.passages_to_encode >= _PASSAGES_ENCODED_AT_ONCE
            or len(self._waiting.steps) >= _STEPS_HELD
        ):
            self._write_waiting()

    def _write_waiting(self) -> None:
        waiting, self._waiting = self._waiting, _Waiting()
        to_encode = [step for step in waiting.steps if isinstance(step, _ToEncode)]
        vectors, vectors_of_parts = self._encoder.encode_parts(
            [step.text for step in to_encode],
            [step.parts for step in to_encode],
        )
        encoded = 0
        for step in waiting.steps:
            if isinstance(step, _ToEncode):
                self._passage_vectors.append(vectors[encoded : encoded + 1])
                of_sentences, of_words = np.split(vectors_of_parts[encoded], [len(step.sentences)])
                self._sentence_vectors.append(of_sentences)
                self._write_words(
                    WordBits(
                        bits=pack_signs(of_words),
                        counts=np.array([len(words) for words in step.words], dtype=np.int64),
                    )
                )
                encoded += 1
            elif self._before is not None:
                self._passage_vectors.append(
                    self._before.passage_vectors(step.first_passage, step.end_passage)
                )
                sentences = range(step.first_sentence, step.end_sentence)
                self._sentence_vectors.append(self._before.sentence_vectors(sentences))
                self._write_words(self._before.sentence_words(sentences))

    def _write_words(self, words: WordBits) -> None:
        ends = ends_of(words.counts, self._word_bits.count)
        self._word_bits.append(words.bits)
        self._word_ends.append(ends[:, np.newaxis])

    def _write_headings(self) -> None:
        headings = list(self.store.headings)
        with VectorFile(self._folder / HEADING_VECTORS_NAME, self._encoder.dimension) as file:
            for first in range(0, len(headings), _PASSAGES_ENCODED_AT_ONCE):
                texts = headings[first : first + _PASSAGES_ENCODED_AT_ONCE]
                rows = [self.store.earlier.find_heading(text) for text in texts]
                missing = [text for text, row in zip(texts, rows, strict=True) if row is None]
                made = iter(self._encoder.encode(missing))
                for row in rows:
                    vector = (
                        next(made)[np.newaxis]
                        if row is None or self._before is None
                        else self._before.heading_vectors([row])
                    )
                    file.append(vector)


def locate_parts(text: str, start: int, sentences: Sequence[str]) -> tuple[Part, ...]:
    """Return where each sentence stands in a passage's text.

    Args:
        text: The text that is encoded.
        start: Where its context ends.
        sentences: The sentences without markup, in their order.

    Returns:
        A part for each; the whole passage where a sentence reads otherwise within it.
    """
    parts: list[Part] = []
    position = start
    for sentence in sentences:
        at = text.find(sentence, position) if sentence else -1
        if at == -1:
            parts.append(((start, len(text)),))
        else:
            position = at + len(sentence)
            parts.append(((at, position),))
    return tuple(parts)


def nearest_heading(document: Document, sentence: Sentence) -> str:
    """Return the heading that a sentence stands under, or the title where there is none."""
    return sentence.heading_path[-1] if sentence.heading_path else document.title


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def hash_passage(encoded_text: str, parts: Sequence[Part]) -> bytes:
    """Return a hash of what a passage's vectors depend on beside the encoder: 16 bytes."""
    return hashlib.sha256(f"{encoded_text}\0{parts!r}".encode()).digest()[:16]
