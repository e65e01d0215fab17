"""The names of the folders that guides lie in, and of places that files are named after."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import NamedTuple

from bot.answers.phrases import ASKS_WHICH, COMPARING, RANKING
from index.searching.lexical import STOP_WORDS, WORD, words_of
from knowledge.roles.levels import RANKS

_FEWEST_CHARACTERS = 3
_MOST_WORDS_SPELT = 6
_FEWEST_OF_SHORTENED = 5
_FEWEST_OF_ENDING = 8
_FEWEST_OF_WORD_WITHIN = 6
_MOST_BEFORE_ENDING = 4
# So many folders with names of their own are of as many employers, not parts of one.
_FEWEST_EMPLOYERS = 2
BEFORE_PLACE = re.compile(r"(?:\bat\s+(?:the\s+)?|@\s*)$", re.IGNORECASE)
"""What stands before the name of a place: "at"."""

_BEFORE_SKILL = re.compile(
    r"\b(?:bad|best|better|experts?|good|great|look(?:ing)?|skilled|strong)\s+at\s+$", re.IGNORECASE
)


class Stretch(NamedTuple):
    """[start, end) of a question that is named as some documents' folder or file is.

    It is a name where it is no everyday word, and their own where little else speaks of it.
    """

    start: int
    end: int
    documents: frozenset[str]
    is_name: bool
    is_own: bool


class NamesOfFolders:
    """Finds stretches of questions that are named as folders and files of an index are."""

    def __init__(
        self,
        document_ids: Sequence[str],
        *,
        words_of_roles: Iterable[str],
        find_common: Callable[[Sequence[str]], Sequence[str]],
        holds_most: Callable[[str, frozenset[str]], bool],
        is_proper: Callable[[str], bool | None],
        occurs: Callable[[str], bool],
        find_holders: Callable[[str], frozenset[str]],
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
            find_holders: Returns the documents that do.
        """
        self._count = len(document_ids)
        self._find_holders = find_holders
        by_folder: dict[str, set[str]] = {}
        by_word_of_file: dict[str, set[str]] = {}
        for id_ in document_ids:
            *folders, file = id_.split("/")
            for folder in folders:
                by_folder.setdefault(folder, set()).add(id_)
            # The "lead" of `lead-engineer.md` is a rank.
            for word in set(words_of(file.rsplit(".", 1)[0])) - RANKS:
                by_word_of_file.setdefault(word, set()).add(id_)
        by_key: dict[str, set[str]] = {}
        by_word: dict[str, set[str]] = {}
        for folder, ids in by_folder.items():
            words = words_of(folder)
            by_key.setdefault("".join(words), set()).update(ids)
            if len(words) >= _FEWEST_CHARACTERS:
                by_key.setdefault("".join(word[0] for word in words), set()).update(ids)
            for word in words:
                by_word.setdefault(word, set()).update(ids)
        self.words = frozenset(by_word) | frozenset(by_key)
        """All words that folders are named by, lower case."""
        self._words_of_folders = by_word.keys()
        self._ordinary = frozenset({*STOP_WORDS, *words_of_roles})
        self._may_be_own = frozenset(
            word
            for word in self.words.union(by_word_of_file) - self._ordinary
            if len(word) >= _FEWEST_CHARACTERS and not word.isdigit()
        )
        names = by_word.keys() & self._may_be_own
        common = names.intersection(find_common(sorted(names)))
        named = {word: by_word[word] for word in names - common} | by_key
        self._documents = {
            key: frozenset(found)
            for key, found in named.items()
            if key and len(found) < len(document_ids)
        }
        self._common = common
        of_parts = by_word_of_file | {word: by_word[word] for word in common}
        self._of_parts = {
            word: frozenset(of_parts[word])
            for word in self._may_be_own & of_parts.keys() - self._documents.keys()
            if len(of_parts[word]) < len(document_ids)
        }
        self._own_words = sorted(by_word.keys() & self._documents.keys())
        self._most_characters = max(map(len, self._documents), default=0)
        self._holds_most = cache(holds_most)
        self._is_proper = cache(is_proper)
        self.is_common = cache(lambda word: bool(find_common([word])))
        """Tells whether a word is common in the language."""
        self.occurs = occurs
        """Tells whether the guides hold a word."""
        self._top = sorted({id_.split("/")[0] for id_ in document_ids if "/" in id_})
        keys = ("".join(words_of(folder)) for folder in self._top)
        self._keys_of_top = [key for key in keys if key in self._documents]

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

    def find(self, question: str) -> list[Stretch]:
        """Return what is named as folders are, and places that files alone are named after."""
        if not self._documents:
            return []
        words = list(WORD.finditer(question))
        keys = ["".join(words_of(word[0])) for word in words]
        found: list[Stretch] = []
        first = 0
        while first < len(words):
            for end in range(self._last(keys, first), first, -1):
                key = self._as_named("".join(keys[first:end]))
                if documents := self._documents.get(key):
                    # "Made Tech" is the folder "madetech".
                    is_one = end == first + 1 or key in self._words_of_folders
                    own = (key,) if is_one else keys[first:end]
                    names = [word for word in own if self._is_name(word)]
                    found.append(
                        Stretch(
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
                found += self._in_longer_names(question, words[first], keys[first])
                found += self._by_initials(words[first:], keys[first:])
                found += self._shortened(words[first], keys[first])
                found += self._without_beginning(words[first : first + 2], keys[first : first + 2])
                found += self._within_word(words[first], keys[first])
                found += self._in_texts(question, words[first], keys[first])
            first += 1
        return found

    def _as_named(self, key: str) -> str:
        """Return what a folder is named by, also in "zorbexes" and "which pays more, zorbexs"."""
        base = key.removesuffix("s")
        is_possessive = key != base and key not in self._documents and base in self._documents
        return base if is_possessive and self._is_name(base) else key

    def _by_initials(
        self, words: Sequence[re.Match[str]], keys: Sequence[str]
    ) -> Iterator[Stretch]:
        """Yield a folder that is called by the letters of what a question spells out.

        The "moj" behind "at the ministry of justice", also without small words.
        """
        if not words or not BEFORE_PLACE.search(words[0].string, 0, words[0].start()):
            return
        for end in range(min(_MOST_WORDS_SPELT, len(words)), _FEWEST_CHARACTERS - 1, -1):
            for spelt in (keys[:end], [key for key in keys[:end] if key not in STOP_WORDS]):
                letters = "".join(key[:1] for key in spelt)
                documents = self._documents.get(letters)
                if documents and len(letters) >= _FEWEST_CHARACTERS:
                    yield Stretch(
                        words[0].start(),
                        words[end - 1].end(),
                        documents,
                        is_name=True,
                        is_own=False,
                    )
                    return

    def _shortened(self, word: re.Match[str], key: str) -> Iterator[Stretch]:
        """Yield the one outermost folder whose name begins so: "zorbexes" of `zorbex93`."""
        begins = key.removesuffix("s")
        if len(begins) < _FEWEST_OF_SHORTENED or key in self._may_be_own or self.occurs(key):
            return
        found = [folder for folder in self._keys_of_top if folder.startswith(begins)]
        if len(found) == 1 and found[0] in self._may_be_own and not self.is_common(key):
            documents = self._documents[found[0]]
            yield Stretch(word.start(), word.end(), documents, is_name=True, is_own=False)

    def _without_beginning(
        self, words: Sequence[re.Match[str]], keys: Sequence[str]
    ) -> Iterator[Stretch]:
        """Yield the one outermost folder whose name ends in two words: the "home office" one."""
        ending = "".join(keys)
        says_which = len(keys) > 1 and not self._ordinary.issuperset(keys)
        if not says_which or len(ending) < _FEWEST_OF_ENDING:
            return
        found = [
            folder
            for folder in self._keys_of_top
            if folder.endswith(ending) and len(folder) - len(ending) <= _MOST_BEFORE_ENDING
        ]
        if len(found) == 1:
            documents = self._documents[found[0]]
            yield Stretch(words[0].start(), words[1].end(), documents, is_name=True, is_own=True)

    def _within_word(self, word: re.Match[str], key: str) -> Iterator[Stretch]:
        """Yield the folders with the one word that ends so: the "hackney" of `lbhackney-it`."""
        if len(key) < _FEWEST_OF_WORD_WITHIN or key in self.words:
            return
        found = [
            longer
            for longer in self._own_words
            if longer.endswith(key) and len(longer) - len(key) <= _MOST_BEFORE_ENDING
        ]
        is_everyday = found and self.is_common(key) and self._is_proper(key) is not True
        if len(found) == 1 and self._is_name(found[0]) and not is_everyday:
            documents = self._documents[found[0]]
            yield Stretch(word.start(), word.end(), documents, is_name=True, is_own=False)

    def _in_texts(self, question: str, word: re.Match[str], key: str) -> Iterator[Stretch]:
        """Yield a place that neither folder nor file is named after, but one guide is about it.

        "Product managers at ACME", which a single guide alone speaks of.
        """
        if (
            key in self.words
            or key in self._ordinary
            or not BEFORE_PLACE.search(question, 0, word.start())
            or _BEFORE_SKILL.search(question, 0, word.start())
            or self._is_proper(key) is not True
        ):
            return
        documents = self._find_holders(key)
        if len(documents) == 1 < self._count:
            yield Stretch(word.start(), word.end(), documents, is_name=True, is_own=False)

    def _in_longer_names(self, question: str, word: re.Match[str], key: str) -> Iterator[Stretch]:
        """Yield a place that a file is named after, or a folder by a common word beside others.

        Behind "at", or compared: the "kiel" of `kiel-harbour/`.
        """
        documents = self._of_parts.get(key)
        is_behind_at = BEFORE_PLACE.search(question, 0, word.start()) is not None
        # What the guides never say can be nothing but where some of them are from.
        is_only_place = is_behind_at and key in self._common and not self.occurs(key)
        if documents and (
            is_only_place
            or (
                (is_behind_at or compares_places(question))
                and self._is_name(key)
                and (key not in self._common or self._is_proper(key) is True)
                and self._holds_most(key, documents)
            )
        ):
            yield Stretch(word.start(), word.end(), documents, is_name=True, is_own=False)

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
            and (not self.is_common(word) or self._is_proper(word) is True)
        )

    def _is_name(self, word: str) -> bool:
        return word in self._may_be_own and (
            not self.is_common(word) or self._is_proper(word) is not False
        )


def compares_places(question: str) -> bool:
    """Tell whether a question may compare places, be it only by asking which."""
    return any(pattern.search(question) is not None for pattern in (COMPARING, RANKING, ASKS_WHICH))
