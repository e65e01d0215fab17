"""The roles that the guides are about or name: what each document says of them is merged."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Protocol

from knowledge.roles.facts import Mentions, RoleFacts
from knowledge.roles.headings import is_one_role, names_alone
from knowledge.roles.occupations import spell_out
from knowledge.roles.phrases import find_role_phrases, noun_last, role_key
from knowledge.roles.spoken_of import RoleSection

_WORDS_OF_THEIR_OWN = frozenset({"it", "hr", "pr"})
"""Acronyms that every office has, whatever other roles' initials are."""

_QUALIFIED = re.compile(r"^(?P<base>[^()]+?)\s*\((?P<qualifier>[^()]+)\)$")


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


class Named(Protocol):
    """What has a name and other names."""

    @property
    def name(self) -> str:
        """The name."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """The other names."""
        ...


def all_names(role: Named) -> Iterable[str]:
    """Return a role's name and its other names."""
    return (role.name, *role.aliases)


def merge_roles(facts: Iterable[tuple[str, RoleFacts]]) -> tuple[Role, ...]:
    """Return the roles that the guides are about or name, those with a guide first.

    Args:
        facts: Each document's id with what it says of roles.
    """
    drafts: dict[str, _Draft] = {}
    mentions = Mentions()
    for document_id, own in facts:
        sections = sorted(own.sections, key=attrgetter("start"))
        body = RoleSpan(document_id=document_id, start=own.body_start, end=own.body_end)
        for name in own.subjects:
            draft = _draft_of(drafts, name)
            draft.spans.update(dict.fromkeys(_without_others(body, name, sections)))
            draft.aliases.update(dict.fromkeys(own.aliases))
        for section in own.sections:
            whole = RoleSpan(document_id=document_id, start=section.start, end=section.end)
            within = _without_others(whole, section.name, sections)
            _draft_of(drafts, section.name).spans.update(dict.fromkeys(within))
        for mention in own.mentions:
            mentions.add(mention)
    _add_base_names(drafts)
    _add_alternatives(drafts)
    for mention in mentions:
        if not mention.is_alias:
            _draft_of(drafts, mention.words)
        elif mention.key in drafts:
            drafts[mention.key].aliases[mention.words] = None
    _merge_acronyms(drafts)
    _merge_spellings(drafts)
    _drop_other_names(drafts)
    ordered = sorted(drafts.values(), key=lambda draft: (not draft.spans, draft.name.lower()))
    return tuple(draft.finish() for draft in ordered)


def _without_others(whole: RoleSpan, name: str, sections: Sequence[RoleSection]) -> list[RoleSpan]:
    """Return a stretch without the sections in it about other roles, but for kinds of its own.

    Args:
        whole: The stretch.
        name: The role that it is about.
        sections: The sections of its document, by their starts.
    """
    own = role_key(name)
    spans, start = [], whole.start
    first, last = (
        bisect_left(sections, place, key=attrgetter("start")) for place in (whole.start, whole.end)
    )
    for section in sections[first:last]:
        is_part = section.end <= whole.end
        is_part = is_part and section.end - section.start < whole.end - whole.start
        if is_part and not role_key(section.name).endswith(own) and section.end > start:
            if section.start > start:
                spans.append(replace(whole, start=start, end=section.start))
            start = section.end
    if start < whole.end:
        spans.append(replace(whole, start=start))
    return spans


@dataclass(slots=True)
class _Draft:
    name: str
    aliases: dict[str, None] = field(default_factory=dict)
    spans: dict[RoleSpan, None] = field(default_factory=dict)

    def finish(self) -> Role:
        own = role_key(self.name)
        aliases = {role_key(alias): alias for alias in self.aliases if role_key(alias) != own}
        return Role(name=self.name, aliases=tuple(aliases.values()), spans=tuple(self.spans))


def _draft_of(drafts: dict[str, _Draft], name: str) -> _Draft:
    key = role_key(name)
    if key not in drafts:
        drafts[key] = _Draft(name=name)
    return drafts[key]


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


def _add_alternatives(drafts: dict[str, _Draft]) -> None:
    """Let a "Chaplain/Spiritual Counselor" be called either."""
    for draft in drafts.values():
        parts = [part.strip() for part in draft.name.split("/")]
        if len(parts) > 1 and all(is_one_role(part) or names_alone(part) for part in parts):
            draft.aliases.update(dict.fromkeys(parts))


def _merge_acronyms(drafts: dict[str, _Draft]) -> None:
    """Make one role of "Site Reliability Engineer" and "SRE", or "ML Engineer" and the whole."""
    by_initials: dict[str, list[str]] = {}
    for key in drafts:
        words = key.split()
        initials = "".join(word[0] for word in words)
        if len(words) > 1:
            by_initials.setdefault(initials, []).append(key)
        if len(words) > 2:
            by_initials.setdefault(f"{initials[:-1]} {words[-1]}", []).append(key)
    # The shortest first, and only into what is still there.
    for key in sorted(drafts, key=len):
        draft = drafts[key]
        first = key.partition(" ")[0]
        if (
            not draft.name.partition(" ")[0].isupper()
            or len(first) < 2
            or first in _WORDS_OF_THEIR_OWN
        ):
            continue
        full = [other for other in by_initials.get(key, []) if other in drafts and other != key]
        if len(full) == 1:
            whole = drafts[full[0]]
            whole.aliases[draft.name] = None
            whole.aliases.update(draft.aliases)
            whole.spans.update(draft.spans)
            del drafts[key]


def _merge_spellings(drafts: dict[str, _Draft]) -> None:
    """Make one role of "Tech lead" and "Technical lead", under the name that has the guide.

    And of a "Sysadmin", a "System administrator" and a "Systems administrator".
    """
    by_spelling: dict[str, str] = {}
    for key in sorted(drafts, key=lambda key: -len(drafts[key].spans)):
        words = noun_last(" ".join(spell_out(key.split()))).split()
        spelt = " ".join([*(word.removesuffix("s") for word in words[:-1]), *words[-1:]])
        first = drafts[by_spelling.setdefault(spelt, key)]
        if drafts[key] is not first:
            other = drafts.pop(key)
            first.aliases.update(dict.fromkeys([other.name, *other.aliases]))
            first.spans.update(other.spans)


def _drop_other_names(drafts: dict[str, _Draft]) -> None:
    """Drop what is only another name of a role that has a guide, and names that are another's own.

    Where a guide about product owners says that others call them product managers, and there is a
    guide about those too, nobody means the owners by that name.
    """
    with_guide = {key for key, draft in drafts.items() if draft.spans}
    for key, draft in drafts.items():
        for alias in list(draft.aliases):
            if role_key(alias) != key and role_key(alias) in with_guide:
                del draft.aliases[alias]
    others = {
        role_key(alias) for draft in drafts.values() if draft.spans for alias in draft.aliases
    }
    for key in others & drafts.keys():
        if not drafts[key].spans:
            del drafts[key]
