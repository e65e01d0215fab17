"""Choose the weights in bot/answers/model.yaml on the development sets: python -m benchmarks.fit.

Prints, each set measured with weights fitted on the others, how often the best sentences hold the
answer and what is refused; then writes weights fitted on all sets.
"""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.quality_sets import DEVELOPMENT, QualitySet
from bot.answers.answering import Sources
from bot.answers.evidence import SIGNALS
from bot.answers.model import load_model
from bot.application import Application
from bot.evaluation.calibrating import Sample, calibrate, sample_of
from bot.evaluation.findings import Example, find_examples
from bot.evaluation.fitting import Numbers, fit_ranking
from bot.evaluation.places import find_places
from bot.evaluation.questions import read_questions
from bot.settings import AnswerSettings, Settings
from index.home import Home
from index.snapshot import Snapshot

_MODEL = Path(__file__).parent.parent / "bot" / "answers" / "model.yaml"
_HEAD = """\
# Weights of bot/answers/model.py, fitted by python -m benchmarks.fit on the development sets of
# tests/quality. "sentence" scores a sentence as an answer. In "calibration", "answerable" tells
# whether the guides answer and "right" whether the reply holds the answer; "thresholds" say what is
# refused at what cost, each set measured with weights fitted on the others.
"""
# The seed guide's questions are plain and many; by themselves they would outweigh a whole set.
_IMPORTANCE = {"seed": 0.3}
_EVERYTHING_ANSWERED = Settings(answers=AnswerSettings(answerable_refused=0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    name: str
    sources: Sources
    quality: QualitySet

    def examples(self, weights: Numbers | None = None) -> list[Example]:
        """Return what comes of each question, with other sentence weights if they are given."""
        sources = self.sources
        if weights is not None:
            model = replace(sources.model, sentence_weights=weights.astype(np.float32))
            sources = replace(sources, model=model)
        questions = read_questions(self.quality.questions)
        store = sources.snapshot.store
        places = find_places(
            self.quality.questions, questions, store.document_ids(), store.text_of
        )
        return list(find_examples(sources, _EVERYTHING_ANSWERED, questions, places))


def main() -> None:
    """Fit, print how the weights do and write them."""
    with tempfile.TemporaryDirectory() as folder:
        sets = [_open(quality, Path(folder)) for quality in DEVELOPMENT]
        found = {one.name: one.examples() for one in sets}
        weights_without = {
            one.name: _fit([item for item in found.items() if item[0] != one.name])
            for one in sets
        }
        weights = _fit(list(found.items()))
        samples = []
        for one in sets:
            examples = one.examples(weights_without[one.name])
            _print_ranking(one.name, examples, weights_without[one.name])
            samples += [
                sample_of(one.sources, example, group=one.name, importance=_importance(one.name))
                for example in examples
            ]
        values = calibrate(samples, sets[0].sources.encoder.fingerprint)
        _print_refusals(samples)
        for one in sets:
            one.sources.snapshot.close()
    written: dict[str, Any] = {
        "sentence": dict(zip(SIGNALS, _rounded(weights), strict=True)),
        "calibration": values.model_dump(),
    }
    _MODEL.write_text(_HEAD + yaml.safe_dump(written, sort_keys=False), encoding="utf-8")


def _open(quality: QualitySet, folder: Path) -> _Set:
    home = folder / quality.name
    application = Application(Settings(home=home))
    exports = folder / "encoders"
    if exports.exists():
        shutil.copytree(exports, Home(home).exports)
    encoder = application.load_encoder()
    application.build(quality.guides)
    if not exports.exists():
        shutil.copytree(Home(home).exports, exports)
    snapshot = Snapshot.open_current(Home(home))
    model = load_model(home, encoder.fingerprint)
    return _Set(name=quality.name, sources=Sources.of(snapshot, encoder, model), quality=quality)


def _importance(name: str) -> float:
    return _IMPORTANCE.get(name, 1.0)


def _fit(found: Sequence[tuple[str, Sequence[Example]]]) -> Numbers:
    signals, answers, importance = [], [], []
    for name, examples in found:
        for example in examples:
            for finding, answer in zip(example.findings, example.answers, strict=True):
                if len(answer) and answer.max() > 0:
                    signals.append(finding.evidence.signals)
                    answers.append(answer)
                    importance.append(_importance(name))
    return fit_ranking(signals, answers, importance)


def _print_ranking(name: str, examples: Sequence[Example], weights: Numbers) -> None:
    ranked = [
        answer[np.argsort(-(finding.evidence.signals @ weights), kind="stable")]
        for example in examples
        for finding, answer in zip(example.findings, example.answers, strict=True)
        if len(answer) and answer.max() >= 1
    ]
    shares = [np.mean([(one[:count] >= 1).any() for one in ranked]) for count in (1, 2, 3)]
    print(f"{name}: {len(ranked)} lists, the answer is in the first 1, 2, 3:", np.round(shares, 2))


def _print_refusals(samples: Sequence[Sample]) -> None:
    print("answered wrongly and refused, by kind, at the default strictness: see docs/answers.md")
    for kind in dict.fromkeys(sample.kind for sample in samples):
        right = [sample.is_right for sample in samples if sample.kind == kind]
        print(f"    {kind}: {len(right)}, held by the reply {np.mean(right):.2f}")


def _rounded(weights: Numbers) -> list[float]:
    return [round(float(weight), 4) for weight in weights]


if __name__ == "__main__":
    main()
