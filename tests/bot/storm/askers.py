"""A member who asks, and waits for what is owed."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.community.showing.text import read_question
from tests.bot.storm.hostile import ask_something, write_something
from tests.bot.storm.outcomes import Asked, Entry, shown_by
from tests.loopback import (
    CallbackKind,
    Channel,
    Guild,
    Interaction,
    LoopbackDiscord,
    Member,
    Message,
)

Event: TypeAlias = Callable[[], Awaitable[None]]
OWED_WITHIN_SECONDS = 60.0
MOST_GONE_ON_FROM = 8
"""Of how many channels a member takes up the last answer: older ones the bot may have dropped."""


@dataclass(kw_only=True)
class Places:
    """Where the storm blows: what the bot may do differs from place to place.

    Attributes:
        unaddressed: where it answers what nobody addresses to it, if it may read that.
        forum: where it answers posts, if it may read them.
    """

    guild: Guild
    open: tuple[Channel, ...]
    without_embeds: Channel
    without_history: Channel
    silent: Channel
    unaddressed: Channel | None = None
    forum: Channel | None = None


@dataclass
class Owed:
    """Which messages the bot had to answer, or was free to."""

    message_ids: set[int] = field(default_factory=set)
    events: int = 0


class Asker:
    """Asks in every way there is, and notes what was asked and what was shown."""

    def __init__(
        self,
        server: LoopbackDiscord,
        member: Member,
        places: Places,
        owed: Owed,
        entries: list[Entry],
    ) -> None:
        self.server = server
        self.member = member
        self.places = places
        self.owed = owed
        self.entries = entries
        self.last_answer: dict[int, Message] = {}
        self.own: list[Message] = []
        self.own_thread: Channel | None = None
        self.answers: dict[int, Message] = {}
        self.keys: set[tuple[int, int, bool]] = set()

    async def _ask(self, chance: random.Random) -> None:
        channel = await self._place(chance, self.places.silent)
        typed = write_something(chance, 2000) if chance.random() < 0.15 else ask_something(chance)
        private = chance.random() < 0.2
        if private:
            # In one place alone, so that what was said there before is still remembered.
            channel = self.places.open[0]
        used = await self.server.use_command(
            channel, self.member, "ask", question=typed[:2000], private=private
        )
        shown = await self._answer_to(used)
        self._note("ask", channel, typed[:2000], shown, is_private=private)

    async def _mention(self, chance: random.Random) -> None:
        channel = await self._place(chance)
        text = write_something(chance, 3900) if chance.random() < 0.15 else ask_something(chance)
        mention = self.server.bot.mention
        content = f"{mention} {text}" if chance.random() < 0.8 else f"{text} {mention}"
        await self._owe("mention", channel, content)

    async def _write_directly(self, chance: random.Random) -> None:
        channel = self.server.direct_channel(self.member)
        text = write_something(chance, 3900) if chance.random() < 0.15 else ask_something(chance)
        await self._owe("direct message", channel, text)

    async def _reply(self, chance: random.Random) -> None:
        if not self.last_answer:
            return
        answer = chance.choice(list(self.last_answer.values()))
        channel = self.server.state.channels.get(answer.channel_id)
        if channel in (None, self.places.silent) or answer.deleted or answer.is_ephemeral:
            return
        assert channel is not None
        await self._owe("reply to an answer", channel, ask_something(chance), reply_to=answer)

    async def _owe(
        self, what: str, channel: Channel, content: str, *, reply_to: Message | None = None
    ) -> None:
        before = max(self.server.state.messages, default=0)
        sent = await self.server.send_message(channel, self.member, content, reply_to=reply_to)
        self.owed.message_ids.add(sent.id)
        self.own.append(sent)
        if channel is self.places.without_history:
            shown = [await self._next_message(channel, before)]
        else:
            first = await self.server.next_reply(to=sent, timeout_seconds=OWED_WITHIN_SECONDS)
            shown = [first]
            self.answers[sent.id] = first
        goes_on_from = None if reply_to is None else reply_to.id
        self._note(what, channel, sent.content, shown, goes_on_from=goes_on_from)

    async def _next_message(self, channel: Channel, after: int) -> Message:
        """Wait for the next message; in this channel one member speaks at a time."""

        def find() -> Message | None:
            return next((one for one in self.server.bot_messages(channel) if one.id > after), None)

        return await self.server.wait_for(find, "an answer", timeout_seconds=OWED_WITHIN_SECONDS)

    def _note(
        self,
        what: str,
        channel: Channel,
        typed: str,
        shown: list[Message],
        *,
        is_private: bool = False,
        goes_on_from: int | None = None,
    ) -> None:
        key = (self.member.user.id, channel.id, is_private)
        self.keys.add(key)
        asked = Asked(
            what=what,
            key=key,
            typed=typed,
            shown=shown_by(*shown),
            answer_id=shown[0].id,
            goes_on_from=goes_on_from,
        )
        self.entries.append(asked)
        self.last_answer.pop(channel.id, None)
        self.last_answer[channel.id] = shown[0]
        if len(self.last_answer) > MOST_GONE_ON_FROM:
            del self.last_answer[next(iter(self.last_answer))]

    async def _answer_to(self, interaction: Interaction) -> list[Message]:
        """Wait for what is shown in the end: the answer, or what is told in private instead."""
        await interaction.acknowledged(timeout_seconds=OWED_WITHIN_SECONDS)

        def find() -> list[Message] | None:
            if interaction.followups:
                return interaction.followups
            original = interaction.original
            return [original] if original is not None and interaction.is_resolved else None

        return await self.server.wait_for(
            find, f"an answer to {interaction.label}", timeout_seconds=OWED_WITHIN_SECONDS
        )

    async def _settle(self, interaction: Interaction) -> CallbackKind:
        """Wait until an interaction of any kind is done with, and return how it was taken."""
        kind = await interaction.acknowledged(timeout_seconds=OWED_WITHIN_SECONDS)
        if kind is CallbackKind.DEFERRED_MESSAGE:
            await self._answer_to(interaction)
        return kind

    def _read(self, content: str) -> str:
        return read_question(content, self.server.bot.id)

    async def _place(self, chance: random.Random, *more: Channel) -> Channel:
        if self.own_thread is None:
            parent = chance.choice(self.places.open)
            self.own_thread = await self.server.start_thread(parent, self.member, "my thread")
        return chance.choice(
            (*self.places.open, self.places.without_embeds, self.own_thread, *more)
        )

    def _is_there(self, message: Message) -> bool:
        return not message.deleted and message.channel_id in self.server.state.channels
