"""Roles compared, read by section and offered while somebody types, from the real process."""

from collections.abc import Iterator

import pytest

from tests.bot.stage import Play, Stage, inline_fields, share_stage, shown
from tests.loopback import CallbackKind, LoopbackDiscord, Message

NURSE = """\
---
title: Ward Nurse
aliases: [RN]
url: https://example.org/nurse
---
# Ward Nurse

A ward nurse cares for patients on a hospital ward and watches over their recovery.

## Skills

A ward nurse needs:

- patience with people;
- a steady hand.

## Ping @everyone <@1>

"""
BAKER = """\
# Baker

A baker makes bread and pastry early in the morning for the whole town.

## Skills

A baker needs strong arms and a feeling for dough.
"""


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Play on a stage whose bot has a short guide and a long one."""
    folder = tmp_path_factory.mktemp("bakery")
    guides = folder / "guides"
    guides.mkdir()
    more = "".join(
        f"A ward nurse writes report number {number} for the next shift of the ward.\n\n"
        for number in range(60)
    )
    (guides / "nurse.md").write_text(NURSE + more, encoding="utf-8")
    (guides / "baker.md").write_text(BAKER, encoding="utf-8")
    settings = folder / "rolewise.yaml"
    settings.write_text("knowledge: {paths: [guides]}\nhome: home\n", encoding="utf-8")
    yield from share_stage("--config", str(settings))


def labels(message: Message) -> list[str]:
    return [str(one.get("label")) for one in message.interactive_components]


async def use(stage: Stage, command: str, **options: str) -> Message:
    used = await stage.server.use_command(stage.channel, stage.alice, command, **options)
    assert await used.acknowledged() is CallbackKind.DEFERRED_MESSAGE
    return await used.final_message()


def test_two_roles_stand_side_by_side(bakery: Play) -> None:
    async def act(stage: Stage) -> None:
        for named in (("Ward Nurse", "Baker"), ("rn", "bakr")):
            compared = await use(stage, "compare", role_a=named[0], role_b=named[1])
            sides = inline_fields(compared)
            assert list(sides) == ["Ward Nurse", "Baker"]
            assert "cares for patients" in sides["Ward Nurse"]
            assert "bread" in sides["Baker"]

    bakery(act)


def test_roles_are_offered_while_somebody_types(bakery: Play) -> None:
    async def act(stage: Stage) -> None:
        async def offered(typed: str) -> list[str]:
            choices = await stage.server.autocomplete(
                stage.channel, stage.alice, "role", "name", typed
            )
            return [one["value"] for one in choices]

        assert set(await offered("")) >= {"Ward Nurse", "Baker"}
        assert (await offered("rn"))[0] == "Ward Nurse"
        assert await offered("nurse") == ["Ward Nurse"]
        assert await offered("zzz") == []
        assert await offered("x" * 100) == []

    bakery(act)


@pytest.mark.parametrize("typed", ["Astronaut", "@everyone <@1>", "?", "*" * 100])
def test_a_role_that_was_never_offered_is_told_in_private(bakery: Play, typed: str) -> None:
    async def act(stage: Stage) -> None:
        used = await stage.server.use_command(
            stage.channel, stage.alice, "compare", role_a="Baker", role_b=typed
        )
        told = await used.final_message()
        assert told.is_ephemeral
        assert "know no role called" in told.content
        used = await stage.server.use_command(stage.channel, stage.alice, "role", name=typed)
        told = await used.followup()
        assert told.is_ephemeral
        assert "know no role called" in told.content
        assert "Baker" in told.content

    bakery(act)


def test_one_role_twice_is_no_comparison(bakery: Play) -> None:
    async def act(stage: Stage) -> None:
        used = await stage.server.use_command(
            stage.channel, stage.alice, "compare", role_a="RN", role_b="ward nurse"
        )
        assert "two different roles" in (await used.final_message()).content

    bakery(act)


def test_a_role_is_read_page_by_page(bakery: Play) -> None:
    async def act(stage: Stage) -> None:
        server = stage.server
        first = await use(stage, "role", name="nurse")
        assert first.embeds[0]["title"] == "Ward Nurse"
        assert "(<https://example.org/nurse>)" in first.embeds[0]["description"]
        assert "Skills" in first.embeds[0]["description"]
        assert "- patience with people" in first.embeds[0]["description"]
        assert first.embeds[0]["footer"]["text"].startswith("Page 1 of")
        assert labels(first) == ["Back", "Next"]
        before = first.embeds
        turned = await server.click(first, "Next", stage.alice)
        assert await turned.acknowledged() is CallbackKind.DEFERRED_UPDATE
        await server.wait_for(lambda: first.embeds != before or None, "the page to turn")
        assert first.embeds[0]["footer"]["text"].startswith("Page 2 of")
        # Others turn pages of their own.
        other = await (await server.click(first, "Back", stage.bob)).final_message()
        assert other.is_ephemeral
        assert other.embeds == before
        assert first.embeds[0]["footer"]["text"].startswith("Page 2 of")

    bakery(act)


def test_a_role_of_one_page_has_nothing_to_turn(bakery: Play) -> None:
    async def act(stage: Stage) -> None:
        page = await use(stage, "role", name="Baker")
        assert "bread and pastry" in shown(page)
        assert labels(page) == []

    bakery(act)


def test_a_question_that_needs_a_role_offers_the_roles(bakery: Play) -> None:
    async def act(stage: Stage) -> None:
        asked_back = await stage.ask("what skills does this role need?")
        assert set(labels(asked_back)) >= {"Ward Nurse", "Baker"}
        pressed = await stage.server.click(asked_back, "Baker", stage.alice)
        answer = await pressed.final_message()
        assert "strong arms" in shown(answer)

    bakery(act)


def test_help_names_the_roles(bakery: Play) -> None:
    async def act(stage: Stage) -> None:
        used = await stage.server.use_command(stage.channel, stage.alice, "help")
        told = await used.final_message()
        assert told.is_ephemeral
        for said in ("Ward Nurse", "Baker", "`/ask`", "`/forget`", "30 minutes"):
            assert said in told.content

    bakery(act)


def test_a_server_is_greeted_once(bakery: Play) -> None:
    async def act(stage: Stage) -> None:
        server: LoopbackDiscord = stage.server
        guild = server.state.create_guild("new", 1 << 10 | 1 << 11, 0)
        channel = server.state.create_channel(
            stage.channel.type, "general", guild_id=guild.id, position=0
        )
        server.events.guild_created(guild)
        greeting = await server.next_message(channel, after=None)
        assert "`/ask`" in greeting.content
        await server.expect_silence(channel, seconds=0.3)

    bakery(act)
