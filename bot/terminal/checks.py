"""What `rolewise doctor` shows: a line for each check, or JSON; docs/json.md describes it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from bot.answers.reply_text import clean_text
from bot.application import Application
from bot.doctor import examine
from bot.terminal.notes import Notes
from knowledge.checks import Check, Verdict
from knowledge.converting.trials import check_confinement
from knowledge.errors import RolewiseError

_MARKS = {Verdict.GOOD: "✓", Verdict.NOTE: "!", Verdict.BAD: "✗"}
_PLAIN_MARKS = {Verdict.GOOD: "ok  ", Verdict.NOTE: "note", Verdict.BAD: "BAD "}
_COLOURS = {Verdict.GOOD: "32", Verdict.NOTE: "33", Verdict.BAD: "31"}


def run_doctor(
    application: Application,
    notes: Notes,
    settings_file: Path | None,
    repairs: list[str] | None = None,
) -> list[Check]:
    """Check everything; where repairs are wanted, mend what is bad and check again.

    Args:
        application: Of the settings.
        notes: Where the progress and each repair are said, and what kept one from being made.
        settings_file: Where the settings come from, if from a file.
        repairs: Takes what was mended; none where nothing is to be.
    """
    with notes.waiting("Looking at everything …"):
        examination = examine(application, settings_file)
        of_conversion = check_confinement(application.settings.knowledge.conversion_limits)
    if repairs is None or all(check.verdict is Verdict.GOOD for check in examination.checks):
        return [*examination.checks, *of_conversion]
    from bot.repairing import repair

    try:
        with notes.building() as progress:
            for step in repair(application, examination, progress):
                notes.say(step)
                repairs.append(step)
    except RolewiseError as error:
        notes.report(error)
    with notes.waiting("Looking once more …"):
        return [*examine(application, settings_file).checks, *of_conversion]


def is_healthy(checks: Sequence[Check]) -> bool:
    """Return whether nothing is bad."""
    return all(check.verdict is not Verdict.BAD for check in checks)


def show_checks(checks: Sequence[Check], stream: TextIO) -> None:
    """Write a line for each check, and one that sums them up; marks where a terminal has them."""
    is_terminal = stream.isatty()
    has_marks = is_terminal and _can_write("".join(_MARKS.values()), stream)
    for check in checks:
        mark = _MARKS[check.verdict] if has_marks else _PLAIN_MARKS[check.verdict]
        if is_terminal:
            mark = f"\x1b[{_COLOURS[check.verdict]}m{mark}\x1b[0m"
        fix = f" {check.fix}." if check.fix else ""
        finding = check.finding if check.finding.endswith(".") or not fix else f"{check.finding}."
        stream.write(f"{mark} {clean_text(f'{check.name}: {finding}{fix}')}\n")
    stream.write(f"{summarise(checks)}\n")
    stream.flush()


def summarise(checks: Sequence[Check]) -> str:
    """Return one sentence on all checks."""
    bad = sum(check.verdict is Verdict.BAD for check in checks)
    notes = sum(check.verdict is Verdict.NOTE for check in checks)
    if bad:
        return f"{bad} of {len(checks)} checks found something bad."
    noted = f", {notes} of them with a note" if notes else ""
    return f"All is well: {len(checks)} checks{noted}."


def checks_to_json(checks: Sequence[Check], repairs: Sequence[str] | None) -> dict[str, Any]:
    """Return the checks as JSON; `repairs` are none where none were asked for."""
    return {
        "is_healthy": is_healthy(checks),
        "checks": [
            {
                "name": check.name,
                "verdict": check.verdict,
                "finding": check.finding,
                "fix": check.fix,
            }
            for check in checks
        ],
        "repairs": None if repairs is None else list(repairs),
    }


def _can_write(text: str, stream: TextIO) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
