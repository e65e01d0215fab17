"""A conversation is what was said before: bounded, and forgotten after a while."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal

MAX_TURNS = 12
"""Turns that are looked back on: six questions with their replies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One thing said by the user or the assistant."""

    role: Literal["user", "assistant"]
    text: str


Conversation = tuple[Turn, ...]


def extend(conversation: Conversation, question: str, reply: str) -> Conversation:
    """Return the conversation with a question and its reply added and the oldest turns dropped."""
    added = (Turn(role="user", text=question), Turn(role="assistant", text=reply))
    return (*conversation, *added)[-MAX_TURNS:]


class ConversationMemory:
    """Keeps conversations by key, each until it has been quiet for a while.

    Safe to use from several threads. The longest quiet one goes when there are too many.
    """

    def __init__(
        self,
        *,
        expires_after_seconds: float,
        max_conversations: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take how long a quiet conversation is kept and how many are."""
        self._expires_after_seconds = expires_after_seconds
        self._max_conversations = max_conversations
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, Conversation]] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key: Hashable) -> Conversation:
        """Return the conversation under a key, empty where there is none."""
        with self._lock:
            self._forget_expired()
            return self._kept.get(key, (0.0, ()))[1]

    def remember(self, key: Hashable, question: str, reply: str) -> None:
        """Add a question and its reply to the conversation under a key."""
        with self._lock:
            self._forget_expired()
            _, conversation = self._kept.pop(key, (0.0, ()))
            self._kept[key] = (self._clock(), extend(conversation, question, reply))
            while len(self._kept) > self._max_conversations:
                self._kept.popitem(last=False)

    def forget(self, key: Hashable) -> bool:
        """Drop the conversation under a key; return whether there was one."""
        with self._lock:
            return self._kept.pop(key, None) is not None

    def _forget_expired(self) -> None:
        oldest_kept = self._clock() - self._expires_after_seconds
        while self._kept:
            key, (last_used, _) = next(iter(self._kept.items()))
            if last_used >= oldest_kept:
                break
            del self._kept[key]
