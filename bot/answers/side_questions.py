"""What a comparison asks of each of its roles."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.answers.aspects import OPEN_QUESTION, OPEN_QUESTION_OF_MENTIONED, AspectReader
from bot.answers.question import Question, Subject
from bot.answers.sources import Sources
from bot.answers.wording import (
    Asked,
    Wording,
    ask_as_meant,
    ask_of_role,
    terms_in,
    word_questions,
)
from index.searching.lexical import WORD, terms_of, words_of
from index.snapshots.store import Store

OPEN_COMPARISONS = frozenset({"difference", "overlap", "definition"})
"""The aspects that ask for nothing in particular: what each of the roles does."""

_OPEN_QUESTIONS = frozenset({OPEN_QUESTION, OPEN_QUESTION_OF_MENTIONED})
# So far a question must be about a difference in itself, and where it has another aspect's word.
_MOSTLY = 0.5
_PLAINLY = 0.92
_IN_SOMETHING = re.compile(
    r"\b(?:in|within|inside)\s+(?:(?:the|an?|our|your|their)\s+)?[\w-]+(?:\s[\w-]+)?\s*$",
    re.IGNORECASE,
)
_NUMERONYM = re.compile(r"([^\W\d_])(\d{1,2})([^\W\d_])")


def word_comparison(
    sources: Sources, question: Question, subjects: Sequence[Subject]
) -> tuple[Wording, list[Wording]]:
    """Return a comparison as its signals need it, and what it asks of each role.

    "How do they differ" asks what each does; "which of them codes more" asks that of each. The
    words mostly tell, so that all is encoded in one pass. A comparison that asks for nothing in
    particular asks what each does: split so, both sides are found for .77 to .83 of the questions,
    and as one question for .17.
    """
    reader = sources.reader
    compared = _without_whereabouts(question.compared, _whereabouts(sources, subjects))
    compared = _without_place(reader, compared)
    terms = terms_in(compared)
    open_sides = [_ask_openly(reader, subject) for subject in subjects]
    is_open = reader.asks_only(terms, OPEN_COMPARISONS)
    leaning = question.leaning or _where_all_are(sources.snapshot.store, subjects)
    sides = [ask_of_role(compared, subject.name) for subject in subjects]
    open_sides, sides = ([replace(one, leaning=leaning) for one in s] for s in (open_sides, sides))
    asked = [ask_as_meant(question), *(open_sides if is_open else sides)]
    wording, *worded = word_questions(sources.encoder, reader, asked)
    weights = zip(reader.aspects, wording.aspect.weights, strict=True)
    of_open = sum(float(weight) for aspect, weight in weights if aspect.name in OPEN_COMPARISONS)
    bound = _PLAINLY if reader.names_any(terms, but=OPEN_COMPARISONS) else _MOSTLY
    if not is_open and of_open >= bound:
        worded = word_questions(sources.encoder, reader, open_sides)
    return wording, worded


def asks_openly(asked: Asked) -> bool:
    """Tell whether a side of a comparison is asked what it does, and nothing in particular."""
    return asked.bare in _OPEN_QUESTIONS


def _without_place(reader: AspectReader, compared: str) -> str:
    """Return what is asked without where, if nothing else is: "programming or design, in FTC"."""
    place = _IN_SOMETHING.search(compared)
    if place is None or reader.names_any(terms_in(place[0]), but=frozenset()):
        return compared
    rest = compared[: place.start()]
    return (
        (rest or OPEN_QUESTION) if reader.asks_only(terms_in(rest), OPEN_COMPARISONS) else compared
    )


def _ask_openly(reader: AspectReader, subject: Subject) -> Asked:
    if subject.has_guide:
        return ask_of_role(OPEN_QUESTION, subject.name, reader.open_question)
    return ask_of_role(OPEN_QUESTION_OF_MENTIONED, subject.name, reader.open_question_of_mentioned)


def _where_all_are(store: Store, subjects: Sequence[Subject]) -> frozenset[str]:
    """Return the guides to roles in the folders that have all of them; some may be elsewhere, too.

    A UX analyst that one employer has is compared with the designer that it has, too.
    """
    if any(one.role is None or one.level or one.folder or one.section for one in subjects):
        return frozenset()
    about = [store.documents_about(one.role.position) for one in subjects if one.role]
    folders = [{id_.partition("/")[0] for id_ in ids if "/" in id_} for ids in about]
    shared = set.intersection(*folders)
    return frozenset(id_ for ids in about for id_ in ids if id_.partition("/")[0] in shared)


def _whereabouts(sources: Sources, subjects: Sequence[Subject]) -> frozenset[str]:
    """Return the words that say which guides are meant: of titles and folders, not of roles."""
    store = sources.snapshot.store
    names = {word for subject in subjects for word in words_of(subject.name)}
    return frozenset(_words_of_places(store, subjects)) - names


def _words_of_places(store: Store, subjects: Sequence[Subject]) -> Iterator[str]:
    for subject in subjects:
        about = _passages_about(store, subject)
        if not about:
            continue
        first = about[0]
        document = store.document(store.passages([first])[first].passage.document_id)
        yield from words_of(document.title)
        for folder in document.id.split("/")[:-1]:
            yield from words_of(folder)


def _passages_about(store: Store, subject: Subject) -> Sequence[int]:
    if subject.section is not None:
        return subject.section.positions
    return [] if subject.role is None else store.passages_about(subject.role.position).tolist()


def _without_whereabouts(compared: str, words: frozenset[str]) -> str:
    """Return what is asked without the words that say which guides are meant.

    "Mozilla l10n: translator vs contributor" asks no more than "translator vs contributor".
    """
    terms = {term for word in words for term in terms_of(word)}
    kept = WORD.sub(lambda found: "" if _says_where(found[0], words, terms) else found[0], compared)
    return " ".join(kept.split()) if any(map(str.isalnum, kept)) else OPEN_QUESTION


def _says_where(typed: str, words: frozenset[str], terms: set[str]) -> bool:
    if short := _NUMERONYM.fullmatch(typed.lower()):
        first, between, last = short.groups()
        return any(
            (word[0], len(word) - 2, word[-1]) == (first, int(between), last) for word in words
        )
    own = terms_of(typed)
    return bool(own) and terms.issuperset(own)
