"""The other names that a text says a role has: "elsewhere the job is called product manager"."""

import re
from collections.abc import Iterator

from knowledge.roles.occupations import spell_out
from knowledge.roles.phrases import RolePhrase, find_role_phrases

_BEHIND_ROLE = re.compile(
    r"(?:also|sometimes|often|otherwise|previously|formerly|commonly)?\s*"
    r"(?:known as|called|referred to as|a\.k\.a\.?|aka)\s+"
    r"(?:an?\s+|the\s+)?(?P<names>[^.;:()]{3,120})",
    re.IGNORECASE,
)
_ROLE_AT_START = re.compile(r"(?:This |The )?[Rr]ole (?:is )?")
_LABEL = (
    r"(?:also|other|alternative|older|former|previous)\s+(?:job\s+)?(?:labels?|names?|titles?)\b"
)
_ADVERTS = r"(?:ads|adverts|boards|contracts?|payroll|paper)"
# That somebody else has another name for a role says a word for others, and one for naming.
_ELSEWHERE = re.compile(
    rf"\b(?:{_LABEL}[^.;:()]{{0,40}}?(?::|\b(?:is|are|was|were|include|used to be)\b)|aka:"
    rf"|known(?: \w+){{1,3}} as|listed(?: in {_ADVERTS})? as"
    rf"|(?:on|in) (?:\w+ ){{0,2}}{_ADVERTS}(?= \")"
    r"|(?:also|others?|elsewhere|some|sometimes|often|formerly|previously|older|still|may|might"
    rf"|used to be|until|{_ADVERTS}|bigger|smaller|people|places|abroad)\b[^.;:()]{{0,60}}?"
    r"\b(?:known(?: \w+)? as|called|titled|advertised as|listed(?: in adverts)? as|referred to as"
    r"|lists? (?:it|them|us) as|goes by|go by|answers to:?|hear|see|says?|write"
    r"|calls?(?: (?:it|them|us|you|this|the)\b)?"
    r"(?: (?:job|post|role|work|seat|person|same)\b)?)):?\s+"
    r"(?P<names>[^.;:()]{3,160})",
    re.IGNORECASE,
)
_HEADING = re.compile(rf"{_LABEL}|also (?:known as|called)|a\.?k\.?a\b", re.IGNORECASE)
_BETWEEN = re.compile(r",|/|\bor\b|\band\b")
_ACRONYM = re.compile(r"[A-Z][A-Za-z]{0,2}[A-Z]s?")
_QUOTED = re.compile(r"[\"“]([^\"“”]{3,60})[\"”]")
_QUOTES = " \"'“”‘’*_"
_ARTICLE = re.compile(r"^(?:the\s+)?(?:job|post|role|title|same)?\s*(?:an?|the)?\s+", re.IGNORECASE)
_MOST_WORDS = 5


def names_behind_role(text: str, phrase: RolePhrase) -> Iterator[str]:
    """Yield the names that stand right behind a role: "SDRs, also called BDRs"."""
    behind = text[phrase.end : phrase.end + 12].lstrip(" ,(")
    offset = text.find(behind, phrase.end) if behind else -1
    if offset >= 0 and (match := _BEHIND_ROLE.match(text, offset)):
        yield from _names_in(match["names"])


def names_of_this_role(text: str, key: str) -> Iterator[str]:
    """Yield the names that a sentence gives to what its section is about.

    "This role is called X", "other firms call the job X or Y", "you may still hear X". Where
    another role is named before them, they are that one's.

    Args:
        text: The sentence.
        key: The key of the section's role.
    """
    at_start = _ROLE_AT_START.match(text)
    if at_start and (behind := _BEHIND_ROLE.match(text, at_start.end())):
        yield from _names_in(behind["names"])
    end = 0
    for elsewhere in _ELSEWHERE.finditer(text):
        before = find_role_phrases(text[end : elsewhere.start("names")])
        end = elsewhere.end()
        if any(not f" {key}".endswith(f" {phrase.key}") for phrase in before):
            continue
        yield from names_listed(_without_words_around(elsewhere["names"]))


def _without_words_around(names: str) -> str:
    """Return a list without what stands between and behind quotes, if it has any."""
    first, *others = _QUOTED.split(names)
    return " or ".join([first, *others[::2]])


def says_other_names(heading: str) -> bool:
    """Tell whether what stands below a heading are other names: "Also known as"."""
    return _HEADING.search(heading) is not None


def names_listed(words: str) -> Iterator[str]:
    """Yield the names of a list, as far as each is a role's name and nothing else."""
    for part in _BETWEEN.split(words):
        name = _ARTICLE.sub("", f" {part.strip(_QUOTES)}").strip(_QUOTES)
        spelt_out = " ".join(spell_out(name.split()))
        phrases = list(find_role_phrases(spelt_out))
        is_name = [(phrase.start, phrase.end) for phrase in phrases] == [(0, len(spelt_out))]
        if is_name or _ACRONYM.fullmatch(name):
            yield name


def _names_in(words: str) -> Iterator[str]:
    enumeration = re.split(r" (?:is|are) ", words, maxsplit=1)[0]
    for part in _BETWEEN.split(enumeration):
        name = re.sub(r"^(?:an?|the)\s+", "", part.strip(_QUOTES), flags=re.IGNORECASE)
        phrases = list(find_role_phrases(name))
        is_name = phrases and phrases[-1].end == len(name) and len(name.split()) <= _MOST_WORDS
        if _ACRONYM.fullmatch(name) or is_name:
            yield name
