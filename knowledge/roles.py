"""Roles are found in the guides: in titles, headings, front matter and text."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from knowledge.blocks import Block, BlockKind
from knowledge.documents import Document
from knowledge.markup import remove_markup
from knowledge.occupations import AMBIGUOUS_NOUNS, GRADES, singular
from knowledge.role_phrases import (
    FUNCTION_WORDS,
    MAX_MODIFIERS,
    WORD,
    RolePhrase,
    find_role_phrases,
    role_key,
)
from knowledge.sentences import Outline

_ACRONYM_BEHIND = re.compile(r"\s*\((?P<acronym>[A-Z][A-Za-z]{0,2}[A-Z]{1,4})s?\)")
_OTHER_NAMES = re.compile(
    r"(?:also|sometimes|often|otherwise|previously|formerly|commonly)?\s*"
    r"(?:known as|called|referred to as|a\.k\.a\.?|aka)\s+"
    r"(?:an?\s+|the\s+)?(?P<names>[^.;:()]{3,120})",
    re.IGNORECASE,
)
_ROLE_AT_START = re.compile(r"(?:This |The )?[Rr]ole (?:is )?")
_QUALIFIER_BEHIND = re.compile(r"\s*\((?P<qualifier>[^()]+)\)")
_QUALIFIED = re.compile(r"^(?P<base>[^()]+?)\s*\((?P<qualifier>[^()]+)\)$")
_MAX_WORDS_OF_ROLE_HEADING = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSpan:
    """A stretch of a document that is about a role: [start, end) of its text."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role, its other names and where the guides are about it.

    `spans` is empty for a role that the guides only mention.
    """

    name: str
    aliases: tuple[str, ...] = ()
    spans: tuple[RoleSpan, ...] = ()

    @property
    def has_guide(self) -> bool:
        """Whether any document or section is about the role."""
        return bool(self.spans)


def find_roles(documents: Sequence[Document], outlines: Mapping[str, Outline]) -> tuple[Role, ...]:
    """Return the roles that the guides are about or name, those with a guide first.

    Args:
        documents: The guides.
        outlines: Each guide's outline by its id.
    """
    drafts: dict[str, _Draft] = {}
    for document in documents:
        outline = outlines[document.id]
        found = _roles_of_title(document, outline)
        body = RoleSpan(document_id=document.id, start=document.body_start, end=len(document.text))
        for name in found:
            draft = _draft_of(drafts, name)
            draft.spans.append(body)
            if len(found) == 1:
                draft.aliases.update(dict.fromkeys(document.aliases))
        for name, span in _roles_of_headings(document, outline):
            _draft_of(drafts, name).spans.append(span)
    _add_base_names(drafts)
    for document in documents:
        _add_mentions(drafts, document, outlines[document.id])
    _merge_acronyms(drafts)
    _drop_other_names(drafts)
    ordered = sorted(drafts.values(), key=lambda draft: (not draft.spans, draft.name.lower()))
    return tuple(draft.finish() for draft in ordered)


@dataclass(slots=True)
class _Draft:
    name: str
    aliases: dict[str, None] = field(default_factory=dict)
    spans: list[RoleSpan] = field(default_factory=list)

    def finish(self) -> Role:
        own = role_key(self.name)
        aliases = {role_key(alias): alias for alias in self.aliases if role_key(alias) != own}
        return Role(
            name=self.name,
            aliases=tuple(aliases.values()),
            spans=tuple(dict.fromkeys(self.spans)),
        )


def _draft_of(drafts: dict[str, _Draft], name: str) -> _Draft:
    return drafts.setdefault(role_key(name), _Draft(name=name))


def _roles_of_title(document: Document, outline: Outline) -> list[str]:
    """Return the names of the roles that a whole document is about."""
    if names := _names_in_heading(document.title):
        return names
    # Titles such as "Account management" name no role; what the text speaks of most may.
    counts = Counter(phrase.key for phrase in find_role_phrases(document.text))
    spoken_of = {phrase.key: phrase for phrase in find_role_phrases(document.text)}
    if not counts:
        return []
    key, count = counts.most_common(1)[0]
    beginning = " ".join(
        document.text[sentence.start : sentence.end] for sentence in outline.sentences[:3]
    )
    begins_with_it = any(phrase.key == key for phrase in find_role_phrases(beginning))
    is_most = 2 * count >= counts.total() and (count > 1 or counts.total() == 1)
    is_main = is_most or (count > 1 and begins_with_it)
    return [_capitalise(spoken_of[key].name)] if is_main and _names_role(spoken_of[key]) else []


def _roles_of_headings(document: Document, outline: Outline) -> Iterator[tuple[str, RoleSpan]]:
    """Yield the roles that have a section of their own, with the section."""
    headings = [block for block in outline.blocks if block.kind is BlockKind.HEADING]
    counts = Counter(phrase.key for phrase in find_role_phrases(document.text))
    for position, heading in enumerate(headings):
        words = remove_markup(document.text[heading.start : heading.end])
        names = _names_in_heading(words)
        end = _end_of_section(headings, position, len(document.text))
        is_the_title = words == document.title
        if len(names) != 1 or is_the_title or not document.text[heading.end : end].strip():
            continue
        # "Hire designers" looks like "Delivery managers", but only a name is said again.
        is_title_case = all(
            word[0].isupper()
            for word in words.split()
            if word[0].isalpha() and word not in FUNCTION_WORDS
        )
        if is_title_case or counts[role_key(names[0])] > 1:
            yield names[0], RoleSpan(document_id=document.id, start=heading.start, end=end)


def _names_in_heading(heading: str) -> list[str]:
    """Return the names of the roles that a title or heading is about, as far as it names any."""
    phrases = [
        phrase
        for phrase in find_role_phrases(heading)
        if _names_role(phrase) and not _goes_on(heading, phrase)
    ]
    if len(phrases) == 1 and (joined := _joined_name(heading, phrases[0])):
        return [joined]
    if len(phrases) == 1 and not _is_mostly(heading, phrases[0]):
        return []
    names = []
    qualifier_end = 0
    for phrase in phrases:
        if phrase.start < qualifier_end:
            continue
        qualifier = _QUALIFIER_BEHIND.match(heading, phrase.end)
        is_qualified = qualifier and not _ACRONYM_BEHIND.match(heading, phrase.end)
        name = _capitalise(phrase.name)
        if qualifier:
            qualifier_end = qualifier.end()
        names.append(f"{name} ({qualifier['qualifier']})" if qualifier and is_qualified else name)
    return list(dict.fromkeys(names))


def _joined_name(heading: str, phrase: RolePhrase) -> str | None:
    """Return a whole heading as one name: "Network and Computer Systems Administrators"."""
    before = heading[: phrase.start].split()
    is_name = (
        before
        and phrase.end == len(heading)
        and len(before) <= MAX_MODIFIERS
        and before[-1].lower() == "and"
        and all(word[0].isupper() for word in before[:-1])
        and not any(find_role_phrases(heading[: phrase.start]))
    )
    return f"{' '.join(before)} {phrase.name}" if is_name else None


def _goes_on(heading: str, phrase: RolePhrase) -> bool:
    """Tell "Partner relationships", which names no partner, from "Data engineer skills"."""
    follows = re.match(r" [a-zA-Z]", heading[phrase.end :])
    return bool(follows) and singular(phrase.words[-1].lower()) in AMBIGUOUS_NOUNS


def _end_of_section(headings: Sequence[Block], position: int, text_end: int) -> int:
    level = headings[position].level
    return next(
        (later.start for later in headings[position + 1 :] if later.level <= level), text_end
    )


def _is_mostly(heading: str, phrase: RolePhrase) -> bool:
    # "Data engineer (platform): a guide to the role" names its role before the colon.
    before_colon = heading.split(":", maxsplit=1)[0]
    named = _QUALIFIER_BEHIND.sub("", before_colon) if phrase.end <= len(before_colon) else heading
    words = [word for word in WORD.findall(named) if word.lower() not in FUNCTION_WORDS | GRADES]
    return len(words) <= _MAX_WORDS_OF_ROLE_HEADING and len(phrase.words) * 2 >= len(words)


def _names_role(phrase: RolePhrase) -> bool:
    """Tell a role's name from a noun that stands alone and may mean anything."""
    return len(phrase.words) > 1 or phrase.key not in AMBIGUOUS_NOUNS


