"""A question is understood, given the conversation: roles, kind, stand-alone wording."""

import re
from dataclasses import replace

from bot.answers.conversation import Conversation
from bot.answers.folders import blank_out, join_folders
from bot.answers.level_places import level_of_place
from bot.answers.levels import level_alone, name_with_level
from bot.answers.mentions import RoleFinder
from bot.answers.phrases import (
    ASKED_FOR,
    ASKS_WHICH,
    ASKS_WHO,
    COMPARING,
    GOING_ON,
    GREETING,
    MORE,
    MORE_OF_TWO,
    ORDINAL,
    OTHER_TOPIC,
    POINTING,
    PRONOUN,
    RANKING,
    SAME_QUESTION,
    THANKING,
    THEIRS,
    WHAT_THERE_IS,
)
from bot.answers.pointing import beside_subject, named_in_part, other_of_two, pick_subjects
from bot.answers.question import Courtesy, Question, QuestionKind, Subject, clean_question
from bot.answers.sides import (
    find_other_choice,
    find_other_side,
    find_side_elsewhere,
    find_sides,
    joins_roles,
    kinds_of_role,
)
from bot.answers.spelling import Speller
from bot.answers.standalone import mask, name_in_full, name_subject, without
from bot.answers.subjects import find_roles, sections_at, sides_of, subjects_of, with_sections
from bot.answers.typed_phrases import Mention
from index.searching.lexical import STOP_WORDS, words_of
from knowledge.errors import QuestionError

_MANY_WORDS = 14


def understand(
    text: str, conversation: Conversation, finder: RoleFinder, speller: Speller
) -> Question:
    """Return what a question means, given what was said before.

    Args:
        text: The question as it was typed.
        conversation: What was said before, oldest first.
        finder: Finds roles.
        speller: Mends slips, also in role names that the finder then recognises.

    Raises:
        QuestionError: nothing can be looked up.
    """
    text = speller.mend(clean_question(text))
    previous: Question | None = None
    topic: tuple[Subject, ...] = ()
    for turn in conversation:
        if turn.role == "user":
            topic = _topic_of(previous, topic)
            before = previous = _on_topic(previous, topic)
            previous = _understand_past(turn.text, previous, finder, speller)
            if previous is not None and previous is not before and len(previous.subjects) == 1:
                previous = replace(previous, compared_before=_spoken_of(before))
        elif previous is not None and not previous.subjects:
            # An answer that speaks of one role names what the question left open.
            named = subjects_of([item for item in finder.find(turn.text) if item.roles])
            if len(named) == 1:
                previous = replace(previous, subjects=named)
    question = _understand(text, _on_topic(previous, _topic_of(previous, topic)), finder)
    standalone = name_in_full(question.standalone, finder)
    question = replace(
        question,
        standalone=standalone,
        role_spans=tuple((item.start, item.end) for item in finder.find(standalone)),
        place_spans=tuple(
            (item.start, item.end)
            for item in finder.find_folders(standalone)
            if item.folder.is_known
        ),
    )
    if question.follows_up and not finder.find(text):
        answers = [turn.text for turn in conversation if turn.role == "assistant"]
        question = replace(question, quoted=answers[-1] if answers else None)
    if (courtesy := _courtesy_of(text)) is not None:
        return replace(question, courtesy=courtesy, subjects=(), kind=QuestionKind.GENERAL)
    says_something = question.points or question.follows_up or bool(finder.find(text))
    if not says_something and all(word in STOP_WORDS for word in words_of(text)):
        raise QuestionError(
            "The question holds no word to look up. Say what you want to know about which role."
        )
    return question


