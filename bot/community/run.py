"""The Discord bot as a process: its token, its log, its signals, and why it can't connect."""

import asyncio
import contextlib
import logging
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from types import FrameType

import aiohttp
import discord

from bot.application import Application
from bot.community.client import RolewiseBot
from bot.community.upkeep.logs import configure_logging
from knowledge.errors import DiscordError

TOKEN_VARIABLE = "DISCORD_TOKEN"  # noqa: S105 – its name, not the token

_PORTAL = "https://discord.com/developers/applications"
_TOKEN_FORM = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_AUTHENTICATION_FAILED = 4004

log = logging.getLogger(__name__)


def run_bot(application: Application) -> int:
    """Run the bot until a signal stops it; return the exit code.

    Raises:
        DiscordError: the token is missing or refused, an intent isn't granted, or Discord can't be
            reached.
    """
    token = read_token(os.environ)
    configure_logging(token, log_format=application.settings.discord.log_format)
    try:
        asyncio.run(_serve(RolewiseBot(application), token))
    except _ContentRefusedError:
        log.warning(
            "Discord doesn't let the bot read what isn't addressed to it, so that unaddressed"
            " questions in the channels of discord.unaddressed_channels are not answered, and of"
            " posts in forums the titles alone are read. Switch on Message Content Intent at %s"
            " (your application, Bot, Privileged Gateway Intents) and start the bot again.",
            _PORTAL,
        )
        asyncio.run(_serve(RolewiseBot(application, may_read_content=False), token))
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
    reads_content = bot.intents.message_content
    async with bot:
        connected = asyncio.create_task(bot.start(token))
        stopped = asyncio.create_task(stop_asked.wait())
        try:
            with _calling_at_signals(stop_asked.set):
                await asyncio.wait({connected, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if connected.done():
                with translating_connection_errors():
                    try:
                        connected.result()
                    except discord.PrivilegedIntentsRequired as error:
                        if reads_content:
                            raise _ContentRefusedError from error
                        raise
            log.info("Stopping")
        finally:
            await bot.stop()
            connected.cancel()
            stopped.cancel()
            await asyncio.gather(connected, stopped, return_exceptions=True)


class _ContentRefusedError(Exception):
    """Discord refuses the intent to read what isn't addressed to the bot."""


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
def translating_connection_errors() -> Iterator[None]:
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
        if error.code == _AUTHENTICATION_FAILED:
            raise DiscordError(refused) from error
        raise DiscordError(
            f"Discord ended the connection (code {error.code}). Start the bot again."
        ) from error
    except discord.DiscordException as error:
        raise DiscordError(
            f"Discord can't serve the bot now ({error}). Try again later."
        ) from error
    except (aiohttp.ClientError, OSError) as error:
        raise DiscordError(
            f"Discord can't be reached ({error}). Check the connection to the internet."
        ) from error
