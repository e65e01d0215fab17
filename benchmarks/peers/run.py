"""Builds, cold answers and warm searches of each framework, each in a process of its own."""

import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import spread_of
from benchmarks.peers.environments import (
    NEWEST,
    OPTIMUM,
    Environment,
    PeerError,
    run_process,
)
from index.cores import count_cores

_SCRIPTS = Path(__file__).parent / "scripts"
# Rolewise sets some of these for itself once it is imported and loads a model, as it has here; what
# suits it must not hold back the others, and all start as they would from a fresh terminal.
_NOT_INHERITED = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TOKENIZERS_PARALLELISM",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A framework with one of its backends; `environment` is None for the project's own."""

    name: str
    backend: str
    environment: Environment | None
    script: str

    @property
    def label(self) -> str:
        """Return what tells it from all others."""
        return f"{self.name} ({self.backend})"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFigures:
    """What embedding, indexing and writing the passages took, the model loaded before."""

    passages: int
    seconds: float

    @property
    def passages_per_second(self) -> float:
        """Return how many passages were done in a second."""
        return self.passages / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeFigures:
    """What a process that opened an index once and searched it often took.

    `found` holds, for each question, the texts that were found, best first.
    """

    p50_milliseconds: float
    p95_milliseconds: float
    runs: int
    peak_megabytes: float
    load_seconds: float
    threads: dict[str, int]
    versions: dict[str, str]
    found: tuple[tuple[str, ...], ...]


ROLEWISE = Peer(name="rolewise", backend="search", environment=None, script="with_rolewise")
ROLEWISE_ANSWERS = Peer(
    name="rolewise", backend="cited answer", environment=None, script="with_rolewise"
)
PEERS: tuple[Peer, ...] = (
    Peer(name="txtai", backend="torch", environment=NEWEST, script="with_txtai"),
    Peer(name="txtai", backend="onnx", environment=NEWEST, script="with_txtai"),
    Peer(name="LangChain", backend="torch", environment=NEWEST, script="with_langchain"),
    Peer(name="LangChain", backend="onnx", environment=OPTIMUM, script="with_langchain"),
    Peer(name="LlamaIndex", backend="torch", environment=NEWEST, script="with_llamaindex"),
    Peer(name="LlamaIndex", backend="onnx", environment=OPTIMUM, script="with_llamaindex"),
    Peer(name="Haystack", backend="torch", environment=NEWEST, script="with_haystack"),
    Peer(name="Haystack", backend="onnx", environment=OPTIMUM, script="with_haystack"),
)


def build(peer: Peer, passages: Sequence[str], folder: Path) -> BuildFigures:
    """Build a framework's index in a folder; the first time, its ONNX model too, uncounted.

    Raises:
        PeerError: the framework failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = _write(folder / "passages.json", passages)
    figures = _run_script(peer, "build", source, str(folder))
    return BuildFigures(passages=figures["passages"], seconds=figures["seconds"])


def answer_cold(peer: Peer, folder: Path, question: str) -> float:
    """Return the seconds of a whole process that opens an index and answers one question.

    Rolewise answers with cited sentences, as `rolewise ask` does; the others name five passages.

    Raises:
        PeerError: the framework failed.
    """
    if peer.environment is None:
        command = [sys.executable, "-m", "bot", "--home", str(folder), "ask", question]
    else:
        command = _command(peer, "answer", str(folder), question)
    variables = _variables(peer, count_cores())
    started = time.perf_counter()
    run_process(command, variables)
    return time.perf_counter() - started


def serve(
    peer: Peer,
    folder: Path,
    questions: Sequence[str],
    runs: int,
    *,
    openmp_threads: int | None = None,
) -> ServeFigures:
    """Open an index in a new process, ask every question once uncounted, then `runs` in turn.

    Args:
        peer: The framework; Rolewise sets its threads itself.
        folder: Where it was built.
        questions: What to ask.
        runs: How many searches are counted.
        openmp_threads: The threads of torch and FAISS; by default as many as there are cores.

    Raises:
        PeerError: the framework failed, or ran with other threads than it was given.
    """
    source = _write(folder / "questions.json", questions)
    wanted = openmp_threads or count_cores()
    figures = _run_script(peer, "serve", str(folder), source, str(runs), openmp_threads=wanted)
    if peer.environment is not None:
        _check_threads(peer, figures["threads"], wanted)
    milliseconds: list[float] = figures["milliseconds"]
    return ServeFigures(
        p50_milliseconds=statistics.median(milliseconds),
        p95_milliseconds=spread_of(milliseconds).p95_seconds,
        runs=len(milliseconds),
        peak_megabytes=figures["peak_megabytes"],
        load_seconds=figures["load_seconds"],
        threads=figures["threads"],
        versions=figures["versions"],
        found=tuple(tuple(texts) for texts in figures["found"]),
    )


def _run_script(peer: Peer, *arguments: str, openmp_threads: int | None = None) -> dict[str, Any]:
    variables = _variables(peer, openmp_threads or count_cores())
    printed = run_process(_command(peer, *arguments), variables)
    figures: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return figures


def _command(peer: Peer, *arguments: str) -> list[str]:
    python = peer.environment.python if peer.environment else sys.executable
    return [python, str(_SCRIPTS / "serve_peer.py"), peer.script, peer.backend, *arguments]


def _variables(peer: Peer, openmp_threads: int) -> dict[str, str]:
    variables = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    if peer.environment is not None:
        variables["OMP_NUM_THREADS"] = str(openmp_threads)
    return variables | {
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HAYSTACK_TELEMETRY_ENABLED": "False",
        "PYTHONUTF8": "1",
    }


def _check_threads(peer: Peer, threads: dict[str, int], wanted: int) -> None:
    """Make sure that no figure is published of a framework that was held back, or favoured.

    Raises:
        PeerError: torch or FAISS had other threads.
    """
    found = {name: threads[name] for name in ("torch", "faiss") if name in threads}
    if any(count != wanted for count in found.values()):
        raise PeerError(f"{peer.label} was to run with {wanted} threads, but ran with {found}.")


def _write(path: Path, texts: Sequence[str]) -> str:
    path.write_text(json.dumps(list(texts)), encoding="utf-8")
    return str(path)
