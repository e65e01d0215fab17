"""Timings and memory of whole processes and of single calls."""

import os
import platform
import re
import resource
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


def time_process(command: Sequence[str]) -> float:
    """Run a process to its end and return its seconds.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def peak_megabytes(arguments: Sequence[str]) -> float:
    """Run the command line in a process of its own and return its highest resident memory.

    The process says it itself: what the system tells its parent may count the parent's memory.
    """
    code = (
        "import re, resource, sys\nfrom bot.cli import main\nmain(sys.argv[1:])\n"
        "try:\n    status = open('/proc/self/status').read()\n"
        "    kilobytes = int(re.search(r'VmHWM:\\s+(\\d+)', status)[1])\n"
        "except OSError:\n"
        "    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "print(kilobytes, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return float(done.stderr.splitlines()[-1]) / 1024


def resident_megabytes(process: int | str = "self") -> float:
    """Return the memory that a process holds now, file pages among it; by default this one."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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
