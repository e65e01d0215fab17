"""A scene to try the loopback server in: a guild, a channel, a member and a bot at work."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord

from tests.loopback.model import Channel, Guild, Member
from tests.loopback.sample_bot import SampleBot, running
from tests.loopback.server import LoopbackDiscord


@dataclass
class Scene:
    """A guild with a channel, a member, and the bot at work."""

    server: LoopbackDiscord
    bot: SampleBot
    guild: Guild
    channel: Channel
    alice: Member

    @property
    def text_channel(self) -> discord.TextChannel:
        """The channel as the bot knows it."""
        channel = self.bot.get_channel(self.channel.id)
        assert isinstance(channel, discord.TextChannel)
        return channel


def play(
    act: Callable[[Scene], Awaitable[None]],
    *,
    breaches: tuple[str, ...] = (),
    server: LoopbackDiscord | None = None,
    message_content: bool = False,
    members: bool = False,
) -> None:
    """Let something happen in a scene, during which the bot breaks these rules and no others.

    Args:
        message_content: whether the bot asks for that intent; so for `members`.
    """

    async def run() -> None:
        async with server or LoopbackDiscord() as discord_server:
            guild = discord_server.add_guild("careers")
            channel = discord_server.add_channel(guild, "questions")
            alice = discord_server.add_member(guild, "alice")
            bot = SampleBot(message_content=message_content, members=members)
            async with running(bot, discord_server):
                await act(Scene(discord_server, bot, guild, channel, alice))
            assert [breach.rule for breach in discord_server.breaches] == list(breaches)

    asyncio.run(run())
