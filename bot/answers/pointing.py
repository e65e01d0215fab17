"""The roles that a few words of a follow-up point to: "the other one", "and the director?"."""

from bot.answers.mentions import RoleFinder
from bot.answers.phrases import ORDINAL, WORD_ALONE
from bot.answers.question import Question, Subject
from index.snapshots.stored import StoredRole
from knowledge.roles.levels import RANKS
from knowledge.roles.phrases import role_key


def named_in_part(text: str, previous: Question, finder: RoleFinder) -> StoredRole | None:
    """Return the role of which a follow-up says one word: "and the director?", "and principal?".

    A rank is of the role that was spoken of, if the guides have that for a role of its own.
    """
    match = WORD_ALONE.match(text)
    if match is None:
        return None
    word = match["word"].lower()
    if word in RANKS and previous.subjects and previous.subjects[0].role is not None:
        noun = role_key(previous.subjects[0].role.name).split()[-1]
        found = finder.named([word, noun])
    else:
        found = finder.ending_in(word) if match["article"] else ()
    return found[0] if len(found) == 1 else None


def other_of_two(text: str, previous: Question) -> Subject | None:
    """Return "the other one" where two were compared, and then one of them spoken of."""
    match = ORDINAL.search(text)
    if match is None or match[1].lower() != "other" or len(previous.subjects) != 1:
        return None
    others = [subject for subject in previous.compared_before if subject != previous.subjects[0]]
    return others[0] if len(others) == 1 else None


def pick_subjects(text: str, subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Return which of the subjects spoken of "the first one" and the like point to."""
    match = ORDINAL.search(text)
    if match is None or len(subjects) < 2:
        return subjects
    first = match[1].lower() in {"first", "former"}
    return (subjects[0],) if first else (subjects[-1],)
