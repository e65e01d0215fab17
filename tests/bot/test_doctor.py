import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import bot.cli
import bot.terminal.checks
from bot.terminal.checks import checks_to_json, show_checks
from index.snapshots.home import Home
from knowledge.checks import Check, Verdict
from tests.bot.stage import find_seed_home
from tests.soak import IS_FULL

CHECKS = [
    Check(name="guides", verdict=Verdict.GOOD, finding="2 guides in /guides"),
    Check(name="home", verdict=Verdict.NOTE, finding="it is full\x1b[2J", fix="Free some space"),
    Check(
        name="files", verdict=Verdict.BAD, finding="a.npy is missing.", fix="Run: rolewise build"
    ),
]


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def home(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of the real encoder, its own to damage."""
    seeded = find_seed_home(tmp_path_factory)
    # Linked, since the weights are large: what is damaged is written anew.
    return Home(shutil.copytree(seeded, tmp_path / "home", copy_function=os.link))


@pytest.fixture(autouse=True)
def trials(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Try the confinement of conversion out in one test; it takes processes of its own."""
    if "sound" not in request.node.name:
        monkeypatch.setattr(bot.terminal.checks, "check_confinement", lambda limits: [])


def run(home: Home, *arguments: str) -> int:
    return bot.cli.main(["--home", str(home.path), "doctor", *arguments])


def read(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    """Return the checks that were printed as JSON, by their names."""
    values = json.loads(capsys.readouterr().out)
    assert values.keys() == {"is_healthy", "checks", "repairs"}
    return {check["name"]: check for check in values["checks"]}


def test_a_sound_home_is_well(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "--json") == 0
    checks = read(capsys)
    assert {check["verdict"] for check in checks.values()} <= {"good", "note"}
    assert checks["encoder"]["verdict"] == "good"
    assert "known texts" in checks["encoder"]["finding"]
    assert "conversion: memory" in checks
    assert run(home) == 0
    out = capsys.readouterr().out
    assert out.isascii()
    assert out.splitlines()[-1].startswith("All is well: ")


def test_without_an_index_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Home(tmp_path / "none"), "--json") == 0
    assert read(capsys)["pointer"]["verdict"] == "note"
    assert not (tmp_path / "none").exists()


def test_damage_is_thirteen(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home.folder_of(home.current_name())
    _rewrite(folder / "sentences.npy", b"")
    assert run(home, "--json") == bot.cli.EXIT_UNHEALTHY == 13
    check = read(capsys)[f"files of {folder.name}"]
    assert check["verdict"] == "bad"
    assert check["finding"].startswith("sentences.npy has 0 bytes, not ")
    assert "rolewise build" in check["fix"]


def test_repairing_says_what_it_did_and_checks_again(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(home, "--repair", "--json") == 0
    assert json.loads(capsys.readouterr().out)["repairs"] == []
    damaged = home.folder_of(home.current_name())
    _rewrite(damaged / "sentences.npy", b"")
    assert run(home, "--repair", "--json") == 0
    captured = capsys.readouterr()
    values = json.loads(captured.out)
    assert values["is_healthy"]
    assert values["repairs"][-1] == f"Removed snapshots/{damaged.name}, which was damaged."
    assert all(step in captured.err for step in values["repairs"])
    assert home.current_name() != damaged.name


def test_what_keeps_a_repair_from_being_made_is_said(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    _rewrite(home.folder_of(home.current_name()) / "sentences.npy", b"")
    with home.building():
        assert run(home, "--repair") == 13
    captured = capsys.readouterr()
    assert "Another process is building" in captured.err
    assert "sentences.npy has 0 bytes" in captured.out


@pytest.mark.soak
@pytest.mark.skipif(not IS_FULL, reason="exporting an encoder takes long")
def test_a_damaged_export_is_made_again(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (export,) = home.exports.iterdir()
    served = home.current_name()
    _flip(export / "encoder.weights")
    assert run(home, "--repair", "--json") == 0
    assert json.loads(capsys.readouterr().out)["repairs"] == [
        f"Removed encoders/{export.name}, which was damaged.",
        f"The encoder all-MiniLM-L6-v2 ({export.name[:8]}) is there again.",
    ]
    assert home.current_name() == served


def _rewrite(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def _cut(path: Path) -> None:
    _rewrite(path, path.read_bytes()[:-2])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    _rewrite(path, bytes(data))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("encoder.json", _flip),
        ("encoder.json", _cut),
        ("encoder.onnx", _cut),
        ("encoder.weights", _flip),
        ("tokenizer.json", Path.unlink),
    ],
)
def test_a_damaged_export_is_found(
    name: str, damage: Callable[[Path], object], home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    (export,) = home.exports.iterdir()
    damage(export / name)
    assert run(home, "--json") == 13
    check = read(capsys)[f"export {export.name[:8]}"]
    assert check["verdict"] == "bad"
    assert name in check["finding"]


def test_wrong_settings_are_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rolewise.yaml"
    file.write_text("index: {candidates: none}\n")
    assert bot.cli.main(["--config", str(file), "doctor", "--json"]) == 13
    checks = read(capsys)
    assert checks.keys() == {"settings"}
    assert "index.candidates" in checks["settings"]["finding"]
    file.write_text("home: here\nindex: {candidates: 60}\nanswers: {max_statements: 6}\n")
    assert bot.cli.main(["--config", str(file), "doctor", "--json"]) == 0
    finding = read(capsys)["settings"]["finding"]
    assert finding == f"{file}; other than the defaults: index.candidates: 60"


@pytest.mark.parametrize("guides", [{}, {"a.pages": b""}], ids=["none", "of no kind"])
def test_guides_that_are_not_there_are_bad(
    guides: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rolewise.yaml"
    file.write_text("home: here\nknowledge: {paths: [guides]}\n")
    (tmp_path / "guides").mkdir()
    for name, data in guides.items():
        (tmp_path / "guides" / name).write_bytes(data)
    assert bot.cli.main(["--config", str(file), "doctor", "--json"]) == 13
    assert read(capsys)["guides"]["verdict"] == "bad"


def test_another_model_than_the_indexes_is_bad(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rolewise.yaml"
    file.write_text(f"home: {home.path}\nindex: {{precision: int8}}\n")
    bot.cli.main(["--config", str(file), "doctor", "--json"])
    assert read(capsys)["encoder"]["verdict"] == "note"


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"bias: 1", b"[" * 100_000], ids=["empty", "bytes", "other", "deep"]
)
def test_a_damaged_calibration_is_found(
    content: bytes, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    (export,) = home.exports.iterdir()
    file = home.path / "calibrations" / f"{export.name}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    assert run(home, "--json") == 13
    assert read(capsys)[f"calibration {export.name[:8]}"]["verdict"] == "bad"


def test_a_line_for_each_check_with_marks_where_the_terminal_has_them() -> None:
    def show(encoding: str) -> list[str]:
        terminal = Terminal(io.BytesIO(), encoding=encoding, newline="\n")
        show_checks(CHECKS, terminal)
        terminal.seek(0)
        return terminal.read().splitlines()

    assert show("utf-8") == [
        "\x1b[32m✓\x1b[0m guides: 2 guides in /guides",
        "\x1b[33m!\x1b[0m home: it is full. Free some space.",
        "\x1b[31m✗\x1b[0m files: a.npy is missing. Run: rolewise build.",
        "1 of 3 checks found something bad.",
    ]
    assert show("ascii")[2].startswith("\x1b[31mBAD \x1b[0m files: ")
    stream = io.StringIO()
    show_checks(CHECKS, stream)
    assert stream.getvalue().splitlines()[0] == "ok   guides: 2 guides in /guides"


def test_the_json_is_what_the_documentation_says() -> None:
    assert checks_to_json(CHECKS[2:], ["Built it anew."]) == {
        "is_healthy": False,
        "checks": [
            {
                "name": "files",
                "verdict": "bad",
                "finding": "a.npy is missing.",
                "fix": "Run: rolewise build",
            }
        ],
        "repairs": ["Built it anew."],
    }
    assert checks_to_json(CHECKS[:2], None)["is_healthy"]
