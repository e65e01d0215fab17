"""The clock by which the loopback server judges deadlines."""

import time


class Clock:
    """Tell the time, and let a test move it forward instead of waiting."""

    def __init__(self) -> None:
        """Start at the present."""
        self._advanced_seconds = 0.0

    def now(self) -> float:
        """Return the time in seconds since the Unix epoch."""
        return time.time() + self._advanced_seconds

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._advanced_seconds += seconds
