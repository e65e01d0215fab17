"""How sentences are ranked, fitted by gradient descent: how words match, and what signals say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bot.answers.evidence import SIGNALS
from bot.answers.matching import WordMatching
from bot.answers.model import ANSWER_SIGNALS
from bot.answers.scoring import SentenceScorer
from index.encoding.encoder import Vectors
from index.searching.words import WordBits

if TYPE_CHECKING:
    import torch

# Measured on development sets with what was fitted on others. On seven sets the first sentence
# holds the answer for .56 of the questions without words, .60 with words as they are, and .63 with
# the map. On 24 sets a hidden layer is worth its while, which it isn't on seven: the loss falls
# from 1.45 to 1.39, and to 1.34 with a rate that falls over 20 epochs. The more sets, the more a
# wider map and layer bring: nothing on 24, on 45 a loss of 1.32 with rank 64 and 32 units for 1.33
# with 16 and 16, and on guides of others 1.22 for 1.26. A rank of 128, 64 units, two layers or two
# maps bring nothing more.
_RANK = 64
_UNITS = 32
_PENALTY = 0.01
_PENALTY_OF_SIGNALS = 0.001
_PENALTY_OF_UNITS = 0.003
_EPOCHS = 20
_QUESTIONS_AT_ONCE = 32
_RATE = 2e-2
_RATE_OF_MAP = 2e-3
_MATCH_AT_FIRST = 5.0
_SEED = 0
# With .001, .003 and .01 near questions are told with a ROC area of .92, .91 and .90 on eight sets
# held out, of .98 on guides of others, and the loss of the sentence that answers is 1.29 with each.
_PENALTY_OF_UNUSUAL = 0.003
_LENGTH_OF_BARE_VECTOR = 5.0
_FITTED_SIGNALS = ("best_score", "second_score", "total_score", "usually_told")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLists:
    """A question with the sentences found for it.

    `question` are its words' vectors, shape (words, dimension), and `weights` of what weight each
    is; `signals` has shape (sentences, signals), and `answers` from 0 to 1 how far each answers,
    which is 0 where the guides don't. `of_question` are the answer signals, shape (signals,), and
    `bare_vector` is that of the words beside the roles.
    """

    question: Vectors
    weights: Vectors
    sentences: WordBits
    signals: Vectors
    answers: npt.NDArray[np.float32]
    of_question: Vectors
    bare_vector: Vectors
    is_comparison: bool


def fit_ranking(lists: Sequence[WordLists]) -> tuple[WordMatching, SentenceScorer, Vectors]:
    """Return the map of words and the scorer with which sentences that answer come first.

    Each question's sentences, and that none of them answers, share a probability of 1 by a softmax:
    of the sentences' scores, and of what a linear model makes of the question's signals and of what
    it asks. The probability of what is right is made as large as can be; a comparison is always
    answered. So the scores tell how sure it is that a sentence answers, and not only which comes
    first: of "near" questions on guides of others .79 were refused at .05 of the answerable, for
    .17 without.

    The third are the weights of the bare vector that tell how usual it is that guides tell what is
    asked, by that alone: float32, shape (dimension,). Fitted along it makes the scores better: on
    16 sets held out the loss of the sentence that answers falls from 1.304 to 1.288, on guides of
    others from 1.305 to 1.255. Fitted apart, by logistic regression, it told near questions as
    well: a ROC area of .94 for .93 beside all signals.

    Map and scorer are fitted together, since weights fitted afterwards take the match at the value
    that it has on the questions that the map was fitted on, which is too much: the first sentence
    then holds the answer for .58, not .63. The same lists give the same.

    Source: Cao et al. 2007, the top-one case of ListNet; Devlin et al. 2019 on SQuAD 2.0, for the
    answer that there is none.
    """
    import torch

    torch.manual_seed(_SEED)
    scale = np.concatenate([one.signals for one in lists]).std(axis=0) + 1e-9
    scale[SIGNALS.index("word_match")] = 1.0
    of_questions = _standardise(np.stack([one.of_question for one in lists]))
    tensors = [_tensors_of(one, scale) for one in lists]
    ranking = _Ranking(lists[0].question.shape[1])
    optimiser = torch.optim.Adam(
        [
            {"params": ranking.of_signals(), "lr": _RATE},
            {"params": [ranking.left, ranking.right, ranking.unusual], "lr": _RATE_OF_MAP},
        ]
    )
    steps = _EPOCHS * -(-len(lists) // _QUESTIONS_AT_ONCE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)

    def loss_of(row: int) -> torch.Tensor:
        scores = ranking.scores(tensors[row])
        none = ranking.score_of_none(tensors[row].bare_vector, torch.tensor(of_questions[row]))
        if lists[row].is_comparison:
            none = torch.tensor(-torch.inf)
        shares = torch.log_softmax(torch.cat([scores, none[None]]), 0)
        if not lists[row].answers.any():
            return -shares[-1]
        return -torch.logsumexp(shares[:-1] + tensors[row].log_answers, 0)

    for _ in range(_EPOCHS):
        order = torch.randperm(len(lists)).tolist()
        for first in range(0, len(order), _QUESTIONS_AT_ONCE):
            batch = order[first : first + _QUESTIONS_AT_ONCE]
            loss = torch.stack([loss_of(row) for row in batch]).mean() + ranking.penalty()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return ranking.matching(), ranking.scorer(scale), ranking.usual()


class _Ranking:
    """What is fitted: the map of words, the scorer of scaled signals, the score of no answer."""

    def __init__(self, dimension: int) -> None:
        import torch

        signals = len(SIGNALS)
        self.left = torch.zeros(dimension, _RANK, requires_grad=True)
        self.right = (0.05 * torch.randn(dimension, _RANK)).requires_grad_()
        self.column = torch.zeros(signals)
        self.column[SIGNALS.index("word_match")] = 1.0
        self.weights = (_MATCH_AT_FIRST * self.column).requires_grad_()
        reach = signals**-0.5
        self.hidden = ((2 * torch.rand(signals, _UNITS) - 1) * reach).requires_grad_()
        self.biases = ((2 * torch.rand(_UNITS) - 1) * reach).requires_grad_()
        self.outputs = torch.zeros(_UNITS, requires_grad=True)
        self.none_weights = torch.zeros(len(ANSWER_SIGNALS), requires_grad=True)
        self.none_bias = torch.zeros((), requires_grad=True)
        self.unusual = torch.zeros(dimension, requires_grad=True)

    def of_signals(self) -> "list[torch.Tensor]":
        """Return what is of signals, not of vectors."""
        return [
            self.weights,
            self.hidden,
            self.biases,
            self.outputs,
            self.none_weights,
            self.none_bias,
        ]

    def scores(self, one: "_Tensors") -> "torch.Tensor":
        """Return the sentences' scores: shape (sentences,)."""
        import torch

        moved = one.question + (one.question @ self.left) @ self.right.T
        found = one.signs.float() @ moved.T / one.question.shape[1] ** 0.5
        owners = one.owners[:, None].expand(-1, len(moved))
        best = torch.full((len(one.counts), len(moved)), -1e9)
        best = best.scatter_reduce(0, owners, found, "amax")
        matches = torch.where(one.counts[:, None] > 0, best, 0.0) @ one.weights
        signals = one.others + matches[:, None] * self.column
        units = torch.relu(signals @ self.hidden + self.biases)
        scores: torch.Tensor = signals @ self.weights + units @ self.outputs
        return scores

    def score_of_none(
        self, bare_vector: "torch.Tensor", of_question: "torch.Tensor"
    ) -> "torch.Tensor":
        """Return the score of the answer that there is none, by the question and its signals."""
        unusual = _LENGTH_OF_BARE_VECTOR * bare_vector @ self.unusual
        score: torch.Tensor = of_question @ self.none_weights + unusual + self.none_bias
        return score

    def penalty(self) -> "torch.Tensor":
        """Return what is added to the loss for the size of all."""
        # How words match is kept small by the map.
        linear = (self.weights * (1.0 - self.column)).square().sum()
        linear = linear + self.none_weights.square().sum()
        units = self.hidden.square().sum() + self.outputs.square().sum()
        size: torch.Tensor = (
            _PENALTY * (self.left @ self.right.T).square().sum()
            + _PENALTY_OF_SIGNALS * linear
            + _PENALTY_OF_UNITS * units
            + _PENALTY_OF_UNUSUAL * self.unusual.square().sum()
        )
        return size

    def matching(self) -> WordMatching:
        """Return the map."""
        return WordMatching(left=self.left.detach().numpy(), right=self.right.detach().numpy())

    def usual(self) -> Vectors:
        """Return the weights that tell how usual it is that what is asked is told."""
        return np.asarray(-_LENGTH_OF_BARE_VECTOR * self.unusual.detach().numpy())

    def scorer(self, scale: Vectors) -> SentenceScorer:
        """Return the scorer for signals that are not scaled."""
        return SentenceScorer(
            weights=np.asarray(self.weights.detach().numpy() / scale, dtype=np.float32),
            hidden=np.asarray(self.hidden.detach().numpy() / scale[:, None], dtype=np.float32),
            biases=self.biases.detach().numpy(),
            outputs=self.outputs.detach().numpy(),
        )


def _standardise(rows: Vectors) -> Vectors:
    """Return the answer signals with mean 0 and deviation 1, without those of an earlier fit."""
    standard = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-6)
    for name in _FITTED_SIGNALS:
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
    bare_vector: "torch.Tensor"


def _tensors_of(one: WordLists, scale: Vectors) -> _Tensors:
    import torch

    others = one.signals / scale
    others[:, SIGNALS.index("word_match")] = 0.0
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
        bare_vector=torch.tensor(one.bare_vector),
    )
