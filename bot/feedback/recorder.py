"""Feedback is written beside the answers: whatever happens to it, no answer waits or fails."""

import asyncio
import logging
import secrets
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

    def note_reply(self, member_id: int, reply: AnyReply) -> str:
        """Write down what came of a question, soon; return what verdicts name the reply by."""
        reference = secrets.token_urlsafe(9)
        self._write(lambda: self._book.add_reply(reference, member_id, reply))
        return reference

    def note_verdict(self, reference: str, member_id: int, verdict: Verdict) -> None:
        """Write down what a member thinks of a reply, soon."""
        self._write(lambda: self._book.add_verdict(reference, member_id, verdict))

    def delete_expired(self) -> None:
        """Delete what has been kept long enough, soon."""
        self._write(self._book.delete_expired)

    async def forget(self, member_id: int) -> int:
        """Delete what a member asked, after what was noted so far; return how many there were.

        Raises:
            StorageError: the home can't be written.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._book.forget, member_id)

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
