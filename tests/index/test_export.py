"""The export agrees with sentence-transformers, and serving needs nothing else."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.encoder import SentenceTransformerEncoder
from index.export import export_encoder
from index.exported import (
    DESCRIPTION_NAME,
    GRAPH_NAME,
    TOKENIZER_NAME,
    ExportedEncoder,
    verify_export,
)
from index.home import Home
from index.loading import load_encoder
from index.settings import IndexSettings
from knowledge.errors import EncoderError

_ROOT = Path(__file__).parent.parent.parent
_TEXTS = [
    "a",
    "What does the work involve?",
    "ünïcödé 日本語 😀 \u200b\x00 and tabs\t",
    *("word and another, " * length for length in (10, 40, 61, 62, 63, 64, 80, 200)),
]


@pytest.fixture(scope="module")
def exported(
    tmp_path_factory: pytest.TempPathFactory, real_encoder: SentenceTransformerEncoder
) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    return folder / export_encoder(real_encoder, folder).fingerprint


@pytest.fixture
def copied(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "encoders" / exported.name))


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


def test_progress_adds_up_and_nothing_is_nothing(exported: Path) -> None:
    encoder = ExportedEncoder(exported)
    done: list[int] = []
    encoder.encode(_TEXTS * 40, done.append)
    assert sum(done) == len(_TEXTS) * 40
    assert encoder.encode([]).shape == (0, encoder.dimension)
    assert encoder.count_tokens([]) == []


@pytest.mark.parametrize("name", [DESCRIPTION_NAME, GRAPH_NAME, TOKENIZER_NAME])
@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_a_damaged_export_names_the_folder_to_delete(copied: Path, name: str, damage: str) -> None:
    path = copied / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(EncoderError, match="rolewise build") as caught:
        ExportedEncoder(copied)
    assert str(copied) in str(caught.value)


def test_a_flipped_byte_is_found_when_every_byte_is_checked(copied: Path) -> None:
    verify_export(copied)
    graph = bytearray((copied / GRAPH_NAME).read_bytes())
    graph[len(graph) // 2] ^= 1
    (copied / GRAPH_NAME).write_bytes(graph)
    with pytest.raises(EncoderError, match="damaged"):
        verify_export(copied)


def test_a_damaged_export_is_made_again(copied: Path) -> None:
    home = Home(copied.parent.parent)
    (copied / GRAPH_NAME).write_bytes(b"not a graph")
    assert isinstance(load_encoder(home, IndexSettings()), ExportedEncoder)
    verify_export(copied)


def test_an_export_of_another_model_is_not_taken(copied: Path) -> None:
    home = Home(copied.parent.parent)
    description = json.loads((copied / DESCRIPTION_NAME).read_text())
    description["model"] = "another"
    (copied / DESCRIPTION_NAME).write_text(json.dumps(description))
    with pytest.raises(EncoderError, match="no model folder"):
        load_encoder(home, IndexSettings(model="./nowhere"))


def test_a_model_whose_export_does_not_agree_is_served_by_sentence_transformers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def scramble(self: ExportedEncoder, texts: list[str]) -> np.ndarray:
        return np.roll(np.eye(len(texts), self.dimension, dtype=np.float32), 1, axis=0)

    monkeypatch.setattr(ExportedEncoder, "_run", scramble)
    encoder = load_encoder(Home(tmp_path), IndexSettings())
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert "doesn't agree" in caplog.text
    assert not list((tmp_path / "encoders").iterdir())


def test_a_home_that_cannot_be_written_serves_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "encoders").write_text("in the way")
    assert isinstance(load_encoder(Home(tmp_path), IndexSettings()), SentenceTransformerEncoder)


def test_asking_and_building_again_import_neither_torch_nor_sentence_transformers(
    copied: Path,
) -> None:
    code = (
        "import sys\nfrom bot.cli import main\n"
        f"home = {str(copied.parent.parent)!r}\n"
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
