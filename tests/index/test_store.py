import sqlite3
import threading
from pathlib import Path

import pytest

from index.home import translating_storage_errors
from index.store import Store, StoredDocument, nearest_heading, write_store
from knowledge.documents import Document, DocumentFormat
from knowledge.errors import DamagedSnapshotError, StorageError
from knowledge.passages import SplitDocument
from knowledge.roles import Role, RoleSpan
from tests.index.fakes import lay_out, write_laid_out

ODD_ID = 'it\'s "odd"; DROP TABLE passages;--/ü 😀.md'
ODD_TEXTS = ("NUL \0 within. ", "😀 emoji\u2028next ", "e\u0301 \ufeff\x85 end.\n")
ROLES = (
    Role(
        name='Head of "Design"',
        aliases=("design lead", "Köpfchen 😀"),
        spans=(RoleSpan(document_id=ODD_ID, start=0, end=len(ODD_TEXTS[0])),),
    ),
    Role(name="Only Mentioned"),
)


def write_odd(path: Path) -> tuple[list[Document], list[SplitDocument]]:
    odd, odd_split = lay_out(ODD_TEXTS, id_=ODD_ID)
    plain, plain_split = lay_out(["First. ", "Second. ", " \n", "Last."], id_="plain.md")
    documents, splits = [odd, plain], [odd_split, plain_split]
    headings: dict[str, int] = {}
    for document, split in zip(documents, splits, strict=True):
        for sentence in split.sentences:
            headings.setdefault(nearest_heading(document, sentence), len(headings))
    write_store(path, documents, splits, ROLES, headings, ["naïve", "data", "data"])
    return documents, splits


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "knowledge #1?.sqlite"


def test_everything_comes_back_as_it_was(path: Path) -> None:
    documents, splits = write_odd(path)
    store = Store(path)
    assert list(store.documents) == [ODD_ID, "plain.md"]
    assert store.documents[ODD_ID] == StoredDocument(
        id=ODD_ID, title="A guide", source=f"/guides/{ODD_ID}", url=None
    )
    assert [store.text_of(document.id) for document in documents] == [
        document.text for document in documents
    ]
    passages = [passage for split in splits for passage in split.passages]
    assert store.passage_count == len(passages) == 7
    assert store.passages(range(7)) == dict(enumerate(passages))
    stored = store.sentences_of(range(7))
    assert store.sentence_count == len(stored) == 6
    assert [row.sentence for row in stored] == [
        sentence for split in splits for sentence in split.sentences
    ]
    assert [row.position for row in stored] == list(range(6))
    assert [row.passage_position for row in stored] == [0, 1, 2, 3, 4, 6]
    assert [row.document_id for row in stored] == [ODD_ID] * 3 + ["plain.md"] * 3
    # "A guide", "Heading 1" and "Heading 3", by first use.
    assert [row.heading for row in stored] == [0, 1, 0, 0, 1, 2]
    assert store.words() == ["data", "naïve"]
    store.close()


def test_a_web_address_and_the_texts_of_passages_come_back(path: Path) -> None:
    document = Document(
        id="a.md",
        title="A 'title'",
        source="/a.md",
        text="One.",
        format=DocumentFormat.MARKDOWN,
        url="https://example.org/?a='b'",
    )
    _, split = lay_out(["One."], id_="a.md")
    write_store(path, [document], [split], [], {document.title: 0}, [])
    store = Store(path)
    assert store.documents["a.md"].url == "https://example.org/?a='b'"
    assert store.documents["a.md"].title == "A 'title'"
    assert store.roles() == ()
    store.close()


def test_roles_come_back_with_the_passages_about_them(path: Path) -> None:
    write_odd(path)
    store = Store(path)
    first, second = store.roles()
    assert (first.role, second.role) == ROLES
    assert first.passage_positions == frozenset({0})
    assert second.passage_positions == frozenset()
    store.close()


