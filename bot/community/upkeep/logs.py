"""The bot's log, on standard error: as lines or as JSON, and never with a token in it."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Literal, TextIO

_TEXT_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_REMOVED = "[removed]"
# Addresses of Discord's API hold a token of the interaction that is answered.
_INTERACTION_TOKEN = re.compile(r"((?:webhooks|interactions)/\d+/)[\w.%-]+")
_USUAL = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})


def configure_logging(
    token: str, *, log_format: Literal["text", "json"], stream: TextIO | None = None
) -> None:
    """Let our own packages tell what they do, and others what went wrong.

    Args:
        token: The bot's token, which is taken out of whatever is logged.
        log_format: One line for a record and more for a traceback, or one JSON object.
        stream: Where to write; without it, standard error.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setLevel(logging.INFO)  # some libraries set their own loggers to more
    handler.setFormatter(_JsonFormatter(token) if log_format == "json" else _TextFormatter(token))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for package in ("bot", "index", "knowledge"):
        logging.getLogger(package).setLevel(logging.INFO)


def redact(text: str, token: str) -> str:
    """Return a text without the bot's token and without those of interactions."""
    if token:
        text = text.replace(token, _REMOVED)
    return _INTERACTION_TOKEN.sub(rf"\1{_REMOVED}", text)


class _TextFormatter(logging.Formatter):
    def __init__(self, token: str) -> None:
        super().__init__(_TEXT_FORMAT)
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record), self._token)


class _JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, a traceback, and what `extra` adds."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        values: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            values["traceback"] = self.formatException(record.exc_info)
        values |= {key: value for key, value in vars(record).items() if key not in _USUAL}
        # Taken out of each text before it is escaped: what is escaped could hide it.
        clean = {key: self._clean(value) for key, value in values.items()}
        return json.dumps(clean, ensure_ascii=True, default=repr)

    def _clean(self, value: object) -> object:
        if isinstance(value, int | float | bool | None):
            return value
        return redact(value if isinstance(value, str) else repr(value), self._token)
