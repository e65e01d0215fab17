import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoding.encoder import Part, SentenceTransformerEncoder, Vectors
from index.snapshots.files import (
    DENSE_NAME,
    HEADING_VECTORS_NAME,
    PASSAGE_VECTORS_NAME,
    REFERENCE_VECTORS_NAME,
    SENTENCE_VECTORS_NAME,
    STORE_NAME,
    WORD_BITS_NAME,
    WORD_ENDS_NAME,
)
from index.snapshots.snapshot import Snapshot
from index.snapshots.snapshot_writer import (
    SnapshotWriter,
    hash_passage,
    hash_text,
    locate_parts,
    nearest_heading,
)
from index.snapshots.store import Store
from knowledge.documents import Document, DocumentFormat, parse_document_text
from knowledge.roles.roles import Role
from knowledge.sentences import Sentence, SentenceKind
from tests.index.fakes import GUIDES, REFERENCES, WordHashEncoder

MIXED = (
    "---\ntitle: Pilot 😀\n---\n# Pilot\n\n"
    "Pilots fly. Pilots fly. They **fly** [planes](x.md) far.\n\n"
    "## Kit\n\nA pilot needs:\n\n- a licence;\n- a *cap*, and\n- a licence;\n\n"
    "| Plane | Seats |\n|---|---|\n| A320 | 180 |\n| A380 | 853 |\n\n"
    "NUL \0 here and e\u0301 there, which is long enough.\n\n"
    "```\ncode\n```\n\n> Quoted\n> over lines. End.\n"
)


