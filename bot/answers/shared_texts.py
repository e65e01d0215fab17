"""Which sentences of a text that is about several compared roles are about another of them."""

import re
from collections.abc import Sequence

from bot.answers.naming import Naming
from index.snapshots.stored import StoredSentence

_GOES_ON = re.compile(
    r"\W*(?:they|their|these|those|it|its|she|he|her|his|this|such|also|additionally|furthermore"
    r"|in addition|moreover)\b",
    re.IGNORECASE,
)


def rows_of_others(
    named: Naming, stored: Sequence[StoredSentence], names: Sequence[bool]
) -> frozenset[int]:
    """Return the rows of what a text about a compared role says of that role alone.

    In "Bakers rise early. They knead. Millers grind." the first two are not about the miller, be
    the text about both.

    Args:
        named: Tells which sentences name which role.
        stored: The sentences of a search, in the order of their texts.
        names: Which of them name the role in question.
    """
    rows: dict[tuple[str, int, int], int] = {}
    found: set[int] = set()
    place, is_of_other = None, False
    for row, item in enumerate(stored):
        sentence = item.sentence
        rows[item.document_id, sentence.start, sentence.end] = row
        if not named.is_about_compared(item):
            place = None
            continue
        names_own, names_compared = named.named_by_heading(item)
        below_other = names_compared and not names_own
        if place != (here := (item.document_id, sentence.heading_path)):
            place, is_of_other = here, below_other
        lead = rows.get((item.document_id, *sentence.lead)) if sentence.lead else None
        if names[row]:
            is_of_other = False
        elif named.names_contrasted(item):
            is_of_other = names_compared or not names_own
        elif lead is not None:
            is_of_other = lead in found
        elif not _GOES_ON.match(item.plain):
            is_of_other = below_other
        if is_of_other:
            found.add(row)
    return frozenset(found)
