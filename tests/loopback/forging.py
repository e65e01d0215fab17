"""What no client offers but anybody can send: ids never given out, commands long gone."""

from tests.loopback.interacting import BUTTON, STRING_SELECT, TEXT_INPUT, Visitors
from tests.loopback.interactions import Interaction, InteractionKind
from tests.loopback.model import Channel, Json, Message, Person


class Forgers(Visitors):
    """Interact past what a client would refuse."""

    async def forge_press(self, message: Message, person: Person, custom_id: str) -> Interaction:
        """Press a button that is not on a message."""
        data: Json = {"component_type": BUTTON, "custom_id": custom_id, "id": 1}
        return await self._interact_with(message, person, data)

    async def forge_choice(
        self, message: Message, person: Person, custom_id: str, values: list[str]
    ) -> Interaction:
        """Choose in a select that is not on a message."""
        data: Json = {"component_type": STRING_SELECT, "custom_id": custom_id, "id": 1}
        return await self._interact_with(message, person, data | {"values": values})

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
