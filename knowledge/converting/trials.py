"""What of the confinement of conversion holds on this system: each measure is put to the test.

The module stands in for the converters in a `ConversionProcess`, whose process then tries to do
what it must not be able to.
"""

import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from knowledge.checks import Check, Verdict
from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.limits import ConversionLimits

_SECONDS_OF_TRIAL = 20.0
_SECONDS_OF_LOOP = 0.5
_HELD = "held"


def check_confinement(limits: ConversionLimits) -> list[Check]:
    """Try out, in a process that converts, each limit and each thing that it must not do.

    Args:
        limits: Those of the settings.
    """
    from knowledge.converting.process import ConversionProcess

    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        secret = Path(folder, "secret")
        secret.write_text("a file that converting has no business with", encoding="utf-8")
        data = json.dumps(
            {
                "secret": str(secret),
                "written": str(Path(folder, "written")),
                "port": server.getsockname()[1],
                "memory": limits.max_memory_bytes,
            }
        ).encode()
        checks = []
        trial_limits = replace(limits, max_seconds=_SECONDS_OF_TRIAL)
        with ConversionProcess(trial_limits, converters=__name__) as process:
            try:
                process.convert(b"", "nothing")
            except ConversionError as error:
                return [
                    Check(
                        name="conversion",
                        verdict=Verdict.BAD,
                        finding=str(error),
                        fix="Raise knowledge.max_conversion_megabytes in the settings.",
                    )
                ]
            for name, (_, held, not_held) in _TRIALS.items():
                try:
                    finding = process.convert(data, name).text
                except ConversionError as error:
                    finding = str(error)
                checks.append(_check(f"conversion: {name}", finding, held, not_held))
        loop_limits = replace(limits, max_seconds=_SECONDS_OF_LOOP)
        with ConversionProcess(loop_limits, converters=__name__) as process:
            try:
                process.convert(b"", "loop")
            except ConversionError:
                finding = _HELD
            checks.append(
                _check("conversion: time", finding, "the time limit holds", "no time limit")
            )
    return checks


def convert_bytes(data: bytes, suffix: str) -> ConvertedText:
    """Make one trial, in the process; the text says that the measure held, or what came of it."""
    if suffix == "nothing":
        return ConvertedText(text="")
    while suffix == "loop":
        pass
    values = json.loads(data)
    deed, _, _ = _TRIALS[suffix]
    try:
        deed(values)
    except (OSError, MemoryError, subprocess.SubprocessError):
        return ConvertedText(text=_HELD)
    return ConvertedText(text="it could be done")


def _check(name: str, finding: str, held: str, not_held: str) -> Check:
    if finding == _HELD:
        return Check(name=name, verdict=Verdict.GOOD, finding=held)
    return Check(name=name, verdict=Verdict.NOTE, finding=f"{not_held} ({finding})")


def _take_memory(values: dict[str, int]) -> None:
    bytearray(values["memory"])  # with what the process has already, it is more than allowed


def _connect(values: dict[str, int]) -> None:
    socket.create_connection(("127.0.0.1", values["port"]), timeout=_SECONDS_OF_TRIAL / 2).close()


def _read(values: dict[str, str]) -> None:
    Path(values["secret"]).read_bytes()


def _write(values: dict[str, str]) -> None:
    Path(values["written"]).write_text("written", encoding="utf-8")


def _run(values: dict[str, str]) -> None:
    command = [sys.executable, "-I", "-S", "-c", ""]
    subprocess.run(command, check=True, timeout=_SECONDS_OF_TRIAL / 2)  # noqa: S603 - this Python


_TRIALS: dict[str, tuple[Callable[..., None], str, str]] = {
    "memory": (_take_memory, "the memory limit holds", "no memory limit on this system"),
    "network": (_connect, "no network", "not cut off from the network on this system"),
    "reading": (_read, "no files but the installation's", "can read files on this system"),
    "writing": (_write, "no files are written", "can write files on this system"),
    "programs": (_run, "no programs are started", "can start programs on this system"),
}
"""By name: what is tried, and what it means that it failed or was done."""
