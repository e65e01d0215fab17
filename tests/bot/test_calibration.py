"""Thresholds and confidence are fitted to labelled questions, kept by encoder, and read back."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bot.answers.calibration_file import read_calibration, write_calibration
from bot.answers.model import ANSWER_SIGNALS, calibration_path, load_model
from bot.evaluation.calibrating import ANSWER_TAKEN_AWAY, Sample, calibrate
from bot.evaluation.fitting import fit_logistic
from knowledge.errors import CalibrationError, EvaluationError, StorageError

ENCODER = "e" * 64


def _samples(count: int = 200) -> list[Sample]:
    """Return samples whose first signal tells whether the guides answer, mostly."""
    random = np.random.default_rng(1)
    samples = []
    for number in range(count):
        is_answerable = number % 2 == 0
        signals = random.normal(size=len(ANSWER_SIGNALS)).astype(np.float32)
        signals[0] += 3.0 * is_answerable
        for name in ("is_mentioned", "is_unknown", "has_guide"):
            signals[ANSWER_SIGNALS.index(name)] = 0.0
        samples.append(
            Sample(
                signals=signals,
                kind="single" if is_answerable else "not_said",
                is_answerable=is_answerable,
                is_right=is_answerable and number % 4 == 0,
                group=str(number % 5),
            )
        )
    return samples


def test_more_strictness_loses_more_and_answers_less_of_what_is_not_there() -> None:
    thresholds = calibrate(_samples(), ENCODER).thresholds
    for less, more in pairwise(thresholds):
        assert less.answerable_refused < more.answerable_refused
        assert less.logit <= more.logit
        assert less.unanswerable_answered >= more.unanswerable_answered
    assert thresholds[0].unanswerable_answered == 1.0
    by_share = {one.answerable_refused: one.unanswerable_answered for one in thresholds}
    assert by_share[0.1] < 0.2


def test_roles_without_a_guide_are_answered_for_with_more_caution() -> None:
    of_guides = calibrate(_samples(), ENCODER)
    place = ANSWER_SIGNALS.index("is_unknown")
    assert of_guides.answerable.weights["is_unknown"] == pytest.approx(-0.8, abs=1e-6)
    assert of_guides.answerable.weights["has_guide"] == pytest.approx(0.5, abs=1e-6)
    unknown = [replace(one, signals=one.signals.copy()) for one in _samples()]
    for one in unknown[::2] + unknown[1::4]:
        one.signals[place] = 1.0
    weights, _ = fit_logistic(
        np.array([one.signals for one in unknown], dtype=np.float64),
        np.array([one.is_answerable for one in unknown]),
    )
    found = calibrate(unknown, ENCODER).answerable.weights["is_unknown"]
    assert found == pytest.approx(weights[place] - 0.8, abs=1e-3)


def test_answers_taken_away_teach_and_are_not_counted() -> None:
    samples = _samples()
    taken = [replace(one, kind=ANSWER_TAKEN_AWAY, is_answerable=False) for one in samples[:40]]
    assert calibrate([*samples, *taken], ENCODER).questions == len(samples)


def test_too_few_questions_are_refused_with_their_numbers() -> None:
    with pytest.raises(EvaluationError, match=r"at least 20 .* there are 10 and 10"):
        calibrate(_samples(20), ENCODER)


def test_a_calibration_is_kept_for_its_encoder_and_used(tmp_path: Path) -> None:
    assert not load_model(tmp_path, ENCODER).is_calibrated
    values = calibrate(_samples(), ENCODER)
    write_calibration(tmp_path, values)
    assert read_calibration(calibration_path(tmp_path, ENCODER)) == values
    model = load_model(tmp_path, ENCODER)
    assert model.is_calibrated
    assert model.calibration.right.bias == values.right.bias
    assert model.calibration.threshold(0.1) == pytest.approx(
        next(one.logit for one in values.thresholds if one.answerable_refused == 0.1)
    )
    assert not load_model(tmp_path, "f" * 64).is_calibrated
    assert [path.name for path in (tmp_path / "calibrations").iterdir()] == [f"{ENCODER}.yaml"]


@pytest.mark.parametrize("text", ["", "[]", "encoder: x", "{", "encoder: [1"])
def test_what_is_no_calibration_is_refused_with_the_fix(tmp_path: Path, text: str) -> None:
    path = calibration_path(tmp_path, ENCODER)
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError, match="Remove it, or make it anew"):
        load_model(tmp_path, ENCODER)


def test_what_is_no_number_is_no_weight(tmp_path: Path) -> None:
    path = calibration_path(tmp_path, ENCODER)
    write_calibration(tmp_path, calibrate(_samples(), ENCODER))
    text = path.read_text(encoding="utf-8")
    assert load_model(tmp_path, ENCODER).is_calibrated
    path.write_text(re.sub(r"bias: \S+", "bias: .nan", text, count=1), encoding="utf-8")
    with pytest.raises(CalibrationError, match="Remove it, or make it anew"):
        load_model(tmp_path, ENCODER)


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "calibrations").write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match="can't be written"):
        write_calibration(tmp_path, calibrate(_samples(), ENCODER))


def test_what_counts_for_nothing_changes_nothing() -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=(100, 2))
    truths = rows[:, 0] > 0
    weights, bias = fit_logistic(rows, truths)
    more = np.vstack([rows, rows])
    importance = np.array([1.0] * 100 + [0.0] * 100)
    again, bias_again = fit_logistic(more, np.concatenate([truths, ~truths]), importance)
    np.testing.assert_allclose(again, weights, rtol=1e-3)
    assert bias_again == pytest.approx(bias, abs=1e-3)
