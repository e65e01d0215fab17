"""What an owner may set about reading and splitting guides."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from knowledge.converting.limits import ConversionLimits


class KnowledgeSettings(BaseModel):
    """Settings of the layer that reads guides.

    `target_tokens` is what fits the default encoder beside the context: sections merged up to 222
    tokens hold more answers in the first passage than up to 160 (docs/answers.md).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    paths: tuple[Path, ...] = ()
    languages: tuple[str, ...] = ("en",)
    target_tokens: int = Field(default=222, ge=16, le=4096)
    max_document_bytes: int = Field(default=20_000_000, ge=1, le=1_000_000_000)
    max_document_pages: int = Field(default=5_000, ge=1, le=1_000_000)
    max_document_passages: int = Field(default=20_000, ge=1)
    max_conversion_seconds: float = Field(default=60.0, gt=0.0, le=3600.0)
    max_conversion_megabytes: int = Field(default=1_000, ge=100, le=1_000_000)
    max_documents: int = Field(default=100_000, ge=1)
    max_total_bytes: int = Field(default=2_000_000_000, ge=1)
    max_total_passages: int = Field(default=1_000_000, ge=1)

    @property
    def conversion_limits(self) -> ConversionLimits:
        """What converting one document may take."""
        return ConversionLimits(
            max_text_bytes=self.max_document_bytes,
            max_pages=self.max_document_pages,
            max_seconds=self.max_conversion_seconds,
            max_memory_bytes=self.max_conversion_megabytes * 1_000_000,
        )
