"""The slash commands and the message menu that everybody may use."""

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.answers.question import MAX_CHARACTERS
from bot.community.asking.interactions import answer_interaction
from bot.community.commands.role_names import MAX_CHOICE
from bot.community.places import Interaction
from bot.community.showing.delivery import tell_privately
from bot.community.showing.text import read_question

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

MENU = "Ask about this message"

_FORGOTTEN = (
    "Forgotten: all that you asked me, here and elsewhere. Your next question stands for itself."
)
_NOTHING_TO_FORGET = "There is nothing to forget: I remember no question of yours."
_NO_TEXT = "There is no text in this message that I could look up."
_SAME_ROLE = "Name two different roles."

RoleOption = app_commands.Range[str, 1, MAX_CHOICE]


def add_member_commands(tree: "app_commands.CommandTree[RolewiseBot]") -> None:
    """Add the commands of members to the tree."""
    bot = tree.client
    here = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    installed = app_commands.allowed_installs(guilds=True, users=False)

    @tree.command(description="Ask the guides about a career")
    @app_commands.describe(
        question="What you want to know, in your own words",
        private="Whether only you see the answer",
    )
    @here
    @installed
    async def ask(
        interaction: Interaction,
        question: app_commands.Range[str, 1, MAX_CHARACTERS],
        private: bool = False,
    ) -> None:
        await answer_interaction(bot, interaction, question, is_private=private)

    @tree.command(description="Compare two roles side by side")
    @app_commands.describe(role_a="One role", role_b="The other")
    @app_commands.autocomplete(role_a=bot.role_names.complete, role_b=bot.role_names.complete)
    @here
    @installed
    async def compare(interaction: Interaction, role_a: RoleOption, role_b: RoleOption) -> None:
        await _compare(bot, interaction, role_a, role_b)

    @tree.command(description="Read what the guides say of a role")
    @app_commands.describe(name="The role")
    @app_commands.autocomplete(name=bot.role_names.complete)
    @here
    @installed
    async def role(interaction: Interaction, name: RoleOption) -> None:
        await bot.role_pages.show(interaction, name)

    @tree.command(description="Let the bot forget what you asked")
    @here
    @installed
    async def forget(interaction: Interaction) -> None:
        text = _FORGOTTEN if bot.forget(interaction.user.id) else _NOTHING_TO_FORGET
        await interaction.response.send_message(text, ephemeral=True)

    @tree.command(name="help", description="What the bot knows, how to ask it, what it keeps")
    @here
    @installed
    async def show_help(interaction: Interaction) -> None:
        await interaction.response.send_message(bot.introduction(), ephemeral=True)

    @tree.context_menu(name=MENU)
    @here
    @installed
    async def ask_about(interaction: Interaction, message: discord.Message) -> None:
        text = read_question(message.content, bot.user.id if bot.user else None)
        if not text:
            await tell_privately(interaction, _NO_TEXT)
            return
        await answer_interaction(bot, interaction, text, is_private=True, stands_alone=True)


async def _compare(bot: "RolewiseBot", interaction: Interaction, first: str, second: str) -> None:
    """Compare two roles, or say which of them the guides don't know."""
    bot.role_names.refresh_soon()
    names = []
    for typed in (first, second):
        role = bot.role_names.find(typed)
        if role is None and bot.role_names.are_known:
            await tell_privately(interaction, bot.role_names.explain_unknown(typed))
            return
        names.append(role.name if role else typed)
    if names[0].casefold() == names[1].casefold():
        await tell_privately(interaction, _SAME_ROLE)
        return
    question = f"What is the difference between {names[0]} and {names[1]}?"
    await answer_interaction(bot, interaction, question, stands_alone=True)
