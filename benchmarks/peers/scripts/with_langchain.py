"""LangChain with its FAISS store and its sentence-transformers embeddings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGES = ("langchain-core", "langchain-community", "langchain-huggingface")


def load_builder(backend: str, model: str, folder: Path) -> Callable[[list[str]], int]:
    """Load the model; return what embeds, indexes and writes passages, and counts them."""
    from langchain_community.vectorstores import FAISS  # type: ignore[import-not-found]

    embeddings = _embeddings(backend, model)

    def build(passages: list[str]) -> int:
        FAISS.from_texts(passages, embeddings).save_local(str(folder / "index"))
        return len(passages)

    return build


def open_index(backend: str, model: str, folder: Path) -> Callable[[str], list[str]]:
    """Load the model and a written index."""
    from langchain_community.vectorstores import FAISS

    store = FAISS.load_local(
        str(folder / "index"), _embeddings(backend, model), allow_dangerous_deserialization=True
    )

    def search(question: str) -> list[str]:
        return [document.page_content for document in store.similarity_search(question, k=5)]

    return search


def _embeddings(backend: str, model: str) -> Any:  # noqa: ANN401
    from langchain_huggingface import HuggingFaceEmbeddings  # type: ignore[import-not-found]

    return HuggingFaceEmbeddings(
        model_name=model, model_kwargs={"device": "cpu", "backend": backend}
    )
