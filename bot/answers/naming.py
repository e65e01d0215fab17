"""Which sentences are about the role in question, name it, or are about another one."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.answers.question import Subject
from index.searching.lexical import join_words, terms_of, words_of
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import StoredRole, StoredSentence
from knowledge.roles.occupations import CLIPPINGS, FIELDS, spell_out
from knowledge.roles.phrases import forms_of, role_key
from knowledge.roles.roles import all_names

_WORDS_BEFORE_SUBJECT = 3
_WORDS_OF_BEGINNING = 8
_MOST_WORDS_OF_NAME = 4
_CHARACTERS_OF_OPENING = 400
_DIFFERS = re.compile(r" (?:differ\w*|unlike|contrast\w*) ")
_PATHS_HELD = 4_096
_LONG_WORD = 5
_LONG_NAME = 10
_NONE = frozenset[str]()
_THE_ROLE = re.compile(r"(?:(?:(?:this|the) )?(?:role|job|position)|they|someone|a person|you)\b")
_BEHIND_SUBJECTS = frozenset(
    """
    who whose which is are was were has have does do can will may often usually typically mainly
    """.split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Tells which sentences are about the role in question, or name it."""

    subject: Subject | None
    narrow: frozenset[str]
    squeezed: frozenset[str]
    wide: frozenset[str]
    contrasted: frozenset[str]
    longer: frozenset[str]
    roles: Sequence[StoredRole]
    own_spans: Mapping[str, Sequence[tuple[int, int]]]
    other_spans: Mapping[str, Sequence[tuple[int, int]]]
    compared_spans: Mapping[str, Sequence[tuple[int, int]]]

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        subject: Subject | None,
        contrasted: Sequence[Subject],
        stored: Sequence[StoredSentence],
    ) -> "Naming":
        """Return what tells of the sentences of a search.

        Args:
            snapshot: Where they were found.
            subject: The role in question, if any.
            contrasted: Other roles that it is compared with.
            stored: The sentences.
        """
        own: dict[str, list[tuple[int, int]]] = {}
        others: dict[str, list[tuple[int, int]]] = {}
        compared: dict[str, list[tuple[int, int]]] = {}
        section = subject.section if subject is not None else None
        if subject is not None:
            known = subject.role.position if subject.role else None
            for document_id, start, end in section.places if section else ():
                own.setdefault(document_id, []).append((start, end))
            documents = {item.document_id for item in stored}
            kinds = _kinds_of(subject, contrasted, snapshot.roles)
            wider = _wider_than(subject, snapshot.roles)
            others_known = {one.role.position for one in contrasted if one.role} - {known}
            for role, document_id, start, end in snapshot.store.role_spans(documents):
                if role in others_known:
                    compared.setdefault(document_id, []).append((start, end))
                if role in kinds or role in wider:
                    continue
                spans = own if role == known else others
                spans.setdefault(document_id, []).append((start, end))
        narrow = _names_of(subject)
        others_names = frozenset[str]().union(*map(_names_of, contrasted))
        return cls(
            subject=subject,
            narrow=narrow,
            squeezed=_squeeze(narrow) if subject is not None and subject.role is None else _NONE,
            wide=narrow | _names_of(subject, widely=True),
            contrasted=others_names,
            longer=frozenset(
                name
                for name in others_names
                if any(f" {own_name} " in f" {name} " for own_name in narrow - {name})
            ),
            roles=snapshot.roles,
            own_spans=own,
            other_spans=others,
            compared_spans=compared,
        )

    def may_answer(self, item: StoredSentence) -> bool:
        """Tell whether a sentence may say something of the role, and of none but those compared.

        What another role's guide says of one that is only mentioned must speak of it, or stand
        below a heading that does.
        """
        if self.contrasted and self.tells_from_third(item):
            return False
        if not self.is_mentioned:
            return True
        return (
            not self.is_about_another(item)
            or _speaks_of(self.narrow, item.words)
            or self._is_below_noun(item)
        )

    def _is_below_noun(self, item: StoredSentence) -> bool:
        """Tell whether the heading is the noun of the role: "Supervisors" among engineers."""
        below = item.sentence.heading_path[-1:]
        return bool(below) and any(key.split()[-1] == role_key(below[0]) for key in self.narrow)

    def tells_from_third(self, item: StoredSentence) -> bool:
        """Tell whether a sentence says how a role differs from one that isn't compared here."""
        if not _DIFFERS.search(item.words) or _names(self.contrasted, item.words):
            return False
        compared = self.wide | self.contrasted
        return any(
            key not in compared and f" {key} " in item.words
            for role in self.roles
            for key in map(role_key, (role.name, *role.aliases))
            if key
        )

    @property
    def is_mentioned(self) -> bool:
        """Whether the guides mention the role, and none is about it."""
        subject = self.subject
        return subject is not None and subject.role is not None and not subject.has_guide

    @property
    def has_no_guide(self) -> bool:
        """Whether there is a role in question that no guide is about."""
        return self.subject is not None and not self.subject.has_guide

    def is_about_another(self, item: StoredSentence) -> bool:
        """Tell whether a sentence stands in what is about another role, and not about this one."""
        return not self.is_about(item) and _lies_within(item, self.other_spans)

    def is_about(self, item: StoredSentence) -> bool:
        """Tell whether a sentence stands in what is about the role."""
        return _lies_within(item, self.own_spans)

    def is_about_compared(self, item: StoredSentence) -> bool:
        """Tell whether a sentence stands in what is about a role that this one is compared with."""
        return _lies_within(item, self.compared_spans)

    def named_by_heading(self, item: StoredSentence) -> tuple[bool, bool]:
        """Tell whether the next heading above names the role, and whether it names one compared."""
        path = _words_of_path(item.sentence.heading_path[-1:])
        return _names(self.wide, path), _names(self.contrasted, path)

    def nearness_to_beginning(self, item: StoredSentence) -> float:
        """Return 1 where a sentence begins what is about the role, and the less the later it is."""
        start = item.sentence.start
        return max(
            (
                math.exp((begin - start) / _CHARACTERS_OF_OPENING)
                for begin, end in self.own_spans.get(item.document_id, ())
                if begin <= start < end
            ),
            default=0.0,
        )

    def names(self, item: StoredSentence) -> bool:
        """Tell whether a sentence names the role; "back end" is "backend", too."""
        if _names(self.narrow, self._own_words(item)):
            return True
        return bool(self.squeezed) and _has_run(self.squeezed, item.words.split())

    def _own_words(self, item: StoredSentence) -> str:
        """Return the words of a sentence without longer names: "vice commodore" of a commodore."""
        words = item.words
        for name in self.longer:
            words = words.replace(f" {name} ", " . ")
        return words

    def heading_names(self, item: StoredSentence) -> bool:
        """Tell whether a heading above a sentence names the role, be it by a wider name."""
        return bool(self.wide) and _names(self.wide, _words_of_path(item.sentence.heading_path))

    def names_contrasted(self, item: StoredSentence) -> bool:
        """Tell whether a sentence names a role that this one is compared with."""
        return bool(self.contrasted) and _names(self.contrasted, item.words)

    def begins(self, item: StoredSentence) -> bool:
        """Tell whether a sentence begins with the role, by name or as "this role" and the like."""
        if _THE_ROLE.match(item.words, 1):
            return True
        return _begins(self.wide, self._own_words(item))

    def documents_with_its_words(self, stored: Sequence[StoredSentence]) -> frozenset[str]:
        """Return the documents with a passage that has each word of the role's name or work.

        Words are compared by their stems, and headings count; long ones may be written in two, as
        "front end" for "frontend".
        """
        wanted = _words_wanted(self.subject)
        terms: dict[int, set[str]] = {}
        for item in stored:
            path = item.sentence.heading_path
            found = terms.setdefault(item.passage_position, set())
            found |= item.terms
            found |= terms_of_path(path)
            text = f"{item.words}{_words_of_path(path)}".replace(" ", "")
            found.update(word for word, _ in wanted if len(word) > _LONG_WORD and word in text)
        speaking = {
            position
            for position, found in terms.items()
            if wanted and all(word in found or found & stems for word, stems in wanted if stems)
        }
        return frozenset(item.document_id for item in stored if item.passage_position in speaking)


