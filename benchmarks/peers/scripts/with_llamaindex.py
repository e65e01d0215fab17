"""LlamaIndex with its FAISS store and its sentence-transformers embeddings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGES = (
    "llama-index-core",
    "llama-index-embeddings-huggingface",
    "llama-index-vector-stores-faiss",
)


def load_builder(backend: str, model: str, folder: Path) -> Callable[[list[str]], int]:
    """Load the model; return what embeds, indexes and writes passages, and counts them."""
    import faiss
    from llama_index.core import (  # type: ignore[import-not-found]
        StorageContext,
        VectorStoreIndex,
    )
    from llama_index.core.schema import TextNode  # type: ignore[import-not-found]
    from llama_index.vector_stores.faiss import (  # type: ignore[import-not-found]
        FaissVectorStore,
    )

    embedding = _embedding(backend, model)
    dimension = len(embedding.get_text_embedding("the length of a vector"))

    def build(passages: list[str]) -> int:
        store = FaissVectorStore(faiss_index=faiss.IndexFlatL2(dimension))
        index = VectorStoreIndex(
            [TextNode(text=passage) for passage in passages],
            storage_context=StorageContext.from_defaults(vector_store=store),
            embed_model=embedding,
        )
        index.storage_context.persist(str(folder / "index"))
        return len(passages)

    return build


def open_index(backend: str, model: str, folder: Path) -> Callable[[str], list[str]]:
    """Load the model and a written index."""
    from llama_index.core import StorageContext, load_index_from_storage
    from llama_index.vector_stores.faiss import FaissVectorStore

    written = str(folder / "index")
    context = StorageContext.from_defaults(
        vector_store=FaissVectorStore.from_persist_dir(written), persist_dir=written
    )
    index = load_index_from_storage(context, embed_model=_embedding(backend, model))
    retriever = index.as_retriever(similarity_top_k=5)

    def search(question: str) -> list[str]:
        return [found.node.get_content() for found in retriever.retrieve(question)]

    return search


def _embedding(backend: str, model: str) -> Any:  # noqa: ANN401
    from llama_index.embeddings.huggingface import (  # type: ignore[import-not-found]
        HuggingFaceEmbedding,
    )

    return HuggingFaceEmbedding(model_name=model, device="cpu", backend=backend)
