"""The gateway: sessions over websockets, their events, and what goes wrong with them.

Source: Discord's developer documentation, "Gateway" and "Opcodes and Status Codes".
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from enum import IntEnum

from aiohttp import WSMsgType, web

from tests.loopback.connections import Connection
from tests.loopback.model import PRIVILEGED_INTENTS, Guild, Heartbeat, Intent, Json
from tests.loopback.payloads import (
    application_payload,
    guild_create_payload,
    member_payload,
    own_user_payload,
)
from tests.loopback.sessions import Session
from tests.loopback.state import State

EVENTS_PER_MINUTE = 120
PAYLOAD_BYTES = 4096


class Opcode(IntEnum):
    """The gateway's opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class CloseCode(IntEnum):
    """Why the gateway closes a connection."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Gateway:
    """Hold the bot's sessions and tell them what happens."""

    def __init__(
        self, state: State, *, heartbeat_interval_seconds: float, heartbeat_timeout_seconds: float
    ) -> None:
        """Start without sessions.

        Args:
            heartbeat_timeout_seconds: a connection that beats no more is closed after these.
        """
        self.state = state
        self.heartbeat_interval_seconds = heartbeat_interval_seconds
        self.heartbeat_timeout_seconds = heartbeat_timeout_seconds
        self.acknowledges_heartbeats = True
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.resumes = 0
        self.identifies = 0

    def dispatch(
        self,
        event: str,
        build: Callable[[Session], Json],
        *,
        intent: Intent | None = None,
        guild_id: int | None = None,
    ) -> None:
        """Send an event to every session that asked for it, or keep it for its return.

        Args:
            build: makes the payload for one session.
            intent: the intent without which a session is not told.
        """
        for session in self.sessions.values():
            if session.hears(intent) and session.serves(guild_id):
                session.dispatch(event, build(session))

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection."""
        socket = web.WebSocketResponse(timeout=1.0, compress=False, max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(socket, request.transport, request.query.get("compress"))
        self.connections.add(connection)
        try:
            if request.query.get("v") not in ("9", "10"):
                connection.close(CloseCode.INVALID_VERSION)
            hello = {"heartbeat_interval": round(self.heartbeat_interval_seconds * 1000)}
            connection.send({"op": Opcode.HELLO, "d": hello, "s": None, "t": None})
            await self._receive_all(connection)
        finally:
            self.connections.discard(connection)
            self._detach(connection)
            await connection.finish()
            self.state.changes.notify()
        return socket

    async def _receive_all(self, connection: Connection) -> None:
        """Receive until the connection ends or its heart stops."""
        while not connection.socket.closed:
            silence = asyncio.get_running_loop().time() - connection.last_heartbeat
            remaining = self.heartbeat_timeout_seconds - silence
            try:
                received = await connection.socket.receive(timeout=max(remaining, 0.01))
            except TimeoutError:
                if remaining <= 0.01:
                    connection.close(CloseCode.SESSION_TIMED_OUT)
                    await connection.finish()
                continue
            if received.type is not WSMsgType.TEXT:
                return
            try:
                payload = json.loads(received.data)
                opcode, data = Opcode(payload["op"]), payload.get("d")
            except (ValueError, KeyError, TypeError):
                connection.close(CloseCode.DECODE_ERROR)
                continue
            if len(received.data.encode()) > PAYLOAD_BYTES:
                connection.close(CloseCode.DECODE_ERROR)
            elif not connection.count_event(EVENTS_PER_MINUTE):
                connection.close(CloseCode.RATE_LIMITED)
            else:
                self._obey(connection, opcode, data)

    def _obey(self, connection: Connection, opcode: Opcode, data: Json) -> None:
        """Do what the client asks."""
        if opcode is Opcode.HEARTBEAT:
            self._take_heartbeat(connection)
        elif opcode is Opcode.IDENTIFY:
            self._identify(connection, data)
        elif opcode is Opcode.RESUME:
            self._resume(connection, data)
        elif connection.session_id is None:
            connection.close(CloseCode.NOT_AUTHENTICATED)
        elif opcode is Opcode.REQUEST_MEMBERS:
            self._send_members(connection, data)
        elif opcode not in (Opcode.PRESENCE, Opcode.VOICE_STATE):
            connection.close(CloseCode.UNKNOWN_OPCODE)

    def _take_heartbeat(self, connection: Connection) -> None:
        """Note a heartbeat's lateness, and acknowledge it."""
        lateness = connection.beat() - self.heartbeat_interval_seconds
        self.state.heartbeats.append(Heartbeat(connection.session_id or "", lateness))
        if self.acknowledges_heartbeats:
            connection.send({"op": Opcode.HEARTBEAT_ACK, "d": None, "s": None, "t": None})
        self.state.changes.notify()

    def overdue_heartbeats(self) -> list[Heartbeat]:
        """Return the heartbeats that open connections owe at this moment."""
        now = asyncio.get_running_loop().time()
        return [
            Heartbeat(one.session_id, now - one.last_heartbeat - self.heartbeat_interval_seconds)
            for one in self.connections
            if one.session_id is not None and not one.socket.closed
        ]

    def _identify(self, connection: Connection, data: Json) -> None:
        """Begin a session."""
        self.identifies += 1
        refusal = self._refuse_identify(connection, data)
        if refusal is not None:
            connection.close(refusal)
            return
        shard_id, shard_count = data.get("shard") or (0, 1)
        session = Session(secrets.token_hex(16), Intent(data["intents"]), shard_id, shard_count)
        self.sessions[session.id] = session
        session.attach(connection)
        state = self.state
        guilds = [guild for guild in state.guilds.values() if session.serves(guild.id)]
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": own_user_payload(state.bot),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "session_type": "normal",
                "shard": [shard_id, shard_count],
                "application": {
                    "id": str(state.application_id),
                    "flags": application_payload(state)["flags"],
                },
            },
        )
        if session.hears(Intent.GUILDS):
            for guild in guilds:
                session.dispatch("GUILD_CREATE", self.describe_guild(guild, session))
        state.changes.notify()

    def _refuse_identify(self, connection: Connection, data: Json) -> CloseCode | None:
        """Return why a session cannot begin."""
        if connection.session_id is not None:
            return CloseCode.ALREADY_AUTHENTICATED
        if data.get("token") != self.state.token:
            return CloseCode.AUTHENTICATION_FAILED
        intents = data.get("intents")
        if not isinstance(intents, int) or intents >= 1 << 26:
            return CloseCode.INVALID_INTENTS
        if intents & PRIVILEGED_INTENTS & ~self.state.allowed_privileged_intents:
            return CloseCode.DISALLOWED_INTENTS
        shard_id, shard_count = data.get("shard") or (0, 1)
        if shard_count < self.state.required_shards:
            return CloseCode.SHARDING_REQUIRED
        return None if 0 <= shard_id < shard_count else CloseCode.INVALID_SHARD

    def describe_guild(self, guild: Guild, session: Session) -> Json:
        """Describe a guild to a session; it lists all members with that intent."""
        payload = guild_create_payload(self.state, guild)
        if session.hears(Intent.GUILD_MEMBERS):
            payload["members"] = [member_payload(member) for member in guild.members.values()]
        return payload

    def _resume(self, connection: Connection, data: Json) -> None:
        """Take a session up again, and tell what it missed."""
        if data.get("token") != self.state.token:
            connection.close(CloseCode.AUTHENTICATION_FAILED)
            return
        session = self.sessions.get(data.get("session_id") or "")
        if session is None:
            connection.send({"op": Opcode.INVALID_SESSION, "d": False, "s": None, "t": None})
            return
        missed = session.missed_since(data.get("seq"))
        if missed is None:
            del self.sessions[session.id]
            connection.close(CloseCode.INVALID_SEQUENCE)
            return
        self.resumes += 1
        if session.connection is not None:
            session.connection.abort()
        session.attach(connection)
        for payload in missed:
            connection.send(payload)
        session.dispatch("RESUMED", {"_trace": []})
        self.state.changes.notify()

    def _send_members(self, connection: Connection, data: Json) -> None:
        """Answer a request for members."""
        session = self.sessions[connection.session_id or ""]
        guild = self.state.guilds.get(int(data["guild_id"]))
        if guild is None or (
            "query" in data and not session.hears(Intent.GUILD_MEMBERS) and not data["query"]
        ):
            return
        wanted = {int(user_id) for user_id in data.get("user_ids") or []}
        prefix = (data.get("query") or "").lower()
        members = [
            member_payload(member)
            for member in guild.members.values()
            if (
                member.user.id in wanted
                if wanted
                else member.user.username.lower().startswith(prefix)
            )
        ]
        chunk: Json = {
            "guild_id": str(guild.id),
            "members": members,
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [str(one) for one in wanted if one not in guild.members],
        }
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk | {"nonce": data.get("nonce")})

    def _detach(self, connection: Connection) -> None:
        """Let a session live on without its connection, unless the client closed it for good."""
        session = self.sessions.get(connection.session_id or "")
        if session is None or session.connection is not connection:
            return
        session.connection = None
        if connection.socket.close_code in (1000, 1001) and not connection.was_closed_by_server:
            del self.sessions[session.id]

    def forget_session(self, session: Session, *, resumable: bool) -> None:
        """Tell a client that its session is no longer valid."""
        if session.connection is not None:
            invalid = {"op": Opcode.INVALID_SESSION, "d": resumable, "s": None, "t": None}
            session.connection.send(invalid)
        if not resumable:
            self.sessions.pop(session.id, None)

    def request_reconnect(self) -> None:
        """Ask every client to connect anew."""
        for connection in self.connections:
            connection.send({"op": Opcode.RECONNECT, "d": None, "s": None, "t": None})

    async def close(self) -> None:
        """Close every connection, as a server that goes away."""
        for connection in list(self.connections):
            connection.close(1001)
            await connection.finish()
