import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.application import Application
from bot.library.rebuilding import rebuild_in_process
from bot.settings import Settings
from index.build import BuildReport
from index.snapshots.snapshot import Snapshot
from knowledge.errors import (
    BuildStoppedError,
    BusyError,
    KnowledgeError,
    NoSnapshotError,
    StorageError,
)
from knowledge.settings import KnowledgeSettings
from tests.bot.builders import TroubledApplication, WordApplication
from tests.index.fakes import GUIDES, leftovers_of, write_guides

ROOT = Path(__file__).parents[3]
Stage = tuple[str, int, int]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    guides = write_guides(tmp_path / "gu ides ü")
    (guides / "binary.md").write_bytes(b"\0\1\2")
    return Settings(
        home=tmp_path / "home", knowledge=KnowledgeSettings(paths=(guides,), target_tokens=16)
    )


@pytest.fixture
def application(settings: Settings) -> Application:
    return WordApplication(settings)


@pytest.fixture
def troubled(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Application:
    WordApplication(settings).build()
    monkeypatch.setenv("TROUBLE", "hang")
    return TroubledApplication(settings)


def test_what_is_built_elsewhere_is_what_is_built_here(
    application: Application, tmp_path: Path
) -> None:
    stages: list[Stage] = []
    report = rebuild_in_process(application, progress=lambda *stage: stages.append(stage))
    assert application.home.current_name() == report.snapshot
    here = WordApplication(application.settings.model_copy(update={"home": tmp_path / "other"}))
    expected = here.build()
    assert isinstance(report, BuildReport)
    for field in ("documents", "passages", "sentences", "roles", "skipped"):
        assert getattr(report, field) == getattr(expected, field)
    assert len(report.skipped) == 1
    assert {"reading", "indexing", "storing"} <= {stage for stage, _, _ in stages}
    assert ("storing", 1, 1) in stages
    again = application.rebuild()
    assert again.documents_copied == report.documents
    assert application.rebuild(is_full=True).documents_copied == 0
    assert application.rebuild([tmp_path / "gu ides ü" / "teacher.txt"]).documents == 1


def test_it_runs_at_low_priority_and_from_where_we_run(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder called bot in the working folder is not taken for ours."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.setattr(sys, "path", [str(ROOT), *(one for one in sys.path if one)])
    monkeypatch.chdir(tmp_path)
    assert application.rebuild().documents == len(GUIDES)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="priorities are read from /proc")
def test_its_priority_is_low(troubled: Application) -> None:
    found: list[int] = []

    def look(stage: str, done: int, total: int) -> None:
        if stage == "loading the encoder":
            found.extend(os.getpriority(os.PRIO_PROCESS, process) for process in _children())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        troubled.rebuild(progress=look)
    assert found == [min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)]
    assert _children() == []


def _children() -> list[int]:
    return [
        int(one)
        for task in Path("/proc/self/task").iterdir()
        for one in (task / "children").read_text(encoding="ascii").split()
        if b"bot.library.rebuilding" in Path(f"/proc/{one}/cmdline").read_bytes()
    ]


def test_errors_come_back_as_they_were_raised(application: Application, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="nowhere") as caught:
        application.rebuild([tmp_path / "nowhere"])
    with pytest.raises(KnowledgeError) as expected:
        application.build([tmp_path / "nowhere"])
    assert str(caught.value) == str(expected.value)
    application.build()
    with application.home.building(), pytest.raises(BusyError, match=rf"process {os.getpid()},"):
        application.rebuild()
    application.home.path.rename(tmp_path / "moved")
    application.home.path.write_text("a file in its place", encoding="utf-8")
    with pytest.raises(StorageError, match="can't be written"):
        application.rebuild()
    with pytest.raises(NoSnapshotError):
        application.home.current_name()


@pytest.mark.parametrize(
    ("trouble", "error", "message"),
    [
        ("kill", BuildStoppedError, rf"ended from outside \(exit code -{int(signal.SIGKILL)}\)"),
        ("bug", RuntimeError, "ZeroDivisionError: nobody foresaw it"),
        ("exit", RuntimeError, "SystemExit: that's it"),
    ],
    ids=["killed", "bug", "exit"],
)
def test_a_process_that_fails_is_told(
    trouble: str,
    error: type[Exception],
    message: str,
    troubled: Application,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    before = troubled.home.current_name()
    monkeypatch.setenv("TROUBLE", trouble)
    with pytest.raises(error, match=message):
        troubled.rebuild()
    assert troubled.home.current_name() == before
    report = WordApplication(settings).build()
    assert report.documents_copied == len(GUIDES)
    assert leftovers_of(troubled.home) == []


class _EnoughError(Exception):
    pass


def test_a_build_is_stopped_from_its_progress_also_while_nothing_moves(
    troubled: Application,
) -> None:
    before = troubled.home.current_name()
    seen: list[Stage] = []

    def stop(stage: str, done: int, total: int) -> None:
        seen.append((stage, done, total))
        if seen.count(seen[-1]) == 3 and seen[-1][0] == "loading the encoder":
            raise _EnoughError

    with pytest.raises(_EnoughError):
        troubled.rebuild(progress=stop)
    assert troubled.home.current_name() == before
    with troubled.home.building():
        pass  # nobody holds the lock any more


def test_threads_ask_for_rebuilds_and_one_builds(application: Application) -> None:
    application.build()
    results: list[object] = []

    def rebuild() -> None:
        try:
            results.append(application.rebuild())
        except BusyError as error:
            results.append(error)

    threads = [threading.Thread(target=rebuild) for _ in range(3)]
    with application.home.building():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [type(one) for one in results] == [BusyError] * 3
    rebuild()
    assert isinstance(results[-1], BuildReport)
    with closing(Snapshot.open_current(application.home)) as snapshot:
        assert snapshot.name == results[-1].snapshot


_ASKING = """
import sys
from pathlib import Path
from bot.settings import Settings
from tests.bot.builders import TroubledApplication
application = TroubledApplication(Settings.model_validate_json(sys.argv[1]))
application.rebuild(progress=lambda *stage: print(*stage, flush=True))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="killed by a signal")
def test_a_build_ends_with_the_one_who_asked_for_it(troubled: Application) -> None:
    arguments = [sys.executable, "-c", _ASKING, troubled.settings.model_dump_json()]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("loading the encoder"):
                break
        with pytest.raises(BusyError), troubled.home.building():
            pytest.fail("nobody builds")
        process.kill()
    until = time.monotonic() + 60
    while True:
        try:
            with troubled.home.building():
                break
        except BusyError:
            assert time.monotonic() < until, "the build goes on without who asked for it"
            time.sleep(0.1)
    assert leftovers_of(troubled.home) == []
