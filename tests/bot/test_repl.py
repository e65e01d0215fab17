import io
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

import bot.cli
from bot.answers.conversation import MAX_TURNS
from bot.answers.reply_text import plain_text
from bot.terminal.notes import Notes
from bot.terminal.prompt import HISTORY_NAME, ReplCompleter, open_prompt
from bot.terminal.repl import COMMANDS, Repl
from bot.terminal.screen import PlainScreen
from knowledge.errors import (
    DamagedSnapshotError,
    EncoderError,
    KnowledgeError,
    NoSnapshotError,
    QuestionError,
)
from tests.bot.fakes import SKILLS, FakeApplication, FakeAssistant, make_answer, make_not_covered

ANSWER = """\
A data engineer needs: [1]
- Python;
- SQL.

Sources:
[1] Data Engineer › Skills
"""
GREETING = """\
Rolewise answers in its guides' own words, or says that they don't say.
Guides about: Data Engineer
Ask, for example: "what skills does the role need?"
/help lists the commands; Ctrl-D leaves.

"""


class Transcript(io.StringIO):
    """Standard output and error as one, as a person sees them."""


@pytest.fixture
def application(tmp_path: Path) -> FakeApplication:
    assistant = FakeAssistant(
        {
            "skills?": make_answer(SKILLS, question="skills?"),
            "pay?": make_not_covered(suggestions=()),
            "…": QuestionError("The question holds no word."),
            "bug": RuntimeError("nobody thought of it"),
            "lost": NoSnapshotError("No index has been built. Run: rolewise build"),
        }
    )
    return FakeApplication(tmp_path / "home", assistant)


@pytest.fixture
def seen() -> Transcript:
    return Transcript()


@pytest.fixture
def repl(application: FakeApplication, seen: Transcript) -> Repl:
    return Repl(application, PlainScreen(seen), Notes(seen))


def typing(*lines: str | type[BaseException], echo: io.StringIO | None = None) -> Callable[[], str]:
    """Return a reader that gives the lines and then the end."""
    waiting = iter(lines)

    def read_line() -> str:
        line = next(waiting, EOFError)
        if not isinstance(line, str):
            raise line
        if echo is not None:
            echo.write(f"> {line}\n")
        return line

    return read_line


def converse(repl: Repl, seen: Transcript, *lines: str | type[BaseException]) -> str:
    assert repl.run(typing(*lines, echo=seen)) == 0
    return seen.getvalue()


def test_a_conversation_from_greeting_to_leaving(repl: Repl, seen: Transcript) -> None:
    repl.greet()
    transcript = converse(
        repl, seen, "skills?", " ", "/explain", "pay?", "/explain", "/forget", "/quit", "unread"
    )
    assert (
        transcript
        == f"""\
{GREETING}> skills?
{ANSWER}
>  \n> /explain
Each reply now shows which passages were found.

> pay?
The guides don't say that about Data Engineer.

Understood as: what does a Data Engineer earn?
Outcome:       not_covered
Confidence:    0.10
Snapshot:      20260102T030405Z-0123abcd
Milliseconds:  not measured
Passages, best first (score, dense, lexical): none

> /explain
Each reply no longer shows which passages were found.

> /forget
The conversation is forgotten.

> /quit
"""
    )


def test_sources_are_those_of_the_last_reply(repl: Repl, seen: Transcript) -> None:
    transcript = converse(repl, seen, "/sources", "skills?", "/sources", "pay?", "/SOURCES")
    assert (
        transcript
        == f"""\
> /sources
Nothing has been asked yet.

> skills?
{ANSWER}
> /sources
[1] Data Engineer › Skills
## Skills

»A data engineer needs:«

- »Python;«
- »SQL.«

> pay?
The guides don't say that about Data Engineer.

> /SOURCES
The last reply quotes nothing.

"""
    )


def test_the_conversation_is_kept_bounded_and_forgotten(
    repl: Repl, seen: Transcript, application: FakeApplication
) -> None:
    converse(repl, seen, "skills?", "pay?", "/forget", *["skills?"] * MAX_TURNS)
    (_, first), (_, second), (_, third), *_, (_, last) = application.fake.asked
    assert first == ()
    assert [turn.text for turn in second] == [
        "skills?",
        plain_text(application.fake.replies["skills?"]),  # type: ignore[arg-type]
    ]
    assert third == ()
    assert len(last) == MAX_TURNS


