"""An encoder is found: one that was exported, else one that sentence-transformers loads."""

import logging
from pathlib import Path

from index.encoding.encoder import Encoder, SentenceTransformerEncoder
from index.encoding.export_description import DESCRIPTION_NAME, read_description
from index.encoding.exported import ExportedEncoder
from index.encoding.models import INSTALL, has_sentence_transformers
from index.settings import IndexSettings, Precision
from index.snapshots.home import Home
from knowledge.errors import EncoderError

_log = logging.getLogger(__name__)


def load_encoder(home: Home, settings: IndexSettings, fingerprint: str | None = None) -> Encoder:
    """Return the encoder that the settings name.

    What was exported before is opened at once. The first time, sentence-transformers loads the
    model, it is exported into the home, and the export is what encodes from then on; where it
    can't be exported, or the home can't be written, sentence-transformers encodes.

    Args:
        home: Holds exports.
        settings: Names the model and the precision.
        fingerprint: Of the index in service, if there is one; its export goes before others.

    Raises:
        EncoderError: the model can't be loaded, or the precision can't be made.
    """
    if export := _open_export(home, settings.model, settings.precision, fingerprint):
        return export
    encoder: Encoder | None = None
    if settings.precision is not Precision.FLOAT32:
        encoder = _open_export(home, settings.model, Precision.FLOAT32)
    encoder = encoder or _make_export(home, settings)
    if settings.precision is Precision.FLOAT32 or not isinstance(encoder, ExportedEncoder):
        return encoder
    try:
        from index.encoding.quantizing import quantize_export

        return quantize_export(home.exports / encoder.fingerprint, home.exports)
    except OSError as error:
        _log.warning("%s serves in float32: %s", settings.model, error)
        return encoder


def find_export(
    home: Home, model: str, precision: Precision, fingerprint: str | None = None
) -> Path | None:
    """Return the folder of a model's export: that of the index in service, else the newest.

    Raises:
        EncoderError: there is none, but there are some that can't be read.
    """
    found = []
    problem: EncoderError | None = None
    for folder in home.exports.glob("[0-9a-f]" * 64):
        try:
            said = read_description(folder)
        except EncoderError as error:
            problem = error
            continue
        if (said.model, said.precision) == (model, precision):
            found.append((folder.name == fingerprint, _time_of(folder), folder))
    if problem is not None:
        if not found:
            raise problem
        _log.warning("An exported encoder is passed over. %s", problem)
    return max(found)[2] if found else None


def _time_of(export: Path) -> int:
    return (export / DESCRIPTION_NAME).stat().st_mtime_ns


def _open_export(
    home: Home, model: str, precision: Precision, fingerprint: str | None = None
) -> ExportedEncoder | None:
    """Open a model's export if there is one, or leave a damaged one to be made again."""
    try:
        folder = find_export(home, model, precision, fingerprint)
        return ExportedEncoder(folder) if folder else None
    except EncoderError as error:
        if not has_sentence_transformers():
            raise
        _log.warning("An exported encoder is made again. %s", error)
        return None


def _make_export(home: Home, settings: IndexSettings) -> Encoder:
    if not has_sentence_transformers():
        raise EncoderError(
            f"There is no encoder of {settings.model} in {home.exports}, and sentence-transformers,"
            " which makes it, is not installed. Either run rolewise build where it is, and copy"
            f" that home folder to {home.path}; or install it here: {INSTALL}"
        )
    encoder = SentenceTransformerEncoder(
        settings.model, batch_size=settings.batch_size, allow_code=settings.allow_model_code
    )
    try:
        from index.encoding.export import export_encoder

        return export_encoder(encoder, home.exports)
    except (EncoderError, OSError, ImportError) as error:
        reason = (
            f"its export can't be written into {home.exports} ({error.strerror or error})"
            if isinstance(error, OSError)
            else error
        )
        _log.warning("sentence-transformers serves %s, slower: %s", settings.model, reason)
        return encoder
