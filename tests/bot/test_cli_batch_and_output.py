"""Batches, reports and what becomes of the output."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from jsonschema import Draft202012Validator

import bot.cli
from bot.answers.conversation import MAX_TURNS, Turn
from bot.answers.reply_json import load_schema
from bot.settings import Settings
from bot.terminal.notes import Notes, ProgressLines
from knowledge.errors import (
    QuestionError,
)
from tests.bot.fakes import FakeApplication, FakeAssistant
from tests.bot.test_cli import (
    REPOSITORY,
    FakeTerminal,
    application,  # noqa: F401 (a fixture)
    rolewise,
    type_in,  # noqa: F401 (a fixture)
)


def test_a_batch_keeps_order_and_ids(
    application: FakeApplication,
    type_in: Callable[[bytes], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    application.fake.replies = {"": QuestionError("The question is empty.")}
    type_in(
        b'{"id": {"n": [1]}, "question": "what?", "more": 1}\n'
        b"\n"
        b"{broken\n"
        b"[1]\n"
        b'{"id": 3}\n'
        b'{"id": 4, "question": 7}\n'
        b'{"id": 5, "question": ""}\n'
        b'{"id": 6, "question": "x", "history": [{"role": "bot", "text": "y"}]}\n'
        b'{"id": 7, "question": "x", "history": {}}\n'
        b'{"id": NaN, "question": "x"}\n'
        b'{"id": 1e999, "question": "x"}\n'
        b'{"id": "\xff", "question": "x"}\n' + b"[" * 100_000 + b"\n"
        b'\xef\xbb\xbf{"id": "\xc3\xa4\\ud800", "question": "x", "history": null}\r\n'
        b'{"question": "no id"}'
    )
    assert bot.cli.main(["ask", "--batch", "-"]) == 0
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    validator = Draft202012Validator(load_schema())
    for line in lines:
        validator.validate(line)
    assert [(line["id"], line.get("error", "")[:40]) for line in lines] == [
        ({"n": [1]}, ""),
        (None, "The line is not JSON: Expecting property"),
        (None, "The line holds a list instead of an obje"),
        (3, 'The line has no "question".'),
        (4, '"question" is a number instead of a text'),
        (5, "The question is empty."),
        (6, '"history" has at 0 something other than '),
        (7, '"history" is an object instead of a list'),
        (None, "The line is not JSON: NaN is no number o"),
        (None, "The line is not JSON: 1e999 is too large"),
        (None, "The line is not UTF-8."),
        (None, lines[11]["error"][:40]),
        ("ä\ud800", ""),
        (None, ""),
    ]
    assert lines[11]["error"].startswith("The line is not JSON: ")
    assert captured.err == ""


def test_a_batch_passes_the_end_of_a_history_on(
    application: FakeApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = [
        {"role": "assistant" if number % 2 else "user", "text": str(number)}
        for number in range(MAX_TURNS + 2)
    ]
    file = tmp_path / "batch.jsonl"
    file.write_text(json.dumps({"id": 1, "question": "and?", "history": history}))
    assert bot.cli.main(["ask", "--batch", str(file)]) == 0
    [(_, conversation)] = application.fake.asked
    assert len(conversation) == MAX_TURNS
    assert conversation[0] == Turn(role="user", text="2")
    assert conversation[-1] == Turn(role="assistant", text=str(MAX_TURNS + 1))


def test_a_bug_costs_a_batch_one_line(
    application: FakeApplication,
    type_in: Callable[[bytes], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    application.fake.replies = {"a": RuntimeError("oops")}
    type_in(b'{"id": 1, "question": "a"}\n{"id": 2, "question": "b"}\n')
    assert bot.cli.main(["ask", "--batch", "-"]) == bot.cli.EXIT_BUG
    captured = capsys.readouterr()
    first, second = map(json.loads, captured.out.splitlines())
    assert first == {"id": 1, "error": "This is a bug in Rolewise: RuntimeError('oops')."}
    assert second["outcome"] == "answer"
    assert "RuntimeError: oops" in captured.err


def test_a_batch_is_answered_line_by_line(
    application: FakeApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reply is out before the next line is read, so that a program may wait for it."""
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdout", output)

    def converse() -> Iterator[bytes]:
        for sent in range(2):
            assert output.getvalue().count("\n") == sent
            yield b'{"id": 1, "question": "what?"}\n'

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=converse()))
    assert bot.cli.main(["ask", "--batch", "-"]) == 0
    assert output.getvalue().count("\n") == 2


