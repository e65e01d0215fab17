"""Rolewise itself; the folder is a home.

The backend says what is timed. "cited answer" is all that `rolewise ask` does with a question, and
all that `rolewise build` does with guides: what it is given to build are their paths. "search"
finds five passages in that snapshot, and builds from passages, as the other frameworks do.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bot.answers.replies import statements_of
from bot.application import Application
from bot.settings import Settings
from index.searching.dense import DenseIndex
from index.searching.lexical import LexicalIndex, terms_of
from index.searching.search import Probe, search
from index.snapshots.files import LEXICAL_NAME, PASSAGE_VECTORS_NAME
from index.snapshots.snapshot import Snapshot

PACKAGES = ("rolewise", "tokenizers", "bm25s")


def load_builder(backend: str, model: str, folder: Path) -> Callable[[list[str]], int]:
    """Load the encoder; return what builds, and says how many passages it has indexed."""
    application = Application(Settings(home=folder))
    encoder = application.load_encoder()
    if backend == "cited answer":
        # Else what hasn't changed since the last build would be copied from it.
        shutil.rmtree(folder / "snapshots", ignore_errors=True)
        (folder / "current").unlink(missing_ok=True)
        return lambda paths: application.build([Path(path) for path in paths]).passages
    target = folder / "passages alone"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()

    def build(passages: list[str]) -> int:
        np.save(target / PASSAGE_VECTORS_NAME, encoder.encode(passages))
        DenseIndex.build(target, len(passages), encoder.dimension)
        LexicalIndex.build((terms_of(text) for text in passages), target / LEXICAL_NAME)
        return len(passages)

    return build


def open_index(backend: str, model: str, folder: Path) -> Callable[[str], list[str]]:
    """Load the encoder and the snapshot in service."""
    application = Application(Settings(home=folder))
    if backend == "cited answer":
        application.assistant.prepare()
        return lambda question: [
            statement.text for statement in statements_of(application.assistant.reply(question))
        ]
    encoder = application.load_encoder()
    snapshot = Snapshot.open_current(application.home)
    settings = application.settings.index

    def find(question: str) -> list[str]:
        probe = Probe(vector=encoder.encode([question])[0], text=question)
        return [hit.text for hit in search(snapshot, [probe], 5, settings)]

    return find
