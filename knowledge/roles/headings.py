"""The roles that a title or heading is about."""

import re

from knowledge.roles.levels import RANKS
from knowledge.roles.occupations import (
    ACRONYM_NOUNS,
    AMBIGUOUS_NOUNS,
    FIELDS,
    GRADES,
    LEADERS,
    NOUNS_BY_FORM,
    OCCUPATION_NOUNS,
    singular,
    spell_out,
)
from knowledge.roles.phrases import (
    FUNCTION_WORDS,
    MAX_MODIFIERS,
    WORD,
    RolePhrase,
    find_role_phrases,
    role_key,
)

ACRONYM_BEHIND = re.compile(r"\s*\((?P<acronym>[A-Z][A-Za-z]{0,2}[A-Z]{1,4})s?\)")
_QUALIFIER_BEHIND = re.compile(r"\s*\((?P<qualifier>[^()]+)\)")
_MAX_WORDS_OF_QUALIFIER = 3
_NO_QUALIFIER = re.compile(
    r"[,;/!?\d]|\b(?:by|from|new|posts?|vacanc\w+|levels?|time|permanent|temporary|one|two|three|four"
    r"|five|filled|open|position|vacant"
    r"|contract|freelance|hybrid|internship|on-?site|remote|seasonal|unpaid|volunteer)\b|^s$",
    re.IGNORECASE,
)
# What a heading goes on with when a role is what it is about: "Recruiter wanted", "Chefs at sea".
_AFTER_SUBJECT = re.compile(
    r"(?:\s[IV]{1,3}(?!\w))?"
    r"\s*(?:$|[(:,;.?!|–—·]|(?:-|wanted|needed|at|in|for|with|of|on|here|levels?|grades?|roles?)\b"
    r"|-\s)",
    re.IGNORECASE,
)
_AT_A_PLACE = re.compile(r"\b(?:at|\w+ with)\s+(?:an?\s+|the\s+)?$", re.IGNORECASE)
_LONGEST_PREPOSITION = 12
_BEFORE_SUBJECT = re.compile(
    r"(?:^(?:\d[\d.:]*,?\s|[A-Z][.:)]\s)?|[:|–—·]\s|\s-\s)(?:an?\s|the\s|our\s)?$"
    r"|\bas\s(?:an?|the|our)\s$",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(r"(?:^|[:|–—]\s)[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?,\s(?:an?\s)?$")
# "Quality assurance (QA) engineers": what stands in brackets within a name is short for it.
_ACRONYM_WITHIN = re.compile(r"\s+\([A-Z]{2,5}\)(?=\s+[^\W\d_])")
_BESIDE = re.compile(r"(?P<noun>\w+)(?:,| or| and| vs\.?| versus| /) (?:an? )?")
_TELLS_OF_ROLE = re.compile(
    r" (?:expectations|responsibilities|requirements|roles?|job|skills|levels?|ladder|career)\b",
    re.IGNORECASE,
)
_PREPOSITION_BEHIND = re.compile(r" (?:at|for|in|of)\b", re.IGNORECASE)
_STROKE = re.compile(r"(?<=\s)(?P<before>[^\W\d_]+)/(?=[^\W\d_]{3})")
_ARTICLES = frozenset({"a", "an", "our", "the"})
_ENDS_BEGINNING = re.compile(r"[,:;|–—]|\s-\s")
_LABEL = re.compile(r"^\s*\w{1,3}[.:)]\s+")
_MAX_WORDS_OF_ROLE_HEADING = 7
_LONGEST_ACRONYM = 3
_FEWEST_LETTERS = 2
_SPELT_OUT_BEHIND = re.compile(r"\W*(?P<letters>[a-z]?[A-Z]{2,5})s?\s*\((?P<name>[^()]+)\)")
_JOINTS_ALONE = re.compile(r"(?:[\s/&,]|\b(?:and|the|an?)\b)*", re.IGNORECASE)
_INVERTED = re.compile(
    r"(?P<ranks>(?:(?:Senior|Junior|Associate|Assistant|Deputy|Lead|Staff|Principal|Regional) )*)"
    r"(?P<noun>[A-Z][a-z]+|VP), (?P<field>[^\s,(:|–—-]+(?: [^\s,(:|–—-]+){0,3}?)"
    r"(?= (?:Job Grade|Responsibilities|Requirements|Role)\b|$|\s?[(:|–—-])"
)
_FURTHER_FIELDS = re.compile(
    r"(?:, [A-Z][\w-]+(?: [A-Z][\w-]+)?)*,? (?:and|&) [A-Z][\w-]+(?: [A-Z][\w-]+)?"
    r"(?=$|\s*[(:,–—|-]|\s+(?:at|in|for)\b)"
)
_BEHIND_NAME = re.compile(r"\s+(?:at|for)\s.*$")
_NO_ACRONYMS = OCCUPATION_NOUNS | {"of", "and", "lab"}


def names_in_heading(heading: str) -> list[str]:
    """Return the names of the roles that a title or heading is about, as far as it names any."""
    heading = _part_names(_in_order(_ACRONYM_WITHIN.sub("", heading)))
    phrases = [
        phrase
        for phrase in find_role_phrases(heading)
        if names_role(phrase) and not _goes_on(heading, phrase) and not is_place(heading, phrase)
    ]
    if len(phrases) == 1 and (joined := _joined_name(heading)):
        return [joined]
    names = _beside_others(heading, phrases)
    if len(phrases) == 1 and not (
        names or _is_mostly(heading, phrases[0]) or _is_subject(heading, phrases[0])
    ):
        return []
    qualifier_end = 0
    for phrase in phrases:
        if phrase.start < qualifier_end:
            continue
        qualifier = _QUALIFIER_BEHIND.match(heading, phrase.end)
        is_qualified = qualifier and not ACRONYM_BEHIND.match(heading, phrase.end)
        name = capitalise(f"{phrase.name}{_rest_of_fields(heading, phrase)}")
        if qualifier:
            qualifier_end = qualifier.end()
            if (whole := _spelt_out(name, qualifier["qualifier"])) != name:
                names.append(whole)
                continue
        if qualifier and is_qualified and _belongs_to_name(qualifier["qualifier"]):
            name = f"{name} ({qualifier['qualifier']})"
        names.append(name)
    return list(dict.fromkeys(names))


def _part_names(heading: str) -> str:
    """Return a heading with spaces around what parts a role's name: "IT Specialist/Help Desk"."""
    return _STROKE.sub(
        lambda stroke: (
            f"{stroke['before']} / " if stroke["before"].lower() in NOUNS_BY_FORM else stroke[0]
        ),
        heading,
    )


def _in_order(heading: str) -> str:
    """Return a heading with "Manager, Accounts Payable" as an accounts payable manager."""
    match = _INVERTED.match(heading)
    if match is None or singular(match["noun"].lower()) not in LEADERS:
        return heading
    field = match["field"]
    if not all(word[0].isupper() or word in {"&", "and", "of"} for word in field.split()):
        return heading
    return f"{match['ranks']}{field} {match['noun']}{heading[match.end() :]}"


def _beside_others(heading: str, phrases: list[RolePhrase]) -> list[str]:
    """Return the everyday word that is a role beside one: the buyer of "Buyer or merchandiser?"."""
    match = _BESIDE.match(heading)
    if match is None or not phrases or phrases[0].start != match.end():
        return []
    noun = singular(match["noun"].lower())
    return [capitalise(noun)] if noun in AMBIGUOUS_NOUNS else []


def words_of_name(heading: str) -> list[str]:
    """Return the words of a heading without label, brackets and article."""
    return without_article(WORD.findall(_LABEL.sub("", without_qualifiers(heading))))


def without_article(words: list[str]) -> list[str]:
    """Return the words of a heading without an article before them."""
    return words[1:] if words[:1] and words[0].lower() in _ARTICLES else words


def acronym_behind(heading: str, name: str) -> str | None:
    """Return what stands in brackets behind a name, if it is short for most of it.

    "(IAM)" is for an identity and access analyst, "(CHW)" for a professional community health
    worker, and "(UK)" for nobody.
    """
    match = ACRONYM_BEHIND.search(heading)
    initials = "".join(word[0] for word in role_key(name).split() if word not in {"and", "of"})
    if match is None:
        return None
    letters = match["acronym"].lower()
    is_short = letters[:_FEWEST_LETTERS] == initials[:_FEWEST_LETTERS] or (
        len(letters) > _FEWEST_LETTERS and initials.endswith(letters)
    )
    return match["acronym"] if is_short else None


def letters_before(heading: str, name: str) -> str | None:
    """Return what a heading spells out in brackets: "uGSIs (Undergraduate Student Instructors)"."""
    match = _SPELT_OUT_BEHIND.match(heading)
    is_spelt = match is not None and role_key(match["name"]) == role_key(name)
    return match["letters"] if match and is_spelt else None


def beginning_of(heading: str) -> str:
    """Return what stands before the first comma, colon or dash, without label and brackets."""
    name = _LABEL.sub("", without_qualifiers(heading))
    return _ENDS_BEGINNING.split(name, maxsplit=1)[0].strip()


def is_of_somebody(heading: str) -> bool:
    """Tell a heading that ends with somebody's role: "Ignacio, harbour engineer"."""
    *_, last = [None, *find_role_phrases(heading)]
    return (
        last is not None
        and last.end == len(heading)
        and _SOMEBODY.search(heading[: last.start]) is not None
    )


def is_one_role(heading: str) -> bool:
    """Tell "Environmental adviser", which is a name and nothing else, from "Hire designers"."""
    name = _LABEL.sub("", heading).strip()
    phrases = list(find_role_phrases(name))
    return (
        len(phrases) == 1
        and len(phrases[0].words) > 1
        and (phrases[0].start, phrases[0].end) == (0, len(name))
    )


def names_alone(word: str) -> bool:
    """Tell a chaplain, who is nothing else, from a lead."""
    return singular(word.lower()) in OCCUPATION_NOUNS - AMBIGUOUS_NOUNS


def are_two_roles(heading: str) -> bool:
    """Tell a heading that is but the names of two roles: "Data wrangler / data evangelist".

    What compares them, "SDET or tester?", is a part of a guide to one.
    """
    phrases = list(find_role_phrases(heading))
    rest = heading
    for phrase in reversed(phrases):
        rest = rest[: phrase.start] + rest[phrase.end :]
    return len(phrases) == 2 and _JOINTS_ALONE.fullmatch(rest) is not None


def is_only_role(label: str) -> bool:
    """Tell a label that is a role's name, be it with an acronym or a plural in brackets."""
    name = without_qualifiers(label).removesuffix("(s)").strip()
    phrases = list(find_role_phrases(name))
    return len(names_in_heading(label)) == 1 and (
        len(phrases) == 1 and (phrases[0].start, phrases[0].end) == (0, len(name))
    )


def without_qualifiers(heading: str) -> str:
    """Return a heading without what stands in brackets."""
    return _QUALIFIER_BEHIND.sub("", heading)


def _spelt_out(name: str, qualifier: str) -> str:
    """Return the name that letters are short for: "SRE (Site Reliability Engineering)"."""
    *before, last = qualifier.split()
    if len(before) < 1 or name != "".join(word[0] for word in qualifier.split()):
        return name
    noun = next((noun for noun, fields in FIELDS.items() if last.lower() in fields), None)
    whole = " ".join([*before, noun]) if noun else qualifier
    return capitalise(whole) if is_name(whole) else name


def is_name(label: str) -> bool:
    """Tell what is a role's name and nothing else, be it clipped: "Site Reliability Engineer"."""
    words = WORD.findall(label)
    phrases = list(find_role_phrases(" ".join(spell_out(words))))
    return len(phrases) == 1 and phrases[0].start == 0 and len(phrases[0].words) >= len(words)


def is_place(heading: str, phrase: RolePhrase) -> bool:
    """Tell where something is, "at the Wexcombe Courier", or with whom, from a role."""
    before = heading[max(0, phrase.start - _LONGEST_PREPOSITION) : phrase.start]
    return _AT_A_PLACE.search(before) is not None


def _belongs_to_name(qualifier: str) -> bool:
    """Tell the "data science" of a software engineer from "m/f/d", "senior" and "full time".

    Nor does another name for the role: "Captain (Brigade Leader)".
    """
    return (
        qualifier.lower() not in RANKS | GRADES
        and not is_name(qualifier)
        and len(qualifier.split()) <= _MAX_WORDS_OF_QUALIFIER
        and _NO_QUALIFIER.search(qualifier) is None
    )


def _is_subject(heading: str, phrase: RolePhrase) -> bool:
    """Tell "Vacancy: bookkeeper (part-time)", where a role begins a part of a heading, as it ends.

    Behind a name there may be where it is: "Electricians at Goss & Sons: our four grades".
    """
    before = heading[: phrase.start]
    begins = _BEFORE_SUBJECT.search(before) or _SOMEBODY.search(before)
    return bool(begins) and _AFTER_SUBJECT.match(heading, phrase.end) is not None


def _joined_name(heading: str) -> str | None:
    """Return as one name what makes up a part: "Vacancy: Computer Systems and Network Analyst".

    Of a part what stands between marks, without brackets: "2. Identity and Access Analyst (IAM)".
    """
    for part in _ENDS_BEGINNING.split(_LABEL.sub("", without_qualifiers(heading))):
        name = _BEHIND_NAME.sub("", part.strip())
        phrase = next(find_role_phrases(name), None)
        if phrase is None or phrase.end != len(name):
            continue
        before = without_article(name[: phrase.start].split())
        if (
            1 < len(before) <= MAX_MODIFIERS
            and before[-1].lower() in {"and", "&"}
            and all(word[0].isupper() for word in before[:-1])
            and singular(before[-2].lower()) not in NOUNS_BY_FORM
        ):
            return capitalise(f"{' '.join(before)} {phrase.name}")
    return None


def _rest_of_fields(heading: str, phrase: RolePhrase) -> str:
    """Return the " and Culture" of a director of people and culture."""
    match = _FURTHER_FIELDS.match(heading, phrase.end) if "of" in phrase.words else None
    words = WORD.findall(match[0]) if match else []
    is_field = words and all(singular(word.lower()) not in NOUNS_BY_FORM for word in words)
    return match[0] if match and is_field else ""


def _goes_on(heading: str, phrase: RolePhrase) -> bool:
    """Tell "Partner relationships", which names no partner, from "Data engineer skills"."""
    if len(phrase.words) > 1 and _TELLS_OF_ROLE.match(heading, phrase.end):
        return False
    if len(phrase.key.split()) > 1 and _PREPOSITION_BEHIND.match(heading, phrase.end):
        return False  # "Vice President of the Council"
    follows = re.match(r" [a-zA-Z]", heading[phrase.end :])
    return bool(follows) and singular(phrase.words[-1].lower()) in AMBIGUOUS_NOUNS


def _is_mostly(heading: str, phrase: RolePhrase) -> bool:
    # "Data engineer (platform): a guide to the role" names its role before the colon.
    beginning = re.split(r":| / ", heading, maxsplit=1)[0]
    named = _QUALIFIER_BEHIND.sub("", beginning) if phrase.end <= len(beginning) else heading
    words = [word for word in WORD.findall(named) if word.lower() not in FUNCTION_WORDS | GRADES]
    return len(words) <= _MAX_WORDS_OF_ROLE_HEADING and len(phrase.words) * 2 >= len(words)


def names_role(phrase: RolePhrase) -> bool:
    """Tell a role's name from a noun that stands alone and may mean anything."""
    return len(phrase.words) > 1 or phrase.key not in AMBIGUOUS_NOUNS


def capitalise(name: str) -> str:
    """Return a role's name as a title; words with capitals of their own keep them.

    Of a name that is shouted, "PROGRAM MANAGER", only what may be an acronym keeps its capitals.
    """
    if name.isupper() and (" " in name or name.lower() in OCCUPATION_NOUNS - ACRONYM_NOUNS):
        name = " ".join(
            word.lower()
            if word.lower() not in ACRONYM_NOUNS
            and (len(word) > _LONGEST_ACRONYM or word.lower() in _NO_ACRONYMS)
            else word
            for word in name.split()
        )
    return " ".join(
        word if not word.islower() else word if word in {"of", "and"} else word.capitalize()
        for word in name.split()
    )
