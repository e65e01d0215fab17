"""Waiting for something to happen, with a failure that says what happened instead."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

LOOK_EVERY_SECONDS = 0.02
"""How often to look again although the server has not changed: the bot may have."""


class WaitTimeoutError(AssertionError):
    """Something awaited did not happen in time."""


class Changes:
    """Wake everyone who waits whenever anything in the server changes."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._waiting: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        """Let everyone who waits look again."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def wait_for(
        self,
        find: Callable[[], Found | None],
        *,
        awaited: str,
        seen: Callable[[], str],
        timeout_seconds: float,
    ) -> Found:
        """Return what `find` finds, as soon as it is not None.

        Args:
            awaited: what is awaited, for the failure's message.
            seen: describes what was seen instead; called on failure only.

        Raises:
            WaitTimeoutError: nothing was found in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        while True:
            found = find()
            if found is not None:
                return found
            remaining = deadline - loop.time()
            if remaining <= 0:
                raise WaitTimeoutError(
                    f"waited {timeout_seconds:g} s for {awaited}; seen instead: {seen()}"
                )
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiting.add(waiter)
            try:
                await asyncio.wait([waiter], timeout=min(remaining, LOOK_EVERY_SECONDS))
            finally:
                self._waiting.discard(waiter)
                waiter.cancel()
