"""Questions piped in and keys typed."""

import io
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

import bot.cli
from bot.terminal.prompt import HISTORY_NAME, ReplCompleter, open_prompt
from bot.terminal.repl import COMMANDS
from knowledge.errors import (
    EncoderError,
)
from tests.bot.fakes import FakeApplication
from tests.bot.test_repl import (
    ANSWER,
    application,  # noqa: F401 (a fixture)
    repl,  # noqa: F401 (a fixture)
    seen,  # noqa: F401 (a fixture)
)


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
