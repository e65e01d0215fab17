"""The default model is adapted to questions about roles by what ships in adapter.npz.

To the weights W of each of the published model's linear layers the product of two narrow matrices
is added: W + (down up)'. They are fitted by `python -m benchmarks.fit_encoder`. What is adapted
takes no more time and memory than what was published.

Source: Hu et al. 2021 (LoRA).
"""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from knowledge.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ADAPTER_NAME = "adapter.npz"
DOWN = ".down"
UP = ".up"


def adapt(model: "SentenceTransformer", fingerprint: str) -> str:
    """Add what ships with the project to a model's weights, and return its new fingerprint.

    The fingerprint is made of what goes in, since the last bits of what comes out depend on the
    processor.

    Args:
        model: The published default model.
        fingerprint: Of that model.

    Raises:
        EncoderError: the file doesn't belong to the model.
    """
    data = files("index.encoding").joinpath(ADAPTER_NAME).read_bytes()
    with np.load(BytesIO(data)) as arrays:
        add_to_weights(model, arrays)
    return hashlib.sha256(f"{fingerprint} {hashlib.sha256(data).hexdigest()}".encode()).hexdigest()


def add_to_weights(
    model: "SentenceTransformer", arrays: Mapping[str, npt.NDArray[np.floating[Any]]]
) -> None:
    """Add the products of matrices to the weights of the layers that they are named by.

    Args:
        model: The published default model.
        arrays: For each linear layer, by its name within the transformer, `.down` of shape (inputs,
            rank) and `.up` of shape (rank, outputs).

    Raises:
        EncoderError: the model has no layer of that name.
    """
    import torch

    modules = dict(model.named_modules())
    for name in (key.removesuffix(DOWN) for key in arrays if key.endswith(DOWN)):
        found = [module for path, module in modules.items() if path.endswith(f".{name}")]
        if len(found) != 1 or not isinstance(found[0], torch.nn.Linear):
            raise EncoderError(
                f"The default model has no layer {name} to adapt. Reinstall Rolewise, and what it"
                " needs: pip install --force-reinstall rolewise"
            )
        product = arrays[name + DOWN].astype(np.float32) @ arrays[name + UP].astype(np.float32)
        with torch.no_grad():
            found[0].weight += torch.from_numpy(product.T)
