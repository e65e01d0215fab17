"""Everything that an owner could have wrong is checked: settings, guides, home, index, encoder."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.answers.aspects import reference_texts
from bot.answers.calibration_file import read_calibration
from bot.answers.model import calibration_path
from bot.application import Application
from bot.settings import Settings
from index.checking.home import HomeFindings, check_encoder_of_snapshot, check_home
from index.encoding.exported import ExportedEncoder
from index.encoding.loading import find_export
from index.encoding.models import has_sentence_transformers
from index.snapshots.manifest import read_manifest
from knowledge.checks import Check, Verdict
from knowledge.errors import CalibrationError, DiscordError, EncoderError, RolewiseError
from knowledge.reading.checking import check_knowledge

_LEAST_FREE_BYTES = 500_000_000
_SNAPSHOTS_THAT_MUST_FIT = 2
_ENCODER = "encoder"
_CALIBRATE = "Run: rolewise evaluate FILE --calibrate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything that was checked; `home` is what a repair goes by."""

    checks: tuple[Check, ...]
    home: HomeFindings

    @property
    def does_encoder_fit(self) -> bool:
        """Whether the index in service was not found to be of another encoder."""
        return all(
            check.verdict is not Verdict.BAD for check in self.checks if check.name == _ENCODER
        )


def examine(application: Application, settings_file: Path | None) -> Examination:
    """Check everything.

    Args:
        application: Of the settings.
        settings_file: Where they come from, if from a file.
    """
    settings = application.settings
    home = check_home(application.home)
    return Examination(
        checks=(
            _check_settings(settings, settings_file),
            *_check_guides(application),
            *_check_folder(application.home.path, home),
            *home.checks,
            *_check_encoder(application, home),
            *_check_calibrations(application.home.path, home),
            *_check_discord(settings),
        ),
        home=home,
    )


def _check_discord(settings: Settings) -> list[Check]:
    """Check Discord's side where a token is set."""
    from bot.community.run import TOKEN_VARIABLE, read_token

    if not os.environ.get(TOKEN_VARIABLE, "").strip():
        return []
    try:
        token = read_token(os.environ)
    except DiscordError as error:
        return [Check(name="discord token", verdict=Verdict.BAD, finding=str(error))]
    from bot.community.doctor import check_discord

    return asyncio.run(check_discord(settings, token))


def refused_settings(error: RolewiseError) -> Check:
    """Return the check of settings that can't be read: nothing else can be checked then."""
    return Check(name="settings", verdict=Verdict.BAD, finding=str(error))


def _check_settings(settings: Settings, file: Path | None) -> Check:
    changed = ", ".join(
        f"{key}: {value}" for key, value in _differences(settings, Settings()) if key != "home"
    )
    where = f"{file}" if file else "no file, so the defaults hold"
    said = f"{where}; other than the defaults: {changed}" if changed else where
    return Check(name="settings", verdict=Verdict.GOOD, finding=said)


def _differences(
    settings: BaseModel, defaults: BaseModel, prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    for name in type(settings).model_fields:
        value, default = getattr(settings, name), getattr(defaults, name)
        if isinstance(value, BaseModel):
            yield from _differences(value, default, f"{prefix}{name}.")
        elif value != default:
            shown = [str(item) for item in value] if isinstance(value, tuple) else value
            yield f"{prefix}{name}", shown


def _check_guides(application: Application) -> list[Check]:
    try:
        paths = application.knowledge_paths()
    except RolewiseError as error:
        return [Check(name="guides", verdict=Verdict.BAD, finding=str(error))]
    return check_knowledge(paths, application.settings.knowledge, left_out=[application.home.path])


def _check_folder(path: Path, home: HomeFindings) -> Iterator[Check]:
    existing = next((folder for folder in (path, *path.parents) if folder.exists()), path)
    if not existing.is_dir():
        yield Check(
            name="home",
            verdict=Verdict.BAD,
            finding=f"{existing} is no folder",
            fix="Name another with --home",
        )
        return
    if os.access(existing, os.W_OK | os.X_OK):
        yield Check(name="home", verdict=Verdict.GOOD, finding=f"{path} can be written")
    else:
        yield Check(
            name="home",
            verdict=Verdict.NOTE,
            finding=f"{path} can't be written: it serves, but nothing can be built",
            fix="Make it writable, or name another with --home",
        )
    free = shutil.disk_usage(existing).free
    sizes = [_size(folder) for folder in (path / "snapshots").glob("*")] if home.snapshots else []
    needed = max(_LEAST_FREE_BYTES, _SNAPSHOTS_THAT_MUST_FIT * max(sizes, default=0))
    enough = free >= needed
    yield Check(
        name="free space",
        verdict=Verdict.GOOD if enough else Verdict.NOTE,
        finding=f"{free / 1e9:,.1f} GB"
        + ("" if enough else f", a build may need {needed / 1e9:.1f}"),
        fix=None if enough else "Free some space, or name another folder with --home",
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _check_encoder(application: Application, home: HomeFindings) -> Iterator[Check]:
    found = home.find(home.in_service)
    if found is None or not found.is_intact:
        return  # what is wrong is said already
    folder = application.home.folder_of(found.name)
    settings = application.settings.index
    try:
        export = find_export(
            application.home,
            settings.model,
            settings.precision,
            read_manifest(folder).encoder.fingerprint,
        )
        if export is not None and export not in home.damaged_exports:
            encoder = ExportedEncoder(export)
            yield check_encoder_of_snapshot(folder, encoder, reference_texts())
            return
    except EncoderError as error:
        yield Check(name=_ENCODER, verdict=Verdict.BAD, finding=str(error))
        return
    if export is not None:
        return
    if has_sentence_transformers():
        yield Check(
            name=_ENCODER,
            verdict=Verdict.NOTE,
            finding=f"{settings.model} ({settings.precision}) is exported when it is first used",
            fix="Run: rolewise build",
        )
    else:
        yield Check(
            name=_ENCODER,
            verdict=Verdict.BAD,
            finding=f"{application.home.exports} holds no export of {settings.model}"
            f" ({settings.precision}), and sentence-transformers is not installed",
            fix="Copy the home folder again from where it was built",
        )


def _check_calibrations(path: Path, home: HomeFindings) -> Iterator[Check]:
    for file in sorted(calibration_path(path, "").parent.glob("*.yaml")):
        try:
            encoder = read_calibration(file).encoder
        except CalibrationError as error:
            yield Check(
                name=f"calibration {file.stem[:8]}",
                verdict=Verdict.BAD,
                finding=str(error).partition(" Remove it")[0],
                fix="Run: rolewise doctor --repair (which sets it aside), then:"
                " rolewise evaluate FILE --calibrate",
            )
            continue
        if encoder != file.stem:
            yield Check(
                name=f"calibration {file.stem[:8]}",
                verdict=Verdict.NOTE,
                finding=f"{file.name} is of another encoder ({encoder[:8]}) than it is named for",
                fix=_CALIBRATE,
            )
        else:
            yield Check(
                name=f"calibration {file.stem[:8]}",
                verdict=Verdict.GOOD,
                finding="it can be read, and is of the encoder that it is named for",
            )
