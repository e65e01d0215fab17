"""An exported encoder: ONNX Runtime and tokenizers encode, without torch.

An export is a folder by the encoder's fingerprint: encoder.onnx (transformer, pooling and whatever
else the model's modules say), tokenizer.json, and encoder.json, which says what they are.
"""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.encoder import Vectors
from index.manifest import FileEntry, hash_file
from knowledge.errors import EncoderError

EXPORT_FORMAT = 1
DESCRIPTION_NAME = "encoder.json"
GRAPH_NAME = "encoder.onnx"
TOKENIZER_NAME = "tokenizer.json"

# One token of padding costs as much as one of text, so a batch holds texts of like length; 4,096
# tokens at once keep both cores busy and need little memory.
_TOKENS_OF_BATCH = 4_096


class ExportDescription(BaseModel):
    """What encoder.json says."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: int
    model: str
    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")
    dimension: int = Field(ge=1, le=1_000_000)
    max_length: int = Field(ge=3)
    special_tokens: int = Field(ge=0)
    padding_id: int = Field(ge=0)
    padding_token: str
    inputs: list[str]
    files: dict[str, FileEntry]


class ExportedEncoder:
    """An encoder that an earlier build exported; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open an export.

        Raises:
            EncoderError: a file is missing, damaged or not an export.
        """
        self.description = read_description(folder)
        self.model = self.description.model
        self.fingerprint = self.description.fingerprint
        self.dimension = self.description.dimension
        self.max_tokens = self.description.max_length - self.description.special_tokens
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = count_cores()
        options.inter_op_num_threads = 1
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
            self._counter = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
            self._session = onnxruntime.InferenceSession(
                str(folder / GRAPH_NAME), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise plain exceptions of their own
            raise EncoderError(_damaged(folder)) from error
        # As the file stands, it may cut at another length and pad every text to it.
        self._tokenizer.enable_truncation(self.description.max_length)
        self._tokenizer.enable_padding(
            pad_id=self.description.padding_id, pad_token=self.description.padding_token
        )
        self._counter.no_truncation()
        self._counter.no_padding()

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return the texts' vectors: float32, shape (len(texts), dimension), unit norm."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        lengths = [
            min(tokens, self.max_tokens) + self.description.special_tokens
            for tokens in self.count_tokens(texts)
        ]
        for batch in _batches(lengths):
            vectors[batch] = self._run([texts[position] for position in batch])
            if progress is not None:
                progress(len(batch))
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's number of tokens, without special tokens and without a limit."""
        encoded = self._counter.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(item.ids) for item in encoded]

    def _run(self, texts: list[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(texts)
        columns = {
            "input_ids": [item.ids for item in encoded],
            "attention_mask": [item.attention_mask for item in encoded],
            "token_type_ids": [item.type_ids for item in encoded],
        }
        feeds = {name: np.array(columns[name], dtype=np.int64) for name in self.description.inputs}
        return normalise(np.asarray(self._session.run(None, feeds)[0], dtype=np.float32))


def read_description(folder: Path) -> ExportDescription:
    """Read what an export says of itself, and check its files' sizes.

    Raises:
        EncoderError: it is no export, of another format, or a file is missing or cut short.
    """
    try:
        values = json.loads((folder / DESCRIPTION_NAME).read_bytes())
        description = ExportDescription.model_validate(values)
        sizes = {name: (folder / name).stat().st_size for name in (GRAPH_NAME, TOKENIZER_NAME)}
    except (OSError, ValueError, ValidationError, RecursionError) as error:
        raise EncoderError(_damaged(folder)) from error
    expected = {name: entry.bytes for name, entry in description.files.items()}
    if description.format != EXPORT_FORMAT or sizes != expected:
        raise EncoderError(_damaged(folder))
    return description


def verify_export(folder: Path) -> None:
    """Check every byte of an export.

    Raises:
        EncoderError: a file is not what encoder.json says.
    """
    for name, entry in read_description(folder).files.items():
        if hash_file(folder / name) != entry.sha256:
            raise EncoderError(_damaged(folder))


def normalise(vectors: Vectors) -> Vectors:
    """Return vectors of unit norm; models differ in whether they do it themselves."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def count_cores() -> int:
    """Return the cores that this process may really use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Return positions in batches of like length, each padded to its longest within the limit."""
    order = sorted(range(len(lengths)), key=lambda position: lengths[position])
    batches: list[list[int]] = []
    for position in order:
        if not batches or lengths[position] * (len(batches[-1]) + 1) > _TOKENS_OF_BATCH:
            batches.append([])
        batches[-1].append(position)
    return batches


def _damaged(folder: Path) -> str:
    return (
        f"The exported encoder in {folder} is damaged or of another format. Delete that folder and"
        " run: rolewise build"
    )
