"""What happens when somebody presses a button under a reply, or sends the form behind one."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.answers.question import MAX_CHARACTERS
from bot.answers.reading import read_around
from bot.community.asking.interactions import answer_interaction
from bot.community.management.buttons import TEMPLATES as MANAGEMENT_TEMPLATES
from bot.community.places import ConversationKey, Interaction, Place, place_of
from bot.community.showing.buttons import is_shortened, make_button, make_view, may_open_thread
from bot.community.showing.custom_ids import TEMPLATE, VERSION, Action, ReplyCode, write_custom_id
from bot.community.showing.delivery import NO_PINGS, tell_privately
from bot.community.showing.explaining import TROUBLE, explain
from bot.community.showing.reply import SUGGESTIONS
from bot.community.showing.sections import pages_of
from bot.community.showing.text import clean_text, shorten, unescape_text
from bot.community.upkeep.observers import Verdict

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_THANKS = {
    True: "Thank you. It is good to know that this helped.",
    False: "Thank you. Whoever runs me sees that this did not help.",
}
_OLD_BUTTON = "This button is of an earlier version of me. Ask again, and use the new ones."
_GONE = (
    "What this reply quotes is no longer in the guides, or stands elsewhere since they were"
    " rebuilt. Ask again to see what they say now."
)
_NO_THREADS = "I may not open a thread here: I need the permissions to create and to write in them."
_YOU_MAY_NOT = "You may not open threads in this channel."
_THREAD_EXISTS = "There is a thread on this reply already: <#{id}>"
_GO_ON = "Go on here: I remember what was asked. Mention me, reply to me, or press the button."
_GO_ON_READING = "Go on here: I remember what was asked, and answer what you write."
_ALREADY_A_THREAD = 160_004
_MAX_THREAD_NAME = 100
_MOST_PAGES = 3
_INPUT = "question"

log = logging.getLogger(__name__)


class Presses:
    """Answers the buttons of all messages, new and old."""

    def __init__(self, bot: "RolewiseBot") -> None:
        """Take who answers."""
        self._bot = bot

    async def press(
        self, interaction: Interaction, *, version: str, action: str, data: str, label: str
    ) -> None:
        """Do what a button says.

        Args:
            interaction: Who pressed it and where; not acknowledged yet.
            version: The version of the button's id.
            action: What it does.
            data: What that is about.
            label: What stands on it.
        """
        message = interaction.message
        if version != VERSION or message is None:
            await tell_privately(interaction, _OLD_BUTTON)
            return
        with self._bot.asking.finishing_before_stop():
            try:
                await self._press(interaction, message, action, data, label)
            except Exception as error:
                await tell_privately(interaction, explain(error))

    async def _press(
        self,
        interaction: Interaction,
        message: discord.Message,
        action: str,
        data: str,
        label: str,
    ) -> None:
        match action:
            case Action.HELPFUL | Action.NOT_HELPFUL:
                await self._judge(interaction, message, data, is_helpful=action == Action.HELPFUL)
            case Action.MORE:
                await self._show_more(interaction, data)
            case Action.SUGGESTION:
                await self._ask_suggestion(interaction, message, data, label)
            case Action.FOLLOW_UP:
                await interaction.response.send_modal(_form())
            case Action.THREAD:
                await self._open_thread(interaction, message)
            case Action.PAGE:
                await self._bot.role_pages.turn(interaction, data)
            case _:
                await tell_privately(interaction, _OLD_BUTTON)

    async def receive_form(self, interaction: Interaction) -> None:
        """Answer the question in a form that was sent, be it opened before a restart."""
        data: Any = interaction.data or {}
        match = TEMPLATE.fullmatch(str(data.get("custom_id", "")))
        if match is None or match["action"] != Action.FOLLOW_UP:
            await tell_privately(interaction, _OLD_BUTTON)
            return
        text = next(_values_in(data.get("components", [])), "")
        message = interaction.message
        try:
            await answer_interaction(
                self._bot,
                interaction,
                text,
                follows=message,
            )
        except Exception as error:
            await tell_privately(interaction, explain(error))

    async def receive_unknown(self, interaction: Interaction) -> None:
        """Answer what was pressed if it is of an earlier version, and no button of this one."""
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        if not any(one.fullmatch(custom_id) for one in (TEMPLATE, *MANAGEMENT_TEMPLATES)):
            await tell_privately(interaction, _OLD_BUTTON)

    async def _judge(
        self, interaction: Interaction, message: discord.Message, data: str, *, is_helpful: bool
    ) -> None:
        code = ReplyCode.read(data)
        if code is None:
            await tell_privately(interaction, _OLD_BUTTON)
            return
        self._bot.observers.tell_verdict(
            Verdict(
                is_helpful=is_helpful,
                outcome=code.outcome,
                passage_ids=code.passages,
                question=self._bot.exchanges.question_of(message),
                place=place_of(interaction),
                member_id=interaction.user.id,
                reply_id=message.id,
            )
        )
        await interaction.response.send_message(_THANKS[is_helpful], ephemeral=True)

    async def _show_more(self, interaction: Interaction, data: str) -> None:
        code = ReplyCode.read(data)
        await interaction.response.defer(thinking=True, ephemeral=True)
        references = code.passages if code else ()
        sections = await asyncio.to_thread(
            self._bot.rolewise.assistant.read,
            lambda sources: read_around(sources.snapshot, references),
        )
        if not sections:
            await interaction.edit_original_response(content=_GONE)
            return
        pages = pages_of(sections)
        await interaction.edit_original_response(content=pages[0], allowed_mentions=NO_PINGS)
        for page in pages[1:_MOST_PAGES]:
            await interaction.followup.send(
                page, ephemeral=True, allowed_mentions=NO_PINGS, suppress_embeds=True
            )

    async def _ask_suggestion(
        self, interaction: Interaction, message: discord.Message, data: str, label: str
    ) -> None:
        question = _suggested(message, data) if is_shortened(label) else label
        await answer_interaction(
            self._bot,
            interaction,
            question or label.rstrip(" …"),
            follows=message,
        )

    async def _open_thread(self, interaction: Interaction, message: discord.Message) -> None:
        if not may_open_thread(interaction.channel, interaction.app_permissions):
            await tell_privately(interaction, _NO_THREADS)
            return
        if not interaction.permissions.create_public_threads:
            await tell_privately(interaction, _YOU_MAY_NOT)
            return
        if message.flags.has_thread:
            await tell_privately(interaction, _THREAD_EXISTS.format(id=message.id))
            return
        await interaction.response.defer()
        question = self._bot.exchanges.question_of(message) or ""
        try:
            thread = await message.create_thread(
                name=thread_name(question), auto_archive_duration=1440
            )
        except discord.HTTPException as error:
            if error.code != _ALREADY_A_THREAD:
                raise
            await tell_privately(interaction, _THREAD_EXISTS.format(id=message.id))
            return
        place = Place(
            guild_id=interaction.guild_id, channel_id=thread.id, parent_id=thread.parent_id
        )
        key = ConversationKey(asker_id=interaction.user.id, place=place)
        self._bot.exchanges.go_on_in(key, message)
        text = _GO_ON_READING if self._bot.intents.message_content else _GO_ON
        view = make_view([make_button("Follow up", Action.FOLLOW_UP)])
        with contextlib.suppress(*TROUBLE):
            await thread.add_user(interaction.user)
        await thread.send(text, view=view, allowed_mentions=NO_PINGS)


class _Form(ui.Modal):
    """Takes a question; `Presses.receive_form` answers it, be the bot restarted meanwhile."""


def _form() -> ui.Modal:
    form = _Form(title="Follow up", custom_id=write_custom_id(Action.FOLLOW_UP), timeout=600)
    text: ui.TextInput[_Form] = ui.TextInput(
        custom_id=_INPUT,
        style=discord.TextStyle.paragraph,
        max_length=MAX_CHARACTERS,
        placeholder="and how does that differ from …?",
    )
    form.add_item(ui.Label(text="What else do you want to know?", component=text))
    return form


def thread_name(question: str) -> str:
    """Return the name of a thread that goes on from a question."""
    return shorten(" ".join(clean_text(question).split()), _MAX_THREAD_NAME) or "Careers"


def _suggested(message: discord.Message, data: str) -> str | None:
    """Return the suggestion of a number that a reply shows in full."""
    fields = message.embeds[0].fields if message.embeds else []
    lines = [line for field in fields if field.name in SUGGESTIONS for line in _items(field.value)]
    number = int(data) if data.isdecimal() and len(data) < 4 else len(lines)
    return unescape_text(lines[number]) if number < len(lines) else None


def _items(text: str | None) -> Iterator[str]:
    return (line.removeprefix("- ") for line in (text or "").split("\n"))


def _values_in(components: list[Any]) -> Iterator[str]:
    """Yield what was written into a form, wherever it stands in it."""
    for component in components:
        if "value" in component:
            yield str(component["value"])
        inside = component.get("components", [])
        yield from _values_in([*inside, *filter(None, [component.get("component")])])
