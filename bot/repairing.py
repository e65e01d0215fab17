"""What the doctor found to be wrong is mended, from the guides where they are there.

Guides are only read, and nothing is asked: what is removed can be made again or can't be used.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.answers.calibration_file import read_calibration
from bot.answers.model import calibration_path
from bot.application import Application
from bot.doctor import Examination
from index.checking.home import HomeFindings
from index.checking.repairing import (
    clear_away,
    clear_obstacles,
    clear_stamps,
    damaged_snapshots,
    find_knowledge_paths,
)
from index.encoding.models import has_sentence_transformers
from index.snapshots.home import Home, translating_storage_errors
from knowledge.errors import CalibrationError, EncoderError, KnowledgeError

if TYPE_CHECKING:
    from index.build import Progress


def repair(
    application: Application, examination: Examination, progress: "Progress"
) -> Iterator[str]:
    """Mend what was found to be bad, and say each step when it is done.

    Raises:
        BusyError: another process is building.
        EncoderError: a damaged encoder can't be made again here.
        KnowledgeError: the guides are gone, and there is no intact index to go back to.
        StorageError: the home can't be written.
    """
    home, found = application.home, examination.home
    if not home.path.exists():
        return
    yield from clear_obstacles(home)
    with home.locked():
        yield from clear_away(home, found.leftovers, "which was left over")
        yield from clear_stamps(home, found)
    yield from _set_calibrations_aside(home)
    yield from _renew_exports(application, found)
    if found.in_service is None and found.newest_intact is not None:
        # Which one was in service is lost; the newest is the likeliest.
        yield _put_into_service(home, found.newest_intact)
    elif found.is_index_bad or not examination.does_encoder_fit:
        yield from _renew_index(application, found, progress)
    with home.locked():
        in_service = home.current_name() if found.snapshots else None
        damaged = [path for path in damaged_snapshots(home, found) if path.name != in_service]
        yield from clear_away(home, damaged, "which was damaged")


def _renew_index(
    application: Application, found: HomeFindings, progress: "Progress"
) -> Iterator[str]:
    """Build the index anew; where the guides are gone, go back to the newest intact one."""
    home = application.home
    paths = application.settings.knowledge.paths or find_knowledge_paths(home, found)
    try:
        if not paths:
            raise KnowledgeError(
                "Nothing is left that tells which guides the index was built from. Name them:"
                " rolewise build PATH"
            )
        report = application.build(paths, is_full=True, progress=progress)
    except KnowledgeError as error:
        if found.newest_intact in {None, found.in_service}:
            raise
        yield f"The index could not be built anew: {error}"
        yield _put_into_service(home, str(found.newest_intact))
    else:
        yield f"Built {report.snapshot} anew from {', '.join(map(str, paths))}."


def _put_into_service(home: Home, name: str) -> str:
    with home.locked():
        home.put_into_service(name)
    return f"Put {name} into service, the newest that is intact."


def _renew_exports(application: Application, found: HomeFindings) -> Iterator[str]:
    if not found.damaged_exports:
        return
    if not has_sentence_transformers():
        raise EncoderError(
            "The damaged encoder can't be made again here, without sentence-transformers. Copy the"
            f" folder {application.home.exports} again from where it was built."
        )
    yield from clear_away(application.home, found.damaged_exports, "which was damaged")
    encoder = application.load_encoder()
    yield f"The encoder {encoder.model} ({encoder.fingerprint[:8]}) is there again."


def _set_calibrations_aside(home: Home) -> Iterator[str]:
    for file in sorted(calibration_path(home.path, "").parent.glob("*.yaml")):
        try:
            read_calibration(file)
        except CalibrationError:
            aside = file.with_suffix(".damaged")
            with translating_storage_errors(home.path):
                file.replace(aside)
            yield f"Set {file.name} aside as {aside.name}; make another by rolewise evaluate."
