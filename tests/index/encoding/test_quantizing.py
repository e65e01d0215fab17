"""The int8 form of an export is small, near to it, and the same alone and in a batch."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import index.encoding.quantizing
from index.encoding.encoder import SentenceTransformerEncoder
from index.encoding.export import export_encoder
from index.encoding.export_description import WEIGHTS_NAME, read_description
from index.encoding.exported import ExportedEncoder
from index.encoding.quantizing import fingerprint_of, quantize_export
from index.settings import Precision
from index.snapshots.integrity import STAMP_NAME
from knowledge.errors import EncoderError
from tests.index.encoding.models import export_once, make_model

_TEXTS = [
    "What does the work involve?",
    "salary",
    "ünïcödé 日本語 😀",
    "A data engineer builds the pipelines that bring data to where it's read. They test them.",
    "word and another, " * 80,
]


@pytest.fixture(scope="module")
def original(
    tmp_path_factory: pytest.TempPathFactory, real_encoder: SentenceTransformerEncoder
) -> Path:
    return export_once(tmp_path_factory, real_encoder)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    model = make_model(tmp_path / "model")
    encoder = export_encoder(SentenceTransformerEncoder(str(model)), tmp_path / "encoders")
    return tmp_path / "encoders" / encoder.fingerprint


def test_it_is_a_quarter_of_the_size_and_near_to_the_original(
    original: Path, tmp_path: Path
) -> None:
    encoder = quantize_export(original, tmp_path)
    expected = ExportedEncoder(original)
    (folder,) = tmp_path.iterdir()
    assert folder.name == encoder.fingerprint == fingerprint_of(original.name, Precision.INT8)
    assert encoder.description.precision is Precision.INT8
    assert (encoder.model, encoder.max_tokens) == (expected.model, expected.max_tokens)
    size, whole = ((path / WEIGHTS_NAME).stat().st_size for path in (folder, original))
    assert size < whole * 0.28
    vectors = encoder.encode(_TEXTS)
    assert (vectors * expected.encode(_TEXTS)).sum(axis=1).min() >= 0.998
    assert (vectors * expected.encode(_TEXTS)).sum(axis=1).max() < 0.999999, "nothing was rounded"
    alone = np.concatenate([encoder.encode([text]) for text in _TEXTS])
    assert (vectors * alone).sum(axis=1).min() >= 0.99999
    parts = [[((0, 4),), ((len(text) // 2, len(text)),)] for text in _TEXTS]
    of_parts = np.concatenate(encoder.encode_parts(_TEXTS, parts)[1])
    expected_of_parts = np.concatenate(expected.encode_parts(_TEXTS, parts)[1])
    assert (of_parts * expected_of_parts).sum(axis=1).min() >= 0.995
    assert encoder.count_tokens(_TEXTS) == expected.count_tokens(_TEXTS)


def test_both_lie_side_by_side(small: Path) -> None:
    quantize_export(small, small.parent)
    found = {path.name: read_description(path).precision for path in small.parent.iterdir()}
    assert found == {
        small.name: Precision.FLOAT32,
        fingerprint_of(small.name, Precision.INT8): Precision.INT8,
    }
    assert fingerprint_of(small.name, Precision.FLOAT32) == small.name


def test_nothing_is_written_beside_the_original(small: Path, tmp_path: Path) -> None:
    before = sorted(small.iterdir())
    quantize_export(small, tmp_path / "others")
    assert sorted(small.iterdir()) == before


def test_it_needs_neither_torch_nor_sentence_transformers(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("torch", "transformers", "sentence_transformers"):
        monkeypatch.setitem(sys.modules, name, None)
    assert quantize_export(small, small.parent).encode(["text"]).shape == (1, 32)


def test_without_onnx_the_ways_to_get_it_are_named(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.encoding.quantizing, "find_spec", lambda name: None)
    with pytest.raises(EncoderError, match=r"pip install onnx\. Or run rolewise build") as caught:
        quantize_export(small, small.parent)
    assert "copy that home folder here" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_came_out_too_far_off_is_left_nowhere(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.encoding.quantizing, "_LEAST_COSINE", 0.9999999)
    with pytest.raises(EncoderError, match="doesn't agree"):
        quantize_export(small, small.parent)
    assert [path.name for path in small.parent.iterdir()] == [small.name]


def test_a_damaged_original_is_refused(small: Path) -> None:
    weights = bytearray((small / WEIGHTS_NAME).read_bytes())
    weights[len(weights) // 2] ^= 1
    (small / WEIGHTS_NAME).write_bytes(weights)
    with pytest.raises(EncoderError, match=r"is damaged: encoder\.weights has another checksum"):
        quantize_export(small, small.parent)


def test_int8_has_nothing_more_to_round(small: Path) -> None:
    folder = small.parent / quantize_export(small, small.parent).fingerprint
    with pytest.raises(EncoderError, match="nothing that could be made int8"):
        quantize_export(folder, small.parent)


def test_it_is_stamped_like_any_export(small: Path) -> None:
    folder = small.parent / quantize_export(small, small.parent).fingerprint
    assert (folder / STAMP_NAME).is_file()
    moved = Path(shutil.copytree(folder, small.parent.parent / "copied" / folder.name))
    assert ExportedEncoder(moved).fingerprint == folder.name
