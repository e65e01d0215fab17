import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.searching.lexical import join_words, terms_of
from index.snapshots.home import translating_storage_errors
from index.snapshots.schema import TABLES
from index.snapshots.store import Store
from index.snapshots.stored import StoredDocument, StoredRole
from knowledge.documents import Document, DocumentFormat
from knowledge.errors import DamagedSnapshotError, StorageError
from knowledge.roles.roles import Role, RoleSpan
from tests.index.conftest import Guide, lay_out, write_store

ODD_ID = 'it\'s "odd"; DROP TABLE passages;--/ü 😀.md'
ODD_TEXTS = ("NUL \0 within. ", "😀 emoji\u2028next ", "e\u0301 \ufeff\x85 end.\n")
FRONT_MATTER = "---\ntitle: 😀 \0\n---\n"
ROLES = (
    Role(
        name='Head of "Design"',
        aliases=("design lead", "Köpfchen 😀"),
        spans=(RoleSpan(document_id=ODD_ID, start=0, end=len(ODD_TEXTS[0])),),
    ),
    Role(name="Only Mentioned"),
)


def write_odd(path: Path) -> list[Guide]:
    guides = [
        lay_out(ODD_TEXTS, id_=ODD_ID),
        lay_out(["First. ", "Second. ", " \n", "Last."], id_="plain.md"),
    ]
    write_store(path, guides, ROLES)
    return guides


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "knowledge #1?.sqlite"


def test_everything_comes_back_as_it_was(path: Path) -> None:
    guides = write_odd(path)
    store = Store(path)
    assert store.document_ids() == [ODD_ID, "plain.md"]
    assert store.document_count == 2
    assert store.document(ODD_ID) == StoredDocument(
        id=ODD_ID, title="A guide", source=f"/guides/{ODD_ID}", url=None
    )
    for document, _ in guides:
        assert store.text_of(document.id) == document.text
    rows = [row for _, passages in guides for row in passages]
    assert store.passage_count == len(rows) == 7
    stored_passages = store.passages(range(7))
    assert [stored_passages[position].passage for position in range(7)] == [
        row.passage for row in rows
    ]
    assert [stored_passages[position].position for position in range(7)] == list(range(7))
    texts = [*ODD_TEXTS, "First. ", "Second. ", " \n", "Last."]
    assert [stored_passages[position].text for position in range(7)] == texts
    stored = store.sentences_of(range(7))
    assert store.sentence_count == len(stored) == 6
    assert [row.sentence for row in stored] == [
        sentence for row in rows for sentence in row.sentences
    ]
    assert [row.position for row in stored] == list(range(6))
    assert [row.passage_position for row in stored] == [0, 1, 2, 3, 4, 6]
    assert [row.document_id for row in stored] == [ODD_ID] * 3 + ["plain.md"] * 3
    # "A guide", "Heading 1" and "Heading 3", by first use.
    assert [row.heading for row in stored] == [0, 1, 0, 0, 1, 2]
    assert store.heading_count == 3
    assert store.first_heading() == "A guide"
    plain = [sentence for row in rows for sentence in row.plain_sentences]
    assert [row.plain for row in stored] == plain
    assert [row.terms for row in stored] == [frozenset(terms_of(text)) for text in plain]
    assert [row.words for row in stored] == [join_words(text) for text in plain]
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
    _, passages = lay_out(["One."], id_="a.md")
    write_store(path, [(document, passages)])
    store = Store(path)
    assert store.document("a.md").url == "https://example.org/?a='b'"
    assert store.document("a.md").title == "A 'title'"
    assert store.passages([0])[0].text == "One."
    assert store.roles() == ()
    store.close()


