"""The weights that sentences are chosen and questions refused by, and whose encoder they fit.

The sentence weights and a calibration for the default encoder ship with the project in model.yaml.
A calibration says from what signals on a question counts as answered, and how likely its reply is
to hold the answer. It belongs to one encoder; `rolewise evaluate --calibrate` makes one for
another, which is kept in the home folder.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.answers.aspects import FAST_LOADER
from bot.answers.evidence import SIGNALS
from index.encoder import Vectors
from knowledge.errors import CalibrationError, StorageError

ANSWER_SIGNALS = (
    "best_score",
    "second_score",
    "dense",
    "bare_dense",
    "passage_dense",
    "likeness",
    "coverage",
    "is_only_guide",
    "is_mentioned",
    "is_unknown",
    "unknown_is_named",
    "best_is_about",
    "fact",
    "fact_of_mentioned",
    "fact_of_only_guide",
    "fact_shown",
    "number_wanted",
    "number_shown",
    "topicality",
    "chatter",
)
"""The columns that tell whether the guides answer, in order."""

_FOLDER = "calibrations"
_Share = Annotated[float, Field(ge=0.0, le=1.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """A logistic model: float32 weights of the answer signals, and a bias."""

    weights: Vectors
    bias: float

    def logit(self, signals: Vectors) -> float:
        """Return the log of the odds."""
        return float(signals @ self.weights) + self.bias

    def probability(self, signals: Vectors) -> float:
        """Return the probability."""
        return 1.0 / (1.0 + math.exp(-max(min(self.logit(signals), 50.0), -50.0)))


class LogisticValues(BaseModel):
    """A logistic model as it is written down."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bias: float
    weights: dict[str, float]

    def to_logistic(self) -> Logistic:
        """Return it ready for use; a signal that is new since then counts nothing."""
        return Logistic(weights=_column(self.weights, ANSWER_SIGNALS), bias=self.bias)


class ThresholdValues(BaseModel):
    """One strictness: refusing below a logit, and what that costs and brings on the labels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answerable_refused: _Share
    unanswerable_answered: _Share
    logit: float


class CalibrationValues(BaseModel):
    """A calibration as it is written down.

    `answerable` tells whether the guides answer, `right` whether the reply holds the answer;
    `thresholds` stand in the order of `answerable_refused`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoder: str
    questions: Annotated[int, Field(ge=1)]
    answerable: LogisticValues
    right: LogisticValues
    thresholds: Annotated[tuple[ThresholdValues, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """When a question counts as answered, and how likely the reply is to be right."""

    values: CalibrationValues
    answerable: Logistic
    right: Logistic

    @classmethod
    def of(cls, values: CalibrationValues) -> Self:
        """Return a calibration ready for use."""
        return cls(
            values=values,
            answerable=values.answerable.to_logistic(),
            right=values.right.to_logistic(),
        )

    def threshold(self, answerable_refused: float) -> float:
        """Return the logit below which to refuse, by the share of answerable questions lost."""
        shares = [one.answerable_refused for one in self.values.thresholds]
        return float(
            np.interp(answerable_refused, shares, [x.logit for x in self.values.thresholds])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Everything that was fitted; `is_calibrated` where the calibration is of this encoder."""

    sentence_weights: Vectors
    calibration: Calibration
    is_calibrated: bool


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
    calibration = _read_calibration(own) if own.exists() else shipped.calibration
    return Model(
        sentence_weights=shipped.sentence_weights,
        calibration=calibration,
        is_calibrated=calibration.values.encoder == encoder,
    )


def calibration_path(home: Path, encoder: str) -> Path:
    """Return where the calibration for an encoder is kept."""
    return home / _FOLDER / f"{encoder}.yaml"


def write_calibration(home: Path, values: CalibrationValues) -> None:
    """Keep a calibration for its encoder; what was kept before stays until it is whole.

    Raises:
        StorageError: the home can't be written.
    """
    path = calibration_path(home, values.encoder)
    written = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(yaml.safe_dump(values.model_dump(), sort_keys=False), encoding="utf-8")
        written.replace(path)
    except OSError as error:
        raise StorageError(f"{path} can't be written ({error.strerror}).") from error


@cache
def _read_shipped() -> Model:
    text = files("bot.answers").joinpath("model.yaml").read_text(encoding="utf-8")
    values = yaml.load(text, Loader=FAST_LOADER)  # noqa: S506 – a SafeLoader
    calibration = CalibrationValues.model_validate(values["calibration"])
    return Model(
        sentence_weights=_column(values["sentence"], SIGNALS),
        calibration=Calibration.of(calibration),
        is_calibrated=True,
    )


def _read_calibration(path: Path) -> Calibration:
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=FAST_LOADER)  # noqa: S506
        return Calibration.of(CalibrationValues.model_validate(values))
    except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
        raise CalibrationError(
            f"{path} is no calibration that can be read. Remove it, or make it anew:"
            " rolewise evaluate FILE --calibrate"
        ) from error


def _column(weights: Mapping[str, float], names: tuple[str, ...]) -> Vectors:
    return np.array([weights.get(name, 0.0) for name in names], dtype=np.float32)
