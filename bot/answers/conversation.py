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
        self.replace(key, extend(self.recall(key), question, reply))

    def replace(self, key: Hashable, conversation: Conversation) -> None:
        """Let a conversation stand under a key, whatever stood there."""
        with self._lock:
            self._forget_expired()
            self._kept.pop(key, None)
            self._kept[key] = (self._clock(), conversation)
            while len(self._kept) > self._max_conversations:
                self._kept.popitem(last=False)

    def forget_where(self, belongs: Callable[[Hashable], bool]) -> bool:
        """Drop the conversations under the keys that belong; return whether there were any."""
        with self._lock:
            keys = [key for key in self._kept if belongs(key)]
            for key in keys:
                del self._kept[key]
            return bool(keys)

    def _forget_expired(self) -> None:
        oldest_kept = self._clock() - self._expires_after_seconds
        while self._kept:
            key, (last_used, _) = next(iter(self._kept.items()))
            if last_used >= oldest_kept:
                break
            del self._kept[key]
