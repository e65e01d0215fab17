"""The audit file: who changed what and when, one JSON object a line."""

import json
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE_NAME = "audit.jsonl"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did or tried: `subject` is a document, a snapshot or nothing."""

    action: str
    subject: str | None
    outcome: str
    user_id: int
    user_name: str
    guild_id: int | None


class Audit:
    """Writes deeds down, into the file and into the log; what can't be written is logged."""

    def __init__(self, home: Path) -> None:
        """Name the home."""
        self._path = home / FILE_NAME

    def note(self, deed: Deed) -> None:
        """Write a deed down."""
        values = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "action": deed.action,
            "subject": deed.subject,
            "outcome": deed.outcome,
            "user_id": deed.user_id,
            "user_name": deed.user_name,
            "guild_id": deed.guild_id,
        }
        log.info(
            "knowledge %(action)s %(subject)r by %(user_name)r (%(user_id)d): %(outcome)s",
            values,
            extra=values,
        )
        line = f"{json.dumps(values)}\n".encode()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # One write at the end of the file: lines of several writers don't mix.
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(file, line)
            finally:
                os.close(file)
        except OSError as error:
            log.error("%s can't be written: %s", self._path, error)
