"""What starting and a question cost: python -m benchmarks.starting."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.measure import (
    machine_facts,
    peak_megabytes,
    resident_megabytes,
    spread_of,
    time_calls,
    time_process,
)
from bot.application import Application
from bot.settings import Settings
from tests.bot.stage import Stage, guides_are_open, play_alone

_ROOT = Path(__file__).parent.parent
_RESULTS = _ROOT / "benchmarks" / "results"
_GUIDES = _ROOT / "tests" / "quality" / "guides"
_QUESTION = "what skills does a data engineer need"
_COMPARISON = "what is the difference between a data engineer and a data analyst"
_SEED_QUESTION = "how is this different from a data engineer?"
_COLD_RUNS = 5
_WARM_RUNS = 100


def main() -> None:
    """Measure, print and save."""
    with tempfile.TemporaryDirectory() as folder:
        figures = _measure(Path(folder) / "home")
    facts = machine_facts()
    table = to_table(figures)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "starting.md").write_text(table, encoding="utf-8")
    (_RESULTS / "starting.json").write_text(
        json.dumps({"machine": facts, "figures": figures}, indent=2) + "\n", encoding="utf-8"
    )
    print(table)


def _measure(home: Path) -> dict[str, dict[str, float]]:
    application = Application(Settings(home=home))
    encoder = application.load_encoder()
    application.build([_GUIDES])
    assistant = application.assistant
    python = [sys.executable]
    rolewise = [*python, "-m", "bot", "--home", str(home)]
    nothing, helped, asked = [], [], []
    for _ in range(_COLD_RUNS):  # alternating, so that a busy moment hits all alike
        nothing.append(time_process([*python, "-c", "pass"]))
        helped.append(time_process([*rolewise, "--help"]))
        asked.append(time_process([*rolewise, "ask", _QUESTION]))
    figures = {
        "python -c pass": asdict(spread_of(nothing)),
        "rolewise --help": asdict(spread_of(helped)),
        "rolewise ask, cold": asdict(spread_of(asked)),
        "encoding a question, warm": asdict(
            time_calls(lambda: encoder.encode([_QUESTION]), _WARM_RUNS)
        ),
        "a question about one role, warm": asdict(
            time_calls(lambda: assistant.reply(_QUESTION), _WARM_RUNS)
        ),
        "a comparison of two roles, warm": asdict(
            time_calls(lambda: assistant.reply(_COMPARISON), _WARM_RUNS)
        ),
        "peak memory of rolewise ask": {
            "megabytes": peak_megabytes(["--home", str(home), "ask", _QUESTION]),
        },
        "memory of the Discord bot, seed guide": {"megabytes": _measure_discord(home.parent)},
    }
    application.close()
    return figures


def _measure_discord(folder: Path) -> float:
    """Return the megabytes that the bot holds after questions, in a process of its own."""
    home = folder / "seed"
    application = Application(Settings(home=home))
    application.build()
    application.close()
    held: list[float] = []

    async def act(stage: Stage) -> None:
        await guides_are_open(stage)
        for question in (_SEED_QUESTION, "what skills does it demand?", "who won the world cup?"):
            await stage.ask(question)
        if (process := stage.process.pid) is not None:
            held.append(resident_megabytes(process))

    play_alone(act, "--home", str(home))
    return held[0]


def to_table(figures: dict[str, dict[str, float]]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| what | median | p95 |", "|---|---|---|"]
    for name, values in figures.items():
        if "megabytes" in values:
            lines.append(f"| {name} | {values['megabytes']:.0f} MB | |")
        else:
            median, p95 = values["median_seconds"] * 1000, values["p95_seconds"] * 1000
            lines.append(f"| {name} | {median:,.1f} ms | {p95:,.1f} ms |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
