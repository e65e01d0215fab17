"""What members are told of what is kept of their questions."""


def describe_keeping(*, keep_questions: bool, retention_days: float) -> str:
    """Return the sentences for `/help`: what is kept, how long, and how to have it deleted."""
    counted = "I count how many questions I answer and how helpful the answers were."
    if not keep_questions:
        return f"{counted} The text of your questions is not stored."
    days = f"{retention_days:g} day{'' if retention_days == 1 else 's'}"
    return (
        f"{counted} So that the guides can be improved, the text of questions is kept for {days}"
        " on this bot's own machine, without your name or id. `/forget` deletes yours at once."
    )
