"""Bytes become text: by their byte-order mark, as UTF-8, or in the encoding that fits best."""

import codecs
import re

_CONTROL_CHARACTER = re.compile(r"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_MAX_SHARE_OF_CONTROL_CHARACTERS = 0.1
_MAX_DIFFERENCE_OF_CHAOS = 0.05
# What editors have written by default; DOS and the old Mac OS are but mistaken for others.
_ENCODINGS_GUESSED = [
    *(f"cp{number}" for number in range(1250, 1259)),
    *("iso8859_2", "iso8859_5", "cp874", "koi8_r", "koi8_u"),
    *("cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949"),
]
_UTF_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class DecodingError(Exception):
    """Say in one clause why bytes are no text."""


def decode_text(data: bytes, declared_encoding: str | None = None) -> str:
    """Return a file's text without byte-order mark, its line ends as LF.

    Args:
        data: The whole file.
        declared_encoding: What the file says of itself; it is passed over where it is not so.

    Raises:
        DecodingError: it is not text, or its encoding is not recognised.
    """
    text = _decode_as_marked(data)
    if text is None and declared_encoding is not None:
        text = _decode_as_declared(data, declared_encoding)
    if text is None:
        text = _decode_as_guessed(data)
    controls = len(_CONTROL_CHARACTER.findall(text, 0, 100_000))
    if controls > _MAX_SHARE_OF_CONTROL_CHARACTERS * min(len(text), 100_000):
        raise DecodingError("it is not text but binary data")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode_as_marked(data: bytes) -> str | None:
    for mark, encoding in _UTF_BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                name = encoding.removesuffix("-sig").upper()
                reason = f"its byte-order mark says {name}, but byte {error.start} is not"
                raise DecodingError(reason) from error
    return None


def _decode_as_declared(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeError, ValueError):
        return None


def _decode_as_guessed(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise DecodingError("it is not text but binary data") from error
    from charset_normalizer import from_bytes

    guesses = from_bytes(data, cp_isolation=_ENCODINGS_GUESSED)
    best = guesses.best()
    if best is None:
        raise DecodingError("its encoding is not recognised; save it as UTF-8")
    # French reads as Baltic without a fault, so the likeliest language decides among good guesses,
    # and then the commonest encoding.
    good = [guess for guess in guesses if guess.chaos <= best.chaos + _MAX_DIFFERENCE_OF_CHAOS]
    return str(max(good, key=lambda guess: (guess.coherence, guess.encoding == "cp1252")))
