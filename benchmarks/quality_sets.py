"""The sets of labelled questions: which guides each is about, and what it may be used for."""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.answers.assistant import Assistant
from bot.answers.lookup import Finding
from bot.answers.model import load_model
from bot.answers.sources import Sources
from bot.application import Application
from bot.evaluation.findings import Example, find_examples
from bot.evaluation.places import find_places
from bot.evaluation.questions import Gap, Kind, LabelledQuestion, read_questions
from bot.settings import AnswerSettings, Settings
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot

_ROOT = Path(__file__).parent.parent
_QUALITY = _ROOT / "tests" / "quality"
_COLLECTIONS = _QUALITY / "collections"
_SEED = _ROOT / "seeds" / "software-engineer-data-science.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySet:
    """Labelled questions and the guides that they are about."""

    name: str
    guides: tuple[Path, ...]
    questions: Path


def _collection(name: str) -> QualitySet:
    folder = _COLLECTIONS / name
    return QualitySet(name=name, guides=(folder / "guides",), questions=folder / "questions.yaml")


DEVELOPMENT = (
    QualitySet(
        name="mixed",
        guides=(_QUALITY / "guides", _SEED),
        questions=_QUALITY / "development.yaml",
    ),
    QualitySet(name="seed", guides=(_SEED,), questions=_QUALITY / "seed.yaml"),
    *map(
        _collection,
        """
        data handbook ladders notices occupations trades
        agency airport almanac backoffice bank civic consult culture edtech energy finance growth
        hospitality lab logistics manufacture nonprofit opensource platform retail studio wiki
        clinic datateam ecommerce farm govtech ladder legal marketing maritime profiles railway
        robotics saas startup telecom
        bootcamp building gaming insurance pharma remotefirst rescue rubrics
        aerospace crafts film ministry mlteam outlook payments university
        architects chips cloud dentalvet socialcare statistics webshop
        itsupport biotech uxdesign quant automotive localise healthit devtools
        """.split(),
    ),
)
"""What weights and thresholds are chosen on."""

TEST = (
    QualitySet(name="mixed", guides=(_QUALITY / "guides", _SEED), questions=_QUALITY / "test.yaml"),
    *map(_collection, ("media", "school", "council", "security")),
)
"""What nothing is chosen on: the figures of README come from these."""


EVERYTHING_ANSWERED = Settings(answers=AnswerSettings(answerable_refused=0.0))
"""Settings with which whatever is on topic is answered."""


class OpenSet:
    """A quality set with an index of its guides, built in a folder of its own."""

    def __init__(self, quality: QualitySet, folder: Path, settings: Settings | None = None) -> None:
        """Build the index.

        Args:
            quality: The set.
            folder: Where the indexes of all sets are; the encoder is exported there once.
            settings: How questions are answered; by default as always.
        """
        self.quality = quality
        self.name = quality.name
        self.questions = read_questions(quality.questions)
        self._folder = folder / quality.name
        self._settings = settings or Settings()
        exports = folder / "encoders"
        exports.mkdir(parents=True, exist_ok=True)
        for home in (self._folder / "home", self._folder / "home without a guide"):
            home.mkdir(parents=True)
            Home(home).exports.symlink_to(exports)
        self.sources = self._build("home", quality.guides)
        self._application = Application(
            self._settings.model_copy(update={"home": self._folder / "home"})
        )

    @property
    def assistant(self) -> Assistant:
        """Return what answers from the index."""
        return self._application.assistant

    def close(self) -> None:
        """Close the index."""
        self._application.close()
        self.sources.snapshot.close()

    def examples(self, sources: Sources | None = None) -> list[Example]:
        """Return what comes of each question, from these sources or those of the set."""
        sources = sources or self.sources
        store = sources.snapshot.store
        places = find_places(
            self.quality.questions, self.questions, store.document_ids(), store.text_of
        )
        return list(find_examples(sources, self._settings, self.questions, places))

    def examples_without_guide(self, sources: Sources | None = None) -> Iterator[Example]:
        """Yield what comes of questions where the only guide that answers them is taken away.

        Each is about one role, and all its golds are in one document; the index holds the others.
        """
        model = (sources or self.sources).model
        for document, questions in sorted(self._questions_of_document().items()):
            guides = self._folder / "guides"
            shutil.rmtree(guides, ignore_errors=True)
            guides.mkdir()
            for path in self.quality.guides:
                if path.is_dir():
                    shutil.copytree(path, guides, dirs_exist_ok=True)
                else:
                    shutil.copy(path, guides)
            (guides / document).unlink()
            if not any(path.is_file() for path in guides.rglob("*")):
                continue  # the only guide there is
            left = replace(self._build("home without a guide", (guides,)), model=model)
            yield from find_examples(left, self._settings, questions, [()] * len(questions))
            left.snapshot.close()

    def _questions_of_document(self) -> dict[str, list[LabelledQuestion]]:
        found: dict[str, list[LabelledQuestion]] = defaultdict(list)
        for question in self.questions:
            documents = {gold.document for side in question.sides for gold in side}
            if len(documents) == 1 and question.kind is not Kind.COMPARISON:
                found[documents.pop()].append(
                    replace(question, sides=(), kind=Kind.UNANSWERABLE, reason=Gap.NO_GUIDE)
                )
        return found

    def _build(self, home: str, guides: tuple[Path, ...]) -> Sources:
        application = Application(self._settings.model_copy(update={"home": self._folder / home}))
        application.build(guides)
        encoder = application.load_encoder()
        snapshot = Snapshot.open_current(application.home)
        model = load_model(application.home.path, encoder.fingerprint)
        return Sources.of(snapshot, encoder, model)


def lists_of(example: Example) -> Iterator[tuple[Finding, npt.NDArray[np.float32]]]:
    """Yield what was found for a question, with how far each sentence answers, to be fitted to.

    Where the guides answer and nothing that does was found, there is nothing to learn.
    """
    for finding, answers in zip(example.findings, example.answers, strict=True):
        if len(answers) and bool(answers.any()) == example.is_answerable:
            yield finding, answers
