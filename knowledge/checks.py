"""What `rolewise doctor` found of one thing: all layers check their own and say it in this form."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it stands with what was checked."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked: what it is, what was found, and the way out where it is bad."""

    name: str
    verdict: Verdict
    finding: str
    fix: str | None = None
