"""What building costs: python -m benchmarks.building.

A hundred documents are built in full, then again after a sentence of one has changed, each by a
process of its own with the encoder exported before.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import machine_facts, time_process

ROOT = Path(__file__).parent.parent
_GUIDES = ROOT / "tests" / "quality" / "guides"
_RESULTS = ROOT / "benchmarks" / "results"
_DOCUMENTS = 100
_ROUNDS = 3


def main() -> None:
    """Measure, print and save."""
    figures = measure()
    table = to_table(figures)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "building.md").write_text(table, encoding="utf-8")
    (_RESULTS / "building.json").write_text(
        json.dumps({"machine": machine_facts(), "figures": figures}, indent=2) + "\n",
        encoding="utf-8",
    )
    print(table)


def measure() -> dict[str, float]:
    """Return seconds of full builds and of rebuilds, alternating, as medians."""
    with tempfile.TemporaryDirectory() as folder:
        guides = Path(folder) / "guides"
        changed = _write_documents(guides)
        rolewise = [sys.executable, "-m", "bot", "--home", str(Path(folder) / "home")]
        build: Sequence[str] = [*rolewise, "build", str(guides)]
        time_process(build)  # exports the encoder
        full, again, nothing = [], [], []
        text = changed.read_text(encoding="utf-8")
        for number in range(_ROUNDS):
            full.append(time_process([*build, "--full"]))
            changed.write_text(f"{text}\n\nIt was changed {number} times.\n", encoding="utf-8")
            again.append(time_process(build))
            nothing.append(time_process([*rolewise, "status"]))
        passages = _count_passages(Path(folder) / "home")
    return {
        "documents": _DOCUMENTS,
        "passages": passages,
        "full_seconds": statistics.median(full),
        "full_passages_per_second": passages / statistics.median(full),
        "rebuild_seconds": statistics.median(again),
        "status_seconds": statistics.median(nothing),
        "ratio": statistics.median(one / other for one, other in zip(full, again, strict=True)),
    }


def _write_documents(folder: Path) -> Path:
    """Write documents of about 800 words, two guides each; return one of them."""
    texts = [
        path.read_text(encoding="utf-8") for path in sorted(_GUIDES.rglob("*.md")) if path.is_file()
    ]
    folder.mkdir()
    for number in range(_DOCUMENTS):
        first = number % len(texts)
        second = (first + 1 + number // len(texts)) % len(texts)
        text = f"{texts[first]}\n\n{texts[second]}"
        (folder / f"{number:03}.md").write_text(text, encoding="utf-8")
    return min(folder.iterdir())


def _count_passages(home: Path) -> int:
    done = json.loads(next(home.glob("snapshots/*/manifest.json")).read_text(encoding="utf-8"))
    return int(done["passages"])


def to_table(figures: dict[str, float]) -> str:
    """Return the figures as a Markdown table."""
    return "\n".join(
        [
            f"| {figures['documents']:.0f} documents, {figures['passages']:.0f} passages | |",
            "|---|---|",
            f"| full build | {figures['full_seconds']:.1f} s,"
            f" {figures['full_passages_per_second']:.0f} passages a second |",
            f"| build after one document changed | {figures['rebuild_seconds']:.2f} s |",
            f"| so many times faster | {figures['ratio']:.0f} |",
            "",
        ]
    )


if __name__ == "__main__":
    main()
