"""Many questions at once beside one at a time: python -m benchmarks.concurrency.

Asks 64 questions of as many people at the same moment, through the queue that stands in front of
the Discord bot, and one after another without it, in turns. Prints a Markdown table and writes it,
with the same figures as JSON, into benchmarks/results/.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.measure import machine_facts, spread_of
from bot.application import Application
from bot.community.asking.answer_queue import AnswerQueue
from bot.settings import Settings

_ROOT = Path(__file__).parent.parent
_RESULTS = _ROOT / "benchmarks" / "results"
_QUALITY = _ROOT / "tests" / "quality"
_QUESTIONS = 64
_ROUNDS = 7
_TICK_SECONDS = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rush:
    """What came of questions asked at once: seconds, and whose reply came when."""

    seconds: float
    waited: list[float]
    finished: list[int]
    longest_stall: float


def main() -> None:
    """Measure, print and save."""
    labels = yaml.safe_load((_QUALITY / "test.yaml").read_text(encoding="utf-8"))
    single = dict.fromkeys(label["question"] for label in labels if label["kind"] == "single")
    with tempfile.TemporaryDirectory() as home:
        application = Application(Settings(home=Path(home)))
        application.build([_QUALITY / "guides"])
        figures = measure(application, list(single)[:_QUESTIONS])
        application.close()
    facts = machine_facts()
    table = _table(figures, facts)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "concurrency.md").write_text(table, encoding="utf-8")
    (_RESULTS / "concurrency.json").write_text(
        json.dumps({"machine": facts, "figures": figures}, indent=2) + "\n", encoding="utf-8"
    )
    print(table)


def measure(
    application: Application, questions: Sequence[str], rounds: int = _ROUNDS
) -> dict[str, float]:
    """Return what asking the questions at once is like, beside one after another.

    Args:
        application: With an index in service.
        questions: As many as there shall be at once.
        rounds: Of both in turn, so that a busy moment hits both; after one that isn't counted.
    """
    one_by_one, rushes = [], []
    for _ in range(rounds + 1):
        one_by_one.append(_ask_one_by_one(application, questions))
        rushes.append(asyncio.run(_ask_at_once(application, questions)))
    one_by_one, rushes = one_by_one[1:], rushes[1:]
    waits = spread_of([seconds for rush in rushes for seconds in rush.waited])
    return {
        "questions": len(questions),
        "rounds": rounds,
        "one_at_a_time_questions_per_second": len(questions) / statistics.median(one_by_one),
        "at_once_questions_per_second": len(questions)
        / statistics.median(rush.seconds for rush in rushes),
        "ratio": statistics.median(
            alone / rush.seconds for alone, rush in zip(one_by_one, rushes, strict=True)
        ),
        "wait_median_seconds": waits.median_seconds,
        "wait_p95_seconds": waits.p95_seconds,
        "longest_stall_seconds": max(rush.longest_stall for rush in rushes),
        "order_correlation": statistics.median(_correlation(rush.finished) for rush in rushes),
    }


def _ask_one_by_one(application: Application, questions: Sequence[str]) -> float:
    started = time.perf_counter()
    for question in questions:
        application.assistant.reply(question)
    return time.perf_counter() - started


async def _ask_at_once(application: Application, questions: Sequence[str]) -> _Rush:
    queue = AnswerQueue(application.assistant, max_waiting=len(questions))
    finished: list[int] = []
    waited: list[float] = []
    stalls = [0.0]

    async def ask(number: int, question: str) -> None:
        await queue.ask(number, question)
        finished.append(number)
        waited.append(time.perf_counter() - started)

    async def tick() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_TICK_SECONDS)
            stalls.append(time.perf_counter() - before - _TICK_SECONDS)

    ticking = asyncio.create_task(tick())
    started = time.perf_counter()
    await asyncio.gather(*(ask(number, question) for number, question in enumerate(questions)))
    seconds = time.perf_counter() - started
    ticking.cancel()
    await queue.close(grace_seconds=0)
    return _Rush(seconds=seconds, waited=waited, finished=finished, longest_stall=max(stalls))


def _correlation(finished: Sequence[int]) -> float:
    """Return Spearman's rank correlation of the order of replies with that of questions."""
    squares = sum((place - number) ** 2 for place, number in enumerate(finished))
    return 1 - 6 * squares / (len(finished) * (len(finished) ** 2 - 1))


def _table(figures: dict[str, float], facts: dict[str, str]) -> str:
    count = f"{figures['questions']:.0f}"
    rows = {
        "one at a time": f"{figures['one_at_a_time_questions_per_second']:.0f} questions a second",
        f"{count} at once": f"{figures['at_once_questions_per_second']:.0f} questions a second",
        "ratio, median of the rounds": f"{figures['ratio']:.2f}",
        f"wait of the {count}, median": f"{figures['wait_median_seconds'] * 1000:.0f} ms",
        f"wait of the {count}, p95": f"{figures['wait_p95_seconds'] * 1000:.0f} ms",
        "longest stall of the event loop": f"{figures['longest_stall_seconds'] * 1000:.0f} ms",
        "rank correlation of questions and replies": f"{figures['order_correlation']:.3f}",
    }
    lines = ["| what | figure |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows.items()]
    machine = "; ".join(f"{name}: {value}" for name, value in facts.items())
    return "\n".join([*lines, "", f"{figures['rounds']:.0f} rounds; {machine}", ""])


if __name__ == "__main__":
    main()
