"""What a question is about: from its stretches that name roles and folders to its subjects."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from bot.answers.folders import Folder, FolderMention, blank_out, join_folders
from bot.answers.levels import add_levels, name_with_level
from bot.answers.mentions import RoleFinder
from bot.answers.names_of_guides import initials_of
from bot.answers.phrases import (
    BUT_NOT_ASKED_ABOUT,
    COMPARING,
    GOES_ON_BEHIND,
    JOINED_BEHIND,
    SPACE_BEFORE_MARK,
    THIS_ROLE_BEHIND,
    WHO_ASKS,
    WHO_DOESNT_ASK,
)
from bot.answers.question import MAX_SIDES, Question, QuestionKind, Subject
from bot.answers.sections import Sections
from bot.answers.typed_phrases import Mention
from index.searching.lexical import STOP_WORDS, WORD, words_of
from index.snapshots.store import Store
from index.snapshots.stored import StoredRole
from knowledge.roles.phrases import role_key
from knowledge.roles.roles import all_names

_WORD_FOR_ROLE = re.compile(
    r"\b(?P<word>[^\W\d_]{3,})\b(?P<job>\s+(?:gig|job|people|person|position|post|ppl|role)s?\b)?",
    re.IGNORECASE,
)
_AT_PLACE = re.compile(r"\s+(?:at\b|@)", re.IGNORECASE)
_MOST_LETTERS = 5
_MOST_WORDS_BEFORE_PLACE = 3


def find_roles(text: str, finder: RoleFinder) -> list[Mention]:
    """Return the roles that a text names and asks about, with their levels."""
    found = finder.find(text)
    asking = [] if COMPARING.search(text) else [item for item in found if _is_who_asks(text, item)]
    others = [item for item in found if item not in asking]
    if any(item.roles for item in others):
        mentions = others
    else:
        mentions = [item for item in found if item not in asking or not _is_by_the_way(text, item)]
    return add_levels(text, mentions, finder, finder.ladders) if finder.ladders else mentions


def _is_who_asks(text: str, mention: Mention) -> bool:
    """Tell the nurse of "I'm a nurse, could I …" from a role that is asked about."""
    is_one = WHO_ASKS.search(text, 0, mention.start) is not None
    return is_one and JOINED_BEHIND.match(text, mention.end) is None


def _is_by_the_way(text: str, mention: Mention) -> bool:
    """Tell whether a role that the guides don't have only leads to what is asked."""
    if mention.roles:
        return False
    leads = BUT_NOT_ASKED_ABOUT.search(text, 0, mention.start) is not None
    if WHO_DOESNT_ASK.search(text, 0, mention.start):
        return True
    return THIS_ROLE_BEHIND.match(text, mention.end) is not None or (
        leads and GOES_ON_BEHIND.match(text, mention.end) is not None
    )


def subjects_of(mentions: Sequence[Mention]) -> tuple[Subject, ...]:
    """Return the roles that are named, but none where a name may mean several."""
    return _unique(_subjects(one, None) for one in _in_order(mentions) if len(one.roles) < 2)


def sides_of(mentions: Sequence[Mention], folders: Sequence[FolderMention]) -> tuple[Subject, ...]:
    """Return the sides of a comparison, none where a name means more roles than there is room for.

    Where a name may mean several roles ("PM"), each of them is a side. Where several folders are
    named, each role is asked of those that stand by it; one alone, of each of them.
    """
    in_order = _in_order(mentions)
    sides = _unique(
        _subjects(mention, folder)
        for number, mention in enumerate(in_order)
        for folder in (_folders_by(in_order, number, folders) if len(folders) > 1 else [None])
    )
    means_several = any(len(mention.roles) > 1 for mention in mentions)
    return () if means_several and len(sides) > MAX_SIDES else sides


def sections_at(
    text: str, places: Sequence[FolderMention], sections: Sections
) -> tuple[Subject, ...]:
    """Return what has a heading at each of several places: "the board at Acme or at Zorbex"."""
    found = []
    for place in places:
        words = list(WORD.finditer(text, 0, place.start))[-_MOST_WORDS_BEFORE_PLACE:]
        for first in range(len(words)):
            typed = [word[0].lower() for word in words[first:]]
            if STOP_WORDS.isdisjoint((typed[0], typed[-1])) and (
                section := sections.find(typed, place.folder.documents)
            ):
                name = f"{' '.join(typed)} at {place.folder.name}"
                folder = place.folder
                found.append(Subject(name=name, role=None, folder=folder, section=section))
                break
    return tuple(found) if len(found) == len(places) else ()


