"""Questions are answered while others build, all from one snapshot; and one at a time builds."""

import contextlib
import gc
import os
import random
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answers.replies import AnyReply, statements_of
from bot.settings import Settings
from index.snapshots.snapshot import Snapshot
from knowledge.errors import BusyError
from tests.bot.builders import WordApplication
from tests.bot.victims import Outcome, Trouble, Victims
from tests.index.fakes import leftovers_of
from tests.soak import SEED, rounds

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform == "win32", reason="processes are forked and killed"),
]

NAMES = ("data-engineer.md", "nurse.md", "pilot.md", "teacher.md")
QUESTIONS = ("what does a data engineer need?", "what does a pilot do?", "what does a nurse need?")
ASKERS = 8


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    with Victims() as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings.model_validate(
        {
            "home": tmp_path / "home",
            "answers": {"answerable_refused": 0.0},
            "knowledge": {"paths": [tmp_path / "guides"], "target_tokens": 16},
        }
    )
    write(made, 0)
    return made


def write(settings: Settings, version: int) -> None:
    """Write all guides anew: each sentence of each says the version."""
    (guides,) = settings.knowledge.paths
    guides.mkdir(exist_ok=True)
    for name in NAMES:
        role = name.removesuffix(".md").replace("-", " ")
        text = f"# {role.title()}\n\nA {role} does work {version}.\n\n## Skills\n\n"
        text += f"A {role} needs:\n\n- calm {version};\n- maths {version}.\n"
        (guides / name).write_text(text, encoding="utf-8")


def versions_in(reply: AnyReply) -> set[int]:
    citations = [one for statement in statements_of(reply) for one in statement.citations]
    return {int(number) for one in citations for number in re.findall(r"\d+", one.quote)}


def build_elsewhere(
    settings: Settings, victims: Victims, trouble: Trouble, version: int
) -> tuple[Outcome, str]:
    write(settings, version)
    outcome = victims.act(settings.model_dump_json(), "build", trouble=trouble)
    return outcome, WordApplication(settings).home.current_name()


@pytest.mark.parametrize("is_watched", [True, False], ids=["watched", "asked"])
def test_every_reply_is_wholly_from_one_snapshot(
    is_watched: bool, settings: Settings, victims: Victims
) -> None:
    made_up = random.Random(f"{SEED} {is_watched}")
    first, name = build_elsewhere(settings, victims, Trouble(), 0)
    versions = {name: 0}
    application = WordApplication(settings)
    application.assistant.prepare()
    if is_watched:
        application.assistant.watch()
    is_over = threading.Event()
    replies: list[tuple[str, set[int]]] = []
    failures: list[BaseException] = []

    def ask() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            try:
                reply = application.assistant.reply(QUESTIONS[number % len(QUESTIONS)])
                replies.append((reply.snapshot, versions_in(reply)))
            except BaseException as error:
                failures.append(error)
                return

    askers = [threading.Thread(target=ask) for _ in range(ASKERS)]
    for asker in askers:
        asker.start()
    killed = 0
    for version in range(1, rounds(sample=6, full=100) + 1):
        trouble = Trouble()
        if version % 4 == 3:
            trouble = Trouble(killed_at_step=made_up.randint(1, first.steps))
        outcome, name = build_elsewhere(settings, victims, trouble, version)
        assert outcome.was_killed or outcome.code == 0, outcome.error
        killed += outcome.was_killed
        versions.setdefault(name, version)
    is_over.set()
    for asker in askers:
        asker.join()
    assert failures == []
    assert killed >= 1
    assert all(found == {versions[snapshot]} for snapshot, found in replies)
    assert len(replies) > len(versions)
    application.assistant.prepare()
    assert application.assistant.reply(QUESTIONS[0]).snapshot == name
    application.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are read from /proc")
def test_nothing_stays_open_of_snapshots_before(settings: Settings, victims: Victims) -> None:
    """Without the collector of garbage, too: what is gone is closed at once."""
    application = WordApplication(settings)
    application.build()
    application.assistant.reply(QUESTIONS[0])
    gc.collect()
    gc.disable()
    try:
        before = _open_files(settings.home)
        assert before
        for version in range(1, rounds(sample=4, full=40) + 1):
            build_elsewhere(settings, victims, Trouble(), version)
            application.assistant.reply(QUESTIONS[0])
            assert len(_open_files(settings.home)) == len(before)
    finally:
        gc.enable()
    application.close()
    assert _open_files(settings.home) == []


def _open_files(home: Path) -> list[str]:
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(os.readlink(descriptor))  # noqa: PTH115
    return [path for path in found if path.startswith(str(home))]


@pytest.mark.parametrize("count", [2, 10])
def test_of_many_builders_one_builds_and_the_others_say_so(
    count: int, settings: Settings, victims: Victims, tmp_path: Path
) -> None:
    application = WordApplication(settings)
    for number in range(rounds(sample=1, full=20)):
        before = application.home.snapshot_names()
        outcomes = victims.build_at_once(
            settings.model_dump_json(), count, tmp_path / f"go {number}"
        )
        assert [outcome.code for outcome in outcomes] == [BusyError.exit_code] * (count - 1) + [0]
        for outcome in outcomes[:-1]:
            assert re.search(r"Another process is building in .* Wait until", outcome.error)
        after = application.home.snapshot_names()
        assert len(set(after) - set(before)) == 1
        assert leftovers_of(application.home) == []
        with contextlib.closing(Snapshot.open_current(application.home)) as snapshot:
            assert snapshot.name == after[-1]
