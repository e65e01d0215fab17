"""Converters that do what a document might make a real one do, for `ConversionProcess` to bear."""

import ctypes
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.limits import check_page_count

LEFT_BEHIND: list[bytes] = []


def convert_bytes(data: bytes, suffix: str) -> ConvertedText:
    """Do what the suffix names."""
    return BEHAVIOURS[suffix](data)


def _text(data: bytes) -> ConvertedText:
    return ConvertedText(text=data.decode())


def _pages(data: bytes) -> ConvertedText:
    check_page_count(int(data))
    return ConvertedText(text="x" * int(data), page_starts=tuple(range(int(data))))


def _unchecked_pages(data: bytes) -> ConvertedText:
    return ConvertedText(
        text="x" * int(data), page_starts=tuple(range(int(data))), title="A\nb\x1b"
    )


def _process_id(data: bytes) -> ConvertedText:
    return ConvertedText(text=str(os.getpid()))


def _refuse(data: bytes) -> ConvertedText:
    raise ConversionError(data.decode())


def _fail(data: bytes) -> ConvertedText:
    raise KeyError(data.decode())


def _loop(data: bytes) -> ConvertedText:
    while True:
        pass


def _sleep_deaf(data: bytes) -> ConvertedText:
    for kind in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(kind, signal.SIG_IGN)
    time.sleep(3600)
    raise AssertionError


def _recurse(data: bytes) -> ConvertedText:
    return _recurse(data + b"x")


def _allocate(data: bytes) -> ConvertedText:
    blocks = []
    while True:
        blocks.append(bytes(b"x" * 10_000_000))


def _leave_behind(data: bytes) -> ConvertedText:
    LEFT_BEHIND.append(b"x" * int(data))
    return ConvertedText(text=str(os.getpid()))


def _crash(data: bytes) -> ConvertedText:
    ctypes.string_at(0)  # no such address
    raise AssertionError


def _exit(data: bytes) -> ConvertedText:
    os._exit(int(data))


def _fill(data: bytes) -> ConvertedText:
    return ConvertedText(text="é" * int(data))


def _print(data: bytes) -> ConvertedText:
    for stream in (sys.stdout, sys.stderr):
        stream.write("a library has a word to say" * 10_000)
        stream.flush()
    os.write(1, b"and goes round Python")
    return _text(data)


def _return_surrogates(data: bytes) -> ConvertedText:
    return ConvertedText(text="\ud800")


def _show_environment(data: bytes) -> ConvertedText:
    return ConvertedText(text=json.dumps(dict(os.environ)))


def _use_threads(data: bytes) -> ConvertedText:
    numbers: list[int] = []
    threads = [threading.Thread(target=numbers.append, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ConvertedText(text=str(len(numbers)))


def _attempt(deed: Callable[[], object]) -> ConvertedText:
    try:
        return ConvertedText(text=f"done: {deed()}")
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return ConvertedText(text=f"failed: {type(error).__name__}")


def _raw_answer(data: bytes) -> ConvertedText:
    """Answer as a process would that a document took over: the bytes come from the test."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, data)
        except OSError:
            continue
    time.sleep(3600)
    raise AssertionError


def _raise_limits(data: bytes) -> ConvertedText:
    return _attempt(lambda: resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40)))


def _limit_parent(data: bytes) -> ConvertedText:
    return _attempt(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (10, 10)))


BEHAVIOURS: dict[str, Callable[[bytes], ConvertedText]] = {
    ".text": _text,
    ".pages": _pages,
    ".unchecked-pages": _unchecked_pages,
    ".process-id": _process_id,
    ".refuse": _refuse,
    ".fail": _fail,
    ".loop": _loop,
    ".sleep-deaf": _sleep_deaf,
    ".recurse": _recurse,
    ".allocate": _allocate,
    ".leave-behind": _leave_behind,
    ".crash": _crash,
    ".exit": _exit,
    ".fill": _fill,
    ".print": _print,
    ".surrogates": _return_surrogates,
    ".environment": _show_environment,
    ".threads": _use_threads,
    ".raw": _raw_answer,
    ".raise-limits": _raise_limits,
    ".limit-parent": _limit_parent,
    ".connect": lambda data: _attempt(
        lambda: socket.create_connection(("127.0.0.1", int(data)), timeout=5).close()
    ),
    ".datagram": lambda data: _attempt(
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(
            b"secret", ("127.0.0.1", int(data))
        )
    ),
    ".read-file": lambda data: _attempt(Path(data.decode()).read_bytes),
    ".write-file": lambda data: _attempt(lambda: Path(data.decode()).write_text("taken over")),
    ".list-folder": lambda data: _attempt(lambda: list(Path(data.decode()).iterdir())),
    ".run": lambda data: _attempt(
        lambda: subprocess.run([data.decode(), "-c", ""], check=True, timeout=20)
    ),
    ".fork": lambda data: _attempt(lambda: os.fork() or os._exit(0)),
    ".kill-parent": lambda data: _attempt(lambda: os.kill(os.getppid(), signal.SIGKILL)),
}


def frame(header: dict[str, object] | bytes, body: bytes = b"") -> bytes:
    """Return an answer as it is written by the process."""
    encoded = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("!I", len(encoded)) + encoded + body
