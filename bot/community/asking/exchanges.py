"""Which reply belongs to which question, and what was said until then; bounded."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import discord

from bot.answers.conversation import Conversation, Turn
from bot.community.places import ConversationKey
from bot.community.showing.text import read_question, unescape_text


@dataclass(eq=False, slots=True, kw_only=True)
class Record:
    """A question that was asked, its reply, and the conversation before and after.

    `message_id` is the message that asks, where there is one; `reply_ids` are the messages that
    show the reply. `answered` is the question as it was answered last; `task` waits for the answer.
    """

    key: ConversationKey
    question: str
    message_id: int | None = None
    answered: str = ""
    reply_ids: tuple[int, ...] = ()
    before: Conversation = ()
    after: Conversation = ()
    at: float = 0.0
    is_removed: bool = False
    task: asyncio.Task[object] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Records:
    """The latest questions with their replies; the oldest are dropped where there are too many."""

    def __init__(
        self,
        *,
        max_records: int,
        expires_after_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take how many are kept, and for how long a conversation goes on from one."""
        self._max_records = max_records
        self._expires_after_seconds = expires_after_seconds
        self._clock = clock
        self._kept: OrderedDict[int, Record] = OrderedDict()

    def keep(self, record: Record) -> None:
        """Keep a record, to be found by the ids of its messages."""
        record.at = self._clock()
        for id_ in (record.message_id, *record.reply_ids):
            if id_ is not None:
                self._kept[id_] = record
                self._kept.move_to_end(id_)
        # A question and its reply are two messages.
        while len(self._kept) > 2 * self._max_records:
            self._kept.popitem(last=False)

    def find(self, message_id: int) -> Record | None:
        """Return the record of a question's or a reply's message."""
        return self._kept.get(message_id)

    def conversation_until(self, message: discord.Message) -> Conversation:
        """Return what was said until a reply; where it isn't known any more, what the reply shows.

        Args:
            message: A message of the bot's.
        """
        record = self._kept.get(message.id)
        if record is not None and record.at >= self._clock() - self._expires_after_seconds:
            return record.after
        return read_conversation(message)

    def question_of(self, message: discord.Message) -> str | None:
        """Return the question that a message of the bot's replies to, as far as it is known."""
        record = self._kept.get(message.id)
        return (record and record.question) or read_shown_question(message)

    def forget(self, member_id: int) -> bool:
        """Drop what a member asked and was told; return whether there was anything.

        Which message answers which is kept, so that a reply goes with its question.
        """
        records = {id(one): one for one in self._kept.values() if one.key.asker_id == member_id}
        had_any = any(one.question for one in records.values())
        for record in records.values():
            record.question, record.before, record.after = "", (), ()
        return had_any


def read_conversation(message: discord.Message) -> Conversation:
    """Return the question and the reply that a message of the bot's shows."""
    question = read_shown_question(message)
    embed = message.embeds[0] if message.embeds else None
    shown = [message.content] if embed is None else [embed.description or ""]
    if embed is not None:
        shown += [f"{one.name}\n{one.value}" for one in embed.fields if one.inline]
    reply = unescape_text("\n".join(shown)).strip()
    if not question or not reply:
        return ()
    return (Turn(role="user", text=question), Turn(role="assistant", text=reply))


def read_shown_question(message: discord.Message) -> str | None:
    """Return the question above a reply, or in the message that it replies to."""
    if message.embeds and message.embeds[0].title:
        return unescape_text(message.embeds[0].title)
    asked = message.reference.resolved if message.reference else None
    if isinstance(asked, discord.Message) and not asked.author.bot:
        return read_question(asked.content) or None
    return None
