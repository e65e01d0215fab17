"""What a question is about: from its stretches that name roles and folders to its subjects."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.answers.folders import Folder, FolderMention, blank_out, join_folders
from bot.answers.levels import add_levels, name_with_level
from bot.answers.mentions import RoleFinder
from bot.answers.phrases import (
    AS_EXPERIENCE,
    AS_ONE,
    BUT_NOT_ASKED_ABOUT,
    COMPARING,
    DEFINITE,
    GOES_ON_BEHIND,
    JOINED_BEHIND,
    SPACE_BEFORE_MARK,
    THIS_ROLE_BEHIND,
    WHO_ASKS,
    WHO_DOESNT_ASK,
)
from bot.answers.question import MAX_SIDES, Question, Subject
from bot.answers.sections import Sections
from bot.answers.typed_phrases import Mention
from index.searching.lexical import STOP_WORDS, WORD, words_of

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
    mentions = _asked_as(text, _without_experience(text, mentions))
    mentions = _narrow_to(mentions, finder.find_folders(text), finder)
    return add_levels(text, mentions, finder, finder.ladders) if finder.ladders else mentions


def _without_experience(text: str, mentions: list[Mention]) -> list[Mention]:
    """Return the clerk alone of "how much nurse experience must a clerk have"."""
    asked = [item for item in mentions if not AS_EXPERIENCE.match(text, item.end)]
    return asked if any(item.roles for item in asked) else mentions


def _asked_as(text: str, mentions: list[Mention]) -> list[Mention]:
    """Return the nurse alone of "how often would I see the surgeon as a nurse"."""
    asked = [item for item in mentions if item.roles and AS_ONE.search(text, 0, item.start)]
    others = [item for item in mentions if item not in asked]
    is_one = (
        len(asked) == 1
        and not COMPARING.search(text)
        and all(DEFINITE.search(text, 0, item.start) for item in others)
    )
    return asked if is_one else mentions


def _narrow_to(
    mentions: Sequence[Mention], folders: Sequence[FolderMention], finder: RoleFinder
) -> list[Mention]:
    """Return the roles that are named, of several by one name those where each is asked about."""
    find = finder.documents_about
    if find is None or not folders:
        return list(mentions)
    narrowed = []
    in_order = _in_order(mentions)
    for mention, asked_of in zip(in_order, _folders_of_sides(in_order, folders), strict=True):
        several = mention.roles if len(mention.roles) > 1 else ()
        at = asked_of or [one.folder for one in folders]
        there = frozenset[str]().union(*(one.documents for one in at if one))
        roles = tuple(role for role in several if not there.isdisjoint(find(role.position)))
        narrowed.append(replace(mention, roles=roles) if roles else mention)
    return narrowed


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
        for mention, asked_of in zip(in_order, _folders_of_sides(in_order, folders), strict=True)
        for folder in asked_of or [None]
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


def _folders_of_sides(
    mentions: Sequence[Mention], folders: Sequence[FolderMention]
) -> list[list[Folder | None]]:
    """Return the folders that each of the roles is asked of, of none where one folder is for all.

    "A pilot vs an Acme baker" says of the baker alone where.
    """
    are_of_sides = len(folders) > 1 or any(
        folder.is_right_before(mention) for folder in folders for mention in mentions[1:]
    )
    return [
        _folders_by(mentions, number, folders) if are_of_sides else []
        for number in range(len(mentions))
    ]


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
    before = [one for one in folders if one.is_right_before(mention)]
    behind = [
        one
        for one in folders
        if mention.end <= one.start < end and not any(map(one.is_right_before, others))
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
