"""`/knowledge`: the commands of managers. Servers hide them from others; the bot refuses others."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.community.places import Interaction

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_MAX_CHOICES = 25
_MAX_CHOICE_CHARACTERS = 100


def add_manager_commands(tree: "app_commands.CommandTree[RolewiseBot]") -> None:
    """Add the commands of managers to the tree."""
    group = app_commands.Group(
        name="knowledge",
        description="Manage the guides that questions are answered from",
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    _add_document_commands(group)
    _add_changing_commands(group)
    _add_looking_commands(group)
    tree.add_command(group)


def _add_document_commands(group: app_commands.Group) -> None:
    @group.command(description="Add guides; each is checked before it is saved")
    @app_commands.describe(
        file="A guide",
        file_2="Another guide",
        file_3="Another guide",
        file_4="Another guide",
        file_5="Another guide",
        replace="Whether a guide of the same name is replaced",
    )
    async def add(
        interaction: Interaction,
        file: discord.Attachment,
        file_2: discord.Attachment | None = None,
        file_3: discord.Attachment | None = None,
        file_4: discord.Attachment | None = None,
        file_5: discord.Attachment | None = None,
        replace: bool = False,
    ) -> None:
        files = [one for one in (file, file_2, file_3, file_4, file_5) if one is not None]
        bot = _bot_of(interaction)
        await bot.management.carry_out(
            interaction,
            "add",
            lambda: bot.managed_documents.add(interaction, files, replace=replace),
        )

    @group.command(description="Remove a guide")
    @app_commands.describe(document="Which one")
    async def remove(interaction: Interaction, document: str) -> None:
        bot = _bot_of(interaction)
        await bot.management.carry_out(
            interaction,
            "remove",
            lambda: bot.managed_documents.offer_to_remove(interaction, document),
        )

    @remove.autocomplete("document")
    async def complete_document(
        interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        bot = _bot_of(interaction)
        if not await bot.management.is_manager(interaction):
            return []
        return _choices(await bot.managed_documents.ids(), typed)

    @group.command(name="list", description="Show the guides that there are")
    async def list_(interaction: Interaction) -> None:
        bot = _bot_of(interaction)
        await bot.management.carry_out(
            interaction, "list", lambda: bot.managed_documents.list(interaction)
        )


def _add_changing_commands(group: app_commands.Group) -> None:
    @group.command(description="Answer questions from the guides as they are now")
    async def rebuild(interaction: Interaction) -> None:
        manage = _bot_of(interaction).management
        await manage.carry_out(interaction, "rebuild", lambda: manage.rebuild(interaction))

    @group.command(description="Go back to an index that was built before")
    @app_commands.describe(snapshot="Which one; without it, the one before")
    async def rollback(interaction: Interaction, snapshot: str | None = None) -> None:
        manage = _bot_of(interaction).management
        await manage.carry_out(
            interaction, "rollback", lambda: manage.offer_to_roll_back(interaction, snapshot)
        )

    @rollback.autocomplete("snapshot")
    async def complete_snapshot(
        interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        manage = _bot_of(interaction).management
        if not await manage.is_manager(interaction):
            return []
        return _choices(await manage.snapshot_names(), typed)


def _add_looking_commands(group: app_commands.Group) -> None:
    @group.command(description="Show what questions are answered from")
    async def status(interaction: Interaction) -> None:
        manage = _bot_of(interaction).management
        await manage.carry_out(interaction, "status", lambda: manage.show_status(interaction))

    @group.command(description="Show what members asked and the guides left open")
    async def gaps(interaction: Interaction) -> None:
        manage = _bot_of(interaction).management
        await manage.carry_out(interaction, "gaps", lambda: manage.show_gaps(interaction))


def _bot_of(interaction: Interaction) -> "RolewiseBot":
    bot: RolewiseBot = interaction.client
    return bot


def _choices(values: Sequence[str], typed: str) -> list[app_commands.Choice[str]]:
    """Return the values that hold what was typed and fit into a choice."""
    wanted = typed.casefold().strip()
    fitting = [
        value
        for value in values
        if wanted in value.casefold() and 0 < len(value) <= _MAX_CHOICE_CHARACTERS
    ]
    return [app_commands.Choice(name=value, value=value) for value in fitting[:_MAX_CHOICES]]
