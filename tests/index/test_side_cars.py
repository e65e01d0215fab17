"""What side-cars say takes effect at the next build, and costs what it changes."""

from pathlib import Path

import pytest

from index.build import BuildReport, build_snapshot
from index.settings import IndexSettings
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from knowledge.settings import KnowledgeSettings
from tests.index.fakes import WordHashEncoder


@pytest.fixture
def guides(tmp_path: Path) -> Path:
    for name in ("nurse", "baker"):
        path = tmp_path / "guides" / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"A {name} works.\n\n## Hours\n\nThe hours of a {name} are long.\n")
    return tmp_path / "guides"


def build(home: Home, guides: Path) -> tuple[BuildReport, list[str]]:
    encoder = WordHashEncoder()
    report = build_snapshot(
        home,
        [guides],
        lambda: encoder,
        knowledge_settings=KnowledgeSettings(),
        index_settings=IndexSettings(),
    )
    return report, encoder.encoded[1:]  # the first is the comparison with the snapshot before


@pytest.mark.parametrize(
    ("side_car", "copied", "is_encoded"),
    [
        pytest.param("documents: {nurse.md: {title: Carer}}", 1, True, id="a title"),
        pytest.param("documents: {nurse.md: {aliases: [RN]}}", 1, False, id="other names"),
        pytest.param("documents: {nurse.md: {url: 'https://a.org'}}", 2, False, id="an address"),
        pytest.param("exclude: [nurse.md]", 1, False, id="left out"),
        pytest.param("# Nothing.", 2, False, id="nothing"),
    ],
)
def test_a_side_car_costs_what_it_changes(
    side_car: str, copied: int, is_encoded: bool, home: Home, guides: Path
) -> None:
    build(home, guides)
    (guides / "rolewise.yaml").write_text(side_car)
    report, encoded = build(home, guides)
    assert report.documents_copied == copied
    assert bool(encoded) is is_encoded
    assert not any("baker" in text for text in encoded)


def test_what_it_says_is_in_the_index_and_goes_with_it(home: Home, guides: Path) -> None:
    (guides / "rolewise.yaml").write_text(
        "documents: {nurse.md: {title: Nurse, aliases: [RN], url: 'https://a.org'}}"
    )
    build(home, guides)
    snapshot = Snapshot.open_current(home)
    document = snapshot.store.document("nurse.md")
    assert (document.title, document.url) == ("Nurse", "https://a.org")
    assert [role.aliases for role in snapshot.roles if role.name == "Nurse"] == [("RN",)]
    snapshot.close()
    (guides / "rolewise.yaml").unlink()
    build(home, guides)
    snapshot = Snapshot.open_current(home)
    document = snapshot.store.document("nurse.md")
    assert (document.title, document.url) == ("Hours", None)
    snapshot.close()
