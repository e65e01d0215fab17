"""What questions are answered from: an index, its encoder, and what is made of both once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Self

import numpy as np

from bot.answers.aspects import AspectReader, known_words, reference_texts
from bot.answers.folders import Folders
from bot.answers.ladders import Ladders
from bot.answers.mentions import RoleFinder
from bot.answers.model import Model
from bot.answers.names_of_folders import NamesOfFolders
from bot.answers.nearest import NearestRoles
from bot.answers.sections import Sections
from bot.answers.spelling import CHAT_WORDS, Speller, find_whole_tokens
from index.encoding.encoder import Encoder
from index.searching.lexical import STOP_WORDS, terms_of, words_of
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import StoredRole
from knowledge.roles.occupations import CLIPPINGS, NOUNS_BY_FORM
from knowledge.roles.roles import all_names

_MOST = 0.75
_PASSAGES_READ = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What questions are answered from.

    `answered` holds whether questions that were offered instead of others are answered, by the
    question, the role's position and the strictness.
    """

    snapshot: Snapshot
    encoder: Encoder
    reader: AspectReader
    finder: RoleFinder
    speller: Speller
    model: Model
    nearest: NearestRoles
    answered: dict[tuple[str, int, float], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot, encoder: Encoder, model: Model) -> Self:
        """Return all that questions need beside a snapshot and its encoder."""
        find_common = find_whole_tokens(encoder)
        names = [name for role in snapshot.roles if role.has_guide for name in all_names(role)]
        folders = NamesOfFolders(
            snapshot.store.document_ids(),
            words_of_roles=words_of(" ".join(names)),
            find_common=find_common,
            holds_most=partial(_holds_most, snapshot),
            is_proper=partial(_is_proper, snapshot),
            occurs=snapshot.lexical.occurs,
            find_holders=partial(_find_holders, snapshot),
        )
        return cls(
            snapshot=snapshot,
            encoder=encoder,
            reader=AspectReader(snapshot.reference_vectors(reference_texts(), encoder)),
            finder=RoleFinder(
                snapshot.roles,
                Ladders(snapshot),
                are_all_about_one=_are_all_about_one(snapshot),
                occurs=snapshot.lexical.occurs,
                folders=Folders(folders),
                sections=Sections(snapshot),
                documents_about=snapshot.store.documents_about,
            ),
            speller=Speller(
                snapshot.store,
                known_words() | STOP_WORDS | folders.words,
                find_common,
                right=CHAT_WORDS | CLIPPINGS.keys() | NOUNS_BY_FORM.keys(),
                of_names={
                    word
                    for role in snapshot.roles
                    for name in all_names(role)
                    for word in words_of(name)
                },
            ),
            model=model,
            nearest=NearestRoles(encoder, snapshot.roles, partial(_speaks_of, snapshot)),
        )


def _are_all_about_one(snapshot: Snapshot) -> bool:
    """Tell whether all documents are about the only role that any is about."""
    if sum(role.has_guide for role in snapshot.roles) != 1:
        return False
    documents = snapshot.store.document_ids()
    return {id_ for _, id_, _, _ in snapshot.store.role_spans(documents)} == set(documents)


def _speaks_of(snapshot: Snapshot, role: StoredRole, words: Sequence[str]) -> bool:
    """Tell whether what is about a role has each of some words."""
    about = snapshot.store.passages_about(role.position)
    return all(
        bool(snapshot.lexical.scores(dict.fromkeys(terms_of(word), 1.0))[about].any())
        for word in words
    )


def _holds_most(snapshot: Snapshot, word: str, document_ids: frozenset[str]) -> bool:
    """Tell whether most of the passages with a word are in the documents, or there are none."""
    having = np.flatnonzero(snapshot.lexical.scores(dict.fromkeys(terms_of(word), 1.0)))
    inside = np.isin(having, snapshot.store.passages_of(document_ids))
    return not len(having) or float(inside.mean()) >= _MOST


def _find_holders(snapshot: Snapshot, word: str) -> frozenset[str]:
    """Return the documents that hold a word; none where too many passages do to be read."""
    having = np.flatnonzero(snapshot.lexical.scores(dict.fromkeys(terms_of(word), 1.0)))
    stored = snapshot.store.sentences_of(having.tolist() if len(having) <= _PASSAGES_READ else [])
    return frozenset(one.document_id for one in stored)


def _is_proper(snapshot: Snapshot, word: str) -> bool | None:
    """Tell whether guides write a word with a capital, also where no sentence begins.

    Nothing is told where they lack it, or have it where anything has a capital.
    """
    having = np.flatnonzero(snapshot.lexical.scores(dict.fromkeys(terms_of(word), 1.0)))
    stored = snapshot.store.sentences_of(having[:_PASSAGES_READ].tolist())
    text = "\n".join(one.plain for one in stored)
    written = re.findall(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)
    if sum(one[0].isupper() for one in written) < _MOST * len(written):
        return False
    name = f"(?:{re.escape(word.capitalize())}|{re.escape(word.upper())})"
    within = rf"[a-z,] (?:[A-Z][\w.]* )*{name}\b"
    return True if re.search(within, text) else None
