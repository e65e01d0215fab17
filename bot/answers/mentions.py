"""The roles that a question names: by name, other name, acronym, plural, field or typo."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from index.lexical import STOP_WORDS
from index.store import StoredRole
from knowledge.occupations import (
    AMBIGUOUS_NOUNS,
    CLIPPINGS,
    FIELDS,
    OCCUPATION_NOUNS,
    singular,
)
from knowledge.role_phrases import find_role_phrases, role_key
from knowledge.roles import all_names

_TOKEN = re.compile(r"[^\W_]+(?:['’&][^\W_]+)*")
_MAX_WORDS_OF_NAME = 7
# Below 90, "project manager" is taken for "product manager" (87); "data sceintist" has 93.
_MIN_LIKENESS = 90
_MIN_CHARACTERS_OF_TYPO = 6
_JOINTS = frozenset({"vs", "versus", "or", "and", "to", "from", "with"})
# Words of questions that stand before a role without belonging to its name.
_NOT_IN_NAMES = frozenset(
    """
    compare compared comparing explain describe define list show become becoming being hire hiring
    want wanna like between difference differences different differ differs versus vs call called
    say says said mean means need needs needed know knows good bad hard easy actual actually
    typical average usual normal regular random exactly basically kind sort type way job role work
    career position guy guys person people folks salary pay skills tools tasks day life question
    make makes makes earn earns use uses using learn study help plus maybe
    """.split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A stretch of a question that names a role: [start, end).

    `roles` holds one role that the guides know, several where the name is ambiguous ("PM"), none
    where the guides don't have it.
    """

    start: int
    end: int
    words: str
    roles: tuple[StoredRole, ...]


