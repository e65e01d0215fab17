"""What a snapshot is searched by is checked: its vectors, and that all stores hold the same."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from index.encoding.encoder import Encoder, Vectors
from index.searching.dense import DenseIndex
from index.searching.lexical import LexicalIndex
from index.searching.vectors import open_vectors
from index.snapshots.files import (
    HEADING_VECTORS_NAME,
    LEXICAL_NAME,
    PASSAGE_VECTORS_NAME,
    REFERENCE_VECTORS_NAME,
    SENTENCE_VECTORS_NAME,
)
from index.snapshots.manifest import Manifest

_ROWS_AT_ONCE = 10_000
_MOST_OFF_UNIT_NORM = 1e-3
# Of the same encoder on two machines; other weights are far below.
_LEAST_COSINE = 0.999


def check_vectors(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Yield what is wrong with the vectors: wrong shapes, what is no number, other norms than one.

    Raises:
        DamagedSnapshotError: a file holds no vectors, or another number of them.
    """
    for name, count in (
        (PASSAGE_VECTORS_NAME, manifest.passages),
        (SENTENCE_VECTORS_NAME, manifest.sentences),
        (HEADING_VECTORS_NAME, manifest.headings),
        (REFERENCE_VECTORS_NAME, None),
    ):
        vectors = open_vectors(folder / name, count, manifest.encoder.dimension)
        for first in range(0, len(vectors), _ROWS_AT_ONCE):
            norms = np.linalg.norm(vectors[first : first + _ROWS_AT_ONCE], axis=1)
            # What is not a number is not near one either.
            for row in np.flatnonzero(~(np.abs(norms - 1) <= _MOST_OFF_UNIT_NORM)):
                yield f"{name}: vector {first + row:,} has norm {norms[row]:.3g}, not 1"


def check_agreement(
    folder: Path, manifest: Manifest, terms_of_passages: Iterator[Sequence[str]]
) -> Iterator[str]:
    """Yield where FAISS, bm25s and SQLite hold other passages than each other.

    Args:
        folder: The snapshot.
        manifest: Of it.
        terms_of_passages: What SQLite says that each passage is found by.

    Raises:
        DamagedSnapshotError: one of them can't be opened, or is of another number of passages.
    """
    dense = DenseIndex(folder, count=manifest.passages, dimension=manifest.encoder.dimension)
    yield from dense.find_faults()
    lexical = LexicalIndex(folder / LEXICAL_NAME, count=manifest.passages)
    frequencies: dict[str, int] = {}
    for terms in terms_of_passages:
        for term in set(terms):
            frequencies[term] = frequencies.get(term, 0) + 1
    known = {term: lexical.document_frequency(term) for term in lexical.vocabulary()}
    differing = [
        term
        for term in known.keys() | frequencies.keys()
        if known.get(term) != frequencies.get(term)
    ]
    for term in sorted(differing):
        yield (
            f"{term!r:.60} is in {frequencies.get(term, 0):,} passages, but the index of words"
            f" says {known.get(term, 0):,}"
        )
    yield from lexical.find_faults()


def check_encoder(
    encoder: Encoder, folder: Path, dimension: int, texts: Sequence[str], name: str
) -> Iterator[str]:
    """Yield where an encoder gives texts other vectors than the snapshot has of them.

    Args:
        encoder: What questions would be encoded by.
        folder: The snapshot.
        dimension: Of its vectors.
        texts: What the first rows of a file stand for.
        name: The file.

    Raises:
        DamagedSnapshotError: the file can't be read.
    """
    expected: Vectors = open_vectors(folder / name, None, dimension)[: len(texts)]
    if encoder.dimension != dimension:
        yield f"it gives vectors of {encoder.dimension} numbers, not {dimension}"
        return
    if len(expected) != len(texts):
        yield f"{name} has {len(expected):,} vectors of {len(texts):,} texts"
        return
    cosines = (encoder.encode(texts) * expected).sum(axis=1)
    if len(texts) and not cosines.min() >= _LEAST_COSINE:
        yield f"it gives other vectors than those in the index (a cosine of {cosines.min():.4f})"
