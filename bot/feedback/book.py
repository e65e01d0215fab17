"""The feedback book: an SQLite file in the home that counts, and on demand keeps questions.

Each call is one transaction on a connection of its own, so that a process killed at any moment
leaves a whole book, and several processes and threads may use it at once.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from bot.answers.replies import AnyReply, NotCovered, Outcome, Reason, Several, outcome_of
from knowledge.errors import StorageError

FILE_NAME = "feedback.sqlite"

_VERSION = 1
_BUSY_SECONDS = 5.0
_SECONDS_OF_A_DAY = 86_400.0
_SCHEMA = """
CREATE TABLE secret (key BLOB NOT NULL);
CREATE TABLE counts (
    day TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (day, name)
) WITHOUT ROWID;
CREATE TABLE questions (
    id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL, asked_at REAL NOT NULL,
    member TEXT NOT NULL, message TEXT NOT NULL,
    question TEXT NOT NULL, standalone TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT
);
CREATE TABLE verdicts (
    reply TEXT NOT NULL, member TEXT NOT NULL, given_at REAL NOT NULL, verdict TEXT NOT NULL,
    message_id INTEGER, PRIMARY KEY (reply, member)
) WITHOUT ROWID;
CREATE INDEX verdicts_by_message ON verdicts (message_id);
"""


class Verdict(StrEnum):
    """What a member thought of a reply."""

    HELPFUL = "helpful"
    NOT_HELPFUL = "not_helpful"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptQuestion:
    """A question that was not answered, or whose answer somebody found not helpful."""

    question: str
    standalone: str
    outcome: Outcome
    reason: Reason | None
    asked_at: float
    not_helpful: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How often what came of a question, from the first day (ISO 8601) on."""

    first_day: str | None
    outcomes: dict[Outcome, int]
    reasons: dict[Reason, int]
    verdicts: dict[Verdict, int]


