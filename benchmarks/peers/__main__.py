"""Rolewise beside other frameworks, in one run: python -m benchmarks.peers [GUIDES ...].

GUIDES are folders and files of guides, by default those of the quality sets and the seed guide.
Installs the frameworks, builds an index of the same passages with each, and then asks each in turn,
round after round, so that a busy moment hits all alike. Prints a Markdown table and writes it, with
the same figures as JSON, into benchmarks/results/.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measure import machine_facts
from benchmarks.peers.bystanders import Bystanders
from benchmarks.peers.environments import install
from benchmarks.peers.report import Rounds, agreement_of, ratios_of, table_of
from benchmarks.peers.run import (
    PEERS,
    ROLEWISE,
    ROLEWISE_ANSWERS,
    Peer,
    answer_cold,
    build,
    serve,
)
from bot.application import Application
from bot.settings import Settings
from knowledge.passages import contextualise, split_document
from knowledge.reading.reading import read_documents

_ROOT = Path(__file__).parent.parent.parent
_RESULTS = _ROOT / "benchmarks" / "results"
_QUALITY = _ROOT / "tests" / "quality"
_GUIDES = (_QUALITY / "guides", _ROOT / "seeds")
_QUESTION = "what skills does a data engineer need"
_QUESTIONS = 20
_COLD_ROUNDS = 5
_WARM_ROUNDS = 3
_BUILD_ROUNDS = 3
_RUNS = 200


def main(guides: Sequence[Path] = _GUIDES) -> None:
    """Measure, print and save."""
    install(_tell)
    bystanders = Bystanders()
    with tempfile.TemporaryDirectory() as folder:
        rounds, passages, tokens = measure(guides, Path(folder), _tell)
    figures = {peer.label: found.medians() for peer, found in rounds.items()}
    busy = bystanders.mean_cores()
    facts = machine_facts() | {
        "passages": f"{passages} of {tokens:.0f} tokens",
        "kept busy by others meanwhile": "unknown" if busy is None else f"{busy:.2f} cores",
    }
    table = table_of(figures, rounds, facts)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "peers.md").write_text(table, encoding="utf-8")
    saved = {
        "machine": facts,
        "figures": figures,
        "ratios": ratios_of(figures),
        "agreement": agreement_of(rounds),
        "threads": {peer.label: found.served[-1].threads for peer, found in rounds.items()},
        "versions": {peer.label: found.served[-1].versions for peer, found in rounds.items()},
        "rounds": {peer.label: _without_texts(found) for peer, found in rounds.items()},
    }
    (_RESULTS / "peers.json").write_text(json.dumps(saved, indent=2) + "\n", encoding="utf-8")
    print(table)


def measure(
    guides: Sequence[Path], folder: Path, progress: Callable[[str], None]
) -> tuple[dict[Peer, Rounds], int, float]:
    """Return what was measured of each framework, the number of passages and their mean tokens.

    Args:
        guides: Folders and files of guides.
        folder: An empty folder for the indexes.
        progress: Is told what goes on.
    """
    homes = {ROLEWISE_ANSWERS: folder / "rolewise", ROLEWISE: folder / "rolewise"}
    homes |= {peer: folder / peer.label for peer in PEERS}
    passages, tokens = _split(guides, homes[ROLEWISE])
    questions = _questions()
    rounds = {peer: Rounds() for peer in homes}
    for number in range(_BUILD_ROUNDS):
        for peer in homes:
            progress(f"build {number + 1} of {_BUILD_ROUNDS}: {peer.label}")
            texts = [str(path.absolute()) for path in guides]
            texts = texts if peer is ROLEWISE_ANSWERS else passages
            rounds[peer].builds.append(build(peer, texts, homes[peer]))
    # The first round isn't counted: it brings the files from the disk into memory.
    for number in range(_COLD_ROUNDS + 1):
        for peer in (ROLEWISE_ANSWERS, *PEERS):
            progress(f"cold answer {number} of {_COLD_ROUNDS}: {peer.label}")
            seconds = answer_cold(peer, homes[peer], _QUESTION)
            if number:
                rounds[peer].cold_seconds.append(seconds)
    for number in range(_WARM_ROUNDS):
        for peer in homes:
            progress(f"{_RUNS} searches, {number + 1} of {_WARM_ROUNDS}: {peer.label}")
            rounds[peer].served.append(serve(peer, homes[peer], questions, _RUNS))
            if peer.environment is None:
                continue
            # Where cores are few, threads that wait for work in a loop slow their own process.
            rounds[peer].served_with_one_thread.append(
                serve(peer, homes[peer], questions, _RUNS, openmp_threads=1)
            )
    return rounds, len(passages), tokens


def _split(guides: Sequence[Path], home: Path) -> tuple[list[str], float]:
    """Return the words of each passage as Rolewise encodes them, and their mean tokens."""
    application = Application(Settings(home=home))
    encoder = application.load_encoder()
    settings = application.settings.knowledge
    passages = []
    for document in read_documents(guides, settings):
        split = split_document(
            document,
            encoder.count_tokens,
            max_tokens=encoder.max_tokens,
            target_tokens=settings.target_tokens,
        )
        passages += [
            contextualise(
                document.title,
                passage.heading_path,
                document.text[passage.start : passage.end],
                encoder.count_tokens,
                encoder.max_tokens,
            )
            for passage in split.passages
        ]
    return passages, statistics.mean(encoder.count_tokens(passages))


def _questions() -> list[str]:
    labels = yaml.safe_load((_QUALITY / "test.yaml").read_text(encoding="utf-8"))
    return [label["question"] for label in labels if label["kind"] == "single"][:_QUESTIONS]


def _without_texts(found: Rounds) -> dict[str, Any]:
    values = asdict(found)
    for served in values["served"] + values["served_with_one_thread"]:
        for key in ("found", "threads", "versions"):
            del served[key]
    return values


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main([Path(path) for path in sys.argv[1:]] or _GUIDES)
