"""The guides behind the bot: opened beside its start, built first where there is no index."""

import logging
import threading

from bot.application import Application
from bot.community.asking.answer_queue import AnswerQueue
from bot.community.commands.role_names import RoleNames
from knowledge.errors import RolewiseError

log = logging.getLogger(__name__)


class Guides:
    """Opens the guides in a thread of the queue, so that questions wait for them."""

    def __init__(self, application: Application, queue: AnswerQueue, role_names: RoleNames) -> None:
        """Take what answers, and what is told of the roles; nothing is opened yet."""
        self._role_names = role_names
        self._application = application
        self._queue = queue
        self._is_stopping = threading.Event()
        self.are_open = False

    async def open(self) -> None:
        """Open the index, built first where there is none, and say in the log what came of it."""
        try:
            await self._queue.run(self._open)
        except _StoppedError:
            log.info("The index was not built: the bot was stopped")
        except RolewiseError as error:
            log.error("Questions can't be answered yet: %s", error)
        except Exception:
            log.exception("Questions can't be answered yet")
        else:
            await self._role_names.refresh()
            self.are_open = True
            log.info("The guides are open")

    def stop(self) -> None:
        """Break off a build that is under way."""
        self._is_stopping.set()

    def _open(self) -> None:
        self._application.assistant.watch()
        if not self._application.has_index():
            log.info("There is no index yet; building it")
            report = self._application.rebuild(progress=self._check_not_stopping)
            log.info("Built index %s of %d guides", report.snapshot, report.documents)
        self._application.assistant.prepare()

    def _check_not_stopping(self, stage: str, done: int, total: int) -> None:
        if self._is_stopping.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """A build was broken off since the bot stops."""
