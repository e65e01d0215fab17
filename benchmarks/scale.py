"""What a question costs among many passages: python -m benchmarks.scale [PASSAGES …].

Each size has an index of its own, made of the guides that the tests use, copied until there are
enough passages. A copy's passage vectors are the real ones with seeded noise, and one in seven of
its terms is another that the guides hold, so that neighbours mean something and no two copies are
alike. What is timed is a question as it was typed to a reply with citations.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import yaml

from benchmarks.cgroup import limiting_memory
from benchmarks.measure import machine_facts, resident_megabytes, spread_of
from bot.answers.aspects import reference_texts
from bot.answers.replies import Comparison
from bot.application import Application
from bot.settings import Settings
from index.build import publish_snapshot
from index.encoding.encoder import Encoder, Vectors
from index.encoding.parts import normalise
from index.searching.search import Probe, search
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from index.snapshots.snapshot_writer import SnapshotWriter
from knowledge.reading.reading import read_documents
from knowledge.settings import KnowledgeSettings

ROOT = Path(__file__).parent.parent
GUIDES = ROOT / "tests" / "quality" / "guides"
_QUESTIONS = ROOT / "tests" / "quality" / "test.yaml"
_RESULTS = ROOT / "benchmarks" / "results"
_SIZES = (1_000, 10_000, 100_000)
_QUESTIONS_ASKED = 60
_ROUNDS = 4
_SHARE_OF_TERMS_CHANGED = 1 / 7
# A copy's cosine to its original is between .65 and .95.
_LEAST_NOISE, _MOST_NOISE = 0.33, 1.17


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What answering costs at one size: milliseconds and megabytes."""

    passages: int
    encoder_p50: float
    encoder_p95: float
    retrieval_p50: float
    retrieval_p95: float
    question_p50: float
    question_p95: float
    comparison_p50: float
    sides_p50: float
    recall_at_10: float
    megabytes: float


def main(sizes: Sequence[int]) -> None:
    """Measure each size, print the table and save it."""
    figures: dict[str, Served] = {}
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base"
        make_base(base)
        for size in sizes:
            home = Path(folder) / str(size)
            make_index(base, home, size)
            figures[f"{size:,}"] = measure_in_process(home)
            if size == 100_000:
                with limiting_memory(1_000_000_000) as command:
                    if command is not None:
                        figures[f"{size:,}, within 1 GB"] = measure_in_process(home, command)
    table = to_table(figures)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "scale.md").write_text(table, encoding="utf-8")
    values = {name: asdict(served) for name, served in figures.items()}
    (_RESULTS / "scale.json").write_text(
        json.dumps({"machine": machine_facts(), "figures": values}, indent=2) + "\n",
        encoding="utf-8",
    )
    print(table)


def make_base(home: Path) -> None:
    """Build the index that the others are copied from."""
    application = Application(Settings(home=home))
    application.build([GUIDES])
    application.close()


def make_index(base: Path, home_folder: Path, passages: int) -> None:
    """Build an index of at least so many passages out of copies."""
    application = Application(Settings(home=base))
    encoder = application.load_encoder()
    home = Home(home_folder)
    home.path.mkdir(parents=True)
    home.exports.symlink_to(Home(base).exports)
    original = _Noisy.open_current(Home(base))
    with home.building() as folder:
        target_tokens = KnowledgeSettings().target_tokens
        with _CopyingWriter(
            folder, encoder, target_tokens=target_tokens, before=original
        ) as writer:
            copy = 0
            while writer.store.passage_count < passages:
                for document in read_documents([GUIDES], KnowledgeSettings(), writer.store.earlier):
                    writer.add(replace(document, id=f"{copy:06}/{document.id}"))
                    if writer.store.passage_count >= passages:
                        break
                copy += 1
            writer.finish(reference_texts())
        writer.build_dense_index()
        publish_snapshot(
            home,
            folder,
            writer,
            knowledge_paths=[GUIDES],
            encoder=encoder,
            references=reference_texts(),
            knowledge_settings=KnowledgeSettings(),
        )
    original.close()
    application.close()


class _Noisy(Snapshot):
    """A snapshot that gives its passages' vectors with another noise each time."""

    def passage_vectors(self, first: int, end: int) -> Vectors:
        """Return the vectors of passages in a row, with noise."""
        if not hasattr(self, "_random"):
            self._random = np.random.default_rng(20_261_123)
        vectors = super().passage_vectors(first, end)
        noise = normalise(self._random.standard_normal(vectors.shape, dtype=np.float32))
        strength = self._random.uniform(_LEAST_NOISE, _MOST_NOISE, (len(vectors), 1))
        return normalise((vectors + strength * noise).astype(np.float32))


class _CopyingWriter(SnapshotWriter):
    """Writes copies whose terms differ."""

    def read_terms(self) -> Iterator[list[str]]:
        """Yield each passage's terms with some of them changed."""
        random = np.random.default_rng(20_261_123)
        seen: list[str] = []
        for terms in super().read_terms():
            if len(seen) < 100_000:
                seen += terms
            changed = np.flatnonzero(random.random(len(terms)) < _SHARE_OF_TERMS_CHANGED)
            for row, other in zip(
                changed.tolist(), random.integers(0, len(seen), len(changed)).tolist(), strict=True
            ):
                terms[row] = seen[other]
            yield terms


