"""Whatever bytes a file holds: it is read or refused with a reason, and nothing is lost."""

import hashlib
import random
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from knowledge.documents import Document, DocumentFormat, parse_document_text
from knowledge.measuring import TokenCounter
from knowledge.passages import SplitDocument
from knowledge.reading.decoding import DecodingError, decode_text
from tests.knowledge.fuzzing import (
    CORPUS,
    Fuzzer,
    TooSlowError,
    corpus_files,
    deadline,
    read_seeds,
)
from tests.knowledge.test_passages import assert_partitions_and_fits
from tests.soak import IS_FULL, SEED, rounds

SECONDS_OF_INPUT = 20.0
MAX_TOKENS = (24, 62, 254)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no alarm to stop a reader with")


def read_and_split(
    data: bytes, document_format: DocumentFormat, count: TokenCounter, max_tokens: int
) -> object:
    """Read a file as a guide and split it; return what it was read into, in rough numbers."""
    try:
        text = decode_text(data)
    except DecodingError as error:
        return str(error)[:20] or pytest.fail("no reason")
    assert "\r" not in text
    text.encode()  # no half characters
    assert_nothing_decoded_is_lost(data, text)
    try:
        document = parse_document_text(
            text, id_="guide", source="guide", document_format=document_format
        )
    except ValueError as error:
        reason = str(error)
        return reason[:40] if reason.startswith("its front matter") else pytest.fail(reason)
    assert document.text == text
    assert 0 <= document.body_start <= len(text)
    assert document.title.strip()
    document.title.encode()
    result = assert_partitions_and_fits(document, count, max_tokens)
    return trait_of(document, result)


def assert_nothing_decoded_is_lost(data: bytes, text: str) -> None:
    try:
        plain = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    if not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        assert text == plain.replace("\r\n", "\n").replace("\r", "\n")


def trait_of(document: Document, result: SplitDocument) -> object:
    blocks = result.outline.blocks
    pairs = Counter((a.kind, b.kind, a.level, b.level) for a, b in pairwise(blocks))
    kinds = Counter((sentence.kind, sentence.lead is None) for sentence in result.sentences)
    return (
        document.format,
        document.body_start > 0,
        len(result.passages).bit_length(),
        tuple(sorted(pairs)[:6]),
        tuple(sorted((kind, count.bit_length()) for kind, count in kinds.items())),
    )


@pytest.mark.parametrize("document_format", DocumentFormat)
@pytest.mark.parametrize("path", corpus_files(), ids=lambda path: path.stem)
def test_the_corpus(
    path: Path, document_format: DocumentFormat, count_tokens: TokenCounter
) -> None:
    with deadline(SECONDS_OF_INPUT):
        for max_tokens in MAX_TOKENS:
            read_and_split(path.read_bytes(), document_format, count_tokens, max_tokens)


def count_fast(texts: Sequence[str]) -> list[int]:
    """Count as an encoder of bytes would, a token for each started three of them."""
    return [-(-len(text.encode()) // 3) for text in texts]


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_mutated_guides(count_tokens: TokenCounter, record_property: object) -> None:
    """A failing input is kept in the corpus, where the test above reads it from then on."""
    chance = random.Random(SEED)
    fuzzer = Fuzzer(chance, read_seeds())
    formats = list(DocumentFormat)
    for number in range(rounds(sample=300, full=100_000)):
        data = fuzzer.make_input()
        document_format = formats[number % 2]
        count = count_tokens if number % 8 == 0 else count_fast
        try:
            with deadline(SECONDS_OF_INPUT):
                trait = read_and_split(data, document_format, count, chance.choice(MAX_TOKENS))
        except (Exception, TooSlowError) as error:
            if IS_FULL:
                name = hashlib.sha256(data).hexdigest()[:12]
                (CORPUS / f"{name}.bin").write_bytes(data)
            pytest.fail(f"input {number} as {document_format}: {error!r:.500}: {data!r:.2000}")
        fuzzer.learn(data, trait)
    assert fuzzer.traits > 50