@pytest.mark.parametrize(
    ("start", "end", "positions"),
    [
        pytest.param(0, 40, {0, 1, 2, 3}, id="whole"),
        pytest.param(10, 20, {1}, id="one"),
        pytest.param(5, 20, {0, 1}, id="half of the first"),
        pytest.param(6, 20, {1}, id="less than half of the first"),
        pytest.param(12, 16, {1}, id="within one"),
        pytest.param(18, 22, {1, 2}, id="half of the span in each"),
        pytest.param(19, 23, {2}, id="most of the span in one"),
    ],
)
def test_a_passage_is_about_a_role_by_half(
    start: int, end: int, positions: set[int], path: Path
) -> None:
    document, split = lay_out(["123456789 "] * 4)
    role = Role(name="Nurse", spans=(RoleSpan(document_id=document.id, start=start, end=end),))
    headings = {"A guide": 0, "Heading 1": 1, "Heading 3": 2}
    write_store(path, [document], [split], [role], headings, [])
    store = Store(path)
    assert store.roles()[0].passage_positions == positions
    store.close()


def test_passages_and_sentences_are_those_asked_for(path: Path) -> None:
    write_odd(path)
    store = Store(path)
    assert set(store.passages([2, 0, 2, 99, -1])) == {0, 2}
    assert store.passages([]) == {}
    assert [row.passage_position for row in store.sentences_of([4, 1])] == [1, 4]
    assert store.sentences_of([5]) == []
    store.close()


def test_the_store_is_read_only_and_leaves_no_files(path: Path) -> None:
    write_odd(path)
    before = path.read_bytes()
    store = Store(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store._connection.execute("DELETE FROM words")
    store.close()
    assert path.read_bytes() == before
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def test_threads_read_at_once(path: Path) -> None:
    write_odd(path)
    store = Store(path)
    expected = (store.passages(range(7)), store.sentences_of(range(7)), store.roles())
    failures: list[object] = []

    def work() -> None:
        for _ in range(30):
            found = (store.passages(range(7)), store.sentences_of(range(7)), store.roles())
            if found != expected or store._read_text("plain.md") != store.text_of("plain.md"):
                failures.append(found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    store.close()


def test_what_is_no_database_is_damaged(path: Path) -> None:
    for data in (b"", b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 200):
        path.write_bytes(data)
        with pytest.raises(DamagedSnapshotError, match=r"is damaged\. Run: rolewise build"):
            Store(path)


@pytest.mark.parametrize("place", ["missing.sqlite", "."], ids=["missing", "folder"])
def test_what_is_no_file_is_damaged(place: str, tmp_path: Path) -> None:
    with pytest.raises(DamagedSnapshotError):
        Store(tmp_path / place)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_database_is_damaged(share: float, path: Path) -> None:
    write_laid_out(path, [f"Passage number {number}. " * 20 for number in range(60)])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])

    def read_everything() -> None:
        store = Store(path)
        try:
            store.text_of("guide.md")
            store.passages(range(60))
            store.sentences_of(range(60))
            store.roles()
            store.words()
        finally:
            store.close()

    with pytest.raises(DamagedSnapshotError, match="Run: rolewise build"):
        read_everything()


@pytest.mark.parametrize(
    "table",
    ["documents", "passages", "sentences", "words", "roles", "role_spans", "role_passages"],
)
def test_a_missing_table_is_found_on_opening(table: str, path: Path) -> None:
    write_odd(path)
    connection = sqlite3.connect(path)
    connection.execute(f"DROP TABLE {table}")
    connection.close()
    with pytest.raises(DamagedSnapshotError):
        Store(path)


def test_an_unknown_document_is_damage(path: Path) -> None:
    write_odd(path)
    store = Store(path)
    with pytest.raises(DamagedSnapshotError):
        store.text_of("unknown.md")
    store.close()


def test_a_failing_disk_is_an_error_of_the_operating_system(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match="The index in service is unchanged"),
        translating_storage_errors(tmp_path),
    ):
        write_odd(tmp_path / "no such folder" / "knowledge.sqlite")
