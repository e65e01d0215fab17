"""Figures of the bot at work, for Prometheus."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.answers.replies import outcome_of
from bot.community.upkeep.observers import Observer, Told, Verdict
from knowledge.errors import BusyError, QuestionError

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics(Observer):
    """Counts what members are told; what is only so at a moment is asked for when it is read."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._questions = Counter(
            "rolewise_questions",
            "Questions by what came of them",
            ["outcome"],
            registry=self.registry,
        )
        self._verdicts = Counter(
            "rolewise_verdicts",
            "What members think of replies",
            ["verdict"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "rolewise_reply_seconds",
            "Time from a question to its reply, waiting included",
            buckets=_SECONDS,
            registry=self.registry,
        )

    def on_told(self, told: Told) -> None:
        """Count a question."""
        self._questions.labels(_name_outcome(told)).inc()
        if told.reply is not None:
            self._seconds.observe(told.seconds)

    def on_verdict(self, verdict: Verdict) -> None:
        """Count what a member thinks."""
        self._verdicts.labels("helpful" if verdict.is_helpful else "not_helpful").inc()

    def add_gauge(self, name: str, help_: str, read: Callable[[], float]) -> None:
        """Add a figure that is read when it is asked for."""
        Gauge(name, help_, registry=self.registry).set_function(read)

    def write(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self.registry)


def _name_outcome(told: Told) -> str:
    match told.error:
        case None:
            assert told.reply is not None
            return outcome_of(told.reply).value
        case BusyError():
            return "busy"
        case QuestionError():
            return "no_question"
        case _:
            return "error"
