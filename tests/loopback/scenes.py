"""The scenes of which pictures are taken: what is done, and which messages are then looked at."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from tests.bot.stage import Stage
from tests.loopback.interactions import Interaction
from tests.loopback.model import Message
from tests.loopback.owner_scenes import OWNER_SCENES

Seen: TypeAlias = list[Message | Interaction]

LONG = "What does this role do day to day, and which skills and tools does it take?"


async def mentioned(stage: Stage, text: str) -> Seen:
    """Return a question that mentions the bot, and its answer."""
    content = f"{stage.server.bot.mention} {text}"
    asked = await stage.server.send_message(stage.channel, stage.alice, content)
    return [asked, await stage.server.next_reply(to=asked)]


async def answer(stage: Stage) -> Seen:
    """Show an answer to a command."""
    return [await stage.ask("What skills does this role need?")]


async def answer_to_a_mention(stage: Stage) -> Seen:
    """Show an answer to a mention, and a follow-up."""
    first = await mentioned(stage, "what does this role do?")
    return first + await mentioned(stage, "and what skills does it need?")


async def comparison(stage: Stage) -> Seen:
    """Show two roles side by side."""
    return [await stage.ask("How is this different from a data engineer?")]


async def refusal(stage: Stage) -> Seen:
    """Show a question that no guide answers."""
    return [await stage.ask("What does a nurse do?")]


async def off_topic(stage: Stage) -> Seen:
    """Show a question about something else."""
    return await mentioned(stage, "what is the capital of France?")


async def not_said(stage: Stage) -> Seen:
    """Show a question that is near but not answered."""
    return [await stage.ask("How many days of holiday does a software engineer get?")]


async def several_questions(stage: Stage) -> Seen:
    """Show a message with several questions."""
    return [await stage.ask("What does this role do? Which degree does it need? And the pay?")]


async def long_answer(stage: Stage) -> Seen:
    """Show an answer with many statements."""
    return [await stage.ask(LONG)]


async def private_answer(stage: Stage) -> Seen:
    """Show an answer for one person alone."""
    asked = await stage.server.use_command(
        stage.channel, stage.alice, "ask", question="What does this role do?", private=True
    )
    return [await asked.final_message()]


async def compare_command(stage: Stage) -> Seen:
    """Show `/compare`."""
    used = await stage.server.use_command(
        stage.channel,
        stage.alice,
        "compare",
        role_a="Software Engineer (Data Science)",
        role_b="Data Engineer",
    )
    return [await used.final_message()]


async def role_pages(stage: Stage) -> Seen:
    """Show `/role`."""
    used = await stage.server.use_command(
        stage.channel, stage.alice, "role", name="Software Engineer (Data Science)"
    )
    return [await used.final_message()]


async def help_text(stage: Stage) -> Seen:
    """Show `/help`."""
    used = await stage.server.use_command(stage.channel, stage.alice, "help")
    return [await used.final_message()]


async def help_to_a_mention(stage: Stage) -> Seen:
    """Show what is said to a bare mention."""
    return await mentioned(stage, "")


async def forgotten(stage: Stage) -> Seen:
    """Show `/forget`."""
    used = await stage.server.use_command(stage.channel, stage.alice, "forget")
    return [await used.final_message()]


async def too_short(stage: Stage) -> Seen:
    """Show a question without a word."""
    asked = await stage.use_ask("?!")
    return [await asked.final_message()]


async def error(stage: Stage) -> Seen:
    """Show what is said when Discord refuses an answer."""
    stage.server.fail_next("PATCH", "/webhooks/", 400)
    asked = await stage.use_ask("what does this role do?")
    return [await asked.followup()]


async def pressed(stage: Stage, *words: str) -> Interaction:
    """Return a press of the first button under an answer that says one of some words."""
    shown = await stage.ask("What does this role do?")
    for button in shown.interactive_components:
        label = (button.get("label") or "").lower()
        if any(word in label for word in words):
            return await stage.server.click(shown, button["custom_id"], stage.alice)
    raise AssertionError(f"no button with {words} among {shown.interactive_components}")


async def more_context(stage: Stage) -> Seen:
    """Show the passages around an answer, which one person asked for."""
    return [await (await pressed(stage, "context", "more")).final_message()]


async def follow_up_form(stage: Stage) -> Seen:
    """Show the form for a follow-up."""
    interaction = await pressed(stage, "follow")
    await interaction.shown_modal()
    return [interaction]


async def message_menu(stage: Stage) -> Seen:
    """Show an answer about somebody's message."""
    message = await stage.server.send_message(
        stage.channel, stage.bob, "I wonder which tools a data scientist uses"
    )
    used = await stage.server.use_message_menu(stage.alice, "Ask about this message", message)
    return [message, await used.final_message()]


async def without_embeds(stage: Stage) -> Seen:
    """Show an answer where the bot may not send embeds."""
    from tests.loopback.permissions import Permission

    stage.server.forbid(stage.channel, stage.server.bot, Permission.EMBED_LINKS)
    return await mentioned(stage, "How is this different from a data engineer?")


SCENES: dict[str, Callable[[Stage], Awaitable[Seen]]] = {
    scene.__name__.replace("_", "-"): scene
    for scene in (
        answer,
        answer_to_a_mention,
        comparison,
        refusal,
        off_topic,
        not_said,
        several_questions,
        long_answer,
        private_answer,
        compare_command,
        role_pages,
        help_text,
        help_to_a_mention,
        forgotten,
        too_short,
        error,
        more_context,
        follow_up_form,
        message_menu,
        without_embeds,
        *OWNER_SCENES,
    )
}
