"""The buttons that ask a manager before something is changed; they outlive a restart of the bot."""

import hashlib
import re
from typing import TYPE_CHECKING, Any

import discord

from bot.community.places import Interaction

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_ROLL_BACK = "rolewise:rollback:"
_REMOVE = "rolewise:remove:"
_ROLL_BACK_TEMPLATE = re.compile(rf"{_ROLL_BACK}(?P<name>[\w.-]{{1,60}})", re.ASCII)
_REMOVE_TEMPLATE = re.compile(rf"{_REMOVE}(?P<reference>[0-9a-f]{{32}})", re.ASCII)
TEMPLATES = (_ROLL_BACK_TEMPLATE, _REMOVE_TEMPLATE)


class RollBackButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_ROLL_BACK_TEMPLATE):
    """Puts an earlier snapshot into service; carries its name."""

    def __init__(self, name: str) -> None:
        """Take the snapshot's name."""
        self._name = name
        super().__init__(_button("Put it into service", f"{_ROLL_BACK}{name}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "RollBackButton":
        """Return the button that was pressed."""
        return cls(match["name"])

    async def callback(self, interaction: Interaction) -> None:
        """Put the snapshot into service, for a manager."""
        bot: RolewiseBot = interaction.client
        await bot.management.carry_out(
            interaction, "rollback", lambda: bot.management.roll_back(interaction, self._name)
        )


class RemoveButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_REMOVE_TEMPLATE):
    """Removes a guide; carries a digest of its id, which may be longer than a button holds."""

    def __init__(self, reference: str) -> None:
        """Take what `refer_to_document` returned of the guide's id."""
        self._reference = reference
        super().__init__(_button("Delete it", f"{_REMOVE}{reference}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "RemoveButton":
        """Return the button that was pressed."""
        return cls(match["reference"])

    async def callback(self, interaction: Interaction) -> None:
        """Remove the guide, for a manager."""
        bot: RolewiseBot = interaction.client
        await bot.management.carry_out(
            interaction,
            "remove",
            lambda: bot.managed_documents.remove(interaction, self._reference),
        )


def refer_to_document(id_: str) -> str:
    """Return a guide's id as a button carries it."""
    return hashlib.blake2b(id_.encode(errors="replace"), digest_size=16).hexdigest()


def _button(label: str, custom_id: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, style=discord.ButtonStyle.danger, custom_id=custom_id)
