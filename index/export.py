"""A model that sentence-transformers loaded is exported to ONNX, checked and kept."""

import json
import shutil
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.encoder import SentenceTransformerEncoder
from index.exported import (
    DESCRIPTION_NAME,
    EXPORT_FORMAT,
    GRAPH_NAME,
    TOKENIZER_NAME,
    ExportDescription,
    ExportedEncoder,
)
from index.manifest import FileEntry, hash_file
from knowledge.errors import EncoderError

if TYPE_CHECKING:
    import torch

_OPSET = 17
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
# Rounding alone leaves 1 - 1e-6; .9999 tells it from a pooling or a prompt that got lost.
_LEAST_COSINE = 0.9999
_SENTENCES = (
    "What does the work involve?",
    "A data engineer builds the pipelines that bring data from where it arises to where it's read.",
    "Unlike a project manager, who answers for dates and budgets, a product manager answers for"
    " what is built and why; in small firms one person does both, in large ones each has a team.",
)


def export_encoder(encoder: SentenceTransformerEncoder, exports: Path) -> ExportedEncoder:
    """Export an encoder into a folder by its fingerprint, and open the export.

    It is checked against sentence-transformers on real sentences from one word to beyond the limit,
    one by one and as one batch.

    Args:
        encoder: What sentence-transformers loaded.
        exports: The folder that holds exports.

    Raises:
        EncoderError: the model can't be exported, or its export doesn't agree with it.
        OSError: the folder can't be written.
    """
    target = exports / encoder.fingerprint
    exports.mkdir(parents=True, exist_ok=True)
    folder = exports / f".unfinished-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    try:
        try:
            _write(encoder, folder)
        except OSError:
            raise
        except Exception as error:  # torch raises whatever a model's code makes it raise
            raise EncoderError(f"The model {encoder.model} can't be exported ({error}).") from error
        exported = ExportedEncoder(folder)
        _check(encoder, exported)
        del exported
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return ExportedEncoder(target)


def _write(encoder: SentenceTransformerEncoder, folder: Path) -> None:
    import torch

    transformer = encoder.transformer
    tokenizer = transformer.tokenizer
    example = tokenizer(list(_SENTENCES[:2]), padding=True, return_tensors="pt")
    inputs = [name for name in _INPUTS if name in example]

    class Whole(torch.nn.Module):
        """All modules of the model, from token ids to the sentence's vector."""

        def __init__(self) -> None:
            super().__init__()
            self.modules_of_model = transformer

        def forward(self, *columns: "torch.Tensor") -> "torch.Tensor":
            features = dict(zip(inputs, columns, strict=True))
            vector: torch.Tensor = self.modules_of_model(features)["sentence_embedding"]
            return vector

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Whole().eval(),
            tuple(example[name] for name in inputs),
            str(folder / GRAPH_NAME),
            input_names=inputs,
            output_names=["sentence_embedding"],
            dynamic_axes={
                **{name: {0: "texts", 1: "tokens"} for name in inputs},
                "sentence_embedding": {0: "texts"},
            },
            opset_version=_OPSET,
            dynamo=False,
        )
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER_NAME))
    description = ExportDescription(
        format=EXPORT_FORMAT,
        model=encoder.model,
        fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        max_length=int(transformer.max_seq_length),
        special_tokens=int(transformer.max_seq_length) - encoder.max_tokens,
        padding_id=int(tokenizer.pad_token_id),
        padding_token=str(tokenizer.pad_token),
        inputs=inputs,
        files={
            name: FileEntry(bytes=(folder / name).stat().st_size, sha256=hash_file(folder / name))
            for name in (GRAPH_NAME, TOKENIZER_NAME)
        },
    )
    text = json.dumps(description.model_dump(), indent=2) + "\n"
    (folder / DESCRIPTION_NAME).write_text(text, encoding="utf-8")


def _check(encoder: SentenceTransformerEncoder, exported: ExportedEncoder) -> None:
    words = " ".join(_SENTENCES).split()
    longest = words * (encoder.max_tokens // len(words) + 2)
    lengths = [1, 2, 5, 20, 60, encoder.max_tokens // 2, encoder.max_tokens, len(longest)]
    texts = [*_SENTENCES, *(" ".join(longest[:length]) for length in lengths)]
    expected = encoder.encode(texts)
    as_one_batch = exported.encode(texts)
    one_by_one = np.concatenate([exported.encode([text]) for text in texts])
    least = min(
        float((expected * as_one_batch).sum(axis=1).min()),
        float((expected * one_by_one).sum(axis=1).min()),
    )
    if not least >= _LEAST_COSINE:
        raise EncoderError(
            f"The export of {encoder.model} doesn't agree with it: the least cosine is {least:.5f},"
            f" not {_LEAST_COSINE}."
        )
    if exported.count_tokens(texts) != encoder.count_tokens(texts):
        raise EncoderError(f"The export of {encoder.model} counts tokens otherwise than it does.")
