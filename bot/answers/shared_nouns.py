"""Roles that share their last words with the next one: "project vs program manager"."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.answers.fields import JOINTS
from bot.answers.typed_phrases import Mention, mention_of
from index.snapshots.stored import StoredRole
from knowledge.roles.occupations import HEADS, OCCUPATION_NOUNS, singular, spell_out
from knowledge.roles.phrases import noun_last

_MOST_WORDS_OF_NEXT = 4


def find_sharing_noun(
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
    for position in range(len(tokens) - 3):
        first, joint = tokens[position], tokens[position + 1][0].lower()
        if taken[position] or taken[position + 1] or joint not in JOINTS:
            continue
        own = singular(first[0].lower())
        for last in range(position + 3, min(position + 2 + _MOST_WORDS_OF_NEXT, len(tokens))):
            noun = singular(tokens[last][0].lower())
            heads = own in HEADS and tokens[last - 1][0].lower() == "of"
            words = spell_out([own, "of", noun] if heads else [first[0], noun])
            roles = tuple(by_key.get(noun_last(" ".join(words)), {}).values())
            if not (taken[last] and (heads or noun in OCCUPATION_NOUNS) and roles):
                continue
            if not any(one.end == tokens[last].end() and one.roles == roles for one in found):
                yield mention_of(question, first, first, roles)
            break
