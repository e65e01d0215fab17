"""FAISS indexes compared by number of passages: python -m benchmarks.vector_indexes [SIZE ...].

A question searches with two vectors at once for 50 passages each. Measured are its recall and time,
and of each index the build time, file size, time to open and memory. Prints a Markdown table and
writes it, with the same figures as JSON, into benchmarks/results/.

The vectors are those of the labelled guides' paragraphs, sentences and runs of sentences, copied
with seeded noise up to the size wanted. The noise has the covariance of the vectors themselves:
noise in all directions alike would leave no neighbourhoods to find. A copy's cosine to its original
lies between 0.6 and 0.95, as that of real sentences to their nearest others. The more
copies, the more inverted lists are flattered. The queries are the labelled questions. All sizes
take a quarter of an hour and 3.1 GB of temporary files.
"""

import argparse
import json
import math
import multiprocessing
import os
import re
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from benchmarks.measure import machine_facts, spread_of
from index.encoding.encoder import Vectors
from index.encoding.loading import load_encoder
from index.settings import IndexSettings
from index.snapshots.home import Home

_ROOT = Path(__file__).parent.parent
_RESULTS = _ROOT / "benchmarks" / "results"
_QUALITY = _ROOT / "tests" / "quality"
_SIZES = [10_000, 30_000, 100_000, 300_000, 1_000_000]
_WANTED = 50
_CHUNK, _SAMPLED_PER_LIST = 20_000, 64
_SEED = 20_240_601

_COLUMNS = (
    "passages, index, nprobe or efSearch, recall@10, recall@50, median ms, p95 ms, processor ms,"
    " build s, file MB, open ms, own MB"
).split(", ")
_FORMATS = "{:,} {} {} {:.3f} {:.3f} {:.2f} {:.2f} {:.2f} {:.1f} {:.1f} {:.1f} {:.1f}".split()

