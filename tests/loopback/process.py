"""The bot as a process of its own, run against a loopback server."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from pathlib import Path
from types import TracebackType

from tests.loopback.waiting import Changes, WaitTimeoutError

REPOSITORY = Path(__file__).resolve().parents[2]
STOP_WITHIN_SECONDS = 15.0
SHOWN_LINES = 200


class BotProcess:
    """Run the bot's command line; `async with` starts it and stops it.

    Attributes:
        lines: what it wrote to standard output and standard error, so far.
    """

    def __init__(
        self,
        base_url: str,
        *arguments: str,
        token: str,
        environment: dict[str, str] | None = None,
        directory: Path = REPOSITORY,
        module: str = "tests.loopback.launch",
    ) -> None:
        """Make a process that does not run yet.

        Args:
            arguments: those of the bot's command line.
            environment: variables beyond those of this process and DISCORD_TOKEN.
            directory: where it runs.
            module: what launches it.
        """
        self.lines: list[str] = []
        self._command = [sys.executable, "-m", module, base_url, "--", *arguments]
        paths = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONUNBUFFERED": "1",
            "DISCORD_TOKEN": token,
            **(environment or {}),
        }
        self._directory = directory
        self._changes = Changes()
        self._process: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "BotProcess":
        """Start the process."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environment,
            cwd=self._directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 22,
        )
        self._process = process
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                self._readers.append(asyncio.create_task(self._read(stream)))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the process; a failing test shows what it wrote."""
        if self.is_running:
            self.send_signal(signal.SIGTERM)
        try:
            await self.wait_for_exit()
        except WaitTimeoutError:
            self.send_signal(signal.SIGKILL)
            await self.wait_for_exit()
            if error is None:
                raise
        finally:
            await asyncio.gather(*self._readers)
            if error is not None:
                error.add_note(f"The bot wrote:\n{self.output}")

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """The process's exit code; None while it runs."""
        return None if self._process is None else self._process.returncode

    @property
    def pid(self) -> int | None:
        """The process's number; None before it was started."""
        return None if self._process is None else self._process.pid

    @property
    def output(self) -> str:
        """The last lines that it wrote."""
        return "\n".join(self.lines[-SHOWN_LINES:])

    def send_signal(self, number: signal.Signals) -> None:
        """Send the process a signal.

        Not by `Process.send_signal`, which may collect the exit code before asyncio can.
        """
        assert self._process is not None, "the process was not started"
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, number)

    async def wait_for_line(self, pattern: str, *, timeout_seconds: float = 30.0) -> str:
        """Wait for a line in which a regular expression is found, and return the line."""
        compiled = re.compile(pattern)

        def find() -> str | None:
            found = next((line for line in self.lines if compiled.search(line)), None)
            if found is None and all(reader.done() for reader in self._readers):
                raise AssertionError(
                    f"the bot ended ({self.exit_code}) without writing {pattern!r}"
                )
            return found

        return await self._changes.wait_for(
            find,
            awaited=f"a line with {pattern!r}",
            seen=lambda: self.output,
            timeout_seconds=timeout_seconds,
        )

    async def wait_for_exit(self, *, timeout_seconds: float = STOP_WITHIN_SECONDS) -> int:
        """Wait until the process ends, and return its exit code."""
        assert self._process is not None, "the process was not started"
        try:
            return await asyncio.wait_for(self._process.wait(), timeout_seconds)
        except TimeoutError:
            message = f"waited {timeout_seconds:g} s for the bot to end; it wrote:\n{self.output}"
            raise WaitTimeoutError(message) from None

    async def _read(self, stream: asyncio.StreamReader) -> None:
        """Collect a stream's lines."""
        while line := await stream.readline():
            self.lines.append(line.decode(errors="replace").rstrip("\n"))
            self._changes.notify()
        asyncio.get_running_loop().call_soon(self._changes.notify)
