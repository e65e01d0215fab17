"""People and bodies that a heading names by words that are no known occupation: "Festival hosts".

That they are people tells the text: "as a host you will …", "a gopher is responsible for …".
"""

import re
from collections.abc import Iterable

from knowledge.roles.headings import names_in_heading, noun_alone, words_of_name
from knowledge.roles.occupations import NOUNS_BY_FORM, singular
from knowledge.roles.phrases import FUNCTION_WORDS

_MOST_WORDS = 3
_FEWEST_LETTERS = 3
_PEOPLE = re.compile(r"(?P<noun>[^\W\d_]{3,}(?:er|or|ist|ian|ant))s?", re.IGNORECASE)
_WHO_WORKS = frozenset({"crew", "staff"})
_OFTEN = 4
_OTHERS = frozenset({"another", "other", "others"})
_BODIES = frozenset({"board", "committee", "council", "team"})
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


def people_beside_roles(heading: str, beside: Iterable[str], text: str) -> str | None:
    """Return whom a heading names beside those of roles: "Approvers" by "Reviewers".

    The word is no known occupation, but it ends as they do, and the text says what they do. Or it
    is a body that has something to say beside them: "Steering council" by "Maintainers".
    """
    words = words_of_name(heading)
    if (
        not 0 < len(words) <= _MOST_WORDS
        or not all(word[0].isupper() for word in words)
        or not FUNCTION_WORDS.isdisjoint(map(str.lower, words))
        or words[-1].lower() in _OTHERS
    ):
        return None
    if len(words) > 1 and words[-1].lower() in _BODIES:
        last = words[-1]
    elif (match := _PEOPLE.fullmatch(words[-1])) is not None:
        last = match["noun"]
        if not re.search(rf"\b{last}s {_DO}\b", text, re.IGNORECASE):
            return None
    else:
        return None
    is_beside = any(names_in_heading(other) or noun_alone(other) for other in beside)
    return " ".join([*words[:-1], last]) if is_beside else None


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
        last = last[:-1]
    if (
        len(noun) < _FEWEST_LETTERS
        or noun in _NO_PERSONS
        or noun in NOUNS_BY_FORM
        or not all(word.isalpha() for word in words)
        or not FUNCTION_WORDS.isdisjoint(map(str.lower, words))
    ):
        return None
    names = {" ".join([*map(str.lower, words[:-1]), noun]), noun}
    if not any(_are_spoken_of(name, text) for name in names):
        return None
    return " ".join([*words[:-1], last])


def _are_spoken_of(name: str, text: str) -> bool:
    said = re.escape(name)
    return (
        re.search(
            rf"\bas an? {said},? (?:you|i)\b|\bbecom(?:e|ing) an? {said}\b"
            rf"|\b(?:an?|the) {said} (?:is|will be) (?:responsible for|expected to)\b"
            rf"|\b{said}s are (?:responsible for|expected to)\b"
            rf"|\ban? {said} is an? [^.,:;]{{3,60}} who\b"
            rf"|\b{said}s are (?:[^.:;]{{0,80}}\bof )?(?:the )?(?:people|volunteers|those who)\b",
            text,
            re.IGNORECASE,
        )
        is not None
    )
