"""Messages: which of them are questions to the bot, and how they are answered."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

import discord

from bot.answers.question import MAX_CHARACTERS, clean_question
from bot.answers.replies import AnyReply, NotCovered, Reason
from bot.community.asking.asking import looks_like_question
from bot.community.asking.exchanges import Exchange
from bot.community.asking.policy import CooldownError
from bot.community.places import ConversationKey, may_write, permissions_in, place_of
from bot.community.showing.buttons import make_button, make_view
from bot.community.showing.custom_ids import Action
from bot.community.showing.delivery import (
    edit_reply,
    message_parts,
    remove_messages,
    send_reply,
    send_text,
    typing,
)
from bot.community.showing.explaining import TROUBLE, explain
from bot.community.showing.text import read_question
from knowledge.errors import QuestionError

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_CANNOT_READ = (
    "I can't read this message: Discord shows me only those that mention me. Mention me, or press"
    " the button."
)
_MAX_TOLD = 1_000
_MAX_EDITS_WHILE_ANSWERING = 3

log = logging.getLogger(__name__)


class Address(StrEnum):
    """How a message is addressed to the bot."""

    DIRECT = "direct"
    MENTION = "mention"
    REPLY = "reply"
    OWN_THREAD = "own thread"
    UNADDRESSED = "unaddressed"


class Messages:
    """Answers messages, and brings the replies up to date when they are edited or deleted."""

    def __init__(self, bot: "RolewiseBot") -> None:
        """Take who answers."""
        self._bot = bot
        self._told: OrderedDict[tuple[int, int], None] = OrderedDict()

    async def receive(self, message: discord.Message) -> None:
        """Answer a message if it is for the bot and the bot may write where it stands."""
        address = self._address_of(message)
        if address is None:
            return
        permissions = permissions_in(message)
        if not may_write(message.channel, permissions):
            log.info("No permission to answer in channel %d", message.channel.id)
            return
        text = self._read(message)
        with self._bot.asking.finishing_before_stop():
            if text:
                if address is not Address.UNADDRESSED or looks_like_question(text):
                    await self._answer(message, permissions, text, address)
            elif address in {Address.DIRECT, Address.MENTION}:
                await self._tell(message, permissions, self._bot.introduction())
            elif address in {Address.REPLY, Address.OWN_THREAD} and not message.content:
                await self._tell_unreadable(message, permissions)

    async def answer_post(self, message: discord.Message, is_wanted: Callable[[], bool]) -> None:
        """Answer a forum's post by its first message, unless that is no longer wanted then."""
        permissions = permissions_in(message)
        text = self._read(message)
        if text and may_write(message.channel, permissions):
            with self._bot.asking.finishing_before_stop():
                await self._answer(
                    message, permissions, text, Address.UNADDRESSED, is_wanted=is_wanted
                )

    async def receive_edit(self, message: discord.Message) -> None:
        """Bring the reply to a message up to date, or remove it where nothing is asked any more."""
        exchange = self._bot.exchanges.find(message.id)
        if exchange is None or exchange.id != message.id or not exchange.question:
            return  # also where it has been removed or forgotten
        text = self._read(message)
        if text == exchange.question:
            return
        if not text:
            await self._remove(message.channel, exchange)
            return
        exchange.question = text
        with self._bot.asking.finishing_before_stop():
            async with exchange.lock:  # what is under way answers it, too
                if exchange.question == text != exchange.shown:
                    await self._answer_again(message, exchange)

    async def receive_deletion(self, channel_id: int, message_id: int) -> None:
        """Remove the reply to a message that is gone, or break off answering it."""
        exchange = self._bot.exchanges.find(message_id)
        if exchange is not None and exchange.id == message_id and not exchange.is_removed:
            await self._remove(self._bot.get_partial_messageable(channel_id), exchange)

    def _address_of(self, message: discord.Message) -> Address | None:
        """Return how a message is addressed to the bot, if it is at all."""
        user = self._bot.user
        if user is None or message.author.bot or message.webhook_id or message.is_system():
            return None
        if message.guild is None:
            return Address.DIRECT
        place = place_of(message)
        if not self._bot.policy.may_answer(place):
            return None
        if f"<@{user.id}>" in message.content or f"<@!{user.id}>" in message.content:
            return Address.MENTION
        if message.type is discord.MessageType.reply:
            return Address.REPLY if self._replies_to_bot(message) else None
        channel = message.channel
        if isinstance(channel, discord.Thread):
            if channel.owner_id == user.id:
                return Address.OWN_THREAD
            if isinstance(channel.parent, discord.ForumChannel):
                return None  # the first message is for `Posts`, the others for people
        if self._bot.reads_unaddressed and self._bot.policy.answers_unaddressed(place):
            return Address.UNADDRESSED
        return None

    def _replies_to_bot(self, message: discord.Message) -> bool:
        reference = message.reference
        replied_to = reference.resolved if reference else None
        if isinstance(replied_to, discord.Message):
            return replied_to.author == self._bot.user
        return reference is not None and self._bot.exchanges.is_reply(reference.message_id or 0)

    def _read(self, message: discord.Message) -> str:
        """Return what a message asks: of a forum's post its title, too."""
        assert self._bot.user is not None
        text = read_question(message.content, self._bot.user.id)
        if is_post(message):
            title = message.channel.name.strip()  # type: ignore[union-attr]
            end = "" if title.endswith(("?", "!", ".")) else "."
            text = f"{title}{end}\n{text}".strip()[:MAX_CHARACTERS]
        return text

    async def _answer(
        self,
        message: discord.Message,
        permissions: discord.Permissions,
        text: str,
        address: Address,
        *,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        key = ConversationKey(asker_id=message.author.id, place=place_of(message))
        exchange = Exchange(
            id=message.id,
            key=key,
            question=text,
            before=self._find_before(message, key),
            task=asyncio.current_task(),
        )
        self._bot.exchanges.keep(exchange)
        is_asked = address is not Address.UNADDRESSED
        async with exchange.lock:
            try:
                try:
                    reply = await self._find_reply(message, exchange)
                finally:
                    exchange.task = None  # what is being sent is removed after that
                if not is_wanted() or not (is_asked or _is_to_the_point(reply)):
                    return
                ids = await send_reply(message, permissions, reply)
            except Exception as error:
                exchange.reply = ""  # nobody sees it
                if isinstance(error, QuestionError) and not is_asked:
                    return
                if isinstance(error, CooldownError) and (error.was_told or not is_asked):
                    return  # who writes on and on is told once
                ids = await send_text(message, permissions, explain(error))
            await self._note_shown(message, exchange, ids)

    def _find_before(
        self, message: discord.Message, key: ConversationKey
    ) -> tuple[int, ...] | None:
        """Return what a message goes on from where it replies to the bot."""
        replied_to = message.reference.resolved if message.reference else None
        if isinstance(replied_to, discord.Message) and replied_to.author == self._bot.user:
            return self._bot.exchanges.find_before(replied_to, key)
        return None

    async def _find_reply(self, message: discord.Message, exchange: Exchange) -> AnyReply:
        """Return the reply to a message as it reads when the reply is there."""
        exchange.shown = exchange.question
        question = self._bot.asking.check(exchange.key, exchange.question)
        async with typing(message.channel):
            for _ in range(_MAX_EDITS_WHILE_ANSWERING):
                reply = await self._bot.asking.ask(exchange, question)
                if exchange.question in {"", exchange.shown}:  # nothing where it was forgotten
                    break
                exchange.shown = exchange.question
                question = clean_question(exchange.question)
        return reply

    async def _answer_again(self, message: discord.Message, exchange: Exchange) -> None:
        """Answer an edited message in the place of its reply."""
        permissions = permissions_in(message)
        parts: list[dict[str, object]]
        exchange.shown = exchange.question
        try:
            question = clean_question(exchange.question)
            reply = await self._bot.asking.ask(exchange, question)
            parts = message_parts(message.channel, permissions, reply)
        except Exception as error:
            exchange.reply = ""  # nobody sees it any more
            parts = [{"content": explain(error)}]
        try:
            ids = await edit_reply(message, permissions, exchange.reply_ids, parts)
        except TROUBLE as error:
            log.warning("A reply could not be brought up to date: %s", error)
        else:
            await self._note_shown(message, exchange, ids)

    async def _note_shown(
        self, message: discord.Message, exchange: Exchange, ids: tuple[int, ...]
    ) -> None:
        """Note which messages reply to one, which may have been deleted meanwhile."""
        self._bot.exchanges.note_shown(exchange, ids)
        if exchange.is_removed:
            await remove_messages(message.channel, ids)

    async def _remove(self, channel: object, exchange: Exchange) -> None:
        # First, so that what is asked from now on knows nothing of it.
        self._bot.exchanges.remove(exchange)
        if exchange.task is not None:
            exchange.task.cancel()
        await remove_messages(channel, exchange.reply_ids)

    async def _tell_unreadable(
        self, message: discord.Message, permissions: discord.Permissions
    ) -> None:
        """Say, once to a member in a channel, how to go on where messages arrive empty."""
        key = (message.channel.id, message.author.id)
        if self._bot.intents.message_content or key in self._told:
            return
        self._told[key] = None
        while len(self._told) > _MAX_TOLD:
            self._told.popitem(last=False)
        view = make_view([make_button("Follow up", Action.FOLLOW_UP)])
        await self._tell(message, permissions, _CANNOT_READ, view=view)

    async def _tell(
        self,
        message: discord.Message,
        permissions: discord.Permissions,
        text: str,
        *,
        view: discord.ui.View | None = None,
    ) -> None:
        """Tell who asks nothing a line of the bot's own, which goes when the message goes."""
        key = ConversationKey(asker_id=message.author.id, place=place_of(message))
        exchange = Exchange(id=message.id, key=key, question="")
        self._bot.exchanges.keep(exchange)
        ids = await send_text(message, permissions, text, view=view)
        await self._note_shown(message, exchange, ids)


def is_post(message: discord.Message) -> bool:
    """Return whether a message is the first one of a forum's post."""
    channel = message.channel
    is_in_forum = isinstance(channel, discord.Thread) and isinstance(
        channel.parent, discord.ForumChannel
    )
    return is_in_forum and message.id == channel.id


def _is_to_the_point(reply: AnyReply) -> bool:
    """Return whether a reply is of use to somebody who hasn't asked the bot for it."""
    return not isinstance(reply, NotCovered) or reply.reason is not Reason.OFF_TOPIC
