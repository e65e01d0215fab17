"""What an application command may be called, and what it may offer.

Source: Discord's developer documentation, "Application Commands".
"""

import unicodedata

from tests.loopback.errors import DiscordError, FormChecks
from tests.loopback.model import Json

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
MOST_COMMANDS = {CHAT_INPUT: 100, USER_MENU: 5, MESSAGE_MENU: 5}
NAME_CHARACTERS = 32
DESCRIPTION_CHARACTERS = 100
OPTIONS = 25
CHOICES = 25
CHOICE_CHARACTERS = 100
ALL_CHARACTERS = 8000
SUBCOMMAND, SUBCOMMAND_GROUP = 1, 2


def check_command(checks: FormChecks, path: str, command: Json) -> None:
    """Check a command.

    Args:
        path: what stands before the paths of wrong fields, "" or ending in a dot.
    """
    kind = command.get("type", CHAT_INPUT)
    checks.check_text(
        f"{path}name", command.get("name"), least=1, most=NAME_CHARACTERS, required=True
    )
    if kind == CHAT_INPUT:
        _check_name(checks, f"{path}name", command.get("name") or "")
        _check_description(checks, path, command)
        _check_options(checks, f"{path}options", command.get("options") or [])
        if _characters(command) > ALL_CHARACTERS:
            message = f"Command exceeds maximum size ({ALL_CHARACTERS})"
            checks.refuse(f"{path}name", "APPLICATION_COMMAND_TOO_LARGE", message)
    elif command.get("description"):
        message = "Context menu commands cannot have description"
        checks.refuse(f"{path}description", "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", message)


def check_names_unique(checks: FormChecks, commands: list[Json]) -> None:
    """Check that no two commands of a kind share a name."""
    seen = set()
    for index, command in enumerate(commands):
        key = (command.get("type", CHAT_INPUT), command.get("name"))
        if key in seen:
            message = "Application command names must be unique"
            checks.refuse(f"{index}.name", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)


def check_command_count(commands: list[Json]) -> None:
    """Refuse more commands than an application may have in one place."""
    for kind, most in MOST_COMMANDS.items():
        if sum(command.get("type", CHAT_INPUT) == kind for command in commands) > most:
            message = f"Maximum number of application commands reached ({most})."
            raise DiscordError(400, 30032, message, rule="TOO_MANY_COMMANDS")


def _check_name(checks: FormChecks, path: str, name: str) -> None:
    """Check a slash command's or option's name: letters, digits, - and _, nothing upper case."""
    allowed = all(char in "-_'" or unicodedata.category(char)[0] in "LN" for char in name)
    if not allowed or name != name.lower():
        checks.refuse(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_description(checks: FormChecks, path: str, command: Json) -> None:
    checks.check_text(
        f"{path}description",
        command.get("description"),
        least=1,
        most=DESCRIPTION_CHARACTERS,
        required=True,
    )


def _check_options(checks: FormChecks, path: str, options: list[Json]) -> None:
    checks.check_count(path, options, most=OPTIONS)
    names = set()
    seen_optional = False
    for index, option in enumerate(options):
        at = f"{path}.{index}"
        name = option.get("name") or ""
        checks.check_text(f"{at}.name", name, least=1, most=NAME_CHARACTERS, required=True)
        _check_name(checks, f"{at}.name", name)
        _check_description(checks, f"{at}.", option)
        if name in names:
            message = "Option name already used"
            checks.refuse(f"{at}.name", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", message)
        names.add(name)
        if option.get("type") in (SUBCOMMAND, SUBCOMMAND_GROUP):
            _check_options(checks, f"{at}.options", option.get("options") or [])
            continue
        if option.get("required") and seen_optional:
            message = "Required options must be placed before non-required options"
            checks.refuse(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        seen_optional = seen_optional or not option.get("required")
        _check_choices(checks, at, option)


def _check_choices(checks: FormChecks, path: str, option: Json) -> None:
    choices = option.get("choices") or []
    checks.check_count(f"{path}.choices", choices, most=CHOICES)
    if choices and option.get("autocomplete"):
        message = "Autocomplete and choices cannot both be used"
        checks.refuse(path, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES_EXCLUSIVE", message)
    for index, choice in enumerate(choices):
        at = f"{path}.choices.{index}"
        checks.check_text(
            f"{at}.name", choice.get("name"), least=1, most=CHOICE_CHARACTERS, required=True
        )
        if isinstance(choice.get("value"), str):
            checks.check_text(
                f"{at}.value", choice["value"], least=1, most=CHOICE_CHARACTERS, required=True
            )


def _characters(command: Json) -> int:
    """Count the characters of a command that its limit counts."""
    count = len(command.get("name") or "") + len(command.get("description") or "")
    for choice in command.get("choices") or []:
        count += len(choice.get("name") or "") + len(str(choice.get("value") or ""))
    return count + sum(map(_characters, command.get("options") or []))
