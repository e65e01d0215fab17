"""What a build takes over from the one before, and what it makes anew."""

from pathlib import Path

import numpy as np
import pytest

from index.build import BuildReport
from index.snapshots.files import (
    PASSAGE_VECTORS_NAME,
)
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from tests.index.fakes import WordHashEncoder
from tests.index.test_incremental import (
    BLOCKS,
    FRONT_MATTERS,
    NAMES,
    Guide,
    Guides,
    add,
    ask,
    assert_equal_snapshots,
    build,
    edit_block,
    edit_front_matter,
    folder_in_service,
    keys_of,
    move,
    swap,
    workshop,  # noqa: F401 (a fixture)
    write_folder,
)

NEW_SENTENCE = "It is new, and long enough to be a passage of its own."
LONG_AGO: Guides = {
    "a.md": ("", (BLOCKS[0], BLOCKS[5], BLOCKS[2], BLOCKS[6])),
    "b.md": (FRONT_MATTERS[1], (BLOCKS[8], BLOCKS[3], BLOCKS[15])),
    "c/d.txt": ("", (BLOCKS[11],)),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of guides, whose snapshot is in service in `home`."""
    write_folder(tmp_path / "guides", LONG_AGO)
    return tmp_path / "guides"


@pytest.fixture
def built(home: Home, place: Path) -> Home:
    build(home, place)
    return home


def rebuild(home: Home, place: Path, guides: Guides) -> tuple[BuildReport, list[str]]:
    """Build of other guides; return the report and what was encoded but for the comparison."""
    write_folder(place, guides)
    encoder = WordHashEncoder()
    report = build(home, place, encoder)
    other = Home(home.path.with_name("other"))
    build(other, place, is_full=True)
    assert_equal_snapshots(folder_in_service(home), folder_in_service(other))
    return report, encoder.encoded[1:]


def test_without_a_change_nothing_is_encoded(built: Home, place: Path) -> None:
    (place / "a.md").touch()
    report, encoded = rebuild(built, place, LONG_AGO)
    assert encoded == []
    assert report.documents_copied == report.documents == 3
    assert report.passages_copied == report.passages


@pytest.mark.parametrize(
    ("change", "copied", "encoded"),
    [
        pytest.param({"e.md": LONG_AGO["a.md"]}, 3, set(), id="duplicated"),
        pytest.param({"a.md": None, "0/a.md": LONG_AGO["a.md"]}, 3, set(), id="moved to the front"),
        pytest.param({"b.md": None, "z.md": LONG_AGO["b.md"]}, 3, set(), id="moved to the end"),
        pytest.param({"a.md": LONG_AGO["b.md"], "b.md": LONG_AGO["a.md"]}, 3, set(), id="swapped"),
        pytest.param({"a.md": None, "b.md": None}, 1, set(), id="removed"),
        pytest.param(
            {"a.md": (FRONT_MATTERS[4], LONG_AGO["a.md"][1])}, 2, set(), id="another address"
        ),
        pytest.param(
            {"b.md": (FRONT_MATTERS[2], LONG_AGO["b.md"][1])}, 2, set(), id="another alias"
        ),
        pytest.param({"0.md": (FRONT_MATTERS[1], ())}, 3, set(), id="front matter alone"),
        pytest.param({"0.md": ("", ()), "e.md": ("", ("   \n",))}, 3, set(), id="empty files"),
        pytest.param(
            {"0.md": ("", ("# Nurse\n\n", "A new sentence.\n"))},
            3,
            {"Nurse A new sentence."},
            id="sorted before all others",
        ),
        pytest.param(
            {"a.md": ("", (*LONG_AGO["a.md"][1], "## New\n\n", f"{NEW_SENTENCE}\n"))},
            2,
            {f"Data Engineer. New {NEW_SENTENCE}", "New"},
            id="a section more",
        ),
    ],
)
def test_only_what_is_new_is_encoded(
    change: dict[str, Guide | None], copied: int, encoded: set[str], built: Home, place: Path
) -> None:
    guides = {name: guide for name, guide in (LONG_AGO | change).items() if guide is not None}
    report, asked = rebuild(built, place, guides)
    assert set(asked) == encoded
    assert report.documents_copied == copied
    passages = len([text for text in encoded if " " in text])
    assert report.passages_copied == report.passages - passages
    # And back again.
    report, _ = rebuild(built, place, LONG_AGO)
    assert report.documents == 3


def test_another_title_is_another_context(built: Home, place: Path) -> None:
    guides = LONG_AGO | {"b.md": ("---\ntitle: Pilot\n---\n", LONG_AGO["b.md"][1])}
    report, encoded = rebuild(built, place, guides)
    assert report.documents_copied == 2
    snapshot = Snapshot.open_current(built)
    assert "Pilot" in {row.name for row in snapshot.roles}
    assert "RN" not in {alias for row in snapshot.roles for alias in row.aliases}
    own = [
        row
        for row in snapshot.store.passages(range(99)).values()
        if row.passage.document_id == "b.md"
    ]
    assert len([text for text in encoded if text.startswith("Pilot. ")]) == len(own)
    assert report.passages_copied == report.passages - len(own)
    snapshot.close()


def test_a_removed_document_leaves_nothing_behind(home: Home, place: Path) -> None:
    secret = ("", ("# Zookeeper\n\n", "Zookeepers feed quokkas, also known as ZKs.\n\n", BLOCKS[5]))
    write_folder(place, LONG_AGO | {"b/secret.md": secret})
    build(home, place)
    before = folder_in_service(home)
    assert any(b"uokkas" in path.read_bytes() for path in before.rglob("*.*"))
    _, encoded = rebuild(home, place, LONG_AGO)
    assert encoded == []
    folder = folder_in_service(home)
    for path in folder.rglob("*"):
        data = b"" if path.is_dir() else path.read_bytes().lower()
        for words in (b"zookeeper", b"quokka", b"secret", b"zks"):
            assert words not in data, path
    vectors = np.load(folder / PASSAGE_VECTORS_NAME)
    assert len(vectors) == len(keys_of(folder)) < len(keys_of(before))


def test_gaps_in_what_is_copied_do_no_harm(home: Home, place: Path) -> None:
    def guide(number: int) -> Guide:
        return ("", (f"# Guide {number}\n\n", f"Only {number} says this. ", BLOCKS[5], BLOCKS[7]))

    everything = {f"{number:03}.md": guide(number) for number in range(120)}
    write_folder(place, everything)
    build(home, place)
    kept = {name: everything[name] for name in ("001.md", "060.md", "119.md")}
    report, encoded = rebuild(home, place, {**kept, "040.md": guide(999), "999.md": guide(7)})
    assert report.documents_copied == 4
    assert {text for text in encoded if "999" not in text} == set()
    snapshot = Snapshot.open_current(home)
    assert snapshot.store.document_ids() == ["001.md", "040.md", "060.md", "119.md", "999.md"]
    assert ask(snapshot, "Guide 119 Only 119 says this.")[0].passage.document_id == "119.md"
    snapshot.close()


def test_many_builds_one_upon_the_other_do_not_drift(
    workshop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.snapshots.snapshot_writer._PASSAGES_ENCODED_AT_ONCE", 5)
    folder, home, full_home = workshop / "drift", Home(workshop / "h"), Home(workshop / "f")
    random = np.random.default_rng(7)
    guides: Guides = {"anchor.md": LONG_AGO["a.md"]}
    for _ in range(25):
        name, other = random.choice(NAMES, 2)
        blocks = tuple(random.choice(BLOCKS, int(random.integers(0, 5))))
        edit = random.integers(0, 5)
        if edit == 0:
            swap(guides, name, other)
        elif edit == 1:
            move(guides, name, other)
        elif edit == 2:
            edit_front_matter(guides, name, str(random.choice(FRONT_MATTERS)))
        elif edit == 3 and name in guides:
            edit_block(guides, name, int(random.integers(0, 9)), blocks, 1)
        else:
            add(guides, name, (str(random.choice(FRONT_MATTERS)), blocks))
        write_folder(folder, guides)
        build(home, folder)
    build(full_home, folder, is_full=True)
    assert_equal_snapshots(folder_in_service(home), folder_in_service(full_home))
