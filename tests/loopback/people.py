"""What people do: write, react, use commands, press buttons, fill in forms."""

import asyncio

from tests.loopback.limits import CONTENT_CHARACTERS
from tests.loopback.mentions import find_mentions
from tests.loopback.model import (
    Channel,
    ChannelType,
    Message,
    MessageFlag,
    MessageType,
    Person,
    user_of,
)
from tests.loopback.options import (
    ClientRefusalError,
)
from tests.loopback.permissions import Permission, sending_permission
from tests.loopback.world import World

BUTTON, STRING_SELECT, TEXT_INPUT, LABEL = 2, 3, 4, 18
LINK_STYLE = 5


class People(World):
    """Act for people as their Discord client would, and refuse what it would refuse."""

    async def send_message(
        self,
        channel: Channel,
        author: Person,
        content: str,
        *,
        reply_to: Message | None = None,
        ping_replied: bool = True,
    ) -> Message:
        """Write a message; it mentions whom its text mentions.

        Args:
            ping_replied: whether the reply pings the author it answers.
        """
        user = user_of(author)
        self._require(user, Permission.VIEW_CHANNEL | sending_permission(channel), channel)
        if not content or len(content) > CONTENT_CHARACTERS:
            raise ClientRefusalError(f"a message has 1 to {CONTENT_CHARACTERS} characters")
        message = Message(self.state.next_id(), channel.id, user, self.state.clock.now(), content)
        self._set_mentions(message, reply_to, ping_replied=ping_replied)
        if reply_to is not None:
            message.type = MessageType.REPLY
            message.reference_id, message.reference_channel_id = reply_to.id, reply_to.channel_id
        self.state.add_message(message)
        self.events.message_created(message)
        await asyncio.sleep(0)
        return message

    async def edit_message(self, message: Message, content: str) -> None:
        """Let its author edit a message."""
        message.earlier_contents.append(message.content)
        message.content = content
        message.edited_at = self.state.clock.now()
        replied_to = self.state.messages.get(message.reference_id or 0)
        self._set_mentions(
            message, replied_to, ping_replied=message.mentions.replied_user_id is not None
        )
        self.events.message_updated(message)
        await asyncio.sleep(0)

    def _set_mentions(
        self, message: Message, replied_to: Message | None, *, ping_replied: bool
    ) -> None:
        """Let a message mention whom its text mentions."""
        channel = self.state.channels[message.channel_id]
        parse = {"parse": ["users", "roles", "everyone"], "replied_user": ping_replied}
        message.mentions = find_mentions(
            self.state, message.author, channel, message.content, parse, replied_to
        )

    async def delete_message(self, message: Message) -> None:
        """Delete a message, whoever wrote it."""
        message.deleted = True
        self.events.message_deleted(message)
        await asyncio.sleep(0)

    async def add_reaction(self, message: Message, person: Person, emoji: str) -> None:
        """Put an emoji under a message."""
        user = user_of(person)
        message.reactions.setdefault(emoji, set()).add(user.id)
        self.events.reaction_added(message, user, emoji)
        await asyncio.sleep(0)

    async def start_thread(
        self, channel: Channel, person: Person, name: str, *, on: Message | None = None
    ) -> Channel:
        """Start a public thread, on a message or by itself."""
        self._require(person, Permission.CREATE_PUBLIC_THREADS, channel)
        thread = self._new_thread(channel, person, name)
        if on is not None:
            self.state.renumber_channel(thread, on.id)
            on.thread_id = thread.id
            on.flags |= MessageFlag.HAS_THREAD
        self.events.thread_created(thread)
        if on is not None:
            self.events.message_updated(on)
        await asyncio.sleep(0)
        return thread

    async def create_post(
        self,
        forum: Channel,
        person: Person,
        title: str,
        content: str,
        *,
        starter_after_seconds: float = 0.0,
    ) -> Channel:
        """Open a post in a forum: a thread whose first message has the thread's id.

        Args:
            starter_after_seconds: for so long there is a thread without its first message.
        """
        thread = self._new_thread(forum, person, title)
        thread.awaits_starter = True
        self.events.thread_created(thread)
        await asyncio.sleep(starter_after_seconds)
        starter = Message(thread.id, thread.id, user_of(person), self.state.clock.now(), content)
        self._set_mentions(starter, None, ping_replied=False)
        self.state.add_message(starter)
        thread.awaits_starter = False
        self.events.message_created(starter)
        await asyncio.sleep(0)
        return thread

    def _new_thread(self, parent: Channel, person: Person, name: str) -> Channel:
        thread = self.state.create_channel(
            ChannelType.PUBLIC_THREAD,
            name,
            guild_id=parent.guild_id,
            parent_id=parent.id,
            owner_id=user_of(person).id,
        )
        thread.thread_member_ids.add(user_of(person).id)
        return thread

    def _require(self, person: Person, permission: int, channel: Channel) -> None:
        if not self.state.may(person, permission, channel):
            missing = Permission(permission & ~self.state.permissions_in(channel, person))
            raise ClientRefusalError(
                f"{user_of(person).username} lacks {missing!r} in {channel.name!r}"
            )
