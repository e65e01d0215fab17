"""The folders that guides lie in, where a question names them: "product managers at Acme"."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple, Protocol

from bot.answers.phrases import ASKS_WHICH, COMPARING, RANKING, SAME_QUESTION
from index.searching.lexical import STOP_WORDS, WORD, words_of
from knowledge.roles.levels import GRADE_WORDS

_FEWEST_CHARACTERS = 3
_MOST_WORDS_SPELT = 6
_FEWEST_OF_SHORTENED = 5
_BEFORE_ANY = re.compile(r"(?:\bat\s+(?:the\s+)?|@\s*)$", re.IGNORECASE)
_BEFORE_OWN_NAME = re.compile(
    r"\b(?:in|inside|within|for|from|of|on|with|by|per)\s+(?:the\s+|an?\s+)?$", re.IGNORECASE
)
_JOINED_BEFORE = re.compile(
    r"(?:,|/|\b(?:and|or|than|vs\.?|versus|compared (?:to|with)))\s*(?:the\s+)?$", re.IGNORECASE
)
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_COLON = re.compile(r"\s*:")
_AT_SOMETHING = re.compile(rf"(?:\bat\s+|@)(?P<name>{WORD.pattern})", re.IGNORECASE)
# What is said behind "at" without meaning a place that guides are of.
_NO_PLACES = frozenset(
    """
    best christmas easter first home last least nite night present school sea times uni university
    weekends work
    """.split()
).union(STOP_WORDS, GRADE_WORDS)
# So many folders with names of their own are of as many employers, not parts of one.
_FEWEST_EMPLOYERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Where a question asks about: the name as it was typed, and the documents there, if any."""

    name: str
    documents: frozenset[str]

    @property
    def is_known(self) -> bool:
        """Whether there are guides from there."""
        return bool(self.documents)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderMention:
    """A stretch of a question that names a folder, "at" and "'s" along with it: [start, end)."""

    start: int
    end: int
    folder: Folder


class _Stretch(NamedTuple):
    """[start, end) of a question that is named as some documents' folder or file is.

    It is a name where it is no everyday word, and their own where little else speaks of it.
    """

    start: int
    end: int
    documents: frozenset[str]
    is_name: bool
    is_own: bool


