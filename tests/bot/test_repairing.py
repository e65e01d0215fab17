"""What the doctor finds is mended: the same damage as in tests/index, and more, to a whole home."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.doctor import examine
from bot.repairing import repair
from bot.settings import Settings
from index.snapshots.home import Home
from index.snapshots.manifest import MANIFEST_NAME
from knowledge.checks import Verdict
from knowledge.errors import KnowledgeError, RolewiseError, StorageError
from knowledge.settings import KnowledgeSettings
from tests.bot.builders import WordApplication
from tests.index.checking.damage import damage, restore
from tests.index.fakes import edit_manifest, write_guides
from tests.soak import SEED, rounds

QUESTION = "what do nurses do?"


@pytest.fixture
def guides(tmp_path: Path) -> Path:
    return write_guides(tmp_path / "guides")


@pytest.fixture
def application(guides: Path, tmp_path: Path) -> WordApplication:
    """An application that was built once, of guides that no setting names."""
    made = WordApplication(
        Settings(home=tmp_path / "home", knowledge=KnowledgeSettings(target_tokens=16))
    )
    made.build([guides])
    return made


def mend(application: WordApplication) -> list[str]:
    """Repair a home, and make sure that all is well then and that it answers."""
    steps = list(repair(application, examine(application, None), lambda *_: None))
    bad = [one for one in examine(application, None).checks if one.verdict is not Verdict.GOOD]
    # The fake encoder has no export, and a snapshot of an older format is none of damage.
    said = [check.finding for check in bad if check.name != "encoder"]
    assert [finding for finding in said if not finding.endswith("(it is not in service)")] == []
    fresh = WordApplication(application.settings)
    assert "Nurses care for patients." in str(fresh.assistant.reply(QUESTION))
    fresh.close()
    return steps


def is_well(application: WordApplication) -> bool:
    return all(one.verdict is not Verdict.BAD for one in examine(application, None).checks)


def folder_of(application: WordApplication) -> Path:
    return application.home.folder_of(application.home.current_name())


def test_what_is_well_stays_as_it_is(application: WordApplication) -> None:
    before = application.home.current_name()
    assert mend(application) == []
    assert application.home.current_name() == before


def test_without_a_home_nothing_is_made(tmp_path: Path) -> None:
    application = WordApplication(Settings(home=tmp_path / "none"))
    assert list(repair(application, examine(application, None), lambda *_: None)) == []
    assert not (tmp_path / "none").exists()


@pytest.mark.soak
def test_every_damage_is_found_and_mended(application: WordApplication, tmp_path: Path) -> None:
    home, original = application.home, tmp_path / "original"
    restore(original, home.path)
    guides = {path: path.read_bytes() for path in (tmp_path / "guides").rglob("*.*")}
    mended = 0
    for number in range(rounds(sample=15, full=1_000)):
        restore(home.path, original)
        how = damage(folder_of(application), number, SEED)
        if is_well(application):
            # Of the manifest alone, sealed as who wrote it would have: nothing tells it apart.
            assert "manifest" in how, (number, how)
            continue
        mend(application)
        mended += 1
        assert {path: path.read_bytes() for path in guides} == guides
    assert mended


def _spoil_pointer(content: bytes) -> Callable[[Home], None]:
    def spoil(home: Home) -> None:
        (home.path / "current").write_bytes(content)

    return spoil


def _make_folder(name: str) -> Callable[[Home], None]:
    def spoil(home: Home) -> None:
        (home.path / name).unlink(missing_ok=True)
        (home.path / name).mkdir()
        (home.path / name / "file").touch()

    return spoil


def _make_file(name: str) -> Callable[[Home], None]:
    def spoil(home: Home) -> None:
        shutil.rmtree(home.path / name, ignore_errors=True)
        (home.path / name).write_bytes(b"no folder")

    return spoil


def _lose_pointer(home: Home) -> None:
    (home.path / "current").unlink()


def _leave_something(home: Home) -> None:
    (home.snapshots / ".unfinished-20260102T030405Z-77").mkdir()
    (home.snapshots / "notes.txt").write_text("mine")
    (home.path / "current.new").write_text("half")


def _lose_manifest(home: Home) -> None:
    (home.folder_of(home.current_name()) / MANIFEST_NAME).unlink()


def _lose_format(home: Home) -> None:
    edit_manifest(
        home.folder_of(home.current_name()), lambda values: values.update(format_version=2)
    )


def _spoil_calibration(home: Home) -> None:
    (home.path / "calibrations").mkdir()
    (home.path / "calibrations" / f"{'0' * 64}.yaml").write_bytes(b"[" * 2_000)


SPOILS = [
    pytest.param(_spoil_pointer(b""), id="empty pointer"),
    pytest.param(_spoil_pointer(b"\xff\0" * 1_000), id="pointer of bytes"),
    pytest.param(_spoil_pointer(b"../../etc"), id="pointer outside"),
    pytest.param(_lose_pointer, id="no pointer"),
    pytest.param(_make_folder("current"), id="pointer a folder"),
    pytest.param(_make_folder("build.lock"), id="lock a folder"),
    pytest.param(_make_file("encoders"), id="encoders a file"),
    pytest.param(_leave_something, id="leftovers"),
    pytest.param(_lose_format, id="older format"),
    pytest.param(_lose_manifest, id="no manifest"),
    pytest.param(_spoil_calibration, id="calibration"),
]


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_spoilt_home_is_mended(
    spoil: Callable[[Home], None], application: WordApplication
) -> None:
    spoil(application.home)
    assert mend(application)


def test_a_pointer_that_is_lost_leads_to_the_newest_intact_snapshot(
    application: WordApplication, guides: Path
) -> None:
    middle = application.build([guides]).snapshot
    newest = application.build([guides]).snapshot
    (application.home.snapshots / newest / "passages.faiss").write_bytes(b"")
    (application.home.path / "current").unlink()
    steps = mend(application)
    assert application.home.current_name() == middle
    assert not (application.home.snapshots / newest).exists()
    assert f"Removed snapshots/{newest}, which was damaged." in steps


def test_a_damaged_older_snapshot_is_removed_and_the_one_in_service_stays(
    application: WordApplication, guides: Path
) -> None:
    older = folder_of(application)
    newest = application.build([guides]).snapshot
    (older / "sentences.npy").unlink()
    assert mend(application) == [f"Removed snapshots/{older.name}, which was damaged."]
    assert application.home.current_name() == newest
    assert not older.exists()


@pytest.mark.parametrize("spoil", [_lose_manifest, _lose_format], ids=["damaged", "stale"])
def test_where_the_guides_are_gone_the_newest_intact_snapshot_serves(
    spoil: Callable[[Home], None], application: WordApplication, guides: Path
) -> None:
    older = application.home.current_name()
    application.build([guides])
    spoil(application.home)
    shutil.rmtree(guides)
    steps = list(repair(application, examine(application, None), lambda *_: None))
    assert f"Put {older} into service, the newest that is intact." in steps
    assert application.home.current_name() == older
    assert "Nurses care for patients." in str(application.assistant.reply(QUESTION))


def test_where_nothing_tells_which_guides_they_were_nothing_is_built(
    application: WordApplication,
) -> None:
    _lose_manifest(application.home)
    (folder_of(application) / "built-from.json").write_bytes(b"[]")
    with pytest.raises(KnowledgeError, match="rolewise build PATH"):
        list(repair(application, examine(application, None), lambda *_: None))


def test_paths_of_a_manifest_that_was_changed_count_where_they_are_there(
    application: WordApplication, guides: Path
) -> None:
    path = folder_of(application) / MANIFEST_NAME
    values = json.loads(path.read_bytes())
    path.write_text(json.dumps(values | {"built_by": "somebody else"}))
    assert any(str(guides) in step for step in mend(application))


def test_the_settings_say_where_the_guides_are(application: WordApplication, guides: Path) -> None:
    _lose_manifest(application.home)
    (folder_of(application) / "built-from.json").unlink()
    knowledge = application.settings.knowledge.model_copy(update={"paths": (guides,)})
    settings = application.settings.model_copy(update={"knowledge": knowledge})
    mend(WordApplication(settings))


def test_a_home_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").write_bytes(b"")
    application = WordApplication(Settings(home=tmp_path / "home"))
    assert not is_well(application)
    with pytest.raises(RolewiseError, match="--home"):
        list(repair(application, examine(application, None), lambda *_: None))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_said_and_serves(application: WordApplication) -> None:
    folder_of(application).joinpath("sentences.npy").write_bytes(b"")
    application.home.path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="--home"):
            list(repair(application, examine(application, None), lambda *_: None))
    finally:
        application.home.path.chmod(0o700)
    mend(application)
