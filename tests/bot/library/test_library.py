import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.application import Application, seed_folder
from bot.library.library import DocumentListing, DocumentState
from bot.settings import Settings
from knowledge.errors import KnowledgeError, StorageError
from knowledge.settings import KnowledgeSettings
from tests.bot.builders import WordApplication

NURSE = b"# Nurse\n\nA nurse cares for people who are ill.\n"
BAKER = b"# Baker\n\nA baker bakes bread at night.\n"
PAY = b"Role,Pay\nNurse,1000\nPilot,2000\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / "nurse.md").write_bytes(NURSE)
    return tmp_path / "guides"


@pytest.fixture
def application(tmp_path: Path, folder: Path) -> Application:
    return WordApplication(
        Settings(home=tmp_path / "home", knowledge=KnowledgeSettings(paths=(folder,)))
    )


@pytest.fixture
def bare(tmp_path: Path) -> Application:
    """An application that no settings name guides for."""
    return WordApplication(Settings(home=tmp_path / "home"))


def states(application: Application) -> dict[str, str]:
    return {listing.id: listing.state.value for listing in application.documents()}


def reason_of(application: Application, id_: str) -> str | None:
    [listing] = [one for one in application.documents() if one.id == id_]
    return listing.reason


def test_what_the_index_has_is_told(application: Application, folder: Path) -> None:
    assert states(application) == {"nurse.md": "new"}
    (folder / "pay.csv").write_bytes(PAY)
    (folder / "empty.md").write_text("")
    (folder / "photo.png").write_bytes(b"PNG")
    (folder / "same.txt").write_bytes(NURSE)
    application.build()
    assert states(application) == {
        "nurse.md": "indexed",
        "pay.csv": "indexed",
        "empty.md": "skipped",
        "photo.png": "skipped",
        "same.txt": "skipped",
    }
    assert reason_of(application, "empty.md") == "it is empty"
    assert (
        reason_of(application, "same.txt") == "its text is that of nurse.md, which is read instead"
    )
    (folder / "nurse.md").write_bytes(NURSE + b"More.\n")
    (folder / "empty.md").write_text("Not any more.")
    (folder / "pay.csv").unlink()
    assert states(application) == {
        "nurse.md": "changed",
        "pay.csv": "gone",
        "empty.md": "new",
        "photo.png": "skipped",
        "same.txt": "skipped",
    }
    application.build()
    assert set(states(application).values()) == {"indexed", "skipped"}


def test_a_listing_tells_how_a_document_was_read(application: Application, folder: Path) -> None:
    (folder / "rolewise.yaml").write_text(
        "documents: {nurse.md: {title: Carer, url: 'https://example.org'}}"
    )
    application.build()
    assert application.documents() == (
        DocumentListing(
            id="nurse.md",
            path=str(folder / "nurse.md"),
            kind=".md",
            bytes=len(NURSE),
            state=DocumentState.INDEXED,
            title="Carer",
            url="https://example.org",
            passages=1,
        ),
    )
    (folder / "rolewise.yaml").write_text("documents: {nurse.md: {title: Nurse}}")
    assert states(application) == {"nurse.md": "changed"}


def test_a_guide_is_added_whole_and_known_after_the_next_build(
    application: Application, folder: Path
) -> None:
    assert application.add_document("baker.md", BAKER) == "baker.md"
    assert (folder / "baker.md").read_bytes() == BAKER
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    application.build()
    assert states(application) == {"baker.md": "indexed", "nurse.md": "indexed"}