def test_errors_cost_one_line_and_no_turn(
    repl: Repl, seen: Transcript, application: FakeApplication
) -> None:
    transcript = converse(repl, seen, "…", "bug", "lost", KeyboardInterrupt, "skills?")
    assert (
        transcript
        == f"""\
> …
rolewise: The question holds no word.

> bug
rolewise: this is a bug in Rolewise: RuntimeError: nobody thought of it (--debug shows where)

> lost
rolewise: No index has been built. Run: rolewise build
Here that is: /build

> skills?
{ANSWER}
"""
    )
    assert application.fake.asked[-1] == ("skills?", ())


def test_control_c_stops_what_is_going_on(
    repl: Repl, seen: Transcript, application: FakeApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(application, "build", interrupt)
    assert converse(repl, seen, "/build", "skills?") == (
        f"> /build\nStopped.\n\n> skills?\n{ANSWER}\n"
    )


def test_a_build_takes_paths_and_reports(
    repl: Repl, seen: Transcript, application: FakeApplication
) -> None:
    transcript = converse(repl, seen, "/build", "/build ~/a 'b c'", "/build 'b")
    assert application.builds == [(), (Path.home() / "a", Path("b c"))]
    assert transcript.count("Documents:          1\n") == 2
    assert "The path has a quotation mark without its other half." in transcript
    assert repl.role_names == ("Data Engineer", "Data Scientist")


def test_a_failed_build_is_one_line(
    repl: Repl, seen: Transcript, application: FakeApplication
) -> None:
    application.failure = KnowledgeError("There is no file or folder x.")
    assert converse(repl, seen, "/build x").endswith("rolewise: There is no file or folder x.\n\n")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/explian", "There is no command /explian. Did you mean /explain?"),
        ("/x y", "There is no command /x. /help lists the commands."),
        ("/", "There is no command /. /help lists the commands."),
        ("/\x1b[31mred", "There is no command /red."),
    ],
)
def test_an_unknown_command_gets_a_hint(
    line: str, expected: str, repl: Repl, seen: Transcript, application: FakeApplication
) -> None:
    assert expected in converse(repl, seen, line)
    assert application.fake.asked == []


def test_help_lists_every_command(repl: Repl, seen: Transcript) -> None:
    transcript = converse(repl, seen, "/help")
    for command, meaning in COMMANDS.items():
        assert f"{command}:".ljust(10) + meaning in transcript
    repl_of_words = Repl(FakeApplication(Path("unused")), PlainScreen(seen), Notes(seen))
    assert converse(repl_of_words, seen, "help").count("/forget:") == 2


@pytest.mark.parametrize("word", ["/quit", "/exit", "exit", "quit", " QUIT "])
def test_words_that_leave(word: str, repl: Repl, seen: Transcript) -> None:
    assert converse(repl, seen, word, "skills?") == f"> {word}\n"


def test_a_status_is_shown(repl: Repl, seen: Transcript) -> None:
    assert "Encoder:            word-lengths (ffffffff)\n" in converse(repl, seen, "/status")


def test_without_an_index_it_is_built_and_then_greeted(
    repl: Repl, seen: Transcript, application: FakeApplication
) -> None:
    application.is_built = False
    repl.greet()
    assert seen.getvalue() == (
        "There is no index yet. Building it from guides …\nReading …\nEncoding …\n" + GREETING
    )


def test_the_greeting_comes_before_the_encoder(
    repl: Repl, seen: Transcript, application: FakeApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application.fake, "prepare", lambda: seen.write("LOADED"))
    repl.greet()
    assert seen.getvalue() == f"{GREETING}LOADED"


def test_what_cannot_be_opened_is_said_and_can_be_built(
    repl: Repl, seen: Transcript, application: FakeApplication
) -> None:
    application.failure = DamagedSnapshotError("It is broken. Run: rolewise build")
    application.fake.failures = [application.failure]
    repl.greet()
    assert seen.getvalue() == "rolewise: It is broken. Run: rolewise build\nHere that is: /build\n"
    application.failure = None
    assert "Documents:          1\n" in converse(repl, seen, "/build")


def test_a_person_may_have_a_broken_index_built(
    application: FakeApplication, seen: Transcript
) -> None:
    asked: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return True

    application.fake.failures = [DamagedSnapshotError("It is broken. Run: rolewise build")]
    Repl(application, PlainScreen(seen), Notes(seen), confirm).greet()
    assert asked == ["It is broken. Build it again now, from guides?"]
    assert application.builds == [()]


def test_an_encoder_that_fails_leaves_the_commands(
    repl: Repl, seen: Transcript, application: FakeApplication
) -> None:
    application.fake.failures = [EncoderError("The model is gone.")]
    repl.greet()
    assert seen.getvalue() == f"{GREETING}rolewise: The model is gone.\n"
    assert "Passages:" in converse(repl, seen, "/status")


