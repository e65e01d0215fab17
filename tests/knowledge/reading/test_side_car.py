import os
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import Settings
from knowledge.documents import Document
from knowledge.errors import KnowledgeError
from knowledge.reading.reading import Reading, read_documents
from knowledge.reading.side_car import SETTINGS_KEYS
from knowledge.settings import KnowledgeSettings

GUIDES = ("nurse.md", "a[1].md", "old/baker.md", "old/pilot.txt", "old/drafts/cook.md")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(GUIDES):
        path = tmp_path / "guides" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Heading {number}\n\nText {number}.\n")
    return tmp_path / "guides"


def read(folder: Path, side_car: str, *, inside: str = "") -> tuple[dict[str, Document], Reading]:
    (folder / inside / "rolewise.yaml").write_text(side_car, "utf-8")
    reading = read_documents([folder], KnowledgeSettings())
    return {document.id: document for document in reading}, reading


def test_a_side_car_names_guides(folder: Path) -> None:
    documents, reading = read(
        folder,
        """
        documents:
          nurse.md:
            title: Registered nurse
            aliases: [RN, Pflegefachkraft]
            url: https://example.org/nurse
          old/*:
            url: https://example.org/old
          "a[1].md": {title: Brackets}
        """,
    )
    nurse = documents["nurse.md"]
    assert nurse.title == "Registered nurse"
    assert nurse.aliases == ("RN", "Pflegefachkraft")
    assert nurse.url == "https://example.org/nurse"
    assert nurse.text == "# Heading 0\n\nText 0.\n"
    assert documents["a[1].md"].title == "Brackets"
    old = [documents[name] for name in GUIDES[2:]]
    assert [document.url for document in old] == ["https://example.org/old"] * 3
    assert [document.title for document in old] == ["Heading 2", "Heading 3", "Heading 4"]
    assert reading.skipped == ()


@pytest.mark.parametrize(
    ("side_car", "left"),
    [
        pytest.param("exclude: [nurse.md]", GUIDES[1:], id="a file"),
        pytest.param("exclude: [old]", GUIDES[:2], id="a folder"),
        pytest.param("exclude: [old/]", GUIDES[:2], id="a folder with a slash"),
        pytest.param("exclude: [old/drafts/*]", GUIDES[:4], id="what is in a folder"),
        pytest.param("exclude: ['*.txt']", (*GUIDES[:3], GUIDES[4]), id="a kind, in all folders"),
        pytest.param("exclude: ['o?d/b*', nurse.*]", (GUIDES[1], *GUIDES[3:]), id="several"),
    ],
)
def test_a_side_car_leaves_guides_out(side_car: str, left: tuple[str, ...], folder: Path) -> None:
    documents, reading = read(folder, side_car)
    assert set(documents) == set(left)
    assert {file.id for file in reading.skipped} == set(GUIDES) - set(left)
    for file in reading.skipped:
        assert file.reason == f"left out, as {folder / 'rolewise.yaml'} says"


def test_the_nearest_that_is_said_goes_first(folder: Path) -> None:
    (folder / "nurse.md").write_text("---\ntitle: Own\nurl: https://own.org\n---\nText.\n")
    (folder / "old" / "rolewise.yaml").write_text(
        "documents: {baker.md: {title: Inner}, '*.txt': {title: Pattern}, pilot.txt: {title: Name}}"
    )
    documents, _ = read(
        folder,
        """
        documents:
          "*": {aliases: [Any], title: Outer}
          nurse.md: {title: Side-car, aliases: [RN], url: https://side.org}
        """,
    )
    titles = {id_: document.title for id_, document in documents.items()}
    assert titles == {
        "nurse.md": "Own",
        "a[1].md": "Outer",
        "old/baker.md": "Inner",
        "old/pilot.txt": "Name",
        "old/drafts/cook.md": "Outer",
    }
    assert documents["nurse.md"].url == "https://own.org"
    assert documents["nurse.md"].aliases == ("RN",)
    assert documents["old/baker.md"].aliases == ("Any",)