class Folders:
    """The names of the folders of an index, each with its documents."""

    def __init__(
        self,
        document_ids: Sequence[str],
        *,
        words_of_roles: Iterable[str],
        find_common: Callable[[Sequence[str]], Sequence[str]],
        holds_most: Callable[[str, frozenset[str]], bool],
        is_proper: Callable[[str], bool | None],
        occurs: Callable[[str], bool],
    ) -> None:
        """Take the folders of documents.

        Args:
            document_ids: Paths inside the knowledge folder.
            words_of_roles: The words of the roles' names, which no folder is known by alone.
            find_common: Returns those of some words that are common in the language.
            holds_most: Tells whether, of what a word occurs in, most is in some documents.
            is_proper: Tells whether the guides write a word with a capital wherever it stands;
                nothing where they don't show it.
            occurs: Tells whether the guides hold a word.
        """
        by_folder: dict[str, set[str]] = {}
        by_word_of_file: dict[str, set[str]] = {}
        for id_ in document_ids:
            *folders, file = id_.split("/")
            for folder in folders:
                by_folder.setdefault(folder, set()).add(id_)
            for word in words_of(file.rsplit(".", 1)[0]):
                by_word_of_file.setdefault(word, set()).add(id_)
        by_key: dict[str, set[str]] = {}
        by_word: dict[str, set[str]] = {}
        for folder, ids in by_folder.items():
            words = words_of(folder)
            by_key.setdefault("".join(words), set()).update(ids)
            for word in words:
                by_word.setdefault(word, set()).update(ids)
        self.words = frozenset(by_word) | frozenset(by_key)
        """All words that folders are named by, lower case."""
        self._words_of_folders = by_word.keys()
        ordinary = {*STOP_WORDS, *words_of_roles}
        self._may_be_own = frozenset(
            word
            for word in self.words.union(by_word_of_file) - ordinary
            if len(word) >= _FEWEST_CHARACTERS and not word.isdigit()
        )
        names = by_word.keys() & self._may_be_own
        named = {word: by_word[word] for word in names.difference(find_common(sorted(names)))}
        named |= by_key
        self._documents = {
            key: frozenset(found)
            for key, found in named.items()
            if key and len(found) < len(document_ids)
        }
        self._of_files = {
            word: frozenset(by_word_of_file[word])
            for word in self._may_be_own & by_word_of_file.keys() - self._documents.keys()
            if len(by_word_of_file[word]) < len(document_ids)
        }
        self._most_characters = max(map(len, self._documents), default=0)
        self._holds_most = cache(holds_most)
        self._is_proper = cache(is_proper)
        self._is_common = cache(lambda word: bool(find_common([word])))
        self._occurs = occurs
        self._top = sorted({id_.split("/")[0] for id_ in document_ids if "/" in id_})
        keys = ("".join(words_of(folder)) for folder in self._top)
        self._keys_of_top = [key for key in keys if key in self._documents]

    def find(
        self, question: str, starts_of_roles: Callable[[str], Iterable[int]]
    ) -> list[FolderMention]:
        """Return the folders that a question asks about, in its order.

        A name counts behind "at". One that is the folder's own, and no everyday word, counts behind
        other prepositions too, before a role ("Acme designers"), in the possessive, alone ("and
        Acme?"), at the head ("Acme: …"), and joined to another. Of two that are compared each does,
        wherever it stands ("what Acme says"). So does a name behind "at", or beside another, that
        is in the names of files alone. Where the folders are of several
        employers, a name behind "at" that the guides don't hold is one of which there are none:
        with a capital, or if it is no common word of the language.

        Args:
            question: The question.
            starts_of_roles: Tells where in a text roles are named.
        """
        stretches = self._stretches(question)
        found = list(self._find_unknown(question, stretches))
        names = {
            one.documents
            for one in stretches
            if one.is_name or _BEFORE_ANY.search(question, 0, one.start)
        }
        are_compared = len(names) > 1 and _compares(question)
        for start, end, documents, is_name, is_own in stretches:
            before = _BEFORE_ANY.search(question, 0, start)
            if before and question[start:end].lower() in _NO_PLACES:
                continue
            behind = _POSSESSIVE.match(question, end) if is_own else None
            if is_own and not question[:start].strip():
                behind = behind or _COLON.match(question, end)
            if before is None and (is_own or (is_name and are_compared)):
                before = _BEFORE_OWN_NAME.search(question, 0, start)
            rest = _without(question, start, end)
            is_asked_about = (
                before
                or behind
                or (is_name and are_compared)
                or (
                    is_own
                    and (
                        _is_joined(question, start, found)
                        or SAME_QUESTION.match(rest)
                        or _next_word(question, end) in starts_of_roles(rest)
                    )
                )
            )
            if is_asked_about:
                name = question[start:end]
                found.append(
                    FolderMention(
                        start=before.start() if before else start,
                        end=behind.end() if behind else end,
                        folder=Folder(name=name, documents=documents),
                    )
                )
        return sorted(found, key=lambda mention: mention.start)

    def _find_unknown(self, question: str, known: Sequence[_Stretch]) -> Iterator[FolderMention]:
        """Yield the places behind "at" that the guides know nothing of."""
        tells_by_capitals = not question.istitle() and not question.isupper()
        for mention in _AT_SOMETHING.finditer(question):
            start, end = mention.span("name")
            name = mention["name"]
            if (
                not any(one.start < end and start < one.end for one in known)
                and self._may_be_name(name)
                and ((tells_by_capitals and name[0].isupper()) or not self._is_common(name.lower()))
                and self.employers
            ):
                if behind := _POSSESSIVE.match(question, end):
                    end = behind.end()
                folder = Folder(name=name, documents=frozenset())
                yield FolderMention(start=mention.start(), end=end, folder=folder)

    def _may_be_name(self, word: str) -> bool:
        lower = word.lower()
        return (
            len(word) >= _FEWEST_CHARACTERS
            and not word[0].isdigit()
            and lower not in _NO_PLACES | self.words
            and not self._occurs(lower)
        )

    @cached_property
    def employers(self) -> tuple[str, ...]:
        """The outermost folders whose names are no everyday words, if there are several."""
        named = tuple(
            folder
            for folder in self._top
            if (documents := self._documents.get("".join(words_of(folder))))
            and any(
                self._is_own(word, documents)
                for word in {"".join(words_of(folder)), *words_of(folder)}
            )
        )
        return named if len(named) >= _FEWEST_EMPLOYERS else ()

    def spoken_of(self, question: str) -> frozenset[str]:
        """Return the documents of the folders that a question has by their own names."""
        return frozenset[str]().union(
            *(one.documents for one in self._stretches(question) if one.is_own)
        )

    def are_named(self, question: str) -> bool:
        """Tell whether a question has a folder's own name, however it stands there."""
        return any(one.is_own for one in self._stretches(question))

    def _stretches(self, question: str) -> list[_Stretch]:
        """Return what is named as folders are, and places that files alone are named after."""
        if not self._documents:
            return []
        words = list(WORD.finditer(question))
        keys = ["".join(words_of(word[0])) for word in words]
        found: list[_Stretch] = []
        first = 0
        while first < len(words):
            for end in range(self._last(keys, first), first, -1):
                key = "".join(keys[first:end])
                if documents := self._documents.get(key):
                    # "Made Tech" is the folder "madetech".
                    is_one = end == first + 1 or key in self._words_of_folders
                    own = (key,) if is_one else keys[first:end]
                    names = [word for word in own if self._is_name(word)]
                    found.append(
                        _Stretch(
                            start=words[first].start(),
                            end=words[end - 1].end(),
                            documents=documents,
                            is_name=bool(names),
                            is_own=any(self._is_own(word, documents) for word in names),
                        )
                    )
                    first = end - 1
                    break
            else:
                found += self._in_names_of_files(question, words[first], keys[first])
                found += self._by_initials(words[first:], keys[first:])
                found += self._shortened(words[first], keys[first])
            first += 1
        return found

    def _by_initials(
        self, words: Sequence[re.Match[str]], keys: Sequence[str]
    ) -> Iterator[_Stretch]:
        """Yield a folder that is called by the letters of what a question spells out.

        The "moj" behind "at the ministry of justice", also without small words.
        """
        if not words or not _BEFORE_ANY.search(words[0].string, 0, words[0].start()):
            return
        for end in range(min(_MOST_WORDS_SPELT, len(words)), _FEWEST_CHARACTERS - 1, -1):
            for spelt in (keys[:end], [key for key in keys[:end] if key not in STOP_WORDS]):
                letters = "".join(key[:1] for key in spelt)
                documents = self._documents.get(letters)
                if documents and len(letters) >= _FEWEST_CHARACTERS:
                    yield _Stretch(
                        words[0].start(),
                        words[end - 1].end(),
                        documents,
                        is_name=True,
                        is_own=False,
                    )
                    return

    def _shortened(self, word: re.Match[str], key: str) -> Iterator[_Stretch]:
        """Yield the one outermost folder whose name begins so: "zorbexes" of `zorbex93`."""
        begins = key.removesuffix("s")
        if len(begins) < _FEWEST_OF_SHORTENED or key in self._may_be_own or self._occurs(key):
            return
        found = [folder for folder in self._keys_of_top if folder.startswith(begins)]
        if len(found) == 1 and found[0] in self._may_be_own and not self._is_common(key):
            documents = self._documents[found[0]]
            yield _Stretch(word.start(), word.end(), documents, is_name=True, is_own=False)

    def _in_names_of_files(
        self, question: str, word: re.Match[str], key: str
    ) -> Iterator[_Stretch]:
        """Yield a place that no folder, but a file is named after: behind "at", or compared."""
        documents = self._of_files.get(key)
        if (
            documents
            and (_BEFORE_ANY.search(question, 0, word.start()) or _compares(question))
            and self._is_name(key)
            and self._holds_most(key, documents)
        ):
            yield _Stretch(word.start(), word.end(), documents, is_name=True, is_own=False)

    def _last(self, keys: Sequence[str], first: int) -> int:
        """Return behind which word the longest name that may begin at a word would end."""
        end, length = first, 0
        while end < len(keys) and length + len(keys[end]) <= self._most_characters:
            length += len(keys[end])
            end += 1
        return end

    def _is_own(self, word: str, documents: frozenset[str]) -> bool:
        return (
            self._is_name(word)
            and self._holds_most(word, documents)
            and (not self._is_common(word) or self._is_proper(word) is True)
        )

    def _is_name(self, word: str) -> bool:
        return word in self._may_be_own and (
            not self._is_common(word) or self._is_proper(word) is not False
        )


