"""Every limit is answered as Discord answers it, and recorded."""

from typing import Any

import discord
import pytest
from discord.http import Route

from tests.loopback import InteractionKind, Json
from tests.loopback.scene import Scene, play

TOO_LONG = "BASE_TYPE_MAX_LENGTH"
BAD_LENGTH = "BASE_TYPE_BAD_LENGTH"
REQUIRED = "BASE_TYPE_REQUIRED"
COMPONENTS_V2 = 1 << 15


def button(custom_id: str = "a", **details: object) -> Json:
    return {"type": 2, "style": 1, "label": "go", "custom_id": custom_id} | details


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def select(options: int = 1, **details: object) -> Json:
    listed = [{"label": str(one), "value": str(one)} for one in range(options)]
    return {"type": 3, "custom_id": "s", "options": listed} | details


def text(content: str = "text") -> Json:
    return {"type": 10, "content": content}


def layout(*components: Json) -> Json:
    return {"flags": COMPONENTS_V2, "components": list(components)}


def fields(*pairs: tuple[str, str]) -> Json:
    return {"embeds": [{"fields": [{"name": name, "value": value} for name, value in pairs]}]}


ACCEPTED: dict[str, Json] = {
    "content of 2,000": {"content": "x" * 2000},
    "embed at its limits": {
        "embeds": [
            {
                "title": "t" * 256,
                "description": "d" * 4096,
                "author": {"name": "a" * 256},
                "footer": {"text": "f" * 1392},
            }
        ]
    },
    "25 fields": fields(*[("n" * 100, "v" * 100)] * 25),
    "10 embeds": {"embeds": [{"title": str(one)} for one in range(10)]},
    "5 rows of 5 buttons": {
        "content": "x",
        "components": [row(*(button(f"{r}{b}") for b in range(5))) for r in range(5)],
    },
    "25 options": {"content": "x", "components": [row(select(25))]},
    "label of 80 and custom_id of 100": {
        "content": "x",
        "components": [row(button("c" * 100, label="l" * 80))],
    },
    "layout of 40 with 4,000 characters": layout(*[text("x" * 100)] * 40),
}


