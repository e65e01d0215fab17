"""The routes by which the application registers its commands."""

from aiohttp import web

from tests.loopback.command_limits import check_command, check_command_count, check_names_unique
from tests.loopback.errors import DiscordError, FormChecks, missing_access, unknown
from tests.loopback.faults import json_response
from tests.loopback.forms import read_form, read_id, read_list
from tests.loopback.model import Json
from tests.loopback.rest import API_PREFIX
from tests.loopback.state import State


class CommandRoutes:
    """Let the bot register commands, for everyone or for one guild."""

    def __init__(self, state: State) -> None:
        """Serve a state's commands."""
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        application = f"{API_PREFIX}/applications/{{application_id}}"
        found = []
        for commands in (f"{application}/commands", f"{application}/guilds/{{guild_id}}/commands"):
            command = f"{commands}/{{command_id}}"
            found += [
                web.get(commands, self._list, allow_head=False),
                web.post(commands, self._upsert),
                web.put(commands, self._replace_all),
                web.get(command, self._get, allow_head=False),
                web.patch(command, self._edit),
                web.delete(command, self._delete),
            ]
        return found

    async def _list(self, request: web.Request) -> web.Response:
        return json_response(self._in_scope(self._scope(request)))

    async def _upsert(self, request: web.Request) -> web.Response:
        form, _ = await read_form(request)
        scope = self._scope(request)
        self._check(form)
        others = [one for one in self._in_scope(scope) if _identity(one) != _identity(form)]
        check_command_count([*others, form])
        is_new = len(others) == len(self._in_scope(scope))
        return json_response(self._store(form, scope), 201 if is_new else 200)

    async def _replace_all(self, request: web.Request) -> web.Response:
        forms = await read_list(request)
        scope = self._scope(request)
        checks = FormChecks()
        for index, form in enumerate(forms):
            check_command(checks, f"{index}.", form)
        check_names_unique(checks, forms)
        checks.raise_if_any()
        check_command_count(forms)
        kept = {_identity(form) for form in forms}
        for command in self._in_scope(scope):
            if _identity(command) not in kept:
                del self._state.commands[int(command["id"])]
        stored = [self._store(form, scope) for form in forms]
        return json_response(stored)

    async def _get(self, request: web.Request) -> web.Response:
        return json_response(self._find(request))

    async def _edit(self, request: web.Request) -> web.Response:
        form, _ = await read_form(request)
        command = self._find(request)
        self._check(command | form)
        command.update(form, version=str(self._state.next_id()))
        return json_response(command)

    async def _delete(self, request: web.Request) -> web.Response:
        del self._state.commands[int(self._find(request)["id"])]
        return web.Response(status=204)

    def _check(self, form: Json) -> None:
        checks = FormChecks()
        check_command(checks, "", form)
        checks.raise_if_any()

    def _scope(self, request: web.Request) -> int | None:
        """Return the guild that a request is about; None for everyone."""
        if read_id(request.match_info["application_id"]) != self._state.application_id:
            raise DiscordError(
                403, 20012, "You are not authorized to perform this action on this application"
            )
        if "guild_id" not in request.match_info:
            return None
        guild_id = read_id(request.match_info["guild_id"])
        if guild_id not in self._state.guilds:
            raise missing_access()
        return guild_id

    def _in_scope(self, guild_id: int | None) -> list[Json]:
        named = None if guild_id is None else str(guild_id)
        return [one for one in self._state.commands.values() if one.get("guild_id") == named]

    def _find(self, request: web.Request) -> Json:
        command_id = read_id(request.match_info["command_id"])
        for command in self._in_scope(self._scope(request)):
            if command["id"] == str(command_id):
                return command
        raise unknown("application command")

    def _store(self, form: Json, guild_id: int | None) -> Json:
        """Keep a command; one of the same name keeps its id."""
        same = [one for one in self._in_scope(guild_id) if _identity(one) == _identity(form)]
        command_id = int(same[0]["id"]) if same else self._state.next_id()
        command: Json = {
            "id": str(command_id),
            "application_id": str(self._state.application_id),
            "version": str(self._state.next_id()),
            "type": 1,
            "name": form["name"],
            "name_localizations": None,
            "description": "",
            "description_localizations": None,
            "default_member_permissions": None,
            "dm_permission": True,
            "contexts": None,
            "integration_types": [0],
            "nsfw": False,
        } | form
        if command["default_member_permissions"] is not None:
            command["default_member_permissions"] = str(command["default_member_permissions"])
        if guild_id is not None:
            command["guild_id"] = str(guild_id)
        self._state.commands[command_id] = command
        self._state.changes.notify()
        return command


def _identity(command: Json) -> tuple[int, str]:
    return command.get("type", 1), command["name"]
