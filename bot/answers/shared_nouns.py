"""Roles that share words with another beside them: "project vs program manager"."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.answers.fields import JOINTS
from bot.answers.typed_phrases import Mention, mention_of
from index.searching.lexical import STOP_WORDS
from index.snapshots.stored import StoredRole
from knowledge.roles.levels import RANKS
from knowledge.roles.occupations import (
    AMBIGUOUS_NOUNS,
    HEADS,
    LEADERS,
    OCCUPATION_NOUNS,
    singular,
    spell_out,
)
from knowledge.roles.phrases import noun_last

_MOST_WORDS_OF_NEXT = 4
_BEFORE_SOMEBODY = frozenset("a an the one each every as being".split())
_EVERYDAY = AMBIGUOUS_NOUNS - RANKS - LEADERS - {"founder", "owner", "partner", "principal"}
"""Everyday words that are no more than somebody's rank for others."""


def find_by_others(
    question: str,
    tokens: Sequence[re.Match[str]],
    taken: list[bool],
    found: Sequence[Mention],
    *,
    by_key: Mapping[str, Mapping[str, StoredRole]],
    acronyms: Mapping[str, Mapping[str, StoredRole]],
    ending_in: Callable[[str], tuple[StoredRole, ...]],
) -> list[Mention]:
    """Return the roles found so far, and those that are told by what stands beside them.

    Args:
        question: The question.
        tokens: Its words.
        taken: Which of them name roles; those of acronyms are added.
        found: Those roles.
        by_key: The roles by their names, spelt out.
        acronyms: The roles by their acronyms, in lower case.
        ending_in: Tells the roles with guides whose names end in a noun.
    """
    sharing = list(_find_sharing_noun(question, tokens, taken, found, by_key))
    places = {one.start for one in sharing}
    found = [*(one for one in found if one.start not in places), *sharing]
    found += _find_sharing_field(question, tokens, taken, found, by_key)
    found += _find_noun_beside(question, tokens, taken, found, ending_in)
    found += _find_joined_acronyms(question, tokens, taken, acronyms)
    found = found or list(_find_joined_ranks(question, tokens, by_key))
    return found or list(_find_noun_alone(question, tokens, ending_in))


def _find_joined_ranks(
    question: str,
    tokens: Sequence[re.Match[str]],
    by_key: Mapping[str, Mapping[str, StoredRole]],
) -> Iterator[Mention]:
    """Yield roles that are told by their ranks alone: "staff or principal".

    Where guides have both of one noun, and of no other.
    """
    for place in range(len(tokens) - 2):
        pair = tokens[place], tokens[place + 2]
        first, second = (token[0].lower() for token in pair)
        if tokens[place + 1][0].lower() not in JOINTS or not {first, second} <= RANKS:
            continue
        nouns = [
            noun
            for noun in sorted(OCCUPATION_NOUNS)
            if by_key.get(f"{first} {noun}") and by_key.get(f"{second} {noun}")
        ]
        if len(nouns) == 1:
            for token in pair:
                roles = by_key[f"{token[0].lower()} {nouns[0]}"]
                yield mention_of(question, token, token, tuple(roles.values()))
            return


def _find_sharing_noun(
    question: str,
    tokens: Sequence[re.Match[str]],
    taken: Sequence[bool],
    found: Sequence[Mention],
    by_key: Mapping[str, Mapping[str, StoredRole]],
) -> Iterator[Mention]:
    """Yield what shares a noun with the next: "project" of "project vs program manager".

    A director shares what they head, in "director and VP of sales". The vet of "a vet and a vet
    nurse" shares nothing.

    Args:
        question: The question.
        tokens: Its words.
        taken: Which of them name roles.
        found: Those roles.
        by_key: The roles by their names, spelt out.
    """
    # "UX" may be any of several roles, but in "UX or UI designer" it is the designer.
    unclear = {one.start for one in found if len(one.roles) > 1}
    for position in range(len(tokens) - 3):
        first, joint = tokens[position], tokens[position + 1][0].lower()
        is_taken = taken[position] and first.start() not in unclear
        if is_taken or taken[position + 1] or joint not in JOINTS:
            continue
        own = singular(first[0].lower())
        if own in OCCUPATION_NOUNS - AMBIGUOUS_NOUNS:
            continue  # the engineer of "an engineer or their director of engineering"
        for last in range(position + 3, min(position + 2 + _MOST_WORDS_OF_NEXT, len(tokens))):
            noun = singular(spell_out([tokens[last][0]])[0])
            heads = own in HEADS and tokens[last - 1][0].lower() == "of"
            words = spell_out([own, "of", noun] if heads else [first[0], noun])
            roles = tuple(by_key.get(noun_last(" ".join(words)), {}).values())
            if not (taken[last] and (heads or noun in OCCUPATION_NOUNS) and roles):
                continue
            if not any(one.end == tokens[last].end() and one.roles == roles for one in found):
                yield mention_of(question, first, first, roles)
                yield from _listed_before(question, tokens[:position], noun, by_key)
            break


