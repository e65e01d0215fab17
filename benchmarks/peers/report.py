"""What was measured of Rolewise and its peers, as medians, ratios and a Markdown table."""

import statistics
from dataclasses import dataclass, field

from benchmarks.peers.run import PEERS, ROLEWISE, ROLEWISE_ANSWERS, BuildFigures, Peer, ServeFigures

# What the table shows: the key of the figure, its head, and whether less is better.
COLUMNS = (
    ("cold_seconds", "cold answer, s", True),
    ("p50_milliseconds", "warm search p50, ms", True),
    ("p95_milliseconds", "p95, ms", True),
    ("p50_one_thread", "p50 with one OpenMP thread, ms", True),
    ("passages_per_second", "build, passages a second", False),
    ("peak_megabytes", "memory serving, MB", True),
)


@dataclass(slots=True, kw_only=True)
class Rounds:
    """What was measured of one framework, round after round.

    `served_with_one_thread` is empty for Rolewise, which runs so by itself.
    """

    builds: list[BuildFigures] = field(default_factory=list)
    cold_seconds: list[float] = field(default_factory=list)
    served: list[ServeFigures] = field(default_factory=list)
    served_with_one_thread: list[ServeFigures] = field(default_factory=list)

    def medians(self) -> dict[str, float]:
        """Return the figures of the table."""
        with_one = self.served_with_one_thread or self.served
        values = {
            "cold_seconds": self.cold_seconds,
            "p50_milliseconds": [figures.p50_milliseconds for figures in self.served],
            "p95_milliseconds": [figures.p95_milliseconds for figures in self.served],
            "p50_one_thread": [figures.p50_milliseconds for figures in with_one],
            "passages_per_second": [figures.passages_per_second for figures in self.builds],
            "peak_megabytes": [figures.peak_megabytes for figures in self.served],
        }
        return {name: statistics.median(found) for name, found in values.items() if found}


def agreement_of(rounds: dict[Peer, Rounds]) -> dict[str, float]:
    """Return in how many questions each framework finds the same five passages as the first.

    All search the same vectors for the nearest, so that anything below 1 needs explaining.
    """
    expected = rounds[PEERS[0]].served[-1].found
    return {
        peer.label: statistics.mean(
            set(texts) == set(others)
            for texts, others in zip(rounds[peer].served[-1].found, expected, strict=True)
        )
        for peer in PEERS
    }


def ratios_of(figures: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Return Rolewise's figures in parts of the best framework's; below 1 is less than it."""
    ratios: dict[str, dict[str, float]] = {}
    for ours in (ROLEWISE.label, ROLEWISE_ANSWERS.label):
        ratios[ours] = {}
        for key, _, less_is_better in COLUMNS:
            theirs = [figures[peer.label][key] for peer in PEERS]
            best = min(theirs) if less_is_better else max(theirs)
            if key in figures[ours]:
                ratios[ours][key] = figures[ours][key] / best
    return ratios


def table_of(
    figures: dict[str, dict[str, float]], rounds: dict[Peer, Rounds], facts: dict[str, str]
) -> str:
    """Return the table, with what a reader must know to judge it."""
    heads = " | ".join(head for _, head, _ in COLUMNS)
    lines = [f"| | {heads} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for label, values in figures.items():
        lines.append(_row(label, values))
    for label, values in ratios_of(figures).items():
        lines.append(_row(f"{label} / best other", values))
    versions = {
        f"{name} {version}"
        for found in rounds.values()
        for name, version in found.served[-1].versions.items()
    }
    threads = "; ".join(
        f"{peer.label} {found.served[-1].threads}" for peer, found in rounds.items()
    )
    machine = "; ".join(f"{name}: {value}" for name, value in facts.items())
    notes = [machine, f"Threads: {threads}", f"Versions: {', '.join(sorted(versions))}"]
    return "\n".join([*lines, *(f"\n{note}" for note in notes), ""])


def _row(label: str, values: dict[str, float]) -> str:
    cells = [_number(values[key]) if key in values else "" for key, _, _ in COLUMNS]
    return f"| {label} | {' | '.join(cells)} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
