"""A home folder is checked: snapshots, the pointer, exports, and what is left over.

Every byte is read anew, whatever a stamp says; nothing is written but stamps of what is right.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from index.checking.store import StoreChecker
from index.checking.vectors import check_agreement, check_encoder, check_vectors
from index.encoding.encoder import Encoder
from index.encoding.export_description import read_description
from index.snapshots.files import HEADING_VECTORS_NAME, REFERENCE_VECTORS_NAME, STORE_NAME
from index.snapshots.home import Home
from index.snapshots.integrity import STAMP_NAME, is_stamped, verify_files
from index.snapshots.manifest import MANIFEST_NAME, Manifest, hash_texts, read_manifest
from index.snapshots.snapshot import Snapshot
from knowledge.checks import Check, Verdict
from knowledge.errors import EncoderError, RolewiseError, SnapshotError, StaleSnapshotError

_MOST_PROBLEMS_SAID = 3
_HEADINGS_ENCODED = 16
_REBUILD = "Run: rolewise build --full (or rolewise doctor --repair)"
REPAIR = "Run: rolewise doctor --repair"


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFindings:
    """What was found of one snapshot; `is_stale` where it is of another format version."""

    name: str
    is_stale: bool
    checks: tuple[Check, ...]

    @property
    def is_intact(self) -> bool:
        """Whether it can be put into service."""
        return not self.is_stale and all(check.verdict is not Verdict.BAD for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFindings:
    """What was found of a home folder.

    `in_service` is the name that the pointer says, none where it can't be read or there is no
    pointer. `leftovers` are what interrupted builds left, and what is no snapshot or export;
    `damaged_exports` are folders. The newest snapshot comes first.
    """

    in_service: str | None
    pointer: Check
    snapshots: tuple[SnapshotFindings, ...]
    exports: tuple[Check, ...]
    damaged_exports: tuple[Path, ...]
    leftovers: tuple[Path, ...]

    def find(self, name: str | None) -> SnapshotFindings | None:
        """Return what was found of a snapshot, if it is there."""
        return next((found for found in self.snapshots if found.name == name), None)

    @property
    def is_index_bad(self) -> bool:
        """Whether there should be an index in service, and there is none that is intact."""
        found = self.find(self.in_service)
        if found is None:
            return self.pointer.verdict is Verdict.BAD
        return not found.is_intact

    @property
    def newest_intact(self) -> str | None:
        """The name of the newest snapshot that could be put into service."""
        return next((found.name for found in self.snapshots if found.is_intact), None)

    @property
    def checks(self) -> list[Check]:
        """Everything in the order in which a person would look: what is in service first."""
        checks = [self.pointer]
        for found in sorted(self.snapshots, key=lambda found: found.name != self.in_service):
            checks += found.checks if found.name == self.in_service else [_in_one_line(found)]
        checks += self.exports
        if self.leftovers:
            names = ", ".join(path.name for path in self.leftovers[:_MOST_PROBLEMS_SAID])
            count = len(self.leftovers)
            checks.append(
                Check(
                    name="leftovers",
                    verdict=Verdict.NOTE,
                    finding=f"{count:,} left by interrupted builds or put there by others: {names}",
                    fix=REPAIR,
                )
            )
        return checks


def check_home(home: Home) -> HomeFindings:
    """Check all that a home folder holds of the index; one without any is no fault."""
    in_service, pointer = _check_pointer(home)
    snapshots = [home.snapshots / name for name in home.snapshot_names()]
    found_exports = [_check_export(path) for path in _exports(home)]
    return HomeFindings(
        in_service=in_service,
        pointer=pointer,
        snapshots=tuple(check_snapshot(path) for path in reversed(snapshots) if path.is_dir()),
        exports=tuple(check for check, _ in found_exports),
        damaged_exports=tuple(path for _, path in found_exports if path is not None),
        leftovers=tuple(_leftovers(home)),
    )


def check_snapshot(folder: Path) -> SnapshotFindings:
    """Check one snapshot: its files, and where these are right what they hold."""
    name = folder.name
    try:
        manifest = read_manifest(folder)
    except StaleSnapshotError as error:
        check = Check(
            name=f"format of {name}", verdict=Verdict.BAD, finding=_without_fix(error), fix=_REBUILD
        )
        return SnapshotFindings(name=name, is_stale=True, checks=(check,))
    except SnapshotError as error:
        check = Check(
            name=f"manifest of {name}",
            verdict=Verdict.BAD,
            finding=_without_fix(error),
            fix=_REBUILD,
        )
        return SnapshotFindings(name=name, is_stale=False, checks=(check,))
    size = sum(entry.bytes for entry in manifest.files.values())
    checks = [
        _check(
            f"files of {name}",
            f"{len(manifest.files)} files with {size:,} bytes, each as it was published",
            lambda: [*verify_files(folder, manifest.files), *_foreign_files(folder, manifest)],
        )
    ]
    if checks[0].verdict is Verdict.GOOD:
        # What is not as it was published is not opened: libraries of others would have to bear it.
        checks += _check_contents(folder, manifest)
        if manifest.is_large and not is_stamped(folder, manifest.files, folder / STAMP_NAME):
            checks.append(_unstamped(f"stamp of {name}"))
    return SnapshotFindings(name=name, is_stale=False, checks=tuple(checks))


def check_encoder_of_snapshot(folder: Path, encoder: Encoder, references: Sequence[str]) -> Check:
    """Check that an encoder gives the vectors that a snapshot has of texts that are known.

    Args:
        folder: A snapshot that is intact.
        encoder: What its questions are encoded by.
        references: The texts whose vectors every build keeps.
    """
    manifest = read_manifest(folder)
    if manifest.references_sha256 == hash_texts(tuple(references)):
        texts, name = list(references), REFERENCE_VECTORS_NAME
    else:
        with closing(StoreChecker(folder / STORE_NAME, manifest)) as store:
            texts, name = store.first_headings(_HEADINGS_ENCODED), HEADING_VECTORS_NAME
    return _check(
        "encoder",
        f"{encoder.model} ({encoder.fingerprint[:8]}) gives {len(texts)} known texts the vectors"
        " that the index has of them",
        lambda: _check_encoder(encoder, folder, manifest, texts, name),
    )


def _check_encoder(
    encoder: Encoder, folder: Path, manifest: Manifest, texts: Sequence[str], name: str
) -> Iterator[str]:
    if encoder.fingerprint != manifest.encoder.fingerprint:
        yield (
            f"the index was built with {manifest.encoder.model}"
            f" ({manifest.encoder.fingerprint[:8]}), and the settings name {encoder.model}"
            f" ({encoder.fingerprint[:8]})"
        )
    else:
        yield from check_encoder(encoder, folder, manifest.encoder.dimension, texts, name)


def _check_contents(folder: Path, manifest: Manifest) -> Iterator[Check]:
    name = manifest.name
    with closing(StoreChecker(folder / STORE_NAME, manifest)) as store:
        yield _check(
            f"tables of {name}",
            "SQLite's structure, references and positions are sound",
            store.check_tables,
        )
        yield _check(
            f"texts of {name}",
            f"{manifest.passages:,} passages partition the documents ({len(manifest.documents):,}),"
            f" and {manifest.sentences:,} sentences quote them exactly",
            store.check_texts,
        )
        yield _check(f"roles of {name}", "roles refer to what is there", store.check_roles)
        yield _check(
            f"vectors of {name}",
            "all are numbers and of norm 1",
            lambda: check_vectors(folder, manifest),
        )
        yield _check(
            f"agreement in {name}",
            f"FAISS, bm25s, SQLite and the vectors hold the same {manifest.passages:,} passages",
            lambda: check_agreement(folder, manifest, store.read_terms()),
        )
    yield _check(f"opening of {name}", "it opens", lambda: _open(folder))


def _open(folder: Path) -> Iterator[str]:
    Snapshot(folder).close()
    yield from ()


def _check(name: str, good: str, find_problems: Callable[[], Iterable[str]]) -> Check:
    """Return what was found: the first problems, or what is good where there are none."""
    problems: list[str] = []
    more = 0
    try:
        found = iter(find_problems())
        problems += islice(found, _MOST_PROBLEMS_SAID)
        more = sum(1 for _ in found)
    except RolewiseError as error:
        problems.append(_without_fix(error))
    except (sqlite3.Error, OSError, RuntimeError, ValueError, TypeError, LookupError) as error:
        # What can't even be read is damage of a kind that nobody thought of.
        problems.append(f"it can't be read ({type(error).__name__}: {str(error)[:200]})")
    if not problems:
        return Check(name=name, verdict=Verdict.GOOD, finding=good)
    text = "; ".join(problems) + (f"; and {more:,} more" if more else "")
    return Check(name=name, verdict=Verdict.BAD, finding=text, fix=_REBUILD)


def _check_pointer(home: Home) -> tuple[str | None, Check]:
    try:
        name = home.current_name()
    except SnapshotError as error:
        is_missing = not (home.path / "current").exists()
        verdict = Verdict.NOTE if is_missing and not home.snapshot_names() else Verdict.BAD
        return None, Check(
            name="pointer",
            verdict=verdict,
            finding=_without_fix(error),
            fix="Run: rolewise build" if verdict is Verdict.NOTE else REPAIR,
        )
    try:
        home.folder_of(name)
    except SnapshotError as error:
        return name, Check(
            name="pointer", verdict=Verdict.BAD, finding=_without_fix(error), fix=_REBUILD
        )
    return name, Check(name="pointer", verdict=Verdict.GOOD, finding=f"{name} is in service")


def _check_export(folder: Path) -> tuple[Check, Path | None]:
    """Return what was found of an export, and its folder where it is damaged."""
    name = f"export {folder.name[:8]}"
    problems = verify_export(folder)
    if problems:
        return (
            Check(name=name, verdict=Verdict.BAD, finding="; ".join(problems), fix=REPAIR),
            folder,
        )
    description = read_description(folder)
    if not is_stamped(folder, description.files, folder / STAMP_NAME):
        return _unstamped(name), None
    finding = f"{description.model}, {description.precision}: each file is as it was exported"
    return Check(name=name, verdict=Verdict.GOOD, finding=finding), None


def verify_export(folder: Path) -> list[str]:
    """Return what is wrong with the files of an export, every byte read anew."""
    try:
        files = read_description(folder).files
        return verify_files(folder, files, folder / STAMP_NAME, anew=True)
    except EncoderError as error:
        return [str(error).partition(". Delete that folder")[0]]


def _exports(home: Home) -> list[Path]:
    return [path for path in _children(home.exports) if len(path.name) == 64 and path.is_dir()]


def _foreign_files(folder: Path, manifest: Manifest) -> Iterator[str]:
    known = {*manifest.files, MANIFEST_NAME, STAMP_NAME}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in known:
            yield f"{path.relative_to(folder)} is none of its files"


def _leftovers(home: Home) -> Iterator[Path]:
    """Yield what has no place in a home; while a build is going on, its folder is none of that."""
    if _is_building(home):
        return
    names = home.snapshot_names()
    for path in _children(home.snapshots):
        if path.name not in names or not path.is_dir():
            yield path
    exports = _exports(home)
    yield from (path for path in _children(home.exports) if path not in exports)
    yield from home.path.glob("current.*")


def _is_building(home: Home) -> bool:
    from filelock import FileLock, Timeout

    lock = home.path / "build.lock"
    if not (lock.is_file() and os.access(lock, os.W_OK)):
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


def _children(folder: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(folder.iterdir())
    return []


def _in_one_line(found: SnapshotFindings) -> Check:
    if found.is_stale:
        return Check(
            name=f"snapshot {found.name}",
            verdict=Verdict.NOTE,
            finding=f"{found.checks[0].finding} (it is not in service)",
        )
    bad = [check for check in found.checks if check.verdict is Verdict.BAD]
    if bad:
        said = "; ".join(check.finding for check in bad)
        return Check(name=f"snapshot {found.name}", verdict=Verdict.BAD, finding=said, fix=REPAIR)
    return Check(
        name=f"snapshot {found.name}",
        verdict=Verdict.GOOD,
        finding="it is intact, and can be gone back to",
    )


def _unstamped(name: str) -> Check:
    return Check(
        name=name,
        verdict=Verdict.NOTE,
        finding="no stamp can be kept of its files, so that each opening reads every byte",
        fix=REPAIR,
    )


def _without_fix(error: Exception) -> str:
    return str(error).partition(" Run: ")[0]
