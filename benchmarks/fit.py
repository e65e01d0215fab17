"""Choose the weights in bot/answers/model.yaml on the development sets: python -m benchmarks.fit.

Prints, cross-validated over questions, how often the best sentences hold the answer and what is
refused; writes the weights of the models fitted on all questions.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from bot.answers.aspects import AspectReader, known_words, reference_texts
from bot.answers.conversation import Turn
from bot.answers.evidence import SIGNALS
from bot.answers.judgement import ANSWER_SIGNALS, answer_signals
from bot.answers.lookup import Finding, look_up
from bot.answers.mentions import RoleFinder
from bot.answers.question import Subject, understand
from bot.answers.spelling import Speller, is_one_token
from bot.answers.wording import ask_as_meant, word_questions
from index.build import build_snapshot
from index.encoder import Encoder
from index.home import Home
from index.lexical import STOP_WORDS
from index.loading import load_encoder
from index.settings import IndexSettings
from index.snapshot import Snapshot
from knowledge.errors import QuestionError
from knowledge.settings import KnowledgeSettings

_ROOT = Path(__file__).parent.parent
_SEED = _ROOT / "seeds" / "software-engineer-data-science.txt"
_SETS = (
    ((_ROOT / "tests/quality/guides", _SEED), _ROOT / "tests/quality/development.yaml"),
    ((_SEED,), _ROOT / "tests/quality/seed.yaml"),
)
_MODEL = _ROOT / "bot" / "answers" / "model.yaml"
_FOLDS = 10
_SHARE_KEPT = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class _Example:
    set_name: str
    kind: str
    snapshot: Snapshot
    subject: Subject | None
    finding: Finding
    answers: npt.NDArray[np.bool_]

    @property
    def is_answerable(self) -> bool:
        return self.kind in {"single", "followup"}


def main() -> None:
    """Fit both models, print how they do and write their weights."""
    with tempfile.TemporaryDirectory() as folder:
        encoder = load_encoder(Home(Path(folder) / "encoder"), IndexSettings())
        examples = [
            example
            for number, (paths, labels) in enumerate(_SETS)
            for example in _examples(Path(folder) / str(number), paths, labels, encoder)
        ]
        sentence_weights = _fit_sentences(examples)
        answer_weights, bias, threshold = _fit_answers(examples, sentence_weights)
        for example in examples[:1]:
            example.snapshot.close()
    text = _MODEL.read_text(encoding="utf-8") if _MODEL.exists() else ""
    comment = "".join(line + "\n" for line in text.splitlines() if line.startswith("#"))
    values = {
        "sentence": dict(zip(SIGNALS, _rounded(sentence_weights), strict=True)),
        "answer": dict(zip(ANSWER_SIGNALS, _rounded(answer_weights), strict=True)),
        "answer_bias": round(bias, 3),
        "threshold": round(threshold, 3),
        "least_topicality": 0.28,
    }
    _MODEL.write_text(comment + yaml.safe_dump(values, sort_keys=False), encoding="utf-8")


def _examples(
    home_folder: Path, paths: tuple[Path, ...], labels: Path, encoder: Encoder
) -> Iterator[_Example]:
    home = Home(home_folder)
    build_snapshot(
        home,
        paths,
        lambda: encoder,
        knowledge_settings=KnowledgeSettings(),
        index_settings=IndexSettings(),
        references=reference_texts(),
    )
    snapshot = Snapshot.open_current(home)
    reader = AspectReader(snapshot.reference_vectors(reference_texts(), encoder))
    finder = RoleFinder(snapshot.roles)
    speller = Speller(snapshot.store, known_words() | STOP_WORDS, is_one_token(encoder))
    for label in yaml.safe_load(labels.read_text(encoding="utf-8")):
        if label["kind"] == "comparison":
            continue
        history = tuple(Turn(**turn) for turn in label.get("history", ()))
        try:
            question = understand(label["question"], history, finder, speller)
        except QuestionError:
            continue
        subject = question.subjects[0] if question.subjects else None
        [wording] = word_questions(encoder, reader, [ask_as_meant(question)])
        finding = look_up(snapshot, reader, IndexSettings(), wording, subject=subject)
        if not finding.evidence.candidates:
            continue  # refused for want of any evidence, not by the model
        yield _Example(
            set_name=labels.stem,
            kind=label.get("reason", label["kind"]),
            snapshot=snapshot,
            subject=subject,
            finding=finding,
            answers=np.array(
                [
                    _overlaps_gold(
                        snapshot,
                        candidate.stored.document_id,
                        candidate.stored.sentence.start,
                        candidate.stored.sentence.end,
                        label,
                    )
                    for candidate in finding.evidence.candidates
                ],
                dtype=np.bool_,
            ),
        )


@cache
def _text_of(snapshot: Snapshot, document_id: str) -> str:
    return snapshot.store.text_of(document_id)


def _overlaps_gold(
    snapshot: Snapshot, document_id: str, start: int, end: int, label: dict[str, Any]
) -> bool:
    text = _text_of(snapshot, document_id)
    for alternative in (item for side in label.get("gold", ()) for item in side):
        if alternative["doc"] != document_id:
            continue
        span = alternative["span"]
        at = text.find(span)
        while at != -1:
            shared = min(end, at + len(span)) - max(start, at)
            if shared > 0 and shared >= min(len(span) / 2, end - start):
                return True
            at = text.find(span, at + 1)
    return False


def _fit_sentences(examples: list[_Example]) -> npt.NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    used = [item for item in examples if item.is_answerable and len(item.answers)]
    rows = np.vstack([item.finding.evidence.signals for item in used]).astype(np.float64)
    answers = np.concatenate([item.answers for item in used])
    groups = np.repeat(np.arange(len(used)), [len(item.answers) for item in used])
    # Each question counts the same, however many sentences it has.
    weights = np.concatenate([np.full(len(item.answers), 1 / len(item.answers)) for item in used])
    weights /= weights.mean()
    scale = rows.std(axis=0) + 1e-9

    def fit(chosen: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        model = LogisticRegression(C=0.1, max_iter=5_000, class_weight="balanced")
        model.fit(rows[chosen] / scale, answers[chosen], sample_weight=weights[chosen])
        return np.asarray(model.coef_[0] / scale)

    scores = np.zeros(len(rows))
    for train, test in GroupKFold(_FOLDS).split(rows, answers, groups):
        scores[test] = rows[test] @ fit(train)
    for name in dict.fromkeys((item.set_name, item.kind) for item in used):
        found = [
            answers[groups == number][np.argsort(-scores[groups == number])]
            for number, item in enumerate(used)
            if (item.set_name, item.kind) == name
        ]
        best = [np.mean([ranked[:count].any() for ranked in found]) for count in (1, 2, 3)]
        print(f"{name}: {len(found)} questions, answer in the first 1/2/3:", np.round(best, 3))
    return fit(np.arange(len(rows)))


def _fit_answers(
    examples: list[_Example], sentence_weights: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], float, float]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = np.vstack(
        [
            answer_signals(
                item.snapshot,
                item.finding.wording,
                item.finding.evidence,
                (item.finding.evidence.signals @ sentence_weights).astype(np.float32),
                item.subject,
            )
            for item in examples
        ]
    ).astype(np.float64)
    answerable = np.array([item.is_answerable for item in examples])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=5_000))
    probabilities = cross_val_predict(model, rows, answerable, cv=_FOLDS, method="predict_proba")[
        :, 1
    ]
    threshold = float(np.quantile(probabilities[answerable], 1 - _SHARE_KEPT))
    for name in dict.fromkeys(item.set_name for item in examples):
        of_set = np.array([item.set_name == name for item in examples])
        area = roc_auc_score(answerable[of_set], probabilities[of_set])
        print(f"{name}: ROC area {area:.3f}")
        for kind in dict.fromkeys(item.kind for item in examples):
            chosen = of_set & np.array([item.kind == kind for item in examples])
            if chosen.any():
                share = (probabilities[chosen] < threshold).mean()
                print(f"    {kind}: {chosen.sum()} questions, refused {share:.2f}")
    model.fit(rows, answerable)
    scaler, logistic = model.named_steps.values()
    weights = logistic.coef_[0] / scaler.scale_
    bias = float(logistic.intercept_[0] - weights @ scaler.mean_)
    return weights, bias, threshold


def _rounded(weights: npt.NDArray[np.float64]) -> list[float]:
    return [round(float(weight), 3) for weight in weights]


if __name__ == "__main__":
    main()
