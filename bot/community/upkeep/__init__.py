"""Upkeep: what the bot's owner learns of it at work. Log, figures, health, feedback."""
