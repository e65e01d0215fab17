"""The members of the storm: each does one thing after another, and waits for what it is owed."""

import random
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from bot.community.showing.text import unescape_text
from tests.bot.storm.askers import OWED_WITHIN_SECONDS, Asker
from tests.bot.storm.hostile import NAMES, PIECES, ask_something, write_something
from tests.bot.storm.outcomes import Edited, Forgotten, Opened, Removed, shown_by
from tests.loopback import CallbackKind, Interaction, Message, MessageType, Upload

Event: TypeAlias = Callable[[], Awaitable[None]]


class StormMember(Asker):
    """One member, who does what chance says."""

    async def act(self, chance: random.Random) -> str:
        """Do one thing, and return what it was."""
        events = self._events(chance)
        names = list(events)
        name = chance.choices(names, weights=[events[one][0] for one in names])[0]
        self.owed.events += 1
        await events[name][1]()
        return name

    def _events(self, chance: random.Random) -> dict[str, tuple[float, Event]]:
        rooms: dict[str, tuple[float, Event]] = {
            "unaddressed": (6, lambda: self._ask_nobody(chance)),
            "post": (2, lambda: self._post(chance)),
        }
        return (rooms if self.places.unaddressed else {}) | {
            "ask": (20, lambda: self._ask(chance)),
            "mention": (20, lambda: self._mention(chance)),
            "direct message": (8, lambda: self._write_directly(chance)),
            "reply to an answer": (6, lambda: self._reply(chance)),
            "chatter": (14, lambda: self._chatter(chance)),
            "bots and webhooks": (4, lambda: self._speak_as_machine(chance)),
            "files alone": (2, lambda: self._send_files(chance)),
            "edit": (4, lambda: self._edit(chance)),
            "deletion": (3, lambda: self._delete(chance)),
            "vanishing thread": (2, lambda: self._let_thread_vanish(chance)),
            "silent channel": (3, lambda: self._speak_in_silence(chance)),
            "old button": (4, lambda: self._press_old(chance)),
            "button": (6, lambda: self._press(chance)),
            "unknown command": (2, lambda: self._use_unknown(chance)),
            "autocomplete": (4, lambda: self._autocomplete(chance)),
            "forged form": (2, lambda: self._forge_form(chance)),
            "message menu": (3, lambda: self._use_menu(chance)),
            "command": (3, lambda: self._use_command(chance)),
            "forget": (2, lambda: self._forget(chance)),
            "owner": (2, lambda: self._manage(chance)),
            "passing guild": (1, lambda: self._pass_through_guild(chance)),
        }

    # What is owed nothing.

    async def _chatter(self, chance: random.Random) -> None:
        channel = await self._place(chance)
        others = [one for one in self.own if one.channel_id == channel.id and not one.deleted]
        reply_to = chance.choice(others) if others and chance.random() < 0.3 else None
        text = write_something(chance)
        sent = await self.server.send_message(channel, self.member, text, reply_to=reply_to)
        self.own.append(sent)
        if chance.random() < 0.2:
            await self.server.unfurl_link(sent, chance.choice(PIECES))
        if chance.random() < 0.1:
            await self.server.add_reaction(sent, self.member, "👍")

    async def _speak_as_machine(self, chance: random.Random) -> None:
        channel = await self._place(chance)
        text = f"{self.server.bot.mention} {ask_something(chance)}"[:2000]
        kind = chance.randrange(3)
        if kind == 0:
            await self.server.send_as_webhook(channel, chance.choice(PIECES)[:80], text)
        elif kind == 1:
            machine = next(
                one
                for one in self.places.guild.members.values()
                if one.user.is_bot and one.user is not self.server.bot
            )
            await self.server.send_message(channel, machine, text)
        else:
            pinned = MessageType.CHANNEL_PINNED
            await self.server.send_system_message(channel, self.member, pinned, text)

    async def _send_files(self, chance: random.Random) -> None:
        file = Upload(f"{chance.choice(PIECES)}.txt".replace("/", "-"), b"content")
        channel = await self._place(chance)
        self.own.append(
            await self.server.send_message(channel, self.member, "", attachments=(file,))
        )

    async def _edit(self, chance: random.Random) -> None:
        mine = [one for one in self.own[-20:] if self._is_there(one)]
        if not mine:
            return
        message = chance.choice(mine)
        answer = self.answers.get(message.id)
        if answer is None:
            await self.server.edit_message(message, write_something(chance))
        elif answer.embeds and message.channel_id != self.places.without_embeds.id:
            await self._edit_question(message, answer, chance)

    async def _edit_question(
        self, message: Message, answer: Message, chance: random.Random
    ) -> None:
        """Edit a question, and wait until its answer follows."""
        is_addressed = self.server.bot.mention in message.content
        text = ask_something(chance)
        content = f"{text} {self.server.bot.mention}" if is_addressed else text
        if is_addressed and self.places.unaddressed is None and chance.random() < 0.2:
            content = text  # no longer readable
            self.answers.pop(message.id)
        edits = len(answer.earlier_contents)
        asks_the_same = self._read(content) == self._read(message.content)
        await self.server.edit_message(message, content)
        if message.id not in self.answers and message.mentions.replied_user_id is None:
            await self._see_removed(answer)
        elif not asks_the_same:

            def is_edited() -> bool | None:
                return len(answer.earlier_contents) > edits or None

            await self.server.wait_for(
                is_edited, f"{answer!r} to follow {content!r}", timeout_seconds=OWED_WITHIN_SECONDS
            )
            self.entries.append(Edited(typed=content, shown=shown_by(answer), answer_id=answer.id))

    async def _delete(self, chance: random.Random) -> None:
        mine = [one for one in self.own[-20:] if self._is_there(one)]
        if not mine:
            return
        deleted = [chance.choice(mine)]
        channel = self.server.state.channels[deleted[0].channel_id]
        if chance.random() < 0.3 and channel.guild_id is not None:
            deleted = [one for one in mine if one.channel_id == channel.id][:3]
            await self.server.delete_messages(channel, *deleted)
        else:
            await self.server.delete_message(deleted[0])
        for message in deleted:
            answer = self.answers.pop(message.id, None)
            if answer is not None:
                await self._see_removed(answer)

    async def _see_removed(self, answer: Message) -> None:
        await self.server.wait_for(
            lambda: answer.deleted or None,
            f"{answer!r} to be removed",
            timeout_seconds=OWED_WITHIN_SECONDS,
        )
        self.entries.append(Removed(answer_id=answer.id))

    async def _let_thread_vanish(self, chance: random.Random) -> None:
        channel = chance.choice(self.places.open)
        thread = await self.server.start_thread(channel, self.member, chance.choice(PIECES)[:100])
        text = f"{self.server.bot.mention} {ask_something(chance)}"[:2000]
        sent = await self.server.send_message(thread, self.member, text)
        self.owed.message_ids.add(sent.id)
        if chance.random() < 0.5:
            used = await self.server.use_command(thread, self.member, "ask", question="what?")
            await used.acknowledged(timeout_seconds=OWED_WITHIN_SECONDS)
        self.server.delete_channel(thread)

    async def _speak_in_silence(self, chance: random.Random) -> None:
        text = f"{self.server.bot.mention} {ask_something(chance)}"[:2000]
        await self.server.send_message(self.places.silent, self.member, text)

    async def _ask_nobody(self, chance: random.Random) -> None:
        """Write where the bot answers questions that nobody addresses to it, should it be one."""
        assert self.places.unaddressed is not None
        text = write_something(chance) if chance.random() < 0.3 else ask_something(chance)
        sent = await self.server.send_message(self.places.unaddressed, self.member, text[:2000])
        self.owed.message_ids.add(sent.id)

    async def _post(self, chance: random.Random) -> None:
        """Open a post, which the bot may answer, and let somebody write in it, which it may not."""
        assert self.places.forum is not None
        title, text = chance.choice(PIECES)[:100], ask_something(chance)
        late = chance.choice((0.0, 0.0, 0.2))
        post = await self.server.create_post(
            self.places.forum, self.member, title, text, starter_after_seconds=late
        )
        self.owed.message_ids.add(post.id)
        if chance.random() < 0.5:
            await self.server.send_message(post, self.member, ask_something(chance))

    async def _pass_through_guild(self, chance: random.Random) -> None:
        """Take the bot into a guild, ask there, and remove it, be the question answered or not."""
        guild = self.server.add_guild(chance.choice(PIECES)[:100])
        channel = self.server.add_channel(guild, "lobby")
        visitor = self.server.add_member(guild, chance.choice(NAMES))
        text = f"{self.server.bot.mention} {ask_something(chance)}"[:2000]
        sent = await self.server.send_message(channel, visitor, text)
        self.owed.message_ids.add(sent.id)
        if chance.random() < 0.5:
            await self.server.next_reply(to=sent, timeout_seconds=OWED_WITHIN_SECONDS)
        self.server.remove_bot_from(guild)

    # What is owed some answer, whatever it says.

    async def _press_old(self, chance: random.Random) -> None:
        channel = await self._place(chance, self.places.silent)
        junk = chance.choice(
            (
                "r0:yes:a:1",
                "r1:more:zz",
                "r1:page:-1",
                "r1:ask:",
                "r99:x",
                "x",
                "r1:no",
                "r1:more:a:",
            )
        )
        if chance.random() < 0.3:
            junk = write_something(chance, 100)
        if chance.random() < 0.8:
            pressed = await self.server.press_old(channel, self.member, junk)
        else:
            pressed = await self.server.choose_old(channel, self.member, "roles", junk)
        await self._settle(pressed)
        if pressed.data["custom_id"] == "r1:ask:":  # asks what stands on it
            self._note("old button", channel, "Old", await self._answer_to(pressed))

    async def _press(self, chance: random.Random) -> None:
        answers = [one for one in self.last_answer.values() if self._is_there(one)]
        buttons = [
            (answer, one)
            for answer in answers
            for one in answer.interactive_components
            if not one.get("disabled") and not (one.get("label") or "").endswith("…")
        ]
        if not buttons:
            return
        answer, button = chance.choice(buttons)
        action = button["custom_id"].split(":")[1]
        pressed = await self.server.click(answer, button["custom_id"], self.member)
        kind = await self._settle(pressed)
        if action == "ask":
            await self._note_press(pressed, answer, button["label"])
        elif pressed.modal is not None:
            text = ask_something(chance)[:2000]
            sent = await self.server.submit_modal(pressed, {"question": text})
            await self._settle(sent)
            await self._note_press(sent, answer, text)
        elif action == "thread" and kind is CallbackKind.DEFERRED_UPDATE:
            await self._go_on_in_thread(pressed, answer, chance)

    async def _note_press(self, interaction: Interaction, answer: Message, typed: str) -> None:
        """Note a question that goes on from an answer, public or private as that is."""
        channel = self.server.state.channels[answer.channel_id]
        shown = await self._answer_to(interaction)
        self._note(
            "press",
            channel,
            typed,
            shown,
            is_private=answer.is_ephemeral,
            goes_on_from=answer.id,
        )

    async def _go_on_in_thread(
        self, pressed: Interaction, answer: Message, chance: random.Random
    ) -> None:
        """Ask in the thread that the bot opens on an answer, where it knows what was said."""

        def is_open() -> bool | None:
            thread = self.server.state.channels.get(answer.thread_id or 0)
            is_begun = thread is not None and bool(self.server.bot_messages(thread))
            return is_begun or bool(pressed.followups) or None

        await self.server.wait_for(is_open, "a thread", timeout_seconds=OWED_WITHIN_SECONDS)
        if pressed.followups:
            return  # opened by somebody else in the same moment
        thread = self.server.state.channels[answer.thread_id or 0]
        self.entries.append(
            Opened(key=(self.member.user.id, thread.id, False), answer_id=answer.id)
        )
        await self._owe("thread", thread, f"{self.server.bot.mention} {ask_something(chance)}")

    async def _use_unknown(self, chance: random.Random) -> None:
        channel = await self._place(chance, self.places.silent)
        name = chance.choice(("gone", "ask", "knowledge", "Ask about this message"))
        used = await self.server.forge_command(
            channel, self.member, name, [], kind=chance.choice((1, 2, 3))
        )
        await self._settle(used)

    async def _autocomplete(self, chance: random.Random) -> None:
        offered = [
            (command["name"], option["name"])
            for command in self.server.commands
            for option in command.get("options") or []
            if option.get("autocomplete")
        ]
        if not offered:
            return
        name, option = chance.choice(offered)
        channel = await self._place(chance)
        choices = await self.server.autocomplete(
            channel, self.member, name, option, write_something(chance, 200)
        )
        assert len(choices) <= 25

    async def _forge_form(self, chance: random.Random) -> None:
        channel = await self._place(chance)
        sent = await self.server.forge_form(
            channel, self.member, write_something(chance, 100), {"question": "what?"}
        )
        await self._settle(sent)

    async def _use_menu(self, chance: random.Random) -> None:
        menus = [one["name"] for one in self.server.commands if one["type"] == 3]
        about = [one for one in self.own[-20:] if self._is_there(one)]
        if not menus or not about:
            return
        message = chance.choice(about)
        used = await self.server.use_message_menu(self.member, chance.choice(menus), message)
        shown = await self._answer_to(used)
        if self._read(message.content):
            channel = self.server.state.channels[message.channel_id]
            self._note("menu", channel, message.content, shown, is_private=True, goes_on_from=0)

    async def _use_command(self, chance: random.Random) -> None:
        """Use a command that shows something, with values that were never offered."""
        channel = await self._place(chance)
        name = chance.choice(("help", "role", "compare"))
        options = {"help": (), "role": ("name",), "compare": ("role_a", "role_b")}[name]
        given = {option: self._role(chance) for option in options}
        used = await self.server.use_command(channel, self.member, name, **given)
        shown = await self._answer_to(used)
        heading = shown[0].content.partition("\n")[0].removeprefix("> ")
        asked = shown[0].embeds[0].get("title", "") if shown[0].embeds else heading
        if name == "compare" and asked.startswith("What is the difference between"):
            self._note(name, channel, unescape_text(asked), shown, goes_on_from=0)

    def _role(self, chance: random.Random) -> str:
        roles = ("Prompt Engineer @everyone", "Data Scientist", "data enginer", "ledger keeper")
        return chance.choice(roles) if chance.random() < 0.6 else write_something(chance, 90)

    async def _manage(self, chance: random.Random) -> None:
        """Let the application's owner look after the guides."""
        owner = self.server.application_owner
        command = chance.choice(("status", "list", "gaps"))
        used = await self.server.use_command(
            self.server.direct_channel(owner), owner, f"knowledge {command}"
        )
        assert (await self._answer_to(used))[0].text

    async def _forget(self, chance: random.Random) -> None:
        channel = await self._place(chance)
        used = await self.server.use_command(channel, self.member, "forget")
        await self._settle(used)
        self.entries.append(Forgotten(keys=tuple(self.keys)))
        self.answers.clear()
