"""An encoder that hashes words, guides to build from, and passages laid out by hand."""

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.build import BuildReport, Progress, build_snapshot
from index.encoding.encoder import Part, Vectors
from index.encoding.parts import PartVectors
from index.settings import IndexSettings
from index.snapshots.home import Home
from index.snapshots.manifest import MANIFEST_NAME
from index.snapshots.snapshot import Snapshot
from knowledge.settings import KnowledgeSettings

GUIDES = {
    "data-engineer.md": (
        "# Data Engineer\n\nData engineers build pipelines that carry data.\n\n## Skills\n\n"
        "A data engineer needs:\n\n- Python;\n- SQL.\n\n## Pay\n\nThey are paid well.\n"
    ),
    "nurses/nurse.md": (
        "---\ntitle: Nurse\naliases: [RN]\n---\n# Nurse\n\nNurses care for patients.\n\n"
        "## Training\n\nA nurse studies for three years 😀 at least. Then comes practice.\n"
    ),
    "teacher.txt": "Teacher\n\nTeachers teach pupils.\nThey prepare lessons and mark homework.\n",
}
REFERENCES = ("what does the role do?", "how much is it paid?")


class WordHashEncoder:
    """Gives each word one axis by its checksum; texts of the same words have cosine one."""

    def __init__(
        self, *, dimension: int = 16, max_tokens: int = 40, fingerprint: str = "0123abcd" * 8
    ) -> None:
        self.model = "word-hashes"
        self.dimension = dimension
        self.max_tokens = max_tokens
        self.pools_parts = True
        self.fingerprint = fingerprint
        self.failure: BaseException | None = None
        """What encoding raises, where it isn't none."""
        self.encoded: list[str] = []

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        if self.failure is not None:
            raise self.failure
        self.encoded += texts
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.split() or [""]:
                vectors[row, self._axis(word)] += 1
            if progress is not None:
                progress(1)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[Part]],
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        """Pool parts as a real encoder does: a word is a token, its axis the hidden state."""
        vectors = self.encode(texts, progress)
        gathered = PartVectors(texts, parts, self.dimension)
        for row, text in enumerate(texts):
            words = list(re.finditer(r"\S+", text))
            hidden = np.zeros((len(words), self.dimension), dtype=np.float32)
            for place, word in enumerate(words):
                hidden[place, self._axis(word[0])] = 1
            gathered.pool(row, hidden, [word.span() for word in words], [0] * len(words))
        return vectors, gathered.finish(self.encode)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def _axis(self, word: str) -> int:
        return zlib.crc32(word.lower().encode()) % self.dimension


def write_guides(folder: Path, guides: dict[str, str] = GUIDES) -> Path:
    """Write guides into a folder and return it."""
    for name, text in guides.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return folder


def build(
    home: Home,
    guides: Path,
    encoder: WordHashEncoder | None = None,
    *,
    kept_snapshots: int = 3,
    references: tuple[str, ...] = REFERENCES,
    progress: Progress = lambda stage, done, total: None,
) -> BuildReport:
    """Build a snapshot of the guides with the fake encoder."""
    return build_snapshot(
        home,
        [guides],
        lambda: encoder or WordHashEncoder(),
        knowledge_settings=KnowledgeSettings(target_tokens=16),
        index_settings=IndexSettings(kept_snapshots=kept_snapshots),
        references=references,
        progress=progress,
    )


@contextmanager
def opened_snapshot(folder: Path, guides: dict[str, str]) -> Iterator[Snapshot]:
    """Give a snapshot of guides, built in a folder and closed in the end."""
    (folder / "guides").mkdir()
    home = Home(folder / "home")
    build(home, write_guides(folder / "guides", guides))
    with closing(Snapshot.open_current(home)) as snapshot:
        yield snapshot


def edit_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what a manifest says, as who wrote it would have."""
    path = folder / MANIFEST_NAME
    values = json.loads(path.read_bytes())
    change(values)
    rest = {key: value for key, value in values.items() if key != "checksum"}
    content = json.dumps(rest, sort_keys=True).encode()
    checksum = hashlib.sha256(content).hexdigest()
    path.write_text(json.dumps(rest | {"checksum": checksum}), encoding="utf-8")


def stamp_file(folder: Path, name: str) -> None:
    """Have the manifest agree with a file, as where only the file's contents are wrong."""
    data = (folder / name).read_bytes()
    entry = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    edit_manifest(folder, lambda values: values["files"].update({name: entry}))


def leftovers_of(home: Home) -> list[str]:
    """Return what an interrupted build has left behind."""
    unfinished = [path.name for path in home.snapshots.iterdir() if path.name.startswith(".")]
    return unfinished + [path.name for path in home.path.glob("current.*")]


def unit_vectors(count: int, dimension: int, seed: int = 0) -> Vectors:
    """Return random vectors of length one."""
    vectors: npt.NDArray[Any] = np.random.default_rng(seed).normal(size=(count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