def join_folders(mentions: Sequence[FolderMention]) -> Folder | None:
    """Return what several folders have in common, or all that is in them if that is nothing."""
    if not mentions:
        return None
    documents = mentions[0].folder.documents
    for mention in mentions[1:]:
        documents = (documents & mention.folder.documents) or documents | mention.folder.documents
    names = dict.fromkeys(mention.folder.name for mention in mentions)
    return Folder(name=" and ".join(names), documents=documents)


class _HasPlace(Protocol):
    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


def is_within(folder: FolderMention, stretches: Iterable[_HasPlace]) -> bool:
    """Tell whether a folder is named within a longer stretch of the same question."""
    return any(one.start <= folder.start < folder.end < one.end for one in stretches)


def blank_out(text: str, mentions: Iterable[FolderMention]) -> str:
    """Return a text with spaces where folders are named; what else there is stays in its place."""
    for mention in mentions:
        text = _without(text, mention.start, mention.end)
    return text


def _without(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{' ' * (end - start)}{text[end:]}"


def _is_joined(question: str, start: int, found: Sequence[FolderMention]) -> bool:
    """Tell the second of "Acme and Zorbex"."""
    joint = _JOINED_BEFORE.search(question, 0, start)
    return joint is not None and any(
        not question[mention.end : joint.start()].strip() for mention in found
    )


def _compares(question: str) -> bool:
    return any(pattern.search(question) is not None for pattern in (COMPARING, RANKING, ASKS_WHICH))


def _next_word(question: str, end: int) -> int:
    return len(question) - len(question[end:].lstrip())
