import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from knowledge.reading.opening import OpeningError, read_regular_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")


def refusal(path: Path, folder: Path | None) -> str:
    with pytest.raises(OpeningError) as caught:
        read_regular_file(path, folder=folder, max_bytes=100)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "guides"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "guide.md").write_bytes(b"# Guide")
    (folder.parent / "secret.md").write_bytes(b"secret")
    return folder


def test_a_file_is_read(folder: Path) -> None:
    path = folder / "inner" / "guide.md"
    assert read_regular_file(path, folder=folder, max_bytes=7) == b"# Guide"
    assert read_regular_file(path, folder=None, max_bytes=7) == b"# Guide"
    path.write_bytes(b"")
    assert read_regular_file(path, folder=folder, max_bytes=7) == b""


def test_a_link_is_followed_inside_the_folder(folder: Path) -> None:
    (folder / "link.md").symlink_to(Path("inner", "guide.md"))
    (folder / "links").symlink_to("inner")
    for path in (folder / "link.md", folder / "links" / "guide.md"):
        assert read_regular_file(path, folder=folder, max_bytes=100) == b"# Guide"


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("../secret.md", id="up"),
        pytest.param("inner/../../secret.md", id="down and up"),
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("/proc/self/environ", id="of the process"),
    ],
)
def test_a_link_is_not_followed_out_of_the_folder(target: str, folder: Path) -> None:
    (folder / "link.md").symlink_to(target)
    assert refusal(folder / "link.md", folder) == "a link that leads out of the folder"


def _make_socket(path: Path) -> None:
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{short}/s")
        Path(short, "s").rename(path)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(os.mkfifo, id="pipe"),
        pytest.param(_make_socket, id="socket"),
        pytest.param(os.mkdir, id="folder"),
    ],
)
def test_what_is_no_file_is_not_waited_for(make: Callable[[Path], None], folder: Path) -> None:
    path = folder / "guide.md"
    make(path)
    assert refusal(path, folder) == "not a regular file"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty", "/dev/stdin"])
def test_devices_are_not_read(device: str) -> None:
    if Path(device).exists():
        assert refusal(Path(device), None).startswith(("not a regular file", "it can't be read"))


def test_a_file_of_2_gb_is_refused_unread(folder: Path) -> None:
    path = folder / "large.md"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    assert (
        refusal(path, folder) == "2,147,483,648 bytes, more than knowledge.max_document_bytes (100)"
    )


def test_a_file_that_says_nothing_of_its_size_is_bounded() -> None:
    if sys.platform == "linux":
        assert "more than knowledge.max_document_bytes (100)" in refusal(
            Path("/proc/cpuinfo"), None
        )


@pytest.mark.parametrize("name", ["no\0body.md", "x" * 300, "missing.md", "inner/guide.md/x"])
def test_impossible_names(name: str, folder: Path) -> None:
    assert refusal(folder / name, folder).startswith("it can't be read: ")


def test_a_link_to_itself(folder: Path) -> None:
    (folder / "link.md").symlink_to("link.md")
    assert refusal(folder / "link.md", folder).startswith("it can't be read: ")


@pytest.mark.parametrize("swapped", ["guide.md", "inner"])
def test_swapping_a_file_for_a_link_leads_nowhere(swapped: str, folder: Path) -> None:
    """Whoever swaps what is looked at for a link out of the folder has never their secret read."""
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "guide.md").write_bytes(b"secret")
    path = folder / "inner" / "guide.md"
    place = path if swapped == "guide.md" else path.parent
    target = outside / "guide.md" if swapped == "guide.md" else outside
    kept = folder.parent / "kept"
    link = folder.parent / "link"
    is_over = threading.Event()

    def swap() -> None:
        while not is_over.is_set():
            link.symlink_to(target)
            place.rename(kept)
            link.rename(place)
            place.rename(link)
            link.unlink()
            kept.rename(place)

    thread = threading.Thread(target=swap)
    thread.start()
    read = []
    try:
        for _ in range(1_500):
            with suppress(OpeningError):
                read.append(read_regular_file(path, folder=folder, max_bytes=100))
    finally:
        is_over.set()
        thread.join()
    assert set(read) <= {b"# Guide"}
