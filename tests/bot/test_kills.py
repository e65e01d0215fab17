"""Whatever happens to an act on the way, the next start serves what was before or what came."""

import contextlib
import errno
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.answers.reply_json import to_json
from bot.settings import AnswerSettings, Settings
from index.snapshots.snapshot import Snapshot
from knowledge.settings import KnowledgeSettings
from tests.bot.builders import WordApplication
from tests.bot.victims import Outcome, Trouble, Victims
from tests.index.fakes import leftovers_of
from tests.soak import SEED, rounds

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform == "win32", reason="killed by signals"),
]

QUESTIONS = (
    "what does a data engineer need?",
    "what does a pilot do?",
    "how long do nurses study?",
)
KEPT = 3
State = dict[str, str]


def guide(name: str, version: int) -> str:
    """Return a guide that says throughout which version of it this is."""
    title = name.removesuffix(".md").replace("-", " ").title()
    return (
        f"# {title}\n\nA {title.lower()} does the work of version {version}.\n\n## Skills\n\n"
        f"A {title.lower()} needs:\n\n- calm in version {version};\n- maths in version {version}.\n"
        f"\n## Training\n\nThey study for {version} years in version {version}.\n"
    )


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    with Victims() as made:
        yield made


@pytest.fixture(scope="module")
def _reference_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("references")


@dataclass(slots=True, kw_only=True)
class World:
    """A home and a folder of guides, to which things happen."""

    settings: Settings
    references: Path
    random: random.Random
    versions: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def guides(self) -> Path:
        return self.settings.knowledge.paths[0]

    def application(self) -> WordApplication:
        return WordApplication(self.settings)

    def write(self, name: str) -> None:
        self.versions += 1
        (self.guides / name).write_text(guide(name, self.versions), encoding="utf-8")

    def state(self) -> State:
        return {
            path.name: path.read_text(encoding="utf-8") for path in sorted(self.guides.glob("*.md"))
        }

    def change_guides(self) -> None:
        """Change a guide, add one, or remove one."""
        names = sorted(self.state())
        if len(names) > 3 and self.random.random() < 0.3:
            (self.guides / self.random.choice(names[1:])).unlink()
        elif self.random.random() < 0.5:
            self.write(self.random.choice(names))
        else:
            self.write(f"role-{self.random.randrange(20)}.md")

    def in_service(self) -> tuple[str, State]:
        """Start anew, and return what is in service once its replies were found to be right."""
        application = self.application()
        with contextlib.closing(application):
            application.assistant.prepare()
            replies = [to_json(application.assistant.reply(text)) for text in QUESTIONS]
        with contextlib.closing(Snapshot.open_current(application.home)) as snapshot:
            state = {id_: snapshot.store.text_of(id_) for id_ in snapshot.store.document_ids()}
        expected = expected_replies(self.references, json.dumps(state))
        assert [strip(reply) for reply in replies] == expected
        assert {reply["snapshot"] for reply in replies} == {snapshot.name}
        assert any(reply["citations"] for reply in replies)
        return snapshot.name, state

    def build_next(self) -> None:
        """Build as the next one does, and see that nothing is left of those before."""
        application = self.application()
        report = application.build()
        home = application.home
        assert self.in_service() == (report.snapshot, self.state())
        assert leftovers_of(home) == []
        assert len(home.snapshot_names()) <= KEPT
        assert {path.name for path in home.snapshots.iterdir()} == set(home.snapshot_names())
        assert all(listing.problem is None for listing in application.snapshots())
        self.add_an_hour_later()
        assert {path.suffix for path in self.guides.iterdir()} == {".md"}

    def add_an_hour_later(self) -> None:
        """Add a guide as it is; what was left by one killed while adding must go then."""
        left = list(self.guides.glob(".unfinished-*"))
        for path in left:
            os.utime(path, (0, 0))
        if left:
            name, text = next(iter(self.state().items()))
            self.application().add_document(name, text.encode(), replace=True)

    def note(self, kind: str) -> None:
        self.seen[kind] = self.seen.get(kind, 0) + 1


def strip(reply: dict[str, Any]) -> dict[str, Any]:
    """Return what a reply says, whichever snapshot of the same guides says it."""
    return {key: value for key, value in reply.items() if key not in {"snapshot", "timings_ms"}}


@cache
def expected_replies(folder: Path, state: str) -> list[dict[str, Any]]:
    """Return the replies from an index of the guides that was built at once."""
    place = folder / str(len(list(folder.iterdir())))
    (place / "guides").mkdir(parents=True)
    for name, text in json.loads(state).items():
        (place / "guides" / name).write_text(text, encoding="utf-8")
    application = WordApplication(
        Settings(
            home=place / "home",
            knowledge=KnowledgeSettings(paths=(place / "guides",), target_tokens=16),
            answers=AnswerSettings(answerable_refused=0.0),
        )
    )
    with contextlib.closing(application):
        application.build()
        return [strip(to_json(application.assistant.reply(text))) for text in QUESTIONS]


