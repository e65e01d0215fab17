"""A model that sentence-transformers loaded is exported to ONNX, checked and kept."""

import contextlib
import shutil
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.encoding.encoder import Encoder, SentenceTransformerEncoder, Vectors
from index.encoding.export_description import (
    EXPORT_FORMAT,
    GRAPH_NAME,
    TOKENIZER_NAME,
    TOKENS_OUTPUT,
    VECTOR_OUTPUT,
    WEIGHTS_NAME,
    ExportDescription,
    InputName,
    write_description,
)
from index.encoding.exported import ExportedEncoder
from index.settings import Precision
from index.snapshots.integrity import describe_files
from knowledge.errors import EncoderError

if TYPE_CHECKING:
    import onnx
    import torch

_OPSET = 17
_LEAST_BYTES_OF_WEIGHTS = 1_024
_INPUTS: tuple[InputName, ...] = ("input_ids", "attention_mask", "token_type_ids")
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
    one by one and as one batch, with their parts.

    Args:
        encoder: What sentence-transformers loaded.
        exports: The folder that holds exports.

    Raises:
        EncoderError: the model can't be exported, or its export doesn't agree with it.
        OSError: the folder can't be written.
    """
    with making_export(exports, encoder.fingerprint) as folder:
        try:
            description = _write(encoder, folder)
        except OSError:
            raise
        except Exception as error:  # torch raises whatever a model's code makes it raise
            raise EncoderError(f"The model {encoder.model} can't be exported ({error}).") from error
        write_description(folder, description)
        check_agreement(encoder, ExportedEncoder(folder), _LEAST_COSINE)
    return ExportedEncoder(exports / encoder.fingerprint)


@contextlib.contextmanager
def making_export(exports: Path, fingerprint: str) -> Iterator[Path]:
    """Give a fresh folder to export into; it goes to its place if nothing is raised.

    Raises:
        OSError: the folder can't be written.
    """
    target = exports / fingerprint
    exports.mkdir(parents=True, exist_ok=True)
    # The folder has its name from the start, since an export is only opened under its own.
    unfinished = exports / f".unfinished-{uuid.uuid4().hex[:8]}"
    folder = unfinished / fingerprint
    folder.mkdir(parents=True)
    try:
        yield folder
        if target.exists():
            target.rename(unfinished / "old")
        folder.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _write(encoder: SentenceTransformerEncoder, folder: Path) -> ExportDescription:
    import onnx
    import torch

    transformer = encoder.transformer
    tokenizer = transformer.tokenizer
    example = tokenizer(list(_SENTENCES[:2]), padding=True, return_tensors="pt")
    inputs = [name for name in _INPUTS if name in example]
    outputs = [VECTOR_OUTPUT, TOKENS_OUTPUT] if encoder.pools_parts else [VECTOR_OUTPUT]

    class Whole(torch.nn.Module):
        """All modules of the model, from token ids to the text's vector."""

        def __init__(self) -> None:
            super().__init__()
            self.modules_of_model = transformer

        def forward(self, *columns: "torch.Tensor") -> tuple["torch.Tensor", ...]:
            features = self.modules_of_model(dict(zip(inputs, columns, strict=True)))
            return tuple(features[name] for name in outputs)

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Whole().eval(),
            tuple(example[name] for name in inputs),
            str(folder / GRAPH_NAME),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={
                **{name: {0: "texts", 1: "tokens"} for name in (*inputs, *outputs[1:])},
                VECTOR_OUTPUT: {0: "texts"},
            },
            opset_version=_OPSET,
            dynamo=False,
        )
    save_graph(onnx.load(folder / GRAPH_NAME), folder / GRAPH_NAME)
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER_NAME))
    return ExportDescription(
        format=EXPORT_FORMAT,
        model=encoder.model,
        precision=Precision.FLOAT32,
        fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        max_length=int(transformer.max_seq_length),
        special_tokens=int(transformer.max_seq_length) - encoder.max_tokens,
        padding_id=int(tokenizer.pad_token_id),
        inputs=inputs,
        pools_parts=encoder.pools_parts,
        files=describe_files(folder),
    )


def save_graph(graph: "onnx.ModelProto", path: Path) -> None:
    """Write a graph with its weights in a file of their own, which ONNX Runtime maps into memory.

    So it opens in half the time, and the rows of the table of words that are never asked for are
    never read: half of the memory.
    """
    import onnx

    onnx.save_model(
        graph,
        path,
        save_as_external_data=True,
        location=WEIGHTS_NAME,
        size_threshold=_LEAST_BYTES_OF_WEIGHTS,
    )
    # onnx lets nobody else read the weights, whatever the user's own rule for new files says.
    path.with_name(WEIGHTS_NAME).chmod(path.stat().st_mode)


def check_agreement(expected: Encoder, found: Encoder, least_cosine: float) -> None:
    """Make sure that two encoders agree, on texts and their parts, alone and in a batch.

    Raises:
        EncoderError: they don't.
    """
    words = " ".join(_SENTENCES).split()
    longest = words * (expected.max_tokens // len(words) + 2)
    lengths = [1, 2, 5, 20, 60, expected.max_tokens // 2, expected.max_tokens, len(longest)]
    texts = [*_SENTENCES, *(" ".join(longest[:length]) for length in lengths)]
    # The last part lies beyond the limit wherever the text does.
    parts = [
        [((0, len(text) // 3), (len(text) // 2, len(text))), ((len(text) - 3, len(text)),)]
        for text in texts
    ]
    vectors = _stack(expected.encode_parts(texts, parts))
    one_by_one = [
        found.encode_parts([text], [part]) for text, part in zip(texts, parts, strict=True)
    ]
    alone = (
        np.concatenate([vector for vector, _ in one_by_one]),
        [of_parts[0] for _, of_parts in one_by_one],
    )
    least = min(
        float((vectors * _stack(others)).sum(axis=1).min())
        for others in (found.encode_parts(texts, parts), alone)
    )
    if not least >= least_cosine:
        raise EncoderError(
            f"The export of {expected.model} doesn't agree with it: the least cosine is"
            f" {least:.5f}, not {least_cosine}."
        )
    if found.count_tokens(texts) != expected.count_tokens(texts):
        raise EncoderError(f"The export of {expected.model} counts tokens otherwise than it does.")


def _stack(found: tuple[Vectors, list[Vectors]]) -> Vectors:
    vectors, of_parts = found
    return np.concatenate([vectors, *of_parts])
