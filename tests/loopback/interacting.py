"""What people do with an application: use commands, press buttons, choose, fill in forms."""

import asyncio
import secrets

from tests.loopback.command_limits import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from tests.loopback.interactions import Interaction, InteractionKind
from tests.loopback.model import (
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Person,
    Role,
    User,
    user_of,
    walk_components,
)
from tests.loopback.options import (
    SUBCOMMAND,
    SUBCOMMAND_GROUP,
    ClientRefusalError,
    Resolver,
    Value,
    fill_options,
)
from tests.loopback.payloads import (
    ATTACHMENT_SIZE_LIMIT,
    channel_payload,
    member_payload,
    message_payload,
    user_payload,
)
from tests.loopback.people import People
from tests.loopback.permissions import ALL, Permission

BUTTON, STRING_SELECT, TEXT_INPUT, LABEL = 2, 3, 4, 18
LINK_STYLE = 5


class Visitors(People):
    """Interact for people as their Discord client would, and refuse what it would refuse."""

    async def use_command(
        self, channel: Channel, person: Person, command: str, /, **options: Value
    ) -> Interaction:
        """Use a slash command.

        Args:
            command: its name, with those of its group and subcommand: "sources add".
            options: people, roles and channels as themselves; a choice by name or by value.

        Raises:
            ClientRefusalError: there is no such command or option, or the person may not use it.
        """
        data = self._command_data(channel, person, command, options)
        return await self._interact(InteractionKind.COMMAND, channel, person, data)

    async def autocomplete(
        self,
        channel: Channel,
        person: Person,
        command: str,
        option: str,
        typed: str,
        /,
        **others: Value,
    ) -> list[Json]:
        """Type into an option, and return the choices that the bot offers.

        Args:
            others: the options already filled in.
        """
        given: dict[str, Value] = {**others, option: typed}
        data = self._command_data(channel, person, command, given, focused=option)
        interaction = await self._interact(InteractionKind.AUTOCOMPLETE, channel, person, data)
        await interaction.acknowledged(timeout_seconds=30.0)
        return interaction.choices or []

    async def use_message_menu(self, person: Person, name: str, message: Message) -> Interaction:
        """Use a command of a message's context menu."""
        channel = self.state.channels[message.channel_id]
        command = self._find_command(channel, person, name, MESSAGE_MENU)
        described = message_payload(self.state, message, content_intent=True)
        data = _command_head(command) | {
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): described}},
        }
        return await self._interact(InteractionKind.COMMAND, channel, person, data)

    async def use_user_menu(
        self, channel: Channel, person: Person, name: str, target: Person
    ) -> Interaction:
        """Use a command of a person's context menu."""
        command = self._find_command(channel, person, name, USER_MENU)
        resolver = Resolver(self.state, self.state.guild_of(channel))
        data = _command_head(command) | {
            "target_id": resolver.name(target),
            "resolved": resolver.resolved,
        }
        return await self._interact(InteractionKind.COMMAND, channel, person, data)

    async def click(self, message: Message, button: str, person: Person) -> Interaction:
        """Press a button.

        Args:
            button: its label or its custom id.
        """
        component = self._find_component(message, button, person, {BUTTON})
        if component.get("style") == LINK_STYLE:
            raise ClientRefusalError(f"button {button!r} is a link; it tells the bot nothing")
        data: Json = {"component_type": BUTTON, "custom_id": component["custom_id"]}
        return await self._interact_with(message, person, data | {"id": component["id"]})

    async def select(
        self,
        message: Message,
        select: str,
        values: list[str | Role | User | Member | Channel],
        person: Person,
    ) -> Interaction:
        """Choose in a select.

        Args:
            select: its custom id or its placeholder.
            values: labels or values of its options; people, roles and channels as themselves.
        """
        component = self._find_component(message, select, person, {3, 5, 6, 7, 8})
        least, most = component.get("min_values", 1), component.get("max_values", 1)
        if not least <= len(values) <= most:
            raise ClientRefusalError(f"select {select!r} takes {least} to {most} values")
        resolver = Resolver(
            self.state, self.state.guild_of(self.state.channels[message.channel_id])
        )
        chosen = [
            _choose(component, value) if isinstance(value, str) else resolver.name(value)
            for value in values
        ]
        data: Json = {"component_type": component["type"], "custom_id": component["custom_id"]}
        data |= {"values": chosen, "id": component["id"]}
        if resolver.resolved:
            data["resolved"] = resolver.resolved
        return await self._interact_with(message, person, data)

    async def submit_modal(self, interaction: Interaction, values: dict[str, str]) -> Interaction:
        """Fill in the modal that answered an interaction, and send it.

        Args:
            values: what is written into the inputs, by custom id or by label.
        """
        modal = await interaction.shown_modal()
        components = walk_components(modal["components"])
        labels = {id(one["component"]): one["label"] for one in components if one["type"] == LABEL}
        left = dict(values)
        filled: dict[int, Json] = {}
        for one in components:
            if one["type"] == TEXT_INPUT:
                names = (one["custom_id"], labels.get(id(one), one.get("label")))
                given = [left.pop(name) for name in names if name in left]
                value = given[0] if given else one.get("value") or ""
                _check_input(one, value)
                filled[id(one)] = {
                    "type": TEXT_INPUT,
                    "custom_id": one["custom_id"],
                    "value": value,
                }
        if left:
            raise ClientRefusalError(f"the modal has no inputs {sorted(left)}")
        data = {"custom_id": modal["custom_id"], "components": _fill(modal["components"], filled)}
        return await self._interact(
            InteractionKind.MODAL,
            interaction.channel,
            interaction.user,
            data,
            interaction.source_message,
        )

    def _command_data(
        self,
        channel: Channel,
        person: Person,
        path: str,
        given: dict[str, Value],
        *,
        focused: str | None = None,
    ) -> Json:
        """Describe the use of a slash command as a client does."""
        name, *rest = path.split()
        command = self._find_command(channel, person, name, CHAT_INPUT)
        place = command
        for part in rest:
            inside = {
                one["name"]: one
                for one in place.get("options") or []
                if one["type"] <= SUBCOMMAND_GROUP
            }
            if part not in inside:
                raise ClientRefusalError(f"/{path}: no {part!r}; there are {sorted(inside)}")
            place = inside[part]
        declared = place.get("options") or []
        if any(one["type"] in (SUBCOMMAND, SUBCOMMAND_GROUP) for one in declared):
            raise ClientRefusalError(f"/{path} takes one of {[one['name'] for one in declared]}")
        typed = next((one for one in declared if one["name"] == focused), None)
        if focused is not None and not (typed or {}).get("autocomplete"):
            raise ClientRefusalError(f"/{path}: option {focused!r} does not autocomplete")
        resolver = Resolver(self.state, self.state.guild_of(channel))
        options = fill_options(declared, given, resolver, focused=focused)
        for part in reversed(rest):
            kind = SUBCOMMAND_GROUP if options and options[0]["type"] == SUBCOMMAND else SUBCOMMAND
            options = [{"name": part, "type": kind, "options": options}]
        data = _command_head(command) | {"options": options}
        return data | {"resolved": resolver.resolved} if resolver.resolved else data

    def _find_command(self, channel: Channel, person: Person, name: str, kind: int) -> Json:
        """Return a command that a person can see and use in a channel."""
        guild = self.state.guild_of(channel)
        scopes = [None] if guild is None else [str(guild.id), None]
        offered = [one for one in self.state.commands.values() if one["type"] == kind]
        here = [one for scope in scopes for one in offered if one.get("guild_id") == scope]
        command = next((one for one in here if one["name"] == name), None)
        if command is None:
            raise ClientRefusalError(
                f"no command {name!r}; there are {[one['name'] for one in here]}"
            )
        self._check_may_use(command, channel, guild, person)
        return command

    def _check_may_use(
        self, command: Json, channel: Channel, guild: Guild | None, person: Person
    ) -> None:
        """Refuse a command that is hidden from a person or a place."""
        contexts = command.get("contexts")
        if contexts is None:
            contexts = [0, 1, 2] if command.get("dm_permission", True) else [0]
        if (1 if guild is None else 0) not in contexts:
            raise ClientRefusalError(
                f"/{command['name']} cannot be used here (contexts {contexts})"
            )
        self._require(
            person, Permission.VIEW_CHANNEL | Permission.USE_APPLICATION_COMMANDS, channel
        )
        default = command.get("default_member_permissions")
        if guild is None or default is None:
            return
        granted = self.state.permissions_in(channel, person)
        if granted != ALL and (int(default) == 0 or granted & int(default) != int(default)):
            raise ClientRefusalError(
                f"/{command['name']} is hidden from {user_of(person).username}"
            )

    def _find_component(self, message: Message, name: str, person: Person, kinds: set[int]) -> Json:
        """Return a component that a person can use."""
        if not self.state.can_read(message, person):
            raise ClientRefusalError(f"{user_of(person).username} does not see {message!r}")
        usable = [one for one in message.interactive_components if one["type"] in kinds]
        for component in usable:
            if name in (
                component.get("custom_id"),
                component.get("label"),
                component.get("placeholder"),
            ):
                if component.get("disabled"):
                    raise ClientRefusalError(f"{name!r} is disabled")
                return component
        names = [one.get("label") or one.get("custom_id") for one in usable]
        raise ClientRefusalError(f"no {name!r} in {message!r}; there are {names}")

    async def _interact_with(self, message: Message, person: Person, data: Json) -> Interaction:
        channel = self.state.channels[message.channel_id]
        return await self._interact(InteractionKind.COMPONENT, channel, person, data, message)

    async def _interact(
        self,
        kind: InteractionKind,
        channel: Channel,
        person: Person,
        data: Json,
        message: Message | None = None,
    ) -> Interaction:
        """Tell the bot what a person did."""
        interaction = Interaction(
            id=self.state.next_id(),
            token=secrets.token_urlsafe(64),
            kind=kind,
            user=user_of(person),
            channel=channel,
            data=data,
            created_at=self.state.clock.now(),
            clock=self.state.clock,
            changes=self.state.changes,
            describe_activity=self.state.describe_activity,
            source_message=message,
        )
        self.state.interactions[interaction.token] = interaction
        self.events.interaction_created(self._interaction_payload(interaction))
        await asyncio.sleep(0)
        return interaction

    def _interaction_payload(self, interaction: Interaction) -> Json:
        """Describe an interaction to the bot."""
        state = self.state
        channel, user = interaction.channel, interaction.user
        guild = state.guild_of(channel)
        payload: Json = {
            "id": str(interaction.id),
            "application_id": str(state.application_id),
            "type": int(interaction.kind),
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": str(channel.id),
            "channel": channel_payload(state, channel)
            | {"permissions": str(int(state.permissions_in(channel, user)))},
            "locale": "en-US",
            "app_permissions": str(int(state.permissions_in(channel, state.bot))),
            "entitlements": [],
            "attachment_size_limit": ATTACHMENT_SIZE_LIMIT,
            "authorizing_integration_owners": {"0": str(guild.id if guild else 0)},
            "context": 1 if guild is None else 0,
        }
        if guild is None:
            payload["user"] = user_payload(user)
        else:
            permissions = str(int(state.permissions_in(channel, user)))
            member = member_payload(guild.members[user.id]) | {"permissions": permissions}
            described = {"id": str(guild.id), "locale": "en-US", "features": []}
            payload |= {"guild_id": str(guild.id), "guild": described, "guild_locale": "en-US"}
            payload["member"] = member
        if interaction.source_message is not None:
            payload["message"] = message_payload(
                state, interaction.source_message, content_intent=True
            )
        return payload


