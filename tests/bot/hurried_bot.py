"""The bot, launched like the real one, for which minutes pass within seconds.

A question with the word "linger" is answered a second later; one with "stall" when nobody waits for
it any more.
"""

import sys
import time

from bot.answers.assistant import Assistant
from bot.answers.conversation import Conversation
from bot.answers.replies import AnyReply
from bot.community.asking import interactions
from tests.loopback.launch import main

EXPLAIN_AFTER_SECONDS = 0.2
ANSWER_WITHIN_SECONDS = 5.0
LINGERING_SECONDS, STALLED_SECONDS = 1.0, 7.0


def hurry() -> None:
    """Let waiting be explained, and end, sooner than with Discord."""
    interactions._EXPLAIN_AFTER_SECONDS = EXPLAIN_AFTER_SECONDS
    interactions._ANSWER_WITHIN_SECONDS = ANSWER_WITHIN_SECONDS
    reply = Assistant.reply

    def take_time(self: Assistant, text: str, conversation: Conversation = ()) -> AnyReply:
        if "linger" in text:
            time.sleep(LINGERING_SECONDS)
        if "stall" in text:
            time.sleep(STALLED_SECONDS)
        return reply(self, text, conversation)

    Assistant.reply = take_time  # type: ignore[method-assign]


if __name__ == "__main__":
    hurry()
    sys.exit(main(sys.argv[1:]))
