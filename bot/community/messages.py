"""Messages: which of them are questions to the bot, and how they are answered."""

import logging
from typing import TYPE_CHECKING

import discord

from bot.answers.question import clean_question
from bot.community.delivery import explain, send_reply, send_text, typing
from bot.community.places import ConversationKey, may_write, permissions_in, place_of
from bot.community.text import read_question

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_HELP = (
    "Mention me with a question about a career, such as “what skills does this role need?”, or use"
    " `/ask`. I answer in the words of the guides and say where they stand. With `/forget` I forget"
    " what you asked here."
)

log = logging.getLogger(__name__)


class Messages:
    """Answers the messages that mention the bot, or that are sent to it alone."""

    def __init__(self, bot: "RolewiseBot") -> None:
        """Take who answers."""
        self._bot = bot

    async def receive(self, message: discord.Message) -> None:
        """Answer a message if it is for the bot and the bot may write where it stands."""
        if not self._is_for_bot(message):
            return
        permissions = permissions_in(message)
        if not may_write(message.channel, permissions):
            log.info("No permission to answer in channel %d", message.channel.id)
            return
        with self._bot.asking.finishing_before_stop():
            await self._answer(message, permissions)

    def _is_for_bot(self, message: discord.Message) -> bool:
        user = self._bot.user
        if user is None or message.author.bot or message.webhook_id or message.is_system():
            return False
        return message.guild is None or user in message.mentions

    async def _answer(self, message: discord.Message, permissions: discord.Permissions) -> None:
        assert self._bot.user is not None
        text = read_question(message.content, self._bot.user.id)
        if not text:
            await send_text(message, permissions, _HELP)
            return
        key = ConversationKey(asker_id=message.author.id, place=place_of(message))
        try:
            question = clean_question(text)
            async with typing(message.channel):
                reply = await self._bot.asking.ask(key, question)
            await send_reply(message, permissions, reply)
        except Exception as error:
            await send_text(message, permissions, explain(error))
