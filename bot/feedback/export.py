"""Gaps become a file of labelled questions that `rolewise evaluate` reads."""

from pathlib import Path

import yaml

from bot.answers.replies import Reason
from bot.feedback.gaps import GapGroup
from knowledge.errors import StorageError

_HEAD = """\
# Questions that the guides left open, as members asked them; rolewise evaluate FILE reads this.
# Each is labelled as one that the guides rightly don't answer. Where they do by now, or should,
# make it "kind: single", take its reason out, and say which words answer it:
#   gold:
#   - - doc: baker.md
#       span: The median was $34,950 a year
# Read it through before you pass it on: people may have written about themselves.
"""


def export_gaps(groups: tuple[GapGroup, ...], path: Path) -> None:
    """Write the groups' questions as labelled questions.

    Raises:
        StorageError: the file can't be written.
    """
    try:
        path.write_text(gaps_to_yaml(groups), encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"{path} can't be written ({error.strerror or error}). Name another file."
        ) from error


def gaps_to_yaml(groups: tuple[GapGroup, ...]) -> str:
    """Return the groups' questions as labelled questions, each group under a line of its own."""
    return "\n".join([_HEAD, *(_group_to_yaml(place, one) for place, one in enumerate(groups, 1))])


def _group_to_yaml(place: int, group: GapGroup) -> str:
    items = [
        {
            "id": f"gap-{place}-{number}",
            "kind": "unanswerable",
            "reason": (group.reason or Reason.NOT_SAID).value,
            "question": wording,
        }
        for number, wording in enumerate(group.wordings, start=1)
    ]
    written = yaml.safe_dump(items, allow_unicode=True, sort_keys=False, width=100)
    return (
        f"# {place}. Asked {group.count}, not answered {group.not_answered},"
        f" not helpful {group.not_helpful}\n{written}"
    )
