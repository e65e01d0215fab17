"""Asking while the index is rebuilt again and again: python -m benchmarks.rebuilding.

Eight askers ask four questions a second each while a guide changes and the index is rebuilt, a
hundred times, as `/build` and the Discord bot rebuild: in a process of its own. Measured with all
cores and with one, each in a process of its own. Prints a Markdown table and writes it, with the
same figures as JSON, into benchmarks/results/.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from benchmarks.measure import machine_facts, resident_megabytes, spread_of
from bot.application import Application
from bot.settings import Settings

_ROOT = Path(__file__).parent.parent
_RESULTS = _ROOT / "benchmarks" / "results"
_QUALITY = _ROOT / "tests" / "quality"
_ASKERS = 8
_PAUSE_SECONDS = 0.25
_REBUILDS = 100
_SETTLED_AFTER = 10
_SECONDS_WITHOUT = 60.0


@dataclass(slots=True)
class _Asked:
    """What came of the questions since the last look: seconds, failures and snapshots."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    snapshots: set[str] = field(default_factory=set)


def main() -> None:
    """Measure, print and save."""
    figures = {
        name: _measure_elsewhere(cores)
        for name, cores in (("all cores", 0), ("one core", 1))
        if cores == 0 or hasattr(os, "sched_setaffinity")
    }
    facts = machine_facts()
    table = _table(figures, facts)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "rebuilding.md").write_text(table, encoding="utf-8")
    (_RESULTS / "rebuilding.json").write_text(
        json.dumps({"machine": facts, "figures": figures}, indent=2) + "\n", encoding="utf-8"
    )
    print(table)


def _measure_elsewhere(cores: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.rebuilding", str(cores), str(_REBUILDS)],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def measure(rebuilds: int) -> dict[str, float]:
    """Return what asking is like without rebuilds, and then while the index is rebuilt."""
    labels = yaml.safe_load((_QUALITY / "test.yaml").read_text(encoding="utf-8"))
    questions = [label["question"] for label in labels if label["kind"] == "single"]
    with tempfile.TemporaryDirectory() as folder:
        guides = Path(shutil.copytree(_QUALITY / "guides", Path(folder) / "guides"))
        application = Application(Settings(home=Path(folder) / "home"))
        application.rebuild([guides])
        application.assistant.prepare()
        application.assistant.watch()
        asked = [_Asked()]
        is_over = threading.Event()
        askers = [
            threading.Thread(target=_ask, args=(application, questions, number, asked, is_over))
            for number in range(_ASKERS)
        ]
        for asker in askers:
            asker.start()
        time.sleep(_SECONDS_WITHOUT / 10)  # until all is loaded that is loaded once
        asked.append(_Asked())
        time.sleep(_SECONDS_WITHOUT)
        asked.append(_Asked())
        changing = min(guides.glob("*.md"))
        text = changing.read_text(encoding="utf-8")
        memory, files = [], []
        started = time.perf_counter()
        for number in range(rebuilds):
            changing.write_text(f"{text}\n\nIt was changed {number} times.\n", encoding="utf-8")
            application.rebuild([guides])
            memory.append(resident_megabytes())
            files.append(float(_count_open_files()))
        seconds = time.perf_counter() - started
        is_over.set()
        for asker in askers:
            asker.join()
        application.close()
    without, during = spread_of(asked[1].seconds), spread_of(asked[2].seconds)
    settled = min(_SETTLED_AFTER, rebuilds) - 1
    return {
        "rebuilds": rebuilds,
        "rebuild_seconds": seconds / rebuilds,
        "questions_without": without.runs,
        "without_median_seconds": without.median_seconds,
        "without_p95_seconds": without.p95_seconds,
        "questions_during": during.runs,
        "during_median_seconds": during.median_seconds,
        "during_p95_seconds": during.p95_seconds,
        "during_longest_seconds": max(asked[2].seconds),
        "failed": sum(len(one.failures) for one in asked),
        "snapshots_answered_from": len(asked[2].snapshots),
        "megabytes_after_10": memory[settled],
        "megabytes_at_the_end": memory[-1],
        "open_files_after_10": files[settled],
        "open_files_at_the_end": files[-1],
    }


def _ask(
    application: Application,
    questions: list[str],
    number: int,
    asked: list[_Asked],
    is_over: threading.Event,
) -> None:
    while not is_over.wait(_PAUSE_SECONDS):
        number += _ASKERS
        into = asked[-1]
        started = time.perf_counter()
        try:
            reply = application.assistant.reply(questions[number % len(questions)])
        except Exception as error:
            into.failures.append(repr(error))
            continue
        into.seconds.append(time.perf_counter() - started)
        into.snapshots.add(reply.snapshot)


def _count_open_files() -> int:
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    except OSError:
        return 0


def _table(figures: dict[str, dict[str, float]], facts: dict[str, str]) -> str:
    rows = {
        "rebuilds": "{rebuilds:.0f}",
        "a rebuild": "{rebuild_seconds:.1f} s",
        "a question without rebuilds, median": "{without_median_seconds:.3f} s",
        "a question without rebuilds, p95": "{without_p95_seconds:.3f} s",
        "a question meanwhile, median": "{during_median_seconds:.3f} s",
        "a question meanwhile, p95": "{during_p95_seconds:.3f} s",
        "a question meanwhile, the longest": "{during_longest_seconds:.3f} s",
        "questions meanwhile; failed": "{questions_during:,.0f}; {failed:.0f}",
        "snapshots that they were answered from": "{snapshots_answered_from:.0f}",
        "memory after 10 rebuilds; at the end": (
            "{megabytes_after_10:.0f} MB; {megabytes_at_the_end:.0f} MB"
        ),
        "open files after 10 rebuilds; at the end": (
            "{open_files_after_10:.0f}; {open_files_at_the_end:.0f}"
        ),
    }
    lines = [f"| what | {' | '.join(figures)} |", f"|---|{'---|' * len(figures)}"]
    for name, shape in rows.items():
        values = " | ".join(shape.format(**values) for values in figures.values())
        lines.append(f"| {name} | {values} |")
    machine = "; ".join(f"{name}: {value}" for name, value in facts.items())
    return "\n".join([*lines, "", machine, ""])


if __name__ == "__main__":
    if len(sys.argv) == 3:
        if sys.argv[1] == "1":
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main()
