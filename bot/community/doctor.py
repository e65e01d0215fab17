"""What an owner could have wrong on Discord's side, looked up without connecting the bot."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import aiohttp
import discord

from bot.application import Application
from bot.community.client import RolewiseBot
from bot.community.unconnected import UnconnectedBot
from bot.settings import Settings
from knowledge.checks import Check, Verdict

_PORTAL = "https://discord.com/developers/applications"
_NEEDED = {
    "view_channel": "View Channels",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}
_WISHED = {"create_public_threads": "Create Public Threads"}
_PERMISSIONS = discord.Permissions(**dict.fromkeys([*_NEEDED, *_WISHED], True))
_MAX_NAMED = 10
_MAX_LOOKED_AT = 25
_SYNC = "Run: rolewise discord --sync"

Channel = discord.TextChannel | discord.ForumChannel


def invite_link(application_id: int) -> str:
    """Return the link by which the bot is added to a server with all it needs."""
    return discord.utils.oauth_url(
        application_id, permissions=_PERMISSIONS, scopes=("bot", "applications.commands")
    )


async def check_discord(settings: Settings, token: str) -> list[Check]:
    """Check the token, the intents, the servers, the permissions in each channel and the commands.

    Args:
        settings: Say where the bot is to answer.
        token: The bot's token.
    """
    try:
        async with UnconnectedBot(Application(settings)) as bot:
            await bot.login(token)
            return [check async for check in _check(bot, settings)]
    except discord.LoginFailure:
        return [
            Check(
                name="discord token",
                verdict=Verdict.BAD,
                finding="Discord refuses it",
                fix=f"At {_PORTAL} choose your application, Bot, Reset Token, and set"
                " DISCORD_TOKEN to the new one",
            )
        ]
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        return [
            Check(
                name="discord",
                verdict=Verdict.BAD,
                finding=f"It can't be asked ({error}).",
                fix="Check the connection to the internet, and try again later",
            )
        ]


async def _check(client: RolewiseBot, settings: Settings) -> AsyncIterator[Check]:
    assert client.user is not None
    application = await client.application_info()
    yield Check(
        name="discord token",
        verdict=Verdict.GOOD,
        finding=f"It is of the bot {client.user} (application {application.name}).",
    )
    yield _check_message_content(application.flags, settings)
    guilds = [guild async for guild in client.fetch_guilds()]
    yield _check_servers(guilds, application.id, settings)
    chosen = settings.discord.servers
    guilds = [guild for guild in guilds if not chosen or guild.id in chosen]
    known: set[int] = set()
    for guild in guilds[:_MAX_LOOKED_AT]:
        whole = await client.fetch_guild(guild.id)
        channels = await whole.fetch_channels()
        known |= {channel.id for channel in channels}
        me = await whole.fetch_member(client.user.id)
        for check in _check_channels(whole, channels, me, settings):
            yield check
    if named := _check_named_channels(known, settings):
        yield named
    async for check in _check_commands(client, application.id, guilds):
        yield check


def _check_message_content(flags: discord.ApplicationFlags, settings: Settings) -> Check:
    name = "discord message content"
    is_granted = flags.gateway_message_content or flags.gateway_message_content_limited
    if is_granted:
        return Check(name=name, verdict=Verdict.GOOD, finding="It is granted.")
    if settings.discord.unaddressed_channels:
        return Check(
            name=name,
            verdict=Verdict.BAD,
            finding="It is not granted, and discord.unaddressed_channels needs it.",
            fix=f"At {_PORTAL} choose your application, Bot, Privileged Gateway Intents, and switch"
            " on Message Content Intent",
        )
    return Check(name=name, verdict=Verdict.GOOD, finding="It is not granted, and not needed.")


def _check_servers(
    guilds: Sequence[discord.Guild], application_id: int, settings: Settings
) -> Check:
    link = invite_link(application_id)
    missing = set(settings.discord.servers) - {guild.id for guild in guilds}
    if not guilds:
        finding, verdict = "The bot is in none.", Verdict.BAD
    elif missing:
        named = ", ".join(map(str, sorted(missing)))
        finding, verdict = f"The bot is not in {named}, which discord.servers names.", Verdict.BAD
    else:
        names = _join([f"{guild.name} ({guild.id})" for guild in guilds])
        return Check(
            name="discord servers",
            verdict=Verdict.GOOD,
            finding=f"The bot is in {names}. It is added to another with {link}",
        )
    return Check(
        name="discord servers", verdict=verdict, finding=finding, fix=f"Open {link} and add it"
    )


def _check_channels(
    guild: discord.Guild,
    channels: Sequence[discord.abc.GuildChannel],
    me: discord.Member,
    settings: Settings,
) -> Iterator[Check]:
    """Check what the bot may do where it is to answer.

    A channel that nobody has named and that is hidden from it, or where it may not write at all,
    was meant to be.
    """
    named = {*settings.discord.channels, *settings.discord.unaddressed_channels}
    chosen = set(settings.discord.channels)
    good, lacking, wishing, hidden = 0, [], [], 0
    for channel in channels:
        if not isinstance(channel, Channel) or (chosen and channel.id not in named):
            continue
        permissions = channel.permissions_for(me)
        missing = [label for key, label in _NEEDED.items() if not getattr(permissions, key)]
        may_write = permissions.view_channel and permissions.send_messages
        if not may_write and channel.id not in named:
            hidden += 1
        elif missing:
            lacking.append(f"#{channel.name}: {', '.join(missing)}")
        else:
            good += 1
            wishing += [channel.name for key in _WISHED if not getattr(permissions, key)]
    name = f"discord permissions in {guild.name}"
    if lacking:
        yield Check(
            name=name,
            verdict=Verdict.BAD,
            finding=f"Missing in {_join(lacking, '; ')}.",
            fix="In the channel's settings open Permissions, choose the bot's role, and allow"
            " what is missing",
        )
    if wishing:
        yield Check(
            name=f"discord threads in {guild.name}",
            verdict=Verdict.NOTE,
            finding=f"Without Create Public Threads in {_join([f'#{one}' for one in wishing])},"
            " nobody can go on in a thread there.",
            fix="In the server's settings open Roles, choose the bot's, and allow it",
        )
    if not lacking:
        seen = f"The bot can answer in {good} channel{'' if good == 1 else 's'}"
        finding = f"{seen}; {hidden} are hidden from it or read-only." if hidden else f"{seen}."
        verdict = Verdict.GOOD if good else Verdict.BAD
        fix = None if good else "In a channel's settings open Permissions and add the bot's role"
        yield Check(name=name, verdict=verdict, finding=finding, fix=fix)


def _check_named_channels(known: set[int], settings: Settings) -> Check | None:
    named = {*settings.discord.channels, *settings.discord.unaddressed_channels}
    if not (unknown := sorted(named - known)):
        return None
    return Check(
        name="discord channels",
        verdict=Verdict.BAD,
        finding=f"None of the servers has {_join([str(one) for one in unknown])}, which the"
        " settings name.",
        fix="Copy the ids anew (right-click the channel, Copy Channel ID), or take them out",
    )


async def _check_commands(
    client: RolewiseBot, application_id: int, guilds: Sequence[discord.Guild]
) -> AsyncIterator[Check]:
    name = "discord commands"
    here = {one.name: _essence_of(one.to_dict(client.tree)) for one in client.tree.get_commands()}
    fetched = await client.http.get_global_commands(application_id)
    there = {one["name"]: _essence_of(one) for one in fetched}
    of_guilds: dict[str, set[str]] = {}
    for guild in guilds[:_MAX_LOOKED_AT]:
        for one in await client.http.get_guild_commands(application_id, guild.id):
            of_guilds.setdefault(guild.name, set()).add(one["name"])
    twice = [guild for guild, names in of_guilds.items() if names & there.keys()]
    if wrong := sorted(one for one in here if there.get(one) != here[one]):
        finding = f"Discord doesn't know, or knows another version of, {_join(wrong)}."
        yield Check(name=name, verdict=Verdict.BAD, finding=finding, fix=_SYNC)
    elif gone := sorted(there.keys() - here.keys()):
        finding = f"Discord shows {_join(gone)}, which this version doesn't have."
        yield Check(name=name, verdict=Verdict.NOTE, finding=finding, fix=_SYNC)
    else:
        yield Check(name=name, verdict=Verdict.GOOD, finding=f"Discord knows all {len(here)}.")
    if twice:
        yield Check(
            name="discord commands of servers",
            verdict=Verdict.NOTE,
            finding=f"Commands are shown twice in {_join(twice)}: of the server and of all.",
            fix="Run, with the server's id: rolewise discord --unsync --server ID",
        )


def _essence_of(command: Mapping[str, Any]) -> object:
    """Return what members see of a command or of one of its options, whichever side tells it."""
    permissions = command.get("default_member_permissions")
    return (
        command.get("type", 1),
        command["name"],
        command.get("description", ""),
        bool(command.get("required", False)),
        bool(command.get("autocomplete", False)),
        None if permissions is None else int(permissions),
        tuple(command.get(key) for key in ("min_value", "max_value", "min_length", "max_length")),
        tuple((one["name"], one["value"]) for one in command.get("choices") or ()),
        tuple(_essence_of(one) for one in command.get("options") or ()),
    )


def _join(names: Sequence[str], by: str = ", ") -> str:
    more = len(names) - _MAX_NAMED
    shown = by.join(names[:_MAX_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
