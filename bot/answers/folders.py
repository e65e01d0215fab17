"""The folders that guides lie in, where a question names one: "product managers at Acme"."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from index.searching.lexical import words_of

_MOST_WORDS = 4
_FEWEST_CHARACTERS = 3
_BEFORE_ANY = re.compile(r"(?:\bat\s+(?:the\s+)?|@)$", re.IGNORECASE)
_BEFORE_NAME = re.compile(
    r"(?:\b(?:at|in|inside|within|for|from|of|with|by|per)\s+(?:the\s+)?|@)$", re.IGNORECASE
)
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Where a question asks about: the folder's name as it was typed, and the documents there."""

    name: str
    documents: frozenset[str]

    def leave_out(self, question: str) -> str:
        """Return a question without where it asks about: "and at Acme?" is "and ?"."""
        place = rf"(?:\b(?:at|in|for|from)\s+)?(?:the\s+)?\b{re.escape(self.name)}\b(?:['’]s\b)?"
        return re.sub(place, "", question)


class Folders:
    """The names of the folders of an index, each with its documents."""

    def __init__(
        self,
        document_ids: Sequence[str],
        words_of_roles: Iterable[str],
        find_common: Callable[[Sequence[str]], Sequence[str]],
    ) -> None:
        """Take the folders of documents.

        Args:
            document_ids: Paths inside the knowledge folder.
            words_of_roles: The words of the roles' names, which no folder is known by alone.
            find_common: Returns those of some words that are common in the language.
        """
        whole: dict[str, set[str]] = {}
        parts: dict[str, set[str]] = {}
        for id_ in document_ids:
            for folder in PurePosixPath(id_).parts[:-1]:
                words = words_of(folder)
                whole.setdefault("".join(words), set()).add(id_)
                for word in words:
                    parts.setdefault(word, set()).add(id_)
        ordinary = {*words_of_roles, *find_common(sorted(parts))}
        self.own_names = frozenset(
            word for word in parts if word not in ordinary and len(word) >= _FEWEST_CHARACTERS
        )
        """Words that are a folder's name and nothing else: "acme", but not "design"."""
        named = whole | {word: parts[word] for word in self.own_names}
        self._documents = {
            key: frozenset(found)
            for key, found in named.items()
            if key and len(found) < len(document_ids)
        }

    def find(self, question: str, starts_of_roles: Iterable[int]) -> Folder | None:
        """Return the folder that a question asks about, all documents of them if it names several.

        A name that is an everyday word too counts behind "at" alone.

        Args:
            question: The question.
            starts_of_roles: Where in it roles are named: "Acme designers" are those at Acme.
        """
        if not self._documents:
            return None
        words = list(_WORD.finditer(question))
        starts = frozenset(starts_of_roles)
        found: list[tuple[str, frozenset[str]]] = []
        for first in range(len(words)):
            for last in range(first, min(first + _MOST_WORDS, len(words))):
                stretch = words[first : last + 1]
                key = "".join(word[0].lower() for word in stretch)
                start, end = stretch[0].start(), stretch[-1].end()
                if key in self._documents and (
                    _BEFORE_ANY.search(question, 0, start)
                    or (key in self.own_names and _is_asked_about(question, start, end, starts))
                ):
                    found.append((question[start:end], self._documents[key]))
        if not found:
            return None
        return Folder(
            name=" and ".join(dict.fromkeys(name for name, _ in found)),
            documents=frozenset[str]().union(*(documents for _, documents in found)),
        )


def _is_asked_about(question: str, start: int, end: int, starts_of_roles: frozenset[int]) -> bool:
    return (
        _BEFORE_NAME.search(question, 0, start) is not None
        or _POSSESSIVE.match(question, end) is not None
        or end + 1 in starts_of_roles
    )
