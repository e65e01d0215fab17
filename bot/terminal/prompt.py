"""The line that a person types in a terminal: history, completion, Ctrl-C and Ctrl-D."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output

from bot.answers.reply_text import clean_text
from bot.terminal.repl import COMMANDS, ReadLine

HISTORY_NAME = "history"

_MAX_WORDS_COMPLETED = 4
_MIN_CHARACTERS_COMPLETED = 2


def open_prompt(
    home: Path,
    read_role_names: Callable[[], Sequence[str]],
    *,
    input_: Input | None = None,
    output: Output | None = None,
) -> ReadLine:
    """Return what reads a line.

    Args:
        home: Where the history is kept, for its owner alone; in memory where it can't be written.
        read_role_names: Gives the names to complete, asked each time.
        input_: What is typed, instead of the terminal.
        output: What is shown, instead of the terminal.
    """
    session: PromptSession[str] = PromptSession(
        "> ",
        history=_open_history(home),
        completer=ReplCompleter(read_role_names),
        # Questions are left in peace; they complete with Tab.
        complete_while_typing=Condition(lambda: get_app().current_buffer.text.startswith("/")),
        enable_suspend=True,
        input=input_,
        output=output,
    )
    return session.prompt


class ReplCompleter(Completer):
    """Completes commands, the paths behind /build, and names of roles."""

    def __init__(self, read_role_names: Callable[[], Sequence[str]]) -> None:
        """Take what gives the names of roles."""
        self._read_role_names = read_role_names
        self._paths = PathCompleter(expanduser=True)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield what the text before the cursor may go on as."""
        text = document.text_before_cursor
        if text.startswith("/build "):
            path = Document(text.rpartition(" ")[2])
            yield from self._paths.get_completions(path, complete_event)
        elif text.startswith("/"):
            for command, meaning in COMMANDS.items():
                if command.startswith(text):
                    yield Completion(command, start_position=-len(text), display_meta=meaning)
        else:
            yield from self._complete_role(text)

    def _complete_role(self, text: str) -> Iterable[Completion]:
        words = text.split(" ")
        names = [clean_text(name) for name in self._read_role_names()]
        for count in range(min(len(words), _MAX_WORDS_COMPLETED), 0, -1):
            typed = " ".join(words[-count:])
            if len(typed) < _MIN_CHARACTERS_COMPLETED or not words[-count]:
                continue
            found = [name for name in names if name.casefold().startswith(typed.casefold())]
            if found:
                yield from (Completion(name, start_position=-len(typed)) for name in found)
                return


class _PrivateHistory(FileHistory):
    """A history in a file; a file that can't be read or written any more costs no question."""

    def load_history_strings(self) -> Iterable[str]:
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        with contextlib.suppress(OSError, UnicodeEncodeError):
            super().store_string(string)


def _open_history(home: Path) -> History:
    path = home / HISTORY_NAME
    try:
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
    except OSError:
        return InMemoryHistory()
    return _PrivateHistory(str(path))
