"""The sets of labelled questions: which guides each is about, and what it may be used for."""

from dataclasses import dataclass
from pathlib import Path

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
    return QualitySet(
        name=name, guides=(folder / "guides",), questions=folder / "questions.yaml"
    )


DEVELOPMENT = (
    QualitySet(
        name="mixed",
        guides=(_QUALITY / "guides", _SEED),
        questions=_QUALITY / "development.yaml",
    ),
    QualitySet(name="seed", guides=(_SEED,), questions=_QUALITY / "seed.yaml"),
    *map(_collection, ("data", "handbook", "ladders", "notices", "occupations", "trades")),
)
"""What weights and thresholds are chosen on."""

TEST = (
    QualitySet(
        name="mixed", guides=(_QUALITY / "guides", _SEED), questions=_QUALITY / "test.yaml"
    ),
    *map(_collection, ("media", "school")),
)
"""What nothing is chosen on: the figures of README come from these."""
