"""Conversions in a process of their own: what it may take, what it can't do, what is believed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.checks import Verdict
from knowledge.converting.converted import ConversionError, ConvertedText
from knowledge.converting.limits import ConversionLimits
from knowledge.converting.process import ConversionProcess
from knowledge.converting.trials import check_confinement
from tests.knowledge.converting.hostile_converters import frame

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the hostile converters use what POSIX has"
)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="confined so on Linux alone")

HOSTILE = "tests.knowledge.converting.hostile_converters"
LIMITS = ConversionLimits(
    max_text_bytes=1_000_000, max_pages=50, max_seconds=30.0, max_memory_bytes=300_000_000
)
IMPATIENT = ConversionLimits(max_seconds=0.5)


@pytest.fixture(scope="module")
def process() -> Iterator[ConversionProcess]:
    with ConversionProcess(LIMITS, converters=HOSTILE) as process:
        yield process


def ask(process: ConversionProcess, suffix: str, data: object = "") -> str:
    return process.convert(str(data).encode(), suffix).text


def refusal(process: ConversionProcess, suffix: str, data: object = "") -> str:
    with pytest.raises(ConversionError) as caught:
        ask(process, suffix, data)
    return str(caught.value)


def is_running(process_id: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def test_text_comes_back_as_it_was(process: ConversionProcess) -> None:
    text = "Zürich 日本 😀\n\0\u202e" + "x" * 900_000
    assert process.convert(text.encode(), ".text") == ConvertedText(text=text)
    assert process.convert(b"", ".text") == ConvertedText(text="")


def test_pages_and_title_come_back(process: ConversionProcess) -> None:
    converted = process.convert(b"5", ".unchecked-pages")
    assert converted.page_starts == (0, 1, 2, 3, 4)
    assert converted.title == "A b"


def test_it_is_used_again(process: ConversionProcess) -> None:
    assert ask(process, ".process-id") == ask(process, ".process-id")


@pytest.mark.parametrize(
    ("suffix", "data", "reason"),
    [
        pytest.param(".refuse", "it is encrypted", "it is encrypted", id="the converter's own"),
        pytest.param(".refuse", "a\x1b[2J\u202eb", "a [2J b", id="nothing that moves the screen"),
        pytest.param(".fail", "x", "not really a .fail file (KeyError: 'x')", id="any exception"),
        pytest.param(".recurse", "", "(RecursionError: ", id="recursion"),
        pytest.param(".surrogates", "", "not valid text", id="lone surrogates"),
        pytest.param(".pages", 51, "51 pages, more than knowledge.max_document_pages (50)", id="p"),
        pytest.param(".unchecked-pages", 51, "knowledge.max_document_pages (50)", id="pages"),
        pytest.param(
            ".fill", 600_000, "1,200,000 bytes of text, more than knowledge.max_document_bytes",
            id="text",
        ),
    ],
)  # fmt: skip
def test_a_document_is_refused_and_the_process_stays(
    suffix: str, data: object, reason: str, process: ConversionProcess
) -> None:
    before = ask(process, ".process-id")
    assert reason in refusal(process, suffix, data)
    assert ask(process, ".process-id") == before


@pytest.mark.parametrize(
    ("suffix", "data", "reason"),
    [
        pytest.param(".crash", "", "it crashed (SIG", id="crash"),
        pytest.param(".exit", 3, "it crashed (exit code 3)", id="exit"),
        pytest.param(".exit", 0, "it crashed (exit code 0)", id="exit as if all was well"),
        pytest.param(
            ".allocate", "", "more memory than knowledge.max_conversion_megabytes (300)",
            id="memory", marks=on_linux,
        ),
    ],
)  # fmt: skip
def test_a_process_that_dies_is_replaced(
    suffix: str, data: object, reason: str, process: ConversionProcess
) -> None:
    before = ask(process, ".process-id")
    assert reason in refusal(process, suffix, data)
    assert ask(process, ".process-id") != before


@pytest.mark.parametrize("suffix", [".loop", ".sleep-deaf"])
def test_a_process_that_hangs_is_killed(suffix: str) -> None:
    with ConversionProcess(IMPATIENT, converters=HOSTILE) as process:
        hung = int(ask(process, ".process-id"))
        assert (
            refusal(process, suffix)
            == "reading it took longer than knowledge.max_conversion_seconds (0.5)"
        )
        assert not is_running(hung)
        assert ask(process, ".text", "next") == "next"


@on_linux
def test_what_a_document_leaves_behind_is_not_the_next_ones_undoing() -> None:
    with ConversionProcess(LIMITS, converters=HOSTILE) as process:
        # 300 MB hold one of these, but not two; what is more than half is replaced at once.
        first, second, third = (ask(process, ".leave-behind", 120_000_000) for _ in range(3))
        assert first == second != third
        assert ask(process, ".leave-behind", 180_000_000) not in {first, third}
        grown = process.process_id
        assert ask(process, ".process-id") != str(grown)


def test_it_is_replaced_after_so_many_documents() -> None:
    with ConversionProcess(LIMITS, converters=HOSTILE, max_documents=2) as process:
        ids = [ask(process, ".process-id") for _ in range(4)]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_it_is_replaced_when_it_was_killed_between_documents(process: ConversionProcess) -> None:
    before = int(ask(process, ".process-id"))
    os.kill(before, signal.SIGKILL)
    assert ask(process, ".process-id") != str(before)


def test_what_libraries_print_is_not_mistaken_for_a_result(process: ConversionProcess) -> None:
    assert ask(process, ".print", "the text") == "the text"
    assert ask(process, ".text", "the next") == "the next"


GOOD_HEADER: dict[str, object] = {"bytes": 2, "page_starts": [], "title": None}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"\xff\xff\xff\xff", id="a header of 4 GB"),
        pytest.param(frame(b"no JSON"), id="no JSON"),
        pytest.param(frame(b"[" * 90_000), id="JSON nested deep"),
        pytest.param(frame(b'{"bytes": ' + b"1" * 9_000 + b"}"), id="a wild number"),
        pytest.param(frame(b"[1]"), id="no object"),
        pytest.param(frame({}), id="nothing"),
        pytest.param(frame({"ready": True}), id="a start"),
        pytest.param(frame({"error": ["a"]}), id="an error that is no text"),
        pytest.param(frame(GOOD_HEADER | {"bytes": 2**40}), id="a text of a terabyte"),
        pytest.param(frame(GOOD_HEADER | {"bytes": -1}), id="a text of less than nothing"),
        pytest.param(frame(GOOD_HEADER | {"bytes": True}), id="a length that is no number"),
        pytest.param(frame(GOOD_HEADER | {"bytes": 2.0}), id="a length that is a fraction"),
        pytest.param(frame(GOOD_HEADER, b"\xff\xff"), id="no UTF-8"),
        pytest.param(frame(GOOD_HEADER | {"bytes": 3}, b"\xed\xa0\x80"), id="surrogates"),
        pytest.param(frame(GOOD_HEADER, b"a\r"), id="a carriage return"),
        pytest.param(frame(GOOD_HEADER | {"title": 5}, b"ab"), id="a title that is no text"),
        pytest.param(frame(GOOD_HEADER | {"page_starts": None}, b"ab"), id="no page starts"),
        pytest.param(frame(GOOD_HEADER | {"page_starts": ["0"]}, b"ab"), id="page starts as text"),
        pytest.param(frame(GOOD_HEADER | {"page_starts": [False]}, b"ab"), id="a page of False"),
        pytest.param(frame(GOOD_HEADER | {"page_starts": [1]}, b"ab"), id="no first page"),
        pytest.param(frame(GOOD_HEADER | {"page_starts": [0, 2, 1]}, b"ab"), id="pages descending"),
        pytest.param(frame(GOOD_HEADER | {"page_starts": [0, 3]}, b"ab"), id="a page beyond"),
    ],
)
def test_nothing_is_believed_of_a_process_that_was_taken_over(answer: bytes) -> None:
    with ConversionProcess(LIMITS, converters=HOSTILE) as process:
        with pytest.raises(ConversionError, match="what its converter gave back is not valid"):
            process.convert(answer, ".raw")
        assert ask(process, ".text", "next") == "next"


def test_an_answer_that_never_ends_is_cut_off() -> None:
    with ConversionProcess(IMPATIENT, converters=HOSTILE) as process:
        with pytest.raises(ConversionError, match="took longer"):
            process.convert(frame(GOOD_HEADER | {"bytes": 1000}, b"only"), ".raw")
        assert ask(process, ".text", "next") == "next"


def test_threads_may_be_used(process: ConversionProcess) -> None:
    assert ask(process, ".threads") == "4"


def test_no_secret_is_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    with ConversionProcess(LIMITS, converters=HOSTILE) as process:
        environment = json.loads(ask(process, ".environment"))
    assert "DISCORD_TOKEN" not in environment
    assert "secret" not in environment.values()


@on_linux
@pytest.mark.parametrize("suffix", [".connect", ".datagram"])
def test_it_has_no_network(suffix: str, process: ConversionProcess) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        assert ask(process, suffix, server.getsockname()[1]) == "failed: PermissionError"
        with pytest.raises(BlockingIOError):
            server.accept()


@on_linux
def test_it_reads_and_writes_no_files(process: ConversionProcess, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("secret", encoding="utf-8")
    assert ask(process, ".read-file", canary) == "failed: PermissionError"
    assert ask(process, ".list-folder", tmp_path) == "failed: PermissionError"
    assert ask(process, ".read-file", "/etc/passwd") == "failed: PermissionError"
    assert ask(process, ".read-file", f"/proc/{os.getpid()}/environ").startswith("failed: ")
    assert ask(process, ".write-file", canary) == "failed: PermissionError"
    assert ask(process, ".write-file", tmp_path / "new") == "failed: PermissionError"
    assert ask(process, ".write-file", json.__file__).startswith("failed: ")
    assert ask(process, ".read-file", json.__file__).startswith("done: ")
    assert canary.read_text(encoding="utf-8") == "secret"
    assert list(tmp_path.iterdir()) == [canary]


@on_linux
@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        pytest.param(".run", sys.executable, id="start a program"),
        pytest.param(".fork", "", id="fork"),
        pytest.param(".kill-parent", "", id="kill the process that asks"),
        pytest.param(".limit-parent", "", id="limit the process that asks"),
        pytest.param(".raise-limits", "", id="raise its own limits"),
    ],
)
def test_it_starts_nothing_and_reaches_no_other_process(
    suffix: str, data: str, process: ConversionProcess
) -> None:
    assert ask(process, suffix, data).startswith("failed: ")


@pytest.mark.parametrize("suffix", [".loop", ".process-id"], ids=["busy", "idle"])
def test_it_dies_with_the_process_that_asks(suffix: str) -> None:
    script = f"""
