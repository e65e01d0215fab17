"""The bot writes and edits messages, within the limits."""

from copy import deepcopy

from tests.loopback.events import Events
from tests.loopback.limits import check_message, check_not_empty
from tests.loopback.mentions import PARSE_ALL, PARSE_USERS, find_mentions, list_pings
from tests.loopback.model import (
    Channel,
    Json,
    Message,
    MessageFlag,
    MessageType,
    Upload,
    walk_components,
)
from tests.loopback.state import State

SETTABLE_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)


class Writer:
    """Turn the bot's requests into messages, count whom they ping, and tell of them."""

    def __init__(self, state: State, events: Events) -> None:
        """Write into a state."""
        self._state = state
        self._events = events

    def create(
        self,
        channel: Channel,
        form: Json,
        files: list[Upload],
        *,
        replied_to: Message | None = None,
        interaction_message: Message | None = None,
        prefix: str = "",
    ) -> Message:
        """Write a new message.

        Args:
            interaction_message: what an interaction's answer is to be written into.
            prefix: what stands before the paths of wrong fields.
        """
        state = self._state
        flags = int(form.get("flags") or 0) & SETTABLE_FLAGS
        check_message(form, flags=flags, prefix=prefix)
        check_not_empty(form, flags=flags, has_files=bool(files))
        message = interaction_message or Message(
            state.next_id(), channel.id, state.bot, state.clock.now()
        )
        message.flags |= flags
        message.nonce = form.get("nonce")
        if replied_to is not None:
            message.type = MessageType.REPLY
            message.reference_id = replied_to.id
            message.reference_channel_id = replied_to.channel_id
        self._fill(message, form, files, replied_to)
        state.add_message(message)
        state.pings += list_pings(state, message)
        self._events.message_created(message)
        return message

    def edit(
        self, message: Message, form: Json, files: list[Upload], *, prefix: str = ""
    ) -> Message:
        """Edit a message; what the form leaves out stays, and nobody is pinged anew.

        A message that said the bot thinks says so no more, and pings as a new one does.
        """
        was_loading = message.is_loading
        flags = message.flags | int(form.get("flags") or 0) & SETTABLE_FLAGS
        becomes = {
            "content": message.content,
            "embeds": message.embeds,
            "components": message.components,
        }
        becomes |= {key: form[key] for key in becomes if key in form}
        check_message(
            form | becomes if flags & MessageFlag.COMPONENTS_V2 else form,
            flags=flags,
            prefix=prefix,
        )
        keeps_files = bool(message.attachments) and form.get("attachments") != []
        check_not_empty(becomes, flags=flags, has_files=bool(files) or keeps_files)
        message.flags = flags & ~MessageFlag.LOADING
        if not was_loading:
            message.earlier_contents.append(message.content)
            message.edited_at = self._state.clock.now()
        replied_to = self._state.messages.get(message.reference_id or 0)
        self._fill(message, form, files, replied_to)
        if was_loading:
            self._state.pings += list_pings(self._state, message)
        self._events.message_updated(message)
        return message

    def open_loading(self, message: Message) -> Message:
        """Put a message that says the bot thinks."""
        message.flags |= MessageFlag.LOADING
        self._state.add_message(message)
        self._events.message_created(message)
        return message

    def delete(self, message: Message) -> None:
        """Delete a message."""
        message.deleted = True
        self._events.message_deleted(message)

    def _fill(
        self, message: Message, form: Json, files: list[Upload], replied_to: Message | None
    ) -> None:
        """Put a form's content into a message."""
        state = self._state
        if "content" in form:
            message.content = (form["content"] or "").strip()
        if "embeds" in form:
            message.embeds = [{"type": "rich"} | embed for embed in form["embeds"] or []]
        if "components" in form:
            message.components = deepcopy(form["components"] or [])
            for number, component in enumerate(walk_components(message.components), start=1):
                component.setdefault("id", number)
        if "attachments" in form:
            kept = {str(attachment.get("id")) for attachment in form["attachments"] or []}
            message.attachments = [one for one in message.attachments if one["id"] in kept]
        message.attachments += [state.store_file(file) for file in files]
        is_answer = message.application_id is not None
        allowed = form.get("allowed_mentions") or (PARSE_USERS if is_answer else PARSE_ALL)
        if form.get("allowed_mentions") == {}:
            allowed = {}
        texts = [message.content]
        texts += [str(part.get("content", "")) for part in walk_components(message.components)]
        channel = state.channels[message.channel_id]
        message.mentions = find_mentions(
            state, message.author, channel, "\n".join(texts), allowed, replied_to
        )
        if message.flags & MessageFlag.SUPPRESS_EMBEDS:
            message.embeds = []
