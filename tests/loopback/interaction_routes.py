"""The routes by which the bot answers interactions, once and then further.

Source: Discord's developer documentation, "Receiving and Responding to Interactions".
"""

from aiohttp import web

from tests.loopback.command_limits import CHAT_INPUT
from tests.loopback.component_limits import check_modal
from tests.loopback.errors import (
    DiscordError,
    already_acknowledged,
    expired_token,
    invalid_form,
    unknown,
    unknown_interaction,
)
from tests.loopback.faults import json_response
from tests.loopback.forms import read_form, read_id
from tests.loopback.interactions import (
    ACKNOWLEDGE_WITHIN_SECONDS,
    TOKEN_LIVES_SECONDS,
    CallbackKind,
    Interaction,
    InteractionKind,
)
from tests.loopback.limits import check_autocomplete
from tests.loopback.model import Json, Message, MessageFlag, MessageType, Upload
from tests.loopback.payloads import message_payload, user_payload
from tests.loopback.rest import API_PREFIX
from tests.loopback.state import State
from tests.loopback.writing import Writer

ALLOWED_CALLBACKS = {
    InteractionKind.COMMAND: (4, 5, 9),
    InteractionKind.COMPONENT: (4, 5, 6, 7, 9),
    InteractionKind.AUTOCOMPLETE: (8,),
    InteractionKind.MODAL: (4, 5, 6, 7),
}


