"""The buttons under a reply. They say all they know in their ids, so they survive a restart."""

import re
from collections.abc import Iterable
from typing import Any, Self

import discord
from discord import ButtonStyle, ui

from bot.answers.replies import AnyReply, Clarify, NotCovered
from bot.community.places import Interaction
from bot.community.showing.custom_ids import TEMPLATE, Action, ReplyCode, write_custom_id
from bot.community.showing.text import clean_text, shorten

MAX_LABEL = 80
_MAX_CHOICES = 20
_IN_A_ROW = 5
_MAX_QUESTIONS = 5


class ReplyButton(ui.DynamicItem[ui.Button[ui.View]], template=TEMPLATE):
    """A button of the bot's, whatever it does and whenever it was sent."""

    def __init__(self, button: ui.Button[ui.View], match: "re.Match[str] | None" = None) -> None:
        """Take the button as it is shown, and what its id says."""
        super().__init__(button)
        self._match = match

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: ui.Item[Any], match: "re.Match[str]"
    ) -> Self:
        """Read a button of an earlier message."""
        assert isinstance(item, ui.Button)
        return cls(item, match)

    async def callback(self, interaction: Interaction) -> None:
        """Do what the button says; who pressed it is told whatever goes wrong."""
        assert self._match is not None
        await interaction.client.presses.press(
            interaction,
            version=self._match["version"],
            action=self._match["action"],
            data=self._match["data"] or "",
            label=self.item.label or "",
        )


def make_button(
    label: str,
    action: Action,
    data: str | ReplyCode = "",
    *,
    style: ButtonStyle = ButtonStyle.secondary,
    emoji: str | None = None,
    row: int | None = None,
    is_disabled: bool = False,
) -> ReplyButton:
    """Return a button."""
    button: ui.Button[ui.View] = ui.Button(
        label=shorten_label(label) or None,
        custom_id=write_custom_id(action, data),
        style=style,
        emoji=emoji,
        row=row,
        disabled=is_disabled,
    )
    return ReplyButton(button)


def make_view(buttons: Iterable[ReplyButton]) -> ui.View:
    """Return buttons as they stand under a message."""
    view = ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    return view


def reply_view(reply: AnyReply, *, may_open_thread: bool) -> ui.View:
    """Return the buttons under a reply.

    Args:
        reply: What they are about.
        may_open_thread: Whether a thread can be opened on the message.
    """
    code = ReplyCode.of(reply)
    buttons: list[ReplyButton] = []
    for number, suggestion in enumerate(reply.suggestions[: _most_suggestions(reply)]):
        if shorten_label(suggestion):
            row = number // _IN_A_ROW
            style = ButtonStyle.primary
            buttons.append(
                make_button(suggestion, Action.SUGGESTION, str(number), style=style, row=row)
            )
    row = buttons[-1].item.row + 1 if buttons and buttons[-1].item.row is not None else 0
    if not isinstance(reply, Clarify):
        buttons += [
            make_button("Helpful", Action.HELPFUL, code, emoji="👍", row=row),
            make_button("Not helpful", Action.NOT_HELPFUL, code, emoji="👎", row=row),
        ]
    if code.passages:
        buttons.append(make_button("More context", Action.MORE, code, row=row))
    buttons.append(make_button("Follow up", Action.FOLLOW_UP, row=row))
    if may_open_thread:
        buttons.append(make_button("Open a thread", Action.THREAD, row=row))
    return make_view(buttons)


def shows_suggestions(reply: AnyReply) -> bool:
    """Return whether the buttons under a reply show each of its suggestions in full."""
    labels = map(shorten_label, reply.suggestions)
    is_room = len(reply.suggestions) <= _most_suggestions(reply)
    return is_room and all(label and not is_shortened(label) for label in labels)


def _most_suggestions(reply: AnyReply) -> int:
    match reply:
        case Clarify():
            return _MAX_CHOICES
        case NotCovered():
            return _MAX_QUESTIONS
        case _:
            return 0


def shorten_label(text: str) -> str:
    """Return a text as a button can show it, where nothing is read as markup."""
    return shorten(" ".join(clean_text(text).split()), MAX_LABEL)


def is_shortened(label: str) -> bool:
    """Return whether a label shows only the beginning of its text."""
    return label.endswith("…")


def may_open_thread(
    channel: object, permissions: discord.Permissions, *, is_private: bool = False
) -> bool:
    """Return whether the bot may open a thread on a message of its own and write in it."""
    is_room = isinstance(channel, discord.TextChannel)
    may = permissions.create_public_threads and permissions.send_messages_in_threads
    return is_room and may and not is_private
