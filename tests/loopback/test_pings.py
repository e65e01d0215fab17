"""Whom the bot's messages would ping."""

import pytest
from discord.http import Route

from tests.loopback import Permission, PingKind
from tests.loopback.scene import Scene, play


def test_without_allowed_mentions_everything_pings() -> None:
    async def act(scene: Scene) -> None:
        role = scene.server.add_role(scene.guild, "mentors", mentionable=True)
        content = f"@everyone @here {scene.alice.mention} {role.mention}"
        await post(scene, {"content": content})
        kinds = [(one.kind, one.target_id) for one in scene.server.pings]
        assert kinds == [
            (PingKind.USER, scene.alice.user.id),
            (PingKind.ROLE, role.id),
            (PingKind.EVERYONE, scene.guild.id),
            (PingKind.HERE, scene.guild.id),
        ]

    play(act)


def test_with_none_allowed_nothing_pings() -> None:
    async def act(scene: Scene) -> None:
        await scene.text_channel.send(f"@everyone {scene.alice.mention}")
        assert scene.server.pings == []

    play(act)


def test_a_listed_person_is_pinged_alone() -> None:
    async def act(scene: Scene) -> None:
        bob = scene.server.add_member(scene.guild, "bob")
        allowed = {"parse": [], "users": [str(bob.user.id)]}
        content = f"{scene.alice.mention} {bob.mention}"
        await post(scene, {"content": content, "allowed_mentions": allowed})
        assert [one.target_id for one in scene.server.pings] == [bob.user.id]

    play(act)


def test_everyone_takes_a_permission() -> None:
    async def act(scene: Scene) -> None:
        scene.server.forbid(scene.channel, scene.server.bot, Permission.MENTION_EVERYONE)
        role = scene.server.add_role(scene.guild, "staff")
        await post(scene, {"content": f"@everyone {role.mention}"})
        assert scene.server.pings == []

    play(act)


@pytest.mark.parametrize("pings", [True, False])
def test_a_reply_pings_its_author_if_it_says_so(pings: bool) -> None:
    async def act(scene: Scene) -> None:
        message = await scene.server.send_message(scene.channel, scene.alice, "hello")
        partial = scene.text_channel.get_partial_message(message.id)
        await partial.reply("hi", mention_author=pings)
        assert [one.target_id for one in scene.server.pings] == [scene.alice.user.id] * pings

    play(act)


def test_an_interactions_answer_pings_only_people_by_default() -> None:
    async def act(scene: Scene) -> None:
        asked = await scene.server.use_command(scene.channel, scene.alice, "ignore")
        route = Route("POST", "/interactions/{id}/{token}/callback", id=asked.id, token=asked.token)
        content = f"@everyone {scene.alice.mention}"
        await scene.bot.http.request(route, json={"type": 4, "data": {"content": content}})
        assert [one.kind for one in scene.server.pings] == [PingKind.USER]

    play(act)


def test_an_edit_pings_nobody() -> None:
    async def act(scene: Scene) -> None:
        sent = await scene.text_channel.send("first")
        route = Route(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=scene.channel.id,
            message_id=sent.id,
        )
        await scene.bot.http.request(route, json={"content": scene.alice.mention})
        assert scene.server.pings == []

    play(act)


async def post(scene: Scene, form: dict[str, object]) -> None:
    """Send a message as it is, past the library's own defaults."""
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=scene.channel.id)
    await scene.bot.http.request(route, json=form)
