"""What an owner may set about reading and splitting guides."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class KnowledgeSettings(BaseModel):
    """Settings of the layer that reads guides.

    `target_tokens` follows the evaluation behind `knowledge.passages`: sections merged up to 160
    tokens found more answers than small sections left alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    paths: tuple[Path, ...] = ()
    target_tokens: int = Field(default=160, ge=16, le=4096)
    max_document_bytes: int = Field(default=20_000_000, ge=1)
    max_documents: int = Field(default=100_000, ge=1)
