"""A question in the form that it is looked up in: its vectors, its terms, what it is after."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.answers.amounts import WantedAmount, wanted_amount
from bot.answers.aspects import AspectMatch, AspectReader
from bot.answers.question import Question
from index.encoding.encoder import Encoder, Vectors
from index.encoding.parts import Part, normalise
from index.searching.lexical import terms_of
from index.searching.words import locate_words

# Earlier turns count as weights and never as text: joined texts find less on public conversations.
_WEIGHT_OF_BACKGROUND = 0.6
_ROLE_TERMS = frozenset(terms_of("role roles job jobs position career another"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be looked up.

    `standalone` is the question as it is meant, `bare` the question without its roles, and
    `without_roles` the part of `standalone` that names none. Where the bare question's vector is
    known already, it is `bare_vector`. `background` is an earlier question that it goes on from,
    and `quoted` what was answered last, where it goes on from that. `leaning` are documents that it
    speaks of by the names of their folders.
    """

    standalone: str
    bare: str
    without_roles: Part = ()
    bare_vector: Vectors | None = None
    background: str | None = None
    quoted: str | None = None
    leaning: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A question as its signals need it.

    `vector` is the whole question's and `bare_vector` that of its words without the roles, both
    of shape (dimension,); `terms` are those of the bare question. `words` are all of its words, and
    `word_vectors` theirs: shape (words, dimension). `amount` is what it wants an amount of, if any.
    """

    asked: Asked
    vector: Vectors
    bare_vector: Vectors
    aspect: AspectMatch
    terms: frozenset[str]
    words: tuple[str, ...]
    word_vectors: Vectors
    amount: WantedAmount | None = None


def ask_as_meant(question: Question) -> Asked:
    """Return what a question asks, in its own words."""
    return Asked(
        standalone=question.standalone,
        bare=question.bare,
        without_roles=_without(
            question.standalone,
            [*question.role_spans, *(question.place_spans if question.folder else ())],
        ),
        background=question.background,
        quoted=question.quoted,
        leaning=question.leaning,
    )


def ask_of_role(bare: str, role: str, bare_vector: Vectors | None = None) -> Asked:
    """Return a bare question asked of a role; its own vector is given where it is known."""
    return Asked(
        standalone=f"{bare} ({role})",
        bare=bare,
        without_roles=((0, len(bare)),),
        bare_vector=bare_vector,
    )


def word_questions(encoder: Encoder, reader: AspectReader, asked: Sequence[Asked]) -> list[Wording]:
    """Return questions as their signals need them; all are encoded together, each in one pass.

    Pooled from the whole question's tokens, the words beside its roles find as much as a second
    pass over the bare question does: the reply is right for .73 of the questions about one role
    of the development half, against .69, and for as many follow-ups.
    """
    backgrounds = [item.background for item in asked if item.background is not None]
    words = [
        locate_words(item.standalone, item.without_roles, with_stop_words=True)
        if encoder.pools_parts
        else []
        for item in asked
    ]
    bare = [[item.without_roles] if item.bare_vector is None else [] for item in asked]
    vectors, parts = encoder.encode_parts(
        [*(item.standalone for item in asked), *backgrounds],
        [
            *(own + of_words for own, of_words in zip(bare, words, strict=True)),
            *([] for _ in backgrounds),
        ],
    )
    earlier = iter(vectors[len(asked) :])
    wordings = []
    for item, own_vector, part, of_words in zip(asked, vectors, parts, words, strict=False):
        vector = own_vector
        if item.background is not None:
            mixed = own_vector + _WEIGHT_OF_BACKGROUND * next(earlier)
            [vector] = normalise(mixed[np.newaxis])
        terms = terms_in(item.bare)
        bare_vector = part[0] if item.bare_vector is None else item.bare_vector
        wordings.append(
            Wording(
                asked=item,
                vector=vector,
                bare_vector=bare_vector,
                aspect=reader.match(bare_vector, terms),
                terms=terms,
                words=tuple(item.standalone[start:end] for [(start, end)] in of_words),
                word_vectors=part[len(part) - len(of_words) :],
                amount=wanted_amount(item.standalone),
            )
        )
    return wordings


def terms_in(bare: str) -> frozenset[str]:
    """Return the terms of a question without its roles."""
    return frozenset(terms_of(bare)) - _ROLE_TERMS


def _without(text: str, spans: Sequence[tuple[int, int]]) -> Part:
    """Return what lies between the spans; all of the text where that holds no word."""
    ranges = []
    position = 0
    for start, end in [*sorted(spans), (len(text), len(text))]:
        if any(character.isalnum() for character in text[position:start]):
            ranges.append((position, start))
        position = max(position, end)
    return tuple(ranges) or ((0, len(text)),)
