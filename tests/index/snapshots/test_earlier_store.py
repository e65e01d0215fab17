from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index.snapshots.earlier_store import EarlierStore, KnownDocument, Rows
from index.snapshots.snapshot_writer import hash_text
from knowledge.converting.converted import ConvertedText
from knowledge.documents import Document, DocumentFormat, Origin
from knowledge.errors import DamagedSnapshotError
from knowledge.reading.reader import TEXT_READER
from tests.index.conftest import Guide, write_store
from tests.index.snapshots.test_store_writer import laid_out_before

Keep = Callable[[Sequence[Guide] | None], EarlierStore]


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Keep]:
    """Write guides into a store and open it; without guides, there is no store."""
    opened: list[EarlierStore] = []

    def keep_(guides: Sequence[Guide] | None) -> EarlierStore:
        path = tmp_path / "before #1 ü.sqlite"
        if guides is not None:
            write_store(path, list(guides))
        opened.append(EarlierStore(None if guides is None else path))
        return opened[-1]

    yield keep_
    for store in opened:
        store.close()


def find_split(store: EarlierStore, document: Document) -> KnownDocument | None:
    return store.find_split(document, hash_text(document.text))


def test_a_document_is_known_by_all_that_its_passages_depend_on(keep: Keep) -> None:
    store = keep(laid_out_before())
    document = laid_out_before()[1][0]
    known = find_split(store, document)
    assert known is not None
    assert known.document == replace(document, text="")
    assert known.rows == Rows(first_passage=4, end_passage=8, first_sentence=4, end_sentence=7)
    same = replace(document, id="other.md", source="/other.md", url="https://example.org")
    assert find_split(store, same) == known
    for other in (
        replace(document, text=document.text + " "),
        replace(document, title="middle"),
        replace(document, aliases=("a",)),
        replace(document, format=DocumentFormat.PLAIN_TEXT),
    ):
        assert find_split(store, other) is None
    none = find_split(store, laid_out_before()[2][0])
    assert none is not None
    assert none.rows == Rows(first_passage=8, end_passage=8, first_sentence=0, end_sentence=0)


def test_a_document_is_known_by_what_it_was_made_of(keep: Keep) -> None:
    first, (document, passages), last = laid_out_before()
    origin = Origin(file_sha256="1" * 64, reader="pdf 2", said='["Title"]')
    document = replace(
        document, origin=origin, page_starts=(0, 7), title_in_file="Old", language="en"
    )
    store = keep([first, (document, passages), last])
    assert store.find_document("middle.md", origin) == document
    assert store.find_document("other.md", origin) is None
    for changed in (
        replace(origin, file_sha256="2" * 64),
        replace(origin, reader="pdf 3"),
        replace(origin, said=""),
    ):
        assert store.find_document("middle.md", changed) is None
    converted = ConvertedText(text=document.text, page_starts=(0, 7), title="Old")
    for reader in ("pdf 2", None):
        assert store.find_converted("1" * 64, reader) == (converted, "pdf 2")
    assert store.find_converted("1" * 64, "pdf 3") is None
    assert store.find_converted("2" * 64, None) is None


def test_the_text_of_a_document_without_passages_is_known(keep: Keep) -> None:
    origin = Origin(file_sha256="1" * 64, reader=TEXT_READER)
    document = replace(laid_out_before()[2][0], origin=origin)
    store = keep([(document, [])])
    assert store.find_document("none.md", origin) == document
    # What was read as text was not converted.
    assert store.find_converted("1" * 64, None) is None


def test_passages_and_headings_are_known(keep: Keep) -> None:
    store = keep(laid_out_before())
    for position, row in enumerate(row for _, rows in laid_out_before() for row in rows):
        found = store.find_passage(row.key)
        assert found is not None
        assert (found.first_passage, found.end_passage) == (position, position + 1)
        assert found.end_sentence - found.first_sentence == len(row.sentences)
    assert store.find_passage(b"\0" * 16) is None
    headings = ("Middle", "A guide", "Heading 3", "Heading 2")
    assert [store.find_heading(text) for text in headings] == [3, 0, 2, None]


def test_without_a_store_nothing_is_known(keep: Keep) -> None:
    store = keep(None)
    document, passages = laid_out_before()[0]
    assert find_split(store, document) is None
    assert store.find_document("first.md", document.origin) is None
    assert store.find_converted("", None) is None
    assert store.find_passage(passages[0].key) is None
    assert store.find_heading("A guide") is None


def test_what_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.sqlite").write_bytes(b"no SQLite file" * 100)
    store = EarlierStore(tmp_path / "no.sqlite")
    with pytest.raises(DamagedSnapshotError, match=r"no\.sqlite is damaged\. Run: .* --full"):
        store.find_document("a.md", Origin())
    store.close()