def test_another_of_the_same_name_must_be_meant(application: Application, folder: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"a guide nurse\.md already\. .*--replace"):
        application.add_document("nurse.md", BAKER)
    assert (folder / "nurse.md").read_bytes() == NURSE
    assert application.add_document("nurse.md", BAKER, replace=True) == "nurse.md"
    assert (folder / "nurse.md").read_bytes() == BAKER


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        pytest.param("../baker.md", BAKER, "its name holds '/'", id="another folder"),
        pytest.param("a\\b.md", BAKER, "its name holds", id="another folder on Windows"),
        pytest.param(".hidden.md", BAKER, "begin with a dot are hidden", id="hidden"),
        pytest.param("", BAKER, "its name is empty", id="no name"),
        pytest.param("x" * 201 + ".md", BAKER, "its name has 204 bytes", id="long"),
        pytest.param("a\0.md", BAKER, "its name holds", id="NUL"),
        pytest.param("gp.\u202edm.md", BAKER, r"its name holds U\+202E", id="right to left"),
        pytest.param("a\u2028b.md", BAKER, "its name holds a line end", id="line end"),
        pytest.param("\ud800.md", BAKER, "its name is not valid text", id="half a character"),
        pytest.param("con.md", BAKER, "a device on Windows", id="device"),
        pytest.param("guide.md ", BAKER, "its name is empty, or begins or ends", id="space"),
        pytest.param("tool.exe", BAKER, "none of the kinds of documents", id="kind"),
        pytest.param("guide", BAKER, "none of the kinds of documents", id="no suffix"),
        pytest.param("rolewise.yaml", b"a: b", "none of the kinds", id="side-car"),
        pytest.param("a.md", b"%PDF-1.7\n", "it is not text but a PDF", id="PDF as text"),
        pytest.param("a.md", b"\0\1\2" * 99, "it is not text but binary data", id="binary"),
        pytest.param("a.txt", b"\n", "it is empty", id="empty"),
        pytest.param("a.md", b"---\ntitle: [\n---\n", "its front matter is not", id="YAML"),
        pytest.param("a.csv", b"\x89PNG\r\n\x1a\n", "not a table in text", id="image as table"),
        pytest.param("large.md", b"x" * 1_001, "more than knowledge.max_document", id="size"),
    ],
)
def test_what_is_no_guide_is_not_added(
    name: str, data: bytes, reason: str, folder: Path, tmp_path: Path
) -> None:
    knowledge = KnowledgeSettings(paths=(folder,), max_document_bytes=1_000)
    application = WordApplication(Settings(home=tmp_path / "home", knowledge=knowledge))
    with pytest.raises(KnowledgeError, match=f"was not added: .*{reason}"):
        application.add_document(name, data)
    assert [path.name for path in tmp_path.iterdir()] == ["guides"]
    assert [path.name for path in folder.iterdir()] == ["nurse.md"]


def test_a_guide_is_removed(application: Application, folder: Path) -> None:
    application.add_document("baker.md", BAKER)
    application.build()
    application.remove_document("nurse.md")
    assert not (folder / "nurse.md").exists()
    assert states(application) == {"baker.md": "indexed", "nurse.md": "gone"}
    application.build()
    assert states(application) == {"baker.md": "indexed"}


@pytest.mark.parametrize("id_", ["nurse", "../guides/nurse.md", "", "/etc/passwd", "nurse.md\0"])
def test_only_what_is_listed_is_removed(id_: str, application: Application, folder: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"There is no guide .* rolewise docs list"):
        application.remove_document(id_)
    assert (folder / "nurse.md").exists()


def test_a_link_is_removed_and_not_what_it_leads_to(application: Application, folder: Path) -> None:
    (folder / "link.md").symlink_to("nurse.md")
    application.remove_document("link.md")
    assert [path.name for path in folder.iterdir()] == ["nurse.md"]


def test_a_file_that_is_skipped_is_removed_too(application: Application, folder: Path) -> None:
    (folder / "photo.png").write_bytes(b"PNG")
    application.remove_document("photo.png")
    assert states(application) == {"nurse.md": "new"}


