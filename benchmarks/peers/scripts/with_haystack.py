"""Haystack with its in-memory document store, which it keeps on disk as JSON."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGES = ("haystack-ai", "sentence-transformers-haystack")


def load_builder(backend: str, model: str, folder: Path) -> Callable[[list[str]], int]:
    """Load the model; return what embeds, indexes and writes passages, and counts them."""
    from haystack import Document  # type: ignore[import-not-found]
    from haystack.document_stores.in_memory import (  # type: ignore[import-not-found]
        InMemoryDocumentStore,
    )
    from haystack_integrations.components.embedders.sentence_transformers import (  # type: ignore[import-not-found]
        SentenceTransformersDocumentEmbedder,
    )

    embedder = SentenceTransformersDocumentEmbedder(**_options(backend, model))
    embedder.warm_up()

    def build(passages: list[str]) -> int:
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        documents = [Document(content=passage) for passage in passages]
        store.write_documents(embedder.run(documents)["documents"])
        store.save_to_disk(str(folder / "index.json"))
        return len(passages)

    return build


def open_index(backend: str, model: str, folder: Path) -> Callable[[str], list[str]]:
    """Load the model and a written index, and join them to a pipeline."""
    from haystack import Pipeline
    from haystack.components.retrievers.in_memory import (  # type: ignore[import-not-found]
        InMemoryEmbeddingRetriever,
    )
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore.load_from_disk(str(folder / "index.json"))
    pipeline = Pipeline()
    pipeline.add_component("embedder", SentenceTransformersTextEmbedder(**_options(backend, model)))
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=5))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")

    def search(question: str) -> list[str]:
        found = pipeline.run({"embedder": {"text": question}})
        return [document.content for document in found["retriever"]["documents"]]

    return search


def _options(backend: str, model: str) -> dict[str, Any]:
    from haystack.utils import ComponentDevice  # type: ignore[import-not-found]

    return {
        "model": model,
        "backend": backend,
        "device": ComponentDevice.from_str("cpu"),
        "progress_bar": False,  # or one is drawn for each question
    }