def with_sections(
    subjects: Sequence[Subject], sections: Sections, folder: Folder | None
) -> tuple[Subject, ...]:
    """Return subjects, those without a guide with what the guides have a heading for."""
    within = folder.documents if folder else None
    return tuple(
        subject
        if subject.has_guide or subject.folder or subject.level
        else replace(subject, section=sections.find(words_of(subject.name), within))
        for subject in subjects
    )


def as_known_there(
    question: Question,
    finder: RoleFinder,
    store: Store,
    is_named_in: Callable[[StoredRole, Folder], bool],
) -> Question:
    """Return a question with its roles as the guides of its folders know them.

    Of several roles by a name that one is meant which is there.

    Args:
        question: The question.
        finder: Finds roles in it.
        store: Tells where guides are.
        is_named_in: Tells whether the guides of a folder have a role's name.
    """
    question = _by_one_word_there(question, finder, store)
    folder = question.folder
    apart = _asked_elsewhere(question, finder, store, is_named_in)
    there = tuple(
        role for role in question.choices if folder is None or _is_there(role, folder, store)
    )
    question = replace(question, subjects=_by_letters_there(question, finder, store))
    known = [
        _known_there(subject, None if subject in apart else folder, finder, store)
        for subject in question.subjects
        if not there or subject.role not in question.choices or subject.role in there
    ]
    question = replace(question, subjects=tuple(known))
    if question.kind is QuestionKind.COMPARISON:
        return replace(question, choices=())
    if folder is None or not question.choices:
        return question
    if len(there) != 1:
        return replace(question, choices=there or question.choices)
    subject = Subject(name=there[0].name, role=there[0], folder=folder)
    return replace(question, choices=(), subjects=(subject,))


def _by_one_word_there(question: Question, finder: RoleFinder, store: Store) -> Question:
    """Return a question that names a role by a word that one alone there has.

    The "support job at Acme" is that of its support engineer, whomever else was spoken of.
    """
    folder = question.folder
    if folder is None or question.choices or question.names_role:
        return question
    if any(one.role is None or _is_there(one.role, folder, store) for one in question.subjects):
        return question
    text = blank_out(question.text, finder.find_folders(question.text))
    for word in _WORD_FOR_ROLE.finditer(text):
        is_asked_of = word["job"] or _AT_PLACE.match(question.text, word.end())
        typed = word["word"].lower()
        if not is_asked_of or typed in STOP_WORDS:
            continue
        there = [role for role in finder.with_word(typed) if _is_there(role, folder, store)]
        if len(there) == 1:
            subject = Subject(name=there[0].name, role=there[0])
            kind = QuestionKind.ONE_ROLE
            return replace(question, standalone=question.text, subjects=(subject,), kind=kind)
    return question


def _by_letters_there(question: Question, finder: RoleFinder, store: Store) -> tuple[Subject, ...]:
    """Return the subjects, those called by letters as they are known in the question's folder.

    The "PMs" of a folder are its product managers, whom else guides may call so.
    """
    folder = question.folder
    if folder is None:
        return question.subjects
    letters = {
        mention.roles[0].position: mention.words.removesuffix("s").lower()
        for mention in finder.find(question.text)
        if len(mention.roles) == 1 and _MOST_LETTERS >= len(mention.words) > 1
    }
    subjects = []
    for subject in question.subjects:
        role = subject.role
        called = letters.get(role.position) if role and subject.level is None else None
        if role is not None and called and not _is_there(role, folder, store):
            there = [
                other
                for other in finder.with_guide
                if initials_of(other.name) == called and _is_there(other, folder, store)
            ]
            if len(there) == 1:
                name = subject.name.replace(role.name, there[0].name, 1)
                subject = replace(subject, name=name, role=there[0])  # noqa: PLW2901
        subjects.append(subject)
    return tuple(subjects)


def _asked_elsewhere(
    question: Question,
    finder: RoleFinder,
    store: Store,
    is_named_in: Callable[[StoredRole, Folder], bool],
) -> tuple[Subject, ...]:
    """Return the sides of a comparison that a folder behind another side says nothing of.

    In "should I be a baker or a pilot at Acme" the baker, where Acme has none, and speaks of none,
    and others do.
    """
    folder = question.folder
    if question.kind is not QuestionKind.COMPARISON or folder is None:
        return ()
    is_there = [
        subject.role is not None and _is_there(subject.role, folder, store)
        for subject in question.subjects
    ]
    if not any(is_there):
        return ()
    places = finder.find_folders(question.standalone)
    beside = {
        role.position
        for mention in finder.find(question.standalone)
        if any(_adjoin(mention, place) for place in places)
        for role in mention.roles
    }
    return tuple(
        subject
        for subject, known in zip(question.subjects, is_there, strict=True)
        if not known
        and subject.role is not None
        and subject.has_guide
        and subject.role.position not in beside
        and not is_named_in(subject.role, folder)
    )


