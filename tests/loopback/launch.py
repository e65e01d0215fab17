"""Run the bot, unchanged, against a loopback server.

python -m tests.loopback.launch BASE_URL -- ARGUMENTS...
"""

import importlib
import sys

from tests.loopback.redirect import forbid_other_machines, point_discord_at


def main(arguments: list[str]) -> int:
    """Run the bot's command line; return its exit code."""
    if len(arguments) < 2 or arguments[1] != "--":
        sys.stderr.write("usage: python -m tests.loopback.launch BASE_URL -- ARGUMENTS...\n")
        return 2
    try:
        point_discord_at(arguments[0])
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    forbid_other_machines()
    exit_code: int | None = importlib.import_module("bot.cli").main(arguments[2:])
    return exit_code or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
