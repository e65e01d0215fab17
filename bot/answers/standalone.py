"""The wording of a question that stands alone: roles by their names, or left out."""

import re
from collections.abc import Sequence

from bot.answers.mentions import RoleFinder
from bot.answers.phrases import POINTING, SPACE_BEFORE_MARK, THE_ROLE
from bot.answers.question import Subject
from bot.answers.typed_phrases import Mention
from knowledge.roles.occupations import spell_out
from knowledge.roles.phrases import role_key


def name_in_full(text: str, finder: RoleFinder) -> str:
    """Return a question with roles by the names that guides use, not by acronyms and slips."""
    for mention in reversed(finder.find(text)):
        if len(mention.roles) < 2:
            spelt_out = " ".join(spell_out(mention.words.split()))
            name = mention.roles[0].name if mention.roles else spelt_out
            if role_key(mention.words) != role_key(name):
                text = text[: mention.start] + name + text[mention.end :]
    return text


def mask(text: str, mentions: Sequence[Mention]) -> str:
    """Return the question with "this role" for the first role named, "another role" for others."""
    pieces = []
    position = 0
    for number, mention in enumerate(mentions):
        start, end = mention.outer or (mention.start, mention.end)
        pieces.append(text[position:start])
        pieces.append("this role" if number == 0 else "another role")
        position = end
    pieces.append(text[position:])
    joined = SPACE_BEFORE_MARK.sub("", " ".join("".join(pieces).split()))
    masked = re.sub(r"\b(?:an?|the) (?=this role|another role)", "", joined)
    return masked if mentions else THE_ROLE.sub("this role", masked, count=1)


def without(text: str, mentions: Sequence[Mention]) -> str:
    """Return a text without the stretches that name roles."""
    for mention in reversed(mentions):
        text = text[: mention.start] + text[mention.end :]
    return text


def name_subject(text: str, mentions: Sequence[Mention], subject: Subject) -> str:
    """Return the question with its first pointing word replaced by the role's name."""
    for match in POINTING.finditer(text):
        if not any(mention.start <= match.start() < mention.end for mention in mentions):
            name = f"{subject.name}'s" if match[0].lower() in {"its", "their"} else subject.name
            return text[: match.start()] + name + text[match.end() :]
    return f"{text} ({subject.name})"
