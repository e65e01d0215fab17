"""The Discord client: it connects, and hands what happens to the room that it belongs to."""

import asyncio
import logging

import discord

from bot.answers.conversation import ConversationMemory
from bot.application import Application
from bot.community.answer_queue import AnswerQueue
from bot.community.asking import Asking
from bot.community.commands import Commands
from bot.community.delivery import NO_PINGS
from bot.community.guides import Guides
from bot.community.messages import Messages
from bot.community.observers import Observers
from bot.community.registration import register_commands

FINISH_WITHIN_SECONDS = 4.0
TELL_WITHIN_SECONDS = 2.0
MAX_RATE_LIMIT_SECONDS = 60.0

log = logging.getLogger(__name__)


class RolewiseBot(discord.Client):
    """Speaks with Discord; all it knows of the guides comes through its queue."""

    def __init__(self, application: Application) -> None:
        """Take what answers; nothing is read and nobody is connected yet."""
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        super().__init__(
            intents=intents,
            allowed_mentions=NO_PINGS,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=MAX_RATE_LIMIT_SECONDS,
        )
        settings = application.settings.discord
        memory = ConversationMemory(
            expires_after_seconds=settings.conversation_minutes * 60,
            max_conversations=settings.max_conversations,
        )
        self.rolewise = application
        self.queue = AnswerQueue(
            application.assistant, memory, max_waiting=settings.max_waiting_questions
        )
        self.observers = Observers()
        self.guides = Guides(application, self.queue)
        self.asking = Asking(self.queue, self.observers)
        self.messages = Messages(self)
        self.tree = Commands(self)
        self._opening: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        """Begin to open the guides, and register the commands where they have changed."""
        self._opening = asyncio.create_task(self.guides.open())
        if self.rolewise.settings.discord.sync_commands:
            await register_commands(self.tree, self.rolewise.home.path)

    async def stop(self) -> None:
        """Take no more questions, finish those there are or tell who asked, and disconnect."""
        self.guides.stop()
        await self.queue.close(grace_seconds=FINISH_WITHIN_SECONDS)
        await self.asking.finish(timeout_seconds=TELL_WITHIN_SECONDS)
        await self.close()

    async def on_ready(self) -> None:
        """Say so in the log."""
        log.info("Connected as %s; servers: %d", self.user, len(self.guilds))

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """Log what went wrong in an event."""
        log.exception("An error in %s", event_method)

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that is for the bot."""
        await self.messages.receive(message)
