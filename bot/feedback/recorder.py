"""Feedback is written beside the answers: whatever happens to it, no answer waits or fails."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.answers.replies import AnyReply
from bot.feedback.book import FeedbackBook, Verdict
from knowledge.errors import StorageError

_MAX_WAITING = 2_000

log = logging.getLogger(__name__)


class FeedbackRecorder:
    """Writes into the book in one thread, in order; what can't be written is said in the log."""

    def __init__(self, book: FeedbackBook) -> None:
        """Take the book."""
        self._book = book
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="feedback")
        self._waiting = threading.Semaphore(_MAX_WAITING)
        self._is_failing = False

    def note_reply(self, member_id: int, reply: AnyReply, *, may_keep: bool = True) -> None:
        """Write down what came of a question, soon.

        Args:
            member_id: Who asked.
            reply: The reply.
            may_keep: Whether the question may be kept, and not only counted.
        """
        self._write(lambda: self._book.add_reply(member_id, reply, may_keep=may_keep))

    def note_verdict(
        self, reply: str, member_id: int, verdict: Verdict, *, question: str | None = None
    ) -> None:
        """Write down what a member thinks of a reply, soon.

        Args:
            reply: What tells the reply from others.
            member_id: Who thinks so.
            verdict: What they think.
            question: What was asked, as far as it is known.
        """
        self._write(lambda: self._book.add_verdict(reply, member_id, verdict, question=question))

    def forget(self, member_id: int) -> None:
        """Delete what a member asked, after what was noted so far."""

        def forget() -> None:
            self._book.forget(member_id)

        self._write(forget)

    def delete_expired(self) -> None:
        """Delete what has been kept long enough, soon."""
        self._write(self._book.delete_expired)

    def close(self) -> None:
        """Write what was noted, and take no more."""
        self._thread.shutdown(wait=True)

    def _write(self, write: Callable[[], None]) -> None:
        if not self._waiting.acquire(blocking=False):
            self._report("Feedback comes faster than it can be written; some is left out")
            return
        try:
            self._thread.submit(self._try_to_write, write)
        except RuntimeError:  # closed: the process ends
            self._waiting.release()

    def _try_to_write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except StorageError as error:
            self._report("Feedback can't be written: %s", error)
        except Exception:
            log.exception("Feedback can't be written")
        else:
            self._is_failing = False
        finally:
            self._waiting.release()

    def _report(self, message: str, *values: object) -> None:
        """Say it once, until writing succeeds again."""
        if not self._is_failing:
            self._is_failing = True
            log.warning(message, *values)
