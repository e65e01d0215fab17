"""The files of guides under some paths: found, named, and told from what is no guide."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.converting.converters import CONVERTERS, Converter
from knowledge.documents import DocumentFormat, Origin
from knowledge.errors import KnowledgeError
from knowledge.reading.front_matter import NOTHING_SAID, Description
from knowledge.reading.opening import describe_failure
from knowledge.reading.side_car import SIDE_CAR_NAME, SideCars
from knowledge.settings import KnowledgeSettings

_MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_PLAIN_TEXT_SUFFIXES = (".txt", ".text")
_SAVED_AS = {
    **dict.fromkeys((".doc", ".docm", ".dot", ".odt", ".pages", ".rtf"), ".docx or .pdf"),
    **dict.fromkeys((".key", ".odp", ".ppt", ".pptm"), ".pptx or .pdf"),
    **dict.fromkeys((".numbers", ".ods", ".xls", ".xlsm", ".xlsx"), ".csv"),
}
# How many files may lie among the guides; each is named in the report of a build.
_FILES_FOR_EACH_GUIDE = 2
_FILES_BESIDE_ANY_GUIDES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedFile:
    """A file that was not read, and why.

    `id` is what its document would be called, and `origin` what it would have been made of.
    """

    path: str
    reason: str
    id: str | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """A file to read; one that was found in a folder must not lead out of it.

    `converter` is of a file that is no text.
    """

    id: str
    path: Path
    folder: Path | None
    format: DocumentFormat
    converter: Converter | None
    said: Description

    @property
    def suffix(self) -> str:
        """The end of its name that tells its kind, in lower case."""
        return self.path.suffix.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The files to read in the order of their ids, and the others."""

    paths: tuple[Path, ...]
    files: tuple[ListedFile, ...]
    skipped: tuple[SkippedFile, ...]


def list_files(
    paths: Sequence[Path], settings: KnowledgeSettings, left_out: Collection[Path] = ()
) -> Listing:
    """List every guide under the paths.

    Hidden files are passed over in silence. With more than one folder, ids begin with the folder's
    name.

    Args:
        paths: Folders and files of guides.
        settings: How many guides there may be.
        left_out: Folders that hold no guides wherever they are, such as the home of the index.

    Raises:
        KnowledgeError: a path doesn't exist, there are too many guides, two ids collide, or a
            side-car is wrong.
    """
    files: dict[str, ListedFile] = {}
    skipped: list[SkippedFile] = []
    roots = list({_resolve(path): path for path in paths}.values())
    several_folders = sum(root.is_dir() for root in roots) > 1
    unlisted = {path.resolve() for path in left_out}
    max_files = _FILES_FOR_EACH_GUIDE * settings.max_documents + _FILES_BESIDE_ANY_GUIDES
    for root in roots:
        if root.resolve() in unlisted:
            raise KnowledgeError(
                f"{root} is where the index is kept, which is no folder of guides. Name another."
            )
        for file in _list_root(root, skipped, unlisted, max_files, has_prefix=several_folders):
            if file.id in files:
                first, second = (printable_path(found.path) for found in (files[file.id], file))
                raise KnowledgeError(
                    f"Two guides would both be called {file.id}: {first} and {second}. Rename one"
                    " of them."
                )
            files[file.id] = file
            if len(files) > settings.max_documents:
                raise KnowledgeError(
                    f"There are more than {settings.max_documents:,} guides under {root}. Name a"
                    " smaller folder, or raise knowledge.max_documents in the settings."
                )
    listed = tuple(files[id_] for id_ in sorted(files))
    return Listing(paths=tuple(paths), files=listed, skipped=tuple(skipped))


def has_guides(folder: Path) -> bool:
    """Return whether a folder holds any file that might be a guide; none where it is not there."""
    return any(
        path.is_file() and not path.name.startswith(".") and path.name != SIDE_CAR_NAME
        for path in folder.rglob("*")
    )


def nothing_found(paths: Sequence[Path], skipped: Sequence[SkippedFile]) -> KnowledgeError:
    """Return the error that says that there is no guide, and why."""
    where = ", ".join(str(path) for path in paths)
    if not skipped:
        return KnowledgeError(f"There is no guide in {where}. Put .md or .txt files there.")
    shown = "; ".join(f"{file.path}: {file.reason}" for file in skipped[:3])
    more = f"; and {len(skipped) - 3:,} more" if len(skipped) > 3 else ""
    return KnowledgeError(
        f"No guide in {where} can be read ({shown}{more}). Put .md or .txt files there."
    )


