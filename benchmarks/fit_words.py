"""How sentences are ranked, fitted by gradient descent: their signals, and how words match."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bot.answers.evidence import SIGNALS
from bot.answers.matching import WordMatching
from bot.answers.model import ANSWER_SIGNALS
from bot.evaluation.fitting import Numbers
from index.encoding.encoder import Vectors
from index.searching.words import WordBits

if TYPE_CHECKING:
    import torch

# Measured on each development set with the map fitted on the others: the first sentence holds the
# answer for .56 of the questions without words, .60 with words as they are, and .63 with this map;
# with a rank of 32, penalties of .003 and .02, and 20 epochs the same.
_RANK = 16
_PENALTY = 0.01
_EPOCHS = 12
_QUESTIONS_AT_ONCE = 32
_PENALTY_OF_SIGNALS = 0.001
_SEED = 0
_SCORE_SIGNALS = ("best_score", "second_score", "total_score")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLists:
    """A question with the sentences found for it.

    `question` are its words' vectors, shape (words, dimension), and `weights` of what weight each
    is; `signals` has shape (sentences, signals), and `answers` from 0 to 1 how far each answers,
    which is 0 where the guides don't. `of_question` are the answer signals, shape (signals,).
    """

    question: Vectors
    weights: Vectors
    sentences: WordBits
    signals: Vectors
    answers: npt.NDArray[np.float32]
    of_question: Vectors
    is_comparison: bool


def fit_sentences(lists: Sequence[WordLists]) -> tuple[WordMatching, Numbers]:
    """Return the map and the weights of the signals with which sentences that answer come first.

    Each question's sentences, and that none of them answers, share a probability of 1 by a softmax:
    of the sentences' weighted signals, and of what a linear model makes of the question's. The
    probability of what is right is made as large as can be; a comparison is always answered. So the
    scores tell how sure it is that a sentence answers, and not only which comes first: of "near"
    questions on guides of others .79 were refused at .05 of the answerable, for .17 without.

    Map and weights are fitted together, since
    weights fitted afterwards take the match at the value that it has on the questions that the map
    was fitted on, which is too much: the first sentence then holds the answer for .58, not .63. The
    same lists give the same.

    Source: Cao et al. 2007, the top-one case of ListNet; Devlin et al. 2019 on SQuAD 2.0, for the
    answer that there is none.
    """
    import torch

    generator = torch.Generator().manual_seed(_SEED)
    dimension = lists[0].question.shape[1]
    column = SIGNALS.index("word_match")
    scale = torch.tensor(np.concatenate([one.signals for one in lists]).std(axis=0) + 1e-9)
    scale[column] = 1.0
    left = torch.zeros(dimension, _RANK, requires_grad=True)
    right = (0.05 * torch.randn(dimension, _RANK, generator=generator)).requires_grad_()
    weights = torch.zeros(len(SIGNALS), requires_grad=True)
    match_weight = torch.tensor(5.0, requires_grad=True)
    none_weights = torch.zeros(len(ANSWER_SIGNALS), requires_grad=True)
    none_bias = torch.tensor(0.0, requires_grad=True)
    of_questions = _standardise(np.stack([one.of_question for one in lists]))
    optimiser = torch.optim.Adam(
        [
            {"params": [weights, match_weight, none_weights, none_bias], "lr": 2e-2},
            {"params": [left, right], "lr": 2e-3},
        ]
    )

    def loss_of(row: int) -> torch.Tensor:
        one = tensors[row]
        moved = one.question + (one.question @ left) @ right.T
        found = one.signs.float() @ moved.T / dimension**0.5
        best = torch.full((len(one.counts), len(moved)), -1e9).scatter_reduce(
            0, one.owners[:, None].expand(-1, len(moved)), found, "amax"
        )
        matches = torch.where(one.counts[:, None] > 0, best, 0.0) @ one.weights
        scores = one.others @ weights + match_weight * matches
        none = torch.tensor(of_questions[row]) @ none_weights + none_bias
        if lists[row].is_comparison:
            none = torch.tensor(-torch.inf)
        shares = torch.log_softmax(torch.cat([scores, none[None]]), 0)
        if not lists[row].answers.any():
            return -shares[-1]
        return -torch.logsumexp(shares[:-1] + one.log_answers, 0)

    tensors = [_tensors_of(one, scale.numpy(), column) for one in lists]
    for _ in range(_EPOCHS):
        order = torch.randperm(len(tensors), generator=generator).tolist()
        for first in range(0, len(order), _QUESTIONS_AT_ONCE):
            batch = order[first : first + _QUESTIONS_AT_ONCE]
            loss = torch.stack([loss_of(row) for row in batch]).mean()
            loss = loss + _PENALTY * (left @ right.T).square().sum()
            loss = loss + _PENALTY_OF_SIGNALS * (
                weights.square().sum() + none_weights.square().sum()
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    fitted = (weights / scale).detach().numpy().astype(np.float64)
    fitted[column] = match_weight.item()
    return WordMatching(left=left.detach().numpy(), right=right.detach().numpy()), fitted


def _standardise(rows: Vectors) -> Vectors:
    """Return the answer signals with mean 0 and deviation 1, without those of an earlier fit."""
    standard = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-6)
    for name in _SCORE_SIGNALS:
        standard[:, ANSWER_SIGNALS.index(name)] = 0.0
    return np.asarray(standard, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tensors:
    """A list as the loss needs it; `others` are the scaled signals without the match."""

    question: "torch.Tensor"
    weights: "torch.Tensor"
    signs: "torch.Tensor"
    counts: "torch.Tensor"
    owners: "torch.Tensor"
    others: "torch.Tensor"
    log_answers: "torch.Tensor"


def _tensors_of(one: WordLists, scale: Vectors, column: int) -> _Tensors:
    import torch

    others = one.signals / scale
    others[:, column] = 0.0
    bits = np.unpackbits(one.sentences.bits, axis=1, count=one.question.shape[1])
    counts = torch.tensor(one.sentences.counts)
    return _Tensors(
        question=torch.tensor(one.question),
        weights=torch.tensor(one.weights),
        signs=torch.tensor(2 * bits.astype(np.int8) - 1),
        counts=counts,
        owners=torch.repeat_interleave(torch.arange(len(counts)), counts),
        others=torch.tensor(others),
        log_answers=torch.log(torch.tensor(one.answers).clamp(min=1e-9)),
    )