@pytest.mark.parametrize(
    ("side_car", "message"),
    [
        pytest.param(
            "documents:\n  nurse.md:\n    titel: Nurse\n",
            "rolewise.yaml, line 3: there is nothing called documents.nurse.md.titel in a side-car."
            " Known here: aliases, title, url.",
            id="an unknown key of a guide",
        ),
        pytest.param(
            "excluded: [a]\n",
            "line 1: there is nothing called excluded in a side-car. Known here: documents,"
            " exclude.",
            id="an unknown key",
        ),
        pytest.param(
            "documents:\n  nurse.md: {title: 7}\n",
            "line 2: documents.nurse.md.title: input should be a valid string",
            id="a number",
        ),
        pytest.param("exclude:\n- a\n- []\n", "line 3: exclude.1: input should", id="no pattern"),
        pytest.param("exclude: ['']", "line 1: exclude.0: string should have at", id="empty"),
        pytest.param("- nurse.md\n", "the whole must hold names with what", id="a list"),
        pytest.param("exclude: nurse.md\n", "exclude: input should be a valid list", id="text"),
        pytest.param("documents: {nurse.md: {url: x.org}}", "url: string should match", id="url"),
        pytest.param('documents: {nurse.md: {title: "\\uD800"}}', "title", id="half a letter"),
        pytest.param("exclude: [a", "rolewise.yaml, line 1: ", id="no YAML"),
        pytest.param("exclude: []\nexclude: []", "'exclude' stands twice", id="a key twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(side_car: str, message: str, folder: Path) -> None:
    with pytest.raises(KnowledgeError) as caught:
        read(folder, side_car)
    assert message in str(caught.value)


def test_files_that_do_not_exist_are_named(folder: Path) -> None:
    documents, reading = read(
        folder, "documents:\n  nurs.md: {title: N}\n  baker.md: {}\nexclude: ['*.pdf', cook.md]\n"
    )
    assert set(documents) == set(GUIDES)
    assert [(file.path, file.reason) for file in reading.skipped] == [
        (str(folder / "rolewise.yaml"), f"{place}: there is no such file")
        for place in (
            "documents: nurs.md",
            "documents: baker.md",
            "exclude: *.pdf",
            "exclude: cook.md",
        )
    ]


def test_an_empty_side_car_says_nothing(folder: Path) -> None:
    documents, reading = read(folder, "# Nothing yet.\n")
    assert (set(documents), reading.skipped) == (set(GUIDES), ())


@pytest.mark.parametrize("key", sorted(SETTINGS_KEYS))
def test_settings_beside_guides_are_no_side_car(key: str, folder: Path) -> None:
    documents, reading = read(folder, f"{key}:\n  anything: at all\n")
    assert set(documents) == set(GUIDES)
    assert [file.reason for file in reading.skipped] == [
        "a file of settings, which says nothing of the guides beside it"
    ]


def test_the_keys_of_settings_are_known() -> None:
    assert Settings.model_fields.keys() == SETTINGS_KEYS


def test_a_side_car_outside_the_folder_is_refused(folder: Path) -> None:
    outside = folder.parent / "outside.yaml"
    outside.write_text("exclude: []\n")
    (folder / "rolewise.yaml").symlink_to(outside)
    with pytest.raises(KnowledgeError, match="must be a regular file inside the folder"):
        read_documents([folder], KnowledgeSettings())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes with names")
def test_a_pipe_in_its_place_is_refused_and_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "rolewise.yaml")
    with pytest.raises(KnowledgeError, match="must be a regular file inside the folder"):
        read_documents([folder], KnowledgeSettings())


def test_a_folder_of_its_name_is_a_folder(folder: Path) -> None:
    (folder / "rolewise.yaml").mkdir()
    (folder / "rolewise.yaml" / "cook.md").write_text("A cook cooks.")
    ids = [document.id for document in read_documents([folder], KnowledgeSettings())]
    assert set(ids) == {*GUIDES, "rolewise.yaml/cook.md"}


_WORDS = st.sampled_from(
    ["documents", "exclude", "title", "aliases", "url", "nurse.md", "*", "[a", "~", "https://a.org"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=8,
)


def read_or_refuse(folder: Path, side_car: str) -> dict[str, Document] | str:
    try:
        return read(folder, side_car)[0]
    except KnowledgeError as error:
        return str(error)


@given(values=_VALUES | st.dictionaries(_WORDS, _VALUES, max_size=3))
def test_whatever_a_side_car_holds_is_read_or_refused(values: object, folder: Path) -> None:
    found = read_or_refuse(folder, yaml.safe_dump(values, allow_unicode=True))
    if isinstance(found, str):
        assert str(folder) in found
        return
    for document in found.values():
        assert document.title == " ".join(document.title.split())
        assert document.text.startswith("# Heading")


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str, folder: Path) -> None:
    found = read_or_refuse(folder, text)
    assert str(folder) in found if isinstance(found, str) else found
