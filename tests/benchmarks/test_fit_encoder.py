"""The encoder is adapted to questions about a toy language, in which one word answers another."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from benchmarks.narrow_layers import NARROW_RANK

SIGNALS = ("dense", "bare_dense", "word_match", "length")
WORDS = 12
PASSAGES = 24
SENTENCES = 2
CONFIG: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 16,
}


def toy_data() -> dict[str, Any]:
    """Return passages of two sentences of two words, and questions of one word.

    Word w of a question is answered by the sentence that begins with word w + 1.
    """
    random = np.random.default_rng(3)
    torch.manual_seed(3)
    encoder = BertModel(BertConfig(vocab_size=WORDS + 1, **CONFIG), add_pooling_layer=False)
    words = random.integers(1, WORDS, size=(PASSAGES, SENTENCES, 2))
    questions = np.repeat(np.arange(PASSAGES), 4)
    candidates = [[place, (place + 1) % PASSAGES] for place in questions]
    asked = words[questions, questions % SENTENCES, 0]
    answers = [
        (words[passages, :, 0] == word).astype(np.float32).ravel()
        for passages, word in zip(candidates, asked, strict=True)
    ]
    each = 2 * SENTENCES
    weights = {name: array.numpy() for name, array in encoder.state_dict().items()}
    return {
        "tokens": words.ravel().astype(np.uint16),
        "in_sentence": np.tile([0, 0, 1, 1], PASSAGES).astype(np.int16),
        "in_word": np.tile([0, 1, 2, 3], PASSAGES).astype(np.int16),
        "tokens_of_passage": np.full(PASSAGES, 4),
        "sentences_of_passage": np.full(PASSAGES, SENTENCES),
        "words_of_sentence": np.full(PASSAGES * SENTENCES, 2),
        "asks": (asked - 1).astype(np.uint16),
        "asks_word": np.zeros(len(questions), dtype=np.int16),
        "asks_bare": np.zeros(len(questions), dtype=np.int16),
        "tokens_of_question": np.ones(len(questions), dtype=np.int64),
        "word_weights": np.ones(len(questions), dtype=np.float32),
        "words_of_question": np.ones(len(questions), dtype=np.int64),
        "candidate_passages": np.repeat(np.array(candidates), SENTENCES, axis=1).ravel(),
        "candidate_sentences": np.tile([0, 1, 0, 1], len(questions)),
        "candidates_of_question": np.full(len(questions), each),
        "signals": random.normal(size=(each * len(questions), len(SIGNALS))).astype(np.float16),
        "answers": np.concatenate(answers),
        "answer_signals": np.zeros((len(questions), 2), dtype=np.float32),
        "is_comparison": np.zeros(len(questions), dtype=np.bool_),
        "is_answerable": np.ones(len(questions), dtype=np.bool_),
        "set_of_question": np.arange(len(questions)) % 4,
        "vocabulary": np.arange(WORDS + 1),
        "set_names": np.array(["one", "two", "three", "four"]),
        "signal_names": np.array(SIGNALS),
        "answer_signal_names": np.array(["best_score", "likeness"]),
        "config": np.array(json.dumps(CONFIG)),
    } | {f"weights.{name}": array.astype(np.float16) for name, array in weights.items()}


def fit(file: Path, folder: Path, *names: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks.fit_encoder", str(file), str(folder), *names]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("training") / "data.npz"
    np.savez(path, **toy_data())
    return path


def test_a_fit_writes_what_belongs_to_each_layer(file: Path, tmp_path: Path) -> None:
    done = fit(file, tmp_path, "all", "fold1")
    assert done.returncode == 0, done.stderr
    losses = [float(line.rsplit(maxsplit=1)[1]) for line in done.stdout.splitlines()]
    assert len(losses) == 6  # two rounds of two fits of all, and of one without a third
    assert losses[1] < losses[0]
    with np.load(tmp_path / "all.npz") as arrays, np.load(tmp_path / "fold1.npz") as others:
        query = "encoder.layer.0.attention.self.query"
        assert arrays[f"{query}.down"].shape == (32, 2 * NARROW_RANK)
        assert arrays[f"{query}.up"].shape == (2 * NARROW_RANK, 32)
        assert len([name for name in arrays if name.endswith(".up")]) == 6
        assert arrays["left"].shape == arrays["right"].shape
        assert arrays["usual"].shape == (32,)
        assert others[f"{query}.up"].shape == (NARROW_RANK, 32)
        assert np.abs(arrays[f"{query}.up"][:NARROW_RANK] - others[f"{query}.up"]).max() > 0


def test_what_to_fit_must_be_known(file: Path, tmp_path: Path) -> None:
    done = fit(file, tmp_path, "fold9")
    assert done.returncode == 1
    assert "all, fold0, fold1, fold2:" in done.stderr
    assert not list(tmp_path.iterdir())