def _add_mentions(drafts: dict[str, _Draft], document: Document, outline: Outline) -> None:
    """Add roles that the text writes with capitals, and other names that it gives to known ones."""
    for sentence in outline.sentences:
        text = remove_markup(document.text[sentence.start : sentence.end])
        for phrase in find_role_phrases(text):
            acronym = _ACRONYM_BEHIND.match(text, phrase.end)
            is_title_case = all(word[0].isupper() for word in phrase.words)
            starts_sentence = phrase.start == 0 and len(phrase.words) == 1
            is_name = is_title_case and len(phrase.words) > 1 and not starts_sentence
            if phrase.key not in drafts and (is_name or acronym):
                _draft_of(drafts, _capitalise(phrase.name))
            if (draft := drafts.get(phrase.key)) is None:
                continue
            if acronym:
                draft.aliases[acronym["acronym"]] = None
            behind = text[phrase.end : phrase.end + 12].lstrip(" ,(")
            offset = text.find(behind, phrase.end) if behind else -1
            if offset >= 0 and (match := _OTHER_NAMES.match(text, offset)):
                draft.aliases.update(dict.fromkeys(_names_in(match["names"])))
        main = _only_role_of(document, drafts)
        match = _ROLE_AT_START.match(text)
        if main and match and (other := _OTHER_NAMES.match(text, match.end())):
            main.aliases.update(dict.fromkeys(_names_in(other["names"])))


