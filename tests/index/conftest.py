import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from index.encoding.encoder import SentenceTransformerEncoder
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from index.snapshots.snapshot_writer import hash_passage, hash_text, nearest_heading
from index.snapshots.store_writer import PassageRows, StoreWriter
from knowledge.documents import Document, DocumentFormat
from knowledge.markup import remove_markup
from knowledge.passages import Passage
from knowledge.roles.facts import RoleFacts
from knowledge.roles.roles import Role
from knowledge.sentences import Sentence, SentenceKind
from tests.index.fakes import build, write_guides

Guide = tuple[Document, list[PassageRows]]
NO_FACTS = RoleFacts(subjects=(), aliases=(), body_start=0, body_end=0, sections=(), mentions=())


@pytest.fixture(scope="session")
def real_encoder() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(batch_size=8)


@pytest.fixture
def guides(tmp_path: Path) -> Path:
    return write_guides(tmp_path / "guides")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def _built_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("built")
    home = Home(folder / "home")
    build(home, write_guides(folder / "guides"))
    return home


@pytest.fixture
def built_home(_built_home: Home, tmp_path: Path) -> Home:
    """A home with one snapshot, its own to damage."""
    return Home(Path(shutil.copytree(_built_home.path, tmp_path / "built-home")))


@pytest.fixture
def folder(built_home: Home) -> Path:
    """The folder of the snapshot in service."""
    return built_home.folder_of(built_home.current_name())


@pytest.fixture
def open_snapshot() -> Iterator[Callable[[Path], Snapshot]]:
    """Open snapshots and close them at the end."""
    opened: list[Snapshot] = []

    def open_(folder: Path) -> Snapshot:
        opened.append(Snapshot(folder))
        return opened[-1]

    yield open_
    for snapshot in opened:
        snapshot.close()


def lay_out(
    texts: Sequence[str], *, id_: str = "guide.md", front_matter: str = "", title: str = "A guide"
) -> Guide:
    """Return a document whose passages are the texts, one sentence in each that has words."""
    document = Document(
        id=id_,
        title=title,
        source=f"/guides/{id_}",
        text=front_matter + "".join(texts),
        format=DocumentFormat.MARKDOWN,
        body_start=len(front_matter),
    )
    passages: list[PassageRows] = []
    lead: tuple[int, int] | None = None
    start = document.body_start
    for number, text in enumerate(texts):
        end = start + len(text)
        path = (f"Heading {number}",) if number % 2 else ()
        sentences: tuple[Sentence, ...] = ()
        if text.strip():
            sentence = Sentence(
                kind=SentenceKind.SENTENCE,
                heading_path=path,
                start=start + len(text) - len(text.lstrip()),
                end=start + len(text.rstrip()),
                lead=lead if number % 3 == 2 else None,
            )
            lead = (sentence.start, sentence.end)
            sentences = (sentence,)
        plain = tuple(
            remove_markup(document.text[sentence.start : sentence.end]) for sentence in sentences
        )
        passages.append(
            PassageRows(
                passage=Passage(
                    id=f"{id_}#{start}-{end}",
                    document_id=id_,
                    heading_path=path,
                    start=start,
                    end=end,
                ),
                key=hash_passage(text, ()),
                encoded_text=text,
                sentences=sentences,
                plain_sentences=plain,
                headings=tuple(nearest_heading(document, sentence) for sentence in sentences),
            )
        )
        start = end
    return document, passages


def write_store(path: Path, guides: Sequence[Guide], roles: Sequence[Role] = ()) -> None:
    """Write a store of guides laid out by hand."""
    writer = StoreWriter(path)
    try:
        for document, passages in guides:
            writer.add_document(document, hash_text(document.text), passages, NO_FACTS)
        writer.finish(roles)
    finally:
        writer.close()
