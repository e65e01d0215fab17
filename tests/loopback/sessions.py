"""A session of the gateway: it outlives its connection and remembers what it has told."""

from collections import deque

from tests.loopback.connections import Connection
from tests.loopback.model import Intent, Json

REMEMBERED_EVENTS = 1000


class Session:
    """The events that one shard of the bot was told, or will be told when it returns."""

    def __init__(self, session_id: str, intents: Intent, shard_id: int, shard_count: int) -> None:
        """Begin with nothing told."""
        self.id = session_id
        self.intents = intents
        self.shard_id = shard_id
        self.shard_count = shard_count
        self.connection: Connection | None = None
        self._sequence = 0
        self._told: deque[Json] = deque(maxlen=REMEMBERED_EVENTS)

    def hears(self, intent: Intent | None) -> bool:
        """Tell whether the session asked for events of an intent."""
        return intent is None or intent in self.intents

    def serves(self, guild_id: int | None) -> bool:
        """Tell whether the session is the shard of a guild; conversations are the first's."""
        return ((guild_id or 0) >> 22) % self.shard_count == self.shard_id

    def attach(self, connection: Connection) -> None:
        """Tell everything from now on over a connection."""
        self.connection = connection
        connection.session_id = self.id

    def dispatch(self, event: str, payload: Json) -> None:
        """Tell an event."""
        self._sequence += 1
        told: Json = {"op": 0, "t": event, "s": self._sequence, "d": payload}
        self._told.append(told)
        if self.connection is not None:
            self.connection.send(told)

    def missed_since(self, sequence: int | None) -> list[Json] | None:
        """Return what was told after a sequence number; None where that cannot be known."""
        last = sequence or 0
        if last > self._sequence or (self._told and self._told[0]["s"] > last + 1):
            return None
        return [told for told in self._told if told["s"] > last]
