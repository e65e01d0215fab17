"""The roles of a question as the guides of the folders that it is asked of know them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bot.answers.folders import Folder, blank_out
from bot.answers.mentions import RoleFinder
from bot.answers.names_of_guides import initials_of, who_do_what
from bot.answers.question import Question, QuestionKind, Subject
from index.searching.lexical import STOP_WORDS, words_of
from index.snapshots.store import Store
from index.snapshots.stored import StoredRole
from knowledge.roles.occupations import HEADS, OCCUPATION_NOUNS, singular
from knowledge.roles.phrases import noun_last, role_key
from knowledge.roles.roles import all_names
from knowledge.roles.spoken_of import words_of_file_name

_WORD_FOR_ROLE = re.compile(
    r"\b(?P<word>[^\W\d_]{2,})\b(?P<job>\s+(?:gig|job|people|person|position|post|ppl|role)s?\b)?",
    re.IGNORECASE,
)
_AT_PLACE = re.compile(r"\s+(?:at\b|@)", re.IGNORECASE)
_MOST_LETTERS = 5
# A vice president is no president.
_IN_PLACE_OF = frozenset({"acting", "assistant", "associate", "co", "deputy", "vice"})


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
    question = _without_who_is_elsewhere(question, finder, store)
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


def _without_who_is_elsewhere(question: Question, finder: RoleFinder, store: Store) -> Question:
    """Return a follow-up that names a place without the role spoken of, where it has none.

    "How big are the teams at Acme", asked on of a baker, where Acme has no bakers, is not about
    those; "and at Acme?" and "do they sell at Acme" are.
    """
    folder, text = question.folder, question.text
    is_carried = question.follows_up and not question.points and not question.names_role
    if folder is None or not is_carried or question.kind is not QuestionKind.ONE_ROLE:
        return question
    places = finder.find_folders(text)
    asked = [word for word in words_of(blank_out(text, places)) if word not in STOP_WORDS]
    if (
        not places
        or not asked
        or any(one.role is None or _is_there(one.role, folder, store) for one in question.subjects)
    ):
        return question
    return replace(question, standalone=text, subjects=(), kind=QuestionKind.GENERAL)


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
        if (subject := _with_word(word, folder, finder, store)) is not None:
            kind = QuestionKind.ONE_ROLE
            return replace(question, standalone=question.text, subjects=(subject,), kind=kind)
    return question


def _with_word(
    word: re.Match[str], folder: Folder | None, finder: RoleFinder, store: Store
) -> Subject | None:
    """Return the only role with a word, "the UX person", or what has it for a heading."""
    typed = word["word"].lower()
    roles = finder.guides.holding([typed])
    there = [role for role in roles if folder is None or _is_there(role, folder, store)]
    if len(there) == 1:
        return Subject(name=there[0].name, role=there[0])
    if there or not word["job"] or finder.sections is None:
        return None
    section = finder.sections.find([typed], folder.documents if folder else None)
    return Subject(name=word[0], role=None, section=section) if section else None


def _by_letters_there(question: Question, finder: RoleFinder, store: Store) -> tuple[Subject, ...]:
    """Return the subjects, those called by letters as they are known in the question's folder.

    The "PMs" of a folder are its product managers, whom else guides may call so.
    """
    if question.folder is None:
        return question.subjects
    letters = {
        mention.roles[0].position: mention.words.removesuffix("s").lower()
        for mention in finder.find(question.text)
        if len(mention.roles) == 1 and _MOST_LETTERS >= len(mention.words) > 1
    }
    subjects = []
    for subject in question.subjects:
        role, folder = subject.role, subject.folder or question.folder
        called = letters.get(role.position) if role and subject.level is None else None
        if role is not None and called and not _is_there(role, folder, store):
            there = [
                other
                for other in finder.with_guide
                if called in {initials_of(other.name), _initials_within(folder, other.name)}
                and _is_there(other, folder, store)
            ]
            if len(there) == 1:
                name = subject.name.replace(role.name, there[0].name, 1)
                subject = replace(subject, name=name, role=there[0])  # noqa: PLW2901
        subjects.append(subject)
    return tuple(subjects)


def _initials_within(folder: Folder, name: str) -> str:
    """Return the initials of a name without the folder's: "PM" for an "Acme Project Manager"."""
    own = words_of(folder.name)
    return initials_of(" ".join(word for word in name.split() if word.lower() not in own))


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
        if any(one.is_right_before(mention) or one.is_right_behind(mention) for one in places)
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


