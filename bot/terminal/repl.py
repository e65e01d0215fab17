"""The REPL: a loop over a callback that reads a line; questions are answered, commands done."""

import difflib
import os
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.answers.conversation import Conversation, extend
from bot.answers.question import clean_question
from bot.answers.replies import AnyReply, statements_of
from bot.answers.reply_text import clean_text, plain_text
from bot.application import Application
from bot.terminal.notes import Notes
from bot.terminal.preparation import Confirm, prepare, rebuild
from bot.terminal.screen import Screen, report_rows, status_rows
from knowledge.errors import QuestionError, RolewiseError, SnapshotError

ReadLine = Callable[[], str]
"""Reads a line; raises `EOFError` at the end and `KeyboardInterrupt` on Ctrl-C."""

COMMANDS = {
    "/explain": "show with each reply which passages were found, and their scores",
    "/sources": "show the passages that the last reply quotes, with the quotes in their place",
    "/build": "build the index again, or of other guides: /build PATH …",
    "/status": "show what is in the index",
    "/forget": "forget the conversation, and start another",
    "/help": "show this",
    "/quit": "leave; so does Ctrl-D",
}
"""The commands with what they do."""

_MAX_ROLES_GREETED = 8
_LEAVING = frozenset({"/quit", "/exit", "quit", "exit"})


class Repl:
    """Asks and follows up; the conversation is kept until it is forgotten or the REPL is left."""

    def __init__(
        self,
        application: Application,
        screen: Screen,
        notes: Notes,
        confirm: Confirm = lambda question: None,
    ) -> None:
        """Take what answers, where replies and notes are shown, and who confirms a rebuild."""
        self._application = application
        self._screen = screen
        self._notes = notes
        self._confirm = confirm
        self._conversation: Conversation = ()
        self._last_reply: AnyReply | None = None
        self._explains = False
        self.role_names: tuple[str, ...] = ()

    def greet(self) -> None:
        """Say what is known and how to ask, and get ready for the first question."""
        is_greeted = self._application.has_index() and self._show_greeting()
        try:
            self._prepare()
        except RolewiseError as error:
            self._report(error)
        else:
            if not is_greeted:
                self._show_greeting()

    def run(self, read_line: ReadLine) -> int:
        """Answer a person until they leave; errors cost one line. Return the exit code."""
        self._application.assistant.watch()
        while True:
            try:
                line = read_line()
            except KeyboardInterrupt:
                continue
            except EOFError:
                return 0
            if _leaves(line):
                return 0
            if line.strip():
                self._handle_safely(line)
                self._screen.show_text("")

    def run_lines(self, lines: Iterable[str]) -> int:
        """Answer a question a line, as from a pipe. Return the exit code.

        Raises:
            RolewiseError: nothing can be answered at all.
        """
        said_before = False
        is_ready = False
        for line in lines:
            if not line.strip():
                continue
            if _leaves(line):
                break
            try:
                if not line.lstrip().startswith("/"):
                    clean_question(line)
                    if not is_ready:
                        self._prepare()
                        is_ready = True
                if said_before:
                    self._screen.show_text("")
                said_before = True
                self.handle(line)
            except QuestionError as error:
                self._notes.report(error)
        return 0

    def handle(self, line: str) -> None:
        """Answer a question or do a command.

        Raises:
            RolewiseError: it can't be answered or done.
        """
        line = line.strip()
        if not line.startswith("/") and line.lower() != "help":
            self._answer(line)
            return
        name, _, rest = line.partition(" ")
        match name.lower():
            case "/explain":
                self._toggle_explaining()
            case "/sources":
                self._show_sources()
            case "/build":
                self._build(rest)
            case "/status":
                self._screen.show_rows(status_rows(self._application.read_status()))
            case "/forget":
                self._conversation, self._last_reply = (), None
                self._screen.show_text("The conversation is forgotten.")
            case "/help" | "help":
                self._screen.show_text("Ask a question, follow up, compare roles; or:")
                self._screen.show_rows(list(COMMANDS.items()))
            case unknown:
                self._screen.show_text(_hint_at_commands(unknown))

    def _handle_safely(self, line: str) -> None:
        try:
            self.handle(line)
        except KeyboardInterrupt:
            self._notes.say("Stopped.")
        except RolewiseError as error:
            self._report(error)
        except Exception as error:  # the conversation goes on, whatever it is
            self._notes.report_bug(error)

    def _report(self, error: RolewiseError) -> None:
        self._notes.report(error)
        if isinstance(error, SnapshotError):
            self._notes.say("Here that is: /build")

    def _answer(self, text: str) -> None:
        reply = self._application.assistant.reply(text, self._conversation)
        self._conversation = extend(self._conversation, text, plain_text(reply))
        self._last_reply = reply
        self._screen.show_reply(reply, explain=self._explains)

    def _toggle_explaining(self) -> None:
        self._explains = not self._explains
        change = "now shows" if self._explains else "no longer shows"
        self._screen.show_text(f"Each reply {change} which passages were found.")

    def _show_sources(self) -> None:
        if self._last_reply is None:
            self._screen.show_text("Nothing has been asked yet.")
        elif not statements_of(self._last_reply):
            self._screen.show_text("The last reply quotes nothing.")
        else:
            self._screen.show_sources(self._last_reply)

    def _build(self, words: str) -> None:
        try:
            names = shlex.split(words, posix=os.name != "nt")
        except ValueError:
            self._screen.show_text("The path has a quotation mark without its other half.")
            return
        paths = [Path(name).expanduser() for name in names]
        report = rebuild(self._application, self._notes, paths)
        self._screen.show_rows(report_rows(report))
        self._prepare()

    def _prepare(self) -> None:
        prepare(self._application, self._notes, self._confirm)
        self._read_role_names()

    def _read_role_names(self) -> None:
        status = self._application.read_status()
        self.role_names = (*status.roles_with_guide, *status.roles_mentioned)

    def _show_greeting(self) -> bool:
        try:
            status = self._application.read_status()
        except SnapshotError:
            return False  # said, with the way out, when the index is opened for good
        names = [clean_text(name) for name in status.roles_with_guide]
        hidden = len(names) - _MAX_ROLES_GREETED
        known = ", ".join(names[:_MAX_ROLES_GREETED]) + (
            f" and {hidden} more" if hidden > 0 else ""
        )
        guides = f"Guides about: {known}" if names else "No guide here is about one role."
        self._screen.show_text(
            "Rolewise answers in its guides' own words, or says that they don't say.\n"
            f"{guides}\n"
            'Ask, for example: "what skills does the role need?"\n'
            "/help lists the commands; Ctrl-D leaves.\n"
        )
        return True


def _leaves(line: str) -> bool:
    return line.strip().lower() in _LEAVING


def _hint_at_commands(name: str) -> str:
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"There is no command {clean_text(name)}.{hint} /help lists the commands."
