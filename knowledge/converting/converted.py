"""What a converter makes of a file, and how it refuses one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedText:
    """A file as Markdown.

    `text` has line ends as LF and no lone surrogates. `page_starts` are the offsets in it, in code
    points and ascending, at which each page or slide begins, the first of them 0; it is empty where
    a format has no pages. `title` is what the file itself says its title is.
    """

    text: str
    page_starts: tuple[int, ...] = ()
    title: str | None = None


class ConversionError(Exception):
    """Say in one clause why a file can't be converted, such as "it is encrypted"."""