def feed(monkeypatch: pytest.MonkeyPatch, application: FakeApplication, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    monkeypatch.setattr(bot.cli, "open_application", lambda arguments: application)


def test_piped_questions_are_answered_in_plain_text(
    application: FakeApplication,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = "skills?\n\n…\npay?\r\n/explian\n".encode() + b"\xff\n/quit\nskills?\n"
    feed(monkeypatch, application, data)
    assert bot.cli.main(["repl"]) == 0
    captured = capsys.readouterr()
    assert (
        captured.out
        == f"""\
{ANSWER}
The guides don't say that about Data Engineer.

There is no command /explian. Did you mean /explain? /help lists the commands.
"""
    )
    first, second = captured.err.splitlines()
    assert first.startswith("rolewise: The question holds no word.")
    assert second.startswith("rolewise: The question holds half of a character")
    assert application.fake.prepared == 1


def test_no_question_loads_nothing(
    application: FakeApplication,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    application.is_built = False
    feed(monkeypatch, application, b"\n")
    assert bot.cli.main(["repl"]) == 0
    assert capsys.readouterr() == ("", "")
    assert application.fake.prepared == 0


def test_piped_questions_end_where_nothing_can_be_answered(
    application: FakeApplication,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    application.fake.failures = [EncoderError("The model is gone.")]
    feed(monkeypatch, application, b"skills?\nskills?\n")
    assert bot.cli.main(["repl"]) == 6
    assert capsys.readouterr() == ("", "rolewise: The model is gone.\n")


def type_keys(home: Path, keys: str) -> list[str | type[BaseException]]:
    """Return what a prompt gives for keys, up to the end that Ctrl-D makes."""
    results: list[str | type[BaseException]] = []
    with create_pipe_input() as pipe:
        pipe.send_text(keys)
        read_line = open_prompt(home, lambda: ["Data Engineer"], input_=pipe, output=DummyOutput())
        while EOFError not in results:
            try:
                results.append(read_line())
            except (KeyboardInterrupt, EOFError) as end:
                results.append(type(end))
    return results


def test_keys_give_lines_and_control_c_cancels_one(tmp_path: Path) -> None:
    assert type_keys(tmp_path, "skills?\rnot th\x03pay?\r\x04") == [
        "skills?",
        KeyboardInterrupt,
        "pay?",
        EOFError,
    ]


def test_the_history_outlives_the_session_and_is_private(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    type_keys(home, "skills?\r\x04")
    up, enter = "\x1b[A", "\r"
    assert type_keys(home, f"{up}{enter}\x04")[0] == "skills?"
    assert stat.S_IMODE((home / HISTORY_NAME).stat().st_mode) == 0o600
    (home / HISTORY_NAME).chmod(0o644)
    type_keys(home, "\x04")
    assert stat.S_IMODE((home / HISTORY_NAME).stat().st_mode) == 0o600


def test_a_home_that_cannot_be_written_costs_the_history_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert type_keys(tmp_path / "file", "skills?\r\x04")[0] == "skills?"
    (tmp_path / HISTORY_NAME).mkdir()
    assert type_keys(tmp_path, "skills?\r\x04")[0] == "skills?"


def completions(text: str, names: Iterable[str] = ("Data Engineer", "Data Scientist")) -> list[str]:
    completer = ReplCompleter(lambda: list(names))
    event = CompleteEvent(completion_requested=True)
    return [
        text[: len(text) + found.start_position] + found.text
        for found in completer.get_completions(Document(text), event)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/ex", ["/explain"]),
        ("/", list(COMMANDS)),
        ("/explain now", []),
        ("is a data", ["is a Data Engineer", "is a Data Scientist"]),
        ("compare data scientist and DATA EN", ["compare data scientist and Data Engineer"]),
        ("Data Engineer", ["Data Engineer"]),
        ("is a d", []),
        ("is a data engineer ", []),
        ("", []),
    ],
)
def test_what_completes(text: str, expected: list[str]) -> None:
    assert completions(text) == expected


def test_a_build_completes_paths(tmp_path: Path) -> None:
    (tmp_path / "guides").mkdir()
    assert completions(f"/build {tmp_path}/gu") == [f"/build {tmp_path}/guides"]


def test_names_of_roles_are_cleaned_before_they_complete() -> None:
    assert completions("da", ["Data\x1b[2J Engineer"]) == ["Data Engineer"]
