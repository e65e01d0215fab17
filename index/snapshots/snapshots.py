"""All snapshots of a home: listed, and an earlier one put into service again."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.encoding.encoder import Encoder
from index.snapshots.home import Home
from index.snapshots.integrity import verify_files
from index.snapshots.manifest import Manifest, read_manifest
from index.snapshots.snapshot import Snapshot
from knowledge.errors import DamagedSnapshotError, NoSnapshotError, SnapshotError

_ADVICE = " Run: rolewise build"


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotListing:
    """One snapshot; where it can't be read, `problem` says why, and what isn't known is `None`.

    `created_at` is a time in ISO 8601, `bytes` the size of all its files.
    """

    name: str
    created_at: str | None
    documents: int | None
    passages: int | None
    bytes: int
    is_in_service: bool
    problem: str | None


def list_snapshots(home: Home) -> tuple[SnapshotListing, ...]:
    """Return the snapshots in the order of building, the newest last.

    Files are looked at, not read: what has the right size counts as readable here.
    """
    try:
        current = home.current_name()
    except SnapshotError:
        current = ""
    listed = (
        _describe(home.snapshots / name, is_in_service=name == current)
        for name in home.snapshot_names()
    )
    return tuple(listing for listing in listed if listing is not None)


def roll_back(home: Home, name: str | None, load_encoder: Callable[[], Encoder]) -> str:
    """Put an earlier snapshot into service and return its name.

    Every byte of it is verified before the pointer moves.

    Args:
        home: Where the snapshots are.
        name: A snapshot's name, or the beginning of one name alone; without it, the snapshot that
            was built before the one in service is meant.
        load_encoder: Gives the encoder that questions will be encoded with.

    Raises:
        NoSnapshotError: there is no such snapshot.
        DamagedSnapshotError: it is damaged.
        StaleSnapshotError: it is of another format or another encoder.
        EncoderError: the encoder can't be loaded.
        BusyError: another process is building.
        StorageError: the home can't be written.
    """
    if not home.snapshot_names():
        home.current_name()  # says that nothing has been built, where that is so
    with home.locked():
        target = _find_before(home) if name is None else _find_named(home, name)
        try:
            _check(home.folder_of(target), load_encoder)
        except SnapshotError as error:
            problem = str(error).removesuffix(_ADVICE)
            raise type(error)(
                f"The snapshot {target} can't be put into service. {problem} Choose another:"
                " rolewise status lists them"
            ) from error
        home.put_into_service(target)
        return target


def _find_before(home: Home) -> str:
    current = home.current_name()
    names = home.snapshot_names()
    before = names[: names.index(current)] if current in names else names
    if not before:
        raise NoSnapshotError(
            f"There is no snapshot before {current}. To bring back guides, change them and run:"
            " rolewise build"
        )
    return before[-1]


def _find_named(home: Home, name: str) -> str:
    names = home.snapshot_names()
    found = [one for one in names if name and one.startswith(name)]
    if name in names:
        return name
    if len(found) != 1:
        problem = f"{len(found)} snapshots begin with" if found else "There is no snapshot"
        raise NoSnapshotError(f"{problem} {name!r}. There are: {', '.join(names)}")
    return found[0]


def _check(folder: Path, load_encoder: Callable[[], Encoder]) -> None:
    with closing(Snapshot(folder)) as snapshot:
        if snapshot.manifest.is_large:  # of a small one, opening read every byte
            for problem in verify_files(folder, snapshot.manifest.files, anew=True):
                raise DamagedSnapshotError(f"{folder / problem}.{_ADVICE}")
        snapshot.check_encoder(load_encoder())


def _describe(folder: Path, *, is_in_service: bool) -> SnapshotListing | None:
    """Return what is known of a snapshot; nothing where it has just been deleted."""
    manifest: Manifest | None = None
    problem: str | None = None
    try:
        manifest = read_manifest(folder)
        problem = _find_problem(folder, manifest)
    except SnapshotError as error:
        problem = str(error)
    size = _size_of(folder)
    if not folder.is_dir():
        return None
    return SnapshotListing(
        name=folder.name,
        created_at=manifest.created_at if manifest else None,
        documents=len(manifest.documents) if manifest else None,
        passages=manifest.passages if manifest else None,
        bytes=size,
        is_in_service=is_in_service,
        problem=problem.removesuffix(_ADVICE) if problem else None,
    )


def _find_problem(folder: Path, manifest: Manifest) -> str | None:
    for name, entry in manifest.files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError as error:
            return f"{folder / name} can't be read ({error.strerror})."
        if size != entry.bytes:
            return f"{folder / name} has {size:,} bytes, not {entry.bytes:,}."
    return None


def _size_of(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return size
