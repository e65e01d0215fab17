"""txtai with its default index, FAISS, and the texts kept beside it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGES = ("txtai",)


def export(model: str, target: str) -> None:
    """Write the model as ONNX, the way that txtai's documentation shows."""
    from txtai.pipeline import HFOnnx  # type: ignore[import-not-found]

    Path(target).mkdir()
    HFOnnx()(model, "pooling", f"{target}/model.onnx")
    shutil.copy(Path(model) / "tokenizer.json", target)


def load_builder(backend: str, model: str, folder: Path) -> Callable[[list[str]], int]:
    """Load the model; return what embeds, indexes and writes passages, and counts them."""
    from txtai import Embeddings  # type: ignore[import-not-found]

    settings: dict[str, Any] = {"path": model, "content": True}
    if backend == "onnx":
        # The tokenizer's own file would cut the passages at 128 tokens, half of what others read.
        settings |= {"path": f"{model}/model.onnx", "maxlength": 256}
    embeddings = Embeddings(settings)

    def build(passages: list[str]) -> int:
        embeddings.index(passages)
        embeddings.save(str(folder / "index"))
        return len(passages)

    return build


def open_index(backend: str, model: str, folder: Path) -> Callable[[str], list[str]]:
    """Load the model and a written index; the index itself names its model."""
    from txtai import Embeddings

    embeddings = Embeddings()
    embeddings.load(str(folder / "index"))

    def search(question: str) -> list[str]:
        return [row["text"] for row in embeddings.search(question, 5)]

    return search
