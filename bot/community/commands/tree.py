"""The tree of slash commands and context menus; whatever goes wrong in one, the person is told."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from discord import app_commands

from bot.community.commands.member_commands import add_member_commands
from bot.community.management.commands import add_manager_commands
from bot.community.places import Interaction
from bot.community.showing.delivery import tell_privately
from bot.community.showing.explaining import explain

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_CHANGED_COMMAND = "This command has changed. Reload Discord and try it again in a minute."

COMMAND_GROUPS: tuple[Callable[["app_commands.CommandTree[RolewiseBot]"], None], ...] = (
    add_member_commands,
    add_manager_commands,
)
"""What adds commands to the tree, each the commands of a file of its own."""


class Commands(app_commands.CommandTree["RolewiseBot"]):
    """All commands."""

    def __init__(self, client: "RolewiseBot") -> None:
        """Add every group of commands."""
        super().__init__(client)
        for add_commands in COMMAND_GROUPS:
            add_commands(self)

    async def on_error(
        self,
        interaction: Interaction,
        error: app_commands.AppCommandError,
        /,
    ) -> None:
        """Tell the person, and log what was not foreseen."""
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            await tell_privately(interaction, _CHANGED_COMMAND)
            return
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await tell_privately(interaction, explain(cause))
