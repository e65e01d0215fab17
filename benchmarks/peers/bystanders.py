"""How much else the machine did during a run: what was timed beside others' work says little."""

import os
import time
from pathlib import Path

_STAT = Path("/proc/stat")
_IDLE_COLUMNS = (3, 4)
_COLUMNS = 8  # what follows counts guests, whose time is in the columns before already


class Bystanders:
    """Watches, from when it is made, the processor time that goes to others."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._busy_before = _busy_seconds()
        self._own_before = _own_seconds()

    def mean_cores(self) -> float | None:
        """Return how many cores others have kept busy on average; None where none can tell.

        Time that a host took from this machine counts too.
        """
        busy = _busy_seconds()
        if busy is None or self._busy_before is None:
            return None
        others = busy - self._busy_before - (_own_seconds() - self._own_before)
        return max(0.0, others) / (time.monotonic() - self._started)


def _busy_seconds() -> float | None:
    if not _STAT.exists():
        return None
    columns = [
        int(value) for value in _STAT.read_text(encoding="ascii").splitlines()[0].split()[1:]
    ]
    ticks = sum(columns[:_COLUMNS]) - sum(columns[column] for column in _IDLE_COLUMNS)
    return ticks / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Return the processor time of this process and of its children that have ended."""
    return sum(os.times()[:4])
