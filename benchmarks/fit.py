"""Fit bot/answers/ranking.npz and model.yaml to the development sets: python -m benchmarks.fit.

Prints, a quarter of the sets at a time measured with what was fitted on the others, how often the
best sentences hold the answer and what is refused; then writes what was fitted on all sets.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from benchmarks.fit_ranking import WordLists, fit_ranking
from benchmarks.quality_sets import DEVELOPMENT, OpenSet
from bot.answers.calibration_file import CalibrationValues
from bot.answers.matching import weigh_words
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
from bot.settings import AnswerSettings, Settings

_MODEL = Path(__file__).parent.parent / "bot" / "answers" / "model.yaml"
_HEAD = """\
# Weights of bot/answers/model.py, fitted by python -m benchmarks.fit on the development sets of
# tests/quality. In "calibration", "answerable" tells whether the guides answer and "right" whether
# the reply holds the answer; "thresholds" say what is refused at what cost, each set measured with
# weights fitted on others. How sentences are scored is in ranking.npz.
"""
# The guide that ships with the project counts for a twelfth of all.
_TIMES = {"seed": 5}
_IMPORTANCE_WITHOUT_GUIDE = 0.15
# Of the others nothing is taken away: it takes an index for each guide.
_WITHOUT_GUIDES = frozenset(
    {"mixed", "seed", "data", "handbook", "ladders", "notices", "occupations", "trades"}
)
_FOLDS = 4
_EVERYTHING_ANSWERED = Settings(answers=AnswerSettings(answerable_refused=0.0))


def main() -> None:
    """Fit, print how the weights do and write them."""
    with tempfile.TemporaryDirectory() as folder:
        sets = [OpenSet(quality, Path(folder), _EVERYTHING_ANSWERED) for quality in DEVELOPMENT]
        # What is asked and found doesn't depend on the map that the sets were opened with.
        found = {one.name: _TIMES.get(one.name, 1) * list(_word_lists(one)) for one in sets}
        of_all = [item for lists in found.values() for item in lists]
        matching, scorer, usual = fit_ranking(of_all)
        samples: list[Sample] = []
        for fold in range(_FOLDS):
            held_out = sets[fold::_FOLDS]
            names = {one.name for one in held_out}
            others = [item for name, lists in found.items() if name not in names for item in lists]
            matching_of_others, scorer_of_others, usual_of_others = fit_ranking(others)
            for one in held_out:
                model = replace(
                    one.sources.model,
                    scorer=scorer_of_others,
                    matching=matching_of_others,
                    usual=usual_of_others,
                )
                samples += _samples_of_set(one, replace(one.sources, model=model))
        values = calibrate(samples, sets[0].sources.encoder.fingerprint)
        _print_refusals(samples, values)
        for one in sets:
            one.close()
    np.savez(
        _MODEL.with_name(RANKING_NAME),
        left=matching.left.astype(np.float16),
        right=matching.right.astype(np.float16),
        usual=usual,
        **{name: getattr(scorer, name) for name in SCORER_ARRAYS},
    )
    written = {"calibration": values.model_dump()}
    _MODEL.write_text(_HEAD + yaml.safe_dump(written, sort_keys=False), encoding="utf-8")


def _samples_of_set(one: OpenSet, sources: Sources) -> Iterator[Sample]:
    """Yield the samples of a set, answered with what was fitted on others."""
    examples = one.examples(sources)
    _print_ranking(one.name, examples, sources.model.scorer)
    for example in examples:
        importance = float(_TIMES.get(one.name, 1))
        yield from samples_of(sources, example, group=one.name, importance=importance)
    if one.name not in _WITHOUT_GUIDES:
        return
    for example in one.examples_without_guide(sources):
        [sample] = samples_of(sources, example, group=one.name)
        yield replace(sample, kind=GUIDE_TAKEN_AWAY, importance=_IMPORTANCE_WITHOUT_GUIDE)


def _word_lists(one: OpenSet) -> Iterator[WordLists]:
    """Yield what is asked and found of each question of a set, word by word."""
    snapshot = one.sources.snapshot
    for example in one.examples():
        for finding, answer in zip(example.findings, example.answers, strict=True):
            is_answered = example.is_answerable and len(answer) > 0 and answer.max() > 0
            if is_answered or (not example.is_answerable and len(answer)):
                positions = [item.stored.position for item in finding.evidence.candidates]
                yield WordLists(
                    question=finding.wording.word_vectors,
                    weights=weigh_words(
                        finding.wording, snapshot.lexical.inverse_document_frequency
                    ),
                    sentences=snapshot.sentence_words(positions),
                    signals=finding.evidence.signals,
                    answers=answer,
                    of_question=finding.judgement.signals,
                    bare_vector=finding.wording.bare_vector,
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
