"""Timings and memory of whole processes and of single calls."""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What several runs took: seconds."""

    median_seconds: float
    p95_seconds: float
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRun:
    """What one whole process took."""

    seconds: float
    peak_megabytes: float


def spread_of(seconds: Sequence[float]) -> Spread:
    """Return the median and the 95th percentile of several timings."""
    ordered = sorted(seconds)
    return Spread(
        median_seconds=statistics.median(ordered),
        p95_seconds=ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))],
        runs=len(ordered),
    )


def time_calls(call: Callable[[], object], runs: int) -> Spread:
    """Return what a call takes, after one that isn't counted."""
    call()
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return spread_of(seconds)


def run_process(command: Sequence[str]) -> ProcessRun:
    """Run a process to its end and return what it took.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss / 1024
    return ProcessRun(seconds=seconds, peak_megabytes=kilobytes / 1024)


def machine_facts() -> dict[str, str]:
    """Return what a reader must know of the machine to judge the figures."""
    names = ("sentence-transformers", "torch", "faiss-cpu", "bm25s", "numpy")
    return {
        "processor": _processor(),
        "cores": str(
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        ),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "libraries": ", ".join(f"{name} {version(name)}" for name in names),
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
