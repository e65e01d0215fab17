"""What a Discord client makes of the values that a person gives a command or a select."""

from typing import TypeAlias

from tests.loopback.model import Channel, Guild, Json, Member, Role, Upload, User, user_of
from tests.loopback.payloads import (
    ATTACHMENT_SIZE_LIMIT,
    channel_payload,
    member_payload,
    role_payload,
    user_payload,
)
from tests.loopback.state import State

Value: TypeAlias = str | int | float | bool | User | Member | Role | Channel | Upload

SUBCOMMAND, SUBCOMMAND_GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11
ACCEPTED: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    USER: (User, Member),
    CHANNEL: (Channel,),
    ROLE: (Role,),
    MENTIONABLE: (User, Member, Role),
    NUMBER: (int, float),
    ATTACHMENT: (Upload,),
}
STRING_CHARACTERS = 6000


class ClientRefusalError(AssertionError):
    """A Discord client would not let a person do this."""


class Resolver:
    """Collect descriptions of the people, roles and channels that values name."""

    def __init__(self, state: State, guild: Guild | None) -> None:
        """Start with nothing named."""
        self._state = state
        self._guild = guild
        self.resolved: Json = {}

    def name(self, value: User | Member | Role | Channel) -> str:
        """Describe what a value names, and return its id."""
        if isinstance(value, Role):
            self._add("roles", value.id, role_payload(value))
            return str(value.id)
        if isinstance(value, Channel):
            self._add(
                "channels", value.id, channel_payload(self._state, value) | {"permissions": "0"}
            )
            return str(value.id)
        user = user_of(value)
        self._add("users", user.id, user_payload(user))
        member = self._state.member_of(self._guild, user)
        if member is not None:
            self._add("members", user.id, member_payload(member, with_user=False))
        return str(user.id)

    def upload(self, file: Upload) -> str:
        """Upload a file for a command, describe it, and return its id."""
        check_upload(file)
        described = self._state.store_file(file, is_ephemeral=True)
        self._add("attachments", int(described["id"]), described)
        return str(described["id"])

    def _add(self, kind: str, named_id: int, payload: Json) -> None:
        self.resolved.setdefault(kind, {})[str(named_id)] = payload


def check_upload(file: Upload) -> None:
    """Refuse a file that a client does not upload."""
    if len(file.content) > ATTACHMENT_SIZE_LIMIT:
        raise ClientRefusalError(f"{file.filename!r} has more than {ATTACHMENT_SIZE_LIMIT} bytes")


def fill_options(
    declared: list[Json], given: dict[str, Value], resolver: Resolver, *, focused: str | None = None
) -> list[Json]:
    """Return a command's options as a client sends them.

    Args:
        declared: the options as the command declares them.
        focused: the option that is being typed, for autocompletion; nothing is required then.

    Raises:
        ClientRefusalError: an option is unknown, missing or out of its bounds.
    """
    by_name = {option["name"]: option for option in declared}
    unknown = given.keys() - by_name.keys()
    if unknown:
        raise ClientRefusalError(f"no option {sorted(unknown)}; there are {sorted(by_name)}")
    missing = [name for name, one in by_name.items() if one.get("required") and name not in given]
    if missing and focused is None:
        raise ClientRefusalError(f"required options are missing: {missing}")
    filled = []
    for name, value in given.items():
        entry: Json = {"name": name, "type": by_name[name]["type"]}
        if name == focused:
            entry |= {"value": str(value), "focused": True}
        else:
            entry["value"] = _convert(by_name[name], value, resolver)
        filled.append(entry)
    return filled


def _convert(option: Json, value: Value, resolver: Resolver) -> str | int | float | bool:
    """Return a value as a client sends it."""
    accepted = ACCEPTED.get(option["type"], ())
    fits = isinstance(value, accepted) and (
        option["type"] == BOOLEAN or not isinstance(value, bool)
    )
    if not fits:
        raise ClientRefusalError(f"option {option['name']!r} does not take {value!r}")
    if isinstance(value, Upload):
        return resolver.upload(value)
    if isinstance(value, User | Member | Role | Channel):
        types = option.get("channel_types")
        if isinstance(value, Channel) and types and value.type not in types:
            raise ClientRefusalError(f"option {option['name']!r} takes channels of types {types}")
        return resolver.name(value)
    choices = option.get("choices")
    if choices:
        chosen = [one["value"] for one in choices if value in (one["name"], one["value"])]
        if not chosen:
            raise ClientRefusalError(f"{value!r} is no choice of {option['name']!r}: {choices}")
        return chosen[0]  # type: ignore[no-any-return]
    _check_bounds(option, value)
    return value


def _check_bounds(option: Json, value: str | int | float | bool) -> None:
    if isinstance(value, str):
        least, most = option.get("min_length", 0), option.get("max_length", STRING_CHARACTERS)
        size: float = len(value)
    else:
        least, most = option.get("min_value", value), option.get("max_value", value)
        size = value
    if not least <= size <= most:
        raise ClientRefusalError(f"option {option['name']!r} takes {least} to {most}, not {size}")