def first_named(text: str, subjects: Sequence[Subject]) -> int | None:
    """Return which of some roles a sentence names first, if it begins with one of them."""
    beginning = f" {' '.join(join_words(text).split()[:_WORDS_OF_BEGINNING])} "
    found = [
        (place, number)
        for number, subject in enumerate(subjects)
        for name in _names_of(subject)
        if (place := beginning.find(f" {name} ")) != -1
    ]
    return min(found)[1] if found else None


def _kinds_of(
    subject: Subject, contrasted: Sequence[Subject], roles: Sequence[StoredRole]
) -> frozenset[int]:
    """Return the positions of the roles whose names end in a role's, without those compared."""
    if subject.role is None or " " not in role_key(subject.role.name):
        return frozenset()
    ending = f" {role_key(subject.role.name)}"
    compared = {other.role.position for other in contrasted if other.role}
    return frozenset(
        role.position
        for role in roles
        if role.position not in compared
        and role.position != subject.role.position
        and f" {role_key(role.name)}".endswith(ending)
    )


def _wider_than(subject: Subject, roles: Sequence[StoredRole]) -> frozenset[int]:
    """Return the positions of the roles that one without a guide is a kind of, by its name.

    What is about conveners may be about a task group convener.
    """
    if subject.has_guide:
        return frozenset()
    name = role_key(subject.name if subject.role is None else subject.role.name)
    return frozenset(
        role.position
        for role in roles
        if role.has_guide and name.endswith(f" {role_key(role.name)}")
    )


