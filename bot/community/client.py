"""The Discord client: it connects, and hands what happens to the room that it belongs to."""

import asyncio
import logging
from collections.abc import Callable

import discord

from bot.application import Application
from bot.community.asking.answer_queue import AnswerQueue
from bot.community.asking.asking import Asking
from bot.community.asking.exchanges import Exchanges
from bot.community.asking.messages import Messages
from bot.community.asking.policy import Policy
from bot.community.asking.posts import Posts
from bot.community.asking.presses import Presses
from bot.community.commands.introduction import greet_server, introduce
from bot.community.commands.registration import register_commands
from bot.community.commands.role_names import RoleNames
from bot.community.commands.role_pages import RolePages
from bot.community.commands.tree import Commands
from bot.community.guides import Guides
from bot.community.management.buttons import RemoveButton, RollBackButton
from bot.community.management.documents import ManagedDocuments
from bot.community.management.management import Management
from bot.community.showing.buttons import ReplyButton
from bot.community.showing.delivery import NO_PINGS
from bot.community.upkeep.observers import Observers
from bot.community.upkeep.upkeep import Upkeep

FINISH_WITHIN_SECONDS = 4.0
TELL_WITHIN_SECONDS = 2.0
MAX_RATE_LIMIT_SECONDS = 60.0

log = logging.getLogger(__name__)


class RolewiseBot(discord.AutoShardedClient):
    """Speaks with Discord; all it knows of the guides comes through its queue.

    It opens as many connections (shards) as Discord recommends, which is one for most bots.
    """

    def __init__(self, application: Application, *, may_read_content: bool = True) -> None:
        """Take what answers; nothing is read and nobody is connected yet.

        Args:
            application: What answers.
            may_read_content: Whether Discord lets it read what isn't addressed to it, should the
                settings have it do so.
        """
        settings = application.settings.discord
        self.policy = Policy(settings)
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        intents.message_content = may_read_content and self.policy.wants_unaddressed
        # It never speaks, so that what speaking takes isn't missed.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            intents=intents,
            allowed_mentions=NO_PINGS,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=MAX_RATE_LIMIT_SECONDS,
        )
        self.exchanges = Exchanges(
            max_conversations=settings.max_conversations,
            expires_after_seconds=settings.conversation_minutes * 60,
        )
        self.rolewise = application
        self.queue = AnswerQueue(application.assistant, max_waiting=settings.max_waiting_questions)
        self.observers = Observers()
        self.help_notes: list[Callable[[], str]] = []
        """What else the bot keeps, for its introduction; whoever keeps something adds to it."""
        self.role_names = RoleNames(application.assistant)
        self.guides = Guides(application, self.queue, self.role_names)
        self.asking = Asking(self.queue, self.exchanges, self.policy, self.observers)
        self.messages = Messages(self)
        self.posts = Posts(self)
        self.presses = Presses(self)
        self.role_pages = RolePages(self)
        self.management = Management(self)
        self.managed_documents = ManagedDocuments(application, self.management)
        self.tree = Commands(self)
        self.upkeep = Upkeep(self)
        self._opening: asyncio.Task[None] | None = None
        self._expiring: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        """Begin to open the guides, and register the commands where they have changed."""
        self.add_dynamic_items(ReplyButton, RollBackButton, RemoveButton)
        await self.upkeep.start()
        self._opening = asyncio.create_task(self.guides.open())
        self._expiring = asyncio.create_task(self.exchanges.keep_expiring())
        if self.rolewise.settings.discord.sync_commands:
            await register_commands(self.tree, self.rolewise.home.path)

    async def stop(self) -> None:
        """Take no more questions, finish those there are or tell who asked, and disconnect."""
        self.guides.stop()
        self.management.stop()
        await self.queue.close(grace_seconds=FINISH_WITHIN_SECONDS)
        await self.asking.finish(timeout_seconds=TELL_WITHIN_SECONDS)
        if self._expiring is not None:
            self._expiring.cancel()
        await self.close()
        await self.upkeep.stop()

    def is_connected(self) -> bool:
        """Return whether every connection to Discord stands."""
        shards = self.shards.values()
        return len(shards) == self.shard_count and not any(one.is_closed() for one in shards)

    @property
    def reads_unaddressed(self) -> bool:
        """Whether the bot can read what nobody addresses to it."""
        return self.intents.message_content

    def introduction(self) -> str:
        """Return what the bot says of itself."""
        notes = [note() for note in self.help_notes]
        return introduce(self.rolewise.settings.discord, self.role_names.with_guide, notes=notes)

    def forget(self, member_id: int) -> bool:
        """Forget what a member asked; return whether anything was remembered."""
        self.observers.tell_to_forget(member_id)
        return self.exchanges.forget(member_id)

    async def on_ready(self) -> None:
        """Say so in the log."""
        log.info("Connected as %s; servers: %d", self.user, len(self.guilds))

    async def on_socket_event_type(self, event_type: str) -> None:
        """Note that Discord has sent something."""
        self.upkeep.note_event()

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """Log what went wrong in an event."""
        log.exception("An error in %s", event_method)

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that is for the bot."""
        self.posts.note_message(message)
        await self.messages.receive(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Bring the reply to a message up to date."""
        await self.messages.receive_edit(payload.message)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Remove the reply to a message."""
        await self.messages.receive_deletion(payload.channel_id, payload.message_id)

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Remove the replies to messages."""
        for message_id in payload.message_ids:
            await self.messages.receive_deletion(payload.channel_id, message_id)

    async def on_thread_create(self, thread: discord.Thread) -> None:
        """Answer a post in a forum that the owner chose."""
        await self.posts.receive_thread(thread)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Introduce the bot to a server."""
        await greet_server(self, guild)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer a form, and a button that nobody knows; the others find their own way."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.presses.receive_form(interaction)
        elif interaction.type is discord.InteractionType.component:
            await self.presses.receive_unknown(interaction)
