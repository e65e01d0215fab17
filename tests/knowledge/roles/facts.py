"""What a text says of roles, read as a build reads it."""

from collections.abc import Sequence

from knowledge.documents import DocumentFormat, parse_document_text
from knowledge.measuring import MeasuredText
from knowledge.roles.facts import RoleFacts, read_role_facts
from knowledge.sentences import outline_document


def _count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def facts_of(
    text: str, id_: str = "guide.md", document_format: DocumentFormat = DocumentFormat.MARKDOWN
) -> RoleFacts:
    """Return what a text says of roles."""
    document = parse_document_text(text, id_=id_, source="", document_format=document_format)
    return read_role_facts(
        document, outline_document(document, MeasuredText(text, _count_words), 100)
    )
