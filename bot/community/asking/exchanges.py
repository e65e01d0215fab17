"""What members asked and were replied, and the conversations that follow from it; bounded."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import discord

from bot.answers.conversation import MAX_TURNS, Conversation, Turn
from bot.community.places import ConversationKey
from bot.community.showing.text import read_question, unescape_text

_EXCHANGES_OF_CONVERSATION = 4
"""How many are kept for each conversation that is remembered, on average."""

_EXPIRING_EVERY_SECONDS = 30.0

_MOST_LOOKED_BACK_ON = MAX_TURNS // 2


@dataclass(eq=False, slots=True, kw_only=True)
class Exchange:
    """A question, and its reply as soon as there is one.

    Attributes:
        id: The message or the interaction that asks; negative where question and reply were read
            from a reply that was no longer known, and then the id of that.
        question: As it reads now; empty when it has been removed or forgotten, or has expired.
        shown: As it read when what is shown was asked for.
        answered: As it was answered last.
        reply: The reply to `answered` as it is looked back on.
        before: The exchanges that it goes on from by their ids, the oldest first; none while it is
            open what will have been said last.
        reply_ids: The messages that show the reply.
        at: When it was last of use.
        task: Waits for the reply.
    """

    id: int
    key: ConversationKey
    question: str
    shown: str = ""
    answered: str = ""
    reply: str = ""
    before: tuple[int, ...] | None = None
    reply_ids: tuple[int, ...] = ()
    at: float = 0.0
    is_remembered: bool = False
    is_removed: bool = False
    is_forgotten: bool = False
    task: asyncio.Task[object] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Exchanges:
    """The latest exchanges, and which of them each conversation has come to.

    A conversation is what an exchange goes on from, looked up when it is asked for: what has been
    edited reads as it does now, and what has been removed or forgotten is in no conversation.
    For use from one event loop.
    """

    def __init__(
        self,
        *,
        max_conversations: int,
        expires_after_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take how many conversations are remembered, and for how long one may be quiet."""
        self._max_conversations = max_conversations
        self._max_kept = _EXCHANGES_OF_CONVERSATION * max_conversations
        self._expires_after_seconds = expires_after_seconds
        self._clock = clock
        # Those that were not of use for the longest time first.
        self._kept: OrderedDict[int, Exchange] = OrderedDict()
        self._latest: OrderedDict[ConversationKey, int] = OrderedDict()
        self._shown_by: dict[int, int] = {}

    def keep(self, exchange: Exchange) -> None:
        """Keep an exchange, to be found by what asks."""
        exchange.at = self._clock()
        self._kept[exchange.id] = exchange
        self._kept.move_to_end(exchange.id)
        while len(self._kept) > self._max_kept:
            _, dropped = self._kept.popitem(last=False)
            self._show_by(dropped, ())

    def note_shown(self, exchange: Exchange, reply_ids: tuple[int, ...]) -> None:
        """Keep an exchange to be found by the messages that show its reply, too."""
        self.keep(exchange)
        self._show_by(exchange, ())
        exchange.reply_ids = reply_ids
        self._show_by(exchange, reply_ids)

    def find(self, message_id: int) -> Exchange | None:
        """Return the exchange that a message asks in, or shows the reply of."""
        return self._kept.get(self._shown_by.get(message_id, message_id))

    def is_reply(self, message_id: int) -> bool:
        """Return whether a message is known to show a reply."""
        return message_id in self._shown_by

    def recall(self, exchange: Exchange) -> Conversation:
        """Return what was said before an exchange, which from now on goes on from that."""
        if exchange.before is None:
            exchange.before = self._path_to_latest(exchange.key)
        return tuple(self._turns_of(exchange.before))

    def remember(self, exchange: Exchange, question: str, reply: str) -> None:
        """Note what was replied, unless the question has been removed or forgotten meanwhile.

        The conversation goes on from there if the question was not replied to before.
        """
        if not exchange.question:
            return
        exchange.answered, exchange.reply = question, reply
        self.keep(exchange)
        if not exchange.is_remembered:
            exchange.is_remembered = True
            self._go_on(exchange.key, exchange)

    def find_before(
        self, message: discord.Message | None, key: ConversationKey
    ) -> tuple[int, ...] | None:
        """Return what a question goes on from that follows a reply; none if that isn't known.

        Args:
            message: A message of the bot's.
            key: The conversation of who follows it.
        """
        exchange = self._replied_by(message, key) if message else None
        return None if exchange is None else self._path_to(exchange)

    def go_on_in(self, key: ConversationKey, message: discord.Message) -> None:
        """Let a conversation go on from a reply."""
        if (exchange := self._replied_by(message, key)) is not None:
            self._go_on(key, exchange)

    def question_of(self, message: discord.Message) -> str | None:
        """Return the question that a message of the bot's replies to, as far as it is known."""
        exchange = self._shown_in(message)
        return (exchange and exchange.question) or read_shown_question(message)

    def remove(self, exchange: Exchange) -> None:
        """Drop an exchange from all that was said."""
        exchange.is_removed = True
        _wipe(exchange)

    def forget(self, member_id: int) -> bool:
        """Drop what a member asked and was told; return whether there was anything.

        Which message answers which is kept, so that a reply goes with its question.
        """
        theirs = [one for one in self._kept.values() if one.key.asker_id == member_id]
        had_any = any(one.question for one in theirs)
        for exchange in theirs:
            exchange.is_forgotten = True
            _wipe(exchange)
        for key in [key for key in self._latest if key.asker_id == member_id]:
            del self._latest[key]
        return had_any

    async def keep_expiring(self) -> None:
        """Drop the texts of what has expired as soon as it has, until cancelled."""
        while True:
            await asyncio.sleep(min(self._expires_after_seconds, _EXPIRING_EVERY_SECONDS))
            self.expire()

    def expire(self) -> None:
        """Drop the texts of what has not been of use for as long as a conversation may be quiet.

        Which message answers which is kept, so that a reply goes with its question.
        """
        for exchange in self._kept.values():
            if not self._is_over(exchange):
                break
            if not exchange.lock.locked():  # or it is being answered
                _wipe(exchange)

    def _show_by(self, exchange: Exchange, reply_ids: tuple[int, ...]) -> None:
        for id_ in exchange.reply_ids:
            self._shown_by.pop(id_, None)
        self._shown_by |= dict.fromkeys(reply_ids, exchange.id)

    def _go_on(self, key: ConversationKey, exchange: Exchange) -> None:
        self._latest[key] = exchange.id
        self._latest.move_to_end(key)
        while len(self._latest) > self._max_conversations:
            self._latest.popitem(last=False)

    def _path_to_latest(self, key: ConversationKey) -> tuple[int, ...]:
        exchange = self._kept.get(self._latest.get(key, 0))
        return self._path_to(exchange) if exchange and not self._is_over(exchange) else ()

    def _path_to(self, exchange: Exchange) -> tuple[int, ...]:
        return (*(exchange.before or ()), exchange.id)[-_MOST_LOOKED_BACK_ON:]

    def _is_over(self, exchange: Exchange) -> bool:
        return exchange.at < self._clock() - self._expires_after_seconds

    def _turns_of(self, ids: tuple[int, ...]) -> Iterator[Turn]:
        for id_ in ids:
            exchange = self._kept.get(id_)
            if exchange is not None and exchange.reply:
                self.keep(exchange)
                yield Turn(role="user", text=exchange.answered)
                yield Turn(role="assistant", text=exchange.reply)

    def _shown_in(self, message: discord.Message) -> Exchange | None:
        """Return the exchange that a message of the bot's belongs to.

        Somebody may react to a reply before Discord has told the bot the id of it.
        """
        found = self.find(message.id)
        if found is None and message.reference is not None:
            found = self._kept.get(message.reference.message_id or 0)
        if found is None and message.interaction_metadata is not None:
            found = self._kept.get(message.interaction_metadata.id)
        return found

    def _replied_by(self, message: discord.Message, key: ConversationKey) -> Exchange | None:
        """Return whose reply a message shows; where it isn't known any more, what can be read."""
        exchange = self._shown_in(message)
        if exchange is not None and (_is_dropped(exchange) or not self._is_over(exchange)):
            return exchange if exchange.reply else None
        shown = read_shown(message)
        if shown is None:
            return None
        question, reply = shown
        exchange = Exchange(
            id=-message.id, key=key, question=question, answered=question, reply=reply
        )
        self.keep(exchange)
        return exchange


def read_shown(message: discord.Message) -> tuple[str, str] | None:
    """Return the question and the reply that a message of the bot's shows."""
    question = read_shown_question(message)
    embed = message.embeds[0] if message.embeds else None
    shown = [message.content] if embed is None else [embed.description or ""]
    if embed is not None:
        shown += [f"{one.name}\n{one.value}" for one in embed.fields if one.inline]
    reply = unescape_text("\n".join(shown)).strip()
    return (question, reply) if question and reply else None


def read_shown_question(message: discord.Message) -> str | None:
    """Return the question above a reply, or in the message that it replies to."""
    if message.embeds and message.embeds[0].title:
        return unescape_text(message.embeds[0].title)
    asked = message.reference.resolved if message.reference else None
    if isinstance(asked, discord.Message) and not asked.author.bot:
        return read_question(asked.content) or None
    return None


def _wipe(exchange: Exchange) -> None:
    exchange.question = exchange.shown = exchange.answered = exchange.reply = ""


def _is_dropped(exchange: Exchange) -> bool:
    return exchange.is_removed or exchange.is_forgotten
