"""Take pictures of what the real bot says, in Discord's look, with a headless Chromium.

python -m tests.loopback.pictures FOLDER [WORD ...]   (only the pictures whose names hold a word)
"""

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from tests.bot.stage import Stage, guides_are_open, open_stage
from tests.loopback.interactions import Interaction
from tests.loopback.model import Message
from tests.loopback.rendering import Renderer
from tests.loopback.scenes import SCENES

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars
  --disable-background-networking --disable-component-update --disable-sync""".split()
WIDTH = 700
LEAST_HEIGHT = 240
"""What is drawn in a lower window is cut off."""
MEASURE = "<script>document.title = document.querySelector('main').offsetHeight</script>"


def photograph(page: Path, picture: Path) -> None:
    """Let a browser draw a page as high as it is."""
    with tempfile.TemporaryDirectory() as profile:
        browser = [_find_browser(), *QUIET, f"--user-data-dir={profile}"]
        measured = page.with_suffix(".measured.html")
        measured.write_text(page.read_text() + MEASURE)
        described = _run([*browser, f"--window-size={WIDTH},800", "--dump-dom", measured.as_uri()])
        measured.unlink()
        found = re.search(r"<title>(\d+)</title>", described)
        height = max(int(found[1]) if found else 1200, LEAST_HEIGHT)
        size = f"--window-size={WIDTH},{height}"
        _run([*browser, size, f"--screenshot={picture}", page.as_uri()])


def _find_browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit(f"Pictures take a browser, one of {', '.join(BROWSERS)}; none is installed.")
    return found


def _run(command: list[str]) -> str:
    finished = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return finished.stdout


async def take_pictures(folder: Path, home: Path, words: list[str]) -> None:
    """Let the bot answer in every scene, and picture what is seen."""
    async with AsyncExitStack() as stack:
        settings = home / "rolewise.yaml"
        settings.write_text(f"home: {home}\ndiscord: {{keep_questions: true}}\n", encoding="utf-8")
        stage = await open_stage(stack, "--config", str(settings))
        await guides_are_open(stage)
        for name, scene in SCENES.items():
            if words and not any(word in name for word in words):
                continue
            stage.arrange()
            try:
                seen = await scene(stage)
            except AssertionError as error:
                sys.stdout.write(f"{name}: not pictured, {str(error)[:200]}\n")
                continue
            await asyncio.to_thread(_draw, stage, folder / f"{name}.html", seen)
            sys.stdout.write(f"{name}\n")
        for breach in stage.server.breaches:
            sys.stdout.write(f"breach: {breach}\n")
        sys.stdout.write(f"pings: {stage.server.pings}\n")


def _draw(stage: Stage, page: Path, seen: list[Message | Interaction]) -> None:
    page.write_text(Renderer(stage.server.state).page(*seen), encoding="utf-8")
    photograph(page, page.with_suffix(".png"))


def main(arguments: list[str]) -> int:
    """Take the pictures; return the exit code."""
    if not arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    folder = Path(arguments[0]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        subprocess.run([sys.executable, "-m", "bot", "--home", home, "build"], check=True)
        asyncio.run(take_pictures(folder, Path(home), arguments[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
