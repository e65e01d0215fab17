"""Documents that are ZIP archives of XML are opened with care: sizes are checked before reading."""

import io
import posixpath
import zipfile
import zlib
from urllib.parse import unquote

from knowledge.converting.converted import ConversionError
from knowledge.converting.elements import Element
from knowledge.converting.kinds import refuse_other_kind
from knowledge.converting.office import read_as_transitional

MAX_BYTES_UNPACKED = 200_000_000
MAX_BYTES_OF_PART = 50_000_000
MAX_PARTS = 20_000
MAX_RATIO = 200
"""How many times its packed size an archive may grow; text packs to a tenth, XML to a hundredth."""
_BYTES_OF_ANY_RATIO = 5_000_000
_FLAG_ENCRYPTED = 0x1
_DAMAGED = "it is cut short or damaged"


class Archive:
    """The parts of a document that is a ZIP archive."""

    def __init__(self, data: bytes, expected: str) -> None:
        """Open it and check what it declares of itself.

        Args:
            data: The whole file.
            expected: What it should be, with its article.

        Raises:
            ConversionError: it is something else, damaged, encrypted or grows too large.
        """
        if not data.startswith(b"PK\x03\x04"):
            raise refuse_other_kind(data, expected)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
            raise ConversionError(_DAMAGED) from error
        parts = self._archive.infolist()
        if len(parts) > MAX_PARTS:
            raise ConversionError(f"it holds {len(parts):,} parts, more than {MAX_PARTS:,}")
        unpacked = sum(part.file_size for part in parts)
        is_bomb = unpacked > max(len(data) * MAX_RATIO, _BYTES_OF_ANY_RATIO)
        if unpacked > MAX_BYTES_UNPACKED or is_bomb:
            raise ConversionError(
                f"it unpacks to {unpacked:,} bytes from {len(data):,}, which is no document"
            )
        if any(part.flag_bits & _FLAG_ENCRYPTED for part in parts):
            raise ConversionError("it is encrypted; save it without a password")
        self._parts = {part.filename: part for part in parts}
        self._data = data
        self._expected = expected

    def has(self, name: str) -> bool:
        """Return whether there is such a part."""
        return name in self._parts

    def read(self, name: str) -> bytes:
        """Return the bytes of a part.

        Raises:
            ConversionError: it is missing, damaged or too large.
        """
        part = self._parts.get(name)
        if part is None:
            raise ConversionError(f"its part {name!a} is missing")
        if part.file_size > MAX_BYTES_OF_PART:
            raise ConversionError(f"its part {name!a} unpacks to {part.file_size:,} bytes")
        try:
            with self._archive.open(part) as stream:
                return stream.read(MAX_BYTES_OF_PART)
        except (
            *(zipfile.BadZipFile, zlib.error, OSError, EOFError),
            *(ValueError, NotImplementedError, RuntimeError),
        ) as error:
            raise ConversionError(_DAMAGED) from error

    def read_xml(self, name: str) -> Element:
        """Return the root element of a part that is XML.

        Raises:
            ConversionError: it is missing, damaged or no XML.
        """
        return parse_xml(read_as_transitional(self.read(name)))

    def refuse(self) -> ConversionError:
        """Return the error that says what the archive is instead of what it is called."""
        return refuse_other_kind(self._data, self._expected)

    def relationships(self, name: str) -> dict[str, tuple[str, str]]:
        """Return what an Office part refers to inside the archive, by id: kind and part name.

        The kind is the last word of the relationship's type, such as "slide".
        """
        folder, file_name = posixpath.split(name)
        part = posixpath.join(folder, "_rels", f"{file_name}.rels")
        if not self.has(part):
            return {}
        return {
            entry.get("Id", ""): (
                entry.get("Type", "").rpartition("/")[2],
                join_names(folder, entry.get("Target", "")),
            )
            for entry in self.read_xml(part)
            if isinstance(entry.tag, str) and entry.get("TargetMode") != "External"
        }

    def title(self) -> str | None:
        """Return the title that an Office document's properties give."""
        if not self.has("docProps/core.xml"):
            return None
        try:
            properties = self.read_xml("docProps/core.xml")
        except ConversionError:
            return None
        title: str | None = properties.findtext("{http://purl.org/dc/elements/1.1/}title")
        return title


def join_names(folder: str, target: str) -> str:
    """Return the part's name that `target` means as seen from a folder of the archive."""
    target = unquote(target.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def parse_xml(data: bytes) -> Element:
    """Return the root element; nothing outside is read, and no entity is expanded.

    Raises:
        ConversionError: it is no XML, or it declares entities.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ConversionError("its XML is damaged") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise ConversionError("its XML declares entities, which is no document")
    return root
