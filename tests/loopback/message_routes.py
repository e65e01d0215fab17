"""The routes for messages in channels, and for reactions to them."""

from aiohttp import web

from tests.loopback.errors import DiscordError, missing_access, missing_permissions
from tests.loopback.events import Events
from tests.loopback.faults import json_response
from tests.loopback.forms import read_form, read_id
from tests.loopback.limits import unknown_reference
from tests.loopback.model import (
    Channel,
    ChannelType,
    Intent,
    Json,
    Message,
    MessageType,
    Typing,
    Upload,
)
from tests.loopback.payloads import message_payload
from tests.loopback.permissions import Permission, can_hold_messages, sending_permission
from tests.loopback.rest import API_PREFIX
from tests.loopback.state import State
from tests.loopback.writing import Writer

NONCE_REMEMBERED_SECONDS = 300
REPLIABLE = (
    MessageType.DEFAULT,
    MessageType.REPLY,
    MessageType.CHAT_INPUT_COMMAND,
    MessageType.CONTEXT_MENU_COMMAND,
    MessageType.THREAD_STARTER,
)


class MessageRoutes:
    """Let the bot read, write, edit and delete messages."""

    def __init__(self, state: State, events: Events, writer: Writer) -> None:
        """Serve a state's messages."""
        self._state = state
        self._events = events
        self._writer = writer

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        messages = f"{API_PREFIX}/channels/{{channel_id}}/messages"
        message = f"{messages}/{{message_id}}"
        return [
            web.get(messages, self._list, allow_head=False),
            web.post(messages, self._create),
            web.get(message, self._get, allow_head=False),
            web.patch(message, self._edit),
            web.delete(message, self._delete),
            web.put(f"{message}/reactions/{{emoji}}/@me", self._react),
            web.delete(f"{message}/reactions/{{emoji}}/@me", self._unreact),
            web.post(f"{API_PREFIX}/channels/{{channel_id}}/typing", self._type),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        form, files = await read_form(request)
        channel = self._visible_channel(request)
        self._check_may_send(channel, files)
        repeated = self._find_by_nonce(channel, form)
        if repeated is not None:
            return self._describe(repeated)
        replied_to = self._find_reference(channel, form)
        self._strip_embeds(request, channel, form)
        if channel.archived:
            channel.archived = False
            self._events.channel_updated(channel)
        return self._describe(self._writer.create(channel, form, files, replied_to=replied_to))

    def _check_may_send(self, channel: Channel, files: list[Upload]) -> None:
        """Refuse to write where the bot may not."""
        state = self._state
        if not can_hold_messages(channel):
            message = "Cannot send messages in a non-text channel"
            raise DiscordError(400, 50008, message, rule="NOT_A_TEXT_CHANNEL")
        if channel.type is ChannelType.DIRECT:
            if not all(state.users[one].accepts_direct_messages for one in channel.recipient_ids):
                raise DiscordError(403, 50007, "Cannot send messages to this user")
            return
        if not state.may(state.bot, sending_permission(channel), channel):
            raise missing_permissions()
        if files and not state.may(state.bot, Permission.ATTACH_FILES, channel):
            raise missing_permissions()
        if channel.locked and not state.may(state.bot, Permission.MANAGE_THREADS, channel):
            raise DiscordError(400, 50083, "Thread is archived", rule="THREAD_IS_LOCKED")
        if channel.awaits_starter:
            message = (
                "Cannot message this thread until after the post author has sent an initial message"
            )
            raise DiscordError(403, 40058, message, rule="THREAD_AWAITS_STARTER")

    def _find_by_nonce(self, channel: Channel, form: Json) -> Message | None:
        """Return the message that a repeated request has already written."""
        if not form.get("enforce_nonce") or not form.get("nonce"):
            return None
        since = self._state.clock.now() - NONCE_REMEMBERED_SECONDS
        for message in self._state.messages_in(channel):
            if message.nonce == form["nonce"] and message.author is self._state.bot:
                return message if message.created_at >= since else None
        return None

    def _find_reference(self, channel: Channel, form: Json) -> Message | None:
        """Return the message that is replied to."""
        reference = form.get("message_reference")
        if reference is None:
            return None
        if not self._state.may(self._state.bot, Permission.READ_MESSAGE_HISTORY, channel):
            message = "Cannot reply without permission to read message history"
            raise DiscordError(403, 160002, message, rule="MISSING_PERMISSIONS")
        replied_to = self._state.messages.get(int(reference["message_id"]))
        if (
            replied_to is None
            or replied_to.deleted
            or replied_to.channel_id != channel.id
            or replied_to.is_ephemeral
        ):
            if reference.get("fail_if_not_exists", True):
                raise unknown_reference()
            return None
        if replied_to.type not in REPLIABLE:
            raise DiscordError(
                400, 50035, "Invalid Form Body", rule="REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE"
            )
        return replied_to

    def _strip_embeds(self, request: web.Request, channel: Channel, form: Json) -> None:
        """Take away embeds that the bot may not send; refuse where nothing is left."""
        if not form.get("embeds") or self._state.may(
            self._state.bot, Permission.EMBED_LINKS, channel
        ):
            return
        if not (form.get("content") or "").strip():
            raise missing_permissions()
        form["embeds"] = []
        route = f"{request.method} {request.path.removeprefix(API_PREFIX)}"
        self._state.record_breach(route, "EMBEDS_STRIPPED", "the bot lacks EMBED_LINKS here")

    async def _list(self, request: web.Request) -> web.Response:
        channel = self._visible_channel(request)
        if not self._state.may(self._state.bot, Permission.READ_MESSAGE_HISTORY, channel):
            return json_response([])
        messages = [one for one in self._state.messages_in(channel) if not one.is_ephemeral]
        limit = min(int(request.query.get("limit", 50)), 100)
        if "after" in request.query:
            after = read_id(request.query["after"])
            chosen = [one for one in messages if one.id > after][:limit]
        elif "around" in request.query:
            around = read_id(request.query["around"])
            chosen = sorted(
                sorted(messages, key=lambda one: abs(one.id - around))[:limit],
                key=lambda one: one.id,
            )
        else:
            before = read_id(request.query.get("before", str(1 << 63)))
            chosen = [one for one in messages if one.id < before][-limit:]
        return json_response([self._payload(one) for one in reversed(chosen)])

    async def _get(self, request: web.Request) -> web.Response:
        channel = self._visible_channel(request)
        if not self._state.may(self._state.bot, Permission.READ_MESSAGE_HISTORY, channel):
            raise missing_access()
        return self._describe(self._find(request, channel))

    async def _edit(self, request: web.Request) -> web.Response:
        form, files = await read_form(request)
        channel = self._visible_channel(request)
        message = self._find(request, channel)
        if message.author is not self._state.bot:
            text = "Cannot edit a message authored by another user"
            raise DiscordError(403, 50005, text, rule="NOT_OWN_MESSAGE")
        if channel.archived:
            raise DiscordError(400, 50083, "Thread is archived", rule="THREAD_IS_ARCHIVED")
        if channel.guild_id is not None:
            self._strip_embeds(request, channel, form)
        return self._describe(self._writer.edit(message, form, files))

    async def _delete(self, request: web.Request) -> web.Response:
        channel = self._visible_channel(request)
        message = self._find(request, channel)
        is_own = message.author is self._state.bot
        if not is_own and not self._state.may(self._state.bot, Permission.MANAGE_MESSAGES, channel):
            raise missing_permissions()
        self._writer.delete(message)
        return web.Response(status=204)

    async def _react(self, request: web.Request) -> web.Response:
        channel = self._visible_channel(request)
        message = self._find(request, channel)
        if not self._state.may(self._state.bot, Permission.ADD_REACTIONS, channel):
            raise missing_permissions()
        emoji = request.match_info["emoji"]
        message.reactions.setdefault(emoji, set()).add(self._state.bot.id)
        self._events.reaction_added(message, self._state.bot, emoji)
        return web.Response(status=204)

    async def _unreact(self, request: web.Request) -> web.Response:
        message = self._find(request, self._visible_channel(request))
        message.reactions.get(request.match_info["emoji"], set()).discard(self._state.bot.id)
        return web.Response(status=204)

    async def _type(self, request: web.Request) -> web.Response:
        channel = self._visible_channel(request)
        self._check_may_send(channel, [])
        self._state.typing.append(Typing(channel.id, self._state.clock.now()))
        return web.Response(status=204)

    def _visible_channel(self, request: web.Request) -> Channel:
        """Return the channel of a request, if the bot can see it."""
        channel = self._state.find_channel(read_id(request.match_info["channel_id"]))
        if not self._state.may(self._state.bot, Permission.VIEW_CHANNEL, channel):
            raise missing_access()
        return channel

    def _find(self, request: web.Request, channel: Channel) -> Message:
        """Return the message of a request; ephemeral ones are not to be found this way."""
        message = self._state.find_message(channel.id, read_id(request.match_info["message_id"]))
        return self._state.find_message(channel.id, 0) if message.is_ephemeral else message

    def _payload(self, message: Message) -> Json:
        may_read = Intent.MESSAGE_CONTENT in self._state.allowed_privileged_intents
        return message_payload(self._state, message, content_intent=may_read)

    def _describe(self, message: Message) -> web.Response:
        return json_response(self._payload(message))