def _known_there(
    subject: Subject, folder: Folder | None, finder: RoleFinder, store: Store
) -> Subject:
    """Return a subject with its folder, and as none that a guide is about if none there is.

    The "devs" of a folder without developers are its engineers, and its chair may be the only
    "Working Group Chair" there.
    """
    if subject.role is None and subject.section is None and subject.folder is None:
        named = _WORD_FOR_ROLE.fullmatch(subject.name)
        if named and named["job"] and (known := _with_word(named, folder, finder, store)):
            subject = known
        else:
            subject = _behind_place(subject, finder, store) or subject
    folder = subject.folder or folder
    if folder is None:
        return subject
    if subject.role is None:
        by_file = _named_by_file(subject.name, folder, finder, store)
        positions = roles_there(folder, store)
        there = [role for role in finder.with_guide if role.position in positions]
        by_file = by_file or who_do_what(subject.name, there) or _heads_there(subject.name, there)
        if len(by_file) != 1 or subject.section is not None:
            return replace(subject, folder=folder)
        return Subject(name=by_file[0].name, role=by_file[0], folder=folder)
    if _is_there(subject.role, folder, store):
        return replace(subject, folder=folder)
    if subject.level is None:
        words = role_key(subject.role.name).split()
        alike = [role for role in finder.like(words) if _is_there(role, folder, store)]
        alike = alike if len(words) > 1 or len(alike) == 1 else []
        longer = [] if alike else _with_longer_name(subject.role, folder, finder, store)
        for role in alike or (longer if len(longer) == 1 else ()):
            name = subject.name.replace(subject.role.name, role.name, 1)
            return Subject(name=name, role=role, folder=folder)
        by_file = _named_by_file(subject.role.name, folder, finder, store)
        if len(by_file) == 1:
            return Subject(name=subject.name, role=by_file[0], folder=folder)
    return replace(subject, role=replace(subject.role, has_guide=False), folder=folder)


def _behind_place(subject: Subject, finder: RoleFinder, store: Store) -> Subject | None:
    """Return the "acme director" of a question as the only director at Acme, or what is so called.

    And the "CYF buddy" as the only buddy that there is, and the "doc" as the doctor.
    """
    words = subject.name.split()
    if len(words) < 2:
        begun = finder.guides.begun_by(subject.name.lower())
        return Subject(name=begun[0].name, role=begun[0]) if len(begun) == 1 else None
    if finder.folders is None:
        return None
    for count in range(len(words) - 1, 0, -1):
        place = finder.folders.named(" ".join(words[:count]))
        rest = words[count:]
        if place is None:
            continue
        roles = [role for role in finder.ending_in(rest[-1]) if _is_there(role, place, store)]
        named = [role for role in roles if set(role_key(" ".join(rest)).split()) <= _words(role)]
        named = named or [role for role in finder.like(rest) if _is_there(role, place, store)]
        if len(named) == 1:
            name = f"{named[0].name} at {place.name}"
            return Subject(name=name, role=named[0], folder=place)
        if finder.sections and (section := finder.sections.find(rest, place.documents)):
            name = f"{' '.join(rest)} at {place.name}"
            return Subject(name=name, role=None, folder=place, section=section)
        return Subject(name=" ".join(rest), role=None, folder=place)
    only = finder.ending_in(words[-1])
    is_unknown = singular(words[-1].lower()) not in OCCUPATION_NOUNS
    return (
        replace(subject, name=only[0].name, role=only[0]) if len(only) == 1 and is_unknown else None
    )


def _words(role: StoredRole) -> set[str]:
    return {word for name in all_names(role) for word in role_key(name).split()}


def _with_longer_name(
    role: StoredRole, folder: Folder, finder: RoleFinder, store: Store
) -> list[StoredRole]:
    """Return the roles there with names that end in a role's, or have it beside a stroke."""
    key = role_key(role.name)
    squeezed = key.replace(" ", "")
    return [
        other
        for other in finder.with_guide
        if other.position != role.position
        and any(
            (
                f" {role_key(part)}".endswith(f" {key}")
                or f" {role_key(part)}".endswith(f" {squeezed}")
            )
            and _IN_PLACE_OF.isdisjoint(role_key(part).split())
            for name in all_names(other)
            for part in name.split("/")
        )
        and _is_there(other, folder, store)
    ]


def _named_by_file(name: str, folder: Folder, finder: RoleFinder, store: Store) -> list[StoredRole]:
    """Return the roles there with a name's noun whose guide's file has all its words.

    The "lead engineer" of a folder with a "lead-product-engineer.md" is its product engineer, and
    the "audio engineer" whoever "audio-engineer.md" is about.
    """
    words = role_key(name).split()
    if len(words) < 2:
        return []
    ending = {role.position for role in finder.ending_in(words[-1])}
    found = set()
    for position, document_id, *_ in store.role_spans(folder.documents):
        words_of_file = role_key(words_of_file_name(document_id)).split()
        if words_of_file == words or (position in ending and set(words) <= set(words_of_file)):
            found.add(position)
    return [role for role in finder.with_guide if role.position in found]


def _heads_there(name: str, there: Sequence[StoredRole]) -> list[StoredRole]:
    """Return whom some call the head of what they direct: the "head of tech" there."""
    typed = noun_last(role_key(name)).split()
    if HEADS.isdisjoint(typed[-1:]):
        return []
    return [
        role
        for role in there
        if (words := noun_last(role_key(role.name)).split())
        and words[-1] in HEADS
        and len(words) == len(typed)
        and all(map(str.startswith, words[:-1], typed[:-1]))
    ]


def roles_there(folder: Folder, store: Store) -> frozenset[int]:
    """Return the positions of the roles that guides of a folder are about."""
    return frozenset(position for position, *_ in store.role_spans(folder.documents))


def _is_there(role: StoredRole, folder: Folder, store: Store) -> bool:
    about = store.passages_about(role.position)
    return bool(np.isin(about, store.passages_of(folder.documents)).any())
