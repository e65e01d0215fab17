"""Sessions are begun, lost and taken up again as on Discord."""

import asyncio

import discord
import pytest

from tests.loopback import Intent, LoopbackDiscord
from tests.loopback.redirect import point_discord_at
from tests.loopback.sample_bot import SampleBot
from tests.loopback.scene import Scene, play


def test_a_dropped_connection_is_resumed_and_missed_events_are_told() -> None:
    async def act(scene: Scene) -> None:
        scene.server.drop_connections()
        missed = await scene.server.send_message(
            scene.channel, scene.alice, f"{scene.server.bot.mention} while away"
        )
        reply = await scene.server.next_reply(to=missed)
        assert reply.content.endswith("while away")
        await asyncio.wait_for(scene.bot.resumed.wait(), 5)
        assert (scene.server.gateway.identifies, scene.server.gateway.resumes) == (1, 1)
        assert len(scene.bot.heard) == 1

    play(act)


def test_a_requested_reconnect_is_resumed() -> None:
    async def act(scene: Scene) -> None:
        scene.server.request_reconnect()
        await asyncio.wait_for(scene.bot.resumed.wait(), 5)
        assert scene.server.gateway.identifies == 1

    play(act)


def test_a_close_that_allows_it_is_resumed() -> None:
    async def act(scene: Scene) -> None:
        scene.server.close_connections(4000)
        await asyncio.wait_for(scene.bot.resumed.wait(), 5)
        assert scene.server.gateway.identifies == 1

    play(act)


@pytest.mark.parametrize("resumable", [True, False])
def test_an_invalid_session_is_resumed_or_begun_anew(resumable: bool) -> None:
    async def act(scene: Scene) -> None:
        scene.server.invalidate_sessions(resumable=resumable)
        gateway = scene.server.gateway
        await scene.server.wait_for(
            lambda: gateway.resumes if resumable else gateway.identifies > 1 or None, "a session"
        )
        assert gateway.identifies == (1 if resumable else 2)
        message = await scene.server.send_message(
            scene.channel, scene.alice, f"{scene.server.bot.mention} hello"
        )
        await scene.server.next_reply(to=message)

    play(act)


def test_a_wrong_token_cannot_log_in() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            point_discord_at(server.base_url)
            bot = SampleBot()
            async with bot:
                with pytest.raises(discord.LoginFailure):
                    await asyncio.wait_for(bot.start("wrong"), 10)
            assert [one.rule for one in server.breaches] == ["BAD_TOKEN"]
            assert server.requests[-1].status == 401

    asyncio.run(run())


def test_a_wrong_token_at_the_gateway_closes_the_connection() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            point_discord_at(server.base_url)
            bot = SampleBot()
            async with bot:
                await bot.login(server.token)
                server.state.token = "changed"
                with pytest.raises(discord.ConnectionClosed) as closed:
                    await asyncio.wait_for(bot.connect(), 10)
            assert closed.value.code == 4004

    asyncio.run(run())


def test_a_privileged_intent_that_is_not_switched_on_is_refused() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            point_discord_at(server.base_url)
            bot = SampleBot(message_content=True)
            async with bot:
                with pytest.raises(discord.PrivilegedIntentsRequired):
                    await asyncio.wait_for(bot.start(server.token), 10)

    asyncio.run(run())


def test_with_the_content_intent_everything_is_readable() -> None:
    async def act(scene: Scene) -> None:
        await scene.server.send_message(scene.channel, scene.alice, "just talking")
        await scene.server.wait_for(lambda: scene.bot.heard or None, "the event")
        assert scene.bot.heard[0].content == "just talking"
        assert [one.content async for one in scene.text_channel.history()] == ["just talking"]

    play(
        act,
        server=LoopbackDiscord(allowed_privileged_intents=Intent.MESSAGE_CONTENT),
        message_content=True,
    )


def test_without_the_content_intent_the_history_is_not_readable_either() -> None:
    async def act(scene: Scene) -> None:
        await scene.server.send_message(scene.channel, scene.alice, "just talking")
        assert [one.content async for one in scene.text_channel.history()] == [""]

    play(act)


def test_members_are_listed_with_their_intent() -> None:
    async def act(scene: Scene) -> None:
        guild = scene.bot.get_guild(scene.guild.id)
        assert guild is not None
        assert guild.get_member(scene.alice.user.id) is not None
        bob = scene.server.add_member(scene.guild, "bob")
        await scene.server.wait_for(lambda: guild.get_member(bob.user.id), "bob")

    play(
        act,
        server=LoopbackDiscord(allowed_privileged_intents=Intent.GUILD_MEMBERS),
        members=True,
    )


def test_heartbeats_are_regular() -> None:
    async def act(scene: Scene) -> None:
        await scene.server.wait_for(lambda: len(scene.server.heartbeats) > 3 or None, "heartbeats")
        assert scene.server.late_heartbeats == []

    play(
        act,
        server=LoopbackDiscord(heartbeat_interval_seconds=0.3, heartbeat_tolerance_seconds=0.25),
    )


def test_a_silent_connection_is_closed_and_resumed() -> None:
    async def act(scene: Scene) -> None:
        assert scene.bot.ws._keep_alive is not None
        scene.bot.ws._keep_alive.stop()
        await asyncio.wait_for(scene.bot.resumed.wait(), 5)

    play(
        act,
        server=LoopbackDiscord(heartbeat_interval_seconds=0.2, heartbeat_timeout_seconds=0.6),
    )


def test_heartbeats_may_go_unacknowledged() -> None:
    async def act(scene: Scene) -> None:
        scene.server.stop_acknowledging_heartbeats()
        before = len(scene.server.heartbeats)
        await scene.server.wait_for(
            lambda: len(scene.server.heartbeats) > before + 2 or None, "heartbeats"
        )
        assert scene.bot.ws._keep_alive is not None
        assert scene.bot.ws._keep_alive._last_ack < scene.bot.ws._keep_alive._last_send

    play(act, server=LoopbackDiscord(heartbeat_interval_seconds=0.1))


class ShardedBot(discord.AutoShardedClient):
    """A bot in two shards."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify without the 5 s that Discord asks for."""


def test_each_shard_is_told_of_its_own_guilds() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            guilds = [server.add_guild(f"guild-{number}") for number in range(4)]
            channels = [server.add_channel(guild, "general") for guild in guilds]
            dave = server.add_user("dave")
            heard: list[tuple[int, int]] = []
            point_discord_at(server.base_url)
            bot = ShardedBot(
                intents=discord.Intents.default(), shard_count=2, guild_ready_timeout=0.1
            )

            async def on_message(message: discord.Message) -> None:
                assert message.guild is not None
                heard.append((message.guild.id, message.guild.shard_id))

            bot.event(on_message)
            async with bot:
                task = asyncio.create_task(bot.start(server.token))
                await server.wait_for(lambda: len(bot.guilds) == 4 or None, "all guilds")
                for guild, channel in zip(guilds, channels, strict=True):
                    await server.send_message(channel, server.add_member(guild, dave), "hello")
                await server.wait_for(lambda: len(heard) == 4 or None, "all messages")
                await asyncio.sleep(0.1)
            await task
            assert heard == [(guild.id, (guild.id >> 22) % 2) for guild in guilds]

    asyncio.run(run())
