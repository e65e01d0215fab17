"""How the process that converts and the one that asks it speak: a header as JSON, then plain bytes.

Nothing that comes from the process that converts is trusted, so nothing is ever unpickled, and
lengths are looked at before anything is read.
"""

import json
import struct
from typing import IO, Any

_LENGTH = struct.Struct("!I")


def write_frame(stream: IO[bytes], header: dict[str, Any], body: bytes = b"") -> None:
    """Write a header and what belongs to it.

    Raises:
        OSError: the other side is gone.
    """
    encoded = json.dumps(header).encode()
    stream.write(_LENGTH.pack(len(encoded)) + encoded)
    stream.write(body)
    stream.flush()


def read_header(stream: IO[bytes], max_bytes: int) -> dict[str, Any]:
    """Read a header; what belongs to it comes next.

    Raises:
        EOFError: the other side is gone.
        ValueError: it is longer than allowed, or no JSON object.
    """
    (length,) = _LENGTH.unpack(read_exactly(stream, _LENGTH.size))
    if length > max_bytes:
        raise ValueError(f"a header of {length} bytes")
    try:
        header = json.loads(read_exactly(stream, length))
    except RecursionError as error:
        raise ValueError("a header nested too deep") from error
    if not isinstance(header, dict):
        raise ValueError("a header that is no object")
    return header


def read_exactly(stream: IO[bytes], count: int) -> bytes:
    """Read that many bytes.

    Raises:
        EOFError: the other side is gone.
    """
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
