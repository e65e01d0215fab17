"""The export agrees with sentence-transformers, and serving needs nothing else."""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import index.encoding.exported
from index.encoding.encoder import Part, SentenceTransformerEncoder, Vectors
from index.encoding.export import export_encoder
from index.encoding.export_description import (
    DESCRIPTION_NAME,
    EXPORT_FORMAT,
    GRAPH_NAME,
    TOKENIZER_NAME,
    WEIGHTS_NAME,
    ExportDescription,
    read_description,
    write_description,
)
from index.encoding.exported import ExportedEncoder
from index.encoding.parts import PartVectors
from index.snapshots.integrity import STAMP_NAME
from knowledge.errors import EncoderError
from tests.index.encoding.models import DIMENSION, export_once, make_model

_ROOT = Path(__file__).parents[3]
_TEXTS = [
    "a",
    "What does the work involve?",
    "ünïcödé cafe\u0301 日本語 😀 \u200b\x00 and tabs\t",
    *("word and another, " * length for length in (10, 40, 61, 62, 63, 64, 80, 200)),
]
_PARTS: list[list[Part]] = [
    [((0, 1),)],
    [],
    *[[((0, 9),), ((9, 20), (24, 30)), ((len(text) - 5, len(text)),)] for text in _TEXTS[2:]],
]


