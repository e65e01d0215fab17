"""The button that puts an earlier snapshot into service; it outlives a restart of the bot."""

import re
from typing import TYPE_CHECKING, Any

import discord

from bot.community.places import Interaction

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_PREFIX = "rolewise:rollback:"
ROLL_BACK_TEMPLATE = re.compile(rf"{_PREFIX}(?P<name>[\w.-]{{1,60}})", re.ASCII)


class RollBackButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=ROLL_BACK_TEMPLATE):
    """Carries the snapshot's name."""

    def __init__(self, name: str) -> None:
        """Take the snapshot's name."""
        self._name = name
        super().__init__(
            discord.ui.Button(
                label="Put it into service",
                style=discord.ButtonStyle.danger,
                custom_id=f"{_PREFIX}{name}",
            )
        )

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