@pytest.mark.parametrize("form", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_within_the_limits_is_accepted(form: Json) -> None:
    async def act(scene: Scene) -> None:
        await post(scene, form)
        assert len(scene.server.bot_messages(scene.channel)) == 1

    play(act)


REFUSED: dict[str, tuple[Json, str, str]] = {
    "content": ({"content": "x" * 2001}, "content", TOO_LONG),
    "embed title": ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", TOO_LONG),
    "embed description": (
        {"embeds": [{"description": "x" * 4097}]},
        "embeds.0.description",
        TOO_LONG,
    ),
    "embed author": (
        {"embeds": [{"author": {"name": "x" * 257}}]},
        "embeds.0.author.name",
        TOO_LONG,
    ),
    "embed footer": (
        {"embeds": [{"footer": {"text": "x" * 2049}}]},
        "embeds.0.footer.text",
        TOO_LONG,
    ),
    "embed url": (
        {"embeds": [{"title": "t", "url": "javascript:alert(1)"}]},
        "embeds.0.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    "26 fields": (fields(*[("n", "v")] * 26), "embeds.0.fields", TOO_LONG),
    "field name": (fields(("x" * 257, "v")), "embeds.0.fields.0.name", TOO_LONG),
    "field value": (fields(("n", "x" * 1025)), "embeds.0.fields.0.value", TOO_LONG),
    "empty field": (fields(("n", "")), "embeds.0.fields.0.value", REQUIRED),
    "embeds together": (
        {"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]},
        "embeds",
        "MAX_EMBED_SIZE_EXCEEDED",
    ),
    "11 embeds": ({"embeds": [{"title": "t"}] * 11}, "embeds", TOO_LONG),
    "6 rows": (
        {"content": "x", "components": [row(button(str(one))) for one in range(6)]},
        "components",
        TOO_LONG,
    ),
    "6 buttons": (
        {"content": "x", "components": [row(*(button(str(one)) for one in range(6)))]},
        "components.0.components",
        BAD_LENGTH,
    ),
    "empty row": ({"content": "x", "components": [row()]}, "components.0.components", BAD_LENGTH),
    "label": (
        {"content": "x", "components": [row(button(label="x" * 81))]},
        "components.0.components.0.label",
        TOO_LONG,
    ),
    "custom_id": (
        {"content": "x", "components": [row(button("x" * 101))]},
        "components.0.components.0.custom_id",
        BAD_LENGTH,
    ),
    "custom_id twice": (
        {"content": "x", "components": [row(button("a"), button("a"))]},
        "components.0.components.1.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "26 options": (
        {"content": "x", "components": [row(select(26))]},
        "components.0.components.0.options",
        BAD_LENGTH,
    ),
    "select beside a button": (
        {"content": "x", "components": [row(button(), select())]},
        "components.0.components.1",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    "layout of 41": (
        layout(*[text("x")] * 41),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "layout of 41, nested": (
        layout({"type": 17, "components": [text("x")] * 40}),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "layout with 4,001 characters": (
        layout(text("x" * 2000), text("x" * 2001)),
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "layout with content": (
        layout(text()) | {"content": "x"},
        "content",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "layout with embeds": (
        layout(text()) | {"embeds": [{"title": "x"}]},
        "embeds",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "text component without the flag": (
        {"content": "x", "components": [text()]},
        "components.0",
        "UNION_TYPE_CHOICES",
    ),
    "pings both parsed and listed": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
}


@pytest.mark.parametrize(("form", "path", "rule"), REFUSED.values(), ids=REFUSED)
def test_what_is_beyond_a_limit_is_refused_and_recorded(form: Json, path: str, rule: str) -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(discord.HTTPException) as refused:
            await post(scene, form)
        assert (refused.value.status, refused.value.code) == (400, 50035)
        assert f"In {path}: " in refused.value.text
        assert scene.server.bot_messages(scene.channel) == []
        assert scene.server.breaches[0].detail.startswith(f"{path}: ")
        assert scene.server.breaches[0].route.endswith("/messages")

    play(act, breaches=(rule,))


@pytest.mark.parametrize(
    "form",
    [{"content": ""}, {"content": " \n "}, {"embeds": [{}]}, {"components": [row(button())]}],
    ids=["nothing", "white space", "empty embed", "buttons alone"],
)
def test_an_empty_message_is_refused(form: Json) -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(discord.HTTPException) as refused:
            await post(scene, form)
        assert refused.value.code == 50006

    play(act, breaches=("EMPTY_MESSAGE",))


def test_an_edit_is_held_to_the_same_limits() -> None:
    async def act(scene: Scene) -> None:
        sent = await scene.text_channel.send("fine")
        with pytest.raises(discord.HTTPException) as refused:
            await sent.edit(content="x" * 2001)
        assert refused.value.code == 50035
        assert scene.server.bot_messages(scene.channel)[0].content == "fine"

    play(act, breaches=(TOO_LONG,))


COMMAND: Json = {"name": "ask", "description": "Ask", "type": 1}


def option(**details: object) -> Json:
    return {"type": 3, "name": "question", "description": "What"} | details


def with_options(*options: Json) -> Json:
    return COMMAND | {"options": list(options)}


COMMANDS: dict[str, tuple[Json, str]] = {
    "long name": (COMMAND | {"name": "x" * 33}, BAD_LENGTH),
    "upper case": (COMMAND | {"name": "Ask"}, "APPLICATION_COMMAND_INVALID_NAME"),
    "space in the name": (COMMAND | {"name": "a b"}, "APPLICATION_COMMAND_INVALID_NAME"),
    "no description": (COMMAND | {"description": ""}, REQUIRED),
    "long description": (COMMAND | {"description": "x" * 101}, BAD_LENGTH),
    "26 options": (with_options(*(option(name=f"o{one}") for one in range(26))), TOO_LONG),
    "option named twice": (
        with_options(option(), option()),
        "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
    ),
    "required after optional": (
        with_options(option(), option(name="other", required=True)),
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    "26 choices": (
        with_options(option(choices=[{"name": str(one), "value": "v"} for one in range(26)])),
        TOO_LONG,
    ),
    "long choice": (with_options(option(choices=[{"name": "x" * 101, "value": "v"}])), BAD_LENGTH),
}


@pytest.mark.parametrize(("command", "rule"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_beyond_a_limit_is_refused(command: Json, rule: str) -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(discord.HTTPException) as refused:
            await scene.bot.http.upsert_global_command(
                scene.bot.application_id or 0, payload=any_of(command)
            )
        assert refused.value.code == 50035

    play(act, breaches=(rule,))


def test_a_hundred_commands_fit_and_one_more_does_not() -> None:
    async def act(scene: Scene) -> None:
        application_id = scene.bot.application_id or 0
        hundred = [COMMAND | {"name": f"c{one}"} for one in range(100)]
        await scene.bot.http.bulk_upsert_global_commands(application_id, payload=any_of(hundred))
        assert len(scene.server.commands) == 100
        with pytest.raises(discord.HTTPException) as refused:
            await scene.bot.http.upsert_global_command(application_id, payload=any_of(COMMAND))
        assert refused.value.code == 30032

    play(act, breaches=("TOO_MANY_COMMANDS",))


def test_commands_of_a_guild_are_its_own() -> None:
    async def act(scene: Scene) -> None:
        http, application_id = scene.bot.http, scene.bot.application_id or 0
        listed = await http.bulk_upsert_guild_commands(
            application_id, scene.guild.id, payload=any_of([COMMAND | {"name": "local"}])
        )
        again = await http.bulk_upsert_guild_commands(
            application_id, scene.guild.id, payload=any_of([COMMAND | {"name": "local"}])
        )
        assert listed[0]["id"] == again[0]["id"]
        other = scene.server.add_guild("other")
        elsewhere = scene.server.add_channel(other, "general")
        bob = scene.server.add_member(other, "bob")
        await scene.server.use_command(scene.channel, scene.alice, "local")
        with pytest.raises(AssertionError, match="no command 'local'"):
            await scene.server.use_command(elsewhere, bob, "local")
        await http.delete_guild_command(application_id, scene.guild.id, int(listed[0]["id"]))
        assert await http.get_guild_commands(application_id, scene.guild.id) == []

    play(act)


@pytest.mark.parametrize(
    ("choices", "rule"),
    [
        ([{"name": str(one), "value": "v"} for one in range(26)], TOO_LONG),
        ([{"name": "x" * 101, "value": "v"}], BAD_LENGTH),
        ([{"name": "n", "value": "x" * 101}], BAD_LENGTH),
    ],
    ids=["26 choices", "long name", "long value"],
)
def test_autocompletion_beyond_a_limit_is_refused(choices: list[Json], rule: str) -> None:
    async def act(scene: Scene) -> None:
        data = {"id": "1", "name": "find", "type": 1, "options": []}
        await refuse_callback(scene, 4, data, {"type": 8, "data": {"choices": choices}})

    play(act, breaches=(rule,))


def modal(**details: object) -> Json:
    text_input = {"type": 4, "custom_id": "i", "label": "Label", "style": 1}
    return {"custom_id": "m", "title": "Title", "components": [row(text_input)]} | details


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        (modal(title="x" * 46), BAD_LENGTH),
        (modal(custom_id="x" * 101), BAD_LENGTH),
        (modal(components=[]), BAD_LENGTH),
        (modal(components=[row(button())]), "UNION_TYPE_CHOICES"),
    ],
    ids=["title", "custom_id", "nothing in it", "button in it"],
)
def test_a_modal_beyond_a_limit_is_refused(form: Json, rule: str) -> None:
    async def act(scene: Scene) -> None:
        data = {"id": "1", "name": "ignored", "type": 1, "options": []}
        await refuse_callback(scene, 2, data, {"type": 9, "data": form})

    play(act, breaches=(rule,))


async def refuse_callback(scene: Scene, kind: int, data: Json, callback: Json) -> None:
    """Answer an interaction that the bot does not know, and expect the refusal."""
    interaction = await scene.server._interact(
        InteractionKind(kind), scene.channel, scene.alice, data
    )
    route = Route(
        "POST", "/interactions/{id}/{token}/callback", id=interaction.id, token=interaction.token
    )
    with pytest.raises(discord.HTTPException) as refused:
        await scene.bot.http.request(route, json=callback)
    assert refused.value.code == 50035
    assert "In data." in refused.value.text
    assert interaction.callback is None


async def post(scene: Scene, form: Json) -> None:
    """Send a message as it is, past the library's own checks."""
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=scene.channel.id)
    await scene.bot.http.request(route, json=form)


def any_of(payload: Any) -> Any:  # noqa: ANN401
    """Pass a payload where the library wants its own typed dictionaries."""
    return payload