class RoleFinder:
    """Finds the roles of an index in questions."""

    def __init__(self, roles: Sequence[StoredRole]) -> None:
        """Take the roles that the guides are about or name."""
        self.roles = tuple(roles)
        self._by_key: dict[str, dict[str, StoredRole]] = {}
        self._acronyms: dict[str, dict[str, StoredRole]] = {}
        for role in roles:
            self._add(role_key(role.role.name), role)
        for role in roles:
            for alias in role.role.aliases:
                if _is_acronym(alias):
                    self._acronyms.setdefault(alias.lower(), {})[role.role.name] = role
                elif role_key(alias) not in self._by_key:
                    self._add(role_key(alias), role)
        self._stated_acronyms = frozenset(self._acronyms)
        for role in roles:
            for name in all_names(role.role):
                self._add_short_forms(name, role)
        self._keys_by_length: dict[int, list[str]] = {}
        for key in self._by_key:
            self._keys_by_length.setdefault(len(key.split()), []).append(key)

    @property
    def with_guide(self) -> tuple[StoredRole, ...]:
        """The roles that the guides are about."""
        return tuple(role for role in self.roles if role.role.has_guide)

    def find(self, question: str) -> list[Mention]:
        """Return the roles that a question names, in its order."""
        tokens = list(_TOKEN.finditer(question))
        words = [CLIPPINGS.get(token[0].lower(), token[0].lower()) for token in tokens]
        taken = [False] * len(tokens)
        found: list[Mention] = []
        for exactly in (True, False):
            for length in range(min(_MAX_WORDS_OF_NAME, len(tokens)), 0, -1):
                for first in range(len(tokens) - length + 1):
                    window = range(first, first + length)
                    if any(taken[position] for position in window):
                        continue
                    roles = self._lookup(
                        words[first : first + length], question, tokens[first], exactly=exactly
                    )
                    if roles:
                        for position in window:
                            taken[position] = True
                        found.append(
                            _mention(question, tokens[first], tokens[first + length - 1], roles)
                        )
        found += self._sharing_noun(question, tokens, taken)
        found += self._unknown(question, tokens, taken)
        return sorted(found, key=lambda mention: mention.start)

    def _add_short_forms(self, name: str, role: StoredRole) -> None:
        words = [word for word in role_key(name).split() if word not in {"of", "and", "in"}]
        if len(words) < 2:
            return
        initials = "".join(word[0] for word in words)
        taken = self._acronyms.get(initials, {})
        if initials not in self._stated_acronyms and (role.role.has_guide or not taken):
            self._acronyms.setdefault(initials, {})[role.role.name] = role
        forms = [" ".join([*words[:-1], field]) for field in FIELDS.get(words[-1], ())]
        if not role.role.has_guide:
            # "Data science" is no data scientist where a guide's own role has it in its name.
            own = [f" {role_key(other.role.name)} " for other in self.with_guide]
            for form in forms:
                if not any(f" {form} " in name for name in own):
                    self._by_key.setdefault(form, {role.role.name: role})
            return
        if len(words) > 2:  # "machine learning engineer" is an "ml engineer" too
            forms.append("".join(word[0] for word in words[:-1]) + " " + words[-1])
        if (first := name.split(maxsplit=1)[0]) != first.capitalize() and len(words) == 2:
            forms.append(words[0])  # "DevOps", "UX": no everyday words
        for form in forms:
            self._add(form, role)

    def _add(self, key: str, role: StoredRole) -> None:
        if key:
            self._by_key.setdefault(key, {})[role.role.name] = role

    def _lookup(
        self, words: Sequence[str], question: str, token: re.Match[str], *, exactly: bool
    ) -> tuple[StoredRole, ...]:
        key = " ".join([*words[:-1], singular(words[-1])])
        if exactly:
            if key in self._by_key:
                return tuple(self._by_key[key].values())
            return self._lookup_acronym(token[0], question) if len(words) == 1 else ()
        if len(key) < _MIN_CHARACTERS_OF_TYPO or all(word in STOP_WORDS for word in words):
            return ()
        best = process.extractOne(
            key,
            self._keys_by_length.get(len(words), ()),
            scorer=fuzz.ratio,
            score_cutoff=_MIN_LIKENESS,
        )
        if best is None or _is_another_word(key, best[0]):
            return ()
        return tuple(self._by_key[best[0]].values())

    def _lookup_acronym(self, written: str, question: str) -> tuple[StoredRole, ...]:
        acronym = written.lower()
        if acronym not in self._acronyms and acronym.endswith("s"):
            acronym = acronym[:-1]
        roles = self._acronyms.get(acronym)
        if roles is None:
            return ()
        stands_out = written.rstrip("s").isupper() and not question.isupper()
        is_plain_word = written.lower() in STOP_WORDS
        has_guide = any(role.role.has_guide for role in roles.values())
        may_be_lower_case = acronym in self._stated_acronyms or (len(acronym) > 2 and has_guide)
        if stands_out or (may_be_lower_case and not is_plain_word):
            return tuple(roles.values())
        return ()

    def _unknown(
        self, question: str, tokens: Sequence[re.Match[str]], taken: Sequence[bool]
    ) -> Iterator[Mention]:
        claimed = [
            (token.start(), token.end())
            for token, is_taken in zip(tokens, taken, strict=True)
            if is_taken
        ]
        for phrase in find_role_phrases(question):
            if any(start < phrase.end and phrase.start < end for start, end in claimed):
                continue
            inside = [token for token in tokens if phrase.start <= token.start() < phrase.end]
            while len(inside) > 1 and inside[0][0].lower() in _NOT_IN_NAMES:
                inside = inside[1:]
            noun = singular(inside[-1][0].lower())
            if len(inside) == 1 and (noun in AMBIGUOUS_NOUNS or noun not in OCCUPATION_NOUNS):
                continue
            yield _mention(question, inside[0], inside[-1], self._partly_named(inside))

    def _partly_named(self, tokens: Sequence[re.Match[str]]) -> tuple[StoredRole, ...]:
        """Return the roles whose names hold all the words, or all but the first ones."""
        words = [CLIPPINGS.get(token[0].lower(), token[0].lower()) for token in tokens]
        words[-1] = singular(words[-1])
        if len(words) == 1:
            # A noun alone, "manager", may be any manager; with one guide it is that one's role.
            found = tuple(
                role
                for role in self.with_guide
                if role_key(role.role.name.split("(")[0]).split()[-1:] == words
            )
            return found if len(found) > 1 or len(self.with_guide) == 1 else ()
        for first in range(len(words) - 1):
            wanted = set(" ".join(words[first:]).split())
            found = tuple(
                role
                for role in self.with_guide
                if any(wanted <= set(role_key(name).split()) for name in all_names(role.role))
            )
            if found:
                return found
        return ()

    def _sharing_noun(
        self, question: str, tokens: Sequence[re.Match[str]], taken: Sequence[bool]
    ) -> Iterator[Mention]:
        """Yield what shares a noun with the next: "project" of "project vs program manager"."""
        for position in range(len(tokens) - 3):
            first, joint = tokens[position], tokens[position + 1][0].lower()
            if taken[position] or taken[position + 1] or joint not in _JOINTS:
                continue
            for last in range(position + 3, min(position + 6, len(tokens))):
                noun = singular(tokens[last][0].lower())
                key = f"{first[0].lower()} {noun}"
                if taken[last] and noun in OCCUPATION_NOUNS and key in self._by_key:
                    yield _mention(question, first, first, tuple(self._by_key[key].values()))
                    break


def _mention(
    question: str, first: re.Match[str], last: re.Match[str], roles: tuple[StoredRole, ...]
) -> Mention:
    start, end = first.start(), last.end()
    # "software engineer (data science)": the qualifier's bracket belongs to the name.
    if (
        question[start:end].count("(") > question[start:end].count(")")
        and question[end : end + 1] == ")"
    ):
        end += 1
    return Mention(start=start, end=end, words=question[start:end], roles=roles)


def _is_acronym(alias: str) -> bool:
    return " " not in alias and 2 <= len(alias) <= 6 and alias.upper() == alias


def _is_another_word(left: str, right: str) -> bool:
    """Tell another word from a typo: a short word, or an occupation of its own."""
    pairs = zip(left.split(), right.split(), strict=True)
    return any(
        one != other
        and (
            min(len(one), len(other)) <= 3
            or (one in OCCUPATION_NOUNS and other in OCCUPATION_NOUNS)
        )
        for one, other in pairs
    )
