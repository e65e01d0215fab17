"""Fit bot/answers/ranking.npz and model.yaml: python -m benchmarks.fit FOLDER.

FOLDER is what `python -m benchmarks.fit_encoder` wrote. Each third of the development sets is
answered with the encoder that was adapted to the others, so that all that is fitted here sees words
matched as they are on questions never seen. Prints, a third of the sets at a time measured with
what was fitted on the others, how often the best sentences hold the answer and what is refused;
then writes what was fitted on all sets, and the encoder's adapter to all sets.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from benchmarks.fit_ranking import SentenceList, fit_scorer
from benchmarks.quality_sets import DEVELOPMENT, EVERYTHING_ANSWERED, OpenSet, lists_of
from benchmarks.training_lists import FOLDS, TIMES
from bot.answers.calibration_file import CalibrationValues
from bot.answers.matching import WordMatching
from bot.answers.model import RANKING_NAME, SCORER_ARRAYS
from bot.answers.scoring import SentenceScorer
from bot.answers.sources import Sources
from bot.evaluation.calibrating import (
    GUIDE_TAKEN_AWAY,
    TAKEN_AWAY,
    Sample,
    calibrate,
    samples_of,
)
from bot.evaluation.findings import Example
from bot.evaluation.questions import Kind
from bot.settings import Settings
from index.encoding.adapter import ADAPTER_NAME, DOWN, UP, add_to_weights
from index.encoding.encoder import SentenceTransformerEncoder
from index.encoding.models import load_model
from index.settings import PUBLISHED_MODEL, IndexSettings

_ROOT = Path(__file__).parent.parent
_MODEL = _ROOT / "bot" / "answers" / "model.yaml"
_ADAPTER = _ROOT / "index" / "encoding" / ADAPTER_NAME
_HEAD = """\
# Weights of bot/answers/model.py, fitted by python -m benchmarks.fit on the development sets of
# tests/quality. In "calibration", "answerable" tells whether the guides answer and "right" whether
# the reply holds the answer; "thresholds" say what is refused at what cost, each set measured with
# weights fitted on others. How sentences are scored is in ranking.npz.
"""
Arrays = Mapping[str, npt.NDArray[Any]]
_IMPORTANCE_WITHOUT_GUIDE = 0.3
# Of the others nothing is taken away: it takes an index for each guide.
_WITHOUT_GUIDES = frozenset(
    {"mixed", "seed", "data", "handbook", "ladders", "notices", "occupations", "trades"}
)


def main() -> None:
    """Fit, print how the weights do and write them."""
    if len(sys.argv) != 2:
        sys.exit("Name the folder of adapters: python -m benchmarks.fit FOLDER")
    adapters = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        sets: list[OpenSet] = []
        sources: dict[str, Sources] = {}
        for fold in range(FOLDS):
            with np.load(adapters / f"fold{fold}.npz") as arrays:
                model = _save_adapted(arrays, Path(folder) / f"encoder{fold}")
                for quality in DEVELOPMENT[fold::FOLDS]:
                    one = OpenSet(quality, Path(folder), model)
                    sets.append(one)
                    sources[one.name] = _with_words(one.sources, arrays)
        lists = {
            one.name: TIMES.get(one.name, 1) * list(_lists(one.examples(sources[one.name])))
            for one in sets
        }
        samples: list[Sample] = []
        for fold in range(FOLDS):
            names = {quality.name for quality in DEVELOPMENT[fold::FOLDS]}
            scorer = fit_scorer(
                [x for name, of_set in lists.items() if name not in names for x in of_set]
            )
            for one in sets:
                if one.name in names:
                    of_set = sources[one.name]
                    with_scorer = replace(of_set, model=replace(of_set.model, scorer=scorer))
                    samples += _samples_of_set(one, with_scorer)
        for one in sets:
            one.close()
    scorer = fit_scorer([item for of_set in lists.values() for item in of_set])
    with np.load(adapters / "all.npz") as arrays:
        np.savez(_ADAPTER, **{name: arrays[name] for name in arrays if name.endswith((DOWN, UP))})
        np.savez(
            _MODEL.with_name(RANKING_NAME),
            left=arrays["left"].astype(np.float16),
            right=arrays["right"].astype(np.float16),
            usual=arrays["usual"],
            **{name: getattr(scorer, name) for name in SCORER_ARRAYS},
        )
    values = calibrate(samples, SentenceTransformerEncoder().fingerprint)
    _print_refusals(samples, values)
    written = {"calibration": values.model_dump()}
    _MODEL.write_text(_HEAD + yaml.safe_dump(written, sort_keys=False), encoding="utf-8")


def _save_adapted(arrays: Arrays, folder: Path) -> Settings:
    """Write the published model as adapted into a folder, and return settings that name it."""
    model = load_model(PUBLISHED_MODEL, allow_code=False)
    add_to_weights(model, arrays)
    model.save(str(folder), create_model_card=False)
    return EVERYTHING_ANSWERED.model_copy(update={"index": IndexSettings(model=str(folder))})


def _with_words(sources: Sources, arrays: Arrays) -> Sources:
    """Return sources that compare words as an adapted encoder's are to be."""
    matching = WordMatching(left=arrays["left"], right=arrays["right"])
    return replace(sources, model=replace(sources.model, matching=matching, usual=arrays["usual"]))


def _samples_of_set(one: OpenSet, sources: Sources) -> Iterator[Sample]:
    """Yield the samples of a set, answered with what was fitted on others."""
    examples = one.examples(sources)
    _print_ranking(one.name, examples, sources.model.scorer)
    for example in examples:
        importance = float(TIMES.get(one.name, 1))
        yield from samples_of(sources, example, group=one.name, importance=importance)
    if one.name not in _WITHOUT_GUIDES:
        return
    for example in one.examples_without_guide(sources):
        [sample] = samples_of(sources, example, group=one.name)
        yield replace(sample, kind=GUIDE_TAKEN_AWAY, importance=_IMPORTANCE_WITHOUT_GUIDE)


def _lists(examples: Sequence[Example]) -> Iterator[SentenceList]:
    """Yield what was found for each question."""
    for example in examples:
        for finding, answers in lists_of(example):
            yield SentenceList(
                signals=finding.evidence.signals,
                answers=answers,
                of_question=finding.judgement.signals,
                is_comparison=example.question.kind is Kind.COMPARISON,
            )


def _print_ranking(name: str, examples: Sequence[Example], scorer: SentenceScorer) -> None:
    ranked = [
        answer[np.argsort(-scorer.score(finding.evidence.signals), kind="stable")]
        for example in examples
        for finding, answer in zip(example.findings, example.answers, strict=True)
        if len(answer) and answer.max() >= 1
    ]
    shares = [np.mean([(one[:count] >= 1).any() for one in ranked]) for count in (1, 2, 3)]
    print(f"{name}: {len(ranked)} lists, the answer is in the first 1, 2, 3:", np.round(shares, 2))


def _print_refusals(samples: Sequence[Sample], values: CalibrationValues) -> None:
    for kind in dict.fromkeys(sample.kind for sample in samples if sample.kind not in TAKEN_AWAY):
        right = [sample.is_right for sample in samples if sample.kind == kind]
        print(f"{kind}: {len(right)} questions, the reply holds the answer of {np.mean(right):.2f}")
    for one in values.thresholds:
        print(
            f"refusing {one.answerable_refused:.3f} of the answerable:"
            f" {one.unanswerable_answered:.2f} of the others are answered"
        )


if __name__ == "__main__":
    main()
