"""Guides are added, listed and removed from Discord."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord

from bot.community.management.buttons import RemoveButton, refer_to_document
from bot.community.management.management import Management, show
from bot.community.management.wording import count, describe_error, fit
from bot.community.places import Interaction
from bot.community.showing.explaining import TROUBLE
from bot.community.showing.text import escape_line
from knowledge.errors import KnowledgeError, RolewiseError

if TYPE_CHECKING:
    from bot.application import Application
    from bot.library.library import DocumentListing

_REBUILD = "With `/knowledge rebuild` questions are answered from what was added."
_STATES = {
    "indexed": "in service",
    "changed": "changed since; the next rebuild takes it up",
    "new": "new; the next rebuild takes it up",
    "skipped": "left out",
    "gone": "no longer read; the next rebuild leaves it out",
}
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
        added = 0
        for file in files:
            try:
                id_ = await self._add_one(file, replace=replace)
            except RolewiseError as error:
                self._management.note(interaction, "add", file.filename, f"refused: {error}")
                told.append(f"- {describe_error(error)}")
            else:
                self._management.note(interaction, "add", id_, "done")
                added += 1
                told.append(f"- {escape_line(id_, _MAX_NAME)} was added.")
        head = f"**{count(added, 'guide')} added.** {_REBUILD}" if added else "Nothing was added."
        await show(interaction, fit(told, head))

    async def _add_one(self, file: discord.Attachment, *, replace: bool) -> str:
        limit = self._application.settings.knowledge.max_document_bytes
        if file.size > limit:  # as Discord says, before anything is downloaded
            raise KnowledgeError(
                f"{file.filename} was not added: {file.size:,} bytes, more than"
                f" knowledge.max_document_bytes allows: {limit:,}."
            )
        try:
            data = await file.read()
        except TROUBLE as error:
            raise KnowledgeError(
                f"{file.filename} was not added: Discord doesn't give it out ({error})."
            ) from error
        return await asyncio.to_thread(
            self._application.add_document, file.filename, data, replace=replace
        )

    async def list(self, interaction: Interaction) -> None:
        """Show the guides that there are."""
        documents = await self._documents()
        guides = count(sum(one.is_guide for one in documents), "guide")
        await show(interaction, fit(map(_describe, documents), f"**{guides}**"))

    async def ids(self) -> Sequence[str]:
        """Return the ids of the guides that there are."""
        return [one.id for one in await self._files()]

    async def offer_to_remove(self, interaction: Interaction, id_: str) -> None:
        """Show a guide, and a button that removes it.

        Raises:
            KnowledgeError: there is no such guide, or it ships with Rolewise.
        """
        document = next((one for one in await self._files() if one.id == id_), None)
        if document is None:
            raise KnowledgeError(
                f"There is no guide {id_!r}. /knowledge list shows those there are."
            )
        await asyncio.to_thread(self._application.check_own_guides)
        view = discord.ui.View(timeout=None)
        view.add_item(RemoveButton(refer_to_document(document.id)))
        text = f"Delete this guide's file?\n{_describe(document)}"
        await show(interaction, text, view=view)

    async def remove(self, interaction: Interaction, reference: str) -> None:
        """Remove the guide that a button refers to.

        Raises:
            RolewiseError: there is none any more, or it can't be removed.
        """
        ids = (one.id for one in await self._files())
        id_ = next((one for one in ids if refer_to_document(one) == reference), None)
        if id_ is None:
            raise KnowledgeError("This guide was removed already, or has another name now.")
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

    async def _files(self) -> "Sequence[DocumentListing]":
        return [one for one in await self._documents() if one.path is not None]

    async def _documents(self) -> "Sequence[DocumentListing]":
        return await asyncio.to_thread(self._application.documents)


def _describe(document: "DocumentListing") -> str:
    """Return one line about a file of the knowledge folder."""
    parts = [escape_line(document.id, _MAX_NAME)]
    if document.pages is not None:
        parts.append(count(document.pages, "page"))
    parts.append(_STATES[document.state])
    if document.reason is not None:
        parts[-1] += f": {escape_line(document.reason, _MAX_REASON)}"
    if not document.title:
        return f"- {', '.join(parts)}"
    return f"- **{escape_line(document.title, _MAX_NAME)}** ({', '.join(parts)})"
