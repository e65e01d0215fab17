"""A build upon the snapshot before gives what a full build of the same guides gives."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from index.build import BuildReport, Progress, build_snapshot
from index.encoding.encoder import Encoder
from index.searching.search import Hit, Probe, search
from index.settings import IndexSettings
from index.snapshots.files import (
    HEADING_VECTORS_NAME,
    PASSAGE_VECTORS_NAME,
    SENTENCE_VECTORS_NAME,
    STORE_NAME,
)
from index.snapshots.home import Home
from index.snapshots.manifest import read_manifest
from index.snapshots.snapshot import Snapshot
from index.snapshots.store import Store
from knowledge.documents import Document
from knowledge.errors import KnowledgeError
from knowledge.reading.reading import read_documents
from knowledge.settings import KnowledgeSettings
from tests import soak
from tests.index.fakes import REFERENCES, WordHashEncoder, write_guides

KNOWLEDGE = KnowledgeSettings(target_tokens=16)

FRONT_MATTERS = [
    "",
    "---\ntitle: Nurse\naliases: [RN]\n---\n",
    "---\ntitle: Nurse\naliases: [RN, night nurse]\n---\n",
    "---\ntitle: Data Engineer\nurl: https://example.org/?a='b'\n---\n",
    "---\nurl: https://example.org/b\n---\n",
    "---\ntags: [😀]\n...\n",
]
BLOCKS = [
    "# Data Engineer\n\n",
    "# Nurse\n\n",
    "## Skills\n\n",
    "## Pay\n\n",
    "### Site Reliability Engineer\n\n",
    "Data engineers build pipelines that carry data. They are also known as DEs.\n\n",
    "A data engineer needs:\n\n- Python;\n- SQL;\n- Python;\n\n",
    "| Tool | Use |\n|---|---|\n| Spark | much |\n| dbt | little |\n\n",
    "Nurses care for patients 😀 daily. Nurses care for patients 😀 daily.\n\n",
    "There is a NUL \0 within this line, which is long enough to be a text all the same.\n\n",
    "e\u0301 and \u0301 alone, \u0301\u0301.\u2028Next\x85 line.\n\n",
    "A Site Reliability Engineer (SRE) keeps the service up. So does a Nurse.\n\n",
    "```\nprint('code only')\n```\n\n",
    "   \n\n",
    "***\n\n",
    "**Bold** _markup_ with [a link](https://example.org) and `code`.\n\n",
    f"{'It is long and says little of anything, but it goes on and on. ' * 6}\n\n",
]
NAMES = ["0-first.md", "guide.md", "guide.txt", "nurses/guide.md", "nurses/ü 😀.md", "z-last.md"]

Guide = tuple[str, tuple[str, ...]]
"""Its front matter and its blocks."""

Guides = dict[str, Guide]
Edit = Callable[[Guides], object]


def edit_block(guides: Guides, name: str, place: int, blocks: Sequence[str], kept: int) -> None:
    """Put blocks in a place of a guide; from there on, all but some of those kept go."""
    if name in guides:
        front_matter, old = guides[name]
        place %= len(old) + 1
        guides[name] = (front_matter, (*old[:place], *blocks, *old[place + kept :]))


def edit_front_matter(guides: Guides, name: str, front_matter: str) -> None:
    if name in guides:
        guides[name] = (front_matter, guides[name][1])


def move(guides: Guides, name: str, to: str) -> None:
    if name in guides:
        guides[to] = guides.pop(name)


def copy(guides: Guides, name: str, to: str) -> None:
    if name in guides:
        guides[to] = guides[name]


def swap(guides: Guides, name: str, other: str) -> None:
    if name in guides and other in guides:
        guides[name], guides[other] = guides[other], guides[name]


@dataclass(frozen=True)
class Named:
    """An edit that shows in what Hypothesis prints."""

    edit: Callable[..., object]
    arguments: tuple[Any, ...]

    def __call__(self, guides: Guides) -> None:
        self.edit(guides, *self.arguments)

    def __repr__(self) -> str:
        return f"Named({self.edit.__name__}, {self.arguments!r})"


def edits_with(
    edit: Callable[..., object], *arguments: st.SearchStrategy[Any]
) -> st.SearchStrategy[Edit]:
    return st.tuples(*arguments).map(lambda values: Named(edit, values))


def add(guides: Guides, name: str, guide: Guide) -> None:
    guides[name] = guide


def remove(guides: Guides, name: str) -> None:
    guides.pop(name, None)


_NAME = st.sampled_from(NAMES)
_BLOCKS = st.lists(st.sampled_from(BLOCKS), max_size=6).map(tuple)
_GUIDE = st.tuples(st.sampled_from(FRONT_MATTERS), _BLOCKS)
_EDIT: st.SearchStrategy[Edit] = st.one_of(
    edits_with(edit_block, _NAME, st.integers(0, 6), _BLOCKS, st.integers(0, 2)),
    edits_with(edit_front_matter, _NAME, st.sampled_from(FRONT_MATTERS)),
    edits_with(move, _NAME, _NAME),
    edits_with(copy, _NAME, _NAME),
    edits_with(swap, _NAME, _NAME),
    edits_with(add, _NAME, _GUIDE),
    edits_with(remove, _NAME),
)
_WHOLE: Guide = (FRONT_MATTERS[1], (*BLOCKS, *BLOCKS[:9]))
_ALL: Guides = dict.fromkeys(NAMES, _WHOLE)


def write_folder(folder: Path, guides: Mapping[str, Guide]) -> None:
    """Have a folder hold these guides and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    write_guides(
        folder, {name: front + "".join(blocks) for name, (front, blocks) in guides.items()}
    )


