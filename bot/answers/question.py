"""A question, as it was asked and as it is meant; what was typed is cleaned and taken apart."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bot.answers.folders import Folder
from bot.answers.phrases import (
    ASKS,
    AT_A_PLACE,
    COMPARING_WORDS,
    END_OF_QUESTION,
    END_OF_SENTENCE,
    ROLE_NAMED,
)
from bot.answers.sections import Section
from index.searching.lexical import words_of
from index.snapshots.stored import StoredRole
from knowledge.errors import QuestionError
from knowledge.roles.levels import Level

MAX_CHARACTERS = 2_000
MAX_SIDES = 4
"""How many roles are compared at once."""
_FEWEST_WORDS_OF_QUESTION = 3


class QuestionKind(StrEnum):
    """What a question asks for."""

    ONE_ROLE = "one role"
    COMPARISON = "comparison"
    GENERAL = "general"


class Courtesy(StrEnum):
    """What people say to a bot without asking anything."""

    GREETING = "greeting"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A role that a question is about; `role` is none where the guides don't have it.

    `level` is the one of the role's levels that is asked about, if any, and `folder` where the
    guides lie that alone are asked, if not all are; the name tells them too. `section` is what is
    about it where the guides have a heading for it, and not as a role.
    """

    name: str
    role: StoredRole | None
    level: Level | None = None
    folder: Folder | None = None
    section: Section | None = None

    @property
    def has_guide(self) -> bool:
        """Whether a guide, or a section of one, is about the role."""
        return self.section is not None or (self.role is not None and self.role.has_guide)

    def is_other_role_than(self, subject: "Subject") -> bool:
        """Tell whether this is another role, at whatever level."""
        if self.role is None or subject.role is None:
            return True
        return self.role.position != subject.role.position

    def is_other_than(self, subject: "Subject") -> bool:
        """Tell whether this is another role, and not the same one at another place."""
        if self.role is None or subject.role is None:
            return self.name != subject.name
        return self.role.position != subject.role.position or self.level != subject.level


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as it was asked, and as it is meant.

    `choices` are the roles that one name may mean; in a comparison each of them is a side.
    `role_spans` are the stretches of `standalone` that name roles. `background` is an earlier
    question that this one goes on from without a role to take over, `quoted` what was answered
    last, where this one goes on from it, and `compared_before` the roles that were compared last,
    where this one is about one role. `folder` says of which guides alone it is asked, and `leaning`
    holds the documents of folders that it only speaks of.
    """

    text: str
    standalone: str
    masked: str
    kind: QuestionKind
    subjects: tuple[Subject, ...]
    choices: tuple[StoredRole, ...] = ()
    follows_up: bool = False
    points: bool = False
    names_role: bool = False
    wants_more: bool = False
    role_spans: tuple[tuple[int, int], ...] = ()
    place_spans: tuple[tuple[int, int], ...] = ()
    courtesy: Courtesy | None = None
    background: str | None = None
    quoted: str | None = None
    compared_before: tuple[Subject, ...] = ()
    folder: Folder | None = None
    leaning: frozenset[str] = frozenset()

    @property
    def bare(self) -> str:
        """The question without its roles: what is asked, whichever role it is asked of."""
        return " ".join(ROLE_NAMED.sub(" ", self.masked).split()) or "what is it"

    @property
    def compared(self) -> str:
        """The question without its roles and without the words that only say to compare."""
        rest = " ".join(COMPARING_WORDS.sub(" ", self.bare).split())
        return "what do they do" if not rest or AT_A_PLACE.fullmatch(rest) else rest

    @property
    def needs_role(self) -> bool:
        """Whether it points to a role that nothing has named."""
        return self.points and not self.subjects and self.background is None


def clean_question(text: str) -> str:
    """Return a question as it will be read: composed characters, single spaces, no controls.

    Raises:
        QuestionError: it is empty, too long, or holds no word.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QuestionError(
            "The question holds half of a character (a lone surrogate). Type it again."
        ) from error
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(
            f"The question has {len(text):,} characters, more than {MAX_CHARACTERS:,}."
            " Ask it in fewer words."
        )
    visible = "".join(
        " " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character
        for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) != "Cf"
    )
    cleaned = " ".join(visible.split())
    if not cleaned:
        raise QuestionError('The question is empty. Ask something, such as "what is the role?".')
    if not words_of(cleaned):
        raise QuestionError(
            'The question holds no word. Ask something, such as "what is the role?".'
        )
    return cleaned


def split_questions(text: str) -> tuple[str, ...]:
    """Return the questions of a message, each by itself; one where it can't be told.

    What stands before a question without being one ("I hate travelling.") belongs to it, and what
    stands behind the last belongs to that.

    Raises:
        QuestionError: the message is empty, too long, or holds no word.
    """
    whole = clean_question(text)
    pieces = [piece for piece in END_OF_QUESTION.split(text) if piece.strip()]
    questions: list[str] = []
    before: list[str] = []
    for piece in pieces:
        before.append(piece.strip())
        asks = any(ASKS.match(sentence) for sentence in END_OF_SENTENCE.split(piece))
        if asks and len(words_of(piece)) >= _FEWEST_WORDS_OF_QUESTION:
            questions.append(" ".join(before))
            before = []
    if len(questions) < 2:
        return (whole,)
    if before:
        questions[-1] = " ".join([questions[-1], *before])
    return tuple(clean_question(question) for question in questions)
