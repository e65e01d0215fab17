"""Discord's error answers.

Source: Discord's developer documentation, "Opcodes and Status Codes", section "JSON Error Codes".
"""

from dataclasses import dataclass, field

from tests.loopback.model import Json


@dataclass(frozen=True)
class FormError:
    """One field of a request that Discord refuses.

    Attributes:
        path: where the field is, keys and indices joined by dots.
    """

    path: str
    code: str
    message: str


@dataclass
class DiscordError(Exception):
    """A request is refused.

    Attributes:
        rule: the rule that was broken, where the refusal is the bot's fault.
        is_misfortune: whether even a careful bot's form can be refused like this.
    """

    status: int
    code: int
    message: str
    rule: str | None = None
    form_errors: list[FormError] = field(default_factory=list)
    is_misfortune: bool = False

    def body(self) -> Json:
        """Build the body of the answer."""
        body: Json = {"message": self.message, "code": self.code}
        for error in self.form_errors:
            place = body.setdefault("errors", {})
            for key in error.path.split("."):
                place = place.setdefault(key, {})
            place.setdefault("_errors", []).append({"code": error.code, "message": error.message})
        return body


class FormChecks:
    """Collect what is wrong with a form, and refuse it as a whole."""

    def __init__(self) -> None:
        """Start with nothing wrong."""
        self.errors: list[FormError] = []

    def refuse(self, path: str, code: str, message: str) -> None:
        """Note one wrong field."""
        self.errors.append(FormError(path, code, message))

    def check_text(
        self, path: str, value: object, *, most: int, least: int = 0, required: bool = False
    ) -> None:
        """Check a text's length."""
        if value is None or value == "":
            if required or (value == "" and least):
                self.refuse(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not isinstance(value, str):
            self.refuse(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        elif least and not least <= len(value) <= most:
            self.refuse(
                path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length."
            )
        elif len(value) > most:
            self.refuse(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def check_count(self, path: str, items: list[Json], *, most: int, least: int = 0) -> None:
        """Check a list's length."""
        if least and not least <= len(items) <= most:
            self.refuse(
                path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length."
            )
        elif len(items) > most:
            self.refuse(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def raise_if_any(self) -> None:
        """Refuse the form if anything is wrong with it."""
        if self.errors:
            raise DiscordError(400, 50035, "Invalid Form Body", form_errors=self.errors)


def invalid_form(path: str, code: str, message: str) -> DiscordError:
    """Refuse one field."""
    return DiscordError(
        400, 50035, "Invalid Form Body", form_errors=[FormError(path, code, message)]
    )


def unauthorized() -> DiscordError:
    """Refuse a wrong token."""
    return DiscordError(401, 0, "401: Unauthorized", rule="BAD_TOKEN")


def unknown(thing: str) -> DiscordError:
    """Say that something does not exist.

    Args:
        thing: one of the keys below.
    """
    codes = {
        "Application": 10002,
        "Channel": 10003,
        "Guild": 10004,
        "Member": 10007,
        "Message": 10008,
        "User": 10013,
        "Webhook": 10015,
        "application command": 10063,
    }
    return DiscordError(404, codes[thing], f"Unknown {thing}")


def no_such_route() -> DiscordError:
    """Say that a path leads nowhere."""
    return DiscordError(404, 0, "404: Not Found")


def unknown_interaction() -> DiscordError:
    """Say that an interaction is too old, or never was."""
    return DiscordError(404, 10062, "Unknown interaction", rule="LATE_ACKNOWLEDGEMENT")


def already_acknowledged() -> DiscordError:
    """Refuse a second answer to an interaction."""
    message = "Interaction has already been acknowledged."
    return DiscordError(400, 40060, message, rule="ALREADY_ACKNOWLEDGED")


def expired_token() -> DiscordError:
    """Refuse an interaction's token after its 15 minutes."""
    return DiscordError(401, 50027, "Invalid Webhook Token", rule="EXPIRED_TOKEN")


def empty_message() -> DiscordError:
    """Refuse a message without anything in it."""
    return DiscordError(400, 50006, "Cannot send an empty message", rule="EMPTY_MESSAGE")


def missing_access() -> DiscordError:
    """Refuse what happens in a channel that the bot cannot see."""
    return DiscordError(403, 50001, "Missing Access", rule="MISSING_ACCESS")


def missing_permissions() -> DiscordError:
    """Refuse what the bot has no permission for."""
    return DiscordError(403, 50013, "Missing Permissions", rule="MISSING_PERMISSIONS")
