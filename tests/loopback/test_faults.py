"""Injected faults reach the bot as Discord's own would."""

import time

import discord
import pytest

from tests.loopback.scene import Scene, play


@pytest.mark.parametrize("is_global", [True, False])
def test_a_rate_limited_request_is_repeated(is_global: bool) -> None:
    async def act(scene: Scene) -> None:
        scene.server.rate_limit_next("POST", "/messages$", global_=is_global)
        await scene.text_channel.send("patient")
        answers = [one.status for one in scene.server.requests if one.path.endswith("/messages")]
        assert answers == [429, 200]
        assert len(scene.server.bot_messages(scene.channel)) == 1

    play(act)


def test_a_failing_request_fails() -> None:
    async def act(scene: Scene) -> None:
        scene.server.fail_next("POST", "/messages$", 403, {"message": "No", "code": 50013})
        with pytest.raises(discord.Forbidden) as refused:
            await scene.text_channel.send("x")
        assert refused.value.code == 50013
        await scene.text_channel.send("y")

    play(act)


def test_an_answer_that_is_not_json_is_passed_on() -> None:
    async def act(scene: Scene) -> None:
        scene.server.fail_next("GET", "/users/", 403, "<html>error code: 1015</html>")
        with pytest.raises(discord.Forbidden, match="1015"):
            await scene.bot.fetch_user(scene.alice.user.id)

    play(act)


def test_a_failing_server_is_asked_again() -> None:
    async def act(scene: Scene) -> None:
        scene.server.fail_next("POST", "/messages$", 502)
        await scene.text_channel.send("persistent")
        assert len(scene.server.bot_messages(scene.channel)) == 1

    play(act)


def test_a_delayed_answer_comes_late() -> None:
    async def act(scene: Scene) -> None:
        scene.server.delay_next("GET", "/users/", 0.2)
        before = time.monotonic()
        await scene.bot.fetch_user(scene.alice.user.id)
        assert time.monotonic() - before >= 0.2

    play(act)


def test_a_real_rate_limit_is_kept_by_the_library() -> None:
    async def act(scene: Scene) -> None:
        scene.server.limit_rate("POST", "/messages$", 3, per_seconds=0.5)
        before = time.monotonic()
        for number in range(5):
            await scene.text_channel.send(str(number))
        assert time.monotonic() - before >= 0.5
        assert all(one.status == 200 for one in scene.server.requests if "messages" in one.path)

    play(act)


def test_a_repeated_nonce_writes_once() -> None:
    async def act(scene: Scene) -> None:
        first = await scene.text_channel.send("once", nonce=7)
        second = await scene.text_channel.send("once", nonce=7)
        assert first.id == second.id

    play(act)


def test_an_unknown_route_is_noticed() -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(discord.NotFound):
            await scene.bot.fetch_invite("nowhere")
        assert scene.server.breaches[0].route.startswith("GET /invites/")

    play(act, breaches=("UNKNOWN_ROUTE",))
