"""What questions are answered from: an index, its encoder, and what is made of both once."""

from dataclasses import dataclass, field
from typing import Self

from bot.answers.aspects import AspectReader, known_words, reference_texts
from bot.answers.folders import Folders
from bot.answers.ladders import Ladders
from bot.answers.mentions import RoleFinder
from bot.answers.model import Model
from bot.answers.nearest import NearestRoles
from bot.answers.spelling import CHAT_WORDS, Speller, find_whole_tokens
from index.encoding.encoder import Encoder
from index.searching.lexical import STOP_WORDS, words_of
from index.snapshots.snapshot import Snapshot
from knowledge.roles.occupations import CLIPPINGS, NOUNS_BY_FORM
from knowledge.roles.roles import all_names


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
        names = " ".join(
            name for role in snapshot.roles if role.has_guide for name in all_names(role)
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
                folders=Folders(
                    snapshot.store.document_ids(),
                    words_of(names),
                    find_common,
                ),
            ),
            speller=Speller(
                snapshot.store,
                known_words() | STOP_WORDS,
                find_common,
                right=CHAT_WORDS | CLIPPINGS.keys() | NOUNS_BY_FORM.keys(),
            ),
            model=model,
            nearest=NearestRoles(encoder, snapshot.roles),
        )


def _are_all_about_one(snapshot: Snapshot) -> bool:
    """Tell whether all documents are about the only role that any is about."""
    if sum(role.has_guide for role in snapshot.roles) != 1:
        return False
    documents = snapshot.store.document_ids()
    return {id_ for _, id_, _, _ in snapshot.store.role_spans(documents)} == set(documents)
