"""The Discord client: what people write and which commands they use become questions."""

import asyncio
import contextlib
import hashlib
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import discord
from discord import app_commands

from bot.answers.conversation import ConversationMemory
from bot.answers.question import MAX_CHARACTERS, clean_question
from bot.application import Application
from bot.community.answer_queue import AnswerQueue
from bot.community.delivery import (
    NO_PINGS,
    TROUBLE,
    Interaction,
    explain,
    permissions_in,
    send_reply,
    send_text,
    show_reply,
    tell_privately,
    typing,
)
from bot.community.text import read_question
from knowledge.errors import RolewiseError

REGISTERED_FILE_NAME = "discord-commands.sha256"
FINISH_WITHIN_SECONDS = 4.0
TELL_WITHIN_SECONDS = 2.0
MAX_RATE_LIMIT_SECONDS = 60.0

_HELP = (
    "Mention me with a question about a career, such as “what skills does this role need?”, or use"
    " `/ask`. I answer in the words of the guides and say where they stand. With `/forget` I forget"
    " what you asked here."
)
_CHANGED_COMMAND = "This command has changed. Reload Discord and try it again in a minute."
_FORGOTTEN = "Forgotten. Your next question here stands for itself."
_NOTHING_TO_FORGET = "There is nothing to forget: I remember no question of yours here."

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
        self.tree = _Commands(self)
        _add_commands(self.tree)
        self._preparing: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[object]] = set()
        self._is_stopping = threading.Event()

    async def setup_hook(self) -> None:
        """Begin to open the guides, and register the commands where they have changed."""
        self._preparing = asyncio.create_task(self._prepare())
        if self.rolewise.settings.discord.sync_commands:
            await self._register_commands()

    async def stop(self) -> None:
        """Take no more questions, finish those there are or tell who asked, and disconnect."""
        self._is_stopping.set()
        await self.queue.close(grace_seconds=FINISH_WITHIN_SECONDS)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=TELL_WITHIN_SECONDS)
        await self.close()

    async def on_ready(self) -> None:
        """Say so in the log."""
        log.info("Connected as %s; servers: %d", self.user, len(self.guilds))

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """Log what went wrong in an event."""
        log.exception("An error in %s", event_method)

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that mentions the bot, or that is sent to it alone."""
        if self.user is None or message.author.bot or message.webhook_id or message.is_system():
            return
        if message.guild is not None and self.user not in message.mentions:
            return
        permissions = permissions_in(message)
        may_send = permissions.send_messages
        if isinstance(message.channel, discord.Thread):
            may_send = permissions.send_messages_in_threads
        if not may_send:
            log.info("No permission to answer in channel %d", message.channel.id)
            return
        with self._finishing_before_stop():
            await self._answer_message(message, permissions)

    async def answer_command(self, interaction: Interaction, text: str) -> None:
        """Answer `/ask`: what is wrong with a question is told to the person alone."""
        with self._finishing_before_stop():
            try:
                question = clean_question(read_question(text))
                self.queue.check_open(interaction.user.id)
            except RolewiseError as error:
                await interaction.response.send_message(explain(error), ephemeral=True)
                return
            await interaction.response.defer(thinking=True)
            try:
                reply = await self.queue.ask(
                    _key_of_command(interaction), question, asker=interaction.user.id
                )
                await show_reply(interaction, reply)
            except Exception as error:
                await tell_privately(interaction, explain(error))

    async def _answer_message(
        self, message: discord.Message, permissions: discord.Permissions
    ) -> None:
        assert self.user is not None
        text = read_question(message.content, self.user.id)
        if not text:
            await send_text(message, permissions, _HELP)
            return
        try:
            question = clean_question(text)
            async with typing(message.channel):
                reply = await self.queue.ask(
                    _key_of_message(message), question, asker=message.author.id
                )
            await send_reply(message, permissions, reply)
        except Exception as error:
            await send_text(message, permissions, explain(error))

    async def _prepare(self) -> None:
        try:
            await self.queue.run(self._open_guides)
        except _StoppedError:
            log.info("The index was not built: the bot was stopped")
        except RolewiseError as error:
            log.error("Questions can't be answered yet: %s", error)
        except Exception:
            log.exception("Questions can't be answered yet")
        else:
            log.info("The guides are open")

    def _open_guides(self) -> None:
        """Open the index, built first where there is none, and load the encoder; in a thread."""
        if not self.rolewise.has_index():
            log.info("There is no index yet; building it")
            report = self.rolewise.build(progress=self._check_not_stopping)
            log.info("Built index %s of %d guides", report.snapshot, report.documents)
        self.rolewise.assistant.prepare()

    def _check_not_stopping(self, stage: str, done: int, total: int) -> None:
        if self._is_stopping.is_set():
            raise _StoppedError

    async def _register_commands(self) -> None:
        commands = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        described = json.dumps([self.application_id, commands], sort_keys=True)
        digest = hashlib.sha256(described.encode()).hexdigest()
        path = self.rolewise.home.path / REGISTERED_FILE_NAME
        if await asyncio.to_thread(_read_digest, path) == digest:
            return
        try:
            await self.tree.sync()
        except TROUBLE as error:
            log.warning("The commands could not be registered; /ask may be missing: %s", error)
            return
        log.info("Registered the commands")
        await asyncio.to_thread(_write_digest, path, digest)

    @contextlib.contextmanager
    def _finishing_before_stop(self) -> Iterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            yield
        finally:
            self._under_way.discard(task)


class _StoppedError(Exception):
    """A build was broken off since the bot stops."""


class _Commands(app_commands.CommandTree[RolewiseBot]):
    """The slash commands; whatever goes wrong in one, the person is told."""

    async def on_error(
        self,
        interaction: Interaction,
        error: app_commands.AppCommandError,
        /,
    ) -> None:
        """Tell the person, and log what was not foreseen."""
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            await tell_privately(interaction, _CHANGED_COMMAND)
            return
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await tell_privately(interaction, explain(cause))


def _add_commands(tree: _Commands) -> None:
    here = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    installed = app_commands.allowed_installs(guilds=True, users=False)

    @tree.command(description="Ask the guides about a career")
    @app_commands.describe(question="What you want to know, in your own words")
    @here
    @installed
    async def ask(
        interaction: Interaction,
        question: app_commands.Range[str, 1, MAX_CHARACTERS],
    ) -> None:
        await tree.client.answer_command(interaction, question)

    @tree.command(description="Let the bot forget what you asked in this channel")
    @here
    @installed
    async def forget(interaction: Interaction) -> None:
        was_kept = tree.client.queue.forget(_key_of_command(interaction))
        text = _FORGOTTEN if was_kept else _NOTHING_TO_FORGET
        await interaction.response.send_message(text, ephemeral=True)


def _key_of_message(message: discord.Message) -> tuple[int, int, int]:
    return (message.guild.id if message.guild else 0, message.channel.id, message.author.id)


def _key_of_command(interaction: Interaction) -> tuple[int, int, int]:
    return (interaction.guild_id or 0, interaction.channel_id or 0, interaction.user.id)


def _read_digest(path: Path) -> str | None:
    try:
        return path.read_bytes()[:100].decode(errors="replace").strip()
    except OSError:
        return None


def _write_digest(path: Path, digest: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{digest}\n", encoding="ascii")
    except OSError as error:
        log.info("%s can't be written, so commands are registered at each start: %s", path, error)
