"""Documents are split into passages: a partition without loss, along headings, blocks, sentences.

Where to cut is one optimisation over the whole document: the cheapest way to lay the cuts, where
a passage costs the more the further it is from the target size, a heading inside a passage costs
(the higher the heading the more), and so does a cut within a paragraph or behind a line that
introduces a list. Small sections are thereby merged with their neighbours and large ones cut
evenly, at the best places.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.blocks import BlockKind
from knowledge.documents import Document
from knowledge.markup import remove_markup
from knowledge.measuring import MAX_CHARACTERS_COUNTED, MeasuredText, Span, TokenCounter
from knowledge.sentences import (
    Outline,
    Sentence,
    SentenceKind,
    outline_document,
)

CHUNKER = "optimal-cuts-18"
"""Name and version of this way to split and to find roles; decides what has to be read again."""

# Costs of a cut and of a heading inside a passage, in units of a passage of no size at all (1.0).
# Chosen so that two neighbouring sections merge where both are below half of the target.
_COST_OF_CUT_WITHIN_PARAGRAPH = 0.15
_COST_OF_CUT_BETWEEN_BLOCKS = 0.05
_COST_OF_CUT_BEHIND_LEAD = 1.0
_COST_OF_HEADING_INSIDE = {1: 1.2, 2: 0.5}
_COST_OF_DEEPER_HEADING_INSIDE = 0.35
_SHARE_FOR_CONTEXT = 8
"""The context (title and headings) may take one part in eight of the encoder's limit."""
_MOST_CHARACTERS_OF_CONTEXT_TOKEN = 12
"""On the average; more than twice what texts have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a document; the passages of one document partition its body.

    `heading_path` is what its first words stand under, or what all its sections share.
    """

    id: str
    document_id: str
    heading_path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDocument:
    """A document's passages, in the order of the text, and its outline with the sentences."""

    passages: tuple[Passage, ...]
    outline: Outline

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences, in the order of the text."""
        return self.outline.sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class _Atom:
    """What is never cut: a sentence, an item, a row or a heading, with the white space behind."""

    start: int
    end: int
    tokens: int
    cost_of_cut_before: float
    heading_level: int
    heading_path: tuple[str, ...]


def split_document(
    document: Document, count_tokens: TokenCounter, *, max_tokens: int, target_tokens: int
) -> SplitDocument:
    """Split a document into passages that fit the encoder together with their context.

    Args:
        document: The document; its front matter belongs to no passage.
        count_tokens: The encoder's own count.
        max_tokens: The encoder's limit, without its special tokens.
        target_tokens: The size that passages should have.
    """
    budget = max_tokens - max_tokens // _SHARE_FOR_CONTEXT
    measured = MeasuredText(document.text, count_tokens)
    outline = outline_document(document, measured, budget)
    atoms = _atoms_of(document, outline, measured, budget)
    runs = list(_lay_cuts(atoms, budget, min(target_tokens, budget)))
    measured.count([_span_of(run) for run in runs])
    passages = tuple(
        Passage(
            id=f"{document.id}#{members[0].start}-{members[-1].end}",
            document_id=document.id,
            heading_path=_shared_path(members),
            start=members[0].start,
            end=members[-1].end,
        )
        for run in runs
        for members in _cut_to_fit(run, measured, budget)
    )
    return SplitDocument(passages=passages, outline=outline)


def contextualise(
    title: str,
    heading_path: Sequence[str],
    text: str,
    count_tokens: TokenCounter,
    max_tokens: int,
) -> str:
    """Return the words to encode: title and headings, then the text without markup.

    Outer headings are left out, then words of the last heading, until the context takes no more
    than its share of `max_tokens`. Headings that the text begins with are not repeated.
    """
    words = remove_markup(text)
    allowed = max_tokens // _SHARE_FOR_CONTEXT - 1
    # A heading may be as long as a document, and there may be many passages under it.
    longest = max(allowed, 1) * _MOST_CHARACTERS_OF_CONTEXT_TOKEN
    parts = list(dict.fromkeys(part[:longest] for part in (title, *heading_path) if part))
    while len(parts) > 1 and not _fits(". ".join(parts), count_tokens, allowed):
        parts.pop(1 if len(parts) > 2 else 0)
    context = ". ".join(part for part in parts if not words.startswith(part))
    while context and not _fits(context, count_tokens, allowed):
        context = context[: len(context) * 3 // 4]
    return f"{context}. {words}" if context else words


def _fits(text: str, count_tokens: TokenCounter, max_tokens: int) -> bool:
    # No token is shorter than a character of ASCII, but for one that may stand before the text.
    is_short = len(text) < max_tokens and text.isascii()
    return is_short or count_tokens([text])[0] <= max_tokens


def _atoms_of(
    document: Document, outline: Outline, measured: MeasuredText, budget: int
) -> list[_Atom]:
    text = document.text
    starts: dict[int, tuple[float, int, tuple[str, ...]]] = {document.body_start: (0.0, 0, ())}
    for block, path in zip(outline.blocks, outline.heading_paths, strict=True):
        is_heading = block.kind is BlockKind.HEADING
        cost = 0.0 if is_heading else _COST_OF_CUT_BETWEEN_BLOCKS
        starts[block.start] = (cost, block.level if is_heading else 0, path)
    lead: tuple[int, int] | None = None
    for sentence in outline.sentences:
        cost, level, _ = starts.get(
            sentence.start, (_COST_OF_CUT_WITHIN_PARAGRAPH, 0, sentence.heading_path)
        )
        if lead is not None and sentence.lead == lead:
            cost = _COST_OF_CUT_BEHIND_LEAD
        lead = (sentence.start, sentence.end) if sentence.kind is SentenceKind.LEAD else None
        starts[sentence.start] = (cost, level, sentence.heading_path)
    # White space before the first block goes with it; a heading is not left behind by its text.
    bounds = sorted(starts)
    if len(bounds) > 1 and not text[bounds[0] : bounds[1]].strip():
        starts[bounds[0]] = starts[bounds[1]]
        del bounds[1]
    follows_heading = False
    atoms: list[_Atom] = []
    spans = list(zip(bounds, [*bounds[1:], len(text)], strict=True))
    measured.count([(start, end) for start, end in spans if end - start <= MAX_CHARACTERS_COUNTED])
    for start, end in spans:
        cost, level, path = starts[start]
        if follows_heading:
            cost = _COST_OF_CUT_BEHIND_LEAD
        follows_heading = level > 0
        pieces = list(measured.cut(start, end, budget)) if start < end else []
        for (piece_start, piece_end), tokens in zip(pieces, measured.count(pieces), strict=True):
            is_first = piece_start == start
            atoms.append(
                _Atom(
                    start=piece_start,
                    end=piece_end,
                    tokens=tokens,
                    cost_of_cut_before=cost if is_first else _COST_OF_CUT_WITHIN_PARAGRAPH,
                    heading_level=level if is_first else 0,
                    heading_path=path,
                )
            )
    return atoms


def _lay_cuts(atoms: Sequence[_Atom], budget: int, target: int) -> Iterator[Sequence[_Atom]]:
    """Yield the runs of atoms of the cheapest partition, by dynamic programming over its end."""
    if not atoms:
        return
    cheapest = [0.0] + [float("inf")] * len(atoms)
    best_start = [0] * (len(atoms) + 1)
    for end in range(1, len(atoms) + 1):
        tokens = 0
        headings_inside = 0.0
        for start in range(end - 1, -1, -1):
            atom = atoms[start]
            # At least one, else a run of atoms without words might be as long as the document.
            tokens += max(atom.tokens, 1)
            if tokens > budget and start < end - 1:
                break
            size = (tokens - target) / target
            cost = (
                cheapest[start]
                + size * size
                + headings_inside
                + (atom.cost_of_cut_before if start else 0.0)
            )
            if cost < cheapest[end]:
                cheapest[end], best_start[end] = cost, start
            if atom.heading_level:
                headings_inside += _COST_OF_HEADING_INSIDE.get(
                    atom.heading_level, _COST_OF_DEEPER_HEADING_INSIDE
                )
    cuts = [len(atoms)]
    while cuts[-1]:
        cuts.append(best_start[cuts[-1]])
    cuts.reverse()
    for first, last in pairwise(cuts):
        yield atoms[first:last]


def _cut_to_fit(
    atoms: Sequence[_Atom], measured: MeasuredText, budget: int
) -> Iterator[Sequence[_Atom]]:
    """Halve a run of atoms that joined has more tokens than its atoms one by one.

    Words and markup that were cut apart may read otherwise when joined.
    """
    if len(atoms) == 1 or measured.count([_span_of(atoms)])[0] <= budget:
        yield atoms
        return
    middle = len(atoms) // 2
    yield from _cut_to_fit(atoms[:middle], measured, budget)
    yield from _cut_to_fit(atoms[middle:], measured, budget)


def _span_of(atoms: Sequence[_Atom]) -> Span:
    return atoms[0].start, atoms[-1].end


def _shared_path(atoms: Sequence[_Atom]) -> tuple[str, ...]:
    shared = atoms[0].heading_path
    for atom in atoms[1:]:
        length = next(
            (
                position
                for position, (left, right) in enumerate(
                    zip(shared, atom.heading_path, strict=False)
                )
                if left != right
            ),
            min(len(shared), len(atom.heading_path)),
        )
        shared = shared[:length]
    return shared