def _adjoin(mention: Mention, place: FolderMention) -> bool:
    return 0 <= place.start - mention.end <= 1 or 0 <= mention.start - place.end <= 1


def _known_there(
    subject: Subject, folder: Folder | None, finder: RoleFinder, store: Store
) -> Subject:
    """Return a subject with its folder, and as none that a guide is about if none there is.

    The "devs" of a folder without developers are its engineers, and its chair may be the only
    "Working Group Chair" there.
    """
    folder = subject.folder or folder
    if folder is None:
        return subject
    if subject.role is None or _is_there(subject.role, folder, store):
        return replace(subject, folder=folder)
    if subject.level is None:
        alike = [role for role in finder.alike(subject.role) if _is_there(role, folder, store)]
        longer = [] if alike else _with_longer_name(subject.role, folder, finder, store)
        for role in alike or (longer if len(longer) == 1 else ()):
            name = subject.name.replace(subject.role.name, role.name, 1)
            return Subject(name=name, role=role, folder=folder)
    return replace(subject, role=replace(subject.role, has_guide=False), folder=folder)


def _with_longer_name(
    role: StoredRole, folder: Folder, finder: RoleFinder, store: Store
) -> list[StoredRole]:
    """Return the roles there with names that end in a role's, or have it beside a stroke."""
    key = role_key(role.name)
    return [
        other
        for other in finder.with_guide
        if other.position != role.position
        and any(
            f" {role_key(part)}".endswith(f" {key}")
            for name in all_names(other)
            for part in name.split("/")
        )
        and _is_there(other, folder, store)
    ]


def roles_there(folder: Folder, store: Store) -> frozenset[int]:
    """Return the positions of the roles that guides of a folder are about."""
    return frozenset(position for position, *_ in store.role_spans(folder.documents))


def _is_there(role: StoredRole, folder: Folder, store: Store) -> bool:
    about = store.passages_about(role.position)
    return bool(np.isin(about, store.passages_of(folder.documents)).any())


def everywhere(subject: Subject) -> Subject:
    """Return a role with a guide as it is asked of all guides."""
    if subject.role is None or subject.folder is None:
        return subject
    name = name_with_level(subject.role, subject.level)
    return Subject(name=name, role=subject.role, level=subject.level)


def asked_anywhere(question: Question, finder: RoleFinder) -> Question:
    """Return a question about a place that the guides know nothing of, asked of all guides."""
    standalone = question.standalone
    unknown = [one for one in finder.find_folders(standalone) if not one.folder.is_known]
    rest = " ".join(blank_out(standalone, unknown).split())
    rest = SPACE_BEFORE_MARK.sub("", rest)
    return replace(
        question,
        text=rest,
        standalone=rest,
        subjects=tuple(everywhere(subject) for subject in question.subjects),
        role_spans=tuple((item.start, item.end) for item in finder.find(rest)),
        folder=None,
    )


def _in_order(mentions: Sequence[Mention]) -> list[Mention]:
    return sorted(mentions, key=lambda mention: mention.start)


def _folders_by(
    mentions: Sequence[Mention], number: int, folders: Sequence[FolderMention]
) -> list[Folder | None]:
    """Return the folders that a role is asked of: before it, or between it and the next.

    A role alone is asked of all.
    """
    mention = mentions[number]
    if len(mentions) == 1:
        return [one.folder for one in folders] or [None]
    others = mentions[number + 1 :]
    end = others[0].start if others else float("inf")
    before = [one for one in folders if 0 <= mention.start - one.end <= 1]
    behind = [
        one
        for one in folders
        if mention.end <= one.start < end
        and not any(0 <= other.start - one.end <= 1 for other in others)
    ]
    return [join_folders(before or behind)]


def _subjects(mention: Mention, folder: Folder | None) -> Iterator[Subject]:
    where = f" at {folder.name}" if folder else ""
    if not mention.roles:
        name = f"{mention.words}{where}"
        yield Subject(name=name, role=None, folder=folder, section=mention.section)
    for role in mention.roles:
        name = f"{name_with_level(role, mention.level)}{where}"
        yield Subject(name=name, role=role, level=mention.level, folder=folder)


def _unique(subjects: Iterator[Iterator[Subject]]) -> tuple[Subject, ...]:
    by_name = {one.name.lower(): one for one in itertools.chain.from_iterable(subjects)}
    return tuple(by_name.values())
