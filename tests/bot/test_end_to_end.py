"""The whole program on real files: the real encoder, FAISS and SQLite behind the command line."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from jsonschema import Draft202012Validator

import bot.application
from bot.answers.reply_json import load_schema
from bot.application import seed_folder
from bot.cli import main
from index.encoding.encoder import Encoder
from index.encoding.loading import load_encoder
from index.settings import IndexSettings
from index.snapshots.home import Home
from tests.index.fakes import edit_manifest

_QUALITY = Path(__file__).parent.parent / "quality"
_QUESTIONS = 1_000

Rolewise = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("built") / "home"
    assert main(["--home", str(home), "build", str(seed_folder())]) == 0
    return home


@pytest.fixture(scope="module")
def encoder(built_home: Path) -> Encoder:
    return load_encoder(Home(built_home), IndexSettings())


@pytest.fixture
def home(built_home: Path, tmp_path: Path) -> Path:
    """A copy of a home with the seed guide's index, to be damaged at will."""
    return Path(shutil.copytree(built_home, tmp_path / "home"))


@pytest.fixture
def rolewise(
    home: Path,
    encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Rolewise:
    """Run a command in this process, with an encoder that is loaded once for all."""
    monkeypatch.setattr(
        bot.application, "load_encoder", lambda home, settings, fingerprint: encoder
    )
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        exit_code = main(["--home", str(home), *arguments])
        printed = capsys.readouterr()
        return exit_code, printed.out, printed.err

    return run


def _one_line(error: str) -> str:
    (line,) = error.strip().splitlines()
    assert line.startswith("rolewise: ")
    assert "Traceback" not in line
    return line


def _snapshot(home: Path) -> Path:
    return home / "snapshots" / (home / "current").read_text().strip()


def _answers(rolewise: Rolewise) -> bool:
    exit_code, out, _ = rolewise("ask", "what skills does it demand?")
    return exit_code == 0 and "strong technical skills" in out


def test_a_thousand_questions_in_one_batch_are_each_answered_in_the_documented_shape(
    rolewise: Rolewise, tmp_path: Path
) -> None:
    labels = [
        label
        for name in ("development", "test", "seed")
        for label in yaml.safe_load((_QUALITY / f"{name}.yaml").read_text(encoding="utf-8"))
    ]
    lines = [
        {"id": number, "question": label["question"], "history": label.get("history", [])}
        for number, label in zip(range(_QUESTIONS), labels * 3, strict=False)
    ]
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    exit_code, out, _ = rolewise("ask", "--batch", str(batch))
    replies = [json.loads(line) for line in out.splitlines()]
    validator = Draft202012Validator(load_schema())
    guide = next(seed_folder().glob("*.txt")).read_text(encoding="utf-8")
    assert exit_code == 0
    assert [reply["id"] for reply in replies] == list(range(_QUESTIONS))
    for reply in replies:
        validator.validate(reply)
        for citation in reply.get("citations", ()):
            assert guide[citation["start"] : citation["end"]] == citation["quote"]


def test_an_earlier_index_is_put_into_service_again(
    rolewise: Rolewise, home: Path, tmp_path: Path
) -> None:
    first = _snapshot(home).name
    (tmp_path / "nurse.md").write_text("# Nurse\n\nNurses care for patients.\n", encoding="utf-8")
    assert rolewise("build", str(tmp_path / "nurse.md"))[0] == 0
    second = _snapshot(home).name
    assert not _answers(rolewise)
    exit_code, out, _ = rolewise("rollback")
    assert exit_code == 0
    shown = out.splitlines()
    assert shown[0].startswith(f"Snapshots: {second}: 1 document, 1 passage, ")
    assert shown[1].split(maxsplit=3)[:3] == [first, "(in", "service):"]
    assert _answers(rolewise)
    listed = json.loads(rolewise("status", "--json")[1])["snapshots"]
    assert [(one["name"], one["in_service"]) for one in listed] == [(first, True), (second, False)]
    assert rolewise("rollback", second)[0] == 0
    (_snapshot(home) / "manifest.json").write_text("", encoding="utf-8")
    exit_code, out, error = rolewise("status")
    assert exit_code == 7
    assert "manifest.json can't be read" in _one_line(error)
    assert f"{second} (in service): can't be used." in out
    assert rolewise("rollback", first)[0] == 0
    assert _answers(rolewise)
    exit_code, out, error = rolewise("rollback", "1")
    assert (exit_code, out) == (7, "")
    assert "There is no snapshot '1'" in _one_line(error)


def test_the_shape_of_one_reply_is_the_documented_one(rolewise: Rolewise) -> None:
    exit_code, out, _ = rolewise("ask", "--json", "how is this different from a data engineer?")
    reply = json.loads(out)
    Draft202012Validator(load_schema()).validate(reply)
    assert exit_code == 0
    assert reply["outcome"] == "comparison"
    assert {statement["role"] for statement in reply["statements"]} == {
        "Software Engineer (Data Science)",
        "Data Engineer",
    }
    assert all(statement["citations"] for statement in reply["statements"])


def test_no_such_folder_is_named(rolewise: Rolewise, tmp_path: Path) -> None:
    exit_code, _, error = rolewise("build", str(tmp_path / "nowhere"))
    assert exit_code == 4
    assert "nowhere" in _one_line(error.splitlines()[-1])
    assert _answers(rolewise)


def test_an_empty_folder_says_what_to_put_there(rolewise: Rolewise, tmp_path: Path) -> None:
    (tmp_path / "guides").mkdir()
    exit_code, _, error = rolewise("build", str(tmp_path / "guides"))
    assert exit_code == 4
    assert ".md or .txt" in error
    assert _answers(rolewise)


def test_files_that_cannot_be_read_are_named_and_the_rest_is_built(
    rolewise: Rolewise, tmp_path: Path
) -> None:
    guides = tmp_path / "guides"
    guides.mkdir()
    (guides / "good.md").write_text("# Baker\n\nA baker bakes bread before dawn.\n")
    (guides / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    (guides / "empty.txt").write_bytes(b"")
    (guides / "sheet.xlsx").write_bytes(b"PK")
    exit_code, out, error = rolewise("build", str(guides))
    assert exit_code == 0
    for name in ("picture.md", "empty.txt", "sheet.xlsx"):
        assert name in out + error
    exit_code, out, _ = rolewise("ask", "what does a baker do?")
    assert exit_code == 0
    assert "before dawn" in out


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("answers:\n  max_statement: 3\n", "max_statement"),
        ("answers:\n  max_statements: many\n", "answers.max_statements"),
        ("home: a\nhome: b\n", "line 2"),
        ("answers: [\n", "line 2"),
        ("- one\n- two\n", "settings"),
    ],
    ids=["unknown key", "wrong type", "duplicate key", "broken YAML", "not settings"],
)
def test_a_wrong_settings_file_is_refused_with_its_place(
    rolewise: Rolewise, tmp_path: Path, settings: str, expected: str
) -> None:
    path = tmp_path / "rolewise.yaml"
    path.write_text(settings, encoding="utf-8")
    exit_code, out, error = rolewise("--config", str(path), "ask", "what is it?")
    assert exit_code == 3
    assert out == ""
    assert expected in _one_line(error)


