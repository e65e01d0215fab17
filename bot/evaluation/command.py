"""`rolewise evaluate`: from a file of questions to what came of them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.answers.calibration_file import CalibrationValues, write_calibration
from bot.answers.model import load_model
from bot.answers.sources import Sources
from bot.application import Application
from bot.evaluation.calibrating import calibrate, samples_of
from bot.evaluation.comparing import RunComparison, compare_runs
from bot.evaluation.findings import find_examples
from bot.evaluation.measures import measure_all
from bot.evaluation.places import find_places
from bot.evaluation.questions import LabelledQuestion, read_questions
from bot.evaluation.report import to_html
from bot.evaluation.retrieval import load_library
from bot.evaluation.runs import Evaluation, read_results, to_json
from bot.evaluation.scoring import Result, ask_all, score_all
from index.snapshots.snapshot import Snapshot
from knowledge.errors import EvaluationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What an evaluation reads: the questions, and the earlier run to compare with, if any."""

    path: Path
    questions: tuple[LabelledQuestion, ...]
    against: Path | None
    earlier: tuple[Result, ...]


def read_inputs(path: Path, against: Path | None = None) -> Inputs:
    """Read all that is needed beside the index, so that what is wrong with it is said at once.

    Raises:
        EvaluationError: a file can't be read or is wrong, or ir-measures isn't installed.
    """
    load_library()
    return Inputs(
        path=path,
        questions=read_questions(path),
        against=against,
        earlier=read_results(against) if against else (),
    )


def evaluate(
    application: Application,
    inputs: Inputs,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Evaluation:
    """Ask the questions of the index in service and measure the replies.

    Args:
        application: Whose assistant is asked.
        inputs: The questions, and what to compare with.
        progress: Is told how far the asking has come.

    Raises:
        EvaluationError: a label doesn't fit the index, or no question is in both runs.
        SnapshotError: there is no index, or it can't be opened.
        EncoderError: the encoder can't be loaded.
    """
    snapshot = Snapshot.open_current(application.home)
    try:
        store = snapshot.store
        places = find_places(inputs.path, inputs.questions, store.document_ids(), store.text_of)
    finally:
        snapshot.close()
    asked = ask_all(application.assistant, inputs.questions, places, snapshot.name, progress)
    results = score_all(asked)
    return Evaluation(
        file=inputs.path.name,
        snapshot=snapshot.name,
        encoder=snapshot.manifest.encoder.model,
        asked=asked,
        results=results,
        measures=measure_all(results),
        against=inputs.against.name if inputs.against else None,
        comparison=_compare(inputs, results),
    )


def calibrate_encoder(application: Application, inputs: Inputs) -> CalibrationValues:
    """Fit when to refuse, and how sure to be, to labelled questions; keep it in the home folder.

    It takes the place of what the encoder in service was calibrated with before, from the next
    start on.

    Raises:
        EvaluationError: a label doesn't fit the index, or there are too few questions.
        SnapshotError: there is no index, or it can't be opened.
        EncoderError: the encoder can't be loaded.
        StorageError: the home can't be written.
    """
    snapshot = Snapshot.open_current(application.home)
    try:
        store = snapshot.store
        places = find_places(inputs.path, inputs.questions, store.document_ids(), store.text_of)
        encoder = application.load_encoder()
        home = application.home.path
        sources = Sources.of(snapshot, encoder, load_model(home, encoder.fingerprint))
        everything_answered = application.settings.answers.model_copy(
            update={"answerable_refused": 0.0}
        )
        settings = application.settings.model_copy(update={"answers": everything_answered})
        samples = [
            sample
            for example in find_examples(sources, settings, inputs.questions, places)
            for sample in samples_of(sources, example, group=inputs.path.name)
        ]
    finally:
        snapshot.close()
    values = calibrate(samples, encoder.fingerprint)
    write_calibration(home, values)
    return values


def write_files(evaluation: Evaluation, *, save: Path | None, report: Path | None) -> None:
    """Write an evaluation to be compared with, and as a page, each over what was there.

    Raises:
        EvaluationError: a file can't be written.
    """
    if save is not None:
        _write(save, json.dumps(to_json(evaluation), indent=1, allow_nan=False) + "\n")
    if report is not None:
        _write(report, to_html(evaluation))


def _compare(inputs: Inputs, results: list[Result]) -> RunComparison | None:
    if inputs.against is None:
        return None
    comparison = compare_runs(inputs.earlier, results)
    if not comparison.questions:
        raise EvaluationError(
            f"{inputs.against} and {inputs.path} have no question in common, labelled alike."
            " Compare runs of the same file."
        )
    return comparison


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EvaluationError(f"{path} can't be written ({error.strerror}).") from error