import sys, threading
from knowledge.converting.limits import ConversionLimits
from knowledge.converting.process import ConversionProcess
process = ConversionProcess(ConversionLimits(), converters={HOSTILE!r})
print(process.convert(b"", ".process-id").text, flush=True)
process.convert(b"", {suffix!r})
threading.Event().wait()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 30.0
    while is_running(child):
        assert time.monotonic() < deadline, "it outlived the process that asked"
        time.sleep(0.01)


def test_starting_it_imports_nothing_heavy() -> None:
    script = "import knowledge.converting.child, json, sys; print(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert "knowledge" in loaded
    assert not loaded & {"bot", "index", "torch", "numpy", "pydantic", "discord", "yaml"}


def test_a_process_that_can_not_start_is_said() -> None:
    with ConversionProcess(LIMITS, converters="no.such.module") as process:
        assert "did not start" in refusal(process, ".text")


def test_doctor_is_told_what_holds_here() -> None:
    checks = check_confinement(LIMITS)
    names = [check.name.removeprefix("conversion: ") for check in checks]
    assert names == ["memory", "network", "reading", "writing", "programs", "time"]
    verdicts = {check.name: (check.verdict, check.finding) for check in checks}
    assert verdicts["conversion: time"] == (Verdict.GOOD, "the time limit holds")
    if sys.platform == "linux":
        assert {check.verdict for check in checks} == {Verdict.GOOD}, verdicts


def test_doctor_is_told_where_no_process_starts() -> None:
    (check,) = check_confinement(ConversionLimits(max_memory_bytes=1_000_000))
    assert check.verdict is Verdict.BAD
    assert check.fix is not None
