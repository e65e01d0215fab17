"""A build upon the snapshot before gives what a full build of the same guides gives."""

import json
import shutil
import sqlite3
import threading
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
from index.encoder import Encoder, SentenceTransformerEncoder, Vectors
from index.files import (
    HEADING_VECTORS_NAME,
    PASSAGE_VECTORS_NAME,
    SENTENCE_VECTORS_NAME,
    STORE_NAME,
)
from index.home import Home
from index.manifest import FORMAT_VERSION, MANIFEST_NAME, read_manifest
from index.search import Hit, Probe, search
from index.settings import IndexSettings
from index.snapshot import Snapshot
from index.store import Store
from knowledge.documents import Document, read_documents
from knowledge.errors import KnowledgeError
from knowledge.settings import KnowledgeSettings
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
    varying = {"name", "created_at", "files"}
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


@settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
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
        patch.setattr("index.snapshot_writer._PASSAGES_ENCODED_AT_ONCE", at_once)
        patch.setattr("index.snapshot_writer._STEPS_HELD", at_once)
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


NEW_SENTENCE = "It is new, and long enough to be a passage of its own."
LONG_AGO: Guides = {
    "a.md": ("", (BLOCKS[0], BLOCKS[5], BLOCKS[2], BLOCKS[6])),
    "b.md": (FRONT_MATTERS[1], (BLOCKS[8], BLOCKS[3], BLOCKS[15])),
    "c/d.txt": ("", (BLOCKS[11],)),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of guides, whose snapshot is in service in `home`."""
    write_folder(tmp_path / "guides", LONG_AGO)
    return tmp_path / "guides"


@pytest.fixture
def built(home: Home, place: Path) -> Home:
    build(home, place)
    return home


def rebuild(home: Home, place: Path, guides: Guides) -> tuple[BuildReport, list[str]]:
    """Build of other guides; return the report and what was encoded but for the comparison."""
    write_folder(place, guides)
    encoder = WordHashEncoder()
    report = build(home, place, encoder)
    other = Home(home.path.with_name("other"))
    build(other, place, is_full=True)
    assert_equal_snapshots(folder_in_service(home), folder_in_service(other))
    return report, encoder.encoded[1:]


def test_without_a_change_nothing_is_encoded(built: Home, place: Path) -> None:
    (place / "a.md").touch()
    report, encoded = rebuild(built, place, LONG_AGO)
    assert encoded == []
    assert report.documents_copied == report.documents == 3
    assert report.passages_copied == report.passages


@pytest.mark.parametrize(
    ("change", "copied", "encoded"),
    [
        pytest.param({"e.md": LONG_AGO["a.md"]}, 4, set(), id="duplicated"),
        pytest.param({"a.md": None, "0/a.md": LONG_AGO["a.md"]}, 3, set(), id="moved to the front"),
        pytest.param({"b.md": None, "z.md": LONG_AGO["b.md"]}, 3, set(), id="moved to the end"),
        pytest.param({"a.md": LONG_AGO["b.md"], "b.md": LONG_AGO["a.md"]}, 3, set(), id="swapped"),
        pytest.param({"a.md": None, "b.md": None}, 1, set(), id="removed"),
        pytest.param(
            {"a.md": (FRONT_MATTERS[4], LONG_AGO["a.md"][1])}, 2, set(), id="another address"
        ),
        pytest.param(
            {"b.md": (FRONT_MATTERS[2], LONG_AGO["b.md"][1])}, 2, set(), id="another alias"
        ),
        pytest.param({"0.md": (FRONT_MATTERS[1], ())}, 3, set(), id="front matter alone"),
        pytest.param({"0.md": ("", ()), "e.md": ("", ("   \n",))}, 3, set(), id="empty files"),
        pytest.param(
            {"0.md": ("", ("# Nurse\n\n", "A new sentence.\n"))},
            3,
            {"Nurse A new sentence."},
            id="sorted before all others",
        ),
        pytest.param(
            {"a.md": ("", (*LONG_AGO["a.md"][1], "## New\n\n", f"{NEW_SENTENCE}\n"))},
            2,
            {f"Data Engineer. New {NEW_SENTENCE}", "New"},
            id="a section more",
        ),
    ],
)
def test_only_what_is_new_is_encoded(
    change: dict[str, Guide | None], copied: int, encoded: set[str], built: Home, place: Path
) -> None:
    guides = {name: guide for name, guide in (LONG_AGO | change).items() if guide is not None}
    report, asked = rebuild(built, place, guides)
    assert set(asked) == encoded
    assert report.documents_copied == copied
    passages = len([text for text in encoded if " " in text])
    assert report.passages_copied == report.passages - passages
    # And back again.
    report, _ = rebuild(built, place, LONG_AGO)
    assert report.documents == 3


def test_another_title_is_another_context(built: Home, place: Path) -> None:
    guides = LONG_AGO | {"b.md": ("---\ntitle: Pilot\n---\n", LONG_AGO["b.md"][1])}
    report, encoded = rebuild(built, place, guides)
    assert report.documents_copied == 2
    snapshot = Snapshot.open_current(built)
    assert "Pilot" in {row.name for row in snapshot.roles}
    assert "RN" not in {alias for row in snapshot.roles for alias in row.aliases}
    own = [
        row
        for row in snapshot.store.passages(range(99)).values()
        if row.passage.document_id == "b.md"
    ]
    assert len([text for text in encoded if text.startswith("Pilot. ")]) == len(own)
    assert report.passages_copied == report.passages - len(own)
    snapshot.close()


def test_a_removed_document_leaves_nothing_behind(home: Home, place: Path) -> None:
    secret = ("", ("# Zookeeper\n\n", "Zookeepers feed quokkas, also known as ZKs.\n\n", BLOCKS[5]))
    write_folder(place, LONG_AGO | {"b/secret.md": secret})
    build(home, place)
    before = folder_in_service(home)
    assert any(b"uokkas" in path.read_bytes() for path in before.rglob("*.*"))
    _, encoded = rebuild(home, place, LONG_AGO)
    assert encoded == []
    folder = folder_in_service(home)
    for path in folder.rglob("*"):
        data = b"" if path.is_dir() else path.read_bytes().lower()
        for words in (b"zookeeper", b"quokka", b"secret", b"zks"):
            assert words not in data, path
    vectors = np.load(folder / PASSAGE_VECTORS_NAME)
    assert len(vectors) == len(keys_of(folder)) < len(keys_of(before))


def test_gaps_in_what_is_copied_do_no_harm(home: Home, place: Path) -> None:
    def guide(number: int) -> Guide:
        return ("", (f"# Guide {number}\n\n", f"Only {number} says this. ", BLOCKS[5], BLOCKS[7]))

    everything = {f"{number:03}.md": guide(number) for number in range(120)}
    write_folder(place, everything)
    build(home, place)
    kept = {name: everything[name] for name in ("001.md", "060.md", "119.md")}
    report, encoded = rebuild(home, place, {**kept, "040.md": guide(999), "999.md": guide(7)})
    assert report.documents_copied == 4
    assert {text for text in encoded if "999" not in text} == set()
    snapshot = Snapshot.open_current(home)
    assert snapshot.store.document_ids() == ["001.md", "040.md", "060.md", "119.md", "999.md"]
    assert ask(snapshot, "Guide 119 Only 119 says this.")[0].passage.document_id == "119.md"
    snapshot.close()


def test_many_builds_one_upon_the_other_do_not_drift(
    workshop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.snapshot_writer._PASSAGES_ENCODED_AT_ONCE", 5)
    folder, home, full_home = workshop / "drift", Home(workshop / "h"), Home(workshop / "f")
    random = np.random.default_rng(7)
    guides: Guides = {"anchor.md": LONG_AGO["a.md"]}
    for _ in range(25):
        name, other = random.choice(NAMES, 2)
        blocks = tuple(random.choice(BLOCKS, int(random.integers(0, 5))))
        edit = random.integers(0, 5)
        if edit == 0:
            swap(guides, name, other)
        elif edit == 1:
            move(guides, name, other)
        elif edit == 2:
            edit_front_matter(guides, name, str(random.choice(FRONT_MATTERS)))
        elif edit == 3 and name in guides:
            edit_block(guides, name, int(random.integers(0, 9)), blocks, 1)
        else:
            add(guides, name, (str(random.choice(FRONT_MATTERS)), blocks))
        write_folder(folder, guides)
        build(home, folder)
    build(full_home, folder, is_full=True)
    assert_equal_snapshots(folder_in_service(home), folder_in_service(full_home))


def test_a_full_build_copies_nothing(built: Home, place: Path) -> None:
    encoder = WordHashEncoder()
    report = build(built, place, encoder, is_full=True)
    assert (report.documents_copied, report.passages_copied) == (0, 0)
    headings = heading_vectors_of(folder_in_service(built))
    assert len(encoder.encoded) == report.passages + len(headings) + len(REFERENCES)


def test_references_are_encoded_again_where_they_have_changed(built: Home, place: Path) -> None:
    encoder = WordHashEncoder()
    build(built, place, encoder, references=("what else?",))
    assert encoder.encoded[1:] == ["what else?"]
    assert np.load(folder_in_service(built) / "references.npy").shape == (1, 16)
    encoder = WordHashEncoder()
    build(built, place, encoder, references=())
    assert encoder.encoded[1:] == []
    assert np.load(folder_in_service(built) / "references.npy").shape == (0, 16)


def edit_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    values = json.loads((folder / MANIFEST_NAME).read_bytes())
    change(values)
    (folder / MANIFEST_NAME).write_text(json.dumps(values), encoding="utf-8")


def assert_built_anew(home: Home, place: Path, report: BuildReport, encoder: Encoder) -> None:
    assert report.documents_copied == report.passages_copied == 0
    assert report.documents == 3
    other = Home(home.path.with_name("other"))
    build(other, place, encoder, is_full=True)
    found, expected = folder_in_service(home), folder_in_service(other)
    assert read_tables(found) == read_tables(expected)
    Snapshot.open_current(home).close()


@pytest.mark.parametrize(
    "version", [FORMAT_VERSION - 1, FORMAT_VERSION + 1, None], ids=["older", "newer", "none"]
)
def test_another_format_is_built_anew(version: int | None, built: Home, place: Path) -> None:
    edit_manifest(
        folder_in_service(built), lambda values: values.update({"format_version": version})
    )
    assert_built_anew(built, place, build(built, place), WordHashEncoder())


def test_another_encoder_builds_anew(built: Home, place: Path) -> None:
    encoder = WordHashEncoder(fingerprint="feedbeef" * 8, dimension=8)
    report = build(built, place, encoder)
    assert_built_anew(built, place, report, encoder)
    assert np.load(folder_in_service(built) / PASSAGE_VECTORS_NAME).shape == (report.passages, 8)


class Turned(WordHashEncoder):
    """Goes by the same fingerprint and gives other vectors."""

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        return np.roll(super().encode(texts, progress), 1, axis=1)


@pytest.mark.parametrize("encoder", [Turned(), WordHashEncoder(dimension=32)], ids=repr)
def test_other_vectors_under_the_same_fingerprint_build_anew(
    encoder: WordHashEncoder, built: Home, place: Path
) -> None:
    assert_built_anew(built, place, build(built, place, encoder), encoder)


def test_another_size_of_passages_builds_anew(built: Home, place: Path) -> None:
    knowledge = KnowledgeSettings(target_tokens=24)
    report = build(built, place, knowledge=knowledge)
    assert (report.documents_copied, report.passages_copied) == (0, 0)
    assert read_manifest(folder_in_service(built)).chunker.target_tokens == 24
    assert build(built, place, knowledge=knowledge).documents_copied == 3


def test_another_way_to_split_builds_anew(
    built: Home, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build.CHUNKER", "optimal-cuts-99")
    assert_built_anew(built, place, build(built, place), WordHashEncoder())
    assert read_manifest(folder_in_service(built)).chunker.name == "optimal-cuts-99"


FILES = [
    MANIFEST_NAME,
    "headings.npy",
    "knowledge.sqlite",
    "lexical/data.csc.index.npy",
    "lexical/vocab.index.json",
    "passages.faiss",
    "passages.npy",
    "references.npy",
    "sentences.npy",
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "emptied", "cut", "flipped", "folder"])
def test_a_damaged_snapshot_is_built_anew(damage: str, name: str, built: Home, place: Path) -> None:
    path = folder_in_service(built) / name
    data = path.read_bytes()
    path.unlink()
    if damage == "emptied":
        path.touch()
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        path.write_bytes(data[:9] + bytes([data[9] ^ 0xFF]) + data[10:])
    elif damage == "folder":
        path.mkdir()
    assert_built_anew(built, place, build(built, place), WordHashEncoder())


@pytest.mark.parametrize("pointer", ["", "nonsense", "20260101T030405Z-0123abcd"])
def test_a_home_without_a_snapshot_in_service_is_built_anew(
    pointer: str, built: Home, place: Path
) -> None:
    (built.path / "current").write_text(pointer, encoding="ascii")
    assert_built_anew(built, place, build(built, place), WordHashEncoder())


@pytest.mark.parametrize("table", ["documents", "passages", "sentences", "headings"])
def test_damage_that_only_shows_while_copying_is_built_anew(
    table: str, home: Home, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a large snapshot, of which not every byte is read on opening.
    monkeypatch.setattr("index.snapshot._check_files", lambda folder, manifest: None)
    guides: Guides = {
        f"{number:02}.md": (
            "",
            (
                *LONG_AGO["a.md"][1],
                *(f"## Heading {number}.{row}\n\nText.\n\n" for row in range(12)),
            ),
        )
        for number in range(60)
    }
    write_folder(place, guides)
    build(home, place)
    path = folder_in_service(home) / "knowledge.sqlite"
    connection = sqlite3.connect(path)
    query = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno"
    try:
        pages = [row[0] for row in connection.execute(query, [table])]
    except sqlite3.OperationalError:
        pytest.skip("this SQLite doesn't tell where tables lie")
    finally:
        connection.close()
    assert len(pages) > 2
    data = bytearray(path.read_bytes())
    page = pages[len(pages) // 2]
    data[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(data)
    before = home.current_name()
    encoder = WordHashEncoder()
    report = build(home, place, encoder)
    assert home.current_name() == report.snapshot != before
    assert (report.documents, report.documents_copied, report.passages_copied) == (60, 0, 0)
    other = Home(home.path.with_name("other"))
    build(other, place, is_full=True)
    assert_equal_snapshots(folder_in_service(home), folder_in_service(other))


def test_readers_are_not_disturbed_by_builds(home: Home, place: Path) -> None:
    build(home, place)
    expected = Snapshot.open_current(home)
    answers = {question: ask(expected, question) for question in ("nurse", "data pay", "SRE")}
    expected.close()
    failures: list[object] = []
    is_over = threading.Event()
    asked = 0

    def read() -> None:
        nonlocal asked
        while not is_over.is_set():
            snapshot = Snapshot.open_current(home)
            try:
                for question, hits in answers.items():
                    if ask(snapshot, question) != hits:
                        failures.append((snapshot.name, question))
                    asked += 1
            finally:
                snapshot.close()

    held = Snapshot.open_current(home)
    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for number in range(6):
            build(home, place, is_full=number % 2 == 1, kept_snapshots=20)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert asked > 6
    # One that was opened before all of them still answers.
    assert {question: ask(held, question) for question in answers} == answers
    held.close()


def test_the_snapshot_before_is_whole_until_the_new_one_is_in_service(
    built: Home, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = folder_in_service(built)
    files = {path: path.read_bytes() for path in before.rglob("*") if path.is_file()}
    seen: list[str] = []

    def look(stage: str, done: int, total: int) -> None:
        if built.current_name() == before.name:
            assert {path: path.read_bytes() for path in files} == files
            seen.append(stage)

    published = Home.publish

    def publish(home: Home, folder: Path, name: str) -> Path:
        look("publishing", 0, 1)
        return published(home, folder, name)

    monkeypatch.setattr(Home, "publish", publish)
    # Names order snapshots by the second that they were built in.
    monkeypatch.setattr("index.build._new_name", lambda: "29991231T235959Z-0123abcd")
    report = build(built, place, kept_snapshots=1, progress=look)
    assert {"indexing", "storing", "publishing"} <= set(seen)
    assert report.documents_copied == 3
    assert [path.name for path in built.snapshots.iterdir()] == [report.snapshot]
    snapshot = Snapshot.open_current(built)
    assert snapshot.store.document_ids() == sorted(LONG_AGO)
    snapshot.close()


def test_the_real_encoder_gives_what_a_full_build_gives(
    home: Home, place: Path, real_encoder: SentenceTransformerEncoder
) -> None:
    build(home, place, real_encoder)
    before = folder_in_service(home)
    write_folder(
        place, LONG_AGO | {"a.md": ("", (*LONG_AGO["a.md"][1], BLOCKS[15])), "0.md": _WHOLE}
    )
    report = build(home, place, real_encoder)
    other = Home(home.path.with_name("other"))
    build(other, place, real_encoder, is_full=True)
    found, expected = folder_in_service(home), folder_in_service(other)
    assert read_tables(found) == read_tables(expected)
    assert report.passages_copied == sum(key in keys_of(before) for key in keys_of(found)) > 3
    for name in (PASSAGE_VECTORS_NAME, SENTENCE_VECTORS_NAME):
        np.testing.assert_allclose(np.load(found / name), np.load(expected / name), atol=1e-5)
    vectors = heading_vectors_of(expected)
    for text, vector in heading_vectors_of(found).items():
        np.testing.assert_allclose(vector, vectors[text], atol=1e-5)
