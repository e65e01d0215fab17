"""A Discord of our own: a real bot works against it, and its limits are enforced.

It speaks the gateway and the REST API, both version 10, on 127.0.0.1 only. Tests arrange guilds
and people, let people act, and look at what the bot did.
"""

from tests.loopback.clock import Clock
from tests.loopback.interactions import CallbackKind, Interaction, InteractionKind
from tests.loopback.model import (
    Breach,
    Channel,
    ChannelType,
    Guild,
    Heartbeat,
    Intent,
    Json,
    Member,
    Message,
    MessageFlag,
    MessageType,
    Overwrite,
    Ping,
    PingKind,
    RequestRecord,
    Role,
    TeamMember,
    Typing,
    Upload,
    User,
)
from tests.loopback.options import ClientRefusalError
from tests.loopback.permissions import EVERYONE_DEFAULT, Permission
from tests.loopback.process import BotProcess
from tests.loopback.server import LoopbackDiscord
from tests.loopback.waiting import WaitTimeoutError

__all__ = [
    "EVERYONE_DEFAULT",
    "BotProcess",
    "Breach",
    "CallbackKind",
    "Channel",
    "ChannelType",
    "ClientRefusalError",
    "Clock",
    "Guild",
    "Heartbeat",
    "Intent",
    "Interaction",
    "InteractionKind",
    "Json",
    "LoopbackDiscord",
    "Member",
    "Message",
    "MessageFlag",
    "MessageType",
    "Overwrite",
    "Permission",
    "Ping",
    "PingKind",
    "RequestRecord",
    "Role",
    "TeamMember",
    "Typing",
    "Upload",
    "User",
    "WaitTimeoutError",
]
