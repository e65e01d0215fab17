import io
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.application import Application
from bot.settings import Settings
from bot.terminal.notes import Notes
from bot.terminal.watching import watch_guides
from knowledge.settings import KnowledgeSettings
from tests.bot.builders import WordApplication

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Lines(io.StringIO):
    """Hands each line over as soon as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self._queue: queue.Queue[str] = queue.Queue()

    def write(self, text: str) -> int:
        self._queue.put(text.rstrip("\n"))
        return len(text)

    def next(self) -> str:
        return self._queue.get(timeout=PATIENCE)

    def is_empty(self) -> bool:
        return self._queue.empty()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / "nurse.md").write_text("# Nurse\n\nA nurse cares.\n")
    return tmp_path / "guides"


@pytest.fixture
def application(folder: Path) -> Application:
    settings = Settings(home=folder / "home", knowledge=KnowledgeSettings(paths=(folder,)))
    return WordApplication(settings)


@pytest.fixture
def lines(application: Application) -> Iterator[Lines]:
    """What is told while the guides are watched."""
    lines = Lines()
    stop = threading.Event()
    watching = threading.Thread(
        target=watch_guides, args=[application, Notes(lines)], kwargs={"stop": stop}
    )
    watching.start()
    assert re.fullmatch(r"Watching .*; Ctrl-C ends it\.\n?", lines.next())
    yield lines
    stop.set()
    watching.join(PATIENCE)
    assert not watching.is_alive()


def test_each_change_is_built_and_told_in_one_line(
    application: Application, folder: Path, lines: Lines
) -> None:
    first = lines.next()
    name = application.home.current_name()
    assert re.fullmatch(
        rf"\d\d:\d\d:\d\d {re.escape(name)}: 1 document, 1 of them new or changed, 1 passage,"
        r" in \d+\.\d s",
        first,
    )
    (folder / "baker.md").write_text("# Baker\n\nA baker bakes.\n")
    assert ": 2 documents, 1 of them new or changed, 2 passages, in" in lines.next()
    (folder / "nurse.md").unlink()
    assert ": 1 document, 0 of them new or changed, 1 passage, in" in lines.next()
    # What the builds wrote into the home, which lies among the guides, is no change of guides.
    (folder / "empty.md").write_text("")
    assert ": 1 document, 0 of them new or changed, 1 passage, 1 file skipped" in lines.next()
    assert lines.next().strip().endswith("empty.md: it is empty")
    (folder / "cook.md").write_text("# Cook\n\nA cook cooks.\n")
    # What was named is not named again.
    while ": 2 documents" not in (told := lines.next()):
        assert "it is empty" not in told
    assert "2 passages, 1 file skipped" in told
    assert lines.is_empty()


def test_an_error_is_told_and_the_next_change_is_built(folder: Path, lines: Lines) -> None:
    assert ": 1 document" in lines.next()
    (folder / "rolewise.yaml").write_text("exclud: []\n")
    assert "there is nothing called exclud in a side-car" in lines.next()
    (folder / "rolewise.yaml").unlink()
    assert ": 1 document, 0 of them new" in lines.next()


def test_where_another_builds_it_is_tried_again(
    application: Application, folder: Path, lines: Lines
) -> None:
    assert ": 1 document" in lines.next()
    with application.home.locked():
        (folder / "baker.md").write_text("# Baker\n\nA baker bakes.\n")
        assert "Another process is building" in lines.next()
    told = lines.next()
    while "Another process is building" in told:
        told = lines.next()
    assert ": 2 documents, 1 of them new or changed" in told


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupt_ends_it_cleanly(folder: Path) -> None:
    code = (
        "import bot.cli, tests.bot.builders as builders\n"
        "bot.application.Application = builders.WordApplication\n"
        "raise SystemExit(bot.cli.main())\n"
    )
    # What was started in the background of a shell ignores interrupts.
    heeding = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code = f"{heeding}import bot.application\n{code}"
    command = ["--home", str(folder.parent / "home"), "build", str(folder), "--watch"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *command],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("Watching ")
    assert ": 1 document" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=PATIENCE)
    assert (process.returncode, rest) == (0, "")