def _topic_of(question: Question | None, before: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Return the roles spoken of with a question: its own, or those that it goes on from."""
    if question is None or question.subjects:
        return question.subjects if question else ()
    return before if question.follows_up else ()


def _on_topic(question: Question | None, topic: tuple[Subject, ...]) -> Question | None:
    """Return a question with the roles spoken of, where it asked who else does something."""
    return replace(question, subjects=topic) if question and not question.subjects else question


def _spoken_of(question: Question | None) -> tuple[Subject, ...]:
    """Return the roles that were compared last."""
    if question is None:
        return ()
    return question.subjects if len(question.subjects) > 1 else question.compared_before


def _courtesy_of(text: str) -> Courtesy | None:
    if THANKING.match(text):
        return Courtesy.THANKS
    greets = GREETING.match(text) or WHAT_THERE_IS.match(text)
    return Courtesy.GREETING if greets else None


def _understand_past(
    text: str, previous: Question | None, finder: RoleFinder, speller: Speller
) -> Question | None:
    try:
        return _understand(speller.mend(clean_question(text)), previous, finder)
    except QuestionError:
        return previous


def _understand(text: str, previous: Question | None, finder: RoleFinder) -> Question:
    question = _read(text, previous, finder)
    if question.follows_up and question.folder is None and previous is not None:
        names_another = finder.folders is not None and finder.folders.are_named(text)
        question = replace(question, folder=None if names_another else previous.folder)
    return _say_where(question, finder)


def _say_where(question: Question, finder: RoleFinder) -> Question:
    """Name the folder in the stand-alone question, if it doesn't."""
    folder = question.folder
    if folder is None or any(subject.folder for subject in question.subjects):
        return question
    there = join_folders(finder.find_folders(question.standalone))
    if there is not None and there.documents == folder.documents:
        return question
    asked = question.standalone.rstrip("? ")
    mark = "?" if question.standalone.endswith("?") else ""
    return replace(question, standalone=f"{asked} at {folder.name}{mark}")


def _read(text: str, previous: Question | None, finder: RoleFinder) -> Question:
    if (turned := OTHER_TOPIC.match(text)) and words_of(text[turned.end() :]):
        text, previous = text[turned.end() :], None
    mentions = find_roles(text, finder)
    if previous is not None:
        mentions = [beside_subject(mention, previous) for mention in mentions]
    if previous is not None and _is_said_of_them(text, mentions, previous):
        mentions = []
    folders = finder.find_folders(text)
    compares = (
        bool(COMPARING.search(text))
        or joins_roles(text, mentions)
        or (len(mentions) > 1 and bool(RANKING.search(text)))
        or (len(folders) > 1 and bool(ASKS_WHICH.search(text)))
    )
    ambiguous = next((mention for mention in mentions if len(mention.roles) > 1), None)
    are_sides = compares and (len(mentions) > 1 or (len(folders) > 1 and ambiguous is None))
    named = sides_of(mentions, folders) if are_sides else subjects_of(mentions)
    points = bool(POINTING.search(without(text, mentions)))
    if compares and len(mentions) == 1 and (other := find_side_elsewhere(text, mentions, folders)):
        mentions = sorted([*mentions, other], key=lambda mention: mention.start)
        named = sides_of(mentions, folders)
    if compares and len(named) == 1 and (kinds := kinds_of_role(text, mentions)):
        mentions, named = kinds, subjects_of(kinds)
    if len(named) == 1:
        other = find_other_side(text, mentions) if compares else None
        other = other or find_other_choice(blank_out(text, folders), mentions)
        if other is not None:
            mentions = sorted([*mentions, other], key=lambda mention: mention.start)
            named = subjects_of(mentions)
            compares = True
    names_role = bool(mentions)
    if len(named) < 2 and ambiguous is None and finder.sections is not None:
        there = join_folders(folders)
        within = there.documents if there else None
        if sides := find_sides(blank_out(text, folders), mentions, finder.sections, within):
            mentions = sides
            named = subjects_of(mentions)
            compares = True
            names_role = any(side.roles or side.section for side in sides)
    if compares and len(folders) > 1 and not mentions and finder.sections is not None:
        named = sections_at(text, folders, finder.sections)
    is_of_one_side = any(one.folder for one in named) and not all(one.folder for one in named)
    question = Question(
        text=text,
        standalone=text,
        masked=mask(blank_out(text, folders), mentions),
        kind=QuestionKind.GENERAL,
        subjects=named,
        choices=ambiguous.roles if ambiguous is not None and are_sides else (),
        points=points,
        names_role=names_role,
        folder=None if is_of_one_side else join_folders(folders),
        leaning=finder.folders.spoken_of(text) if finder.folders else frozenset(),
    )
    speaks_of_before = points and previous is not None and bool(previous.subjects)
    if ambiguous is not None and not named and not speaks_of_before:
        return replace(question, kind=QuestionKind.ONE_ROLE, choices=ambiguous.roles, subjects=())
    if previous is not None:
        question = _resolve(question, previous, mentions, finder, compares=compares)
    default = Subject(name=finder.of_all.name, role=finder.of_all) if finder.of_all else None
    if default is not None and not question.follows_up:
        if not question.subjects:
            question = replace(question, subjects=(default,))
        elif compares and len(question.subjects) == 1 and question.subjects[0] != default:
            question = replace(question, subjects=(default, *question.subjects))
    if compares and len(question.subjects) > 1:
        subjects = question.subjects
        if finder.sections is not None:
            subjects = with_sections(subjects, finder.sections, question.folder)
        return replace(question, kind=QuestionKind.COMPARISON, subjects=subjects)
    if question.kind is QuestionKind.GENERAL and question.subjects:
        subjects = question.subjects
        is_name = len(subjects) == 1 and " " in subjects[0].name
        if finder.sections is not None and is_name and not question.follows_up:
            subjects = with_sections(subjects, finder.sections, question.folder)
        return replace(question, kind=QuestionKind.ONE_ROLE, subjects=subjects)
    return question


def _is_said_of_them(text: str, mentions: list[Mention], previous: Question) -> bool:
    """Tell "do they look after influencers", asked on of a role, from a question about those.

    Nor is "how often do they see their supervisor" about the supervisor, or "with which doctors"
    about those.
    """
    if not mentions or not previous.subjects or COMPARING.search(text):
        return False
    if all(not one.roles and ASKED_FOR.search(text, 0, one.start) for one in mentions):
        return True
    pronoun = PRONOUN.search(text)
    return (
        pronoun is not None
        and all(not one.roles or THEIRS.search(text, 0, one.start) for one in mentions)
        and pronoun.start() < mentions[0].start
    )


def _resolve(
    question: Question,
    previous: Question,
    mentions: list[Mention],
    finder: RoleFinder,
    *,
    compares: bool,
) -> Question:
    """Take from the question before what this one leaves out."""
    text = question.text
    named = question.subjects
    if question.folder and not named and _is_same_elsewhere(text, finder):
        if previous.subjects:
            return _ask_again(question, previous, previous.subjects)
        asked = replace(previous, text=text, standalone=previous.masked, follows_up=True)
        return replace(asked, folder=question.folder)
    if named and SAME_QUESTION.match(without(text, mentions)):
        return _ask_again(question, previous, named)
    if not mentions and (role := named_in_part(text, previous, finder)) is not None:
        return _ask_again(question, previous, (Subject(name=role.name, role=role),))
    if not named and (other := other_of_two(text, previous)) is not None:
        rest = ORDINAL.sub("", text)
        if SAME_QUESTION.match(rest):
            return _ask_again(question, previous, (other,))
        previous = replace(previous, subjects=(other,))
    if not mentions and (leveled := _another_level(question, previous, finder)) is not None:
        return leveled
    if MORE.match(text):
        return replace(previous, text=text, follows_up=True, wants_more=True)
    if all(word in STOP_WORDS for word in words_of(text)) and not named:
        # "why", "how so": the question before, asked on.
        return replace(
            previous,
            text=text,
            standalone=f"{text} {previous.standalone}",
            masked=f"{text} {previous.masked}",
            follows_up=True,
            wants_more=True,
        )
    goes_on = bool(GOING_ON.match(text)) or len(text.split()) < _MANY_WORDS
    if not (question.points or goes_on):
        return question
    if not previous.subjects:
        background = previous.background or previous.standalone
        return question if named else replace(question, background=background, follows_up=True)
    if named:
        # "how is that different from an analytics engineer?" compares with what was spoken of.
        if compares and len(named) == 1 and (question.points or goes_on):
            spoken_of = previous.subjects[0]
            if spoken_of != named[0]:
                return replace(
                    question,
                    subjects=(spoken_of, *named),
                    standalone=name_subject(text, mentions, spoken_of),
                    follows_up=True,
                )
        return question
    if ASKS_WHO.match(text) and not (question.points or compares or MORE_OF_TWO.search(text)):
        # Somebody else may do it: "who keeps the minutes then".
        return replace(question, background=previous.standalone, follows_up=True)
    subjects = pick_subjects(text, previous.subjects)
    if compares or (len(subjects) > 1 and MORE_OF_TWO.search(text)):
        kind = QuestionKind.COMPARISON if len(subjects) > 1 else QuestionKind.ONE_ROLE
    else:
        kind = QuestionKind.ONE_ROLE
        subjects = subjects[:1] if len(subjects) == 1 or _says_it(text) else subjects
    if len(subjects) > 1:
        kind = QuestionKind.COMPARISON
    names = " and ".join(subject.name for subject in subjects)
    return replace(
        question,
        subjects=subjects,
        kind=kind,
        standalone=name_subject(text, [], Subject(name=names, role=None)),
        follows_up=True,
    )


def _is_same_elsewhere(text: str, finder: RoleFinder) -> bool:
    """Tell "and at Acme?", which asks the question before of other guides."""
    return SAME_QUESTION.match(blank_out(text, finder.find_folders(text))) is not None


def _another_level(question: Question, previous: Question, finder: RoleFinder) -> Question | None:
    """Return what "and L5?" and "what must an L5 do" mean after a question about the role's L4."""
    role = previous.subjects[0].role if previous.subjects else None
    if role is None or finder.ladders is None:
        return None
    spoken_of = previous.subjects[0].level
    by_place = level_of_place(question.text, role, spoken_of, finder.ladders)
    found = by_place or level_alone(question.text, role, finder.ladders)
    if found is None:
        return None
    level, rest = found
    subject = Subject(name=name_with_level(role, level), role=role, level=level)
    if SAME_QUESTION.match(rest):
        return _ask_again(question, previous, (subject,))
    if by_place is None and not level.is_code and not GOING_ON.match(question.text):
        return None
    masked = level_alone(question.text, role, finder.ladders, "this role")
    return replace(
        question,
        subjects=(subject,),
        kind=QuestionKind.ONE_ROLE,
        standalone=f"{question.text} ({subject.name})",
        masked=question.masked if by_place or masked is None else masked[1],
        follows_up=True,
        names_role=True,
    )


def _ask_again(question: Question, previous: Question, named: tuple[Subject, ...]) -> Question:
    """Put the question before again with another role: "and a data engineer?"."""
    if previous.kind is QuestionKind.COMPARISON and len(previous.subjects) > 1:
        subjects = (previous.subjects[0], *(item for item in named if item != previous.subjects[0]))
        if len(subjects) == 1:
            subjects = (previous.subjects[1], *named)
        kind = QuestionKind.COMPARISON
    else:
        subjects = named
        kind = QuestionKind.ONE_ROLE if len(named) == 1 else QuestionKind.COMPARISON
    masked = previous.masked
    names = " and ".join(subject.name for subject in subjects)
    standalone = re.sub(r"\bthis role\b", names, masked, count=1)
    if kind is QuestionKind.COMPARISON:
        standalone = f"How do these differ: {' and '.join(item.name for item in subjects)}?"
    elif standalone == masked:
        standalone = f"{masked} ({names})"
    return replace(
        question,
        subjects=subjects,
        kind=kind,
        masked=masked,
        standalone=standalone,
        follows_up=True,
        names_role=True,
    )


def _says_it(text: str) -> bool:
    return bool(re.search(r"\b(?:it|its|this|that)\b", text, re.IGNORECASE))