@pytest.fixture
def world(
    tmp_path: Path,
    _reference_folder: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> Iterator[World]:
    (tmp_path / "guides").mkdir()
    made = World(
        settings=Settings.model_validate(
            {
                "answers": {"answerable_refused": 0.0},
                "home": tmp_path / "home",
                "knowledge": {"paths": [tmp_path / "guides"], "target_tokens": 16},
                "index": {"kept_snapshots": KEPT},
            }
        ),
        references=_reference_folder,
        random=random.Random(f"{SEED} {request.node.name}"),
    )
    for name in ("data-engineer.md", "nurse.md", "pilot.md"):
        made.write(name)
    made.build_next()
    yield made
    record_property("ended", made.seen)  # --junit-xml has it


def suffer(world: World, victims: Victims, trouble: Trouble, act: str = "build") -> Outcome:
    """Let an act suffer, and see that what was before or what came is in service, whole."""
    settings = world.settings.model_dump_json()
    if act == "remove_document" and len(world.state()) < 3:
        world.write("role-1.md")
        world.write("role-2.md")
        world.build_next()
    before_name, before = world.in_service()
    on_disk = world.state()
    arguments: tuple[str, ...] = ()
    if act == "build":
        world.change_guides()
    elif act == "add_document":
        world.versions += 1
        name = world.random.choice(sorted(on_disk))
        arguments = (name, guide(name, world.versions))
    elif act == "remove_document":
        arguments = (world.random.choice(sorted(on_disk)[1:]),)
    outcome = victims.act(settings, act, *arguments, trouble=trouble)
    assert outcome.was_killed or outcome.code != 1, outcome.error
    name, now = world.in_service()
    on_disk_now = world.state()
    done = outcome.code == 0
    match act:
        case "build":
            assert now in ([on_disk_now] if done else [before, on_disk_now])
        case "roll_back":
            assert (name != before_name) if done else True
        case "add_document":
            changed = on_disk | {arguments[0]: arguments[1]}
            assert on_disk_now in ([changed] if done else [on_disk, changed])
        case "remove_document":
            changed = {one: text for one, text in on_disk.items() if one != arguments[0]}
            assert on_disk_now in ([changed] if done else [on_disk, changed])
    if act != "build" and act != "roll_back":
        assert (name, now) == (before_name, before)
    if outcome.error and "is unchanged" in outcome.error:
        assert name == before_name
    world.note(f"{act}: {'killed' if outcome.was_killed else outcome.code}")
    return outcome


ACTS = ("build", "roll_back", "add_document", "remove_document")


def measure(world: World, victims: Victims, act: str) -> Outcome:
    """Return what an act takes that nothing happens to."""
    outcome = suffer(world, victims, Trouble(), act)
    assert outcome.code == 0, outcome.error
    world.build_next()
    return outcome


@pytest.mark.parametrize("act", ACTS)
def test_whenever_it_is_killed_a_whole_snapshot_serves(
    act: str, world: World, victims: Victims
) -> None:
    world.change_guides()
    world.build_next()
    usual = measure(world, victims, act)
    assert usual.steps >= 2
    killed = 0
    for number in range(rounds(sample=6, full=125)):
        if number % 2:
            trouble = Trouble(killed_after_seconds=world.random.uniform(1e-4, usual.seconds))
        else:
            trouble = Trouble(killed_at_step=world.random.randint(1, usual.steps))
        killed += suffer(world, victims, trouble, act).was_killed
        world.build_next()
    assert killed >= rounds(sample=2, full=60)


@pytest.mark.parametrize("act", ACTS)
def test_whatever_step_fails_a_whole_snapshot_serves(
    act: str, world: World, victims: Victims
) -> None:
    world.change_guides()
    world.build_next()
    usual = measure(world, victims, act)
    for _ in range(rounds(sample=4, full=60)):
        trouble = Trouble(
            failing_step=world.random.randint(1, usual.steps),
            fails_from_there=world.random.random() < 0.5,
            error=world.random.choice((errno.EIO, errno.ENOSPC, errno.EROFS, errno.EACCES)),
        )
        suffer(world, victims, trouble, act)
        world.build_next()
    assert set(world.seen) > {f"{act}: 0"}


def test_no_file_may_grow_and_a_whole_snapshot_serves(world: World, victims: Victims) -> None:
    for _ in range(rounds(sample=4, full=60)):
        suffer(world, victims, Trouble(most_bytes=world.random.randint(0, 120_000)))
        world.build_next()
    assert "build: 8" in world.seen


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place],
            check=False,
            capture_output=True,
        )
    except OSError:
        pytest.skip("there is no mount")
    if mounted.returncode:
        pytest.skip("only root may have a small disk here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_leaves_a_whole_snapshot(
    world: World, victims: Victims, small_disk: Path
) -> None:
    world.settings = world.settings.model_copy(update={"home": small_disk / "home"})
    world.build_next()
    for number in range(rounds(sample=4, full=60)):
        filler = small_disk / "filler"
        left = 0 if number == 1 else world.random.randint(0, 300_000)
        filler.write_bytes(b"\0" * max(0, shutil.disk_usage(small_disk).free - left))
        killing = Trouble(killed_after_seconds=world.random.uniform(1e-3, 0.1))
        suffer(world, victims, killing if number % 3 == 0 else Trouble())
        filler.unlink()
        world.build_next()
    assert "build: 8" in world.seen
