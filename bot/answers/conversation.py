"""A conversation is what was said before; bounded."""

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
