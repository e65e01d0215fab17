"""What benchmarks/training_data.py wrote is read, and put side by side for training.

Needs NumPy alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

_FEWEST_LEFT = 4

FOLDS = 3
"""Each set is measured with what was fitted without its third of the sets."""

TIMES = {"seed": 5}
"""How often a set counts: the guide that ships with the project for a twelfth of all."""

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A passage's tokens, and of each whose it is; `first_word` has each sentence's first word."""

    ids: Numbers
    in_sentence: Numbers
    in_word: Numbers
    words: Numbers
    first_word: Numbers

    def words_of(self, sentence: int) -> Numbers:
        """Return which words of the passage a sentence has."""
        return np.asarray(self.first_word[sentence] + np.arange(self.words[sentence]))


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question with its candidates, as benchmarks/training_data.py describes them."""

    ids: Numbers
    in_word: Numbers
    is_bare: Numbers
    word_weights: Numbers
    passages: Numbers
    sentences: Numbers
    signals: Numbers
    answers: Numbers
    of_question: Numbers
    is_comparison: bool
    is_answerable: bool
    set_name: str

    def without_answer(self) -> "Question":
        """Return the question with the passages that answer it taken away, where some are left."""
        answering = self.passages[self.answers > 0]
        left = ~np.isin(self.passages, answering)
        if self.is_comparison or not self.is_answerable or left.sum() < _FEWEST_LEFT:
            return self
        columns = ("passages", "sentences", "signals", "answers")
        return replace(self, **{name: getattr(self, name)[left] for name in columns})


@dataclass(frozen=True, kw_only=True)
class Padded:
    """Candidates of several questions side by side."""

    signals: Numbers
    answers: Numbers
    is_there: Numbers
    word_weights: Numbers


def pad(batch: Sequence[Question], scale: Numbers, most_words: int) -> Padded:
    """Return candidates side by side, their signals scaled; what is missing is 0."""
    shape = (len(batch), max(len(one.answers) for one in batch))
    padded = Padded(
        signals=np.zeros((*shape, len(scale)), dtype=np.float32),
        answers=np.zeros(shape, dtype=np.float32),
        is_there=np.zeros(shape, dtype=np.bool_),
        word_weights=np.zeros((len(batch), most_words), dtype=np.float32),
    )
    for row, one in enumerate(batch):
        count = len(one.answers)
        padded.signals[row, :count] = one.signals / scale
        padded.answers[row, :count] = one.answers
        padded.is_there[row, :count] = True
        padded.word_weights[row, : len(one.word_weights)] = one.word_weights
    return padded


def _split(array: Numbers, lengths: Numbers) -> list[Numbers]:
    return np.split(array, np.cumsum(lengths)[:-1])


def read_passages(data: Mapping[str, Numbers]) -> Iterator[Passage]:
    """Yield the passages in their order."""
    lengths = data["tokens_of_passage"]
    words = _split(data["words_of_sentence"], data["sentences_of_passage"])
    columns = [_split(data[name], lengths) for name in ("tokens", "in_sentence", "in_word")]
    for ids, in_sentence, in_word, counts in zip(*columns, words, strict=True):
        yield Passage(
            ids=ids,
            in_sentence=in_sentence,
            in_word=in_word,
            words=counts,
            first_word=np.cumsum(counts) - counts,
        )


def read_questions(data: Mapping[str, Numbers]) -> Iterator[Question]:
    """Yield the questions in their order."""
    by_token = {"asks": "ids", "asks_word": "in_word", "asks_bare": "is_bare"}
    by_candidate = {
        "candidate_passages": "passages",
        "candidate_sentences": "sentences",
        "signals": "signals",
        "answers": "answers",
    }
    columns = {
        name: _split(data[column], data["tokens_of_question"]) for column, name in by_token.items()
    }
    for column, name in by_candidate.items():
        columns[name] = _split(data[column], data["candidates_of_question"])
    columns["word_weights"] = _split(data["word_weights"], data["words_of_question"])
    columns["signals"] = [signals.astype(np.float32) for signals in columns["signals"]]
    for row, number in enumerate(data["set_of_question"]):
        yield Question(
            **{name: column[row] for name, column in columns.items()},
            of_question=data["answer_signals"][row],
            is_comparison=bool(data["is_comparison"][row]),
            is_answerable=bool(data["is_answerable"][row]),
            set_name=str(data["set_names"][number]),
        )
