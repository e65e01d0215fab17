"""The bot without a connection: it asks Discord over HTTP alone, and answers nobody."""

from bot.community.client import RolewiseBot


class UnconnectedBot(RolewiseBot):
    """Has the bot's commands; logging in opens no guides, and registers and serves nothing."""

    async def setup_hook(self) -> None:
        """Do nothing of what a bot does that answers."""
