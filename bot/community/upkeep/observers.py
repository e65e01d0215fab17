"""What came of questions, told to whoever counts, keeps or measures it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.answers.replies import AnyReply, Outcome
from bot.community.places import Place

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A question that was replied to, or the error that stood in the way.

    `seconds` is how long who asked waited.
    """

    reply: AnyReply | None
    error: Exception | None
    place: Place
    asker_id: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a member thinks of a reply; `question` is none where the bot doesn't know it any more.

    `reply_id` is the id of the message that shows the reply.
    """

    is_helpful: bool
    outcome: Outcome
    passage_ids: tuple[str, ...]
    question: str | None
    place: Place
    member_id: int
    reply_id: int


class Observer:
    """Is told what happens, on the event loop: what takes time belongs into a thread.

    Whoever observes overrides what it wants to hear of.
    """

    def on_told(self, told: Told) -> None:
        """Hear of a question with its reply or error."""

    def on_verdict(self, verdict: Verdict) -> None:
        """Hear what a member thinks of a reply."""

    def on_forget(self, member_id: int) -> None:
        """Hear that a member wants everything of theirs forgotten."""


class Observers:
    """All who observe; what goes wrong in one is logged and hinders nobody."""

    def __init__(self) -> None:
        """Begin with none."""
        self._observers: list[Observer] = []

    def add(self, observer: Observer) -> None:
        """Let somebody observe from now on."""
        self._observers.append(observer)

    def tell(self, told: Told) -> None:
        """Tell all what came of a question."""
        self._tell_each(lambda observer: observer.on_told(told))

    def tell_verdict(self, verdict: Verdict) -> None:
        """Tell all what a member thinks of a reply."""
        self._tell_each(lambda observer: observer.on_verdict(verdict))

    def tell_to_forget(self, member_id: int) -> None:
        """Tell all that a member wants everything forgotten."""
        self._tell_each(lambda observer: observer.on_forget(member_id))

    def _tell_each(self, tell: Callable[[Observer], None]) -> None:
        for observer in self._observers:
            try:
                tell(observer)
            except Exception:
                log.exception("What happened could not be noted")