class FeedbackBook:
    """Counts outcomes and verdicts always, and keeps questions only where that is switched on.

    Who asked is kept as a hash under a key of the book's own: enough to delete what a member
    asked, and no name or id.
    """

    def __init__(
        self,
        home: Path,
        *,
        keep_questions: bool,
        retention_days: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Name the home; nothing is made before something is written.

        Args:
            home: The home folder.
            keep_questions: Whether the text of questions is kept.
            retention_days: How long it is, and the verdicts.
            clock: Tells seconds since 1970.
        """
        self.path = home / FILE_NAME
        self.keep_questions = keep_questions
        self._retention_seconds = retention_days * _SECONDS_OF_A_DAY
        self._clock = clock

    def add_reply(self, member_id: int, reply: AnyReply, *, may_keep: bool = True) -> None:
        """Count what came of a question, and keep it where that is switched on.

        Args:
            member_id: Who asked.
            reply: The reply; of one with parts, each counts by itself.
            may_keep: Whether this one may be kept.

        Raises:
            StorageError: the home can't be written.
        """
        now, message_id = self._clock(), secrets.randbits(62)
        parts = reply.parts if isinstance(reply, Several) else (reply,)
        with self._writing() as connection:
            for part in parts:
                outcome = outcome_of(part)
                reason = part.reason if isinstance(part, NotCovered) else None
                _count(connection, now, outcome)
                if reason is not None:
                    _count(connection, now, reason)
                if self.keep_questions and may_keep:
                    member = _hash_member(connection, member_id)
                    texts = (reply.question, part.question, part.standalone_question)
                    connection.execute(
                        "INSERT INTO questions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (message_id, now, member, *texts, outcome, reason),
                    )

    def add_verdict(
        self, reply: str, member_id: int, verdict: Verdict, *, question: str | None = None
    ) -> None:
        """Count what a member thinks of a reply; who thinks again replaces what they thought.

        Args:
            reply: What tells the reply from others.
            member_id: Who thinks so.
            verdict: What they think.
            question: What was asked, as it was asked, as far as that is known.

        Raises:
            StorageError: the home can't be written.
        """
        now = self._clock()
        with self._writing() as connection:
            of_member = (reply, _hash_member(connection, member_id))
            before = connection.execute(
                "SELECT given_at, verdict FROM verdicts WHERE reply = ? AND member = ?", of_member
            ).fetchone()
            if before is not None:
                _count(connection, before[0], before[1], -1)
            _count(connection, now, verdict)
            connection.execute(
                "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, (SELECT message_id"
                " FROM questions WHERE message = ? ORDER BY asked_at DESC LIMIT 1))",
                (*of_member, now, verdict, question),
            )

    def forget(self, member_id: int) -> int:
        """Delete every question and verdict of a member; return how many questions there were.

        Raises:
            StorageError: the home can't be written.
        """
        if not self.path.exists():
            return 0
        with self._writing() as connection:
            member = (_hash_member(connection, member_id),)
            connection.execute("DELETE FROM verdicts WHERE member = ?", member)
            return connection.execute("DELETE FROM questions WHERE member = ?", member).rowcount

    def delete_expired(self) -> None:
        """Delete what is older than the retention time, or all where nothing is to be kept.

        Raises:
            StorageError: the home can't be written.
        """
        if not self.path.exists():
            return
        oldest = (self._clock() - self._retention_seconds,)
        with self._writing() as connection:
            connection.execute("DELETE FROM verdicts WHERE given_at < ?", oldest)
            connection.execute("DELETE FROM questions WHERE asked_at < ?", oldest)
            if not self.keep_questions:
                connection.execute("DELETE FROM questions")

    def read_counts(self) -> Counts:
        """Return what was counted.

        Raises:
            StorageError: the book can't be read.
        """
        with self._reading() as connection:
            rows = [] if connection is None else connection.execute(_SUMS).fetchall()
        numbers = {name: number for name, _, number in rows if number > 0}
        return Counts(
            first_day=min((day for _, day, _ in rows), default=None),
            outcomes={one: numbers.get(one, 0) for one in Outcome},
            reasons={one: numbers.get(one, 0) for one in Reason},
            verdicts={one: numbers.get(one, 0) for one in Verdict},
        )

    def read_unanswered(self, limit: int) -> Sequence[KeptQuestion]:
        """Return the questions not answered or found not helpful, the newest first.

        Raises:
            StorageError: the book can't be read.
        """
        oldest = self._clock() - self._retention_seconds
        with self._reading() as connection:
            rows = [] if connection is None else connection.execute(_UNANSWERED, (oldest, limit))
            return [
                KeptQuestion(
                    question=question,
                    standalone=standalone,
                    outcome=Outcome(outcome),
                    reason=None if reason is None else Reason(reason),
                    asked_at=asked_at,
                    not_helpful=not_helpful,
                )
                for question, standalone, outcome, reason, asked_at, not_helpful in rows
            ]

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._translating_errors():
            if not self.path.exists():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                # What SQLite writes beside it takes over that nobody else may read it.
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            with contextlib.closing(self._connect()) as connection, connection:
                # Takes the lock at once: a transaction that began by reading could fail later.
                connection.execute("BEGIN IMMEDIATE")
                _prepare(connection)
                yield connection

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        with self._translating_errors():
            if not self.path.exists():
                yield None
                return
            with contextlib.closing(self._connect()) as connection:
                yield connection if _check_version(connection) else None

    def _connect(self) -> sqlite3.Connection:
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
        # What is deleted is overwritten, not only left out.
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    @contextlib.contextmanager
    def _translating_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
                message = f"{self.path} is damaged. Move it away; a new one is begun then."
            else:
                message = (
                    f"{self.path} can't be used ({error}). Free some space, or mend its rights."
                )
            raise StorageError(message) from error
        except OSError as error:
            raise StorageError(
                f"{self.path} can't be used ({error.strerror or error}). Mend the folder's rights."
            ) from error


_SUMS = "SELECT name, MIN(day), SUM(number) FROM counts GROUP BY name"
_UNANSWERED = """
SELECT question, standalone, outcome, reason, asked_at, (
    SELECT COUNT(*) FROM verdicts
    WHERE verdicts.message_id = questions.message_id AND verdict = 'not_helpful'
) AS not_helpful
FROM questions
WHERE asked_at >= ? AND (outcome = 'not_covered' OR not_helpful > 0)
ORDER BY asked_at DESC, id LIMIT ?
"""


def _prepare(connection: sqlite3.Connection) -> None:
    if _check_version(connection):
        return
    for statement in filter(str.strip, _SCHEMA.split(";")):
        connection.execute(statement)
    connection.execute("INSERT INTO secret VALUES (?)", (secrets.token_bytes(32),))
    connection.execute(f"PRAGMA user_version = {_VERSION}")


def _check_version(connection: sqlite3.Connection) -> bool:
    """Return whether the book has been begun.

    Raises:
        StorageError: another version of Rolewise wrote it.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in {0, _VERSION}:
        raise StorageError(
            f"The feedback was written by another version of Rolewise (format {version}, not"
            f" {_VERSION}). Update Rolewise, or move {FILE_NAME} away."
        )
    return bool(version)


def _count(connection: sqlite3.Connection, when: float, name: str, number: int = 1) -> None:
    day = datetime.fromtimestamp(when, UTC).date().isoformat()
    connection.execute(
        "INSERT INTO counts VALUES (?, ?, ?)"
        " ON CONFLICT (day, name) DO UPDATE SET number = number + excluded.number",
        (day, name, number),
    )


def _hash_member(connection: sqlite3.Connection, member_id: int) -> str:
    (key,) = connection.execute("SELECT key FROM secret").fetchone()
    return hmac.new(key, str(member_id).encode(), hashlib.sha256).hexdigest()
