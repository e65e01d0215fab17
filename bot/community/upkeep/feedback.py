"""What members ask and think goes into the feedback book."""

import asyncio
import time

from bot.community.upkeep.observers import Observer, Told, Verdict
from bot.feedback.book import Verdict as Thought
from bot.feedback.recorder import FeedbackRecorder

_SECONDS_BETWEEN_DELETIONS = 3_600.0


class Feedback(Observer):
    """Notes what came of questions and what members think of it; forgets who wants that."""

    def __init__(self, recorder: FeedbackRecorder) -> None:
        """Take who writes."""
        self._recorder = recorder
        self._forgotten_at: dict[int, float] = {}

    def on_told(self, told: Told) -> None:
        """Note what came of a question."""
        if told.reply is None:
            return
        asked_at = time.monotonic() - told.seconds
        may_keep = asked_at > self._forgotten_at.get(told.asker_id, float("-inf"))
        self._recorder.note_reply(told.asker_id, told.reply, may_keep=may_keep)

    def on_verdict(self, verdict: Verdict) -> None:
        """Note what a member thinks of a reply."""
        thought = Thought.HELPFUL if verdict.is_helpful else Thought.NOT_HELPFUL
        self._recorder.note_verdict(
            str(verdict.reply_id), verdict.member_id, thought, question=verdict.question
        )

    def on_forget(self, member_id: int) -> None:
        """Delete what a member asked, and keep nothing of what they wait for at this moment."""
        self._forgotten_at[member_id] = time.monotonic()
        self._recorder.forget(member_id)

    async def delete_expired(self) -> None:
        """Delete what has been kept long enough, now and every hour; runs until it is cancelled."""
        while True:
            self._recorder.delete_expired()
            oldest = time.monotonic() - _SECONDS_BETWEEN_DELETIONS
            self._forgotten_at = {
                member: when for member, when in self._forgotten_at.items() if when > oldest
            }
            await asyncio.sleep(_SECONDS_BETWEEN_DELETIONS)
