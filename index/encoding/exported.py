"""An exported encoder: ONNX Runtime and tokenizers encode, without torch.

The files of an export are described in index/encoding/export_description.py.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.cores import count_cores
from index.encoding.encoder import Part, Vectors
from index.encoding.export_description import (
    GRAPH_NAME,
    TOKENIZER_NAME,
    TOKENS_OUTPUT,
    VECTOR_OUTPUT,
    explain,
    read_description,
)
from index.encoding.parts import PartVectors, normalise
from index.snapshots.integrity import STAMP_NAME, verify_files
from knowledge.errors import EncoderError

if TYPE_CHECKING:
    from tokenizers import Encoding

# One token of padding costs as much as one of text, so a batch holds texts of like length. With
# 1,024 tokens at once all-MiniLM-L6-v2 takes 290 MB at most while passages are encoded, with 4,096
# it takes 580 MB, and they are not encoded any faster (2 cores, passages of 150 tokens).
_TOKENS_OF_BATCH = 1_024
# Batches are made of so many texts at a time, so that a million texts are never tokenised at once.
_TEXTS_AT_ONCE = 1_024


class ExportedEncoder:
    """An encoder that an earlier build exported; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open an export, once its files are known to be what it says they are.

        Raises:
            EncoderError: a file is missing or damaged, or the folder holds another export than its
                name says.
        """
        self.description = read_description(folder)
        self.model = self.description.model
        self.fingerprint = self.description.fingerprint
        self.dimension = self.description.dimension
        self.max_tokens = self.description.max_length - self.description.special_tokens
        self.pools_parts = self.description.pools_parts
        problems = verify_files(folder, self.description.files, folder / STAMP_NAME)
        if problems:
            raise EncoderError(explain(folder, f"is damaged: {'; '.join(problems)}"))
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = count_cores()
        options.inter_op_num_threads = 1
        # Threads that spin in wait for more save a lone question half a millisecond, and cost many
        # at once a sixth of what could be answered: python -m benchmarks.concurrency.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
            self._counter = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
            self._session = onnxruntime.InferenceSession(
                str(folder / GRAPH_NAME), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise plain exceptions of their own
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise EncoderError(explain(folder, f"can't be loaded ({reason[:200]})")) from error
        self._check_graph(folder)
        # As the file stands, it may cut at another length and pad every text to it. Batches are
        # padded here, once it is known which texts go together.
        self._tokenizer.enable_truncation(self.description.max_length)
        self._tokenizer.no_padding()
        self._counter.no_truncation()
        self._counter.no_padding()

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return the texts' vectors: float32, shape (len(texts), dimension), unit norm."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for rows, items in self._batches(texts, self._tokenizer.encode_batch_fast):
            vectors[rows] = normalise(self._run(items, [VECTOR_OUTPUT])[0])
            if progress is not None:
                progress(len(rows))
        return vectors

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[Part]],
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        """Return the texts' vectors and, for each text, the vectors of its parts."""
        gathered = PartVectors(texts, parts, self.dimension)
        if not self.pools_parts:
            return self.encode(texts, progress), gathered.finish(self.encode)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for rows, items in self._batches(texts, self._tokenizer.encode_batch):
            found, hidden = self._run(items, [VECTOR_OUTPUT, TOKENS_OUTPUT])
            vectors[rows] = normalise(found)
            for place, (row, item) in enumerate(zip(rows, items, strict=True)):
                tokens = hidden[place, : len(item)]
                gathered.pool(row, tokens, item.offsets, item.special_tokens_mask)
            if progress is not None:
                progress(len(rows))
        return vectors, gathered.finish(self.encode)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's number of tokens, without special tokens and without a limit."""
        counts: list[int] = []
        for first in range(0, len(texts), _TEXTS_AT_ONCE):
            chosen = list(texts[first : first + _TEXTS_AT_ONCE])
            encoded = self._counter.encode_batch_fast(chosen, add_special_tokens=False)
            counts += [len(item) for item in encoded]
        return counts

    def _check_graph(self, folder: Path) -> None:
        """Make sure that the graph takes and gives what its description says."""
        takes = {node.name for node in self._session.get_inputs()}
        gives = {node.name: node.shape for node in self._session.get_outputs()}
        wanted = {VECTOR_OUTPUT, *([TOKENS_OUTPUT] if self.description.pools_parts else [])}
        if takes != set(self.description.inputs) or not wanted <= gives.keys():
            raise EncoderError(explain(folder, "has a graph of other inputs or outputs"))
        # A length that the exporter didn't infer has a name in place of a number.
        lengths = {gives[name][-1] for name in wanted}
        if found := {length for length in lengths if isinstance(length, int)} - {self.dimension}:
            raise EncoderError(
                explain(folder, f"gives vectors of {found.pop()} numbers, not {self.dimension}")
            )

    def _batches(
        self, texts: Sequence[str], tokenise: Callable[[list[str]], list["Encoding"]]
    ) -> Iterator[tuple[list[int], list["Encoding"]]]:
        """Give positions and tokens of texts of like length, within the bound when padded."""
        for first in range(0, len(texts), _TEXTS_AT_ONCE):
            encoded = tokenise(list(texts[first : first + _TEXTS_AT_ONCE]))
            for batch in _group([len(item) for item in encoded]):
                yield [first + place for place in batch], [encoded[place] for place in batch]

    def _run(self, items: Sequence["Encoding"], outputs: list[str]) -> list[Vectors]:
        shape = (len(items), max(len(item) for item in items))
        columns = {
            "input_ids": np.full(shape, self.description.padding_id, dtype=np.int64),
            "attention_mask": np.zeros(shape, dtype=np.int64),
            "token_type_ids": np.zeros(shape, dtype=np.int64),
        }
        for row, item in enumerate(items):
            columns["input_ids"][row, : len(item)] = item.ids
            columns["attention_mask"][row, : len(item)] = 1
            columns["token_type_ids"][row, : len(item)] = item.type_ids
        feeds = {name: columns[name] for name in self.description.inputs}
        return [np.asarray(found, np.float32) for found in self._session.run(outputs, feeds)]


def _group(lengths: Sequence[int]) -> list[list[int]]:
    """Return positions in batches of like length, each padded to its longest within the limit."""
    order = sorted(range(len(lengths)), key=lambda position: lengths[position])
    batches: list[list[int]] = []
    for position in order:
        if not batches or lengths[position] * (len(batches[-1]) + 1) > _TOKENS_OF_BATCH:
            batches.append([])
        batches[-1].append(position)
    return batches