@settings(deadline=None, derandomize=True, max_examples=120)
@given(data=st.data())
def test_texts_and_slices_are_the_documents(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    texts = st.lists(st.text(min_size=1, max_size=12), max_size=5)
    fronts = st.sampled_from(["", FRONT_MATTER])
    guides = [
        lay_out(data.draw(texts), id_=f"{row}.md", front_matter=data.draw(fronts))
        for row in range(3)
    ]
    path = tmp_path_factory.getbasetemp() / "slices.sqlite"
    path.unlink(missing_ok=True)
    write_store(path, guides)
    store = Store(path)
    document, passages = guides[1]
    text = document.text
    for guide, _ in guides:
        assert store.text_of(guide.id) == guide.text
    for _ in range(4):
        start, end = sorted(data.draw(st.integers(0, len(text) + 2)) for _ in range(2))
        # Front matter belongs to no passage, and no citation is of it.
        expected = text[max(start, document.body_start) : end] if passages else ""
        assert store.slice(document.id, start, end) == expected
    for row in passages:
        assert store.slice(document.id, row.passage.start, row.passage.end) == row.encoded_text
    store.close()


@pytest.mark.parametrize("body", ["", " \n \n"], ids=["no body", "blank body"])
@pytest.mark.parametrize("front_matter", ["", FRONT_MATTER], ids=["bare", "front matter"])
def test_a_document_without_passages_keeps_its_text(
    front_matter: str, body: str, path: Path
) -> None:
    document, _ = lay_out([body], id_="b.md", front_matter=front_matter)
    write_store(
        path,
        [
            lay_out(["Before. "], id_="a.md"),
            (document, []),
            lay_out(["Behind. "], id_="c.md"),
        ],
    )
    store = Store(path)
    assert [store.text_of(f"{name}.md") for name in "abc"] == [
        "Before. ",
        front_matter + body,
        "Behind. ",
    ]
    assert store.slice("b.md", 0, 100) == ""
    assert store.passage_count == 2
    assert store.document_ids() == ["a.md", "b.md", "c.md"]
    store.close()


def test_a_store_of_nothing_is_opened(path: Path) -> None:
    write_store(path, [])
    store = Store(path)
    counts = (store.document_count, store.passage_count, store.sentence_count, store.heading_count)
    assert counts == (0, 0, 0, 0)
    assert store.first_heading() is None
    assert store.document_ids() == []
    assert store.passages([0]) == {}
    assert store.sentences_of([0]) == []
    store.close()


def test_words_are_found_by_their_first_letter_and_length(path: Path) -> None:
    write_store(path, [lay_out(["Naïve DATA, data and C++! ", "Straße ﬁle date 工程师. "])])
    store = Store(path)
    for word in ("naïve", "data", "c++", "strasse", "file", "date", "工程师", "and"):
        assert store.has_word(word)
    for word in ("", "naive", "Data", "dat", "straße", "ﬁle", "%", "d_ta"):
        assert not store.has_word(word)
    assert sorted(store.words_like("d", 4, 4)) == ["data", "date"]
    assert store.words_like("d", 5, 9) == []
    assert store.words_like("n", 1, 9) == ["naïve"]
    assert store.words_like("工", 3, 3) == ["工程师"]
    assert store.words_like("", 0, 99) == []
    store.close()


def test_roles_come_back_with_the_passages_about_them(path: Path) -> None:
    write_odd(path)
    store = Store(path)
    assert store.roles() == (
        StoredRole(position=0, name=ROLES[0].name, aliases=ROLES[0].aliases, has_guide=True),
        StoredRole(position=1, name="Only Mentioned", aliases=(), has_guide=False),
    )
    assert store.passages_about(0).tolist() == [0]
    assert store.passages_about(1).tolist() == []
    assert store.passages_about(99).tolist() == []
    assert store.passages_about(1).dtype == store.passages_about(0).dtype == "int64"
    spans = [(0, ODD_ID, 0, len(ODD_TEXTS[0]))]
    assert store.role_spans([ODD_ID, "plain.md", ODD_ID]) == spans
    assert store.role_spans(["plain.md", "unknown.md"]) == []
    assert store.role_spans([]) == []
    store.close()


def test_a_role_of_several_guides_has_their_passages_in_order(path: Path) -> None:
    guides = [lay_out(["12345678 "] * 3, id_=f"{name}.md") for name in "abc"]
    spans = [("c", 0, 27), ("a", 9, 18), ("c", 0, 9), ("a", 9, 18), ("a", 0, 9)]
    role = Role(
        name="Nurse",
        spans=tuple(
            RoleSpan(document_id=f"{name}.md", start=start, end=end) for name, start, end in spans
        ),
    )
    write_store(path, guides, [role])
    store = Store(path)
    assert store.passages_about(0).tolist() == [0, 1, 6, 7, 8]
    assert sorted(store.role_spans(["a.md", "b.md", "c.md"])) == [
        (0, "a.md", 0, 9),
        (0, "a.md", 9, 18),
        (0, "c.md", 0, 9),
        (0, "c.md", 0, 27),
    ]
    store.close()


@pytest.mark.parametrize(
    ("start", "end", "positions"),
    [
        pytest.param(0, 40, [0, 1, 2, 3], id="whole"),
        pytest.param(10, 20, [1], id="one"),
        pytest.param(5, 20, [0, 1], id="half of the first"),
        pytest.param(6, 20, [1], id="less than half of the first"),
        pytest.param(12, 16, [1], id="within one"),
        pytest.param(18, 22, [1, 2], id="half of the span in each"),
        pytest.param(19, 23, [2], id="most of the span in one"),
    ],
)
def test_a_passage_is_about_a_role_by_half(
    start: int, end: int, positions: list[int], path: Path
) -> None:
    document, passages = lay_out(["123456789 "] * 4)
    role = Role(name="Nurse", spans=(RoleSpan(document_id=document.id, start=start, end=end),))
    write_store(path, [(document, passages)], [role])
    store = Store(path)
    assert store.passages_about(0).tolist() == positions
    store.close()


def test_passages_and_sentences_are_those_asked_for(path: Path) -> None:
    write_odd(path)
    store = Store(path)
    assert set(store.passages([2, 0, 2, 99, -1])) == {0, 2}
    assert store.passages([]) == {}
    assert [row.passage_position for row in store.sentences_of([4, 1])] == [1, 4]
    assert [row.passage_position for row in store.sentences_of([4, 1, 4, 99, -1])] == [1, 4]
    assert store.sentences_of([5]) == []
    assert store.sentences_of([]) == []
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

    def read() -> object:
        return (
            store.passages(range(7)),
            store.sentences_of(range(7)),
            store.roles(),
            store.text_of("plain.md"),
            store.document(ODD_ID),
            store.passages_about(0).tolist(),
        )

    expected = read()
    failures: list[object] = []

    def work() -> None:
        for _ in range(30):
            store.document.cache_clear()
            store.passages_about.cache_clear()
            if (found := read()) != expected:
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


def read_everything(path: Path) -> None:
    store = Store(path)
    try:
        for document_id in store.document_ids():
            store.document(document_id)
            store.text_of(document_id)
            store.slice(document_id, 0, 10**6)
        store.passages(range(60))
        store.sentences_of(range(60))
        for role in store.roles():
            store.passages_about(role.position)
            store.role_spans(["guide.md"])
        store.first_heading()
        store.has_word("passage")
        store.words_like("p", 1, 99)
    finally:
        store.close()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_database_is_damaged(share: float, path: Path) -> None:
    write_store(path, [lay_out([f"Passage number {number}. " * 20 for number in range(60)])])
    read_everything(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(DamagedSnapshotError, match="Run: rolewise build"):
        read_everything(path)


def test_a_page_of_other_bytes_is_damage_or_goes_unseen(path: Path) -> None:
    write_store(path, [lay_out([f"Passage number {number}. " * 20 for number in range(60)])])
    data = path.read_bytes()
    refused: list[str] = []
    for page in range(len(data) // 4096):
        path.write_bytes(data[: page * 4096] + b"\xa5" * 4096 + data[(page + 1) * 4096 :])
        try:
            read_everything(path)
        except DamagedSnapshotError as error:
            refused.append(str(error))
    assert len(refused) > 10
    assert set(refused) == {f"{path} is damaged. Run: rolewise build"}


@pytest.mark.parametrize("table", TABLES)
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
    with pytest.raises(DamagedSnapshotError):
        store.document("unknown.md")
    store.close()


def test_a_failing_disk_is_an_error_of_the_operating_system(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match="The index in service is unchanged"),
        translating_storage_errors(tmp_path),
    ):
        write_odd(tmp_path / "no such folder" / "knowledge.sqlite")
