"""An encoder is found: one that was exported, else one that sentence-transformers loads."""

import logging
from pathlib import Path

from index.encoder import Encoder, SentenceTransformerEncoder
from index.exported import DESCRIPTION_NAME, ExportedEncoder, read_description
from index.home import Home
from index.settings import IndexSettings
from knowledge.errors import EncoderError

_log = logging.getLogger(__name__)


def load_encoder(home: Home, settings: IndexSettings, fingerprint: str | None = None) -> Encoder:
    """Return the encoder that the settings name.

    What was exported before is opened at once. The first time, sentence-transformers loads the
    model, it is exported into the home, and the export is what encodes from then on; where it
    can't be exported, or the home can't be written, sentence-transformers encodes.

    Args:
        home: Holds exports.
        settings: Names the model.
        fingerprint: Of the index in service, if there is one; its export goes before others.

    Raises:
        EncoderError: the model can't be loaded.
    """
    if folder := _find_export(home, settings.model, fingerprint):
        return ExportedEncoder(folder)
    encoder = SentenceTransformerEncoder(settings.model, batch_size=settings.batch_size)
    try:
        from index.export import export_encoder

        return export_encoder(encoder, home.exports)
    except (EncoderError, OSError, ImportError) as error:
        _log.warning("sentence-transformers serves %s, slower: %s", settings.model, error)
        return encoder


def _find_export(home: Home, model: str, fingerprint: str | None) -> Path | None:
    """Return the folder of the model's export: of the index in service, else the newest."""
    found = []
    for description in home.exports.glob(f"[0-9a-f]*/{DESCRIPTION_NAME}"):
        folder = description.parent
        try:
            is_of_model = read_description(folder).model == model
        except EncoderError:
            _log.warning("a damaged export is passed over: %s", folder)
            continue
        if is_of_model:
            found.append((folder.name == fingerprint, description.stat().st_mtime_ns, folder))
    return max(found)[2] if found else None
