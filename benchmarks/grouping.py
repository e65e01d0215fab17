"""Choose when questions mean the same for `rolewise gaps`: python -m benchmarks.grouping.

Labelled questions of the development sets mean the same where they ask for the same aspect of the
same guide (one passage of it would answer both). Pairs that are grouped are compared with pairs
that mean the same, at one threshold after the other.
"""

import tempfile
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.quality_sets import DEVELOPMENT, QualitySet
from bot.application import Application
from bot.evaluation.questions import Kind, read_questions
from bot.feedback.grouping import LEAST_SIMILARITY, group_vectors
from bot.settings import Settings
from index.encoding.encoder import Vectors

_Meaning = tuple[str | None, frozenset[str]]
_THRESHOLDS = np.arange(0.4, 0.91, 0.05)


def main() -> None:
    """Print precision and recall of grouped pairs for each threshold."""
    with tempfile.TemporaryDirectory() as folder:
        encoder = Application(Settings(home=Path(folder))).load_encoder()
        sets = [_read(quality) for quality in DEVELOPMENT]
        vectors = [encoder.encode(questions) for questions, _ in sets]
    print(f"{sum(len(questions) for questions, _ in sets)} questions")
    print("| threshold | precision | recall | F1 | groups of several |")
    print("|---|---|---|---|---|")
    for threshold in _THRESHOLDS:
        counts = sum(
            (
                _count(rows, meanings, float(threshold))
                for rows, (_, meanings) in zip(vectors, sets, strict=True)
            ),
            Counter[str](),
        )
        precision = counts["right"] / max(counts["grouped"], 1)
        recall = counts["right"] / counts["same"]
        mean = 2 * precision * recall / max(precision + recall, 1e-9)
        chosen = " (chosen)" if abs(threshold - LEAST_SIMILARITY) < 1e-6 else ""
        print(
            f"| {threshold:.2f}{chosen} | {precision:.2f} | {recall:.2f} | {mean:.2f}"
            f" | {counts['several']} |"
        )


def _read(quality: QualitySet) -> tuple[list[str], list[_Meaning]]:
    """Return the questions about one role, and what each asks for in which guides."""
    labelled = [one for one in read_questions(quality.questions) if one.kind is Kind.SINGLE]
    return [one.question for one in labelled], [
        (one.aspect, frozenset(gold.document for gold in one.sides[0])) for one in labelled
    ]


def _count(vectors: Vectors, meanings: list[_Meaning], threshold: float) -> Counter[str]:
    groups = group_vectors(vectors, threshold)
    counts = Counter(same=sum(_same(*pair) for pair in combinations(meanings, 2)))
    for group in groups:
        pairs = list(combinations((meanings[row] for row in group), 2))
        counts["right"] += sum(_same(*pair) for pair in pairs)
        counts["grouped"] += len(pairs)
        counts["several"] += len(group) > 1
    return counts


def _same(one: _Meaning, other: _Meaning) -> bool:
    return one[0] == other[0] and bool(one[1] & other[1])


if __name__ == "__main__":
    main()
