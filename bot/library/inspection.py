"""How a guide is read and split, so that its author sees why a passage is as it is."""

from collections.abc import Iterator
from dataclasses import dataclass

from index.encoding.encoder import Encoder
from knowledge.documents import Document
from knowledge.errors import KnowledgeError
from knowledge.passages import Passage, contextualise, split_document
from knowledge.reading.listing import ListedFile
from knowledge.reading.reader import KnownDocuments, Reader, UnreadableFileError
from knowledge.roles.facts import read_role_facts
from knowledge.roles.roles import Role, merge_roles
from knowledge.sentences import Sentence
from knowledge.settings import KnowledgeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedPassage:
    """A passage: `encoded` is what its vector is made of, `tokens` how many that has.

    `pages` are the numbers, from 1, of the first and the last page that it lies on.
    """

    passage: Passage
    text: str
    encoded: str
    tokens: int
    pages: tuple[int, int] | None
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedDocument:
    """A document with the roles that it is about or names, and its passages in order.

    `max_tokens` is the encoder's limit.
    """

    document: Document
    roles: tuple[Role, ...]
    max_tokens: int
    passages: tuple[InspectedPassage, ...]


def inspect_document(
    file: ListedFile, known: KnownDocuments, encoder: Encoder, settings: KnowledgeSettings
) -> InspectedDocument:
    """Read and split a file as a build would.

    Args:
        file: The file.
        known: What need not be converted again.
        encoder: What would make the vectors; it only counts tokens here.
        settings: How guides are read and split.

    Raises:
        KnowledgeError: the file can't be read.
    """
    with Reader(settings, known) as reader:
        try:
            document = reader.read(file)
        except UnreadableFileError as error:
            raise KnowledgeError(f"{file.id} is not read: {error}.") from error
    split = split_document(
        document,
        encoder.count_tokens,
        max_tokens=encoder.max_tokens,
        target_tokens=settings.target_tokens,
    )
    facts = read_role_facts(document, split.outline)
    return InspectedDocument(
        document=document,
        roles=merge_roles([(document.id, facts)]),
        max_tokens=encoder.max_tokens,
        passages=tuple(_inspect_passages(document, split.passages, split.sentences, encoder)),
    )


def _inspect_passages(
    document: Document,
    passages: tuple[Passage, ...],
    sentences: tuple[Sentence, ...],
    encoder: Encoder,
) -> Iterator[InspectedPassage]:
    for passage in passages:
        text = document.text[passage.start : passage.end]
        encoded = contextualise(
            document.title,
            passage.heading_path,
            text,
            encoder.count_tokens,
            encoder.max_tokens,
        )
        first = document.page_at(passage.start)
        last = document.page_at(max(passage.end - 1, passage.start))
        yield InspectedPassage(
            passage=passage,
            text=text,
            encoded=encoded,
            tokens=encoder.count_tokens([encoded])[0],
            pages=None if first is None or last is None else (first, last),
            sentences=tuple(one for one in sentences if passage.start <= one.start < passage.end),
        )