def build(
    home: Home,
    folder: Path,
    encoder: Encoder | None = None,
    *,
    knowledge: KnowledgeSettings = KNOWLEDGE,
    is_full: bool = False,
    kept_snapshots: int = 2,
    references: tuple[str, ...] = REFERENCES,
    progress: Progress = lambda stage, done, total: None,
) -> BuildReport:
    return build_snapshot(
        home,
        [folder],
        lambda: encoder or WordHashEncoder(),
        knowledge_settings=knowledge,
        index_settings=IndexSettings(kept_snapshots=kept_snapshots),
        references=references,
        is_full=is_full,
        progress=progress,
    )


QUERIES = {
    "documents": "SELECT * FROM documents ORDER BY position",
    "passages": "SELECT * FROM passages ORDER BY position",
    "sentences": """
        SELECT sentences.position, kind, headings.text, heading_path, start_offset, end_offset,
               lead_start, lead_end, plain, terms, words
        FROM sentences LEFT JOIN headings ON headings.position = heading
        ORDER BY sentences.position
    """,
    "headings": "SELECT text FROM headings ORDER BY text",
    "heading rows": "SELECT row_number() OVER (ORDER BY position) - 1 - position FROM headings",
    "words": "SELECT * FROM words",
    "roles": "SELECT * FROM roles ORDER BY position",
    "role_spans": "SELECT * FROM role_spans",
    "role_passages": "SELECT * FROM role_passages",
}


def read_tables(folder: Path) -> dict[str, list[Any]]:
    """Return every row of a store; headings are named by their text, since they have no order."""
    connection = sqlite3.connect(folder / STORE_NAME)
    try:
        return {name: connection.execute(query).fetchall() for name, query in QUERIES.items()}
    finally:
        connection.close()


def heading_vectors_of(folder: Path) -> dict[str, npt.NDArray[np.float32]]:
    connection = sqlite3.connect(folder / STORE_NAME)
    try:
        rows = connection.execute("SELECT text, position FROM headings").fetchall()
    finally:
        connection.close()
    vectors = np.load(folder / HEADING_VECTORS_NAME)
    assert len(vectors) == len(rows)
    return {text: vectors[position] for text, position in rows}


def keys_of(folder: Path) -> list[bytes]:
    return [row[7] for row in read_tables(folder)["passages"]]


def texts_in(folder: Path) -> dict[str, str]:
    store = Store(folder / STORE_NAME)
    try:
        return {id_: store.text_of(id_) for id_ in store.document_ids()}
    finally:
        store.close()


def folder_in_service(home: Home) -> Path:
    return home.folder_of(home.current_name())


def ask(snapshot: Snapshot, question: str) -> list[Hit]:
    vector = WordHashEncoder().encode([question])[0]
    return search(snapshot, [Probe(vector=vector, text=question)], 20, IndexSettings())


