"""How much one conversion may take, in pages, text, time and memory."""

from contextvars import ContextVar
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from knowledge.converting.converted import ConversionError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionLimits:
    """The most that converting one document may take and give.

    `max_text_bytes` are those of the text that comes back, as UTF-8. `max_memory_bytes` are of the
    address space of the process, Python and its libraries with it.
    """

    max_text_bytes: int = 20_000_000
    max_pages: int = 5_000
    max_seconds: float = 60.0
    max_memory_bytes: int = 1_000_000_000

    def to_json(self) -> dict[str, float]:
        """Return what `from_json` takes."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the limits that were written by `to_json`."""
        return cls(**{field.name: values[field.name] for field in fields(cls)})


MAX_PAGES = ContextVar("MAX_PAGES", default=ConversionLimits().max_pages)
"""The pages that the conversion under way may give."""


def check_page_count(pages: int) -> None:
    """Refuse a document of too many pages; converters call it as soon as they know how many.

    Raises:
        ConversionError: there are more than the limit.
    """
    most = MAX_PAGES.get()
    if pages > most:
        raise ConversionError(f"{pages:,} pages, more than knowledge.max_document_pages ({most:,})")
