"""What is said when a question isn't answered, and what is offered instead."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import compress, islice

from bot.answers.aspects import AspectReader
from bot.answers.folders import Folder
from bot.answers.lookup import Finding
from bot.answers.mentions import RoleFinder
from bot.answers.question import Courtesy, Question, Subject
from bot.answers.replies import Answer, Comparison, NotCovered, OneReply, Reason

_MAX_SUGGESTIONS = 3
_MOST_TRIED = 4
_MAX_CHOICES = 8
_MOST_NAMED = 12


def explain_refusal(reason: Reason, subjects: Sequence[Subject], folder: Folder | None) -> str:
    """Return why a question about roles is not answered, by the guides in a folder or by all."""
    names = " or ".join(subject.name for subject in subjects)
    is_said = any(f" at {subject.folder.name}" in names for subject in subjects if subject.folder)
    where = f" at {folder.name}" if folder and not is_said else ""
    match reason:
        case Reason.OFF_TOPIC:
            return "That isn't something the guides are about."
        case Reason.NO_GUIDE:
            return f"There is no guide about {names or 'that role'}{where}."
        case Reason.NOT_SAID:
            about = f" about {names}" if names else ""
            return f"The guides{where} don't say that{about}."


def refuse_employer(
    question: Question, anywhere: Question, reply: OneReply, finder: RoleFinder
) -> NotCovered:
    """Return that no guide is from where a question asks about.

    Args:
        question: What is asked.
        anywhere: The same, asked of all guides: it is offered where it is answered.
        reply: What is replied to that.
        finder: Knows the folders.
    """
    suggestions: tuple[str, ...] = ()
    if isinstance(reply, Answer | Comparison):
        suggestions = (anywhere.standalone,)
    elif isinstance(reply, NotCovered):
        suggestions = reply.suggestions
        if reply.reason is Reason.OFF_TOPIC:
            return replace(reply, question=question.text, standalone_question=question.standalone)
    employers = finder.folders.employers if finder.folders else ()
    name = question.folder.name if question.folder else ""
    return NotCovered(
        question=question.text,
        standalone_question=question.standalone,
        snapshot=reply.snapshot,
        confidence=0.0,
        hits=reply.hits,
        suggestions=suggestions,
        reason=Reason.NO_GUIDE,
        text=f"There is no guide from {name}. There are guides from: {_list(employers)}.",
    )


def _list(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def greet(courtesy: Courtesy, roles: Sequence[str]) -> str:
    """Return what is said to somebody who asks nothing yet: which roles have a guide, above all."""
    match courtesy:
        case Courtesy.GREETING:
            about = f", which are about: {_list(roles)}" if roles else ""
            return f"Hello! I answer questions about roles from the guides that I was given{about}."
        case Courtesy.THANKS:
            return "You're welcome. Ask on whenever you like."


def suggest_questions(
    reader: AspectReader,
    finder: RoleFinder,
    finding: Finding | None,
    subject: Subject | None,
    are_answered: Callable[[Sequence[str], Subject], Sequence[bool]],
) -> tuple[str, ...]:
    """Return questions that the guides do answer: about the role, else about other roles.

    Args:
        reader: Finds what the role's sentences are about.
        finder: Knows the roles.
        finding: What was found for the question that is refused.
        subject: The role that it was about, if any.
        are_answered: Tells of each of some questions about a role whether it is answered.
    """
    role = subject.role if subject else None
    if subject and role and role.has_guide and finding is not None:
        candidates = finding.evidence.candidates
        vectors = finding.evidence.vectors
        aspects = reader.covered(vectors, [candidate.terms for candidate in candidates])
        wanted = finding.wording.aspect.name
        offered = (
            aspect.suggestion.format(role=role.name) for aspect in aspects if aspect.name != wanted
        )
        questions = tuple(islice(offered, _MOST_TRIED))
        answered = compress(questions, are_answered(questions, subject))
        if suggestions := tuple(islice(answered, _MAX_SUGGESTIONS)):
            return suggestions
    definition = reader.aspects[0].suggestion
    return tuple(
        definition.format(role=known.name) for known in finder.with_guide[:_MAX_SUGGESTIONS]
    )


def choices_of(question: Question, finder: RoleFinder) -> tuple[str, ...]:
    """Return the roles that a question may mean."""
    roles: Sequence[str] = [choice.name for choice in question.choices]
    if not roles:
        roles = [known.name for known in finder.with_guide]
    return tuple(roles[:_MAX_CHOICES])


def ask_which(question: Question, finder: RoleFinder) -> str:
    """Return the question back, for a question that may be about several roles."""
    more = len(question.choices or finder.with_guide) - _MAX_CHOICES
    hidden = f" (and {more} more)" if more > 0 else ""
    return f"Which role do you mean{hidden}?"


def say_nearest(subject: Subject, nearest: Subject) -> str:
    """Return what stands above what is said of the role nearest to one that no guide is about."""
    where = f" at {subject.folder.name}" if subject.folder else ""
    return f"No guide{where} is about the role {subject.name}; the nearest is about {nearest.name}"


def notices_of(subject: Subject | None) -> tuple[str, ...]:
    """Return what stands above an answer about a role that no guide is about."""
    if subject is None or subject.has_guide:
        return ()
    if subject.folder:
        where = subject.folder.name
        return (f"No guide at {where} is about the role {subject.name}; others there say:",)
    return (f"No guide is about the role {subject.name}; other guides say:",)