def _only_role_of(document: Document, drafts: Mapping[str, _Draft]) -> _Draft | None:
    roles = [
        draft
        for draft in drafts.values()
        if any(
            span.document_id == document.id and span.start == document.body_start
            for span in draft.spans
        )
    ]
    return roles[0] if len(roles) == 1 else None


def _names_in(words: str) -> Iterator[str]:
    enumeration = re.split(r" (?:is|are) ", words, maxsplit=1)[0]
    for part in re.split(r",|\bor\b|\band\b|/", enumeration):
        name = re.sub(r"^(?:an?|the)\s+", "", part.strip(" \"'“”‘’*_"), flags=re.IGNORECASE)
        is_acronym = re.fullmatch(r"[A-Z][A-Za-z]{0,2}[A-Z]s?", name)
        phrases = list(find_role_phrases(name))
        if is_acronym or (phrases and phrases[-1].end == len(name) and len(name.split()) <= 5):
            yield name


def _add_base_names(drafts: dict[str, _Draft]) -> None:
    """Let "Software Engineer (Data Science)" answer to its parts in any order people write."""
    qualified = [
        (draft, match) for draft in drafts.values() if (match := _QUALIFIED.match(draft.name))
    ]
    bases = Counter(role_key(match["base"]) for _, match in qualified)
    for draft, match in qualified:
        base, qualifier = match["base"], match["qualifier"]
        if any(find_role_phrases(qualifier)):
            names = [base, qualifier]
        else:
            names = [f"{qualifier} {base}", f"{base} {qualifier}", f"{base} in {qualifier}"]
            if bases[role_key(base)] == 1 and role_key(base) not in drafts:
                names.append(base)
        draft.aliases.update(dict.fromkeys(names))


def _merge_acronyms(drafts: dict[str, _Draft]) -> None:
    """Make one role of "Site reliability engineer" and "SRE" where both stand in headings."""
    by_initials = {
        "".join(word[0] for word in key.split()): draft
        for key, draft in drafts.items()
        if " " in key
    }
    for key, draft in list(drafts.items()):
        full = by_initials.get(key)
        if draft.name.isupper() and full is not None:
            full.aliases[draft.name] = None
            full.aliases.update(draft.aliases)
            full.spans += draft.spans
            del drafts[key]


def _drop_other_names(drafts: dict[str, _Draft]) -> None:
    """Drop what is only another name of a role that has a guide."""
    others = {
        role_key(alias) for draft in drafts.values() if draft.spans for alias in draft.aliases
    }
    for key in others & drafts.keys():
        if not drafts[key].spans:
            del drafts[key]


def _capitalise(name: str) -> str:
    """Return a role's name as a title; words with capitals of their own keep them."""
    return " ".join(
        word if not word.islower() else word if word in {"of", "and"} else word.capitalize()
        for word in name.split()
    )


def all_names(role: Role) -> Iterable[str]:
    """Return a role's name and its other names."""
    return (role.name, *role.aliases)
