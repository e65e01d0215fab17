"""An evaluation as a whole, as JSON, and read again to be compared with."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from bot.answers.replies import Outcome, Reason
from bot.evaluation.comparing import Difference, RunComparison
from bot.evaluation.measures import GROUPS, Group, Table, group_results
from bot.evaluation.sampling import whole_sample
from bot.evaluation.scoring import UNASKABLE, Asked, Result
from knowledge.errors import EvaluationError

FORMAT = 1

OUTCOMES = (
    Outcome.ANSWER,
    Outcome.COMPARISON,
    Outcome.CLARIFY,
    *Reason,
    UNASKABLE,
)
"""What can come of a question; a refusal by its reason."""

_RESULTS = TypeAdapter(tuple[Result, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything that came of evaluating a file of questions."""

    file: str
    snapshot: str
    encoder: str
    asked: Sequence[Asked]
    results: Sequence[Result]
    measures: Table
    against: str | None = None
    comparison: RunComparison | None = None


def count_outcomes(results: Sequence[Result]) -> dict[Group, dict[str, int]]:
    """Return how often each outcome came of the questions of each group."""
    return {
        group: {
            outcome: sum((one.refusal or one.outcome) == outcome for one in found)
            for outcome in OUTCOMES
        }
        for group, found in group_results(results).items()
    }


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as `--json` prints it and `--save` writes it."""
    groups = group_results(evaluation.results)
    outcomes = count_outcomes(evaluation.results)
    whole = whole_sample(evaluation.results)
    comparison = evaluation.comparison
    return {
        "format": FORMAT,
        "file": evaluation.file,
        "snapshot": evaluation.snapshot,
        "encoder": evaluation.encoder,
        "groups": {
            group: {
                "questions": len(groups[group]),
                "outcomes": outcomes[group],
                "measures": {
                    name: dataclasses.asdict(estimate)
                    for name, estimate in evaluation.measures[group].items()
                },
            }
            for group in GROUPS
            if group in groups
        },
        "reliability": [
            {"confidence": confidence, "holds_answer": share, "questions": questions}
            for confidence, share, questions in whole.reliability()
        ],
        "risk_coverage": whole.risk_coverage(),
        "against": None if comparison is None else _comparison_to_json(evaluation, comparison),
        "questions": [dataclasses.asdict(result) for result in evaluation.results],
    }


def read_results(path: Path) -> tuple[Result, ...]:
    """Return the results of a run that was saved.

    Raises:
        EvaluationError: the file can't be read or is no such run.
    """
    try:
        values = json.loads(path.read_bytes(), parse_constant=_refuse_number)
    except FileNotFoundError as error:
        raise EvaluationError(f"There is no run {path}. Save one with --save.") from error
    except OSError as error:
        raise EvaluationError(f"{path} can't be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{path} is not JSON ({error}). Save the run again.") from error
    if not isinstance(values, dict) or "format" not in values or "questions" not in values:
        raise EvaluationError(f"{path} is no run that rolewise evaluate has saved.")
    if values["format"] != FORMAT:
        raise EvaluationError(
            f"{path} is a run of format {values['format']}, and this Rolewise reads {FORMAT}."
            " Save the run again."
        )
    try:
        return _RESULTS.validate_python(values["questions"])
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise EvaluationError(
            f"{path} is damaged at questions.{key}: {first['msg']}. Save the run again."
        ) from error


def _comparison_to_json(evaluation: Evaluation, comparison: RunComparison) -> dict[str, Any]:
    return {
        "run": evaluation.against,
        "questions": comparison.questions,
        "left_out": list(comparison.left_out),
        "gained": list(comparison.gained),
        "lost": list(comparison.lost),
        "groups": {
            group: {name: _difference_to_json(one) for name, one in found.items()}
            for group, found in comparison.differences.items()
        },
    }


def _difference_to_json(difference: Difference) -> dict[str, Any]:
    return {
        "before": difference.before,
        "now": difference.now,
        **{f"change_{key}": value for key, value in dataclasses.asdict(difference.change).items()},
        "beyond_noise": difference.is_beyond_noise,
    }


def _refuse_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
