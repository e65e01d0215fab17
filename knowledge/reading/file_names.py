"""Names that a guide's file may have on any system, and that can't mislead who reads them."""

import re
import unicodedata

_MAX_BYTES = 200
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_OF_DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])", re.IGNORECASE)
_JOINERS = "\u200c\u200d"
"""Scripts of their own need these; every other character that shows nothing can hide something."""


def check_file_name(name: str) -> None:
    """Make sure that a file of this name can be made in a folder, and nowhere else.

    Raises:
        ValueError: it can't; the message says why in one clause.
    """
    if not name or name != name.strip() or name.endswith("."):
        raise ValueError("its name is empty, or begins or ends with what names can't")
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        raise ValueError("its name is not valid text") from None
    if size > _MAX_BYTES:
        raise ValueError(f"its name has {size:,} bytes, more than {_MAX_BYTES}")
    if found := _NOT_IN_NAMES.search(name):
        raise ValueError(f"its name holds {found[0]!r}, which not every system allows")
    if name.startswith("."):
        raise ValueError("files whose names begin with a dot are hidden, and not read")
    for character in name:
        if unicodedata.category(character)[0] == "C" and character not in _JOINERS:
            raise ValueError(f"its name holds U+{ord(character):04X}, which can't be seen")
        if unicodedata.category(character) in {"Zl", "Zp"}:
            raise ValueError("its name holds a line end")
    if _OF_DEVICES.fullmatch(name.split(".", maxsplit=1)[0].strip()):
        raise ValueError("its name is that of a device on Windows")
