"""The commands as Discord knows them: registered where they have changed, here or there."""

import asyncio
import hashlib
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discord import app_commands

from bot.community.showing.explaining import TROUBLE

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

REGISTERED_FILE_NAME = "discord-commands.sha256"

log = logging.getLogger(__name__)


async def register_commands(
    tree: "app_commands.CommandTree[RolewiseBot]", home: Path, *, always: bool = False
) -> bool:
    """Register the commands with Discord unless it has them; return whether it has them now.

    Args:
        tree: The commands.
        home: The folder where what was registered last is kept, as a digest.
        always: Whether to register them even if nothing has changed.
    """
    path = home / REGISTERED_FILE_NAME
    try:
        if not always:
            registered = await tree.fetch_commands()
            if await asyncio.to_thread(_read_digest, path) == _digest_of(tree, registered):
                return True
        registered = await tree.sync()
    except TROUBLE as error:
        log.warning("The commands could not be registered; /ask may be missing: %s", error)
        return False
    log.info("Registered the commands")
    await asyncio.to_thread(_write_digest, path, _digest_of(tree, registered))
    return True


def _digest_of(
    tree: "app_commands.CommandTree[RolewiseBot]", registered: list[app_commands.AppCommand]
) -> str:
    """Return a digest of the commands here and of which ones Discord has, by id and name.

    Discord gives a command that was deleted and made anew another id.
    """
    here = [command.to_dict(tree) for command in tree.get_commands()]
    there: list[list[Any]] = sorted([one.id, one.name] for one in registered)
    described = json.dumps([tree.client.application_id, here, there], sort_keys=True)
    return hashlib.sha256(described.encode()).hexdigest()


def _read_digest(path: Path) -> str | None:
    try:
        return path.read_bytes()[:100].decode(errors="replace").strip()
    except OSError:
        return None


def _write_digest(path: Path, digest: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{digest}\n", encoding="ascii")
    except OSError as error:
        log.info("%s can't be written, so commands are registered at each start: %s", path, error)
