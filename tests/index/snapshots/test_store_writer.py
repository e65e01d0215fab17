import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.searching.lexical import join_words, terms_of
from index.snapshots.earlier_store import KnownDocument
from index.snapshots.snapshot_writer import hash_text
from index.snapshots.store import Store
from index.snapshots.store_writer import StoreWriter
from knowledge.documents import Document
from knowledge.roles.facts import RoleFacts, RoleMention
from knowledge.roles.roles import Role, RoleSpan
from knowledge.roles.spoken_of import RoleSection
from tests.index.conftest import NO_FACTS, Guide, lay_out, write_store

ROOT = Path(__file__).parents[3]
FACTS = RoleFacts(
    subjects=("Nurse",),
    aliases=("RN", "Köpfchen 😀"),
    body_start=3,
    body_end=40,
    sections=(RoleSection(name="Pilot", start=5, end=9),),
    mentions=(RoleMention(key="pilot", words='the "Pilot" \0', is_alias=True),),
)

Begin = Callable[..., StoreWriter]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new.sqlite"


@pytest.fixture
def begin(path: Path) -> Iterator[Begin]:
    """Begin stores and close them at the end."""
    begun: list[StoreWriter] = []

    def begin_(before: Path | None = None) -> StoreWriter:
        begun.append(StoreWriter(path, before))
        return begun[-1]

    yield begin_
    for writer in begun:
        writer.close()


def laid_out_before() -> list[Guide]:
    """Return guides of which the middle one has headings that the first has in another order."""
    first = lay_out(["First. ", "Under one. ", "Third. ", "Under three. "], id_="first.md")
    middle = lay_out(
        ["NUL \0 here. ", "Middle 😀. ", " \n", "Last. "],
        id_="middle.md",
        front_matter="---\nurl: x\n---\n",
        title="Middle",
    )
    return [first, middle, lay_out([], id_="none.md", front_matter="---\na: b\n---\n")]


@pytest.fixture
def before(tmp_path: Path) -> Path:
    path = tmp_path / "before #1 ü.sqlite"
    write_store(path, laid_out_before())
    return path


def add(writer: StoreWriter, guide: Guide, facts: RoleFacts = NO_FACTS) -> None:
    document, passages = guide
    writer.add_document(document, hash_text(document.text), passages, facts)


def find(writer: StoreWriter, document: Document) -> KnownDocument | None:
    return writer.earlier.find_split(document, hash_text(document.text))


def copy(writer: StoreWriter, document: Document) -> None:
    known = find(writer, document)
    assert known is not None
    writer.copy_document(document, hash_text(document.text), known)