Positions = npt.NDArray[np.int64]
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A kind of index: how it is made, opened and searched.

    `breadths` are values of efSearch, or powers that the number of lists is raised to for nprobe.
    More than is wanted is `fetched` where codes are rough: the vectors themselves then decide.
    """

    codec: str
    fetched: int = _WANTED
    breadth_name: str = ""
    breadths: tuple[float, ...] = (0,)

    def factory(self, size: int) -> str:
        """Return what `faiss.index_factory` makes it by."""
        return f"IVF{lists_of(size)},{self.codec}" if self.breadth_name == "nprobe" else self.codec

    def breadth(self, size: int, value: float) -> int:
        """Return nprobe or efSearch."""
        return round(lists_of(size) ** value if self.breadth_name == "nprobe" else value)


_CANDIDATES = (
    Candidate(codec="Flat"),
    Candidate(codec="SQ8", fetched=64, breadth_name="nprobe", breadths=(0.7, 0.82)),
    Candidate(codec="PQ192x4fs", fetched=200, breadth_name="nprobe", breadths=(0.7, 0.82, 0.9)),
    Candidate(codec="HNSW32,SQ8", fetched=64, breadth_name="efSearch", breadths=(128, 256, 512)),
)


def lists_of(size: int) -> int:
    """Return how many lists the vectors of an IVF index lie in."""
    return round(2 * math.sqrt(size))


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description="Compare FAISS indexes by number of passages.")
    parser.add_argument("sizes", metavar="SIZE", nargs="*", type=int, default=_SIZES)
    sizes: list[int] = parser.parse_args().sizes
    with tempfile.TemporaryDirectory() as home:
        encoder = load_encoder(Home(Path(home)), IndexSettings())
        originals, queries = encoder.encode(_texts()), encoder.encode(_questions())
    figures: list[Figures] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _write_vectors(Path(folder), size, originals, queries)
            figures += _compare(Path(folder), size)
    facts = machine_facts() | {"average load": f"{os.getloadavg()[0]:.1f}", "threads": "1"}
    table, path = _table(figures, facts), _RESULTS / "vector-indexes.json"
    path.with_suffix(".md").write_text(table, encoding="utf-8")
    path.write_text(json.dumps({"machine": facts, "figures": figures}, indent=2) + "\n")
    print(table)


def _compare(folder: Path, size: int) -> list[Figures]:
    context = multiprocessing.get_context("spawn")
    figures: list[Figures] = []
    for candidate in _CANDIDATES:
        # A process of its own each, so that its memory is that of one index.
        with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
            build_seconds = pool.submit(_build, folder, size, candidate).result()
            figures += pool.submit(_search, folder, size, candidate, build_seconds).result()
        print(f"measured: {size:,} passages, {candidate.factory(size)}", file=sys.stderr)
    return figures


def _write_vectors(folder: Path, size: int, originals: Vectors, queries: Vectors) -> None:
    random = np.random.default_rng(_SEED)
    values, axes = np.linalg.eigh(np.cov(originals.T))
    shape = (axes * np.sqrt(np.maximum(values, 0))).T.astype(np.float32)
    full = (size, len(shape))
    vectors = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, full)
    for start in range(0, size, _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, size))
        noise = random.standard_normal((len(rows), len(shape)), dtype=np.float32) @ shape
        noise /= np.linalg.norm(noise, axis=1, keepdims=True)
        cosine = random.uniform(0.6, 0.95, (len(rows), 1)).astype(np.float32)
        copies = cosine * originals[rows % len(originals)] + np.sqrt(1 - cosine**2) * noise
        vectors[rows] = copies / np.linalg.norm(copies, axis=1, keepdims=True)
    np.save(folder / "queries.npy", queries)
    np.save(folder / "nearest.npy", _nearest(vectors, queries))


def _texts() -> list[str]:
    texts: list[str] = []
    for path in sorted([*(_QUALITY / "guides").rglob("*.*"), *(_ROOT / "seeds").rglob("*.txt")]):
        paragraphs = re.split(r"\n\s*\n", path.read_text(encoding="utf-8"))
        texts += paragraphs
        sentences = [one for text in paragraphs for one in re.split(r"(?<=[.!?])\s+|\n", text)]
        for length in (1, 2, 3, 5):
            texts += [" ".join(sentences[at : at + length]) for at in range(len(sentences))]
    return list(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))


def _questions() -> list[str]:
    files = (yaml.safe_load(path.read_bytes()) for path in sorted(_QUALITY.glob("*.yaml")))
    return list(dict.fromkeys(entry["question"] for file in files for entry in file))


def _nearest(vectors: Vectors, queries: Vectors) -> Positions:
    scores = np.zeros((len(queries), 0), dtype=np.float32)
    positions = np.zeros((len(queries), 0), dtype=np.int64)
    for start in range(0, len(vectors), _CHUNK):
        chunk = queries @ np.asarray(vectors[start : start + _CHUNK]).T
        rows = np.broadcast_to(np.arange(start, start + chunk.shape[1]), chunk.shape)
        scores = np.concatenate([scores, chunk], axis=1)
        positions = np.concatenate([positions, rows], axis=1)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :_WANTED]
        scores = np.take_along_axis(scores, best, axis=1)
        positions = np.take_along_axis(positions, best, axis=1)
    return positions


def _build(folder: Path, size: int, candidate: Candidate) -> float:
    import faiss

    faiss.omp_set_num_threads(1)
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    started = time.perf_counter()
    index = faiss.index_factory(
        vectors.shape[1], candidate.factory(size), faiss.METRIC_INNER_PRODUCT
    )
    sampled = min(size, _SAMPLED_PER_LIST * lists_of(size))
    rows = np.random.default_rng(_SEED).choice(size, sampled, replace=False)
    index.train(vectors[np.sort(rows)])
    for start in range(0, size, _CHUNK):
        index.add(np.ascontiguousarray(vectors[start : start + _CHUNK]))
    faiss.write_index(index, str(folder / "index.faiss"))
    return time.perf_counter() - started


def _search(folder: Path, size: int, candidate: Candidate, build_seconds: float) -> list[Figures]:
    import faiss

    faiss.omp_set_num_threads(1)
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    queries, nearest = np.load(folder / "queries.npy"), np.load(folder / "nearest.npy")
    path = folder / "index.faiss"
    before = _own_megabytes()
    started = time.perf_counter()
    index = faiss.read_index(str(path), 0 if "fs" in candidate.codec else faiss.IO_FLAG_MMAP_IFC)
    open_seconds = time.perf_counter() - started
    figures: list[Figures] = []
    for breadth in (candidate.breadth(size, value) for value in candidate.breadths):
        if breadth:
            faiss.ParameterSpace().set_index_parameter(index, candidate.breadth_name, breadth)
        found, seconds, processor_seconds = [], [], []
        for pair in queries[: len(queries) // 2 * 2].reshape(-1, 2, queries.shape[1]):
            clock, processor_clock = time.perf_counter(), time.process_time()
            _, rows = index.search(pair, candidate.fetched)
            if candidate.fetched > _WANTED:
                rows = [_best(vectors, *one) for one in zip(pair, rows, strict=True)]
            seconds.append(time.perf_counter() - clock)
            processor_seconds.append(time.process_time() - processor_clock)
            found += list(rows)
        wall, processor = spread_of(seconds), spread_of(processor_seconds)
        times = (wall.median_seconds, wall.p95_seconds, processor.median_seconds)
        recalls = (_recall(found, nearest, 10), _recall(found, nearest, _WANTED))
        searched = (size, candidate.factory(size), breadth, *recalls, *(1000 * t for t in times))
        opened = (path.stat().st_size / 1e6, 1000 * open_seconds, _own_megabytes() - before)
        figures.append(dict(zip(_COLUMNS, (*searched, build_seconds, *opened), strict=True)))
    return figures


def _best(vectors: Vectors, vector: Vectors, rows: Positions) -> Positions:
    rows = np.sort(rows[rows >= 0])  # fewer than wanted may be found; equal scores keep the order
    scores = (vectors[rows] * vector).sum(axis=1)
    return np.asarray(rows[np.argsort(-scores, kind="stable")[:_WANTED]], dtype=np.int64)


def _recall(found: list[Positions], nearest: Positions, count: int) -> float:
    hits = [np.isin(exact[:count], one[:count]) for one, exact in zip(found, nearest, strict=False)]
    return float(np.mean(hits))


def _own_megabytes() -> float:
    """Return the memory that no file backs; not a number where the system doesn't tell."""
    status = Path("/proc/self/status")
    found = re.search(r"RssAnon:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else math.nan


def _table(figures: list[Figures], facts: dict[str, str]) -> str:
    form = "| " + " | ".join(_FORMATS) + " |"
    lines = ["| " + " | ".join(_COLUMNS) + " |", "|" + "---|" * len(_COLUMNS)]
    lines += [form.format(*one.values()) for one in figures]
    machine = "; ".join(f"{name}: {value}" for name, value in facts.items())
    return "\n".join([*lines, "", machine, ""])


if __name__ == "__main__":
    main()