@lru_cache(maxsize=64)
def _words_wanted(subject: Subject | None) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return each word of a role's name with its stems, and those of the work that it names."""
    words = role_key(" ".join(spell_out(subject.name.split()))).split() if subject else []
    wanted = [(word, frozenset(terms_of(word))) for word in words]
    if not wanted:
        return ()
    last, stems = wanted.pop()
    return (*wanted, (last, stems.union(*map(terms_of, FIELDS.get(last, ())))))


@lru_cache(maxsize=_PATHS_HELD)
def _words_of_path(path: tuple[str, ...]) -> str:
    return join_words(" . ".join(path))


@lru_cache(maxsize=_PATHS_HELD)
def terms_of_path(path: tuple[str, ...]) -> frozenset[str]:
    """Return the terms of the headings above a sentence."""
    return frozenset(terms_of(" . ".join(path)))


@lru_cache(maxsize=64)
def _names_of(subject: Subject | None, *, widely: bool = False) -> frozenset[str]:
    if subject is None:
        return frozenset()
    if subject.role is None:
        spelt_out = " ".join(CLIPPINGS.get(word, word) for word in words_of(subject.name))
        heading = (subject.section.heading,) if subject.section else ()
        names: tuple[str, ...] = (subject.name, spelt_out, *heading)
    else:
        # "Software engineer" is too wide a name for "Software Engineer (Data Science)".
        full = subject.role.name
        names = tuple(
            name for name in all_names(subject.role) if widely or not full.startswith(f"{name} (")
        )
    return frozenset(form for name in names if role_key(name) for form in forms_of(role_key(name)))


def _squeeze(names: Iterable[str]) -> frozenset[str]:
    """Return long names of several words without the spaces."""
    return frozenset(
        name.replace(" ", "") for name in names if " " in name and len(name) > _LONG_NAME
    )


def _has_run(squeezed: frozenset[str], words: Sequence[str]) -> bool:
    """Tell whether words that follow each other, written together, are one of the names."""
    written_together = "".join(words)
    return any(name in written_together for name in squeezed) and any(
        "".join(words[first : first + count]) in squeezed
        for count in range(1, _MOST_WORDS_OF_NAME + 1)
        for first in range(len(words) - count + 1)
    )


def _speaks_of(names: Iterable[str], words_joined: str) -> bool:
    """Tell "a data scientist, who models" from "tools that let data scientists model".

    A role is spoken of where its name begins the sentence, or is followed by who, whose or a verb
    in the third person.
    """
    for name in names:
        at = words_joined.find(f" {name} ")
        if at == -1:
            continue
        behind = words_joined[at + len(name) + 2 :].split(maxsplit=1)
        follows = behind[0] if behind else ""
        begins = len(words_joined[:at].split()) <= _WORDS_BEFORE_SUBJECT
        if begins or follows in _BEHIND_SUBJECTS or (len(follows) > 3 and follows.endswith("s")):
            return True
    return False


def _lies_within(item: StoredSentence, spans: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    # Of each sentence that is found this is asked several times: a loop takes half of any().
    place = item.sentence.start
    for start, end in spans.get(item.document_id, ()):  # noqa: SIM110
        if start <= place < end:
            return True
    return False


def _begins(names: Iterable[str], words_joined: str) -> bool:
    if not _names(names, words_joined):
        return False
    return _names(names, f" {' '.join(words_joined.split()[:_WORDS_OF_BEGINNING])} ")


def _names(names: Iterable[str], words_joined: str) -> bool:
    for name in names:  # noqa: SIM110
        if f" {name} " in words_joined:
            return True
    return False