class Recorder(WordHashEncoder):
    """Keeps what it was asked to encode, call by call."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[list[str]] = []
        self.passages: list[list[tuple[str, tuple[Part, ...]]]] = []

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        self.texts.append(list(texts))
        return super().encode(texts, progress)

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[Part]],
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        self.passages.append([(text, tuple(own)) for text, own in zip(texts, parts, strict=True)])
        return super().encode_parts(texts, parts, progress)


def parse(text: str, id_: str = "pilot.md") -> Document:
    return parse_document_text(
        text, id_=id_, source=f"/{id_}", document_format=DocumentFormat.MARKDOWN
    )


@pytest.fixture
def encoder() -> Recorder:
    return Recorder()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "new").mkdir()
    return tmp_path / "new"


Begin = Callable[..., SnapshotWriter]


@pytest.fixture
def begin(place: Path, encoder: Recorder) -> Iterator[Begin]:
    """Begin snapshots and close them at the end."""
    begun: list[SnapshotWriter] = []

    def begin_(before: Snapshot | None = None) -> SnapshotWriter:
        begun.append(SnapshotWriter(place, encoder, target_tokens=16, before=before))
        return begun[-1]

    yield begin_
    for writer in begun:
        writer.__exit__(None, None, None)


_SENTENCE = st.text(alphabet="abc 😀\0", min_size=1, max_size=5)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    context=st.text(alphabet="abc. ", max_size=12),
    sentences=st.lists(_SENTENCE, max_size=8),
    gaps=st.lists(st.sampled_from([" ", "\n", " | ", ""]), min_size=8, max_size=8),
)
def test_parts_quote_the_sentences_in_their_order(
    context: str, sentences: list[str], gaps: list[str]
) -> None:
    text = context + "".join(sentence + gap for sentence, gap in zip(sentences, gaps, strict=False))
    parts = locate_parts(text, len(context), sentences)
    assert len(parts) == len(sentences)
    position = len(context)
    for sentence, part in zip(sentences, parts, strict=True):
        [(start, end)] = part
        assert text[start:end] == sentence
        # Never in the context, nor before the sentence before.
        assert start >= position
        position = end


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    context=st.text(alphabet="abc. ", max_size=6),
    words=st.text(alphabet="abc ", max_size=20),
    sentences=st.lists(st.text(alphabet="abcz", max_size=4), max_size=6),
)
def test_a_part_quotes_its_sentence_or_is_the_whole_passage(
    context: str, words: str, sentences: list[str]
) -> None:
    text = context + words
    for sentence, part in zip(sentences, locate_parts(text, len(context), sentences), strict=True):
        [(start, end)] = part
        assert text[start:end] == sentence or (start, end) == (len(context), len(text))
        if "z" in sentence or not sentence:
            assert (start, end) == (len(context), len(text))


@pytest.mark.parametrize(
    ("sentences", "parts"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["They fly.", "They fly."], [(7, 16), (17, 26)], id="repeated"),
        pytest.param(["They fly."] * 3, [(7, 16), (17, 26), (7, 32)], id="more than there are"),
        pytest.param(["They  fly.", "They fly."], [(7, 32), (7, 16)], id="reads otherwise"),
        pytest.param(["", "High."], [(7, 32), (27, 32)], id="without words"),
        pytest.param(["Pilot"], [(7, 32)], id="in the context alone"),
    ],
)
def test_parts_of_a_passage(sentences: list[str], parts: list[tuple[int, int]]) -> None:
    text = "Pilot. They fly. They fly. High."
    assert locate_parts(text, 7, sentences) == tuple((part,) for part in parts)


@pytest.mark.parametrize("text", [MIXED, *GUIDES.values()], ids=["mixed", *GUIDES])
def test_what_is_encoded_is_the_passage_and_the_sentences_within(
    text: str, begin: Begin, encoder: Recorder, place: Path
) -> None:
    writer = begin()
    document = parse(text)
    writer.add(document)
    writer.finish(REFERENCES)
    encoded = [pair for call in encoder.passages for pair in call]
    store = Store(place / STORE_NAME)
    assert len(encoded) == store.passage_count
    otherwise = []
    for position, (passage, parts) in enumerate(encoded):
        stored = store.sentences_of([position])
        # The sentences come first, and the words of each behind them.
        for sentence, [(start, end)] in zip(stored, parts, strict=False):
            if passage[start:end] != sentence.plain:
                assert passage.endswith(passage[start:end])
                otherwise.append(sentence.plain)
        assert len(passage.split()) <= encoder.max_tokens
    assert store.text_of("pilot.md") == text
    assert otherwise == []
    store.close()


def test_vectors_of_sentences_are_pooled_from_their_passage(
    begin: Begin, encoder: Recorder, place: Path
) -> None:
    writer = begin()
    for name, text in GUIDES.items():
        writer.add(parse(text, name))
    writer.finish(())
    writer.__exit__(None, None, None)
    pairs = [pair for call in encoder.passages for pair in call]
    store = Store(place / STORE_NAME)
    counts = [len(store.sentences_of([position])) for position in range(store.passage_count)]
    store.close()
    sentences = [
        text[start:end]
        for (text, parts), count in zip(pairs, counts, strict=True)
        for [(start, end)] in parts[:count]
    ]
    expected = WordHashEncoder()
    np.testing.assert_allclose(
        np.load(place / PASSAGE_VECTORS_NAME), expected.encode([text for text, _ in pairs])
    )
    np.testing.assert_allclose(
        np.load(place / SENTENCE_VECTORS_NAME), expected.encode(sentences), atol=1e-6
    )
    headings = list(writer.store.headings)
    np.testing.assert_allclose(
        np.load(place / HEADING_VECTORS_NAME), expected.encode(headings), atol=1e-6
    )
    assert np.load(place / REFERENCE_VECTORS_NAME).shape == (0, 16)
    # No sentence is encoded by itself.
    assert not {*sentences} - {*headings} & {text for call in encoder.texts for text in call}


def test_words_of_sentences_are_pooled_from_their_passage(
    begin: Begin, encoder: Recorder, place: Path
) -> None:
    writer = begin()
    writer.add(parse("Pilots fly the planes.\n\nOf and to.\n\nPlanes fly.\n"))
    writer.finish(())
    writer.__exit__(None, None, None)
    bits = np.load(place / WORD_BITS_NAME)
    # "The" says nothing, and the second sentence has nothing else.
    assert np.load(place / WORD_ENDS_NAME).tolist() == [[3], [3], [5]]
    vectors = WordHashEncoder().encode(["Pilots", "fly", "planes.", "Planes", "fly."])
    assert np.unpackbits(bits, axis=1).tolist() == (vectors > 0).astype(int).tolist()


def test_an_encoder_that_pools_no_parts_is_spared_the_words(
    begin: Begin, encoder: Recorder, place: Path
) -> None:
    encoder.pools_parts = False
    writer = begin()
    writer.add(parse("Pilots fly planes.\n\nPlanes fly.\n"))
    writer.finish(())
    writer.__exit__(None, None, None)
    assert np.load(place / WORD_BITS_NAME).shape == (0, 2)
    assert np.load(place / WORD_ENDS_NAME).tolist() == [[0], [0]]


def test_sentences_of_the_real_encoder_know_their_passage(
    place: Path, real_encoder: SentenceTransformerEncoder
) -> None:
    with SnapshotWriter(place, real_encoder, target_tokens=60) as writer:
        writer.add(parse(GUIDES["data-engineer.md"]))
        writer.finish(())
    store = Store(place / STORE_NAME)
    stored = store.sentences_of(range(store.passage_count))
    vectors = np.load(place / SENTENCE_VECTORS_NAME)
    assert vectors.shape == (len(stored), real_encoder.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = real_encoder.encode([sentence.plain for sentence in stored])
    own = (vectors * alone).sum(axis=1)
    assert own.min() > 0.4
    assert own.max() < 0.9999
    # Each is nearer to itself than to the others of another passage.
    paid = next(row for row, sentence in enumerate(stored) if "paid" in sentence.plain)
    assert (vectors[paid] @ alone.T).argmax() == paid
    store.close()


@pytest.mark.parametrize("at_once", [1, 3, 1_000])
def test_no_more_is_held_than_is_encoded_at_once(
    at_once: int, begin: Begin, encoder: Recorder, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.snapshots.snapshot_writer._PASSAGES_ENCODED_AT_ONCE", at_once)
    writer = begin()
    for number in range(4):
        writer.add(parse(MIXED.replace("# Pilot", f"# Pilot {number}"), f"{number}.md"))
        assert len(writer._waiting.steps) < at_once
    writer.finish(REFERENCES)
    writer.__exit__(None, None, None)
    sizes = [len(call) for call in encoder.passages]
    assert max(sizes) <= at_once
    assert sum(sizes) == writer.store.passage_count
    texts = [text for call in encoder.passages for text, _ in call]
    np.testing.assert_allclose(
        np.load(place / PASSAGE_VECTORS_NAME), WordHashEncoder().encode(texts), atol=1e-6
    )


def test_steps_that_are_copied_are_not_held_without_end(
    begin: Begin, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.snapshots.snapshot_writer._STEPS_HELD", 2)
    before = Snapshot(folder)
    writer = begin(before)
    for name, text in GUIDES.items():
        document_format = (
            DocumentFormat.PLAIN_TEXT if name.endswith(".txt") else DocumentFormat.MARKDOWN
        )
        writer.add(
            parse_document_text(text, id_=name, source=name, document_format=document_format)
        )
        assert len(writer._waiting.steps) < 2
    assert writer.counts.documents_copied == len(writer.document_hashes) == len(GUIDES)
    before.close()


def test_the_files_are_whole_once_the_writer_is_closed(begin: Begin, place: Path) -> None:
    with begin() as writer:
        writer.add(parse(MIXED))
        roles = writer.finish(REFERENCES)
    writer.build_dense_index()
    assert [role.name for role in roles if isinstance(role, Role)] == ["Pilot"]
    assert writer.document_hashes == {"pilot.md": hash_text(MIXED)}
    names = {path.name for path in place.iterdir()}
    assert names == {
        STORE_NAME,
        DENSE_NAME,
        PASSAGE_VECTORS_NAME,
        SENTENCE_VECTORS_NAME,
        HEADING_VECTORS_NAME,
        REFERENCE_VECTORS_NAME,
        WORD_BITS_NAME,
        WORD_ENDS_NAME,
        "lexical",
    }
    store = Store(place / STORE_NAME)
    for name, count in (
        (PASSAGE_VECTORS_NAME, store.passage_count),
        (SENTENCE_VECTORS_NAME, store.sentence_count),
        (HEADING_VECTORS_NAME, store.heading_count),
        (REFERENCE_VECTORS_NAME, len(REFERENCES)),
    ):
        assert np.load(place / name).shape == (count, 16)
    store.close()


@pytest.mark.parametrize("name", [PASSAGE_VECTORS_NAME, SENTENCE_VECTORS_NAME])
def test_a_file_that_cannot_be_begun_closes_the_others(
    name: str, place: Path, encoder: Recorder
) -> None:
    (place / name).mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        SnapshotWriter(place, encoder, target_tokens=16)
    opened = [link for link in Path("/proc/self/fd").glob("*") if link.exists()]
    assert not [link for link in opened if link.readlink().is_relative_to(place)], caught


def test_a_hash_is_of_all_that_the_vectors_depend_on() -> None:
    hashes = {
        hash_passage(text, parts)
        for text in ("", "One two.", "One  two.", "One two.\0")
        for parts in ((), (((0, 3),),), (((0, 3),), ((0, 3),)), (((0, 3), (3, 4)),), (((0, 4),),))
    }
    assert len(hashes) == 20
    assert {len(found) for found in hashes} == {16}


def test_the_hash_of_a_text_is_that_of_its_bytes() -> None:
    text = "e\u0301 😀 \0"
    assert hash_text(text) == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_the_nearest_heading_is_the_last_or_the_title() -> None:
    document = parse("# Pilot\n\nText.\n")

    def under(*path: str) -> Sentence:
        return Sentence(kind=SentenceKind.SENTENCE, start=9, end=14, heading_path=path)

    assert nearest_heading(document, under("Pilot", "Kit")) == "Kit"
    assert nearest_heading(document, under()) == "Pilot"
