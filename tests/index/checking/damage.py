"""Damage of every kind to the files of a snapshot, made up at random from a number."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from index.searching.search import Probe, search
from index.settings import IndexSettings
from index.snapshots.integrity import STAMP_NAME, stamp_files
from index.snapshots.manifest import MANIFEST_NAME, read_manifest
from index.snapshots.snapshot import Snapshot
from tests.index.fakes import REFERENCES, WordHashEncoder, edit_manifest

QUESTIONS = ("what do nurses study?", "data pipelines in Python", "who teaches pupils")
WILD: tuple[Any, ...] = (
    *(-1, 0, 1, 2**31, 2**63, 10**40, -(10**40), 1.5, 1e308, True, False, None),
    *("", "x" * 10_000, "../../etc/passwd", "/", "a\0b", "\u202e", "rolewise", "0" * 64),
    *([], {}, [[]], {"a": {}}, [None] * 1_000),
)
WILD_TEXTS = (
    b"",
    b"\0" * 1_000,
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"format_version": 1e999}',
    b'{"format_version": true}',
    b"1" * 10_000,
)

Random = random.Random


def damage(folder: Path, number: int, seed: int) -> str:
    """Damage a snapshot in the way that a number stands for, and say how."""
    rng = Random(f"{seed} {number}")
    files = sorted([*read_manifest(folder).files, MANIFEST_NAME])
    name = rng.choice(files)
    if rng.random() < 0.2:
        change_manifest(folder, rng)
        return "a wild value in the manifest"
    kind = rng.choice(KINDS)
    kind(folder / name, rng)
    return f"{name}: {kind.__name__.strip('_')}"


def change_manifest(folder: Path, rng: Random) -> None:
    """Put a wild value at a random place of the manifest, sealed as who wrote it would have."""
    path = folder / MANIFEST_NAME
    if rng.random() < 0.2:
        path.write_bytes(rng.choice(WILD_TEXTS))
        return
    if rng.random() < 0.2:
        text = path.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if '": ' in line and line.endswith(",")]
        line = rng.choice(lines)
        path.write_text(text.replace(line, f"{line}\n{line}"), encoding="utf-8")
        return

    def change(values: dict[str, Any]) -> None:
        place: Any = values
        while True:
            key = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
            if not (isinstance(place[key], dict | list) and place[key] and rng.random() < 0.8):
                break
            place = place[key]
        kind = rng.random()
        if isinstance(place, dict) and kind < 0.15:
            del place[key]
        elif isinstance(place, dict) and kind < 0.3:
            place[rng.choice(["../outside", "/etc/passwd", "extra", "", "a\0b"])] = place[key]
        else:
            place[key] = rng.choice(WILD)

    before = path.read_bytes()
    while path.read_bytes() == before:
        edit_manifest(folder, change)


def _truncated(path: Path, rng: Random) -> None:
    os.truncate(path, rng.randrange(path.stat().st_size))


def _emptied(path: Path, rng: Random) -> None:
    os.truncate(path, 0)


def _grown(path: Path, rng: Random) -> None:
    with path.open("ab") as file:
        file.write(rng.randbytes(rng.choice([1, 100, 100_000])))


def _swapped(path: Path, rng: Random) -> None:
    others = [other for other in path.parent.iterdir() if other.is_file() and other != path]
    other = rng.choice(sorted(others))
    between = path.with_name("between")
    path.rename(between)
    other.rename(path)
    between.rename(other)


def _with_a_bit_flipped(path: Path, rng: Random) -> None:
    change_bytes(
        path, rng.randrange(path.stat().st_size), lambda byte: byte ^ 1 << rng.randrange(8)
    )


def _with_bytes_written_over(path: Path, rng: Random) -> None:
    size = path.stat().st_size
    first = rng.randrange(size)
    filler = rng.choice([0, 255, None])
    for position in range(first, min(first + rng.choice([4, 64, 4096]), size)):
        change_bytes(
            path, position, lambda byte: byte ^ 0xA5 if filler in {None, byte} else int(filler or 0)
        )


def _missing(path: Path, rng: Random) -> None:
    path.unlink()


def _a_folder(path: Path, rng: Random) -> None:
    path.unlink()
    path.mkdir()


def _a_link_to_nothing(path: Path, rng: Random) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _noise(path: Path, rng: Random) -> None:
    path.write_bytes(rng.randbytes(path.stat().st_size))


KINDS: tuple[Callable[[Path, Random], None], ...] = (
    *(_truncated, _emptied, _grown, _swapped, _missing, _a_folder, _a_link_to_nothing, _noise),
    *[_with_a_bit_flipped] * 4,
    *[_with_bytes_written_over] * 2,
)
"""Some more often than others."""


def change_bytes(path: Path, position: int, change: Callable[[int], int]) -> None:
    """Change one byte of a file in place."""
    with path.open("r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        file.seek(position)
        file.write(bytes([change(byte)]))


def restore(folder: Path, original: Path) -> None:
    """Have a folder as it was before it was damaged."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original, folder)


def vouch(folder: Path) -> None:
    """Have the stamp vouch for damaged files, as where the disk changed them beneath it."""
    files = read_manifest(folder).files
    found = {
        name: entry.model_copy(update={"bytes": (folder / name).stat().st_size})
        for name, entry in files.items()
    }
    listed = {name: entry.model_dump() for name, entry in found.items()}
    edit_manifest(folder, lambda values: values.update(files=listed))
    stamp_files(folder, found, folder / STAMP_NAME)


def read_all(folder: Path) -> list[object]:
    """Return all that answers could be made of, read as they read it."""
    snapshot = Snapshot(folder)
    try:
        encoder = WordHashEncoder(dimension=snapshot.manifest.encoder.dimension)
        snapshot.check_encoder(encoder)
        found: list[object] = [snapshot.roles, snapshot.store.has_word("data")]
        for question in QUESTIONS:
            probe = Probe(vector=encoder.encode([question])[0], text=question)
            found += search(snapshot, [probe], 10, IndexSettings())
        sentences = snapshot.store.sentences_of(range(snapshot.manifest.passages))
        found += sentences
        positions = [stored.position for stored in sentences]
        found.append(snapshot.sentence_vectors(positions).tolist())
        found.append(snapshot.heading_vectors([stored.heading for stored in sentences]).tolist())
        found.append(np.round(snapshot.reference_vectors(REFERENCES, encoder), 5).tolist())
        ids = snapshot.store.document_ids()
        found += [(snapshot.store.document(id_), snapshot.store.text_of(id_)) for id_ in ids]
        found += [snapshot.store.slice(id_, 5, 40) for id_ in ids]
        found += snapshot.store.role_spans(ids)
        found += [snapshot.store.passages_about(role.position).tolist() for role in snapshot.roles]
        return found
    finally:
        snapshot.close()
