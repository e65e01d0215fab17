from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.answers.reading import find_role, read_around, read_role, refer_to_passage
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import StoredRole
from tests.index.fakes import build, write_guides

BAKER = """\
---
title: Baker
aliases: [bread maker]
url: https://example.org/baker
---
# Baker

A baker makes bread. The **dough** rises at night.

Bakers sleep early.

## Skills

A baker needs:

- strong arms;
- a feeling for dough.
"""
NURSE = (
    "# Nurse\n\nNurses care for patients on the ward.\n\n## Pay\n\nNurses are paid by the hour.\n"
)


def role(position: int, name: str, *aliases: str) -> StoredRole:
    return StoredRole(position=position, name=name, aliases=aliases, has_guide=True)


ROLES = (
    role(0, "Data Engineer", "DE"),
    role(1, "Data Scientist"),
    role(2, "Ward Nurse", "RN"),
    role(3, "Nurse Teacher"),
)


@contextmanager
def opened(home: Home, folder: Path, guides: dict[str, str]) -> Iterator[Snapshot]:
    """Build an index of guides and open it."""
    folder.mkdir(exist_ok=True)
    build(home, write_guides(folder, guides))
    snapshot = Snapshot.open_current(home)
    try:
        yield snapshot
    finally:
        snapshot.close()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("data engineer", "Data Engineer"),
        ("  DATA   Engineer ", "Data Engineer"),
        ("de", "Data Engineer"),
        ("ward", "Ward Nurse"),
        ("teacher", "Nurse Teacher"),
        ("data enginer", "Data Engineer"),
        ("data", None),
        ("nurse", "Nurse Teacher"),
        ("astronaut", None),
        ("", None),
        (" ", None),
    ],
)
def test_a_role_is_found_by_what_people_type(typed: str, found: str | None) -> None:
    role = find_role(ROLES, typed)
    assert (role.name if role else None) == found


def test_a_role_is_read_by_section(tmp_path: Path) -> None:
    guides = {"baker.md": BAKER, "nurse.md": NURSE}
    with opened(Home(tmp_path / "home"), tmp_path / "guides", guides) as snapshot:
        baker = find_role(snapshot.roles, "baker")
        assert baker is not None
        reading = read_role(snapshot, baker)
        assert reading.name == "Baker"
        assert [(one.heading, one.lines) for one in reading.sections] == [
            ("", ("A baker makes bread. The dough rises at night.", "Bakers sleep early.")),
            ("Skills", ("A baker needs:", "- strong arms;", "- a feeling for dough.")),
        ]
        assert {one.url for one in reading.sections} == {"https://example.org/baker"}


def test_passages_are_found_again_after_a_rebuild_and_are_gone_with_their_guide(
    tmp_path: Path,
) -> None:
    home, folder = Home(tmp_path / "home"), tmp_path / "guides"
    with opened(home, folder, {"nurse.md": NURSE}) as snapshot:
        references = [
            refer_to_passage(position, passage_id)
            for position, passage_id in snapshot.store.passage_ids()
        ]
        before = read_around(snapshot, references[:1])
        assert "Nurses care for patients on the ward." in before[0].lines
    # A guide that comes before moves every position.
    with opened(home, folder, {"baker.md": BAKER}) as snapshot:
        assert [position for position, _ in snapshot.store.passage_ids()] != []
        assert read_around(snapshot, references[:1]) == before
        baker = [one for one in read_around(snapshot, references) if one.title == "Baker"]
        assert baker == []
    (folder / "nurse.md").unlink()
    with opened(home, folder, {}) as snapshot:
        assert read_around(snapshot, references) == ()
        assert read_around(snapshot, ["nonsense", "", "zzx"]) == ()
