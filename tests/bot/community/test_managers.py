"""Who may manage: the owner, or the team's working members, and whom the settings name."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.community.management.managers import Managers
from tests.loopback import LoopbackDiscord, TeamMember, User
from tests.loopback.redirect import point_discord_at


@pytest.fixture(autouse=True)
def _point_discord_back() -> Iterator[None]:
    before = discord.http.Route.BASE
    yield
    discord.http.Route.BASE = before


async def find_managers(
    server: LoopbackDiscord, *users: User, named: tuple[int, ...] = ()
) -> list[str]:
    point_discord_at(server.base_url)
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(server.token)
        managers = Managers(named, client.application_info)
        found: list[str] = []
        for user in users:
            person: Any = SimpleNamespace(id=user.id)
            if await managers.include(person):
                found.append(user.username)
        return found


def test_an_owner_manages_and_those_named() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            alice, bob = server.add_user("alice"), server.add_user("bob")
            owner = server.application_owner
            assert await find_managers(server, owner, alice, bob) == [owner.username]
            found = await find_managers(server, owner, alice, bob, named=(bob.id,))
            assert found == [owner.username, "bob"]

    asyncio.run(run())


def test_of_a_team_those_manage_who_work_in_it() -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            names = ("admin", "developer", "read_only", "invited", "stranger")
            users = {name: server.add_user(name) for name in names}
            server.own_application(
                TeamMember(users["admin"], "admin"),
                TeamMember(users["developer"], "developer"),
                TeamMember(users["read_only"], "read_only"),
                TeamMember(users["invited"], "admin", has_accepted=False),
            )
            found = await find_managers(server, server.application_owner, *users.values())
            assert found == ["admin", "developer"]

    asyncio.run(run())
