"""The scenes of an owner: `/knowledge`, who may not use it, and the bot's first message."""

from dataclasses import replace

from tests.bot.stage import Stage
from tests.loopback.interactions import Interaction
from tests.loopback.model import ChannelType, Member, Message, Upload
from tests.loopback.permissions import EVERYONE_DEFAULT, Permission

WELDER = b"# Welder\n\nA welder joins metal parts with heat.\n\n## Skills\n\n- A steady hand.\n"
REBUILT = "Rebuilt:"


def _owner_of(stage: Stage) -> Member:
    owner = stage.server.application_owner
    return stage.guild.members.get(owner.id) or stage.server.add_member(
        stage.guild, owner, permissions=Permission.MANAGE_GUILD
    )


async def _manage(stage: Stage, command: str, **options: str | Upload) -> Message:
    used = await stage.server.use_command(
        stage.channel, _owner_of(stage), f"knowledge {command}", **options
    )
    message: Message = await used.final_message()
    return message


async def _press(stage: Stage, message: Message, label: str) -> Message:
    pressed = await stage.server.click(message, label, _owner_of(stage))
    shown: Message = await pressed.final_message()
    return shown


async def _rebuild(stage: Stage) -> Message:
    message = await _manage(stage, "rebuild")
    await stage.server.wait_for(
        lambda: message if REBUILT in message.content else None, REBUILT, timeout_seconds=120
    )
    return message


async def knowledge_status(stage: Stage) -> list[Message | Interaction]:
    """Show `/knowledge status`."""
    return [await _manage(stage, "status")]


async def knowledge_add(stage: Stage) -> list[Message | Interaction]:
    """Show `/knowledge add` with what is taken and what is not, and the list then."""
    files = {
        "file": Upload("welder.md", WELDER),
        "file_2": Upload("tool.exe", b"MZ"),
        "file_3": Upload("nurse.pdf", b"no PDF at all"),
    }
    return [await _manage(stage, "add", **files), await _manage(stage, "list")]


async def knowledge_rebuild(stage: Stage) -> list[Message | Interaction]:
    """Show `/knowledge rebuild` under way, when it is done, and the list then."""
    message = await _manage(stage, "rebuild")
    under_way = await stage.server.wait_for(
        lambda: replace(message) if "Rebuilding" in message.content else None, "progress"
    )
    await stage.server.wait_for(
        lambda: message if REBUILT in message.content else None, REBUILT, timeout_seconds=120
    )
    return [under_way, message, await _manage(stage, "list")]


async def knowledge_remove(stage: Stage) -> list[Message | Interaction]:
    """Show `/knowledge remove`, its button pressed, and pressed again."""
    await _manage(stage, "add", file=Upload("welder.md", WELDER))
    asked = await _manage(stage, "remove", document="welder.md")
    done = await _press(stage, asked, "Delete it")
    return [asked, done, await _press(stage, asked, "Delete it")]


async def knowledge_rollback(stage: Stage) -> list[Message | Interaction]:
    """Show `/knowledge rollback`, its button pressed, and that there is none before."""
    await _rebuild(stage)
    asked = await _manage(stage, "rollback")
    done = await _press(stage, asked, "Put it into service")
    return [asked, done, await _manage(stage, "rollback", snapshot="20200101T000000Z-0")]


async def knowledge_gaps(stage: Stage) -> list[Message | Interaction]:
    """Show `/knowledge gaps`."""
    for question in (
        "What does a nurse do?",
        "what do nurses do?",
        "How many days of holiday does a software engineer get?",
    ):
        await stage.ask(question)
    told = await _manage(stage, "gaps")
    while "holiday" not in told.content:  # what was asked is written beside the answers
        told = await _manage(stage, "gaps")
    return [told]


async def stranger(stage: Stage) -> list[Message | Interaction]:
    """Show what others are told who use `/knowledge`."""
    mallory = stage.server.add_member(stage.guild, "mallory", permissions=Permission.MANAGE_GUILD)
    used = await stage.server.use_command(stage.channel, mallory, "knowledge status")
    return [await used.final_message()]


async def first_message(stage: Stage) -> list[Message | Interaction]:
    """Show what the bot says where it joins a server."""
    state = stage.server.state
    guild = state.create_guild("newcomers", EVERYONE_DEFAULT, 0)
    channel = state.create_channel(ChannelType.TEXT, "general", guild_id=guild.id, position=0)
    stage.server.events.guild_created(guild)
    return [await stage.server.next_message(channel, after=None)]


OWNER_SCENES = (
    knowledge_status,
    knowledge_add,
    knowledge_rebuild,
    knowledge_remove,
    knowledge_rollback,
    knowledge_gaps,
    stranger,
    first_message,
)
