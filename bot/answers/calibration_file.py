"""A calibration as it is written down: checked when it is read, whole when it is written."""

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.answers.model import calibration_path
from knowledge.errors import CalibrationError, StorageError
from knowledge.strict_yaml import read_yaml

_Share = Annotated[float, Field(ge=0.0, le=1.0)]


class LogisticValues(BaseModel):
    """A logistic model as it is written down."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    bias: float
    weights: dict[str, float]


class ThresholdValues(BaseModel):
    """One strictness: refusing below a logit, and what that costs and brings on the labels."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    answerable_refused: _Share
    unanswerable_answered: _Share
    logit: float


class CalibrationValues(BaseModel):
    """A calibration as it is written down.

    `answerable` tells whether the guides answer, `right` whether the reply holds the answer;
    `thresholds` stand in the order of `answerable_refused`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    encoder: str
    questions: Annotated[int, Field(ge=1)]
    answerable: LogisticValues
    right: LogisticValues
    thresholds: Annotated[tuple[ThresholdValues, ...], Field(min_length=1)]


def read_calibration(path: Path) -> CalibrationValues:
    """Read a calibration.

    Raises:
        CalibrationError: it can't be read, or is none.
    """
    try:
        # Not by the faster loader, which a file of brackets alone makes end the process.
        _, values = read_yaml(path, CalibrationError)
        return CalibrationValues.model_validate(values)
    except (CalibrationError, ValidationError) as error:
        raise CalibrationError(
            f"{path} is no calibration that can be read. Remove it, or make it anew:"
            " rolewise evaluate FILE --calibrate"
        ) from error


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
