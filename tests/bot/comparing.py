"""What a comparison says of each of its roles."""

from bot.answers.replies import Comparison
from bot.application import Application


def texts_by_role(application: Application, question: str) -> dict[str, str]:
    """Ask what is compared, and return the texts that are quoted for each role."""
    reply = application.assistant.reply(question)
    assert isinstance(reply, Comparison), reply
    return {
        side.role: " ".join(text for one in side.statements for text in one.texts)
        for side in reply.sides
    }
