"""The roles that a few words of a follow-up point to: "the other one", "and the director?"."""

from collections import Counter
from dataclasses import replace

from bot.answers.levels import level_alone
from bot.answers.mentions import RoleFinder
from bot.answers.phrases import MORE_OF_TWO, ORDINAL, WORD_ALONE
from bot.answers.question import Question, Subject
from bot.answers.typed_phrases import Mention
from index.searching.lexical import words_of
from index.snapshots.stored import StoredRole
from knowledge.roles.levels import RANKS
from knowledge.roles.occupations import singular
from knowledge.roles.phrases import role_key


def beside_subject(mention: Mention, previous: Question) -> Mention:
    """Return of several roles that a follow-up may name the one that is akin to the one before.

    After a question about accounts payable analysts, "the manager" is that of accounts payable.
    """
    if len(mention.roles) < 2 or len(previous.subjects) != 1:
        return mention
    field = set(role_key(previous.subjects[0].name).split()[:-1]) - RANKS
    akin = tuple(role for role in mention.roles if field & set(role_key(role.name).split()[:-1]))
    return replace(mention, roles=akin) if len(akin) == 1 else mention


def named_in_part(text: str, previous: Question, finder: RoleFinder) -> StoredRole | None:
    """Return the role of which a follow-up says one word: "and the director?", "and principal?".

    Or "the newsletter one", where that is a word of one role alone. A rank is of the role that was
    spoken of, if the guides have that for a role of its own; and if that has it for a level, it is
    no other role.
    """
    match = WORD_ALONE.match(text)
    if match is None:
        return None
    word = match["word"].lower()
    role = previous.subjects[0].role if previous.subjects else None
    found: tuple[StoredRole, ...] = ()
    if word in RANKS and role is not None:
        found = finder.named([word, role_key(role.name).split()[-1]])
        if not found and finder.ladders and level_alone(text, role, finder.ladders):
            return None
    if not found and match["article"]:
        found = finder.ending_in(word) or (finder.guides.holding([word]) if match["one"] else ())
    return found[0] if len(found) == 1 else None


def other_of_two(text: str, previous: Question) -> Subject | None:
    """Return "the other one" where two were compared, and then one of them spoken of."""
    match = ORDINAL.search(text)
    if match is None or match[1].lower() != "other" or len(previous.subjects) != 1:
        return None
    others = [subject for subject in previous.compared_before if subject != previous.subjects[0]]
    return others[0] if len(others) == 1 else None


def pick_subjects(text: str, subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Return which of the subjects spoken of "the first one" and the like point to.

    So does a word that only one of them is called by: "the sponsors" of two committees.
    """
    if len(subjects) < 2:
        return subjects
    if match := ORDINAL.search(text):
        return subjects[:1] if match[1].lower() in {"first", "former"} else subjects[-1:]
    if MORE_OF_TWO.search(text):
        return subjects
    names = [set(map(singular, role_key(subject.name).split())) for subject in subjects]
    shared = Counter(word for name in names for word in name)
    own = {singular(word) for word in words_of(text)} & {
        word for word, count in shared.items() if count == 1
    }
    called = [subject for subject, name in zip(subjects, names, strict=True) if name & own]
    return tuple(called) if len(called) == 1 else subjects
