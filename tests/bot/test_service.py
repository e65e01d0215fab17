import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

import bot.answers.service
from bot.answers.model import Model, calibration_path, load_model
from bot.answers.service import Service
from bot.settings import Settings
from index.encoding.encoder import Encoder
from index.snapshots.manifest import MANIFEST_NAME
from knowledge.errors import CalibrationError, DamagedSnapshotError, NoSnapshotError
from knowledge.settings import KnowledgeSettings
from tests.bot.builders import WordApplication
from tests.index.fakes import write_guides

WITHIN_SECONDS = 60.0


@pytest.fixture
def application(tmp_path: Path) -> Iterator[WordApplication]:
    guides = write_guides(tmp_path / "guides")
    made = WordApplication(
        Settings(
            home=tmp_path / "home", knowledge=KnowledgeSettings(paths=(guides,), target_tokens=16)
        )
    )
    yield made
    made.close()


class SlowEncoder:
    """Is loaded at once, unless it may not be."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.may_load, self.is_asked = threading.Event(), threading.Event()
        self.may_load.set()

    def load(self) -> Encoder:
        if not self.may_load.is_set():
            self.is_asked.set()
            assert self.may_load.wait(WITHIN_SECONDS)
        return self._encoder


@pytest.fixture
def slow_encoder(application: WordApplication) -> SlowEncoder:
    return SlowEncoder(application.load_encoder())


@pytest.fixture
def service(application: WordApplication, slow_encoder: SlowEncoder) -> Iterator[Service]:
    made = Service(application.home, slow_encoder.load)
    yield made
    made.close()


def name_in(service: Service) -> str:
    with service.use() as sources:
        return sources.snapshot.name


def is_open(service: Service, name: str) -> bool:
    """Tell whether a snapshot is open, without opening it."""
    return service._opened is not None and service._opened.sources.snapshot.name == name


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_next_question_takes_a_newcomer(application: WordApplication, service: Service) -> None:
    first = application.build().snapshot
    assert name_in(service) == first
    with service.use() as sources:
        second = application.build().snapshot
        assert name_in(service) == second
        assert sources.snapshot.name == first
        assert sources.snapshot.store.text_of("teacher.txt").startswith("Teacher")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        sources.snapshot.store._rows("SELECT 1")
    application.roll_back()
    assert name_in(service) == first


def test_a_watched_newcomer_is_opened_without_a_question(
    application: WordApplication, service: Service
) -> None:
    service.watch()
    service.watch()
    with pytest.raises(NoSnapshotError):
        name_in(service)
    for _ in range(2):
        name = application.build().snapshot
        wait_for(partial(is_open, service, name))


def test_no_question_waits_while_a_watched_newcomer_is_opened(
    application: WordApplication, service: Service, slow_encoder: SlowEncoder
) -> None:
    first = application.build().snapshot
    service.refresh()
    service.watch()
    slow_encoder.may_load.clear()
    second = application.build().snapshot
    assert slow_encoder.is_asked.wait(WITHIN_SECONDS)
    assert [name_in(service) for _ in range(3)] == [first] * 3
    slow_encoder.may_load.set()
    wait_for(lambda: name_in(service) == second)


def test_without_a_watch_only_one_question_opens_the_newcomer(
    application: WordApplication, service: Service, slow_encoder: SlowEncoder
) -> None:
    first = application.build().snapshot
    service.refresh()
    slow_encoder.may_load.clear()
    second = application.build().snapshot
    found: list[str] = []
    asking = threading.Thread(target=lambda: found.append(name_in(service)))
    asking.start()
    assert slow_encoder.is_asked.wait(WITHIN_SECONDS)
    assert name_in(service) == first
    slow_encoder.may_load.set()
    asking.join()
    assert found == [second]


@pytest.mark.parametrize("is_watched", [False, True], ids=["asked", "watched"])
def test_a_broken_newcomer_does_not_take_the_place_of_one_that_works(
    is_watched: bool,
    application: WordApplication,
    service: Service,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    first = application.build().snapshot
    service.refresh()
    if is_watched:
        service.watch()
    home = application.home
    broken = "29990101T000000.000000Z-0123abcd"
    (home.snapshots / broken).mkdir()
    (home.snapshots / broken / MANIFEST_NAME).write_text("{", encoding="utf-8")
    with home.locked():
        home.put_into_service(broken)
    if is_watched:
        wait_for(lambda: bool(caplog.records))
    assert [name_in(service) for _ in range(5)] == [first] * 5
    (record,) = caplog.records  # it isn't tried with every question
    assert f"{broken}/{MANIFEST_NAME} can't be read" in record.getMessage()
    second = application.build().snapshot
    wait_for(lambda: name_in(service) == second)
    (home.path / "current").unlink()
    assert name_in(service) == second


def test_who_asks_is_told_what_is_broken_each_time(
    application: WordApplication, service: Service
) -> None:
    name = application.build().snapshot
    manifest = application.home.folder_of(name) / MANIFEST_NAME
    whole = manifest.read_bytes()
    manifest.write_bytes(b"")
    for _ in range(2):
        with pytest.raises(DamagedSnapshotError):
            name_in(service)
    manifest.write_bytes(whole)
    assert name_in(service) == name


@pytest.mark.parametrize("is_watched", [False, True], ids=["asked", "watched"])
def test_other_thresholds_are_noticed(
    is_watched: bool,
    application: WordApplication,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    application.build()
    service.refresh()
    encoder: Encoder = application.load_encoder()
    made: list[str] = []
    load = load_model

    def load_noted(home: Path, fingerprint: str) -> Model:
        made.append(fingerprint)
        own = calibration_path(home, fingerprint)
        if own.exists() and own.read_bytes() == b"broken":
            raise CalibrationError("it is broken")
        return load(home.with_name("nowhere"), fingerprint)

    monkeypatch.setattr(bot.answers.service, "load_model", load_noted)
    if is_watched:
        service.watch()
    with service.use() as before:
        pass
    path = calibration_path(application.home.path, encoder.fingerprint)
    path.parent.mkdir()
    path.write_bytes(b"first")
    wait_for(lambda: name_in(service) != "" and len(made) == 1)
    wait_for(lambda: sources_of(service) is not before)
    now = sources_of(service)
    path.write_bytes(b"broken")
    os.utime(path, ns=(1, 1))
    wait_for(lambda: name_in(service) != "" and len(made) == 2)
    assert sources_of(service) is now


def sources_of(service: Service) -> object:
    with service.use() as sources:
        return sources


def test_a_closed_service_watches_no_more_and_opens_again(
    application: WordApplication, service: Service
) -> None:
    name = application.build().snapshot
    service.watch()
    service.refresh()
    service.close()
    service.close()
    assert not [one for one in threading.enumerate() if one.name == "watcher"]
    assert service._opened is None
    assert name_in(service) == name
