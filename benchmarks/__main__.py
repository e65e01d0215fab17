"""make bench: time and memory of building, starting and answering, measured in one run.

Prints a Markdown table and writes it, with the same figures as JSON, into benchmarks/results/.
"""

import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.measure import (
    machine_facts,
    peak_megabytes,
    spread_of,
    time_calls,
    time_process,
)
from bot.application import Application
from bot.settings import Settings

_ROOT = Path(__file__).parent.parent
_RESULTS = _ROOT / "benchmarks" / "results"
_GUIDES = _ROOT / "tests" / "quality" / "guides"
_QUESTION = "what skills does a data engineer need"
_COMPARISON = "what is the difference between a data engineer and a data analyst"
_COLD_RUNS = 5
_WARM_RUNS = 100


def main() -> None:
    """Measure, print and save."""
    with tempfile.TemporaryDirectory() as folder:
        figures = _measure(Path(folder))
    facts = machine_facts()
    table = _table(figures, facts)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "latest.md").write_text(table, encoding="utf-8")
    (_RESULTS / "latest.json").write_text(
        json.dumps({"machine": facts, "figures": figures}, indent=2) + "\n", encoding="utf-8"
    )
    print(table)


def _measure(home: Path) -> dict[str, dict[str, float]]:
    application = Application(Settings(home=home))
    encoder = application.load_encoder()
    started = time.perf_counter()
    report = application.build([_GUIDES])
    build_seconds = time.perf_counter() - started
    assistant = application.assistant
    python = [sys.executable]
    rolewise = [*python, "-m", "bot", "--home", str(home)]
    nothing, helped, asked = [], [], []
    for _ in range(_COLD_RUNS):  # alternating, so that a busy moment hits all alike
        nothing.append(time_process([*python, "-c", "pass"]))
        helped.append(time_process([*rolewise, "--help"]))
        asked.append(time_process([*rolewise, "ask", _QUESTION]))
    figures = {
        "python -c pass": asdict(spread_of(nothing)),
        "rolewise --help": asdict(spread_of(helped)),
        "rolewise ask, cold": asdict(spread_of(asked)),
        "encoding a question, warm": asdict(
            time_calls(lambda: encoder.encode([_QUESTION]), _WARM_RUNS)
        ),
        "a question about one role, warm": asdict(
            time_calls(lambda: assistant.reply(_QUESTION), _WARM_RUNS)
        ),
        "a comparison of two roles, warm": asdict(
            time_calls(lambda: assistant.reply(_COMPARISON), _WARM_RUNS)
        ),
        "full build": {
            "median_seconds": build_seconds,
            "passages": report.passages,
            "passages_per_second": report.passages / build_seconds,
        },
        "peak memory of rolewise ask": {
            "megabytes": peak_megabytes(["--home", str(home), "ask", _QUESTION]),
        },
    }
    application.close()
    return figures


def _table(figures: dict[str, dict[str, float]], facts: dict[str, str]) -> str:
    lines = ["| what | median | p95 |", "|---|---|---|"]
    for name, values in figures.items():
        if "megabytes" in values:
            lines.append(f"| {name} | {values['megabytes']:.0f} MB | |")
        elif "passages_per_second" in values:
            rate = f"{values['passages_per_second']:.1f} passages a second"
            lines.append(f"| {name}, {values['passages']:.0f} passages | {rate} | |")
        else:
            median, p95 = values["median_seconds"] * 1000, values["p95_seconds"] * 1000
            lines.append(f"| {name} | {median:,.1f} ms | {p95:,.1f} ms |")
    machine = "; ".join(f"{name}: {value}" for name, value in facts.items())
    return "\n".join([*lines, "", machine, ""])


if __name__ == "__main__":
    main()
