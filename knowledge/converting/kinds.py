"""What a file really is, whatever it is called: told by its first bytes."""

import io
import re
import zipfile

from knowledge.converting.converted import ConversionError

_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"{\\rtf", "a Rich Text document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a media file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"%!PS", "a PostScript document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
)
_HTML = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_MAX_BYTES_BEFORE_PDF = 1024


def kind_of(data: bytes) -> str:
    """Return what a file is, with its article, such as "a ZIP archive"; "of no known kind" else."""
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return _kind_of_archive(data) if kind == "a ZIP archive" else kind
    if b"%PDF-" in data[:_MAX_BYTES_BEFORE_PDF]:
        return "a PDF"
    if _HTML.match(data[:2048].removeprefix(b"\xef\xbb\xbf")):
        return "a web page"
    return "of no known kind" if b"\0" in data[:2048] else "text"


def _kind_of_archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return "a ZIP archive"
    for name, kind in (
        ("word/document.xml", "a Word document"),
        ("ppt/presentation.xml", "a PowerPoint presentation"),
        ("xl/workbook.xml", "an Excel workbook"),
        ("META-INF/container.xml", "an EPUB book"),
        ("content.xml", "an OpenDocument file"),
    ):
        if name in names:
            return kind
    return "a ZIP archive"


def refuse_other_kind(data: bytes, expected: str) -> ConversionError:
    """Return the error that says what a file is instead of what it is called.

    Args:
        data: The whole file.
        expected: What it should be, with its article.
    """
    if not data:
        return ConversionError("it is empty")
    kind = kind_of(data)
    if kind == "an old or encrypted Office document" and expected != "a PDF":
        return ConversionError(
            f"it is not {expected} but of an older format or encrypted; save it anew without a"
            " password"
        )
    return ConversionError(f"it is not {expected} but {kind}")
