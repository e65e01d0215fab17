"""Managers rebuild, roll back and look at gaps by /knowledge; everybody else is refused."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.community.management.audit import FILE_NAME
from bot.evaluation.questions import read_questions
from tests.bot.stage import OPENING, Play, Stage, find_seed_home, share_stage, shown
from tests.loopback import (
    Channel,
    Guild,
    LoopbackDiscord,
    Member,
    Message,
    Permission,
    Role,
    Upload,
)

MANAGE = Permission.MANAGE_GUILD


class Office:
    """A server of which a member and a role manage the guides, and who else is there."""

    def __init__(self, server: LoopbackDiscord, home: Path) -> None:
        self.home = home
        self.server = server
        self.guild: Guild = server.add_guild("managed")
        self.channel: Channel = server.add_channel(self.guild, "office")
        self.role: Role = server.add_role(self.guild, "librarians")
        self.carol: Member = server.add_member(self.guild, "carol", permissions=MANAGE)
        self.dave: Member = server.add_member(
            self.guild, "dave", roles=(self.role,), permissions=MANAGE
        )
        self.mallory: Member = server.add_member(self.guild, "mallory", permissions=MANAGE)
        self.settings = home.parent / "rolewise.yaml"
        values = {
            "home": str(home),
            "knowledge": {"max_document_bytes": 10_000},
            "discord": {
                "managers": [self.carol.user.id, self.role.id],
                "keep_questions": True,
            },
        }
        self.settings.write_text(json.dumps(values), encoding="utf-8")

    async def use(self, who: Member, command: str, **options: str | bool | Upload) -> Message:
        used = await self.server.use_command(self.channel, who, f"knowledge {command}", **options)
        message: Message = await used.final_message()
        assert message.is_ephemeral
        return message

    async def wait_for_text(self, message: Message, text: str) -> None:
        """Wait until a message has been edited to hold a text."""
        await self.server.wait_for(
            lambda: message if text in message.content else None,
            f"the text {text!r}",
            timeout_seconds=120,
        )

    def deeds(self) -> list[dict[str, object]]:
        path = self.home / FILE_NAME
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def offices() -> list[Office]:
    return []


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory, offices: list[Office]) -> Iterator[Play]:
    """Play on a stage whose bot has managers."""
    home = tmp_path_factory.mktemp("managed") / "home"
    shutil.copytree(find_seed_home(tmp_path_factory), home)

    def prepare(server: LoopbackDiscord) -> tuple[str, ...]:
        offices.append(Office(server, home))
        return ("--config", str(offices[0].settings))

    yield from share_stage(prepare=prepare)


@pytest.fixture
def office(managed: Play, offices: list[Office]) -> Office:
    return offices[0]


def test_others_are_refused_whatever_the_server_allows(managed: Play, office: Office) -> None:
    async def act(stage: Stage) -> None:
        before = office.deeds()
        for command in ("status", "rebuild", "rollback", "gaps"):
            told = await office.use(office.mallory, command)
            assert told.content.startswith("Only the owner of this bot")
            assert not told.attachments
        offered = await stage.server.autocomplete(
            office.channel, office.mallory, "knowledge rollback", "snapshot", ""
        )
        assert offered == []
        assert office.deeds() == before
        await stage.process.wait_for_line(f"Refused rebuild to {office.mallory.user.id}")

    managed(act)


def test_the_owner_a_named_member_and_a_named_role_may(managed: Play, office: Office) -> None:
    async def act(stage: Stage) -> None:
        owner = stage.server.add_member(
            office.guild, stage.server.application_owner, permissions=MANAGE
        )
        for manager in (owner, office.carol, office.dave):
            told = await office.use(manager, "status")
            assert "**Documents:** 1" in told.content
        direct = stage.server.direct_channel(stage.server.application_owner)
        used = await stage.server.use_command(
            direct, stage.server.application_owner, "knowledge status"
        )
        assert "**Documents:** 1" in (await used.final_message()).content

    managed(act)


def test_a_rebuild_is_told_while_questions_are_answered_and_can_be_taken_back(
    managed: Play, office: Office
) -> None:
    async def act(stage: Stage) -> None:
        server = stage.server
        before = office.home / "current"
        first = before.read_text().strip()
        used = await server.use_command(office.channel, office.carol, "knowledge rebuild")
        told = await used.final_message()
        assert told.is_ephemeral
        second = await server.use_command(office.channel, office.dave, "knowledge rebuild")
        assert OPENING in shown(await stage.ask("what does this role do?"))
        assert "under way already" in (await second.final_message()).content
        await office.wait_for_text(told, "Rebuilt: 1 guide,")
        rebuilt = before.read_text().strip()
        assert rebuilt != first

        offered = await server.autocomplete(
            office.channel, office.dave, "knowledge rollback", "snapshot", first[:8]
        )
        assert {"name": first, "value": first} in offered
        asked = await office.use(office.dave, "rollback", snapshot=first)
        assert f"`{first}`" in asked.content
        assert before.read_text().strip() == rebuilt
        pressed = await server.click(asked, "Put it into service", office.dave)
        assert (await pressed.final_message()).content == f"In service now: `{first}`."
        assert before.read_text().strip() == first
        assert OPENING in shown(await stage.ask("what does this role do?"))
        none_before = await office.use(office.dave, "rollback")
        assert "There is no snapshot before" in none_before.content

        done = [(one["action"], one["subject"], one["user_name"]) for one in office.deeds()]
        assert done[-2:] == [("rebuild", rebuilt, "carol"), ("rollback", first, "dave")]
        last = office.deeds()[-1]
        assert last["outcome"] == "done"
        assert last["user_id"] == office.dave.user.id
        assert last["guild_id"] == office.guild.id
        assert str(last["at"]).endswith("+00:00")
        await stage.process.wait_for_line(f"knowledge rollback '{first}' by 'dave'")

    managed(act)


@pytest.mark.parametrize("how", ["by-the-clock", "refused"])
def test_an_outcome_that_the_message_takes_no_more_comes_directly(
    managed: Play, office: Office, how: str
) -> None:
    async def act(stage: Stage) -> None:
        server = stage.server
        if how == "by-the-clock":
            server.state.fall_behind(15 * 60 + 1)
        else:
            server.fail_next("PATCH", "/webhooks/", 404, times=1_000)
        try:
            used = await server.use_command(office.channel, office.carol, "knowledge rebuild")
            direct = server.direct_channel(office.carol.user)
            told = await server.wait_for(
                lambda: next(iter(server.bot_messages(direct)), None),
                "a direct message",
                timeout_seconds=60.0,
            )
        finally:
            server.stop_failing()
            if how == "by-the-clock":
                server.state.fall_behind(-(15 * 60 + 1))
        assert told.content.startswith("Rebuilt: 1 guide")
        assert used.original is not None
        assert "Rebuilt" not in used.original.content
        await server.delete_message(told)

    managed(act)


def test_a_snapshot_that_is_gone_is_said(managed: Play, office: Office) -> None:
    async def act(stage: Stage) -> None:
        told = await office.use(office.carol, "rollback", snapshot="20200101T000000Z-00000000")
        assert told.content.startswith("There is no such snapshot.")

    managed(act)


def test_gaps_come_with_a_file_to_evaluate(managed: Play, office: Office, tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        assert "Nothing was left open" in (await office.use(office.carol, "gaps")).content
        await stage.ask("what does a nurse @everyone do?")
        await stage.ask("what does a nurse do?", who=stage.bob)
        await stage.ask("how do i become a welder?")
        told = await office.use(office.carol, "gaps")
        async with asyncio.timeout(30):
            while "welder" not in told.content:  # what was asked is written beside the answers
                told = await office.use(office.carol, "gaps")
        assert "nurse" in told.content
        [attachment] = told.attachments
        path = tmp_path / str(attachment["filename"])
        path.write_bytes(stage.server.state.files[int(attachment["id"])])
        assert len(read_questions(path)) == 3

    managed(act)


def test_members_read_what_is_kept(managed: Play) -> None:
    async def act(stage: Stage) -> None:
        used = await stage.server.use_command(stage.channel, stage.alice, "help")
        assert "text of questions is kept for 90 days" in (await used.final_message()).content

    managed(act)


WELDER = b"# Welder\n\nA welder joins metal parts with heat.\n"


def test_guides_are_added_listed_answered_from_and_removed(managed: Play, office: Office) -> None:
    async def act(stage: Stage) -> None:
        server = stage.server
        told = await office.use(
            office.carol,
            "add",
            file=Upload("welder.md", WELDER),
            file_2=Upload("tool.exe", b"MZ"),
            file_3=Upload("nurse.pdf", b"no PDF at all"),
        )
        assert "welder.md was added." in told.content
        assert r"tool.exe was not added" in told.content
        assert r"nurse.pdf was not added" in told.content
        again = await office.use(office.carol, "add", file=Upload("welder.md", WELDER))
        assert "Nothing was added." in again.content
        told = await office.use(office.carol, "add", file=Upload("welder.md", WELDER), replace=True)
        assert "welder.md was added." in told.content
        assert "welder.md" in (await office.use(office.dave, "list")).content

        used = await server.use_command(office.channel, office.carol, "knowledge rebuild")
        await office.wait_for_text(await used.final_message(), "Rebuilt:")
        async with asyncio.timeout(60):
            # What was built is taken up beside the questions, within a second.
            while "joins metal parts" not in shown(await stage.ask("what does a welder do?")):
                pass

        offered = await server.autocomplete(
            office.channel, office.carol, "knowledge remove", "document", "WELD"
        )
        assert [one["value"] for one in offered] == ["welder.md"]
        refused = await office.use(office.mallory, "remove", document="welder.md")
        assert refused.content.startswith("Only the owner")
        asked = await office.use(office.carol, "remove", document="welder.md")
        assert "welder.md" in asked.content
        assert (office.home / "guides" / "welder.md").exists()
        pressed = await server.click(asked, "Delete it", office.carol)
        assert "welder.md was removed." in (await pressed.final_message()).content
        assert not (office.home / "guides" / "welder.md").exists()
        pressed = await server.click(asked, "Delete it", office.carol)
        assert "removed already" in (await pressed.final_message()).content
        told = await office.use(office.carol, "remove", document="../welder.md")
        assert "no guide" in told.content
        assert told.components == []
        done = [(one["action"], one["subject"]) for one in office.deeds() if "done" in one.values()]
        assert ("add", "welder.md") in done
        assert done[-1] == ("remove", "welder.md")

    managed(act)


def test_a_guide_too_large_is_refused_before_it_is_downloaded(
    managed: Play, office: Office
) -> None:
    async def act(stage: Stage) -> None:
        large = Upload("large.md", b"# Large\n\n" + b"x" * 20_000)
        told = await office.use(office.carol, "add", file=large)
        assert "more than knowledge.max_document_bytes" in told.content.replace("\\", "")
        assert not [one for one in stage.server.requests if "large.md" in one.path]

    managed(act)
