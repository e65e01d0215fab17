import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.encoder import SentenceTransformerEncoder
from index.home import Home
from index.snapshot import Snapshot
from tests.index.fakes import build, write_guides


@pytest.fixture(scope="session")
def real_encoder() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(batch_size=8)


@pytest.fixture
def guides(tmp_path: Path) -> Path:
    return write_guides(tmp_path / "guides")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def _built_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("built")
    home = Home(folder / "home")
    build(home, write_guides(folder / "guides"))
    return home


@pytest.fixture
def built_home(_built_home: Home, tmp_path: Path) -> Home:
    """A home with one snapshot, its own to damage."""
    return Home(Path(shutil.copytree(_built_home.path, tmp_path / "built-home")))


@pytest.fixture
def folder(built_home: Home) -> Path:
    """The folder of the snapshot in service."""
    return built_home.folder_of(built_home.current_name())


@pytest.fixture
def open_snapshot() -> Iterator[Callable[[Path], Snapshot]]:
    """Open snapshots and close them at the end."""
    opened: list[Snapshot] = []

    def open_(folder: Path) -> Snapshot:
        opened.append(Snapshot(folder))
        return opened[-1]

    yield open_
    for snapshot in opened:
        snapshot.close()
