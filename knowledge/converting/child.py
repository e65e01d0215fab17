"""The process that converts, seen from within: it confines itself, then takes document by document.

Started by `knowledge.converting.process`, and only with modules that start fast.
"""

import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from knowledge.converting.confinement import confine
from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.frames import read_exactly, read_header, write_frame
from knowledge.converting.limits import MAX_PAGES, ConversionLimits

OUT_OF_MEMORY = 77
"""The exit code of a process that needed more memory than it may have."""

_MAX_HEADER_BYTES = 10_000
_MAX_CHARACTERS_OF_ERROR = 200


def serve(arguments: dict[str, Any]) -> None:
    """Convert what comes through standard input until it ends.

    Args:
        arguments: `converters`, the module whose `convert_bytes` is called; `limits`; `parent`,
            the id of the process that asks; `max_processor_seconds`.
    """
    results = os.fdopen(os.dup(1), "wb")
    # What libraries print must not get between the results.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limits = ConversionLimits.from_json(arguments["limits"])
    MAX_PAGES.set(limits.max_pages)
    convert = importlib.import_module(arguments["converters"]).convert_bytes
    confine(
        max_memory_bytes=limits.max_memory_bytes,
        max_processor_seconds=arguments["max_processor_seconds"],
        parent=arguments["parent"],
    )
    requests: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
    threading.Thread(target=_receive, args=(requests,), daemon=True).start()
    with suppress(OSError):
        write_frame(results, {"ready": True})
        while True:
            suffix, data = requests.get()
            header, body = _answer(convert, suffix, data, limits)
            write_frame(results, header, body)


def _receive(requests: SimpleQueue[tuple[str, bytes]]) -> None:
    """Take in what is to be converted; the end of it is the end of this process, busy or not."""
    stream = sys.stdin.buffer
    try:
        while True:
            header = read_header(stream, _MAX_HEADER_BYTES)
            requests.put((header["suffix"], read_exactly(stream, header["bytes"])))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    finally:
        os._exit(0)


def _answer(
    convert: Callable[[bytes, str], ConvertedText],
    suffix: str,
    data: bytes,
    limits: ConversionLimits,
) -> tuple[dict[str, Any], bytes]:
    try:
        converted = convert(data, suffix)
        text = converted.text.encode()
    except ConversionError as error:
        return {"error": str(error)}, b""
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except UnicodeEncodeError:
        return {"error": "what was read from it is not valid text"}, b""
    except ImportError as error:
        return {"error": f"pip install 'rolewise[documents]' reads such files ({error})"}, b""
    except Exception as error:  # whatever a broken file leads the libraries to
        shown = f"{type(error).__name__}: {error}"[:_MAX_CHARACTERS_OF_ERROR]
        return {"error": f"it is damaged, or not really a {suffix} file ({shown})"}, b""
    if len(text) > limits.max_text_bytes:
        most = f"knowledge.max_document_bytes ({limits.max_text_bytes:,})"
        return {"error": f"{len(text):,} bytes of text, more than {most}"}, b""
    header = {
        "bytes": len(text),
        "page_starts": list(converted.page_starts),
        "title": converted.title,
    }
    return header, text
