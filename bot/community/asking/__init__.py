"""Asking: what is a question to the bot, who may ask it, and how it comes to its reply."""