def describe_file(
    path: Path, id_: str, folder: Path | None, said: Description = NOTHING_SAID
) -> ListedFile:
    """Return a file with what its name tells; one that is named is text if nothing else.

    Args:
        path: The file.
        id_: What its document is called.
        folder: What it must not lead out of.
        said: What a side-car says of it.
    """
    suffix = path.suffix.lower()
    return ListedFile(
        id=id_,
        path=path,
        folder=folder,
        format=format_of(suffix) or DocumentFormat.PLAIN_TEXT,
        converter=CONVERTERS.get(suffix),
        said=said,
    )


def kinds_read() -> tuple[str, ...]:
    """Return the suffixes of the kinds of documents that are read."""
    return (*_MARKDOWN_SUFFIXES, *_PLAIN_TEXT_SUFFIXES, *CONVERTERS)


def kinds_instead(suffix: str) -> str:
    """Say as what a document of a kind that isn't read may be saved, else which kinds are read."""
    better = _SAVED_AS.get(suffix.lower())
    return f"save it as {better}" if better else ", ".join((".md", ".txt", *CONVERTERS))


def format_of(suffix: str) -> DocumentFormat | None:
    """Return how the text of a kind of document is written, if it is one that is read.

    Args:
        suffix: The end of a file's name, in lower case and with its dot.
    """
    if suffix in _MARKDOWN_SUFFIXES or suffix in CONVERTERS:
        return DocumentFormat.MARKDOWN
    return DocumentFormat.PLAIN_TEXT if suffix in _PLAIN_TEXT_SUFFIXES else None


def printable_path(path: Path) -> str:
    """Return a path that can be written anywhere, what isn't text in it shown as such."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def _resolve(root: Path) -> Path:
    try:
        return root.resolve(strict=True)
    except FileNotFoundError:
        raise KnowledgeError(
            f"There is no file or folder {root}. Name one that holds guides."
        ) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise KnowledgeError(
            f"{root} can't be read ({describe_failure(error)}). Name a file or folder that holds"
            " guides."
        ) from error


def _list_root(
    root: Path,
    skipped: list[SkippedFile],
    unlisted: Collection[Path],
    max_files: int,
    *,
    has_prefix: bool,
) -> Iterator[ListedFile]:
    if not root.is_dir():
        yield describe_file(root, root.name, None)
        return
    folder = root.resolve()
    prefix = f"{folder.name}/" if has_prefix else ""
    side_cars = SideCars(root)
    for path in _walk(root, skipped, unlisted, side_cars, max_files):
        relative = path.relative_to(root).as_posix()
        id_ = prefix + relative
        said, leaves_out = side_cars.look_up(relative)
        if leaves_out is not None:
            reason = f"left out, as {printable_path(leaves_out)} says"
            skipped.append(SkippedFile(path=printable_path(path), reason=reason, id=id_))
            continue
        try:
            id_.encode()
        except UnicodeEncodeError:
            skipped.append(_skipped(path, "its name is not valid text; rename it"))
            continue
        if format_of(path.suffix.lower()) is None:
            reason = f"not a kind of document that is read ({kinds_instead(path.suffix)})"
            skipped.append(SkippedFile(path=printable_path(path), reason=reason, id=id_))
            continue
        yield describe_file(path, id_, folder, said)
    for side_car, problem in side_cars.problems():
        skipped.append(_skipped(side_car, problem))


def _walk(
    root: Path,
    skipped: list[SkippedFile],
    unlisted: Collection[Path],
    side_cars: SideCars,
    max_files: int,
) -> Iterator[Path]:
    """Yield the files under a folder, those of each folder before those of the ones in it."""
    waiting = [root]
    left = max_files
    while waiting:
        folder = waiting.pop()
        folder_names: list[str] = []
        file_names: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    # Counted as they are listed: a folder of millions would fill the memory.
                    left -= 1
                    if left < 0:
                        raise KnowledgeError(
                            f"There are more than {max_files:,} files under {root}. Name a smaller"
                            " folder, or raise knowledge.max_documents in the settings."
                        )
                    (folder_names if _is_folder(entry) else file_names).append(entry.name)
        except OSError as error:
            reason = f"it can't be read: {describe_failure(error)}"
            skipped.append(_skipped(folder, reason))
        if SIDE_CAR_NAME in file_names:
            side_cars.read(folder / SIDE_CAR_NAME)
        yield from (folder / name for name in sorted(file_names) if name != SIDE_CAR_NAME)
        folders = [folder / name for name in sorted(folder_names)]
        if unlisted:
            folders = [path for path in folders if path.resolve() not in unlisted]
        links = [path for path in folders if path.is_symlink()]
        skipped += (_skipped(path, "a link to a folder, which is not followed") for path in links)
        waiting += reversed([path for path in folders if path not in links])


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _skipped(path: Path, reason: str) -> SkippedFile:
    return SkippedFile(path=printable_path(path), reason=reason)
