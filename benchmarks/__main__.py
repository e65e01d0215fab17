"""make bench: every figure of docs/figures.md, measured on this machine.

Each part prints a Markdown table and writes it, with the same figures as JSON, into
benchmarks/results/; at the end all tables stand in latest.md. Parts can be named:
python -m benchmarks starting scale.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import building, concurrency, rebuilding, scale, starting
from benchmarks.measure import machine_facts
from benchmarks.peers import __main__ as peers

_RESULTS = Path(__file__).parent / "results"
_SIZES = (10_000, 100_000, 1_000_000)
_PARTS: dict[str, Callable[[], None]] = {
    "starting": starting.main,
    "building": building.main,
    "scale": lambda: scale.main(_SIZES),
    "concurrency": concurrency.main,
    "rebuilding": rebuilding.main,
    "peers": peers.main,
}


def main() -> None:
    """Measure the parts named, or all, and join what is there of the tables."""
    chosen = sys.argv[1:] or list(_PARTS)
    if unknown := set(chosen) - _PARTS.keys():
        sys.exit(f"There is no part {', '.join(sorted(unknown))}. Parts: {', '.join(_PARTS)}.")
    for name in chosen:
        _PARTS[name]()
    machine = "; ".join(f"{name}: {value}" for name, value in machine_facts().items())
    tables = [
        f"## {name}\n\n{path.read_text(encoding='utf-8')}"
        for name in _PARTS
        if (path := _RESULTS / f"{name}.md").exists()
    ]
    values = {
        name: json.loads(path.read_text(encoding="utf-8"))
        for name in _PARTS
        if (path := _RESULTS / f"{name}.json").exists()
    }
    (_RESULTS / "latest.md").write_text("\n".join([*tables, machine, ""]), encoding="utf-8")
    (_RESULTS / "latest.json").write_text(f"{json.dumps(values, indent=2)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
