"""Levels that a question names by their place on a ladder: the top level, what comes after one."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answers.ladders import Ladders
from bot.answers.typed_phrases import Mention
from index.snapshots.stored import StoredRole
from knowledge.roles.levels import Level

_STEP = re.compile(
    r"\b(?:comes?|is|are|one|next|level|step|rung|go(?:es)?|up) (?:right |just )?"
    r"(?:(?P<down>below|before|under)|after|above|beyond|from) (?:an? |the )?\Z",
    re.IGNORECASE,
)
_RUNG = r"(?:levels?|rungs?|grades?|tiers?|steps?|bands?|ranks?)"
_PLACE = re.compile(
    rf"\b(?:the )?(?:very )?(?:"
    rf"(?P<top>(?:top|highest|most senior|uppermost)(?:[- ]most)? (?:{_RUNG}|ones?))"
    rf"|(?P<bottom>(?:bottom|lowest|most junior)(?:[- ]most)? (?:{_RUNG}|ones?))"
    rf"|(?P<up>next {_RUNG}(?: up)?|{_RUNG} (?:up|above)|one (?:{_RUNG} )?(?:up|above|higher))"
    rf"|(?P<down>{_RUNG} (?:down|below)|one (?:{_RUNG} )?(?:down|below|lower)))\b",
    re.IGNORECASE,
)


def step_from(text: str, mention: Mention, ladders: Ladders) -> Mention:
    """Take "what comes after a senior engineer" for the level that comes after it."""
    if mention.level is None or mention.outer is None:
        return mention
    step = _STEP.search(text, 0, mention.outer[0])
    if step is None:
        return mention
    distance = -1 if step["down"] else 1
    level = ladders.of(mention.roles[0]).neighbour_of(mention.level, distance)
    return replace(mention, level=level) if level is not None else mention


def add_place(text: str, mentions: Sequence[Mention], ladders: Ladders) -> list[Mention]:
    """Give the only role that a question names the level that it names by its place."""
    if len(mentions) == 1 and mentions[0].level is None and len(mentions[0].roles) == 1:
        [mention] = mentions
        found = level_of_place(text, mention.roles[0], None, ladders)
        if found is not None:
            return [replace(mention, level=found[0], outer=(mention.start, mention.end))]
    return list(mentions)


def level_of_place(
    text: str, role: StoredRole, spoken_of: Level | None, ladders: Ladders
) -> tuple[Level, str] | None:
    """Return the level of a role that a text names by its place, and the text without that.

    Args:
        text: "what about the top level", "and the next one up".
        role: The role.
        spoken_of: The level that was spoken of before, from which a step goes up or down.
        ladders: The levels of the roles.
    """
    match = _PLACE.search(text)
    if match is None:
        return None
    ladder = ladders.of(role)
    if match["top"] or match["bottom"]:
        level = ladder.end(-1 if match["top"] else 0)
    else:
        level = ladder.neighbour_of(spoken_of, 1 if match["up"] else -1) if spoken_of else None
    return None if level is None else (level, text[: match.start()] + text[match.end() :])