def measure_in_process(home: Path, command: Sequence[str] = ()) -> Served:
    """Return what answering costs in a process of its own, begun by the command if there is one."""
    done = subprocess.run(
        [*command, sys.executable, "-m", "benchmarks.scale", "--serve", str(home)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        cwd=ROOT,
    )
    return Served(**json.loads(done.stdout))


def serve(home: Path) -> Served:
    """Return what answering costs in this process."""
    application = Application(Settings(home=home))
    assistant = application.assistant
    encoder = application.load_encoder()
    labels = yaml.safe_load(_QUESTIONS.read_text(encoding="utf-8"))
    questions = [item["question"] for item in labels if item["kind"] == "single"]
    questions = questions[:_QUESTIONS_ASKED]
    questions = [item for item in questions if not isinstance(assistant.reply(item), Comparison)]
    times: dict[str, list[float]] = {"encoder": [], "retrieval": [], "question": []}
    snapshot = Snapshot.open_current(Home(home))
    settings = application.settings.index
    for _ in range(_ROUNDS):
        for question in questions:
            started = time.perf_counter()
            [vector] = encoder.encode([question])
            encoded = time.perf_counter()
            search(snapshot, [Probe(vector=vector, text=question)], 10, settings)
            searched = time.perf_counter()
            assistant.reply(question)
            times["encoder"].append(encoded - started)
            times["retrieval"].append(searched - encoded)
            times["question"].append(time.perf_counter() - searched)
    comparison, sides = _compare(application)
    spread = {name: spread_of(values) for name, values in times.items()}
    served = Served(
        passages=snapshot.manifest.passages,
        **{
            f"{name}_{key}": seconds * 1_000
            for name, one in spread.items()
            for key, seconds in (("p50", one.median_seconds), ("p95", one.p95_seconds))
        },
        comparison_p50=comparison * 1_000,
        sides_p50=sides * 1_000,
        megabytes=resident_megabytes(),
        recall_at_10=_measure_recall(snapshot, encoder, questions),
    )
    snapshot.close()
    application.close()
    return served


def _compare(application: Application) -> tuple[float, float]:
    """Return the median seconds of a comparison and of its two sides asked one by one."""
    roles = application.assistant.role_names()
    pairs = [(roles[row], roles[-1 - row]) for row in range(min(10, len(roles) // 2))]
    compared, asked = [], []
    for _ in range(_ROUNDS):
        for left, right in pairs:
            started = time.perf_counter()
            application.assistant.reply(f"what is the difference between {left} and {right}")
            middle = time.perf_counter()
            application.assistant.reply(f"what does a {left} do")
            application.assistant.reply(f"what does a {right} do")
            compared.append(middle - started)
            asked.append(time.perf_counter() - middle)
    return statistics.median(compared), statistics.median(asked)


def _measure_recall(snapshot: Snapshot, encoder: Encoder, questions: Sequence[str]) -> float:
    """Return the share of the exactly nearest ten passages that the search has among its own."""
    vectors = encoder.encode(questions)
    nearest = np.zeros((len(questions), 0), dtype=np.int64)
    scores = np.zeros((len(questions), 0), dtype=np.float32)
    for first in range(0, snapshot.manifest.passages, 50_000):
        rows = snapshot.passage_vectors(first, min(first + 50_000, snapshot.manifest.passages))
        scores = np.hstack([scores, vectors @ rows.T])
        found = np.tile(np.arange(first, first + len(rows)), (len(questions), 1))
        nearest = np.hstack([nearest, found])
        best = np.argsort(-scores, axis=1)[:, :10]
        scores = np.take_along_axis(scores, best, axis=1)
        nearest = np.take_along_axis(nearest, best, axis=1)
    shares = [
        len(np.intersect1d(snapshot.dense.search(vector, 50), exact)) / len(exact)
        for vector, exact in zip(vectors, nearest, strict=True)
    ]
    return statistics.fmean(shares)


def to_table(figures: dict[str, Served]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| passages | encoder p50 | retrieval p50 / p95 | question p50 / p95 | to the encoder"
        " | comparison / its sides | recall@10 | memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, it in figures.items():
        lines.append(
            f"| {name} | {it.encoder_p50:.1f} ms | {it.retrieval_p50:.1f} / {it.retrieval_p95:.1f}"
            f" ms | {it.question_p50:.1f} / {it.question_p95:.1f} ms"
            f" | {it.question_p50 / it.encoder_p50:.2f} × /"
            f" {it.question_p95 / it.encoder_p50:.2f} ×"
            f" | {it.comparison_p50:.1f} / {it.sides_p50:.1f} ms | {it.recall_at_10:.3f}"
            f" | {it.megabytes:.0f} MB |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        print(json.dumps(asdict(serve(Path(sys.argv[2])))))
    else:
        main([int(argument) for argument in sys.argv[1:]] or _SIZES)
