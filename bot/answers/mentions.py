"""The roles that a question names: by name, other name, acronym, plural, field or typo."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace
from functools import lru_cache

from bot.answers.fields import find_field, find_joined_fields, find_trade
from bot.answers.folders import FolderMention, Folders, blank_out, is_within
from bot.answers.held_weakly import held_weakly
from bot.answers.ladders import Ladders
from bot.answers.names_of_guides import (
    NamesOfGuides,
    forms_by_field,
    forms_by_part,
    forms_for_short,
    initials_of,
    is_acronym,
    last_letters,
    names_without_rank,
    phrases_of,
    words_of_key,
)
from bot.answers.near_keys import NearKeys, is_another_word
from bot.answers.sections import Sections
from bot.answers.shared_nouns import find_by_others
from bot.answers.typed_phrases import (
    EVERYDAY_LETTERS,
    Mention,
    find_letters,
    goes_on,
    is_called_by_two_letters,
    is_rank_before,
    is_skill,
    mention_of,
    phrases_in,
    spell_typed,
    trim,
    without_papers,
)
from index.searching.lexical import STOP_WORDS
from index.snapshots.stored import StoredRole
from knowledge.roles.occupations import (
    AMBIGUOUS_NOUNS,
    OCCUPATION_NOUNS,
    nouns_like,
    singular,
    spell_out,
)
from knowledge.roles.phrases import forms_of, noun_last, role_key
from knowledge.roles.roles import all_names

_TOKEN = re.compile(r"[^\W_]+(?:(?!['’]s\b)['’&][^\W_]+)*")
_SOMEBODYS = re.compile(r"\b(?:my|his|her|own)\s+$", re.IGNORECASE)
_LEARNT = re.compile(r"\b(?:know|learn)(?:ing)?\s+$", re.IGNORECASE)
_MAX_WORDS_OF_NAME = 7
_FEWEST_LETTERS = 2
_MIN_CHARACTERS_OF_TYPO = 6
_QUESTIONS_HELD = 8


class RoleFinder:
    """Finds the roles of an index in questions; safe to use from several threads."""

    def __init__(
        self,
        roles: Sequence[StoredRole],
        ladders: Ladders | None = None,
        *,
        are_all_about_one: bool = True,
        occurs: Callable[[str], bool] | None = None,
        folders: Folders | None = None,
        sections: Sections | None = None,
        documents_about: Callable[[int], frozenset[str]] | None = None,
    ) -> None:
        """Take the roles that the guides are about or name, and their levels.

        Args:
            roles: The roles.
            ladders: Their levels.
            are_all_about_one: Whether, if only one role has guides, all documents are about it.
            occurs: Tells whether a word is anywhere in the guides.
            folders: Where the guides lie.
            sections: What else the guides have headings for.
            documents_about: Returns the documents about the role of a position.
        """
        self.documents_about = documents_about
        self._occurs = occurs
        self.folders = folders
        self.sections = sections
        self.ladders = ladders
        self.roles = tuple(roles)
        self.with_guide = tuple(role for role in roles if role.has_guide)
        """The roles that the guides are about."""
        is_one = are_all_about_one and len(self.with_guide) == 1
        self.of_all = self.with_guide[0] if is_one else None
        """The role that goes without saying, where all documents are about one."""
        self._by_key: dict[str, dict[str, StoredRole]] = {}
        self._acronyms: dict[str, dict[str, StoredRole]] = {}
        for role in roles:
            self._add(role_key(role.name), role)
            if is_acronym(role.name):
                self._acronyms.setdefault(role.name.lower(), {})[role.name] = role
        for role in roles:
            for alias in role.aliases:
                if is_acronym(alias):
                    self._acronyms.setdefault(alias.lower(), {})[role.name] = role
                elif role_key(alias) not in self._by_key:
                    self._add(role_key(alias), role)
        self._stated_acronyms = frozenset(self._acronyms)
        self._openings: set[str] = set()
        phrases = {phrase for role in self.with_guide for phrase in phrases_of(role.name)}
        for role in roles:
            for name in all_names(role):
                self._add_short_forms(name, role, phrases)
        for letters, role in last_letters(self.with_guide).items():
            self._acronyms.setdefault(letters, {role.name: role})
        for base, of_base in names_without_rank(self.with_guide).items():
            if len(of_base) == 1 and base not in self._by_key.keys() | self._acronyms.keys():
                self._add(base, *of_base)
        # "Front end" is written "frontend", too.
        self._by_squeezed = {key.replace(" ", ""): key for key in reversed(self._by_key)}
        self._near_keys = NearKeys(self._by_key)
        words = {word for key in self._by_key for word in key.split() if len(word) > 3}
        self._numeronyms = {f"{word[0]}{len(word) - 2}{word[-1]}": word for word in words}
        self.guides = NamesOfGuides(self.with_guide, occurs)
        """The roles that the guides are about, by the words of their names."""
        self._nouns = Counter(
            noun_last(role_key(role.name.split("(")[0])).split()[-1] for role in roles
        )
        # A question is looked at several times on its way to an answer.
        hold = lru_cache(maxsize=_QUESTIONS_HELD)
        self._find_again = hold(held_weakly(self._find_beside_folders))
        self._find_folders_again = hold(held_weakly(self._find_folders))

    def find(self, question: str) -> list[Mention]:
        """Return the roles that a question names, in its order."""
        return list(self._find_again(question))

    def find_folders(self, question: str) -> list[FolderMention]:
        """Return the folders whose guides alone a question is about, in its order."""
        return list(self._find_folders_again(question))

    def named(self, words: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return the roles with guides that have these words for a name."""
        key = role_key(" ".join(spell_out(words)))
        if key not in self._by_key:
            key = self._by_squeezed.get(key.replace(" ", ""), key)
        return tuple(role for role in self._by_key.get(key, {}).values() if role.has_guide)

    def ending_in(self, noun: str) -> tuple[StoredRole, ...]:
        """Return the roles with guides whose names end in a noun."""
        return self.guides.ending_in(singular(spell_out([noun])[0]))

    def like(self, words: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return the roles of guides by a name or one with an alike noun, of one word any so."""
        spelt = role_key(" ".join(spell_out(words))).split()
        found = [*self.named(words), *self._alike(spelt)]
        for noun in sorted(nouns_like(spelt[0])) if len(spelt) == 1 else ():
            found += self.guides.ending_in(noun)
        return tuple({role.position: role for role in found}.values())

    def of_acronym(self, letters: str) -> tuple[StoredRole, ...]:
        """Return the roles that have an acronym."""
        return tuple(self._acronyms.get(letters.lower(), {}).values())

    def _find_folders(self, question: str) -> tuple[FolderMention, ...]:
        if self.folders is None:
            return ()
        return tuple(
            self.folders.find(question, lambda text: {one.start for one in self._find(text)})
        )

    def _find_beside_folders(self, question: str) -> tuple[Mention, ...]:
        # "Acme designers" are designers, unless a guide has "Acme designer" for a name.
        folders = self.find_folders(question)
        named = [one for one in self._find(question) if one.roles] if folders else []
        apart = [one for one in folders if not is_within(one, named)]
        for one in apart:
            # No name goes on behind a place: "the head of tech at Acme speaks".
            question = f"{question[: one.start]},{question[one.start + 1 :]}"
        blank = (replace(one, start=one.start + 1) for one in apart)
        return self._find(blank_out(question, blank))

    def _find(self, question: str) -> tuple[Mention, ...]:
        question = without_papers(question)
        tokens = list(_TOKEN.finditer(question))
        words = spell_typed(
            tokens, [self._numeronyms.get(token[0].lower(), token[0]) for token in tokens]
        )
        taken = [False] * len(tokens)
        found: list[Mention] = []
        longest = min(_MAX_WORDS_OF_NAME, len(tokens), self._near_keys.longest)
        for exactly in (True, False):
            for length in range(longest, 0, -1):
                for first in range(len(tokens) - length + 1):
                    end = first + length
                    if True in taken[first:end]:
                        continue
                    roles = self._look_up(words[first:end], tokens[first], exactly=exactly)
                    if roles:
                        taken[first:end] = [True] * length
                        found.append(mention_of(question, tokens[first], tokens[end - 1], roles))
        found = find_by_others(
            question,
            tokens,
            taken,
            found,
            by_key=self._by_key,
            acronyms=self._acronyms,
            ending_in=self.guides.ending_in,
        )
        found = [
            mention
            for mention in found
            if not self._is_part_of_longer(tokens, mention)
            and not is_rank_before(question, mention, found)
        ]
        found += self._unknown(question, tokens, found)
        if self._occurs is not None:
            found += find_letters(question, found, self._acronyms, self._occurs)
        found += find_field(question, tokens, found, self.guides)
        found += find_joined_fields(question, tokens, found, self.guides)
        found = found or list(find_trade(question, tokens, self.guides))
        return tuple(sorted(found, key=lambda mention: mention.start))

    def _add_short_forms(self, name: str, role: StoredRole, phrases: Set[str]) -> None:
        words = words_of_key(role_key(name))
        if len(words) < 2:
            return
        # The "HR" of "HR business partner" is short already.
        shorter = "".join(word if word.isupper() else word[0] for word in name.split()).lower()
        for letters in {initials_of(name), shorter}:
            taken = self._acronyms.get(letters, {})
            if len(letters) < _FEWEST_LETTERS:
                continue  # a "reverse-engineer" is no "R"
            # The "PA" that guides speak of is no public accountant, whom they but mention.
            is_free = not taken and (self._occurs is None or not self._occurs(letters))
            is_free = is_free and letters not in EVERYDAY_LETTERS
            if letters not in self._stated_acronyms and (role.has_guide or is_free):
                self._acronyms.setdefault(letters, {})[role.name] = role
        if not role.has_guide:
            # "Data science" is no data scientist where a guide's own role has it in its name.
            for form in forms_by_field(name):
                if form not in phrases:
                    self._by_key.setdefault(form, {role.name: role})
            return
        for form in forms_for_short(name):
            self._add(form, role)
        for form in forms_by_part(name):
            if noun_last(form) not in self._by_key:
                self._add(form, role)
        first = name.split(maxsplit=1)[0]
        is_letters = first.lower() not in self._stated_acronyms | STOP_WORDS
        if first[1:] != first[1:].lower() and len(words) == 2 and is_letters:
            self._add(words[0], role)  # "DevOps", "UX": no everyday words
            self._openings.add(words[0])

    def _add(self, key: str, role: StoredRole) -> None:
        # Typed words are spelt out before they are looked up, and so are the names.
        if key:
            spelt = " ".join(spell_out(key.split()))
            for form in {*forms_of(spelt), noun_last(spelt)}:
                self._by_key.setdefault(form, {})[role.name] = role

    def _look_up(
        self, words: Sequence[str], token: re.Match[str], *, exactly: bool
    ) -> tuple[StoredRole, ...]:
        key = noun_last(" ".join([*words[:-1], singular(words[-1])]))
        if token[0] == "hrs" and len(words) == 1:
            return ()  # hours, and nobody of HR
        if exactly:
            if key not in self._by_key and len(key) >= _MIN_CHARACTERS_OF_TYPO:
                key = self._by_squeezed.get(key.replace(" ", ""), key)
            if key in self._by_key:
                return tuple(self._by_key[key].values())
            if len(words) > 1:
                return self.guides.clipped_to([word.lower() for word in words])
            return self._lookup_acronym(token)
        if len(key) < _MIN_CHARACTERS_OF_TYPO or not STOP_WORDS.isdisjoint((words[0], words[-1])):
            return ()
        near = self._near_keys.nearest(key)
        if near is None or is_another_word(key, near):
            return ()
        return tuple(self._by_key[near].values())

    def _lookup_acronym(self, token: re.Match[str]) -> tuple[StoredRole, ...]:
        written, question = token[0], token.string
        acronym = written.lower()
        # "RAs" are several, and no regulatory affairs specialist.
        is_plural = written.endswith("s") and written[:-1].isupper()
        # "CMS" are no content marketers.
        may_be_plural = acronym.endswith("s") and (written[-1] == "s" or question.isupper())
        if may_be_plural and (
            acronym not in self._acronyms or (is_plural and acronym[:-1] in self._acronyms)
        ):
            acronym = acronym[:-1]
        roles = self._acronyms.get(acronym)
        if roles is None:
            return ()
        # Whom guides only mention makes nobody unclear who has one.
        roles = {name: role for name, role in roles.items() if role.has_guide} or roles
        stands_out = written.rstrip("s").isupper() and not question.isupper()
        is_plain_word = written.lower() in STOP_WORDS
        has_guide = any(role.has_guide for role in roles.values())
        is_called_one = len(acronym) > 2 or is_called_by_two_letters(token)
        may_be_lower_case = acronym in self._stated_acronyms or (is_called_one and has_guide)
        if stands_out or (may_be_lower_case and not is_plain_word):
            return tuple(roles.values())
        return ()

    def _unknown(
        self, question: str, tokens: Sequence[re.Match[str]], found: Sequence[Mention]
    ) -> Iterator[Mention]:
        claimed = [(mention.start, mention.end) for mention in found]
        for phrase in phrases_in(tokens):
            if any(start < phrase[-1].end() and phrase[0].start() < end for start, end in claimed):
                continue
            inside = trim(phrase)
            if inside[-1][0].lower() == "tech" and (
                len(inside) == 1 or goes_on(tokens, inside[-1])
            ):
                continue  # "zero tech experience"
            noun = singular(spell_out([inside[-1][0]])[0].split()[-1])
            if len(inside) == 1 and (
                noun in AMBIGUOUS_NOUNS
                or noun not in OCCUPATION_NOUNS
                or _SOMEBODYS.search(question, 0, inside[0].start())
            ):
                continue
            if _LEARNT.search(question, 0, inside[0].start()):
                continue  # "must I know web dev"
            yield mention_of(question, inside[0], inside[-1], self._partly_named(inside))

    def _is_part_of_longer(self, tokens: Sequence[re.Match[str]], mention: Mention) -> bool:
        """Tell the "engineer" of "customer engineers", another role, from an engineer as such.

        A name of one word says little where the question puts words before it that grade nothing.
        Where no other role has that noun they say nothing new: "park rangers" are the rangers. Nor
        is the "UX" of "UX writers" a UX designer.
        """
        if mention.words.lower() in self._openings:
            beside = [inside[0].start() for inside in phrases_in(tokens)]
            is_beside = bool(beside) and is_skill(tokens[0].string, mention.start)
            return mention.start in beside or is_beside
        nouns = {role_key(role.name).split()[-1] for role in mention.roles}
        is_whole = all(" " not in role_key(role.name) for role in mention.roles)
        # "Engineer" is a staff engineer for short.
        if not is_whole and {role_key(mention.words)} != nouns:
            return False
        if all(self._nouns[noun] == 1 for noun in nouns):
            return False
        return any(
            inside[-1].end() == mention.end
            and inside[0].start() < mention.start
            and trim(inside)[0].start() < mention.start
            for inside in phrases_in(tokens)
        )

    def _partly_named(self, tokens: Sequence[re.Match[str]]) -> tuple[StoredRole, ...]:
        """Return the roles whose names hold all the words, or all but the first ones."""
        words = spell_out([token[0] for token in tokens])
        words[-1] = singular(words[-1])
        if len(words) == 1:
            # A noun alone, "manager", may be any manager; where one role has it, it is that one.
            found = self.guides.ending_in(words[0])
            others = self._nouns[words[0]] - len(found)
            if found or others:
                return found if len(found) > 1 or not others else ()
            return self._alike(words)
        for first in range(len(words) - 1):
            if words[first] == "of":
                break  # what a director of engineering heads is not all of the name
            if found := self.guides.holding(" ".join(words[first:]).split()):
                return found
        typed = [*(token[0].lower() for token in tokens[:-1]), words[-1]]
        return (
            self.guides.clipped(words)
            or self.guides.clipped(typed)
            or self.guides.clipped_to([token[0].lower() for token in tokens])
            or self.guides.of_learner(words)
            or self._alike(words)
            or self._in_letters(words)
            or self.guides.of_initials(words)
        )

    def _in_letters(self, words: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return the roles whose names have letters for words: "QC" for "quality control"."""
        letters = "".join(word[0] for word in words[:-1])
        found = self.named([letters, words[-1]]) if len(letters) > 1 else ()
        return tuple(role for role in found if role.name.startswith(f"{letters.upper()} "))

    def _alike(self, words: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return the roles of guides that differ by a noun that means the same: "backend dev"."""
        names = [[*words[:-1], noun] for noun in sorted(nouns_like(words[-1]))]
        found = tuple(role for name in names for role in self.named(name))
        if found or len(words) < 2:
            return found
        return tuple(role for name in names for role in self.guides.holding(name))
