"""What people do: write, react, use commands, press buttons, fill in forms."""

import asyncio

from tests.loopback.mentions import find_mentions
from tests.loopback.model import (
    Channel,
    ChannelType,
    Message,
    MessageFlag,
    MessageType,
    Person,
    Upload,
    user_of,
)
from tests.loopback.options import ClientRefusalError, check_upload
from tests.loopback.permissions import Permission, sending_permission
from tests.loopback.world import World

TYPED_CHARACTERS = 4000
"""What those may write who pay for it; others write half as much."""


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
        attachments: tuple[Upload, ...] = (),
    ) -> Message:
        """Write a message; it mentions whom its text mentions.

        Args:
            ping_replied: whether the reply pings the author it answers.
            attachments: files; with one there need be no text.
        """
        user = user_of(author)
        self._require(user, Permission.VIEW_CHANNEL | sending_permission(channel), channel)
        content = content.strip()
        if not (content or attachments) or len(content) > TYPED_CHARACTERS:
            raise ClientRefusalError(f"a message has 1 to {TYPED_CHARACTERS} characters")
        if channel.archived:
            if channel.locked:
                raise ClientRefusalError(f"thread {channel.name!r} is locked")
            channel.archived = False
            self.events.channel_updated(channel)
        if channel.is_thread:
            channel.thread_member_ids.add(user.id)
        message = Message(self.state.next_id(), channel.id, user, self.state.clock.now(), content)
        for file in attachments:
            check_upload(file)
            message.attachments.append(self.state.store_file(file))
        self._set_mentions(message, reply_to, ping_replied=ping_replied)
        if reply_to is not None:
            message.type = MessageType.REPLY
            message.reference_id, message.reference_channel_id = reply_to.id, reply_to.channel_id
        return await self._tell(message)

    async def send_as_webhook(self, channel: Channel, name: str, content: str) -> Message:
        """Let a webhook write a message; its author is no member and no account."""
        webhook = self.add_user(name, is_bot=True)
        message = Message(
            self.state.next_id(), channel.id, webhook, self.state.clock.now(), content
        )
        message.webhook_id = webhook.id
        self._set_mentions(message, None, ping_replied=False)
        return await self._tell(message)

    async def send_system_message(
        self, channel: Channel, person: Person, kind: MessageType, content: str = ""
    ) -> Message:
        """Let Discord itself write a message about a person, such as that they joined."""
        user = user_of(person)
        message = Message(self.state.next_id(), channel.id, user, self.state.clock.now(), content)
        message.type = kind
        return await self._tell(message)

    async def _tell(self, message: Message) -> Message:
        self.state.add_message(message)
        self.events.message_created(message)
        await asyncio.sleep(0)
        return message

    async def unfurl_link(self, message: Message, title: str) -> None:
        """Show what a link in a message leads to: it is updated, though nobody edited it."""
        message.embeds.append({"type": "link", "title": title, "url": "https://example.org/"})
        self.events.message_updated(message)
        await asyncio.sleep(0)

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

    async def delete_messages(self, channel: Channel, *messages: Message) -> None:
        """Delete many messages of a channel at once, as a moderator does."""
        for message in messages:
            message.deleted = True
        self.events.messages_deleted(channel, messages)
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
            await self._tell(self.state.new_thread_starter(thread, user_of(person), on))
        else:
            await self.send_system_message(channel, person, MessageType.THREAD_CREATED, name)
        return thread

    async def create_post(
        self,
        forum: Channel,
        person: Person,
        title: str,
        content: str,
        *,
        starter_after_seconds: float = 0.0,
        tags: tuple[str, ...] = (),
        attachments: tuple[Upload, ...] = (),
    ) -> Channel:
        """Open a post in a forum: a thread whose first message has the thread's id.

        Args:
            starter_after_seconds: for so long there is a thread without its first message.
        """
        self._require(person, Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES, forum)
        if forum.requires_tag and not tags:
            raise ClientRefusalError(f"a post in {forum.name!r} takes a tag")
        thread = self._new_thread(forum, person, title)
        thread.applied_tag_ids = [int(tag["id"]) for tag in forum.tags if tag["name"] in tags]
        thread.awaits_starter = True
        self.events.thread_created(thread)
        await asyncio.sleep(starter_after_seconds)
        starter = Message(thread.id, thread.id, user_of(person), self.state.clock.now(), content)
        starter.attachments = [self.state.store_file(file) for file in attachments]
        self._set_mentions(starter, None, ping_replied=False)
        thread.awaits_starter = False
        await self._tell(starter)
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
