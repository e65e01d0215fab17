"""The routes for the application, users, guilds, channels and threads."""

from aiohttp import web

from tests.loopback.errors import DiscordError, missing_access, missing_permissions, unknown
from tests.loopback.events import Events
from tests.loopback.faults import json_response
from tests.loopback.forms import read_form, read_id
from tests.loopback.gateway import Gateway
from tests.loopback.limits import check_thread
from tests.loopback.model import Channel, ChannelType, Guild, Intent, Json, Message, MessageFlag
from tests.loopback.payloads import (
    application_payload,
    channel_payload,
    guild_payload,
    member_payload,
    message_payload,
    own_user_payload,
    role_payload,
    thread_member_payload,
    user_payload,
)
from tests.loopback.permissions import Permission
from tests.loopback.rest import API_PREFIX
from tests.loopback.state import State
from tests.loopback.writing import Writer


class CommunityRoutes:
    """Let the bot look around, open conversations and start threads."""

    def __init__(self, state: State, gateway: Gateway, events: Events, writer: Writer) -> None:
        """Serve a state."""
        self._state = state
        self._gateway = gateway
        self._events = events
        self._writer = writer

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        get = {
            "/gateway": self._gateway_url,
            "/gateway/bot": self._gateway_for_bot,
            "/users/@me": self._me,
            "/users/@me/guilds": self._my_guilds,
            "/users/{user_id}": self._user,
            "/applications/@me": self._application,
            "/oauth2/applications/@me": self._application,
            "/applications/{application_id}/emojis": self._no_items,
            "/guilds/{guild_id}": self._guild,
            "/guilds/{guild_id}/channels": self._guild_channels,
            "/guilds/{guild_id}/roles": self._guild_roles,
            "/guilds/{guild_id}/members/{user_id}": self._guild_member,
            "/guilds/{guild_id}/threads/active": self._active_threads,
            "/channels/{channel_id}": self._channel,
        }
        threads = f"{API_PREFIX}/channels/{{channel_id}}/threads"
        member = f"{API_PREFIX}/channels/{{channel_id}}/thread-members/@me"
        return [
            *(
                web.get(API_PREFIX + path, handler, allow_head=False)
                for path, handler in get.items()
            ),
            web.post(f"{API_PREFIX}/users/@me/channels", self._open_conversation),
            web.patch(f"{API_PREFIX}/channels/{{channel_id}}", self._edit_thread),
            web.post(
                f"{API_PREFIX}/channels/{{channel_id}}/messages/{{message_id}}/threads",
                self._thread_on,
            ),
            web.post(threads, self._thread),
            web.put(member, self._join_thread),
            web.put(member.replace("@me", "{user_id}"), self._add_to_thread),
            web.delete(member, self._leave_thread),
        ]

    async def _gateway_url(self, request: web.Request) -> web.Response:
        return json_response({"url": self._gateway.url})

    async def _gateway_for_bot(self, request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        shards = self._state.recommended_shards
        return json_response(
            {"url": self._gateway.url, "shards": shards, "session_start_limit": limit}
        )

    async def _me(self, request: web.Request) -> web.Response:
        return json_response(own_user_payload(self._state.bot))

    async def _my_guilds(self, request: web.Request) -> web.Response:
        guilds = self._state.guilds.values()
        return json_response([guild_payload(self._state, guild) for guild in guilds])

    async def _user(self, request: web.Request) -> web.Response:
        user = self._state.users.get(read_id(request.match_info["user_id"]))
        if user is None:
            raise unknown("User")
        return json_response(user_payload(user))

    async def _application(self, request: web.Request) -> web.Response:
        return json_response(application_payload(self._state))

    async def _no_items(self, request: web.Request) -> web.Response:
        return json_response({"items": []})

    def _find_guild(self, request: web.Request) -> Guild:
        return self._state.find_guild(read_id(request.match_info["guild_id"]))

    async def _guild(self, request: web.Request) -> web.Response:
        guild = self._find_guild(request)
        counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
        wants_counts = request.query.get("with_counts") in ("1", "true")
        return json_response(guild_payload(self._state, guild) | (counts if wants_counts else {}))

    async def _guild_channels(self, request: web.Request) -> web.Response:
        guild = self._find_guild(request)
        channels = [one for one in self._state.channels.values() if one.guild_id == guild.id]
        return json_response(
            [channel_payload(self._state, one) for one in channels if not one.is_thread]
        )

    async def _guild_roles(self, request: web.Request) -> web.Response:
        roles = self._find_guild(request).roles.values()
        return json_response([role_payload(role) for role in roles])

    async def _guild_member(self, request: web.Request) -> web.Response:
        member = self._find_guild(request).members.get(read_id(request.match_info["user_id"]))
        if member is None:
            raise unknown("Member")
        return json_response(member_payload(member))

    async def _active_threads(self, request: web.Request) -> web.Response:
        guild = self._find_guild(request)
        threads = [
            one
            for one in self._state.channels.values()
            if one.guild_id == guild.id and one.is_thread and not one.archived and self._sees(one)
        ]
        joined = [one for one in threads if self._state.bot.id in one.thread_member_ids]
        return json_response(
            {
                "threads": [channel_payload(self._state, one) for one in threads],
                "members": [thread_member_payload(one, self._state.bot) for one in joined],
            }
        )

    def _sees(self, channel: Channel) -> bool:
        return self._state.may(self._state.bot, Permission.VIEW_CHANNEL, channel)

    def _visible_channel(self, request: web.Request) -> Channel:
        channel = self._state.find_channel(read_id(request.match_info["channel_id"]))
        if not self._sees(channel):
            raise missing_access()
        return channel

    async def _channel(self, request: web.Request) -> web.Response:
        return json_response(channel_payload(self._state, self._visible_channel(request)))

    async def _open_conversation(self, request: web.Request) -> web.Response:
        form, _ = await read_form(request)
        user = self._state.users.get(int(form["recipient_id"]))
        if user is None:
            raise unknown("User")
        if user.is_bot:
            raise DiscordError(
                403, 50007, "Cannot send messages to this user", rule="MESSAGE_TO_BOT"
            )
        return json_response(channel_payload(self._state, self._state.direct_channel(user)))

    async def _thread_on(self, request: web.Request) -> web.Response:
        form, _ = await read_form(request)
        channel = self._visible_channel(request)
        message = self._state.find_message(channel.id, read_id(request.match_info["message_id"]))
        if message.is_ephemeral:
            raise unknown("Message")
        self._check_may_start_threads(channel, Permission.CREATE_PUBLIC_THREADS)
        if message.thread_id is not None:
            text = "A thread has already been created for this message"
            raise DiscordError(400, 160004, text, rule="THREAD_EXISTS")
        check_thread(form)
        return self._describe_new(self._start_thread(channel, form, message))

    async def _thread(self, request: web.Request) -> web.Response:
        form, files = await read_form(request)
        channel = self._visible_channel(request)
        is_private = form.get("type") == ChannelType.PRIVATE_THREAD
        needed = (
            Permission.CREATE_PRIVATE_THREADS if is_private else Permission.CREATE_PUBLIC_THREADS
        )
        if channel.type is ChannelType.FORUM:
            needed = Permission.SEND_MESSAGES
        self._check_may_start_threads(channel, needed)
        check_thread(form)
        if channel.requires_tag and not form.get("applied_tags"):
            text = "A tag is required to create a forum post in this channel"
            raise DiscordError(400, 40067, text, rule="FORUM_TAG_REQUIRED")
        if channel.type is not ChannelType.FORUM:
            return self._describe_new(self._start_thread(channel, form, None))
        thread = self._start_thread(channel, form, None)
        starter = Message(thread.id, thread.id, self._state.bot, self._state.clock.now())
        message = self._writer.create(
            thread, form.get("message") or {}, files, interaction_message=starter
        )
        may_read = Intent.MESSAGE_CONTENT in self._state.allowed_privileged_intents
        described = message_payload(self._state, message, content_intent=may_read)
        return json_response(channel_payload(self._state, thread) | {"message": described}, 201)

    def _check_may_start_threads(self, channel: Channel, permission: Permission) -> None:
        if channel.type not in (ChannelType.TEXT, ChannelType.FORUM):
            text = "Cannot execute action on this channel type"
            raise DiscordError(400, 50024, text, rule="WRONG_CHANNEL_TYPE")
        if not self._state.may(self._state.bot, permission, channel):
            raise missing_permissions()

    def _start_thread(self, parent: Channel, form: Json, message: Message | None) -> Channel:
        """Start a thread; one on a message has that message's id."""
        state = self._state
        private = message is None and form.get("type") == ChannelType.PRIVATE_THREAD
        thread = state.create_channel(
            ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD,
            form["name"],
            guild_id=parent.guild_id,
            parent_id=parent.id,
            owner_id=state.bot.id,
            auto_archive_minutes=form.get("auto_archive_duration") or 1440,
        )
        thread.applied_tag_ids = [int(tag_id) for tag_id in form.get("applied_tags") or []]
        thread.thread_member_ids.add(state.bot.id)
        if message is not None:
            state.renumber_channel(thread, message.id)
            thread.thread_member_ids.add(message.author.id)
            message.thread_id = thread.id
            message.flags |= MessageFlag.HAS_THREAD
        self._events.thread_created(thread)
        if message is not None:
            self._events.message_updated(message)
            starter = state.new_thread_starter(thread, state.bot, message)
            self._events.message_created(state.add_message(starter))
        return thread

    def _describe_new(self, thread: Channel) -> web.Response:
        return json_response(channel_payload(self._state, thread), 201)

    async def _edit_thread(self, request: web.Request) -> web.Response:
        form, _ = await read_form(request)
        channel = self._visible_channel(request)
        owns = channel.is_thread and channel.owner_id == self._state.bot.id
        if not owns and not self._state.may(self._state.bot, Permission.MANAGE_THREADS, channel):
            raise missing_permissions()
        channel.archived = form.get("archived", channel.archived)
        channel.locked = form.get("locked", channel.locked)
        channel.name = form.get("name", channel.name)
        self._events.channel_updated(channel)
        return json_response(channel_payload(self._state, channel))

    async def _join_thread(self, request: web.Request) -> web.Response:
        self._visible_channel(request).thread_member_ids.add(self._state.bot.id)
        return web.Response(status=204)

    async def _add_to_thread(self, request: web.Request) -> web.Response:
        thread = self._visible_channel(request)
        thread.thread_member_ids.add(read_id(request.match_info["user_id"]))
        return web.Response(status=204)

    async def _leave_thread(self, request: web.Request) -> web.Response:
        self._visible_channel(request).thread_member_ids.discard(self._state.bot.id)
        return web.Response(status=204)
