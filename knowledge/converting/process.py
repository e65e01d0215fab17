"""Documents are converted in a process of their own, which is bounded and not trusted.

A document may loop, grow, crash or take over the program that reads it. So it is read in a process
that was spawned for this, has confined itself (`knowledge.converting.confinement`), and is killed
when it takes too long. What comes back is checked like any other input. The process is used again
for the documents after it, since starting one takes longer than reading most documents; it is
replaced when it died, grew or has read its share. Documents of one process are not protected from
each other: one that takes it over might forge the text of those that come after it.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from knowledge.converting.child import OUT_OF_MEMORY
from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.frames import read_exactly, read_header, write_frame
from knowledge.converting.limits import ConversionLimits

CONVERTERS_MODULE = "knowledge.converting.converters"
"""The module whose `convert_bytes` is run."""

MAX_DOCUMENTS_OF_PROCESS = 100
_START_SECONDS = 60.0
_MAX_BYTES_OF_HEADER = 100_000
_MAX_BYTES_OF_PAGE_START = 24
_MAX_CHARACTERS_OF_ERROR = 500
_MAX_CHARACTERS_OF_TITLE = 300
_SHARE_OF_MEMORY_TO_REPLACE = 2
"""A process that still holds one part in two of its memory after a document has grown."""

_BOOT = (
    "import json, sys; arguments = json.loads(sys.argv[1]); sys.path[:] = arguments['path'];"
    " from knowledge.converting.child import serve; serve(arguments)"
)
# No secrets, and no settings that lead libraries elsewhere. One thread, for memory's sake.
_PASSED_ON = ("SYSTEMROOT", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class _DiedError(Exception):
    """Say in one clause how the process ended instead of giving a result."""


class ConversionProcess:
    """Converts documents one after the other, for one thread at a time.

    The process is started by the first document, and again whenever it has to be.
    """

    def __init__(
        self,
        limits: ConversionLimits,
        *,
        converters: str = CONVERTERS_MODULE,
        max_documents: int = MAX_DOCUMENTS_OF_PROCESS,
    ) -> None:
        """Name what is to be run.

        Args:
            limits: What a conversion may take.
            converters: The module whose `convert_bytes` is run in the process; it is imported
                before the process confines itself.
            max_documents: After so many the process is replaced, for what libraries leave behind.
        """
        self._limits = limits
        self._converters = converters
        self._max_documents = max_documents
        self._process: subprocess.Popen[bytes] | None = None
        self._exchange: _Exchange | None = None
        self._documents = 0

    def __enter__(self) -> Self:
        """Do nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()

    @property
    def process_id(self) -> int | None:
        """The id of the process that will read the next document, if it runs already."""
        return self._process.pid if self._process else None

    def convert(self, data: bytes, suffix: str) -> ConvertedText:
        """Convert a file.

        Args:
            data: The whole file.
            suffix: The kind of the file, lower case and with its dot.

        Raises:
            ConversionError: it can't be converted, or not within the limits.
        """
        if self._is_worn():
            self.close()
        if self._process is not None:
            # What an earlier document left behind must not be this one's undoing.
            with suppress(_DiedError):
                return self._convert(data, suffix)
            self.close()
        try:
            return self._convert(data, suffix)
        except _DiedError as error:
            raise ConversionError(str(error)) from error

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is None:
            return
        process, self._process = self._process, None
        _kill(process)
        # Where something that it started lives on, the pipes may stay open, and are left alone.
        if self._exchange is None or self._exchange.wait(1.0):
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    _open(stream).close()

    def _convert(self, data: bytes, suffix: str) -> ConvertedText:
        process = self._process or self._start()
        self._process = process
        self._documents += 1
        header = {"suffix": suffix, "bytes": len(data)}
        exchange = self._exchange = _Exchange(process, self._limits, header, data)
        try:
            if not exchange.wait(self._limits.max_seconds):
                raise ConversionError(
                    "reading it took longer than knowledge.max_conversion_seconds"
                    f" ({self._limits.max_seconds:g})"
                )
            return exchange.result()
        except (EOFError, OSError) as error:
            raise _DiedError(self._reason_of_death(process)) from error
        except ValueError as error:
            raise ConversionError("what its converter gave back is not valid") from error
        finally:
            # A process that is out of step is of no more use.
            if not exchange.was_answered:
                self.close()

    def _start(self) -> subprocess.Popen[bytes]:
        arguments = {
            "path": [str(Path(entry).absolute()) for entry in sys.path],
            "converters": self._converters,
            "limits": self._limits.to_json(),
            "parent": os.getpid(),
            "max_processor_seconds": int(
                _START_SECONDS + self._limits.max_seconds * self._max_documents
            ),
        }
        is_windows = sys.platform == "win32"
        try:
            process = subprocess.Popen(  # noqa: S603 - this Python
                [sys.executable, "-I", "-c", _BOOT, json.dumps(arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(sys.executable).anchor,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ}
                | _ENVIRONMENT,
                start_new_session=not is_windows,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise ConversionError(f"no process can be started to read it in ({error})") from error
        self._documents = 0
        start = self._exchange = _Exchange(process, self._limits, None, b"")
        if not start.wait(_START_SECONDS) or not start.was_answered:
            self._process = process
            self.close()
            raise ConversionError(
                "the process to read it in did not start; try a higher"
                " knowledge.max_conversion_megabytes"
            )
        return process

    def _is_worn(self) -> bool:
        process = self._process
        if process is None:
            return False
        if process.poll() is not None or self._documents >= self._max_documents:
            return True
        most = self._limits.max_memory_bytes // _SHARE_OF_MEMORY_TO_REPLACE
        return _resident_bytes(process.pid) > most

    def _reason_of_death(self, process: subprocess.Popen[bytes]) -> str:
        _kill(process, after_seconds=1.0)
        if process.returncode == OUT_OF_MEMORY:
            megabytes = self._limits.max_memory_bytes // 1_000_000
            return (
                "reading it takes more memory than knowledge.max_conversion_megabytes"
                f" ({megabytes:,})"
            )
        if process.returncode < 0:
            with suppress(ValueError):
                return f"reading it crashed ({signal.Signals(-process.returncode).name})"
        return f"reading it crashed (exit code {process.returncode})"


class _Exchange:
    """One question to the process and its answer, on a thread: no read of a pipe can be timed.

    Without a question, it waits for the process to say that it has started.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        limits: ConversionLimits,
        header: dict[str, Any] | None,
        body: bytes,
    ) -> None:
        self.was_answered = False
        """Whether a valid answer was read to its end, so that another question may follow."""
        self._limits = limits
        self._question = header, body
        self._streams = _open(process.stdin), _open(process.stdout)
        self._result: ConvertedText | Exception = EOFError()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Say whether it was over in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> ConvertedText:
        """Return what came of it, or raise that."""
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    def _run(self) -> None:
        questions, answers = self._streams
        header, body = self._question
        try:
            if header is None:
                self.was_answered = "ready" in read_header(answers, _MAX_BYTES_OF_HEADER)
                return
            write_frame(questions, header, body)
            self._result = self._read_answer(answers)
            self.was_answered = True
        except ConversionError as error:
            self._result = error
            self.was_answered = True
        except (OSError, EOFError, ValueError) as error:
            self._result = error

    def _read_answer(self, answers: IO[bytes]) -> ConvertedText:
        most = _MAX_BYTES_OF_HEADER + self._limits.max_pages * _MAX_BYTES_OF_PAGE_START
        header = read_header(answers, most)
        if "error" in header:
            raise ConversionError(_printable(header["error"])[:_MAX_CHARACTERS_OF_ERROR])
        count = header.get("bytes")
        if type(count) is not int or not 0 <= count <= self._limits.max_text_bytes:
            raise ValueError("a text of no or too great a length")
        return _check_converted(read_exactly(answers, count).decode(), header, self._limits)


def _check_converted(text: str, header: dict[str, Any], limits: ConversionLimits) -> ConvertedText:
    """Return what a process gave back, as far as it is what `ConvertedText` says."""
    starts, title = header.get("page_starts"), header.get("title")
    if "\r" in text:
        raise ValueError("line ends that are not LF")
    if type(starts) is not list or any(type(start) is not int for start in starts):
        raise ValueError("page starts that are no numbers")
    if len(starts) > limits.max_pages:
        most = f"knowledge.max_document_pages ({limits.max_pages:,})"
        raise ConversionError(f"{len(starts):,} pages, more than {most}")
    if starts and (starts[0] != 0 or starts != sorted(starts) or starts[-1] > len(text)):
        raise ValueError("page starts out of order")
    if title is not None:
        title = " ".join(_printable(title).split())[:_MAX_CHARACTERS_OF_TITLE] or None
    return ConvertedText(text=text, page_starts=tuple(starts), title=title)


def _printable(words: object) -> str:
    if not isinstance(words, str):
        raise ValueError("words that are no text")
    return "".join(character if character.isprintable() else " " for character in words)


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _kill(process: subprocess.Popen[bytes], *, after_seconds: float = 0.0) -> None:
    """Kill a process and what it may have started, once it had time to end by itself."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(after_seconds)
        return
    if sys.platform != "win32":
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _resident_bytes(process_id: int) -> int:
    """Return the memory that a process holds, 0 where the system doesn't say so in a file."""
    try:
        pages = Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
