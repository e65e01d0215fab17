"""A lexical index that is damaged, or another, is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from index.searching.lexical import LexicalIndex
from knowledge.errors import DamagedSnapshotError
from tests.index.searching.test_lexical import (
    CORPUS,
    SAVED_FILES,
    bm25,
    place,  # noqa: F401 (a fixture)
    saved,  # noqa: F401 (a fixture)
)


@pytest.mark.parametrize("name", SAVED_FILES)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "foreign", "folder"])
def test_damaged_files_are_refused(name: str, damage: str, saved: Path) -> None:
    path = saved / name
    data = path.read_bytes()
    path.unlink()
    if damage == "empty":
        path.touch()
    elif damage == "cut":
        path.write_bytes(data[:-2])
    elif damage == "foreign":
        path.write_bytes(b"\x89PNG\r\n\x1a\n" * 20)
    elif damage == "folder":
        path.mkdir()
    with pytest.raises(DamagedSnapshotError, match="Run: rolewise build"):
        LexicalIndex(saved, count=len(CORPUS))


@pytest.mark.parametrize("name", SAVED_FILES)
def test_files_of_another_index_are_refused(name: str, saved: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    LexicalIndex.build([["one", "two"], *CORPUS, *CORPUS], other)
    shutil.copy(other / name, saved / name)
    with pytest.raises(DamagedSnapshotError, match="Run: rolewise build"):
        LexicalIndex(saved, count=len(CORPUS))


@pytest.mark.parametrize(
    "values",
    [
        [],
        {},
        {"num_docs": "many"},
        {"num_docs": None},
        {"num_docs": 6},
    ],
    ids=json.dumps,
)
def test_wrong_parameters_are_refused(values: object, saved: Path) -> None:
    (saved / "params.index.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(DamagedSnapshotError):
        LexicalIndex(saved, count=len(CORPUS))


@pytest.mark.parametrize(
    "values",
    [{"dtype": "no type"}, {"method": "bm25+"}, {"backend": "numba"}, {"k1": "x"}, {"unknown": 1}],
    ids=json.dumps,
)
def test_other_parameters_are_not_followed(values: dict[str, str], saved: Path) -> None:
    path = saved / "params.index.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | values), encoding="utf-8")
    scores = LexicalIndex(saved, count=len(CORPUS)).scores({"data": 1})
    np.testing.assert_allclose(scores, bm25(CORPUS, ["data"]), rtol=1e-5)


@pytest.mark.parametrize("row", [-1, 99, "0", 1.5, None], ids=str)
def test_a_vocabulary_that_points_elsewhere_is_refused(row: object, saved: Path) -> None:
    path = saved / "vocab.index.json"
    values = json.loads(path.read_bytes())
    path.write_text(json.dumps(values | {"data": row}), encoding="utf-8")
    with pytest.raises(DamagedSnapshotError):
        LexicalIndex(saved, count=len(CORPUS))


@pytest.mark.parametrize("name", [name for name in SAVED_FILES if name.endswith(".npy")])
def test_pickled_objects_are_refused(name: str, saved: Path) -> None:
    np.save(saved / name, np.array([{"run": "me"}], dtype=object), allow_pickle=True)
    with pytest.raises(DamagedSnapshotError):
        LexicalIndex(saved, count=len(CORPUS))


def test_another_count_names_both(saved: Path) -> None:
    with pytest.raises(DamagedSnapshotError, match="of 5 passages, but the manifest says 6"):
        LexicalIndex(saved, count=6)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lexical").write_text("words", encoding="utf-8")
    with pytest.raises(DamagedSnapshotError):
        LexicalIndex(tmp_path / "lexical", count=1)
