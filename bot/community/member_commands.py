"""The slash commands that everybody may use."""

from typing import TYPE_CHECKING

from discord import app_commands

from bot.answers.question import MAX_CHARACTERS
from bot.community.delivery import explain, show_reply, tell_privately
from bot.community.places import ConversationKey, Interaction, place_of
from knowledge.errors import RolewiseError

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

_FORGOTTEN = "Forgotten. Your next question here stands for itself."
_NOTHING_TO_FORGET = "There is nothing to forget: I remember no question of yours here."


def add_member_commands(tree: "app_commands.CommandTree[RolewiseBot]") -> None:
    """Add the commands of members to the tree."""
    here = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    installed = app_commands.allowed_installs(guilds=True, users=False)

    @tree.command(description="Ask the guides about a career")
    @app_commands.describe(question="What you want to know, in your own words")
    @here
    @installed
    async def ask(
        interaction: Interaction,
        question: app_commands.Range[str, 1, MAX_CHARACTERS],
    ) -> None:
        await _answer(tree.client, interaction, question)

    @tree.command(description="Let the bot forget what you asked in this channel")
    @here
    @installed
    async def forget(interaction: Interaction) -> None:
        was_kept = tree.client.queue.forget(_key_of(interaction))
        tree.client.observers.tell_to_forget(interaction.user.id)
        text = _FORGOTTEN if was_kept else _NOTHING_TO_FORGET
        await interaction.response.send_message(text, ephemeral=True)


async def _answer(bot: "RolewiseBot", interaction: Interaction, text: str) -> None:
    """Answer a question; what is wrong with it is told to the person alone."""
    key = _key_of(interaction)
    with bot.asking.finishing_before_stop():
        try:
            question = bot.asking.check(key, text)
        except RolewiseError as error:
            await interaction.response.send_message(explain(error), ephemeral=True)
            return
        await interaction.response.defer(thinking=True)
        try:
            reply = await bot.asking.ask(key, question)
            await show_reply(interaction, reply)
        except Exception as error:
            await tell_privately(interaction, explain(error))


def _key_of(interaction: Interaction) -> ConversationKey:
    return ConversationKey(asker_id=interaction.user.id, place=place_of(interaction))
