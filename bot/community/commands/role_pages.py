"""What the guides say of a role, by section, on pages that buttons turn."""

import asyncio
from typing import TYPE_CHECKING, Any

import discord

from bot.answers.reading import (
    RoleReading,
    find_role,
    read_role,
    refer_to_role,
)
from bot.answers.sources import Sources
from bot.community.asking.interactions import NOT_HERE
from bot.community.places import Interaction, place_of
from bot.community.showing.buttons import ReplyButton, make_button, make_view
from bot.community.showing.custom_ids import Action
from bot.community.showing.delivery import NO_PINGS, tell_privately
from bot.community.showing.sections import pages_of
from bot.community.showing.text import escape_line

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_GONE = "The guides say nothing of this role any more, or it has another name now. Try `/role`."
_NO_GUIDE = "No guide is about {role}. Other guides name it: the button asks what they say."
_MAX_NAME = 100


class RolePages:
    """Shows a role's pages; which role and which page is in the buttons, so any bot can turn."""

    def __init__(self, bot: "RolewiseBot") -> None:
        """Take what reads the guides."""
        self._bot = bot

    async def show(self, interaction: Interaction, name: str) -> None:
        """Show the first page of a role, or say that the guides don't know it."""
        if not self._bot.policy.may_answer(place_of(interaction)):
            await tell_privately(interaction, NOT_HERE)
            return
        await interaction.response.defer(thinking=True)
        reading = await asyncio.to_thread(
            self._bot.rolewise.assistant.read, lambda sources: _read_named(sources, name)
        )
        if reading is None:
            await tell_privately(interaction, self._bot.role_names.explain_unknown(name))
            return
        parts = _parts_of(reading, 0)
        await interaction.edit_original_response(allowed_mentions=NO_PINGS, **parts)

    async def turn(self, interaction: Interaction, data: str) -> None:
        """Turn to the page that a button names: for who asked in place, for others in private."""
        code, _, number = data.partition(":")
        page = int(number) if number.isdecimal() and len(number) < 6 else 0
        message = interaction.message
        asked = message.interaction_metadata if message else None
        is_own = asked is None or asked.user.id == interaction.user.id
        if is_own:
            await interaction.response.defer()
        else:
            await interaction.response.defer(thinking=True, ephemeral=True)
        reading = await asyncio.to_thread(
            self._bot.rolewise.assistant.read, lambda sources: _read_coded(sources, code)
        )
        if reading is None:
            await tell_privately(interaction, _GONE)
            return
        await interaction.edit_original_response(
            allowed_mentions=NO_PINGS, **_parts_of(reading, page)
        )


def _parts_of(reading: RoleReading, page: int) -> dict[str, Any]:
    """Return what a message shows of a role: a page and the buttons to turn it."""
    name = escape_line(reading.name, _MAX_NAME)
    embed = discord.Embed(title=name, colour=discord.Colour.blurple())
    if not reading.sections:
        embed.description = _NO_GUIDE.format(role=name)
        question = f"What do the guides say about {reading.name}?"
        return {"embed": embed, "view": make_view([make_button(question, Action.SUGGESTION, "0")])}
    pages = pages_of(reading.sections)
    page = min(page, len(pages) - 1)
    embed.description = pages[page]
    embed.set_footer(text=f"Page {page + 1} of {len(pages)}")
    code = refer_to_role(reading.name)
    buttons: list[ReplyButton] = []
    if len(pages) > 1:
        back, on = max(page - 1, 0), min(page + 1, len(pages) - 1)
        buttons = [
            make_button("Back", Action.PAGE, f"{code}:{back}", is_disabled=page == 0),
            make_button("Next", Action.PAGE, f"{code}:{on}", is_disabled=page == len(pages) - 1),
        ]
    return {"embed": embed, "view": make_view(buttons)}


def _read_named(sources: Sources, name: str) -> RoleReading | None:
    role = find_role(sources.snapshot.roles, name)
    return None if role is None else read_role(sources.snapshot, role)


def _read_coded(sources: Sources, code: str) -> RoleReading | None:
    roles = sources.snapshot.roles
    role = next((one for one in roles if refer_to_role(one.name) == code), None)
    return None if role is None else read_role(sources.snapshot, role)