def test_with_several_folders_the_first_is_added_to(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "baker.md").write_bytes(BAKER)
    knowledge = KnowledgeSettings(paths=(folder, tmp_path / "other"))
    application = WordApplication(Settings(home=tmp_path / "home", knowledge=knowledge))
    assert application.add_document("pay.csv", PAY) == "guides/pay.csv"
    assert set(states(application)) == {"guides/nurse.md", "guides/pay.csv", "other/baker.md"}
    application.remove_document("other/baker.md")
    assert list((tmp_path / "other").iterdir()) == []


def test_a_folder_that_settings_name_is_made(tmp_path: Path) -> None:
    knowledge = KnowledgeSettings(paths=(tmp_path / "new" / "guides",))
    application = WordApplication(Settings(home=tmp_path / "home", knowledge=knowledge))
    assert application.add_document("baker.md", BAKER) == "baker.md"
    assert states(application) == {"baker.md": "new"}


def test_without_settings_guides_of_ones_own_take_the_place_of_the_seed(bare: Application) -> None:
    assert bare.knowledge_paths() == (seed_folder(),)
    [seed] = bare.documents()
    with pytest.raises(KnowledgeError, match="ships with Rolewise can't be removed"):
        bare.remove_document(seed.id)
    bare.build()
    own = bare.home.path / "guides"
    assert bare.guides_folder() == own
    assert bare.add_document("baker.md", BAKER) == "baker.md"
    assert bare.knowledge_paths() == (own,)
    bare.build()
    assert states(bare) == {"baker.md": "indexed"}
    bare.remove_document("baker.md")
    assert bare.knowledge_paths() == (seed_folder(),)


def test_without_settings_guides_are_added_to_what_was_built(
    bare: Application, folder: Path
) -> None:
    bare.build([folder])
    bare.add_document("baker.md", BAKER)
    assert (folder / "baker.md").exists()
    bare.build()
    assert states(bare) == {"baker.md": "indexed", "nurse.md": "indexed"}


def test_a_home_among_the_guides_is_no_guide(folder: Path) -> None:
    settings = Settings(home=folder / "home", knowledge=KnowledgeSettings(paths=(folder,)))
    application = WordApplication(settings)
    application.build()
    (application.home.path / "guide.md").write_text("Not a guide.")
    assert states(application) == {"nurse.md": "indexed"}


def test_a_folder_that_cannot_be_written_is_said(
    application: Application, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(StorageError, match=r"guides can't be written .No space left on device."):
        application.add_document("baker.md", BAKER)
    assert [path.name for path in folder.iterdir()] == ["nurse.md"]


def test_what_a_killed_process_left_is_deleted_when_it_is_old(
    application: Application, folder: Path
) -> None:
    for name, age in ((".unfinished-old", 4_000), (".unfinished-new", 0)):
        (folder / name).write_bytes(NURSE)
        moment = time.time() - age
        os.utime(folder / name, (moment, moment))
    application.add_document("baker.md", BAKER)
    assert sorted(path.name for path in folder.iterdir()) == [
        ".unfinished-new",
        "baker.md",
        "nurse.md",
    ]


def test_where_files_alone_are_read_nothing_can_be_added(tmp_path: Path, folder: Path) -> None:
    knowledge = KnowledgeSettings(paths=(folder / "nurse.md",))
    application = WordApplication(Settings(home=tmp_path / "home", knowledge=knowledge))
    assert states(application) == {"nurse.md": "new"}
    with pytest.raises(KnowledgeError, match=r"no folder to add to\. Name a folder"):
        application.add_document("baker.md", BAKER)


def test_of_many_who_add_the_same_name_one_does(application: Application, folder: Path) -> None:
    texts = [f"# Baker {number}\n\n{'A baker bakes. ' * 5_000}".encode() for number in range(8)]

    def add(text: bytes) -> bool:
        try:
            application.add_document("baker.md", text)
        except KnowledgeError as error:
            return "already" not in str(error)
        return True

    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(add, texts))
    assert added.count(True) == 1
    assert (folder / "baker.md").read_bytes() == texts[added.index(True)]
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
