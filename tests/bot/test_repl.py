import io
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.answers.conversation import MAX_TURNS
from bot.answers.reply_text import plain_text
from bot.terminal.notes import Notes
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
    assert repl._application.assistant.is_watching  # type: ignore[attr-defined]
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
        "There is no index yet. Building it from guides …\n"
        "The first build also makes the encoder ready, once: half a minute or so.\n"
        "Reading …\nEncoding …\n" + GREETING
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
