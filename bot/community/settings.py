"""What an owner may set about the Discord bot."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_Id = Annotated[int, Field(gt=0)]


class DiscordSettings(BaseModel):
    """Settings of the Discord bot; its token comes from DISCORD_TOKEN alone.

    Empty `servers` and `channels` leave nothing out; `health_port` 0 opens no port.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    servers: tuple[_Id, ...] = ()
    channels: tuple[_Id, ...] = ()
    unaddressed_channels: tuple[_Id, ...] = ()
    managers: tuple[_Id, ...] = ()
    member_cooldown_seconds: float = Field(default=0.0, ge=0.0, le=3_600.0)
    channel_cooldown_seconds: float = Field(default=0.0, ge=0.0, le=3_600.0)
    conversation_minutes: float = Field(default=30.0, gt=0.0)
    max_conversations: int = Field(default=1_000, ge=1)
    max_waiting_questions: int = Field(default=500, ge=1)
    keep_questions: bool = False
    retention_days: float = Field(default=90.0, gt=0.0, le=3_650.0)
    sync_commands: bool = True
    health_port: int = Field(default=0, ge=0, le=65_535)
    log_format: Literal["text", "json"] = "text"
    log_questions: bool = False
