"""Guides are added, listed and removed from Discord."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord

from bot.community.management.management import Management, show
from bot.community.management.wording import count, describe_error, fit
from bot.community.places import Interaction
from bot.community.showing.explaining import TROUBLE
from bot.community.showing.text import escape_line
from knowledge.errors import KnowledgeError, RolewiseError

if TYPE_CHECKING:
    from bot.application import Application
    from bot.library.library import DocumentListing

_REBUILD = "With `/knowledge rebuild` questions are answered from it."
_MAX_NAME = 120
_MAX_REASON = 200


class ManagedDocuments:
    """The guides, as managers add and remove them."""

    def __init__(self, application: "Application", management: Management) -> None:
        """Take where guides are kept, and who writes down what was done."""
        self._application = application
        self._management = management

    async def add(
        self, interaction: Interaction, files: Sequence[discord.Attachment], *, replace: bool
    ) -> None:
        """Add guides, each checked before it is saved; one that is refused stops no other."""
        told = []
        for file in files:
            name = escape_line(file.filename, _MAX_NAME)
            try:
                id_ = await self._add_one(file, replace=replace)
            except (RolewiseError, *TROUBLE) as error:
                self._management.note(interaction, "add", file.filename, f"refused: {error}")
                told.append(f"- {name} was not added. {describe_error(error)}")
            else:
                self._management.note(interaction, "add", id_, "done")
                told.append(f"- {escape_line(id_, _MAX_NAME)} was added.")
        added = any(line.endswith(" was added.") for line in told)
        await show(interaction, fit(told, _REBUILD if added else "Nothing was added."))

    async def _add_one(self, file: discord.Attachment, *, replace: bool) -> str:
        limit = self._application.settings.knowledge.max_document_bytes
        if file.size > limit:  # as Discord says, before anything is downloaded
            raise KnowledgeError(
                f"It has {file.size:,} bytes, more than knowledge.max_document_bytes allows:"
                f" {limit:,}."
            )
        data = await file.read()
        return await asyncio.to_thread(
            self._application.add_document, file.filename, data, replace=replace
        )

    async def list(self, interaction: Interaction) -> None:
        """Show the guides that there are."""
        documents = await asyncio.to_thread(self._application.documents)
        await show(
            interaction, fit(map(_describe, documents), f"**{count(len(documents), 'guide')}**")
        )

    async def ids(self) -> Sequence[str]:
        """Return the ids of the guides that there are."""
        return [one.id for one in await asyncio.to_thread(self._application.documents)]

    async def remove(self, interaction: Interaction, id_: str) -> None:
        """Remove a guide."""
        try:
            await asyncio.to_thread(self._application.remove_document, id_)
        except RolewiseError as error:
            self._management.note(interaction, "remove", id_, f"refused: {error}")
            raise
        self._management.note(interaction, "remove", id_, "done")
        name = escape_line(id_, _MAX_NAME)
        await show(
            interaction,
            f"{name} was removed. With `/knowledge rebuild` nothing of it is answered any more.",
        )


def _describe(document: "DocumentListing") -> str:
    """Return one line about a file of the knowledge folder."""
    parts = [document.state.replace("_", " ")]
    if document.pages is not None:
        parts.append(count(document.pages, "page"))
    if document.reason is not None:
        parts.append(escape_line(document.reason, _MAX_REASON))
    name = f"- {escape_line(document.id, _MAX_NAME)}"
    title = f" “{escape_line(document.title, _MAX_NAME)}”" if document.title else ""
    return f"{name}{title}: {', '.join(parts)}"
