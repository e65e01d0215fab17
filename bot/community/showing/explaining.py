"""What a person is told of an error."""

import logging

import aiohttp
import discord

from bot.community.showing.text import escape_text
from knowledge.errors import BusyError, QuestionError, RolewiseError

TROUBLE = (discord.DiscordException, aiohttp.ClientError, OSError)
"""What sending can raise: refused, rate limited, or Discord out of reach."""

APOLOGY = "Something went wrong, and that is not your fault. It is noted for whoever runs me."
_CANNOT_SEARCH = (
    "I can't read the guides at the moment. Whoever runs me finds the reason in the log."
)

log = logging.getLogger(__name__)


def explain(error: BaseException) -> str:
    """Return what a person is told of an error, and log what is not their concern."""
    match error:
        case QuestionError() | BusyError():
            return escape_text(str(error))
        case RolewiseError():
            log.error("A question could not be answered: %s", error)
            return _CANNOT_SEARCH
        case discord.DiscordException() | aiohttp.ClientError() | OSError():
            log.warning("A reply could not be shown: %s", error)
            return APOLOGY
        case _:
            log.error("A question could not be answered", exc_info=error)
            return APOLOGY
