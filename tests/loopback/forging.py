"""What no client offers but anybody can send: forms never shown, commands long gone."""

from tests.loopback.interacting import BUTTON, STRING_SELECT, TEXT_INPUT, Visitors
from tests.loopback.interactions import Interaction, InteractionKind
from tests.loopback.model import Channel, Json, Message, Person


class Forgers(Visitors):
    """Interact past what a client would refuse."""

    async def press_old(self, channel: Channel, person: Person, custom_id: str) -> Interaction:
        """Press a button under a message that the bot wrote long ago, in another version."""
        message = self._old_message(
            channel, {"type": BUTTON, "style": 2, "label": "Old"}, custom_id
        )
        data: Json = {"component_type": BUTTON, "custom_id": custom_id, "id": 2}
        return await self._interact_with(message, person, data)

    async def choose_old(
        self, channel: Channel, person: Person, custom_id: str, value: str
    ) -> Interaction:
        """Choose in a select under a message that the bot wrote long ago, in another version."""
        options = [{"label": "Old", "value": value}]
        select: Json = {"type": STRING_SELECT, "options": options}
        message = self._old_message(channel, select, custom_id)
        data: Json = {"component_type": STRING_SELECT, "custom_id": custom_id, "id": 2}
        return await self._interact_with(message, person, data | {"values": [value]})

    def _old_message(self, channel: Channel, component: Json, custom_id: str) -> Message:
        state = self.state
        message = Message(state.next_id(), channel.id, state.bot, state.clock.now(), "An answer")
        inside = [component | {"custom_id": custom_id, "id": 2}]
        message.components = [{"type": 1, "id": 1, "components": inside}]
        return state.add_message(message)

    async def forge_form(
        self,
        channel: Channel,
        person: Person,
        custom_id: str,
        values: dict[str, str],
        *,
        on: Message | None = None,
    ) -> Interaction:
        """Send a form that was never shown."""
        rows = [
            {
                "type": 1,
                "id": 2 * number,
                "components": [
                    {"type": TEXT_INPUT, "id": 2 * number + 1, "custom_id": name, "value": value}
                ],
            }
            for number, (name, value) in enumerate(values.items(), start=1)
        ]
        data: Json = {"custom_id": custom_id, "components": rows}
        return await self._interact(InteractionKind.MODAL, channel, person, data, on)

    async def forge_command(
        self, channel: Channel, person: Person, name: str, options: list[Json], *, kind: int = 1
    ) -> Interaction:
        """Use a command that is not registered, or with options that it does not have."""
        data: Json = {"id": str(self.state.next_id()), "name": name, "type": kind}
        data["options"] = options
        return await self._interact(InteractionKind.COMMAND, channel, person, data)
