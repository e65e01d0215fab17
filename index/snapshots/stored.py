"""What a store gives: documents, passages, sentences and roles as they are kept."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.documents import Origin, page_at
from knowledge.passages import Passage
from knowledge.sentences import Sentence

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """What is known of a document without its text."""

    id: str
    title: str
    source: str
    url: str | None
    page_starts: tuple[int, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """Return the number, from 1, of the page that an offset of the text lies on."""
        return page_at(self.page_starts, offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """What the index keeps of how a document was read: what it was made of, and how much it is."""

    id: str
    title: str
    url: str | None
    language: str | None
    pages: int
    passages: int
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPassage:
    """A passage with its text."""

    position: int
    passage: Passage
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSentence:
    """A sentence with its place in the index, and what a question compares with it.

    `heading` is the row of its heading's vector, `plain` the sentence without markup, `terms` its
    stems, `words` its words in the singular with a space around each.
    """

    position: int
    heading: int
    passage_position: int
    document_id: str
    sentence: Sentence
    plain: str
    terms: frozenset[str]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRole:
    """A role that the guides are about or name."""

    position: int
    name: str
    aliases: tuple[str, ...]
    has_guide: bool