def rows_of(path: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def everything_in(path: Path) -> list[object]:
    """Return all that a store gives; of headings their texts, since they have no order."""
    store = Store(path)
    texts = dict(rows_of(path, "SELECT position, text FROM headings"))
    try:
        return [
            [(store.document(id_), store.text_of(id_)) for id_ in store.document_ids()],
            store.passages(range(store.passage_count)),
            [
                (replace(row, heading=0), texts[row.heading])
                for row in store.sentences_of(range(store.passage_count))
            ],
            rows_of(path, "SELECT key, terms FROM passages ORDER BY position"),
            rows_of(path, "SELECT word FROM words"),
            rows_of(path, "SELECT sha256, format, aliases, role_facts FROM documents"),
            sorted(texts.values()),
        ]
    finally:
        store.close()


def test_copied_documents_are_as_if_written_anew(
    begin: Begin, before: Path, path: Path, tmp_path: Path
) -> None:
    new = lay_out(["Under new. ", "Heading 3? "], id_="a-new.md", title="Heading 3")
    first, middle, none = laid_out_before()
    writer = begin(before)
    add(writer, new)
    for document, _ in (middle, none, first, middle):
        # Another id and source, as where a file was renamed and copied.
        copy(writer, replace(document, id=f"{len(writer._positions)}.md", source="/elsewhere"))
    writer.finish([])
    anew = [new]
    for position, (document, passages) in enumerate((middle, none, first, middle), start=1):
        anew.append((replace(document, id=f"{position}.md", source="/elsewhere"), passages))
    write_store(tmp_path / "anew.sqlite", anew)
    assert everything_in(path) == everything_in(tmp_path / "anew.sqlite")
    counts = (writer.passage_count, writer.sentence_count, list(writer.headings.values()))
    assert counts == (14, 12, list(range(len(writer.headings))))
    store = Store(path)
    assert store.passages([6])[6].passage.id == "3.md#0-7"
    store.close()


def test_the_store_before_is_left_as_it_was(begin: Begin, before: Path) -> None:
    data = before.read_bytes()
    reader = Store(before)
    writer = begin(before)
    copy(writer, laid_out_before()[0][0])
    assert reader.text_of("middle.md") == laid_out_before()[1][0].text
    writer.finish([])
    assert before.read_bytes() == data
    assert {path.name for path in before.parent.iterdir()} == {before.name, "new.sqlite"}
    reader.close()


def test_nothing_is_left_of_what_was_not_copied(begin: Begin, before: Path, path: Path) -> None:
    writer = begin(before)
    copy(writer, laid_out_before()[1][0])
    writer.finish([])
    store = Store(path)
    assert store.document_ids() == ["middle.md"]
    for word in ("first", "third", "under"):
        assert not store.has_word(word)
    headings = {text for (text,) in rows_of(path, "SELECT text FROM headings")}
    assert headings == {"Middle", "Heading 1", "Heading 3"}
    assert b"Under three" not in path.read_bytes()
    store.close()


def test_terms_and_facts_are_read_back_in_their_order(
    begin: Begin, path: Path, tmp_path: Path
) -> None:
    writer = begin()
    add(writer, lay_out(["The nurses care. ", "It is. ", "C++ 工程师. "], id_="b.md"), FACTS)
    add(writer, lay_out(["Last. "], id_="a.md"))
    assert list(writer.read_terms()) == [["nurs", "care"], [], ["c++", "工程师"], ["last"]]
    assert list(writer.read_role_facts()) == [("b.md", FACTS), ("a.md", NO_FACTS)]
    writer.finish([])
    later = StoreWriter(tmp_path / "later.sqlite", path)
    copy(later, lay_out(["Last. "], id_="a.md")[0])
    copy(later, lay_out(["The nurses care. ", "It is. ", "C++ 工程师. "], id_="c.md")[0])
    assert list(later.read_terms()) == [["last"], ["nurs", "care"], [], ["c++", "工程师"]]
    assert list(later.read_role_facts()) == [("a.md", NO_FACTS), ("c.md", FACTS)]
    later.close()


def test_roles_are_written_with_their_spans(begin: Begin, path: Path) -> None:
    writer = begin()
    for name in ("b.md", "a.md"):
        add(writer, lay_out(["12345678 ", "12345678 "], id_=name))
    spans = (
        RoleSpan(document_id="a.md", start=9, end=18),
        RoleSpan(document_id="b.md", start=0, end=18),
    )
    writer.finish([Role(name="Pilot"), Role(name="Nurse", aliases=("RN",), spans=spans)])
    store = Store(path)
    assert [role.has_guide for role in store.roles()] == [False, True]
    assert store.passages_about(1).tolist() == [0, 1, 3]
    store.close()


def test_what_questions_compare_is_worked_out_when_writing(begin: Begin, path: Path) -> None:
    text = "The **nurses'** care, care and _C++_ engineers. "
    writer = begin()
    add(writer, lay_out([text]))
    writer.finish([])
    store = Store(path)
    [stored] = store.sentences_of([0])
    assert stored.plain == "The nurses' care, care and C++ engineers."
    assert stored.terms == frozenset(terms_of(stored.plain))
    assert stored.words == " the nurse care care and c++ engineer "
    store.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "  "), ("Nurses, NURSES!", " nurse nurse "), ("工程师 😀 ﬁle", " 工程师 file ")],
    ids=["empty", "plural", "scripts"],
)
def test_words_are_joined_for_whole_word_search(text: str, words: str) -> None:
    assert join_words(text) == words