def _command_head(command: Json) -> Json:
    """Name the command that is used."""
    head: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
    return head | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})


def _choose(select: Json, value: str) -> str:
    """Return the value of an option, named by its label or its value."""
    for option in select.get("options") or []:
        if value in (option["label"], option["value"]):
            return str(option["value"])
    raise ClientRefusalError(f"no option {value!r} in {select.get('options')}")


def _check_input(text_input: Json, value: str) -> None:
    """Refuse what a modal's input does not take."""
    if not value and not text_input.get("required", True):
        return
    least, most = text_input.get("min_length") or 0, text_input.get("max_length") or 4000
    if not max(1, least) <= len(value) <= most:
        raise ClientRefusalError(
            f"input {text_input['custom_id']!r} takes {least} to {most} characters"
        )


def _fill(components: list[Json], filled: dict[int, Json]) -> list[Json]:
    """Return a modal's components as a client sends them back."""
    sent = []
    for number, one in enumerate(components, start=1):
        entry: Json = {"type": one["type"], "id": one.get("id", number)}
        if one["type"] == LABEL:
            entry["component"] = {"id": 100 + number} | filled.get(id(one["component"]), {})
        elif "components" in one:
            entry["components"] = [
                {"id": 100 + number} | filled[id(inner)] for inner in one["components"]
            ]
        sent.append(entry)
    return sent
