"""A side-car beside guides: their titles, other names and addresses, and what is left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Annotated

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from knowledge.errors import KnowledgeError
from knowledge.reading.front_matter import Description
from knowledge.strict_yaml import read_yaml

SIDE_CAR_NAME = "rolewise.yaml"
SETTINGS_KEYS = frozenset({"home", "knowledge", "index", "answers", "discord"})
"""The file of settings has the same name: these are its keys, and none of a side-car's."""

_MAX_BYTES = 4_000_000
_WILD = re.compile(r"[*?\[]")

_Pattern = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
_Text = Annotated[
    str,
    StringConstraints(min_length=1, strip_whitespace=True, max_length=1_000),
    AfterValidator(lambda text: " ".join(text.split())),
]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: _Text | None = None
    aliases: list[_Text] = []
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None


class _Contents(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    documents: dict[_Pattern, _Entry] = {}
    exclude: list[_Pattern] = Field(default=[])


@dataclass(slots=True, kw_only=True)
class _SideCar:
    """What was read; `unmatched` are patterns that no file has matched yet, with their place."""

    path: Path
    folder: PurePosixPath
    contents: _Contents
    patterns: tuple[str, ...]
    unmatched: dict[str, str] = field(default_factory=dict)


class SideCars:
    """The side-cars of a knowledge folder, each for its own folder and the ones below it."""

    def __init__(self, root: Path) -> None:
        """Take the folder; nothing is read yet."""
        self._root = root
        self._side_cars: list[_SideCar] = []
        self._problems: list[tuple[Path, str]] = []

    def read(self, path: Path) -> None:
        """Read one; what is wrong in it is not passed over, as it may say what to leave out.

        Raises:
            KnowledgeError: it can't be read, or says something unknown or impossible.
        """
        contents = self._read_contents(path)
        if contents is None:
            return
        folder = PurePosixPath(path.parent.relative_to(self._root).as_posix())
        patterns = tuple(key for key in contents.documents if _WILD.search(key))
        side_car = _SideCar(path=path, folder=folder, contents=contents, patterns=patterns)
        side_car.unmatched = {
            **{pattern: f"documents: {pattern}" for pattern in contents.documents},
            **{pattern: f"exclude: {pattern}" for pattern in contents.exclude},
        }
        self._side_cars.append(side_car)

    def look_up(self, relative: str) -> tuple[Description, Path | None]:
        """Return what is said of a file, and the side-car that leaves it out, if one does.

        What the nearest side-car says goes first; within one, a file's own name before a pattern,
        and an earlier pattern before a later one.

        Args:
            relative: Its path from the knowledge folder on, with forward slashes.
        """
        said = Description()
        leaves_out = None
        path = PurePosixPath(relative)
        for side_car in reversed(self._side_cars):
            if not path.is_relative_to(side_car.folder):
                continue
            name = path.relative_to(side_car.folder).as_posix()
            for pattern in side_car.contents.exclude:
                if _covers(pattern, name):
                    side_car.unmatched.pop(pattern, None)
                    leaves_out = side_car.path
            matching = [key for key in side_car.patterns if fnmatchcase(name, key)]
            if name in side_car.contents.documents:
                matching = [name, *(pattern for pattern in matching if pattern != name)]
            for pattern in matching:
                side_car.unmatched.pop(pattern, None)
                entry = side_car.contents.documents[pattern]
                said = Description(
                    title=said.title or entry.title,
                    aliases=said.aliases or tuple(entry.aliases),
                    url=said.url or entry.url,
                )
        return said, leaves_out

    def problems(self) -> Iterator[tuple[Path, str]]:
        """Yield each side-car with what it says in vain, once all files were looked up."""
        yield from self._problems
        for side_car in self._side_cars:
            for place in side_car.unmatched.values():
                yield side_car.path, f"{place}: there is no such file"

    def _read_contents(self, path: Path) -> _Contents | None:
        try:
            is_file, size = path.is_file(), path.stat().st_size
        except OSError as error:
            raise KnowledgeError(f"{path} can't be read ({error.strerror}).") from error
        if not is_file or not path.resolve().is_relative_to(self._root.resolve()):
            raise KnowledgeError(f"{path} must be a regular file inside the folder of guides.")
        if size > _MAX_BYTES:
            raise KnowledgeError(f"{path} has {size:,} bytes, more than {_MAX_BYTES:,}.")
        node, values = read_yaml(path, KnowledgeError)
        if values is None:
            return None
        if isinstance(values, dict) and values.keys() & SETTINGS_KEYS:
            self._problems.append(
                (path, "a file of settings, which says nothing of the guides beside it")
            )
            return None
        try:
            return _Contents.model_validate(values)
        except ValidationError as error:
            raise KnowledgeError(_explain(path, node, error)) from error


def _covers(pattern: str, name: str) -> bool:
    """Tell whether a pattern names a file or a folder that it is in."""
    pattern = pattern.rstrip("/")
    places = [name, *(str(parent) for parent in PurePosixPath(name).parents)][:-1]
    return any(fnmatchcase(place, pattern) for place in places)


def _explain(path: Path, node: yaml.Node | None, error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    line = _line_of(node, first["loc"])
    where = f"{path}, line {line}" if line else str(path)
    if first["type"] == "extra_forbidden":
        known = _Entry if len(first["loc"]) > 1 else _Contents
        names = ", ".join(sorted(known.model_fields))
        return f"{where}: there is nothing called {place} in a side-car. Known here: {names}."
    if first["type"].endswith("model_type"):
        return f"{where}: {place or 'the whole'} must hold names with what is said of each."
    message = first["msg"][0].lower() + first["msg"][1:]
    return f"{where}: {place}: {message}. Mend it, or delete it."


def _line_of(node: yaml.Node | None, location: tuple[int | str, ...]) -> int | None:
    """Return the line, from 1, of the innermost thing that a dotted place leads to."""
    line = None
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if str(pair[0].value) == str(part)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
