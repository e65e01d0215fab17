"""Roles that are named by their fields, without nouns: "backend pay", "FPGA vs low latency"."""

import re
from collections.abc import Iterator, Sequence

from bot.answers.names_of_guides import NamesOfGuides
from bot.answers.phrases import ASKS_TWICE, COMPARING
from bot.answers.typed_phrases import Mention, is_skill, mention_of, spell_typed
from index.snapshots.stored import StoredRole
from knowledge.roles.occupations import TRADES

_ALWAYS_JOIN = frozenset({"vs", "versus", "or"})
_JOIN_WHAT_IS_COMPARED = frozenset({"and", "to", "with", "from", "than"})
_BEFORE = frozenset("a an the in at for to of with being as is on doing into go going".split())
_BEHIND = frozenset(
    "work people ppl folks team side job role person guys crowd ones compared different".split()
)
_ARE_SEVERAL = re.compile(r"[A-Z]{2,}s")
"""People called by letters: "TAs" are no TAS."""

_MOST_WORDS = 3
_MOST_WORDS_OF_FIELD = 6

JOINTS = frozenset({"vs", "versus", "or", "and", "to", "from", "with"})
"""What stands between roles that are said side by side."""

Tokens = Sequence[re.Match[str]]


def find_field(
    question: str, tokens: Tokens, found: Sequence[Mention], guides: NamesOfGuides
) -> Iterator[Mention]:
    """Yield a role that is named without its noun: "backend tech stack", "QA pay".

    Beside a role that is named in full only one that is joined to something: "devs vs web ops",
    "what do devs do and what do web ops do".

    Args:
        question: The question.
        tokens: Its words.
        found: The roles that are named in full.
        guides: Knows the roles by their fields.
    """
    claimed = [(mention.start, mention.end) for mention in found]
    typed = [token[0].lower() for token in tokens]
    if claimed and JOINTS.isdisjoint(typed):
        return
    spelt = spell_typed(tokens)
    again = ASKS_TWICE.search(question)
    for length in range(min(_MOST_WORDS_OF_FIELD, len(tokens)), 0, -1):
        for first in range(len(tokens) - length + 1):
            stretch = tokens[first : first + length]
            start, end = stretch[0].start(), stretch[-1].end()
            if any(one < end and start < other for one, other in claimed):
                continue
            around = typed[max(first - 1, 0) : first] + typed[first + length :][:1]
            is_asked_of_too = again is not None and again.start() < start
            if claimed and not is_asked_of_too and JOINTS.isdisjoint(around):
                continue
            if claimed and is_skill(question, start):
                continue
            if length == 1 and _ARE_SEVERAL.fullmatch(stretch[0][0]):
                continue
            roles = guides.without_noun(typed[first : first + length])
            roles = roles or guides.without_noun(spelt[first : first + length])
            if len(roles) == 1:
                yield mention_of(question, stretch[0], stretch[-1], roles)
                return


def find_trade(question: str, tokens: Tokens, guides: NamesOfGuides) -> Iterator[Mention]:
    """Yield the role that a question names by its trade: "how do I get into nursing"."""
    for token in tokens:
        roles = guides.of_field([token[0]]) if token[0].lower() in TRADES else ()
        if len(roles) == 1:
            yield mention_of(question, token, token, roles)
            return


def find_joined_fields(
    question: str,
    tokens: Tokens,
    found: Sequence[Mention],
    guides: NamesOfGuides,
) -> Iterator[Mention]:
    """Yield the roles whose fields stand beside another's, or beside a role, with a joint between.

    Args:
        question: The question.
        tokens: Its words.
        found: The roles that are named in full.
        guides: Knows the roles by their fields.
    """
    joints = _ALWAYS_JOIN | (_JOIN_WHAT_IS_COMPARED if COMPARING.search(question) else frozenset())
    words = [token[0].lower() for token in tokens]
    is_named = [any(one.start <= token.start() < one.end for one in found) for token in tokens]
    yielded: set[int] = set()
    for place, word in enumerate(words):
        if word not in joints or is_named[place]:
            continue
        left, right = place, place + 1
        while left > 0 and words[left - 1] in _BEHIND and not is_named[left - 1]:
            left -= 1
        while right < len(words) and words[right] in _BEFORE and not is_named[right]:
            right += 1
        sides: list[tuple[int, int, StoredRole]] = []
        for stretches, beside in (
            ([(first, left) for first in range(max(left - _MOST_WORDS, 0), left)], left - 1),
            (
                [(right, end) for end in range(min(right + _MOST_WORDS, len(words)), right, -1)],
                right,
            ),
        ):
            if 0 <= beside < len(words) and is_named[beside]:
                continue
            side = _field_among(stretches, words, is_named, guides)
            if side is None:
                break
            sides.append(side)
        else:
            for first, end, role in sides:
                if first not in yielded:
                    yielded.add(first)
                    yield mention_of(question, tokens[first], tokens[end - 1], (role,))


def _field_among(
    stretches: Sequence[tuple[int, int]],
    words: Sequence[str],
    is_named: Sequence[bool],
    guides: NamesOfGuides,
) -> tuple[int, int, StoredRole] | None:
    """Return the first stretch that is the field of one role alone."""
    for first, end in stretches:
        roles = () if any(is_named[first:end]) else guides.of_field(words[first:end])
        if len(roles) == 1:
            return first, end, roles[0]
    return None
