"""Reading in the guides without asking: a role by sections, and what stands around a passage."""

import base64
import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import StoredPassage, StoredRole, StoredSentence
from knowledge.sentences import SentenceKind

ITEM = "- "

_DIGEST_CHARACTERS = 8
_LIKE_ENOUGH = 0.85
_REFERENCE = re.compile(rf"([0-9a-f]+)x([\w-]{{{_DIGEST_CHARACTERS}}})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands under one heading of a guide, as paragraphs and list items without markup.

    An item begins with `ITEM`. `heading` has the headings above it, too.
    """

    title: str
    heading: str
    url: str | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleReading:
    """A role with what its guides say, by section; none where no guide is about it."""

    name: str
    has_guide: bool
    sections: tuple[Section, ...]


def refer_to_passage(position: int, passage_id: str) -> str:
    """Return a short name of a passage, made of letters, digits, hyphens and underscores."""
    return f"{position:x}x{_digest(passage_id)}"


def refer_to_role(name: str) -> str:
    """Return a short name of a role, of letters, digits, hyphens and underscores."""
    return _digest(name.casefold())


def find_role(roles: Sequence[StoredRole], name: str) -> StoredRole | None:
    """Return the role that a name means: in full, by another name, by a part, or misspelt."""
    wanted = " ".join(name.casefold().split())
    if not wanted:
        return None
    by_name: dict[str, StoredRole] = {}
    for role in roles:
        for one in (role.name, *role.aliases):
            by_name.setdefault(one.casefold(), role)
    if wanted in by_name:
        return by_name[wanted]
    for is_meant in (str.startswith, str.__contains__):
        meant = {one.position: one for key, one in by_name.items() if is_meant(key, wanted)}
        if len(meant) == 1:
            return next(iter(meant.values()))
    near = difflib.get_close_matches(wanted, by_name, n=1, cutoff=_LIKE_ENOUGH)
    return by_name[near[0]] if near else None


def read_role(snapshot: Snapshot, role: StoredRole) -> RoleReading:
    """Return all that the guides about a role say of it, in their order."""
    store = snapshot.store
    sentences = store.sentences_of(int(one) for one in store.passages_about(role.position))
    spans = [
        (document, start, end)
        for position, document, start, end in store.role_spans(
            {sentence.document_id for sentence in sentences}
        )
        if position == role.position
    ]
    about = [
        one
        for one in sentences
        if any(
            one.document_id == document and start <= one.sentence.start < end
            for document, start, end in spans
        )
    ]
    return RoleReading(
        name=role.name,
        has_guide=role.has_guide,
        sections=tuple(_sections_of(snapshot, about)),
    )


def read_around(snapshot: Snapshot, references: Sequence[str]) -> tuple[Section, ...]:
    """Return the passages that are referred to, with those beside them, by section.

    A passage is found again after a rebuild if it still stands where it stood in its document.
    """
    store = snapshot.store
    positions = _find_passages(snapshot, references)
    near = {one for position in positions for one in (position - 1, position, position + 1)}
    found = store.passages(one for one in near if 0 <= one < store.passage_count)
    documents = {found[position].passage.document_id for position in positions}
    kept = [one for one, stored in found.items() if stored.passage.document_id in documents]
    return tuple(_sections_of(snapshot, store.sentences_of(kept)))


def _find_passages(snapshot: Snapshot, references: Sequence[str]) -> list[int]:
    wanted = {
        match[2]: int(match[1], 16)
        for reference in references
        if (match := _REFERENCE.fullmatch(reference))
    }
    count = snapshot.store.passage_count
    there = snapshot.store.passages(one for one in wanted.values() if one < count)
    found = [
        position
        for digest, position in wanted.items()
        if position in there and _digest(there[position].passage.id) == digest
    ]
    if len(found) == len(wanted):
        return sorted(found)
    # What stands before them has changed, so that they are counted otherwise.
    return [
        position
        for position, passage_id in snapshot.store.passage_ids()
        if _digest(passage_id) in wanted
    ]


def _digest(name: str) -> str:
    digest = hashlib.blake2b(name.encode(errors="replace"), digest_size=6).digest()
    return base64.urlsafe_b64encode(digest).decode()


def _sections_of(snapshot: Snapshot, sentences: Sequence[StoredSentence]) -> Iterator[Section]:
    """Yield the sections that sentences stand in, those of one heading together."""
    by_heading: dict[tuple[str, tuple[str, ...]], list[StoredSentence]] = {}
    for sentence in sentences:
        key = (sentence.document_id, sentence.sentence.heading_path)
        by_heading.setdefault(key, []).append(sentence)
    passages = snapshot.store.passages({sentence.passage_position for sentence in sentences})
    for (document_id, path), members in by_heading.items():
        document = snapshot.store.document(document_id)
        yield Section(
            title=document.title,
            heading=" › ".join(heading for heading in path if heading != document.title),
            url=document.url,
            lines=tuple(_lines_of(members, passages)),
        )


def _lines_of(
    sentences: Sequence[StoredSentence], passages: Mapping[int, StoredPassage]
) -> Iterator[str]:
    """Yield paragraphs and items; sentences of one paragraph stand on one line."""
    paragraph: list[str] = []
    before: StoredSentence | None = None
    for one in sentences:
        is_item = one.sentence.kind in {SentenceKind.ITEM, SentenceKind.ROW}
        if paragraph and (is_item or before is None or _are_apart(before, one, passages)):
            yield " ".join(paragraph)
            paragraph = []
        if is_item:
            yield f"{ITEM}{one.plain}"
        elif one.plain:
            paragraph.append(one.plain)
        before = one
    if paragraph:
        yield " ".join(paragraph)


def _are_apart(
    before: StoredSentence, after: StoredSentence, passages: Mapping[int, StoredPassage]
) -> bool:
    """Tell whether an empty line or the end of a passage lies between two sentences."""
    if before.passage_position != after.passage_position:
        return True
    stored = passages[before.passage_position]
    start = stored.passage.start
    return "\n\n" in stored.text[before.sentence.end - start : after.sentence.start - start]