class InteractionRoutes:
    """Let the bot answer within its deadlines."""

    def __init__(self, state: State, writer: Writer) -> None:
        """Serve a state's interactions."""
        self._state = state
        self._writer = writer

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        webhook = f"{API_PREFIX}/webhooks/{{application_id}}/{{token}}"
        message = f"{webhook}/messages/{{message_id}}"
        return [
            web.post(
                f"{API_PREFIX}/interactions/{{interaction_id}}/{{token}}/callback", self._answer
            ),
            web.post(webhook, self._follow_up),
            web.get(message, self._get, allow_head=False),
            web.patch(message, self._edit),
            web.delete(message, self._delete),
        ]

    async def _answer(self, request: web.Request) -> web.Response:
        form, files = await read_form(request)
        interaction = self._state.interactions.get(request.match_info["token"])
        if interaction is None or interaction.id != read_id(request.match_info["interaction_id"]):
            raise unknown_interaction()
        if interaction.callback is not None:
            raise already_acknowledged()
        if interaction.age_seconds() > ACKNOWLEDGE_WITHIN_SECONDS:
            interaction.is_late_recorded = True
            raise unknown_interaction()
        if form.get("type") not in self._allowed_callbacks(interaction):
            allowed = set(self._allowed_callbacks(interaction))
            raise invalid_form("type", "BASE_TYPE_CHOICES", f"Value must be one of {allowed}.")
        kind = CallbackKind(form["type"])
        self._perform(interaction, kind, form.get("data") or {}, files)
        interaction.callback = kind
        interaction.acknowledged_at = self._state.clock.now()
        self._state.changes.notify()
        if request.query.get("with_response") in ("1", "true"):
            return json_response(self._callback_payload(interaction, kind))
        return web.Response(status=204)

    def _allowed_callbacks(self, interaction: Interaction) -> tuple[int, ...]:
        allowed = ALLOWED_CALLBACKS[interaction.kind]
        return allowed if interaction.source_message or 7 not in allowed else (4, 5)

    def _perform(
        self, interaction: Interaction, kind: CallbackKind, data: Json, files: list[Upload]
    ) -> None:
        """Do what the answer says."""
        source = interaction.source_message
        if kind not in (CallbackKind.AUTOCOMPLETE, CallbackKind.MODAL):
            self._state.find_channel(interaction.channel.id)
        if kind is CallbackKind.AUTOCOMPLETE:
            check_autocomplete(data)
            interaction.choices = data.get("choices") or []
        elif kind is CallbackKind.MODAL:
            check_modal(data)
            interaction.modal = data
        elif kind is CallbackKind.DEFERRED_UPDATE:
            interaction.original = source
        elif kind is CallbackKind.UPDATE_MESSAGE and source is not None:
            if source.deleted:
                raise unknown("Message")
            interaction.original = self._writer.edit(source, data, files, prefix="data.")
            interaction.is_resolved = True
        else:
            message = self._new_message(interaction, int(data.get("flags") or 0))
            if kind is CallbackKind.DEFERRED_MESSAGE:
                interaction.original = self._writer.open_loading(message)
            else:
                interaction.original = self._writer.create(
                    interaction.channel, data, files, interaction_message=message, prefix="data."
                )
                interaction.is_resolved = True

    def _new_message(self, interaction: Interaction, flags: int) -> Message:
        """Begin a message that answers an interaction."""
        state = self._state
        message = Message(state.next_id(), interaction.channel.id, state.bot, state.clock.now())
        message.flags = flags & MessageFlag.EPHEMERAL
        message.viewer_id = interaction.user.id if message.is_ephemeral else None
        message.application_id = state.application_id
        message.interaction_metadata = self._metadata(interaction)
        previous = interaction.original or interaction.source_message
        if previous is not None and interaction.kind is not InteractionKind.AUTOCOMPLETE:
            message.type = MessageType.REPLY
            message.reference_id = previous.id
        elif interaction.kind is InteractionKind.COMMAND:
            is_slash = interaction.data.get("type", CHAT_INPUT) == CHAT_INPUT
            message.type = (
                MessageType.CHAT_INPUT_COMMAND if is_slash else MessageType.CONTEXT_MENU_COMMAND
            )
        return message

    def _metadata(self, interaction: Interaction) -> Json:
        """Describe an interaction to those who see its answer."""
        guild_id = interaction.channel.guild_id
        metadata: Json = {
            "id": str(interaction.id),
            "type": int(interaction.kind),
            "user": user_payload(interaction.user),
            "authorizing_integration_owners": {"0": str(guild_id or 0)},
        }
        if interaction.original is not None:
            metadata["original_response_message_id"] = str(interaction.original.id)
        if interaction.kind is InteractionKind.COMPONENT and interaction.source_message is not None:
            metadata["interacted_message_id"] = str(interaction.source_message.id)
        return metadata

    def _callback_payload(self, interaction: Interaction, kind: CallbackKind) -> Json:
        """Describe what an answer made."""
        described: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
        resource: Json = {"type": int(kind)}
        if interaction.original is not None:
            described["response_message_id"] = str(interaction.original.id)
            described["response_message_loading"] = interaction.original.is_loading
            described["response_message_ephemeral"] = interaction.original.is_ephemeral
            if kind in (
                CallbackKind.MESSAGE,
                CallbackKind.DEFERRED_MESSAGE,
                CallbackKind.UPDATE_MESSAGE,
            ):
                resource["message"] = self._payload(interaction.original)
        return {"interaction": described, "resource": resource}

    async def _follow_up(self, request: web.Request) -> web.Response:
        form, files = await read_form(request)
        interaction = self._live_interaction(request)
        self._state.find_channel(interaction.channel.id)
        original = interaction.original
        if original is not None and original.is_loading and not original.deleted:
            message = self._writer.edit(original, form, files)
            interaction.is_resolved = True
        else:
            message = self._writer.create(
                interaction.channel,
                form,
                files,
                interaction_message=self._new_message(interaction, int(form.get("flags") or 0)),
            )
            interaction.followups.append(message)
        self._state.changes.notify()
        return json_response(self._payload(message))

    async def _get(self, request: web.Request) -> web.Response:
        return json_response(self._payload(self._find(request, self._live_interaction(request))))

    async def _edit(self, request: web.Request) -> web.Response:
        form, files = await read_form(request)
        interaction = self._live_interaction(request)
        message = self._writer.edit(self._find(request, interaction), form, files)
        if message is interaction.original:
            interaction.is_resolved = True
            self._state.changes.notify()
        return json_response(self._payload(message))

    async def _delete(self, request: web.Request) -> web.Response:
        self._writer.delete(self._find(request, self._live_interaction(request)))
        return web.Response(status=204)

    def _live_interaction(self, request: web.Request) -> Interaction:
        """Return the interaction of a request, if it is answered and its token lives."""
        interaction = self._state.interactions.get(request.match_info["token"])
        if (
            interaction is None
            or read_id(request.match_info["application_id"]) != self._state.application_id
        ):
            raise unknown("Webhook")
        if interaction.age_seconds() > TOKEN_LIVES_SECONDS:
            raise expired_token()
        if interaction.callback is None:
            raise DiscordError(
                404, 10015, "Unknown Webhook", rule="FOLLOW_UP_BEFORE_ACKNOWLEDGEMENT"
            )
        return interaction

    def _find(self, request: web.Request, interaction: Interaction) -> Message:
        """Return the message of a request, if it answers the interaction."""
        name = request.match_info["message_id"]
        if name == "@original":
            found = interaction.original
        else:
            answers = [interaction.original, *interaction.followups]
            found = next(
                (one for one in answers if one is not None and one.id == read_id(name)), None
            )
        if found is None or found.deleted:
            raise unknown("Message")
        return found

    def _payload(self, message: Message) -> Json:
        return message_payload(self._state, message, content_intent=True)
