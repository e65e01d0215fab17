"""A small bot, written with discord.py as any bot is, to try the loopback server with."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import discord
from discord import app_commands

from tests.loopback.redirect import point_discord_at
from tests.loopback.server import LoopbackDiscord


class SampleBot(discord.Client):
    """Answer commands, mentions and conversations, and remember what it heard."""

    def __init__(self, *, message_content: bool = False, members: bool = False) -> None:
        """Make a bot that is not connected yet."""
        intents = discord.Intents.default()
        intents.message_content = message_content
        intents.members = members
        super().__init__(
            intents=intents,
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.edits: list[tuple[str, str]] = []
        self.deletions: list[int] = []
        self.resumed = asyncio.Event()
        self.announced_ready = asyncio.Event()
        add_commands(self.tree)

    async def setup_hook(self) -> None:
        """Register the commands, and the buttons that outlive a restart."""
        self.add_dynamic_items(Rating)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify anew without the 5 s that Discord asks for."""

    async def on_ready(self) -> None:
        """Note that the bot is ready."""
        self.announced_ready.set()

    async def on_resumed(self) -> None:
        """Note that a session was resumed."""
        self.resumed.set()

    async def on_message(self, message: discord.Message) -> None:
        """Answer what is addressed to the bot."""
        if message.author == self.user:
            return
        self.heard.append(message)
        if message.guild is None or self.user in message.mentions:
            await message.reply(f"You said: {message.content}")

    async def on_message_edit(self, before: discord.Message, after: discord.Message) -> None:
        """Note an edit."""
        self.edits.append((before.content, after.content))

    async def on_message_delete(self, message: discord.Message) -> None:
        """Note a deletion."""
        self.deletions.append(message.id)

    async def on_bulk_message_delete(self, messages: list[discord.Message]) -> None:
        """Note deletions."""
        self.deletions += [message.id for message in messages]


class Form(discord.ui.Modal, title="Ask"):
    """A modal with one input."""

    question: discord.ui.Label["Form"] = discord.ui.Label(
        text="Question", component=discord.ui.TextInput(custom_id="question", max_length=50)
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Repeat what was written."""
        assert isinstance(self.question.component, discord.ui.TextInput)
        await interaction.response.send_message(f"Asked: {self.question.component.value}")


class Rating(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"rate:(?P<stars>[1-5])"
):
    """A button that says all it knows in its id."""

    def __init__(self, stars: int) -> None:
        """Make the button for so many stars."""
        super().__init__(discord.ui.Button(label=f"{stars} stars", custom_id=f"rate:{stars}"))
        self.stars = stars

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[Any],
        match: re.Match[str],
    ) -> "Rating":
        """Read the button back from its id."""
        return cls(int(match["stars"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Thank for the rating."""
        await interaction.response.send_message(f"Thanks for {self.stars}", ephemeral=True)


class Panel(discord.ui.LayoutView):
    """A message made of components alone."""

    def __init__(self, text: str) -> None:
        """Show a text and a button."""
        super().__init__(timeout=None)
        self.add_item(discord.ui.Container(discord.ui.TextDisplay(text)))
        self.add_item(discord.ui.ActionRow(Turn()))


class Turn(discord.ui.Button[Panel]):
    """A button that turns the panel."""

    def __init__(self) -> None:
        """Make the button."""
        super().__init__(label="Turn", custom_id="turn")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the other side."""
        await interaction.response.edit_message(view=Panel("the other side"))


class Buttons(discord.ui.View):
    """Buttons and a select."""

    def __init__(self) -> None:
        """Show them for as long as the bot runs."""
        super().__init__(timeout=None)

    @discord.ui.button(label="Update", custom_id="update")
    async def update(
        self, interaction: discord.Interaction, button: discord.ui.Button["Buttons"]
    ) -> None:
        """Change the message."""
        await interaction.response.edit_message(content="updated")

    @discord.ui.button(label="Later", custom_id="later")
    async def later(
        self, interaction: discord.Interaction, button: discord.ui.Button["Buttons"]
    ) -> None:
        """Change the message after a while."""
        await interaction.response.defer()
        await interaction.edit_original_response(content="updated later")

    @discord.ui.button(label="Form", custom_id="form")
    async def form(
        self, interaction: discord.Interaction, button: discord.ui.Button["Buttons"]
    ) -> None:
        """Show a modal."""
        await interaction.response.send_modal(Form())

    @discord.ui.select(
        custom_id="pick",
        options=[discord.SelectOption(label="One"), discord.SelectOption(label="Two")],
    )
    async def pick(
        self, interaction: discord.Interaction, select: discord.ui.Select["Buttons"]
    ) -> None:
        """Repeat what was chosen, to the person alone."""
        await interaction.response.send_message(f"Picked {select.values}", ephemeral=True)


def add_commands(tree: "app_commands.CommandTree[SampleBot]") -> None:
    """Add the bot's commands."""

    @tree.command(description="Ask a question")
    async def ask(interaction: discord.Interaction, question: str) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content=f"Answer to {question}")
        await interaction.followup.send("One more thing")

    @tree.command(description="Ask in private")
    async def whisper(interaction: discord.Interaction, question: str) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.followup.send(f"Private answer to {question}")

    @tree.command(description="Show buttons")
    async def buttons(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("press", view=Buttons())

    @tree.command(description="Ask for a rating")
    async def rate(interaction: discord.Interaction) -> None:
        view = discord.ui.View(timeout=None)
        for stars in (1, 5):
            view.add_item(Rating(stars))
        await interaction.response.send_message("rate", view=view)

    @tree.command(description="Show a panel")
    async def panel(interaction: discord.Interaction, private: bool = False) -> None:
        await interaction.response.send_message(view=Panel("one side"), ephemeral=private)

    @tree.command(description="Fill in a form")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())

    @tree.command(description="Find a title")
    async def find(interaction: discord.Interaction, title: str, exact: bool = False) -> None:
        await interaction.response.send_message(f"{title} {exact}")

    @find.autocomplete("title")
    async def complete(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        titles = [f"{typed} engineer", f"{typed} analyst"]
        return [app_commands.Choice(name=title, value=title) for title in titles]

    @tree.command(description="Never answer")
    async def ignore(interaction: discord.Interaction) -> None:
        return None

    @tree.command(description="Greet somebody")
    @app_commands.describe(who="whom", where="in which channel")
    async def greet(
        interaction: discord.Interaction, who: discord.Member, where: discord.TextChannel
    ) -> None:
        await interaction.response.send_message(f"Hello {who.display_name} in {where.name}")

    sources = app_commands.Group(
        name="sources",
        description="Manage sources",
        default_permissions=discord.Permissions(manage_guild=True),
        guild_only=True,
    )

    @sources.command(name="add", description="Add a source")
    async def add_source(interaction: discord.Interaction, url: str) -> None:
        await interaction.response.send_message(f"Added {url}")

    tree.add_command(sources)

    @tree.context_menu(name="Explain")
    async def explain(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"Explained: {message.content}")


@contextlib.asynccontextmanager
async def running(bot: SampleBot, server: LoopbackDiscord) -> AsyncIterator[None]:
    """Run a bot in this process against a server, from when it is ready."""
    point_discord_at(server.base_url)
    task = asyncio.create_task(bot.start(server.token))
    try:
        await server.wait_until_ready(timeout_seconds=10)
        await asyncio.wait_for(bot.announced_ready.wait(), 5)
        yield
    finally:
        await bot.close()
        with contextlib.suppress(asyncio.CancelledError):
            await task
