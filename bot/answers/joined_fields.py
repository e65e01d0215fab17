"""Roles that are named by their fields alone, side by side: "FPGA vs low latency"."""

import re
from collections.abc import Callable, Iterator, Sequence

from bot.answers.phrases import COMPARING
from bot.answers.typed_phrases import Mention, mention_of
from index.snapshots.stored import StoredRole

_ALWAYS_JOIN = frozenset({"vs", "versus", "or"})
_JOIN_WHAT_IS_COMPARED = frozenset({"and", "to", "with", "from", "than"})
_BEFORE = frozenset("a an the in at for to of with being as is on doing into go going".split())
_BEHIND = frozenset(
    "work people ppl folks team side job role person guys crowd ones compared different".split()
)
_MOST_WORDS = 3

Tokens = Sequence[re.Match[str]]


def find_joined_fields(
    question: str,
    tokens: Tokens,
    found: Sequence[Mention],
    roles_of_field: Callable[[Sequence[str]], Sequence[StoredRole]],
) -> Iterator[Mention]:
    """Yield the roles whose fields stand beside another's, or beside a role, with a joint between.

    Args:
        question: The question.
        tokens: Its words.
        found: The roles that are named in full.
        roles_of_field: Returns the roles that have words for a field.
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
            side = _field_among(stretches, words, is_named, roles_of_field)
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
    roles_of_field: Callable[[Sequence[str]], Sequence[StoredRole]],
) -> tuple[int, int, StoredRole] | None:
    """Return the first stretch that is the field of one role alone."""
    for first, end in stretches:
        roles = () if any(is_named[first:end]) else roles_of_field(words[first:end])
        if len(roles) == 1:
            return first, end, roles[0]
    return None