def test_a_build_reports_what_it_did(
    application: FakeApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bot.cli.main(["build", "a", "b"]) == 0
    captured = capsys.readouterr()
    assert application.builds == [(Path("a"), Path("b"))]
    assert "Documents:          1\n" in captured.out
    assert captured.err == (
        "The first build also makes the encoder ready, once: half a minute or so.\n"
        "Reading …\nEncoding …\n"
    )


def test_a_status_may_be_json(
    application: FakeApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bot.cli.main(["status"]) == 0
    assert "Passages:           3\n" in capsys.readouterr().out
    assert bot.cli.main(["status", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["roles_with_guide"] == ["Data Engineer"]
    assert values["encoder"]["model"] == "word-lengths"


def test_the_settings_printed_are_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.settings import load_settings

    assert bot.cli.main(["settings"]) == 0
    file = tmp_path / "rolewise.yaml"
    file.write_text(capsys.readouterr().out)
    assert load_settings(file) == Settings()


def test_progress_lines_are_few() -> None:
    said: list[str] = []
    times = iter([0.0, 1.0, 5.0, 6.0, 11.0, 12.0])
    progress = ProgressLines(said.append, lambda: next(times))
    for done in (0, 10, 500, 600, 1_000):
        progress("encoding", done, 1_000)
    progress("storing", 0, 1)
    assert said == ["Encoding …", "Encoding: 500 of 1,000", "Storing …"]


def test_progress_on_a_terminal_is_a_bar_that_goes_away() -> None:
    stream = FakeTerminal()
    with Notes(stream).building() as progress:
        progress("reading", 0, 1)
        progress("encoding", 1, 2)
        progress("encoding", 2, 2)
    assert "Encoding" in stream.getvalue()
    assert "2/2" in stream.getvalue()


def test_bytes_that_are_no_text_are_a_question_error() -> None:
    done = rolewise("ask", b"caf\xff?")
    assert done.returncode == 5
    assert done.stderr.startswith(b"rolewise: The question holds half of a character")
    assert done.stderr.count(b"\n") == 1


def test_a_narrow_encoding_loses_characters_but_not_the_program() -> None:
    done = rolewise("settings", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    done = rolewise("--home", "/näß\udcff", "status", PYTHONIOENCODING="ascii")
    assert done.returncode == 7
    assert done.stderr.count(b"\n") == 1


def test_a_closed_pipe_is_quiet() -> None:
    # More than a pipe holds, so that the writer meets the closed end.
    code = (
        "import sys; from bot import cli;"
        "cli._COMMANDS['settings'] = lambda *_: sys.stdout.write('x' * 1_000_000) and 0;"
        "sys.exit(cli.main(['settings']))"
    )
    script = f'"{sys.executable}" -c "{code}" | head -c 1; echo " ${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == b"x 141\n"
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_an_error(unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "settings"],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.returncode == 8
    assert done.stderr.startswith(b"rolewise: The output can't be written")


def test_the_bot_is_run_with_the_application(
    application: FakeApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bot.community.run

    seen: list[object] = []

    def run_bot(given: object) -> int:
        seen.append(given)
        return 10

    monkeypatch.setattr(bot.community.run, "run_bot", run_bot)
    assert bot.cli.main(["discord"]) == 10
    assert seen == [application]


def test_no_reply_is_asked_twice(application: FakeApplication) -> None:
    assert isinstance(application.fake, FakeAssistant)
    bot.cli.main(["ask", "what?"])
    assert len(application.fake.asked) == 1