def assert_equal_snapshots(found: Path, expected: Path) -> None:
    """Compare all that two snapshots hold, and what they find."""
    tables, expected_tables = read_tables(found), read_tables(expected)
    for name in QUERIES:
        assert tables[name] == expected_tables[name], name
    assert not any(gap for (gap,) in tables["heading rows"])
    for name in (PASSAGE_VECTORS_NAME, SENTENCE_VECTORS_NAME):
        np.testing.assert_allclose(np.load(found / name), np.load(expected / name), atol=1e-5)
    vectors, expected_vectors = heading_vectors_of(found), heading_vectors_of(expected)
    for text, vector in vectors.items():
        np.testing.assert_allclose(vector, expected_vectors[text], atol=1e-5)
    manifest, expected_manifest = read_manifest(found), read_manifest(expected)
    varying = {"name", "created_at", "files", "checksum"}
    assert manifest.model_dump(exclude=varying) == expected_manifest.model_dump(exclude=varying)
    snapshot, expected_snapshot = Snapshot(found), Snapshot(expected)
    try:
        terms = expected_snapshot.lexical.vocabulary()
        assert set(snapshot.lexical.vocabulary()) == set(terms)
        for term in terms:
            np.testing.assert_allclose(
                snapshot.lexical.scores({term: 1}), expected_snapshot.lexical.scores({term: 1})
            )
        np.testing.assert_allclose(
            snapshot.reference_vectors(REFERENCES, WordHashEncoder()),
            expected_snapshot.reference_vectors(REFERENCES, WordHashEncoder()),
            atol=1e-6,
        )
        for question in ("which skills does a nurse need?", "data engineer pay", "SRE 😀"):
            assert ask(snapshot, question) == ask(expected_snapshot, question)
        assert snapshot.roles == expected_snapshot.roles
        assert texts_in(found) == texts_in(expected)
    finally:
        snapshot.close()
        expected_snapshot.close()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder to build in many times; what it holds may be lost with the power."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        yield tmp_path_factory.mktemp("workshop")


def documents_of(folder: Path) -> list[Document]:
    try:
        return list(read_documents([folder], KNOWLEDGE))
    except KnowledgeError:
        return []


def traits_of(document: Document) -> tuple[object, ...]:
    return document.text, document.format, document.title, document.aliases


@pytest.mark.soak
@settings(
    deadline=None,
    derandomize=True,
    max_examples=soak.rounds(sample=12, full=400),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    guides=st.dictionaries(_NAME, _GUIDE, min_size=1),
    rounds=st.lists(st.lists(_EDIT, max_size=3), min_size=1, max_size=3),
    at_once=st.sampled_from([1, 2, 3, 256]),
)
@example(guides=_ALL, rounds=[[], [Named(remove, (NAMES[2],))]], at_once=2)
@example(guides=_ALL, rounds=[[Named(edit_block, (NAMES[1], 8, (), 2))]], at_once=256)
@example(
    guides={NAMES[1]: _WHOLE},
    rounds=[[Named(add, (NAMES[0], ("", tuple(BLOCKS[::-1]))))], [Named(remove, (NAMES[1],))]],
    at_once=3,
)
def test_any_edits_give_what_a_full_build_gives(
    guides: Guides, rounds: list[list[Edit]], at_once: int, workshop: Path
) -> None:
    folder = workshop / "guides"
    home, full_home = Home(workshop / "home"), Home(workshop / "full")
    for path in (home.path, full_home.path):
        shutil.rmtree(path, ignore_errors=True)
    guides = dict(guides)
    before: list[Document] = []
    keys: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.snapshots.snapshot_writer._PASSAGES_ENCODED_AT_ONCE", at_once)
        patch.setattr("index.snapshots.snapshot_writer._STEPS_HELD", at_once)
        for edits in [[], *rounds]:
            for edit in edits:
                edit(guides)
            write_folder(folder, guides)
            encoder, full_encoder = WordHashEncoder(), WordHashEncoder()
            try:
                full = build(full_home, folder, full_encoder, is_full=True)
            except KnowledgeError:
                with pytest.raises(KnowledgeError):
                    build(home, folder, encoder)
                continue
            headings = set(heading_vectors_of(folder_in_service(home))) if before else set()
            report = build(home, folder, encoder)
            assert_equal_snapshots(folder_in_service(home), folder_in_service(full_home))
            # What was copied is what stood in the snapshot before.
            documents = documents_of(folder)
            assert texts_in(folder_in_service(home)) == {row.id: row.text for row in documents}
            known = {traits_of(document) for document in before}
            assert report.documents == full.documents == len(documents)
            assert report.documents_copied == sum(traits_of(row) in known for row in documents)
            now = keys_of(folder_in_service(home))
            assert report.passages == full.passages == len(now)
            assert report.passages_copied == sum(key in set(keys) for key in now)
            assert report.roles == full.roles
            assert (full.documents_copied, full.passages_copied) == (0, 0)
            # One heading is encoded to compare the encoder, and else only what is new.
            new_headings = heading_vectors_of(folder_in_service(home)).keys() - headings
            assert len(encoder.encoded) == (
                (1 if headings else 0)
                + (0 if before else len(REFERENCES))
                + (report.passages - report.passages_copied)
                + len(new_headings)
            )
            assert new_headings <= set(encoder.encoded)
            before, keys = documents, now
