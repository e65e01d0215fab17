"""The real bot as a process of its own, against a Discord on this machine."""

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.discord_text import unescape_text
from knowledge.errors import DiscordError
from tests.loopback import (
    BotProcess,
    CallbackKind,
    Channel,
    Guild,
    Interaction,
    LoopbackDiscord,
    Member,
    Message,
    Permission,
)

OPENING = "A Software Engineer specializing in Data Science occupies a critical intersection"
OPEN_WITHIN_SECONDS = 120.0
HOSTILE_GUIDE = """\
# Prompt Engineer [@everyone](https://evil.example)

## What a prompt engineer does

A prompt engineer writes ||prompts|| for <@123456789012345678> and @everyone with ~~care~~ at https://evil.example/x_y.

- > A prompt engineer tests :smile: prompts in `code` and __bold__ steps for discord.gg/abc daily.
"""


@pytest.fixture(scope="session")
def seed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the index of the guide that ships with Rolewise."""
    home = tmp_path_factory.mktemp("seed") / "home"
    command = [sys.executable, "-m", "bot", "--home", str(home), "build"]
    subprocess.run(command, check=True, capture_output=True)
    return home


@pytest.fixture
def home(seed_home: Path, tmp_path: Path) -> Path:
    """A home of one test's own."""
    return Path(shutil.copytree(seed_home, tmp_path / "home"))


class Stage:
    """A server, a bot at work and a guild with a channel and two members."""

    def __init__(self, server: LoopbackDiscord, process: BotProcess) -> None:
        self.server = server
        self.process = process
        self.guild: Guild = server.add_guild("careers")
        self.arrange()

    def arrange(self) -> None:
        """Begin a test with a channel and members that the bot hasn't met."""
        self.channel: Channel = self.server.add_channel(self.guild, "questions")
        self.alice: Member = self.server.add_member(self.guild, "alice")
        self.bob: Member = self.server.add_member(self.guild, "bob")

    async def use_ask(
        self, question: str, *, who: Member | None = None, where: Channel | None = None
    ) -> Interaction:
        return await self.server.use_command(
            where or self.channel, who or self.alice, "ask", question=question
        )

    async def ask(
        self, question: str, *, who: Member | None = None, where: Channel | None = None
    ) -> Message:
        return await (await self.use_ask(question, who=who, where=where)).final_message()

    async def mention(
        self, text: str, *, who: Member | None = None, where: Channel | None = None
    ) -> Message:
        content = f"{self.server.bot.mention} {text}"
        message = await self.server.send_message(where or self.channel, who or self.alice, content)
        return await self.server.next_reply(to=message)

    def check(self, breaches: int = 0) -> None:
        """Fail if a rule was broken, somebody pinged, or an error logged."""
        assert self.server.breaches[breaches:] == []
        assert self.server.pings == []


Act = Callable[[Stage], Awaitable[None]]


async def open_stage(
    stack: AsyncExitStack, *arguments: str, module: str = "tests.loopback.launch", **more: str
) -> Stage:
    server = await stack.enter_async_context(
        LoopbackDiscord(heartbeat_interval_seconds=1.0 if more else 41.25)
    )
    process = BotProcess(
        server.base_url,
        *arguments,
        "discord",
        token=server.token,
        module=module,
        environment=more,
    )
    stage = Stage(server, await stack.enter_async_context(process))
    await server.wait_until_ready(timeout_seconds=OPEN_WITHIN_SECONDS)
    await server.wait_for_command("ask")
    return stage


async def guides_are_open(stage: Stage) -> None:
    await stage.process.wait_for_line("guides are open", timeout_seconds=OPEN_WITHIN_SECONDS)


