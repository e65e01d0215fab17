import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import bot.cli
from bot.answers.reply_json import load_schema
from knowledge.errors import (
    BusyError,
    DamagedSnapshotError,
    EncoderError,
    KnowledgeError,
    NoSnapshotError,
    StaleSnapshotError,
)
from tests.bot.fakes import FakeApplication, make_clarify, make_not_covered

REPOSITORY = Path(__file__).parent.parent.parent


class FakeTerminal(io.StringIO):
    """A stream that says a person sits before it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeApplication:
    """An application that the command line is given instead of a real one."""
    fake = FakeApplication(tmp_path / "home")
    monkeypatch.setattr(bot.cli, "open_application", lambda arguments: fake)
    return fake


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Put bytes into standard input."""

    def put(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))

    return put


def rolewise(
    *arguments: str | bytes, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        check=False,
    )


def test_help_comes_at_once() -> None:
    heavy = "numpy pydantic yaml discord rich torch faiss prompt_toolkit jsonschema".split()
    code = (
        "import sys\nfrom bot.cli import main\nassert main(['--help']) == 0\n"
        f"print(sorted(set({heavy}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    for command in ("ask", "repl", "build", "status", "doctor", "settings", "discord"):
        assert f"\n    {command} " in done.stdout


def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    assert bot.cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("rolewise ")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["ask"],
        ["ask", "--batch"],
        ["ask", "why?", "--batch", "-"],
        ["ask", "--jsno", "why?"],
        ["--home", "", "status"],
        ["repl", "why?"],
        ["ask", "--batch", "no-such-file.jsonl"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_two(
    arguments: list[str], application: FakeApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bot.cli.main(arguments) == bot.cli.EXIT_USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage: rolewise" in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--config", "{file}", "--home", "{home}", "status"],
        ["status", "--config", "{file}", "--home", "{home}"],
        ["--config", "{file}", "status", "--home={home}"],
    ],
)
def test_options_stand_before_the_command_or_behind(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("home: of-the-file\n")
    places = {"file": str(file), "home": str(tmp_path / "of-the-option")}
    assert bot.cli.main([item.format_map(places) for item in arguments]) == 7
    message = capsys.readouterr().err
    assert str(tmp_path / "of-the-option") in message
    file.write_text("hoem: x\n")
    assert bot.cli.main([item.format_map(places) for item in arguments]) == 3


def test_an_answer_is_plain_text_where_there_is_no_terminal(
    application: FakeApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bot.cli.main(["ask", "what", "do they do?"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("Data Engineer: They build pipelines that carry data. [1]\n")
    assert captured.out.endswith("[2] Data Engineer › Skills\n")
    assert captured.err == ""
    assert application.fake.asked == [("what do they do?", ())]
    assert application.is_closed


def test_refusing_is_no_error(
    application: FakeApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    application.fake.replies = {"pay?": make_not_covered(), "this?": make_clarify()}
    assert bot.cli.main(["ask", "pay?"]) == 0
    assert bot.cli.main(["ask", "this?"]) == 0
    assert "You could ask:" in capsys.readouterr().out


def test_an_explanation_lists_passages(
    application: FakeApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bot.cli.main(["ask", "--explain", "what?"]) == 0
    output = capsys.readouterr().out
    assert "Understood as: what does a Data Engineer do?\n" in output
    assert (
        "  2.    0.50   0.50   7.25  data-engineer.md › Data Engineer › Skills [2]: ## Skills"
        in output
    )


def test_json_is_one_line_and_valid(
    application: FakeApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    application.is_built = False
    assert bot.cli.main(["ask", "what?", "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    assert captured.out.isascii()
    Draft202012Validator(load_schema()).validate(json.loads(captured.out))
    assert captured.err.startswith("There is no index yet. Building it from guides …\n")


def test_without_an_index_the_first_question_builds_it(
    application: FakeApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    application.is_built = False
    assert bot.cli.main(["ask", "what?"]) == 0
    assert application.builds == [()]
    assert (
        capsys.readouterr().err
        == """\
There is no index yet. Building it from guides …
The first build also makes the encoder ready, once: half a minute or so.
Reading …
Encoding …
"""
    )


@pytest.mark.parametrize("error", [DamagedSnapshotError, StaleSnapshotError])
def test_without_a_person_a_broken_index_is_an_error(
    error: type[DamagedSnapshotError | StaleSnapshotError],
    application: FakeApplication,
    capsys: pytest.CaptureFixture[str],
) -> None:
    application.fake.failures = [error("It is broken. Run: rolewise build")]
    assert bot.cli.main(["ask", "what?"]) == 7
    assert capsys.readouterr().err == "rolewise: It is broken. Run: rolewise build\n"
    assert application.builds == []


@pytest.mark.parametrize(
    ("typed", "code", "builds"), [("y\n", 0, 1), ("n\n", 7, 0), ("\n", 7, 0), ("", 7, 0)]
)
def test_a_person_is_offered_to_build_a_broken_index_again(
    typed: str,
    code: int,
    builds: int,
    application: FakeApplication,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    application.fake.failures = [DamagedSnapshotError("It is broken. Run: rolewise build")]
    errors = FakeTerminal()
    monkeypatch.setattr(sys, "stdin", FakeTerminal(typed))
    monkeypatch.setattr(sys, "stderr", errors)
    assert bot.cli.main(["ask", "what?"]) == code
    assert "It is broken. Build it again now, from guides? [y/N] " in errors.getvalue()
    assert len(application.builds) == builds
    assert ("They build pipelines" in capsys.readouterr().out) is (code == 0)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KnowledgeError("There are no guides."), 4),
        (EncoderError("The model is gone."), 6),
        (BusyError("Another process is building."), 9),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_is_one_line_and_its_exit_code(
    error: EncoderError,
    code: int,
    application: FakeApplication,
    capsys: pytest.CaptureFixture[str],
) -> None:
    application.is_built = False
    application.failure = error
    assert bot.cli.main(["ask", "what?", "--json"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith(f"rolewise: {error}\n")


def test_an_empty_question_is_refused_before_anything_is_loaded(
    application: FakeApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    application.is_built = False
    assert bot.cli.main(["ask", " "]) == 5
    assert capsys.readouterr().err.startswith("rolewise: The question is empty.")
    assert application.builds == []


def test_an_error_stays_one_line_whatever_it_quotes(
    application: FakeApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    application.failure = NoSnapshotError("two\nlines \x1b[31mred")
    assert bot.cli.main(["status"]) == 7
    assert capsys.readouterr().err == "rolewise: two lines red\n"


def test_a_bug_is_one_line_and_a_traceback_on_demand(
    application: FakeApplication,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    application.fake.replies = {"what?": RuntimeError("nobody thought of it")}
    bug = "rolewise: this is a bug in Rolewise: RuntimeError: nobody thought of it"
    assert bot.cli.main(["ask", "what?"]) == bot.cli.EXIT_BUG
    assert capsys.readouterr().err == f"{bug} (--debug shows where)\n"
    assert bot.cli.main(["ask", "what?", "--debug"]) == bot.cli.EXIT_BUG
    assert capsys.readouterr().err.startswith(f"{bug}\nTraceback (most recent call last):\n")
    monkeypatch.setenv("ROLEWISE_DEBUG", "1")
    assert bot.cli.main(["ask", "what?"]) == bot.cli.EXIT_BUG
    assert "Traceback" in capsys.readouterr().err


def test_control_c_is_quiet(
    application: FakeApplication,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(application.fake, "prepare", interrupt)
    assert bot.cli.main(["ask", "what?"]) == bot.cli.EXIT_INTERRUPTED
    assert capsys.readouterr().err == ""
