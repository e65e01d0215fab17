"""The Discord bot: `/ask`, mentions and direct messages are answered, `/forget` forgets."""

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType

import aiohttp
import discord
from discord import app_commands

from bot.answer_queue import AnswerQueue
from bot.application import Application
from bot.conversation import ConversationMemory
from bot.discord_reply import reply_contents, reply_embed
from bot.discord_text import escape_text, read_question
from bot.question import MAX_CHARACTERS, clean_question
from bot.replies import AnyReply
from knowledge.errors import BusyError, DiscordError, QuestionError, RolewiseError

TOKEN_VARIABLE = "DISCORD_TOKEN"  # noqa: S105 – its name, not the token
REGISTERED_FILE_NAME = "discord-commands.sha256"
FINISH_WITHIN_SECONDS = 4.0
TELL_WITHIN_SECONDS = 2.0
MAX_RATE_LIMIT_SECONDS = 60.0

_PORTAL = "https://discord.com/developers/applications"
_TOKEN_FORM = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_NO_PINGS = discord.AllowedMentions.none()
_TROUBLE = (discord.DiscordException, aiohttp.ClientError, OSError)

_HELP = (
    "Mention me with a question about a career, such as “what skills does this role need?”, or use"
    " `/ask`. I answer in the words of the guides and say where they stand. With `/forget` I forget"
    " what you asked here."
)
_APOLOGY = "Something went wrong, and that is not your fault. It is noted for whoever runs me."
_CANNOT_SEARCH = (
    "I can't read the guides at the moment. Whoever runs me finds the reason in the log."
)
_CHANGED_COMMAND = "This command has changed. Reload Discord and try it again in a minute."
_FORGOTTEN = "Forgotten. Your next question here stands for itself."
_NOTHING_TO_FORGET = "There is nothing to forget: I remember no question of yours here."

log = logging.getLogger(__name__)


def run_bot(application: Application) -> int:
    """Run the bot until a signal stops it; return the exit code.

    Raises:
        DiscordError: the token is missing or refused, an intent isn't granted, or Discord can't be
            reached.
    """
    token = read_token(os.environ)
    logging.basicConfig(level=logging.WARNING, format=_LOG_FORMAT, stream=sys.stderr)
    for package in ("bot", "index", "knowledge"):
        logging.getLogger(package).setLevel(logging.INFO)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    try:
        asyncio.run(_serve(RolewiseBot(application), token))
    finally:
        application.close()
    return 0


def read_token(environment: Mapping[str, str]) -> str:
    """Return the bot's token.

    Raises:
        DiscordError: it is missing or can't be one.
    """
    token = environment.get(TOKEN_VARIABLE, "").strip()
    where = f"Copy your bot's token at {_PORTAL} (your application, Bot, Reset Token)"
    if not token:
        raise DiscordError(
            f"{TOKEN_VARIABLE} is not set. {where}, then: export {TOKEN_VARIABLE}='…'"
        )
    if not _TOKEN_FORM.fullmatch(token):
        raise DiscordError(
            f"What {TOKEN_VARIABLE} holds is no bot token, which is three parts joined by dots,"
            f" without quotes or spaces. {where}, then: export {TOKEN_VARIABLE}='…'"
        )
    return token


async def _serve(bot: RolewiseBot, token: str) -> None:
    stop_asked = asyncio.Event()
    async with bot:
        with _calling_at_signals(stop_asked.set):
            connected = asyncio.create_task(bot.start(token))
            stopped = asyncio.create_task(stop_asked.wait())
            await asyncio.wait({connected, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if connected.done():
                with _translating_connection_errors():
                    connected.result()
        await bot.stop()
        connected.cancel()
        await asyncio.wait({connected})


@contextlib.contextmanager
def _calling_at_signals(call: Callable[[], None]) -> Iterator[None]:
    """Call something at SIGINT and SIGTERM; once this is left, they end the process at once."""
    loop = asyncio.get_running_loop()

    def call_from_handler(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(call)

    before = {
        number: signal.signal(number, call_from_handler)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _translating_connection_errors() -> Iterator[None]:
    """Turn what discord.py raises of a connection into a `DiscordError`."""
    refused = (
        f"Discord refuses the token in {TOKEN_VARIABLE}. Reset it at {_PORTAL} (your application,"
        " Bot, Reset Token) and set the new one."
    )
    try:
        yield
    except discord.LoginFailure as error:
        raise DiscordError(refused) from error
    except discord.PrivilegedIntentsRequired as error:
        raise DiscordError(
            f"Discord doesn't grant the bot its intents. Switch them on at {_PORTAL} (your"
            " application, Bot, Privileged Gateway Intents)."
        ) from error
    except discord.ConnectionClosed as error:
        message = refused if error.code == 4004 else f"Discord ended the connection ({error.code})."
        raise DiscordError(message) from error
    except discord.DiscordException as error:
        raise DiscordError(
            f"Discord can't serve the bot now ({error}). Try again later."
        ) from error
    except (aiohttp.ClientError, OSError) as error:
        raise DiscordError(
            f"Discord can't be reached ({error}). Check the connection to the internet."
        ) from error