def play_alone(
    act: Act, *arguments: str, module: str = "tests.loopback.launch", **environment: str
) -> None:
    """Let something happen on a stage of its own."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await open_stage(stack, *arguments, module=module, **environment)
            await act(stage)
            stage.check()

    asyncio.run(run())


@pytest.fixture(scope="module")
def shared(
    seed_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Act], None]]:
    """Play on a stage that many tests share, since loading an encoder takes seconds."""
    home = shutil.copytree(seed_home, tmp_path_factory.mktemp("shared") / "home")
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def open_shared() -> Stage:
            stage = await open_stage(stack, "--home", str(home))
            await guides_are_open(stage)
            return stage

        stage = runner.run(open_shared())

        def play(act: Act) -> None:
            async def run() -> None:
                stage.arrange()
                breaches = len(stage.server.breaches)
                await act(stage)
                stage.check(breaches)

            runner.run(run())

        try:
            yield play
        finally:
            runner.run(stack.aclose())


Play = Callable[[Act], None]


def shown(message: Message) -> str:
    return unescape_text(message.text)


def inline_fields(message: Message) -> dict[str, str]:
    fields = message.embeds[0].get("fields", []) if message.embeds else []
    return {one["name"]: unescape_text(one["value"]) for one in fields if one.get("inline")}


def test_a_command_is_answered_with_citations(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        asked = await stage.use_ask("What does this role do?")
        assert await asked.acknowledged() is CallbackKind.DEFERRED_MESSAGE
        answer = await asked.final_message()
        assert not answer.is_ephemeral
        embed = answer.embeds[0]
        assert embed["title"] == "What does this role do?"
        assert OPENING in embed["description"]
        assert r"\[1\]" in embed["description"]
        assert [one["name"] for one in embed["fields"]] == ["Sources"]
        assert r"\[1\] Software Engineer (Data Science)" in embed["fields"][0]["value"]

    shared(act)


def test_a_mention_is_answered_where_it_stands(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.mention("what does this role do?")
        assert OPENING in shown(answer)
        assert "title" not in answer.embeds[0]
        assert answer.channel_id == stage.channel.id
        assert [one.channel_id for one in stage.server.typing if one.channel_id == stage.channel.id]

    shared(act)


def test_a_thread_and_a_direct_message_are_answered(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        thread = await stage.server.start_thread(stage.channel, stage.alice, "careers")
        assert OPENING in shown(await stage.mention("what does this role do?", where=thread))
        assert OPENING in shown(await stage.ask("what does this role do?", where=thread))
        direct = stage.server.direct_channel(stage.alice)
        message = await stage.server.send_message(direct, stage.alice, "what does this role do?")
        assert OPENING in shown(await stage.server.next_reply(to=message))
        assert OPENING in shown(await stage.ask("what does this role do?", where=direct))

    shared(act)


def test_a_conversation_is_of_one_member_in_one_channel(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        first = await stage.ask("how is this different from a data engineer?")
        assert "Data Engineer" in inline_fields(first)
        followed = await stage.mention("and from a data scientist?")
        assert "Data Scientist" in inline_fields(followed)
        again = await stage.ask("and from a data engineer?")
        assert "Data Engineer" in inline_fields(again)
        for other in (
            await stage.ask("and from a data scientist?", who=stage.bob),
            await stage.mention("and from a data scientist?", who=stage.bob),
            await stage.ask(
                "and from a data scientist?", where=stage.server.add_channel(stage.guild, "other")
            ),
        ):
            assert inline_fields(other) == {}

    shared(act)


def test_a_reply_to_an_answer_follows_up(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        answer = await stage.mention("how is this different from a data engineer?")
        message = await stage.server.send_message(
            stage.channel, stage.alice, "and from a data scientist?", reply_to=answer
        )
        followed = await stage.server.next_reply(to=message)
        assert "Data Scientist" in inline_fields(followed)

    shared(act)


def test_what_was_asked_is_forgotten_on_demand(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        async def forget() -> Message:
            used = await stage.server.use_command(stage.channel, stage.alice, "forget")
            return await used.final_message()

        assert "nothing to forget" in (await forget()).content
        await stage.ask("how is this different from a data engineer?")
        forgotten = await forget()
        assert forgotten.is_ephemeral
        assert forgotten.content.startswith("Forgotten")
        assert inline_fields(await stage.ask("and from a data scientist?")) == {}

    shared(act)


def test_a_refusal_is_an_answer(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        for refusal in (
            await stage.ask("what does a nurse do?"),
            await stage.mention("what does a nurse do?"),
        ):
            assert "The guides don't" in shown(refusal)
            assert not refusal.is_ephemeral
            assert "Sources" not in [one["name"] for one in refusal.embeds[0].get("fields", [])]

    shared(act)


@pytest.mark.parametrize("question", ["🎉", "<:party:123456789>", "?!", "   \u200b ", "the"])
def test_a_question_without_a_word_is_refused_in_private(shared: Play, question: str) -> None:
    async def act(stage: Stage) -> None:
        asked = await stage.use_ask(question)
        told = await (asked.followup() if question == "the" else asked.final_message())
        assert told.is_ephemeral
        assert "Ask something" in told.content or "Say what you want" in told.content
        assert stage.server.visible_messages(stage.channel, stage.bob) == []

    shared(act)


def test_a_mention_without_a_question_gets_help(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        assert "`/ask`" in (await stage.mention("")).content
        assert "no word" in (await stage.mention("🎉")).content

    shared(act)


def test_a_question_full_of_mentions_pings_nobody(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        role = stage.server.add_role(stage.guild, "staff", mentionable=True)
        pings = f"@everyone @here {stage.bob.mention} {role.mention}"
        for answer in (
            await stage.ask(f"{pings} what does this role do?"),
            await stage.ask(f"{pings} what does a nurse do?"),
            await stage.mention(f"{pings} what does this role do?"),
            await stage.mention(f"{pings} what does a @everyone nurse do?"),
        ):
            assert "@everyone" not in answer.text
            assert stage.bob.mention not in answer.text

    shared(act)


def test_what_is_not_for_the_bot_is_left_alone(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        server, channel, mention = stage.server, stage.channel, stage.server.bot.mention
        other_bot = server.add_member(stage.guild, "other", is_bot=True)
        await server.send_message(channel, other_bot, f"{mention} what does this role do?")
        await server.send_message(channel, stage.alice, "@everyone what does this role do?")
        written = await server.send_message(channel, stage.alice, "what does this role do?")
        await server.send_message(channel, stage.bob, "I wonder too", reply_to=written)
        await server.edit_message(written, f"{mention} what does this role do?")
        await server.start_thread(channel, stage.alice, f"{mention} thread")
        await server.expect_silence(channel, seconds=1.0)

    shared(act)


def test_where_the_bot_may_not_write_it_is_quiet(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.server.forbid(stage.channel, stage.server.bot, Permission.SEND_MESSAGES)
        content = f"{stage.server.bot.mention} what does this role do?"
        await stage.server.send_message(stage.channel, stage.alice, content)
        await stage.process.wait_for_line(f"No permission to answer in channel {stage.channel.id}")
        assert OPENING in shown(await stage.ask("what does this role do?"))

    shared(act)


def test_without_embeds_and_history_the_answer_is_text(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        lacking = Permission.EMBED_LINKS | Permission.READ_MESSAGE_HISTORY
        stage.server.forbid(stage.channel, stage.server.bot, lacking)
        asked = await stage.ask("what does this role do?")
        content = f"{stage.server.bot.mention} what does this role do?"
        sent = await stage.server.send_message(stage.channel, stage.alice, content)
        for answer in (asked, await stage.server.next_message(stage.channel, after=sent)):
            assert answer.embeds == []
            assert OPENING in unescape_text(answer.content)
            assert "**Sources**" in answer.content
            assert answer.reference_id is None
        assert asked.content.startswith("> what does this role do?")

    shared(act)


def test_a_reply_that_discord_refuses_is_an_apology_in_private(shared: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.server.fail_next("PATCH", "/webhooks/", 400)
        asked = await stage.use_ask("what does this role do?")
        told = await asked.followup()
        assert told.is_ephemeral
        assert "not your fault" in told.content
        assert stage.server.visible_messages(stage.channel, stage.bob) == []

    shared(act)


def test_a_guide_full_of_markup_is_shown_as_it_is_written(tmp_path: Path) -> None:
    guide = tmp_path / "prompt-engineer.md"
    guide.write_text(HOSTILE_GUIDE, encoding="utf-8")
    settings = tmp_path / "rolewise.yaml"
    settings.write_text("knowledge: {paths: [prompt-engineer.md]}\nhome: home\n", encoding="utf-8")

    async def act(stage: Stage) -> None:
        # There is no index yet; the bot builds it while it is connected already.
        await stage.process.wait_for_line("Built index", timeout_seconds=OPEN_WITHIN_SECONDS)
        for answer in (
            await stage.ask("what does a prompt engineer do?"),
            await stage.mention("what does a prompt engineer do?"),
        ):
            description = answer.embeds[0]["description"]
            assert "@everyone" not in description
            assert r"\|\|prompts\|\|" in description
            assert r"https\://evil.example" in description
            assert "for <@123456789012345678> and @everyone" in unescape_text(description)
            assert "(https://evil.example" not in answer.text

    play_alone(act, "--config", str(settings))


SLOW = "tests.bot.slow_encoder"


def test_a_slow_encoder_delays_answers_and_nothing_else(home: Path, tmp_path: Path) -> None:
    settings = tmp_path / "rolewise.yaml"
    settings.write_text("discord: {max_waiting_questions: 1}\n", encoding="utf-8")

    async def act(stage: Stage) -> None:
        server = stage.server
        # While the encoder is still being loaded, what is asked waits.
        early = await stage.use_ask("what does this role do?")
        assert await early.acknowledged() is CallbackKind.DEFERRED_MESSAGE
        assert OPENING in shown(await early.final_message(timeout_seconds=OPEN_WITHIN_SECONDS))

        first = await stage.use_ask("what does this role do?")
        await first.acknowledged()
        mention = f"{server.bot.mention} what does this role do?"
        deleted = await server.send_message(stage.channel, stage.bob, mention)
        await server.wait_for(
            lambda: [one for one in server.typing if one.channel_id == stage.channel.id] or None,
            "the bot to type",
        )
        refused = await stage.use_ask("what does this role do?", who=stage.bob)
        told = await refused.final_message(timeout_seconds=1.0)
        assert told.is_ephemeral
        assert "Many questions are waiting" in told.content
        await server.delete_message(deleted)
        assert OPENING in shown(await first.final_message())
        answer = await server.next_message(stage.channel, after=told)
        assert OPENING in shown(answer)
        assert answer.reference_id is None

        asked = await stage.use_ask("does this role explode?")
        told = await asked.followup()
        assert told.is_ephemeral
        assert "not your fault" in told.content
        assert "Traceback" in stage.process.output
        assert "ZeroDivisionError" in stage.process.output
        assert "does this role" not in stage.process.output

        # What is under way at the end is finished, and what begins then is told.
        last = await stage.use_ask("what does this role do?")
        await last.acknowledged()
        stage.process.send_signal(signal.SIGTERM)
        await stage.process.wait_for_line("Stopping")
        late = await stage.use_ask("what does this role do?", who=stage.bob)
        told = await late.final_message()
        assert told.is_ephemeral
        assert "being restarted" in told.content
        assert OPENING in shown(await last.final_message())
        assert await stage.process.wait_for_exit() == 0
        assert server.heartbeats
        assert server.late_heartbeats == []

    play_alone(act, "--config", str(settings), "--home", str(home), module=SLOW, ENCODE_SECONDS="2")


def test_who_asked_is_told_where_there_is_no_time_to_answer(home: Path) -> None:
    async def act(stage: Stage) -> None:
        await guides_are_open(stage)
        asked = await stage.use_ask("what does this role do?")
        content = f"{stage.server.bot.mention} what does this role do?"
        sent = await stage.server.send_message(stage.channel, stage.bob, content)
        await asked.acknowledged()
        stage.process.send_signal(signal.SIGINT)
        assert "being restarted" in (await asked.followup()).content
        assert "being restarted" in (await stage.server.next_reply(to=sent)).content
        assert await stage.process.wait_for_exit() == 0

    play_alone(act, "--home", str(home), module=SLOW, ENCODE_SECONDS="8")


def test_commands_are_registered_once(home: Path) -> None:
    (home / "current").write_text("nothing that is there", encoding="utf-8")  # starts sooner

    async def start(server: LoopbackDiscord) -> int:
        arguments = ("--home", str(home), "discord")
        async with BotProcess(server.base_url, *arguments, token=server.token):
            await server.wait_until_ready(timeout_seconds=OPEN_WITHIN_SECONDS)
        await server.wait_until_gone()
        return sum(one.method == "PUT" for one in server.requests)

    async def run() -> None:
        async with LoopbackDiscord() as server:
            assert await start(server) == 1
            assert {one["name"] for one in server.commands} == {"ask", "forget"}
            assert await start(server) == 1
        async with LoopbackDiscord() as other_application:
            assert await start(other_application) == 1

    asyncio.run(run())


def test_a_damaged_index_is_told_without_its_place(home: Path) -> None:
    (home / "current").write_text("nothing that is there", encoding="utf-8")
    # The digest can't be written either: that is served all the same.
    (home / "discord-commands.sha256").mkdir()

    async def act(stage: Stage) -> None:
        await stage.process.wait_for_line(r"can't be answered yet: .*rolewise build")
        await stage.process.wait_for_line("registered at each start")
        asked = await stage.use_ask("what does this role do?")
        told = await asked.followup()
        assert told.is_ephemeral
        assert "can't read the guides" in told.content
        assert str(home) not in told.content
        assert "can't read the guides" in (await stage.mention("what does it do?")).content

    play_alone(act, "--home", str(home))


@pytest.mark.parametrize(
    ("token", "explained"),
    [
        ("", "DISCORD_TOKEN is not set. Copy your bot's token at https://discord.com/"),
        ("  ", "DISCORD_TOKEN is not set."),
        ("0123456789abcdef0123456789abcdef", "holds is no bot token, which is three parts"),
        ('"c2VjcmV0.c2VjcmV0.c2VjcmV0"', "without quotes"),
        ("c2VjcmV0.c2VjcmV0.c2VjcmV0", "Discord refuses the token in DISCORD_TOKEN. Reset it at"),
    ],
    ids=["missing", "blank", "no-token", "quoted", "wrong"],
)
def test_a_token_that_is_none_is_explained_and_not_shown(
    token: str, explained: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            process = BotProcess(
                server.base_url, "--home", str(tmp_path / "home"), "discord", token=token
            )
            async with process:
                assert await process.wait_for_exit() == DiscordError.exit_code
            assert len(process.lines) == 1
            assert explained in process.lines[0]
            assert not token.strip() or token.strip() not in process.output

    asyncio.run(run())


def test_a_discord_out_of_reach_is_explained(tmp_path: Path) -> None:
    async def run() -> None:
        async with LoopbackDiscord() as server:
            address, token = server.base_url, server.token
        process = BotProcess(address, "--home", str(tmp_path / "home"), "discord", token=token)
        async with process:
            assert await process.wait_for_exit() == DiscordError.exit_code
        assert len(process.lines) == 1
        assert "Discord can't be reached" in process.lines[0]
        assert "Traceback" not in process.output

    asyncio.run(run())
