"""Point discord.py at a loopback server, and at nothing else."""

import ipaddress
import sys
from urllib.parse import urlsplit

import discord
import discord.gateway
import discord.http
import yarl

LOOPBACK_HOSTS = ("127.0.0.1", "localhost")


def point_discord_at(base_url: str) -> None:
    """Let every client of this process speak with a loopback server only.

    Args:
        base_url: "http://127.0.0.1:port".

    Raises:
        ValueError: the address is not one of this machine.
    """
    parts = urlsplit(base_url)
    is_plain = parts.scheme == "http" and not parts.username and parts.path in ("", "/")
    if not is_plain or parts.hostname not in LOOPBACK_HOSTS or parts.port is None:
        raise ValueError(f"{base_url!r} is not http://127.0.0.1:port; the token goes nowhere else")
    address = f"{parts.hostname}:{parts.port}"
    discord.http.Route.BASE = f"http://{address}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"ws://{address}/gateway")
    discord.Asset.BASE = f"http://{address}/cdn"


def forbid_other_machines() -> None:
    """Let this process connect to no other machine, for good."""
    sys.addaudithook(_refuse_other_machines)


def _refuse_other_machines(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse a connection that leaves this machine."""
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    try:
        is_here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        raise PermissionError(
            f"a connection to {host} was refused: only this machine may be reached"
        )
