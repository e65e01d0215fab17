"""People and bodies that a heading names by words that are no known occupation: "Festival hosts".

That they are people tells the text: "as a host you will …", "a gopher is responsible for …".
"""

import re
from collections import Counter
from collections.abc import Sequence

from knowledge.roles.half_names import noun_alone
from knowledge.roles.headings import words_of_name
from knowledge.roles.occupations import AMBIGUOUS_NOUNS, NOUNS_BY_FORM, singular
from knowledge.roles.phrases import FUNCTION_WORDS

_MOST_WORDS = 3
_MOST_WORDS_AMONG_ROLES = 4
_FEWEST_ROLES = 3
_FEWEST_LETTERS = 3
_PEOPLE = re.compile(r"(?P<noun>[^\W\d_]{3,}(?:er|or|ist|ian|ant))s?", re.IGNORECASE)
_WHO_WORKS = frozenset({"crew", "staff"})
_OFTEN = 4
_OTHERS = frozenset({"another", "other", "others"})
BODIES = frozenset({"board", "committee", "council", "team"})
_PLURAL = re.compile(r"[a-z]{3,}[^s\W]s")
_DO = r"(?:who|are|can|may|must|should|will|have|do)"
_NO_PERSONS = frozenset(
    """
    agency agenda board body business chapter class client club committee community company contract
    corps council course crew customer department division experience family firm group guild job
    leadership management office organisation organization panel partnership position practice
    process profession profile program programme project role school section service shift society
    staff system task team training union unit user vacancy work
    """.split()
)
"""What does things, or is one's work, and isn't a person."""


class HeadingsOfRank:
    """The headings of one rank below the same one, and what they are of as a whole."""

    def __init__(self, headings: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Take the headings, each with the roles that it names by itself."""
        roles = [names[0] for _, names in headings if names]
        self.have_roles = bool(roles)
        self.are_mostly_roles = (
            len(set(roles)) >= _FEWEST_ROLES and 2 * len(roles) >= len(headings) - 1
        )
        self.last_words = Counter(
            word for heading, _ in headings for word in words_of_name(heading)[-1:]
        )


def people_beside_roles(heading: str, rank: HeadingsOfRank, text: str) -> list[str]:
    """Return whom a heading names beside those of roles, if any: "Approvers" by "Reviewers".

    The word is no known occupation, but it ends as they do, and the text says what they do. Or it
    is a body that has something to say beside them: "Steering council" by "Maintainers". Where
    most headings are of roles, so are everyday words ("President"), and what ends as occupations
    do, or as another heading: "Timekeeper", "Audit Team Member" by "Receiving Team Member".

    Args:
        heading: The heading, which names no role by itself.
        rank: The headings of its rank, itself among them.
        text: The whole text.
    """
    words = words_of_name(heading)
    most = _MOST_WORDS_AMONG_ROLES if rank.are_mostly_roles else _MOST_WORDS
    if (
        not rank.have_roles
        or not 0 < len(words) <= most
        or not all(word[0].isupper() for word in words)
        or not FUNCTION_WORDS.isdisjoint(map(str.lower, words))
        or words[-1].lower() in _OTHERS
    ):
        return []
    last = words[-1]
    if rank.are_mostly_roles and (noun := noun_alone(heading)):
        return [noun]
    if (match := _PEOPLE.fullmatch(last)) is not None:
        last = match["noun"]
        says_what = re.search(rf"\b{last}s {_DO}\b", text, re.IGNORECASE) is not None
        return [" ".join([*words[:-1], last])] if rank.are_mostly_roles or says_what else []
    is_like_another = rank.are_mostly_roles and rank.last_words[last] > 1
    is_name = len(words) > 1 and (last.lower() in BODIES or is_like_another)
    return [" ".join(words)] if is_name else []


def people_named(heading: str, text: str) -> str | None:
    """Return the people that a heading is the name of, as far as the text speaks of such."""
    words = words_of_name(heading)
    if not 0 < len(words) <= _MOST_WORDS or not words[0][0].isupper():
        return None
    last = words[-1]
    if len(words) > 1 and last.lower() in _WHO_WORKS:
        said = re.findall(rf"\b{re.escape(' '.join(words))}\b", text, re.IGNORECASE)
        return " ".join(words) if len(said) >= _OFTEN else None
    noun = singular(last.lower())
    if noun == last.lower() and _PLURAL.fullmatch(noun):
        noun = noun.removesuffix("s")
    if last.lower() == f"{noun}s":
        last = last[:-1]
    if (
        len(noun) < _FEWEST_LETTERS
        or noun in _NO_PERSONS
        or (noun in NOUNS_BY_FORM and noun not in AMBIGUOUS_NOUNS)
        or not all(word.isalpha() for word in words)
        or not FUNCTION_WORDS.isdisjoint(map(str.lower, words))
    ):
        return None
    names = {" ".join([*map(str.lower, words[:-1]), noun]), noun}
    if not any(_are_spoken_of(name, text) for name in names):
        return None
    return " ".join([*words[:-1], last])


def _are_spoken_of(name: str, text: str) -> bool:
    said = rf"[*_]*{re.escape(name)}[*_]*"
    return (
        re.search(
            rf"\bas an? {said},? (?:you|i)\b"
            rf"|\b(?:be|being|becom(?:e|ing)) (?:an?|the) [\"“]?{said}\b"
            rf"|\b(?:an?|the) {said} (?:is|will be) (?:responsible (?:for|to)|expected to)\b"
            rf"|\b{said}s are (?:responsible (?:for|to)|expected to)\b"
            rf"|\ban? {said} is an? [^.,:;]{{3,60}} who\b|\bthe {said} is the (?:one|person)\b"
            rf"|\b{said}s are (?:[^.:;]{{0,80}}\bof )?(?:the )?(?:people|volunteers|those who)\b",
            text,
            re.IGNORECASE,
        )
        is not None
    )
