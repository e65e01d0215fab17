"""An interaction, from the person's side: what the bot answered, and when."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from tests.loopback.clock import Clock
from tests.loopback.model import Channel, Json, Message, User
from tests.loopback.waiting import Changes

ACKNOWLEDGE_WITHIN_SECONDS = 3.0
TOKEN_LIVES_SECONDS = 15 * 60.0


class InteractionKind(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class CallbackKind(IntEnum):
    """How the bot answered."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE_MESSAGE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


@dataclass(eq=False)
class Interaction:
    """Something a person did that the bot must answer.

    Attributes:
        source_message: for a component, and for a modal opened by one, the message it is on.
        original: the message that answers it, or that it updates.
        is_resolved: whether `original` says what it shall, and no more that the bot thinks.
        describe_activity: tells what the bot did, for a failed wait's message.
    """

    id: int
    token: str
    kind: InteractionKind
    user: User
    channel: Channel
    data: Json
    created_at: float
    clock: Clock
    changes: Changes
    describe_activity: Callable[[], str]
    source_message: Message | None = None
    callback: CallbackKind | None = None
    acknowledged_at: float | None = None
    original: Message | None = None
    is_resolved: bool = False
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None
    is_late_recorded: bool = False

    @property
    def is_ephemeral(self) -> bool:
        """Whether the answer is for the person alone."""
        return self.original is not None and self.original.is_ephemeral

    @property
    def label(self) -> str:
        """What the person did, in a few words."""
        if self.kind in (InteractionKind.COMMAND, InteractionKind.AUTOCOMPLETE):
            return f"{self.kind.name.lower()} /{self.data['name']}"
        return f"{self.kind.name.lower()} {self.data['custom_id']}"

    def age_seconds(self) -> float:
        """Return for how long it has existed."""
        return self.clock.now() - self.created_at

    async def acknowledged(self, timeout_seconds: float = 5.0) -> CallbackKind:
        """Wait for the bot's first answer, and return its kind."""
        return await self.changes.wait_for(
            lambda: self.callback,
            awaited=f"an acknowledgement of {self.label}",
            seen=self.describe_activity,
            timeout_seconds=timeout_seconds,
        )

    async def final_message(self, timeout_seconds: float = 30.0) -> Message:
        """Wait until the answer no longer says that the bot thinks, and return it."""
        return await self.changes.wait_for(
            self._resolved_message,
            awaited=f"the answer to {self.label}",
            seen=self._describe_answer,
            timeout_seconds=timeout_seconds,
        )

    async def followup(self, index: int = 0, timeout_seconds: float = 30.0) -> Message:
        """Wait for a further message after the answer, counted from 0."""
        return await self.changes.wait_for(
            lambda: self.followups[index] if len(self.followups) > index else None,
            awaited=f"follow-up {index} to {self.label}",
            seen=self._describe_answer,
            timeout_seconds=timeout_seconds,
        )

    async def shown_modal(self, timeout_seconds: float = 5.0) -> Json:
        """Wait for the bot to answer with a modal, and return it."""
        return await self.changes.wait_for(
            lambda: self.modal,
            awaited=f"a modal that answers {self.label}",
            seen=self._describe_answer,
            timeout_seconds=timeout_seconds,
        )

    def _resolved_message(self) -> Message | None:
        return self.original if self.is_resolved and self.original is not None else None

    def _describe_answer(self) -> str:
        callback = "no acknowledgement" if self.callback is None else self.callback.name
        return (
            f"{callback}, original {self.original!r}, follow-ups {self.followups!r}; "
            f"{self.describe_activity()}"
        )
