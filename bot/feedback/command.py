"""`rolewise gaps`: what the guides left open, as lines, JSON, or labelled questions."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from bot.answers.reply_text import clean_text
from bot.feedback.book import FeedbackBook
from bot.feedback.gaps import MAX_QUESTIONS, GapGroup, Gaps

if TYPE_CHECKING:
    from bot.settings import Settings

Name = TypeVar("Name", bound=str)

_MAX_GROUPS = 20
_NOT_KEPT = (
    "The text of questions is not kept. To see which the guides leave open, set"
    " discord.keep_questions to true and start the bot again."
)


def open_book(settings: "Settings") -> FeedbackBook:
    """Return the feedback book of the settings' home."""
    return FeedbackBook(
        settings.home,
        keep_questions=settings.discord.keep_questions,
        retention_days=settings.discord.retention_days,
    )


def gaps_to_text(gaps: Gaps) -> str:
    """Return what a person reads of the gaps."""
    counts = gaps.counts
    asked = sum(counts.outcomes.values())
    lines = [f"Questions asked on Discord: {asked:,}"]
    if counts.first_day is not None:
        lines[0] += f", since {counts.first_day}"
        lines.append(_join(counts.outcomes))
        lines.append(_join(counts.verdicts))
    lines.append("")
    if gaps.groups:
        lines += [_group_to_text(place, one) for place, one in enumerate(gaps.groups, 1)][
            :_MAX_GROUPS
        ]
        if len(gaps.groups) > _MAX_GROUPS:
            more = len(gaps.groups) - _MAX_GROUPS
            lines.append(f"And {more:,} groups more: --json and --export give all.")
        if not gaps.are_all:
            lines.append(f"Only the newest {MAX_QUESTIONS:,} questions were looked at.")
    else:
        lines.append("Nothing was left open." if gaps.keep_questions else _NOT_KEPT)
    return "\n".join(lines)


def _join(counts: Mapping[Name, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in counts.items())


def _group_to_text(place: int, group: GapGroup) -> str:
    reason = f" ({group.reason.replace('_', ' ')})" if group.reason else ""
    day = datetime.fromtimestamp(group.last_asked, UTC).date().isoformat()
    head = (
        f"{place}. {clean_text(group.question)}\n"
        f"   asked {group.count:,}, not answered {group.not_answered:,}{reason},"
        f" not helpful {group.not_helpful:,}, last on {day}"
    )
    others = [f"\n   - {clean_text(text)}" for text in group.examples if text != group.question]
    return head + "".join(others)
