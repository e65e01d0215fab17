"""The weights that sentences are chosen and questions refused by, and whose encoder they fit.

How sentences are scored, and how their words are compared, ships with the project in ranking.npz, a
calibration for the default encoder in model.yaml.
A calibration says from what signals on a question counts as answered, and how likely its reply is
to hold the answer. It belongs to one encoder; `rolewise evaluate --calibrate` makes one for
another, which is kept in the home folder.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Self

import numpy as np
import yaml

from bot.answers.aspects import FAST_LOADER
from bot.answers.matching import WordMatching
from bot.answers.scoring import SentenceScorer
from index.encoding.encoder import Vectors

ANSWER_SIGNALS = (
    "best_score",
    "second_score",
    "total_score",
    "dense",
    "bare_dense",
    "passage_dense",
    "likeness",
    "coverage",
    "match_elsewhere",
    "is_only_guide",
    "is_mentioned",
    "is_unknown",
    "has_guide",
    "unknown_is_named",
    "best_is_about",
    "best_is_named",
    "best_is_foreign",
    "fact",
    "fact_of_mentioned",
    "fact_of_only_guide",
    "fact_shown",
    "count_wanted",
    "amount_wanted",
    "amount_untold",
    "amount_told_first",
    "topicality",
    "chatter",
    "usually_told",
)
"""The columns that tell whether the guides answer, in order."""

RANKING_NAME = "ranking.npz"
SCORER_ARRAYS = ("weights", "hidden", "biases", "outputs")
_FOLDER = "calibrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """A logistic model: float32 weights of signals, and a bias."""

    weights: Vectors
    bias: float

    def logit(self, signals: Vectors) -> float:
        """Return the log of the odds."""
        return float(signals @ self.weights) + self.bias

    def probability(self, signals: Vectors) -> float:
        """Return the probability."""
        return 1.0 / (1.0 + math.exp(-max(min(self.logit(signals), 50.0), -50.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """When a question counts as answered, and how likely the reply is to be right.

    `logits` are those below which to refuse, for each share of answerable questions in
    `shares_refused`, in order.
    """

    encoder: str
    answerable: Logistic
    right: Logistic
    shares_refused: tuple[float, ...]
    logits: tuple[float, ...]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return a calibration as it is written down ready for use."""
        return cls(
            encoder=values["encoder"],
            answerable=_logistic(values["answerable"]),
            right=_logistic(values["right"]),
            shares_refused=tuple(one["answerable_refused"] for one in values["thresholds"]),
            logits=tuple(one["logit"] for one in values["thresholds"]),
        )

    def threshold(self, answerable_refused: float) -> float:
        """Return the logit below which to refuse, by the share of answerable questions lost."""
        return float(np.interp(answerable_refused, self.shares_refused, self.logits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Everything that was fitted; `is_calibrated` where the calibration is of this encoder.

    `matching` is how words are compared, and `usual` are weights that tell how usual it is that
    guides tell what is asked, by what is asked alone: visas and dress they mostly leave out. Both
    only where they were fitted to this encoder.
    """

    scorer: SentenceScorer
    calibration: Calibration
    is_calibrated: bool
    matching: WordMatching | None = None
    usual: Vectors | None = None

    def how_usual(self, bare_vector: Vectors) -> float:
        """Return how usual it is that guides tell what a question without its role asks."""
        return 0.0 if self.usual is None else float(bare_vector @ self.usual)


def load_model(home: Path, encoder: str) -> Model:
    """Return the weights for an encoder.

    Args:
        home: The home folder, where calibrations of other encoders are kept.
        encoder: The encoder's fingerprint.

    Raises:
        CalibrationError: there is a calibration for it that can't be read.
    """
    shipped = _read_shipped()
    own = calibration_path(home, encoder)
    calibration = shipped.calibration
    if own.exists():
        from bot.answers.calibration_file import read_calibration

        calibration = Calibration.of(read_calibration(own).model_dump())
    return Model(
        scorer=shipped.scorer,
        calibration=calibration,
        is_calibrated=calibration.encoder == encoder,
        matching=shipped.matching if shipped.calibration.encoder == encoder else None,
        usual=shipped.usual if shipped.calibration.encoder == encoder else None,
    )


def calibration_path(home: Path, encoder: str) -> Path:
    """Return where the calibration for an encoder is kept."""
    return home / _FOLDER / f"{encoder}.yaml"


@cache
def _read_shipped() -> Model:
    text = files("bot.answers").joinpath("model.yaml").read_text(encoding="utf-8")
    values = yaml.load(text, Loader=FAST_LOADER)  # noqa: S506 – a SafeLoader
    with as_file(files("bot.answers").joinpath(RANKING_NAME)) as path, np.load(path) as arrays:
        ranking = {name: arrays[name].astype(np.float32) for name in arrays.files}
    return Model(
        scorer=SentenceScorer(**{name: ranking[name] for name in SCORER_ARRAYS}),
        calibration=Calibration.of(values["calibration"]),
        is_calibrated=True,
        matching=WordMatching(left=ranking["left"], right=ranking["right"]),
        usual=ranking["usual"],
    )


def _logistic(values: Mapping[str, Any]) -> Logistic:
    # A signal that is new since the weights were fitted counts nothing until they are again.
    return Logistic(weights=_column(values["weights"], ANSWER_SIGNALS), bias=values["bias"])


def _column(weights: Mapping[str, float], names: tuple[str, ...]) -> Vectors:
    return np.array([weights.get(name, 0.0) for name in names], dtype=np.float32)
