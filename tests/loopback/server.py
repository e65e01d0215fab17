"""A Discord on this machine alone, that holds bots to Discord's limits."""

import asyncio
import re
from collections.abc import Callable
from traceback import format_exception
from types import TracebackType

from aiohttp import web

from tests.loopback.clock import Clock
from tests.loopback.command_routes import CommandRoutes
from tests.loopback.community_routes import CommunityRoutes
from tests.loopback.events import Events
from tests.loopback.faults import Fault, Faults, RateLimit, rate_limit_answer
from tests.loopback.forging import Forgers
from tests.loopback.gateway import Gateway
from tests.loopback.interaction_routes import InteractionRoutes
from tests.loopback.interactions import ACKNOWLEDGE_WITHIN_SECONDS
from tests.loopback.message_routes import MessageRoutes
from tests.loopback.model import (
    Breach,
    Channel,
    Heartbeat,
    Intent,
    Json,
    Message,
    MessageType,
    Person,
    Ping,
    RequestRecord,
    Typing,
)
from tests.loopback.rest import Front
from tests.loopback.state import TOKEN, State
from tests.loopback.waiting import Found
from tests.loopback.writing import Writer

TRANSPARENT_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


class LoopbackDiscord(Forgers):
    """Serve one bot; `async with` starts and stops it.

    Attributes:
        clock: what deadlines are judged by; `clock.advance` moves it.
        base_url: where it listens, "http://127.0.0.1:port".
        token: what the bot logs in with.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        token: str = TOKEN,
        allowed_privileged_intents: Intent = Intent(0),  # noqa: B008
        heartbeat_interval_seconds: float = 41.25,
        heartbeat_timeout_seconds: float | None = None,
        heartbeat_tolerance_seconds: float = 0.5,
        recommended_shards: int = 1,
        required_shards: int = 1,
    ) -> None:
        """Make a server that does not listen yet.

        Args:
            allowed_privileged_intents: those switched on in the developer portal.
            required_shards: a bot that connects with fewer is refused.
            heartbeat_timeout_seconds: silence after which a connection is closed; by default
                two intervals, and 20 s at least.
            heartbeat_tolerance_seconds: a heartbeat later than this counts as late.
        """
        self.clock = clock or Clock()
        self.state = State(
            self.clock, token=token, allowed_privileged_intents=allowed_privileged_intents
        )
        self.state.recommended_shards = max(recommended_shards, required_shards)
        self.state.required_shards = required_shards
        self.gateway = Gateway(
            self.state,
            heartbeat_interval_seconds=heartbeat_interval_seconds,
            heartbeat_timeout_seconds=heartbeat_timeout_seconds
            or max(2 * heartbeat_interval_seconds, 20.0),
        )
        self.events = Events(self.state, self.gateway)
        self._heartbeat_tolerance_seconds = heartbeat_tolerance_seconds
        self._faults = Faults()
        self._front = Front(self.state, self._faults)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "LoopbackDiscord":
        """Listen on a free port of this machine."""
        application = web.Application(
            middlewares=[self._front.middleware()], client_max_size=1 << 27
        )
        writer = Writer(self.state, self.events)
        for routes in (
            CommunityRoutes(self.state, self.gateway, self.events, writer),
            CommandRoutes(self.state),
            MessageRoutes(self.state, self.events, writer),
            InteractionRoutes(self.state, writer),
        ):
            application.add_routes(routes.routes())
        application.router.add_get("/gateway", self.gateway.handle, allow_head=False)
        for folder in ("attachments", "ephemeral-attachments"):
            path = f"/{folder}/{{id}}/{{name}}"
            application.router.add_get(path, self._attachment, allow_head=False)
        application.router.add_get("/cdn/{path:.*}", self._picture, allow_head=False)
        self._runner = web.AppRunner(application, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.state.base_url = f"http://127.0.0.1:{port}"
        self.gateway.url = f"ws://127.0.0.1:{port}/gateway"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop; a crash inside the server fails the test."""
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()
        for crash in self._front.crashes:
            if error is None:
                raise AssertionError("the loopback server crashed") from crash
            error.add_note("The loopback server crashed:\n" + "".join(format_exception(crash)))

    @property
    def base_url(self) -> str:
        """Where the server listens."""
        return self.state.base_url

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.state.token

    @property
    def breaches(self) -> list[Breach]:
        """The rules that the bot broke; interactions left unanswered for 3 s are among them."""
        for interaction in self.state.interactions.values():
            overdue = interaction.age_seconds() > ACKNOWLEDGE_WITHIN_SECONDS
            if interaction.callback is None and overdue and not interaction.is_late_recorded:
                interaction.is_late_recorded = True
                self.state.record_breach("gateway", "UNANSWERED_INTERACTION", interaction.label)
        return self.state.breaches

    @property
    def pings(self) -> list[Ping]:
        """Everyone whom the bot's messages would have pinged."""
        return self.state.pings

    @property
    def typing(self) -> list[Typing]:
        """Every time the bot showed that it is typing."""
        return self.state.typing

    @property
    def requests(self) -> list[RequestRecord]:
        """Every REST request, and how it was answered."""
        return self.state.requests

    @property
    def heartbeats(self) -> list[Heartbeat]:
        """Every heartbeat; early ones have a negative lateness."""
        return self.state.heartbeats

    @property
    def late_heartbeats(self) -> list[Heartbeat]:
        """The heartbeats that came late, and those that are overdue now."""
        known = [*self.state.heartbeats, *self.gateway.overdue_heartbeats()]
        return [one for one in known if one.lateness_seconds > self._heartbeat_tolerance_seconds]

    @property
    def commands(self) -> list[Json]:
        """The commands that are registered."""
        return list(self.state.commands.values())

    def bot_messages(self, channel: Channel | None = None) -> list[Message]:
        """Return what the bot wrote and did not delete, oldest first."""
        return [
            one
            for one in (
                self.state.messages.values() if channel is None else self.state.messages_in(channel)
            )
            if one.author is self.bot
            and not one.deleted
            and one.type is not MessageType.THREAD_STARTER
        ]

    def visible_messages(self, channel: Channel, viewer: Person) -> list[Message]:
        """Return what a person sees in a channel, oldest first."""
        return [one for one in self.state.messages_in(channel) if self.state.can_read(one, viewer)]

    async def wait_for(
        self, find: Callable[[], Found | None], awaited: str, *, timeout_seconds: float = 10.0
    ) -> Found:
        """Wait until something is found, and return it.

        Args:
            find: returns None as long as there is nothing.
            awaited: what is awaited, for the failure's message.
        """
        return await self.state.changes.wait_for(
            find,
            awaited=awaited,
            seen=self.state.describe_activity,
            timeout_seconds=timeout_seconds,
        )

    async def wait_until_ready(self, *, timeout_seconds: float = 30.0) -> None:
        """Wait until the bot has a session and was told of its guilds."""

        def is_connected() -> bool | None:
            return any(session.connection for session in self.gateway.sessions.values()) or None

        await self.wait_for(is_connected, "the bot to connect", timeout_seconds=timeout_seconds)

    async def wait_until_gone(self, *, timeout_seconds: float = 10.0) -> None:
        """Wait until no connection of the bot is left, as before it is started again."""

        def is_gone() -> bool | None:
            return not any(session.connection for session in self.gateway.sessions.values()) or None

        await self.wait_for(is_gone, "the bot to be gone", timeout_seconds=timeout_seconds)

    async def wait_for_command(self, name: str, *, timeout_seconds: float = 30.0) -> Json:
        """Wait until a command is registered."""

        def find() -> Json | None:
            return next((one for one in self.commands if one["name"] == name), None)

        return await self.wait_for(find, f"command {name!r}", timeout_seconds=timeout_seconds)

    def replies(self, *, to: Message) -> list[Message]:
        """Return the bot's messages that reply to one, or are in the thread on it."""
        thread = self.state.channels.get(to.thread_id or 0)
        return self.state.replies_to(to) + ([] if thread is None else self.bot_messages(thread))

    async def next_reply(self, *, to: Message, timeout_seconds: float = 30.0) -> Message:
        """Wait for the bot's first message that replies to one, or is in the thread on it."""

        def find() -> Message | None:
            return next(iter(self.replies(to=to)), None)

        return await self.wait_for(find, f"a reply to {to!r}", timeout_seconds=timeout_seconds)

    async def next_message(
        self, channel: Channel, *, after: Message | None = None, timeout_seconds: float = 30.0
    ) -> Message:
        """Wait for the bot's next message in a channel.

        Args:
            after: the message that it must follow; by default the last one there is.
        """
        since = after.id if after is not None else max(self.state.messages, default=0)

        def find() -> Message | None:
            return next((one for one in self.bot_messages(channel) if one.id > since), None)

        return await self.wait_for(
            find, f"a message in {channel.name!r}", timeout_seconds=timeout_seconds
        )

    async def expect_silence(self, channel: Channel, *, seconds: float) -> None:
        """Fail if the bot writes in a channel meanwhile."""
        before = {one.id for one in self.bot_messages(channel)}
        await asyncio.sleep(seconds)
        written = [one for one in self.bot_messages(channel) if one.id not in before]
        assert not written, f"the bot should have been silent, but wrote {written}"

    def drop_connections(self) -> None:
        """Break every gateway connection without a word; the sessions live on."""
        for connection in self.gateway.connections:
            connection.abort()

    def close_connections(self, code: int) -> None:
        """Close every gateway connection with a code."""
        for connection in self.gateway.connections:
            connection.close(code)

    def invalidate_sessions(self, *, resumable: bool) -> None:
        """Tell the bot that its sessions are invalid."""
        for session in list(self.gateway.sessions.values()):
            self.gateway.forget_session(session, resumable=resumable)

    def request_reconnect(self) -> None:
        """Ask the bot to connect anew."""
        self.gateway.request_reconnect()

    def stop_acknowledging_heartbeats(self) -> None:
        """Take heartbeats without a word from now on."""
        self.gateway.acknowledges_heartbeats = False

    def fail_next(
        self,
        method: str,
        path_pattern: str,
        status: int,
        body: Json | str | None = None,
        *,
        times: int = 1,
    ) -> None:
        """Answer coming requests with an error.

        Args:
            method: "*" for any.
            path_pattern: a regular expression searched for in the path after /api/v10.
            body: text stands for an answer that is not Discord's JSON.
        """
        default: Json = {"message": f"{status}: injected fault", "code": 0}
        pattern = re.compile(path_pattern)
        self._faults.add(
            Fault(method, pattern, status, default if body is None else body, remaining=times)
        )

    def stop_failing(self) -> None:
        """Drop the faults that no request has met yet."""
        self._faults.clear()

    def delay_next(self, method: str, path_pattern: str, seconds: float, *, times: int = 1) -> None:
        """Let coming requests wait before they are answered as usual."""
        pattern = re.compile(path_pattern)
        self._faults.add(Fault(method, pattern, 0, {}, remaining=times, delay_seconds=seconds))

    def rate_limit_next(
        self,
        method: str = "*",
        path_pattern: str = "",
        *,
        global_: bool = False,
        retry_after_seconds: float = 0.2,
        times: int = 1,
    ) -> None:
        """Answer coming requests with 429."""
        body, headers = rate_limit_answer(retry_after_seconds, is_global=global_)
        pattern = re.compile(path_pattern)
        self._faults.add(Fault(method, pattern, 429, body, headers, remaining=times))

    def limit_rate(self, method: str, path_pattern: str, limit: int, *, per_seconds: float) -> None:
        """Put a real rate limit on each path that matches, announced in its headers."""
        self._faults.limit(RateLimit(method, re.compile(path_pattern), limit, per_seconds))

    async def _attachment(self, request: web.Request) -> web.Response:
        content = self.state.files.get(int(request.match_info["id"]))
        if content is None:
            raise web.HTTPNotFound
        return web.Response(body=content)

    async def _picture(self, request: web.Request) -> web.Response:
        return web.Response(body=TRANSPARENT_PIXEL, content_type="image/png")
