"""Commands are registered by hand: for all servers, or for one, where they show at once."""

import asyncio
import os
import sys

import discord

from bot.application import Application
from bot.community.commands.registration import register_commands
from bot.community.run import read_token, translating_connection_errors
from bot.community.unconnected import UnconnectedBot
from bot.community.upkeep.logs import configure_logging
from knowledge.errors import DiscordError


def sync_commands(application: Application, *, server: int | None, remove: bool) -> str:
    """Register the commands, or remove those of one server; return what was done.

    Args:
        application: Of the settings.
        server: The id of the one server; without it, all servers.
        remove: Whether the commands that are only of this server are removed.

    Raises:
        DiscordError: the token is missing or refused, there is no such server, or Discord can't be
            reached.
    """
    token = read_token(os.environ)
    configure_logging(token, log_format=application.settings.discord.log_format, stream=sys.stderr)
    with translating_connection_errors():
        return asyncio.run(_sync(application, token, server, remove=remove))


async def _sync(application: Application, token: str, server: int | None, *, remove: bool) -> str:
    async with UnconnectedBot(application) as bot:
        await bot.login(token)
        if server is None:
            if not await register_commands(bot.tree, application.home.path, always=True):
                raise DiscordError("Discord did not take the commands. Try again in a minute.")
            names = [one.name for one in bot.tree.get_commands()]
            return f"Registered for all servers: {', '.join(names)}."
        guild = discord.Object(server)
        if not remove:
            bot.tree.copy_global_to(guild=guild)
        try:
            commands = await bot.tree.sync(guild=guild)
        except discord.Forbidden as error:
            raise DiscordError(
                f"The bot is in no server {server}, or was added without the scope"
                " applications.commands. rolewise doctor names its servers and the link to add it."
            ) from error
        if remove:
            return f"Removed what was registered for the server {server} alone."
        return f"Registered for the server {server}: {', '.join(one.name for one in commands)}."
