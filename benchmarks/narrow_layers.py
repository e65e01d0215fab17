"""Narrow matrices beside the linear layers of a model, which alone are fitted.

Source: Hu et al. 2021 (LoRA).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn

from benchmarks.training_lists import Numbers

NARROW_RANK = 32


class Narrow(nn.Module):
    """A linear layer with a product of two narrow matrices beside it."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(
            torch.randn(layer.in_features, NARROW_RANK) * layer.in_features**-0.5
        )
        self.up = nn.Parameter(torch.zeros(NARROW_RANK, layer.out_features))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the layer's output with that of the narrow matrices: (…, outputs)."""
        output: torch.Tensor = self.layer(inputs) + (inputs @ self.down) @ self.up
        return output


def add_narrow(encoder: nn.Module) -> dict[str, Narrow]:
    """Put narrow matrices beside every linear layer, and return them by the layer's name."""
    added = {}
    for path, module in list(encoder.named_modules()):
        for name, layer in list(module.named_children()):
            if isinstance(layer, nn.Linear):
                added[f"{path}.{name}"] = Narrow(layer)
                setattr(module, name, added[f"{path}.{name}"])
    return added


def average(fits: Sequence[Mapping[str, Numbers]]) -> dict[str, Numbers]:
    """Return the mean of several fits; of products of two matrices, side by side."""
    found = {}
    for name in fits[0]:
        arrays = [fit[name].astype(np.float32) for fit in fits]
        if name.endswith(".up"):
            found[name] = np.concatenate(arrays, axis=0) / len(fits)
        elif name == "right":
            found[name] = np.concatenate(arrays, axis=1) / len(fits)
        elif name.endswith(".down") or name == "left":
            found[name] = np.concatenate(arrays, axis=1)
        else:
            found[name] = np.mean(arrays, axis=0)
    return {
        name: array.astype(np.float16) if name.endswith((".down", ".up")) else array
        for name, array in found.items()
    }
