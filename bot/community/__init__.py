"""Discord: the bot that members ask in a server's channels."""
