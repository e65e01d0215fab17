"""The kinds of documents that are converted, by the suffix of their name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge.converting import delimited, docx, epub, html, pptx
from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.pdf import converter as pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """Turns the bytes of one kind of document into Markdown.

    `identity` names the converter, its version and the libraries behind it: where it changes, a
    document is converted anew. `convert` imports what it needs when it is called.

    Raises (from `convert`):
        ConversionError: the file can't be converted.
        ImportError: the libraries of rolewise[documents] are not installed.
    """

    identity: Callable[[], str]
    convert: Callable[[bytes], ConvertedText]


_HTML = Converter(identity=html.identity, convert=html.convert)
_DELIMITED = Converter(identity=delimited.identity, convert=delimited.convert)

CONVERTERS: Mapping[str, Converter] = {
    ".csv": _DELIMITED,
    ".docx": Converter(identity=docx.identity, convert=docx.convert),
    ".epub": Converter(identity=epub.identity, convert=epub.convert),
    ".htm": _HTML,
    ".html": _HTML,
    ".pdf": Converter(identity=pdf.identity, convert=pdf.convert),
    ".pptx": Converter(identity=pptx.identity, convert=pptx.convert),
    ".tsv": _DELIMITED,
    ".xhtml": _HTML,
}
"""By suffix, in lower case and with its dot."""


def convert_bytes(data: bytes, suffix: str) -> ConvertedText:
    """Convert a file within this process; `knowledge.converting.process` does it in another.

    Args:
        data: The whole file.
        suffix: A key of `CONVERTERS`.

    Raises:
        ConversionError: the file can't be converted, or its kind is unknown.
    """
    converter = CONVERTERS.get(suffix.lower())
    if converter is None:
        raise ConversionError(f"{suffix} is not a kind of document that is read")
    return converter.convert(data)
