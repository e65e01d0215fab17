"""What tests of the Discord bot share."""

import shutil
from collections.abc import Iterator

import pytest

from tests.bot.stage import Play, find_seed_home, share_stage


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Play on a stage whose bot knows the seed guide and has the default settings."""
    home = shutil.copytree(
        find_seed_home(tmp_path_factory), tmp_path_factory.mktemp("shared") / "home"
    )
    yield from share_stage("--home", str(home))