@pytest.fixture(scope="module")
def exported(
    tmp_path_factory: pytest.TempPathFactory, real_encoder: SentenceTransformerEncoder
) -> Path:
    return export_once(tmp_path_factory, real_encoder)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of a small model, to damage copies of."""
    encoder = SentenceTransformerEncoder(str(make_model(tmp_path_factory.mktemp("small") / "m")))
    return export_once(tmp_path_factory, encoder, "small")


@pytest.fixture
def copied(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "encoders" / small.name))


def test_it_encodes_as_sentence_transformers_does(
    exported: Path, real_encoder: SentenceTransformerEncoder
) -> None:
    encoder = ExportedEncoder(exported)
    expected = real_encoder.encode(_TEXTS)
    for found in (
        encoder.encode(_TEXTS),
        np.concatenate([encoder.encode([text]) for text in _TEXTS]),
    ):
        assert found.dtype == np.float32
        assert np.allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
        assert ((found * expected).sum(axis=1) >= 0.9999).all()
    assert encoder.count_tokens(_TEXTS) == real_encoder.count_tokens(_TEXTS)
    assert encoder.max_tokens == real_encoder.max_tokens
    assert encoder.fingerprint == real_encoder.fingerprint


def test_it_pools_parts_as_sentence_transformers_does(
    exported: Path, real_encoder: SentenceTransformerEncoder
) -> None:
    encoder = ExportedEncoder(exported)
    assert encoder.description.pools_parts
    expected_vectors, expected_parts = real_encoder.encode_parts(_TEXTS, _PARTS)
    done: list[int] = []
    vectors, of_parts = encoder.encode_parts(_TEXTS, _PARTS, done.append)
    np.testing.assert_array_equal(vectors, encoder.encode(_TEXTS))
    assert ((vectors * expected_vectors).sum(axis=1) >= 0.9999).all()
    for found, expected, parts in zip(of_parts, expected_parts, _PARTS, strict=True):
        assert found.dtype == np.float32
        assert found.shape == (len(parts), encoder.dimension)
        assert ((found * expected).sum(axis=1) >= 0.9999).all()
    assert sum(done) == len(_TEXTS)


@pytest.mark.parametrize(("pooling", "dense"), [("cls_token", False), ("mean_tokens", True)])
def test_where_the_model_pools_otherwise_parts_are_encoded_by_themselves(
    pooling: str, dense: bool, tmp_path: Path
) -> None:
    model = make_model(tmp_path / "model", pooling=pooling, dense=dense)
    encoder = export_encoder(SentenceTransformerEncoder(str(model)), tmp_path / "encoders")
    assert not encoder.description.pools_parts
    vectors, (of_parts,) = encoder.encode_parts(
        ["first and second"], [[((0, 5), (10, 16)), ((6, 9),)]]
    )
    np.testing.assert_allclose(vectors, encoder.encode(["first and second"]), atol=1e-6)
    np.testing.assert_allclose(of_parts, encoder.encode(["first second", "and"]), atol=1e-6)
    assert of_parts.shape == (2, DIMENSION)


def test_encoding_without_parts_asks_for_the_texts_vectors_alone(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = ExportedEncoder(copied)
    asked: list[list[str]] = []
    run = encoder._run

    def note(items: list[Any], outputs: list[str]) -> list[Vectors]:
        asked.append(outputs)
        return run(items, outputs)

    monkeypatch.setattr(encoder, "_run", note)
    encoder.encode(["text"])
    encoder.encode_parts(["text"], [[((0, 4),)]])
    assert asked == [["sentence_embedding"], ["sentence_embedding", "token_embeddings"]]


def test_progress_adds_up_and_nothing_is_nothing(copied: Path) -> None:
    encoder = ExportedEncoder(copied)
    done: list[int] = []
    encoder.encode(_TEXTS * 40, done.append)
    assert sum(done) == len(_TEXTS) * 40
    assert encoder.encode([]).shape == (0, encoder.dimension)
    vectors, of_parts = encoder.encode_parts([], [])
    assert (vectors.shape, of_parts) == ((0, encoder.dimension), [])
    assert encoder.count_tokens([]) == []


class _NotingTokenizer:
    """Takes note of how many texts it is given at once."""

    def __init__(self, tokenizer: object) -> None:
        self._tokenizer = tokenizer
        self.counts: list[int] = []

    def __getattr__(self, name: str) -> Callable[..., list[object]]:
        method = getattr(self._tokenizer, name)

        def encode(texts: list[str], **options: bool) -> list[object]:
            self.counts.append(len(texts))
            found: list[object] = method(texts, **options)
            return found

        return encode


def test_however_many_texts_few_are_tokenised_at_once(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = ExportedEncoder(copied)
    texts = [f"{number} " * (number % 7 + 1) for number in range(100)]
    parts: list[list[Part]] = [[((0, 1),)] for _ in texts]
    expected = encoder.encode_parts(texts, parts)
    monkeypatch.setattr(index.encoding.exported, "_TEXTS_AT_ONCE", 8)
    tokenizer, counter = _NotingTokenizer(encoder._tokenizer), _NotingTokenizer(encoder._counter)
    monkeypatch.setattr(encoder, "_tokenizer", tokenizer)
    monkeypatch.setattr(encoder, "_counter", counter)
    vectors, of_parts = encoder.encode_parts(texts, parts)
    np.testing.assert_allclose(vectors, expected[0], atol=1e-5)
    np.testing.assert_allclose(np.stack(of_parts), np.stack(expected[1]), atol=1e-5)
    np.testing.assert_allclose(encoder.encode(texts), expected[0], atol=1e-5)
    assert len(encoder.count_tokens(texts)) == 100
    assert max(tokenizer.counts + counter.counts) == 8
    assert sum(tokenizer.counts) == 200


def _delete(path: Path) -> None:
    path.unlink()


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("is_opened_before", [False, True])
@pytest.mark.parametrize("name", [DESCRIPTION_NAME, GRAPH_NAME, WEIGHTS_NAME, TOKENIZER_NAME])
@pytest.mark.parametrize("damage", [_delete, _cut_short, _flip_a_byte])
def test_a_damaged_export_names_the_folder_and_the_file(
    damage: Callable[[Path], None], name: str, is_opened_before: bool, copied: Path
) -> None:
    if is_opened_before:
        ExportedEncoder(copied)
    damage(copied / name)
    with pytest.raises(EncoderError, match="Delete that folder and run: rolewise build") as caught:
        ExportedEncoder(copied)
    message = str(caught.value)
    assert str(copied) in message
    # A flipped byte may leave encoder.json readable: then it says something else of the export.
    assert name in message or (name == DESCRIPTION_NAME and damage is _flip_a_byte)
    assert "\n" not in message


@pytest.mark.parametrize("name", [WEIGHTS_NAME, TOKENIZER_NAME, DESCRIPTION_NAME])
def test_a_file_of_another_export_is_found(name: str, copied: Path, tmp_path: Path) -> None:
    other = make_model(tmp_path / "other", seed=1)
    if name == TOKENIZER_NAME:
        tokenizer = (other / "tokenizer.json").read_text()
        (other / "tokenizer.json").write_text(tokenizer.replace('"zebra"', '"zebras"'))
    others = export_encoder(SentenceTransformerEncoder(str(other)), tmp_path / "others")
    shutil.copy2(tmp_path / "others" / others.fingerprint / name, copied / name)
    expected = "is another one" if name == DESCRIPTION_NAME else f"is damaged: {name} has "
    with pytest.raises(EncoderError, match=expected):
        ExportedEncoder(copied)


def test_an_export_is_only_opened_under_its_own_name(copied: Path) -> None:
    renamed = copied.rename(copied.with_name("0" * 64))
    with pytest.raises(EncoderError, match=r"is another one .* than its folder is"):
        ExportedEncoder(renamed)


def _rewrite(folder: Path, **values: object) -> None:
    """Say something else of an export, with a checksum that fits."""
    said = ExportDescription.model_validate_json((folder / DESCRIPTION_NAME).read_bytes())
    said = said.model_copy(update=values)
    write_description(folder, said)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"format": 1}, f"is of format 1, not {EXPORT_FORMAT}"),
        ({"dimension": 31}, "gives vectors of 32 numbers, not 31"),
        ({"inputs": ["input_ids"]}, "other inputs or outputs"),
        ({"files": {}}, r"lacks encoder\.onnx, encoder\.weights, tokenizer\.json"),
    ],
)
def test_a_description_that_says_something_else_is_found(
    values: dict[str, object], message: str, copied: Path
) -> None:
    _rewrite(copied, **values)
    with pytest.raises(EncoderError, match=message) as caught:
        ExportedEncoder(copied)
    assert str(copied) in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"files": {"../encoder.onnx": {"bytes": 1, "sha256": "0" * 64}}},
        {"precision": "int4"},
        {"unknown": 1},
        {"max_length": 65},
        {"format": "2"},
    ],
)
def test_a_description_that_was_changed_is_found(values: dict[str, object], copied: Path) -> None:
    path = copied / DESCRIPTION_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    with pytest.raises(EncoderError, match=r"is damaged: encoder\.json"):
        ExportedEncoder(copied)


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_of_a_description_is_found_or_changes_nothing(
    place: float, bit: int, small: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray((small / DESCRIPTION_NAME).read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    folder = tmp_path_factory.mktemp("flipped") / small.name
    folder.mkdir()
    (folder / DESCRIPTION_NAME).write_bytes(content)
    with contextlib.suppress(EncoderError):
        assert read_description(folder) == read_description(small)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_a_description_that_is_none_is_found(content: bytes, copied: Path) -> None:
    (copied / DESCRIPTION_NAME).write_bytes(content)
    with pytest.raises(EncoderError, match=r"is damaged: encoder\.json"):
        ExportedEncoder(copied)


def test_a_graph_without_tokens_does_not_pool_parts(copied: Path, tmp_path: Path) -> None:
    model = make_model(tmp_path / "model", pooling="cls_token")
    other = export_encoder(SentenceTransformerEncoder(str(model)), tmp_path / "others")
    folder = tmp_path / "others" / other.fingerprint
    _rewrite(folder, pools_parts=True)
    with pytest.raises(EncoderError, match="other inputs or outputs"):
        ExportedEncoder(folder)


def test_every_byte_is_read_once(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (copied / STAMP_NAME).unlink()
    ExportedEncoder(copied)
    monkeypatch.setattr(
        "index.snapshots.integrity.hash_file", lambda path: pytest.fail("read again")
    )
    ExportedEncoder(copied)


def test_a_fresh_export_takes_the_place_of_the_one_before(copied: Path, tmp_path: Path) -> None:
    _flip_a_byte(copied / GRAPH_NAME)
    (copied / "leftover").touch()
    model = tmp_path / "model"
    encoder = SentenceTransformerEncoder(str(make_model(model)))
    assert encoder.fingerprint == copied.name, "the same weights, made again"
    export_encoder(encoder, copied.parent)
    assert [path.name for path in copied.parent.iterdir()] == [copied.name]
    assert sorted(path.name for path in copied.iterdir()) == [
        DESCRIPTION_NAME,
        GRAPH_NAME,
        WEIGHTS_NAME,
        TOKENIZER_NAME,
        STAMP_NAME,
    ]


def test_an_export_that_does_not_agree_is_refused_and_left_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = SentenceTransformerEncoder(str(make_model(tmp_path / "model")))
    pool = PartVectors.pool

    def pool_the_next(self: PartVectors, row: int, hidden: Vectors, *places: Any) -> None:  # noqa: ANN401
        pool(self, row, np.roll(hidden, 1, axis=0), *places)

    monkeypatch.setattr(
        index.encoding.exported, "PartVectors", type("_", (PartVectors,), {"pool": pool_the_next})
    )
    with pytest.raises(EncoderError, match="doesn't agree with it: the least cosine is"):
        export_encoder(encoder, tmp_path / "encoders")
    assert list((tmp_path / "encoders").iterdir()) == []


def test_asking_and_building_again_import_neither_torch_nor_sentence_transformers(
    exported: Path, tmp_path: Path
) -> None:
    shutil.copytree(exported, tmp_path / "encoders" / exported.name)
    code = (
        "import sys\nfrom bot.cli import main\n"
        f"home = {str(tmp_path)!r}\n"
        "assert main(['--home', home, 'build', 'seeds']) == 0\n"
        "assert main(['--home', home, 'ask', 'what skills does it demand?']) == 0\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'onnx'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "strong technical skills" in done.stdout