def _listed_before(
    question: str,
    tokens: Sequence[re.Match[str]],
    noun: str,
    by_key: Mapping[str, Mapping[str, StoredRole]],
) -> Iterator[Mention]:
    """Yield the "residential" of "residential, industrial or master electrician"."""
    for token in reversed(tokens):
        words = spell_out([token[0], noun])
        roles = tuple(by_key.get(" ".join(words), {}).values())
        if not roles or question[token.end() : token.end() + 1] != ",":
            return
        yield mention_of(question, token, token, roles)


def _find_sharing_field(
    question: str,
    tokens: Sequence[re.Match[str]],
    taken: Sequence[bool],
    found: Sequence[Mention],
    by_key: Mapping[str, Mapping[str, StoredRole]],
) -> Iterator[Mention]:
    """Yield what shares a field with the one before: "a data analyst or engineer".

    Args:
        question: The question.
        tokens: Its words.
        taken: Which of them name roles.
        found: Those roles.
        by_key: The roles by their names, spelt out.
    """
    for place in range(2, len(tokens)):
        noun = singular(tokens[place][0].lower())
        joint = tokens[place - 1][0].lower()
        if taken[place] or joint not in JOINTS or noun not in OCCUPATION_NOUNS:
            continue
        end = tokens[place - 2].end()
        before = next((one for one in found if one.end == end and one.roles), None)
        if before is not None and " " in before.words:
            words = spell_out([*before.words.split()[:-1], noun])
            if roles := tuple(by_key.get(noun_last(" ".join(words)), {}).values()):
                yield mention_of(question, tokens[place], tokens[place], roles)


def _find_noun_alone(
    question: str,
    tokens: Sequence[re.Match[str]],
    ending_in: Callable[[str], tuple[StoredRole, ...]],
) -> Iterator[Mention]:
    """Yield the everyday word that is one role's last: "how many people does one coach look after".

    Args:
        question: The question.
        tokens: Its words.
        ending_in: Tells the roles with guides whose names end in a noun.
    """
    for before, token in itertools.pairwise(tokens):
        typed = token[0].lower()
        noun = singular(typed)
        is_one = before[0].lower() in _BEFORE_SOMEBODY
        if noun not in _EVERYDAY or not (is_one or noun != typed):
            continue
        if len(roles := ending_in(noun)) == 1:
            yield mention_of(question, token, token, roles)
            return


def _find_noun_beside(
    question: str,
    tokens: Sequence[re.Match[str]],
    taken: Sequence[bool],
    found: Sequence[Mention],
    ending_in: Callable[[str], tuple[StoredRole, ...]],
) -> Iterator[Mention]:
    """Yield the everyday word that is one role's last beside another: "chair and staff contact".

    Args:
        question: The question.
        tokens: Its words.
        taken: Which of them name roles.
        found: Those roles.
        ending_in: Tells the roles with guides whose names end in a noun.
    """
    for place, token in enumerate(tokens):
        noun = singular(token[0].lower())
        if taken[place] or noun not in AMBIGUOUS_NOUNS:
            continue
        first = place
        while first > 0 and tokens[first - 1][0].lower() in RANKS - JOINTS:
            first -= 1  # "director vs senior director"
        before = first > 1 and tokens[first - 1][0].lower() in JOINTS
        behind = place + 2 < len(tokens) and tokens[place + 1][0].lower() in JOINTS
        is_beside = any(
            (before and one.end == tokens[first - 2].end())
            or (behind and one.start == tokens[place + 2].start())
            for one in found
            if one.roles
        )
        if is_beside and len(roles := ending_in(noun)) == 1:
            yield mention_of(question, token, token, roles)


def _find_joined_acronyms(
    question: str,
    tokens: Sequence[re.Match[str]],
    taken: list[bool],
    acronyms: Mapping[str, Mapping[str, StoredRole]],
) -> Iterator[Mention]:
    """Yield acronyms in lower case that stand beside each other: "pm or em".

    Args:
        question: The question.
        tokens: Its words.
        taken: Which of them name roles; those found are added.
        acronyms: The roles by their acronyms, in lower case.
    """
    for place in range(len(tokens) - 2):
        pair = (place, place + 2)
        roles = [acronyms.get(tokens[one][0].lower(), {}) for one in pair]
        if tokens[place + 1][0].lower() not in JOINTS or not all(roles):
            continue
        for one, named in zip(pair, roles, strict=True):
            if not taken[one] and tokens[one][0].lower() not in STOP_WORDS:
                taken[one] = True
                yield mention_of(question, tokens[one], tokens[one], tuple(named.values()))
