"""Discord: the bot that members ask in a server's channels.

Here it connects and opens its guides. Its rooms: asking, showing, commands, management, upkeep.
"""
