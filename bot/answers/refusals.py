"""What is said when a question isn't answered, and what is offered instead."""

from collections.abc import Sequence

from bot.answers.aspects import AspectReader
from bot.answers.lookup import Finding
from bot.answers.mentions import RoleFinder
from bot.answers.question import Question, Subject
from bot.answers.replies import Reason

_NOT_SAID = "The guides don't say that."
_MAX_SUGGESTIONS = 3
_MAX_CHOICES = 8


def explain_refusal(reason: Reason, roles: Sequence[str]) -> str:
    """Return why a question about the roles is not answered."""
    names = " or ".join(roles)
    match reason:
        case Reason.OFF_TOPIC:
            return "That isn't something the guides are about."
        case Reason.NO_GUIDE:
            return f"The guides don't cover {names or 'that role'}."
        case Reason.NOT_SAID:
            return f"The guides don't say that about {names}." if names else _NOT_SAID


def suggest_questions(
    reader: AspectReader, finder: RoleFinder, finding: Finding | None, subject: Subject | None
) -> tuple[str, ...]:
    """Return questions that the guides do answer: about the role, else about other roles."""
    role = subject.role if subject else None
    if role is not None and role.role.has_guide and finding is not None:
        candidates = finding.evidence.candidates
        vectors = finding.evidence.vectors
        aspects = reader.covered(vectors, [candidate.terms for candidate in candidates])
        wanted = finding.wording.aspect.name
        questions = [
            aspect.suggestion.format(role=role.role.name)
            for aspect in aspects
            if aspect.name != wanted
        ]
        if questions:
            return tuple(questions[:_MAX_SUGGESTIONS])
    definition = reader.aspects[0].suggestion
    return tuple(
        definition.format(role=known.role.name) for known in finder.with_guide[:_MAX_SUGGESTIONS]
    )


def choices_of(question: Question, finder: RoleFinder) -> tuple[str, ...]:
    """Return the roles that a question may mean."""
    roles: Sequence[str] = [choice.role.name for choice in question.choices]
    if not roles:
        roles = [known.role.name for known in finder.with_guide]
    return tuple(roles[:_MAX_CHOICES])


def ask_which(question: Question, finder: RoleFinder) -> str:
    """Return the question back, for a question that may be about several roles."""
    more = len(question.choices or finder.with_guide) - _MAX_CHOICES
    hidden = f" (and {more} more)" if more > 0 else ""
    return f"Which role do you mean{hidden}?"
