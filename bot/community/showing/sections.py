"""Sections of guides as Discord shows them, on as many pages as they need."""

from collections.abc import Iterator, Sequence

from bot.answers.reading import ITEM, Section
from bot.answers.reply_text import place_label
from bot.community.showing.reply import link
from bot.community.showing.text import escape_text, measure, split_text

MAX_PAGE = 1_800
"""Less than a message takes, so that a page is read at a glance, with or without an embed."""

_GAP = "\n\n"


def pages_of(sections: Sequence[Section], limit: int = MAX_PAGE) -> list[str]:
    """Return sections as pages of Markdown, each within a limit and with its headings."""
    pages: list[str] = []
    for block in (block for section in sections for block in _blocks_of(section, limit)):
        if pages and measure(pages[-1]) + len(_GAP) + measure(block) <= limit:
            pages[-1] += f"{_GAP}{block}"
        else:
            pages.append(block)
    return pages


def _blocks_of(section: Section, limit: int) -> Iterator[str]:
    """Yield a section under its heading, which is repeated where it goes on."""
    head = f"**{link(place_label(section.title, section.heading), section.url)}**"
    body = "\n".join(_lines_of(section))
    for part in split_text(body, limit - measure(head) - 1):
        yield f"{head}\n{part}"


def _lines_of(section: Section) -> Iterator[str]:
    for line in section.lines:
        if line.startswith(ITEM):
            yield f"{ITEM}{escape_text(line.removeprefix(ITEM))}"
        else:
            yield f"{escape_text(line)}"
