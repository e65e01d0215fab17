"""A snapshot is one complete, immutable, self-describing index folder, opened read-only."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from index.encoding.encoder import Encoder, Vectors
from index.searching.dense import DenseIndex
from index.searching.lexical import LexicalIndex
from index.searching.vectors import open_rows, open_vectors
from index.searching.words import WordBits, bytes_of_word
from index.snapshots.files import (
    DENSE_NAME,
    HEADING_VECTORS_NAME,
    LEXICAL_NAME,
    PASSAGE_VECTORS_NAME,
    REFERENCE_VECTORS_NAME,
    SENTENCE_VECTORS_NAME,
    STORE_NAME,
    WORD_BITS_NAME,
    WORD_ENDS_NAME,
)
from index.snapshots.home import Home
from index.snapshots.integrity import STAMP_NAME, verify_files
from index.snapshots.manifest import Manifest, hash_texts, read_manifest
from index.snapshots.reading_lock import ReadingLock
from index.snapshots.store import Store
from knowledge.errors import DamagedSnapshotError, StaleSnapshotError

# Of the same encoder on two machines; other weights are far below.
_LEAST_COSINE = 0.999


class Snapshot:
    """An open snapshot; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the snapshot in a folder.

        Raises:
            DamagedSnapshotError: a file is missing, cut short or not what the manifest says.
            StaleSnapshotError: it is of another format version.
        """
        self.folder = folder
        self._lock = ReadingLock(folder)
        try:
            self._open(folder)
        except BaseException:
            self._lock.release()
            raise

    def _open(self, folder: Path) -> None:
        self.manifest = read_manifest(folder)
        _check_files(folder, self.manifest)
        dimension = self.manifest.encoder.dimension
        self.store = Store(folder / STORE_NAME)
        try:
            for kind, found, expected in (
                ("documents", self.store.document_count, len(self.manifest.documents)),
                ("passages", self.store.passage_count, self.manifest.passages),
                ("sentences", self.store.sentence_count, self.manifest.sentences),
                ("headings", self.store.heading_count, self.manifest.headings),
            ):
                if found != expected:
                    raise DamagedSnapshotError(
                        f"{folder / STORE_NAME} holds {found:,} {kind}, but the manifest says"
                        f" {expected:,}. Run: rolewise build"
                    )
            self.dense = DenseIndex(folder, count=self.manifest.passages, dimension=dimension)
            self.lexical = LexicalIndex(folder / LEXICAL_NAME, count=self.manifest.passages)
            self._sentence_vectors = open_vectors(
                folder / SENTENCE_VECTORS_NAME, self.manifest.sentences, dimension
            )
            self._word_ends = open_rows(
                folder / WORD_ENDS_NAME, self.manifest.sentences, 1, np.int64
            )
            words = int(self._word_ends[-1, 0]) if len(self._word_ends) else 0
            self._word_bits = open_rows(
                folder / WORD_BITS_NAME, words, bytes_of_word(dimension), np.uint8
            )
            self._heading_vectors = open_vectors(
                folder / HEADING_VECTORS_NAME, self.manifest.headings, dimension
            )
            self._reference_vectors = open_vectors(folder / REFERENCE_VECTORS_NAME, None, dimension)
            self.roles = self.store.roles()
        except BaseException:
            self.store.close()
            raise

    @classmethod
    def open_current(cls, home: Home) -> Self:
        """Open the snapshot in service.

        Raises:
            NoSnapshotError: nothing has been built.
            DamagedSnapshotError: it is damaged.
            StaleSnapshotError: it is of another format version.
        """
        return home.use_current(cls)

    @property
    def name(self) -> str:
        """Return the name that replies carry."""
        return self.manifest.name

    def close(self) -> None:
        """Close the files."""
        self.store.close()
        self._lock.release()

    def check_encoder(self, encoder: Encoder) -> None:
        """Make sure that questions are encoded as the passages were.

        Raises:
            StaleSnapshotError: the index was built with another encoder.
        """
        built_with = self.manifest.encoder
        if built_with.fingerprint != encoder.fingerprint:
            raise StaleSnapshotError(
                f"The index was built with {built_with.model} ({built_with.fingerprint[:8]}), and"
                f" the settings name {encoder.model} ({encoder.fingerprint[:8]})."
                " Run: rolewise build"
            )
        if not self._agrees_with(encoder):
            raise StaleSnapshotError(
                f"The encoder {encoder.model} gives other vectors than those that the index was"
                " built with, though it goes by the same fingerprint. Run: rolewise build --full"
            )

    def _agrees_with(self, encoder: Encoder) -> bool:
        """Tell whether an encoder gives a text of the build the vector that it had then."""
        text = self.store.first_heading()
        if text is None:
            return True
        if encoder.dimension != self.manifest.encoder.dimension:
            return False
        cosine = float(encoder.encode([text])[0] @ self._heading_vectors[0])
        return cosine >= _LEAST_COSINE

    def passage_vectors(self, first: int, end: int) -> Vectors:
        """Return the vectors of passages in a row: float32, shape (end - first, dimension)."""
        return np.asarray(self.dense.vectors[first:end], dtype=np.float32)

    def sentence_vectors(self, positions: Sequence[int]) -> Vectors:
        """Return the vectors of sentences: float32, shape (len(positions), dimension)."""
        return self._rows(self._sentence_vectors, positions)

    def sentence_words(self, positions: Sequence[int]) -> WordBits:
        """Return the words of sentences, in the order of the positions.

        Raises:
            DamagedSnapshotError: they don't lie where the snapshot says.
        """
        rows = np.array(positions, dtype=np.int64)
        ends = self._word_ends[rows, 0]
        starts = np.where(rows > 0, self._word_ends[np.maximum(rows, 1) - 1, 0], 0)
        counts = ends - starts
        if len(rows) and (
            starts.min() < 0 or counts.min() < 0 or ends.max() > len(self._word_bits)
        ):
            raise DamagedSnapshotError(
                f"{self.folder / WORD_ENDS_NAME} is damaged. Run: rolewise build --full"
            )
        words = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
        return WordBits(bits=np.asarray(self._word_bits[words]), counts=np.asarray(counts))

    def heading_vectors(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of headings: float32, shape (len(rows), dimension)."""
        return self._rows(self._heading_vectors, rows)

    def _rows(self, vectors: Vectors, rows: Sequence[int]) -> Vectors:
        try:
            return np.asarray(vectors[list(rows)], dtype=np.float32)
        except IndexError as error:
            raise DamagedSnapshotError(
                f"{self.folder / STORE_NAME} names vectors that there are none of."
                " Run: rolewise build"
            ) from error

    def reference_vectors(self, texts: tuple[str, ...], encoder: Encoder) -> Vectors:
        """Return the vectors of the texts that questions are compared with.

        They were made at build time; only where the texts have changed since are they encoded.
        """
        if self.manifest.references_sha256 == hash_texts(texts):
            return np.asarray(self._reference_vectors, dtype=np.float32)
        return encoder.encode(texts)


def _check_files(folder: Path, manifest: Manifest) -> None:
    expected = {STORE_NAME, DENSE_NAME, PASSAGE_VECTORS_NAME, SENTENCE_VECTORS_NAME}
    expected |= {WORD_BITS_NAME, WORD_ENDS_NAME, HEADING_VECTORS_NAME, REFERENCE_VECTORS_NAME}
    if missing := expected - manifest.files.keys():
        raise DamagedSnapshotError(
            f"The manifest of {folder} doesn't list {', '.join(sorted(missing))}."
            " Run: rolewise build"
        )
    # What is small is read in no time, so no stamp is asked to vouch for it.
    stamp = folder / STAMP_NAME if manifest.is_large else None
    problems = verify_files(folder, manifest.files, stamp)
    if stamp is not None:
        # FAISS loads its file whole and trusts it, so that a fault there could end the process.
        problems += verify_files(folder, {DENSE_NAME: manifest.files[DENSE_NAME]})
    for problem in problems:
        raise DamagedSnapshotError(f"{folder / problem}. Run: rolewise build")