@pytest.mark.parametrize(
    "question",
    ["", "   ", "x" * 100_000, "😀 🎉", "\x00\x07\x1b", "the of and", "what \ud800 is it"],
    ids=["empty", "blank", "100,000 characters", "emoji", "controls", "stop words", "surrogate"],
)
def test_a_question_that_holds_nothing_gets_one_clear_line(
    rolewise: Rolewise, question: str
) -> None:
    exit_code, out, error = rolewise("ask", question)
    assert exit_code == 5
    assert out == ""
    assert "uestion" in _one_line(error)
    assert len(error) < 300


@pytest.mark.parametrize("token", [None, "", "not-a-token"], ids=["missing", "empty", "wrong"])
def test_a_missing_or_wrong_token_is_said_without_being_shown(
    rolewise: Rolewise, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    if token is not None:
        monkeypatch.setenv("DISCORD_TOKEN", token)
    exit_code, _, error = rolewise("discord")
    assert exit_code == 10
    assert "DISCORD_TOKEN" in error
    assert "not-a-token" not in error


def test_an_index_of_another_model_is_refused_and_a_rebuild_mends_it(
    rolewise: Rolewise, home: Path
) -> None:
    other = {"fingerprint": "0" * 64, "model": "another-model"}
    edit_manifest(_snapshot(home), lambda values: values["encoder"].update(other))
    exit_code, _, error = rolewise("ask", "what is it?")
    assert exit_code == 7
    assert "another-model" in _one_line(error)
    assert "rolewise build" in error
    assert rolewise("build")[0] == 0
    assert _answers(rolewise)


def test_an_index_of_another_format_is_refused_and_a_rebuild_mends_it(
    rolewise: Rolewise, home: Path
) -> None:
    edit_manifest(_snapshot(home), lambda values: values.update(format_version=99))
    exit_code, _, error = rolewise("ask", "what is it?")
    assert exit_code == 7
    assert "format 99" in _one_line(error)
    assert rolewise("build", str(seed_folder()))[0] == 0
    assert _answers(rolewise)


@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_every_damaged_file_of_an_index_is_named_and_a_rebuild_mends_it(
    rolewise: Rolewise, home: Path, built_home: Path, damage: str
) -> None:
    names = [path.relative_to(_snapshot(home)) for path in _snapshot(home).rglob("*.*")]
    assert len(names) >= 8
    for name in names:
        shutil.rmtree(home)
        shutil.copytree(built_home, home)
        path = _snapshot(home) / name
        if damage == "missing":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        exit_code, _, error = rolewise("ask", "what is it?")
        assert exit_code == 7, name
        assert "rolewise build" in _one_line(error)
    assert rolewise("build", str(seed_folder()))[0] == 0
    assert _answers(rolewise)


def test_a_full_disk_is_said_and_the_index_in_service_stays(
    home: Path, rolewise: Rolewise, tmp_path: Path
) -> None:
    """Stand in for a full disk with a limit on the size of files, in a process of its own."""
    before = (home / "current").read_text()
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--home", str(home), "build", str(_QUALITY / "guides")],
        preexec_fn=_limit_file_size,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=Path(__file__).parent.parent.parent,
    )
    assert done.returncode == 8, done.stderr
    assert "space" in done.stderr.splitlines()[-1]
    assert (home / "current").read_text() == before
    assert not list((home / "snapshots").glob(".unfinished*"))
    assert _answers(rolewise)


def _limit_file_size() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_the_index_is_readable_with_plain_faiss(home: Path) -> None:
    import faiss

    index = faiss.read_index(str(_snapshot(home) / "passages.faiss"))
    assert index.ntotal == 2
    vectors = index.reconstruct_n(0, 2)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
