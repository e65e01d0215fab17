"""What an owner may set about encoding and searching."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The published model, adapted to questions about roles (index/encoding/adapter.py)."""

PUBLISHED_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
"""The same, as it was published."""


class Precision(StrEnum):
    """The numbers that an exported encoder computes with."""

    FLOAT32 = "float32"
    INT8 = "int8"


class IndexSettings(BaseModel):
    """Settings of the layer that finds passages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(default=DEFAULT_MODEL, min_length=1)
    precision: Precision = Precision.FLOAT32
    allow_model_code: bool = False
    batch_size: int = Field(default=32, ge=1, le=4096)
    dense_weight: float = Field(default=0.6, ge=0.0, le=1.0)
    candidates: int = Field(default=50, ge=10, le=10_000)
    kept_snapshots: int = Field(default=3, ge=1, le=1000)
