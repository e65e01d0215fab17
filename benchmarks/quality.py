"""How many replies hold the answer, and what is refused: python -m benchmarks.quality [HALF].

HALF is test or development. A reply is right when its quotes hold one of the labelled spans of each
side, at least nine tenths of it; to an unanswerable question, when it is refused or asked back.
"""

import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from bot.answers.conversation import Turn
from bot.answers.replies import AnyReply, statements_of
from bot.application import Application
from bot.settings import Settings
from knowledge.errors import QuestionError

_ROOT = Path(__file__).parent.parent
_SEED = _ROOT / "seeds" / "software-engineer-data-science.txt"
_QUALITY = _ROOT / "tests" / "quality"
_SHARE_OF_SPAN = 0.9


def main() -> None:
    """Ask every question of a half and print the shares for each kind."""
    half = sys.argv[1] if len(sys.argv) > 1 else "test"
    with tempfile.TemporaryDirectory() as home:
        application = Application(Settings(home=Path(home)))
        application.build([_QUALITY / "guides", _SEED])
        labels = yaml.safe_load((_QUALITY / f"{half}.yaml").read_text(encoding="utf-8"))
        texts = {path.name: path.read_text(encoding="utf-8") for path in [_SEED]}
        guides = _QUALITY / "guides"
        texts |= {
            path.relative_to(guides).as_posix(): path.read_text(encoding="utf-8")
            for path in guides.rglob("*.*")
        }
        rows: dict[str, list[tuple[bool, bool, int]]] = {}
        for label in labels:
            reply = _ask(application, label)
            statements = statements_of(reply) if reply else ()
            kind = label["kind"] + (f", {label['reason']}" if "reason" in label else "")
            is_right = _is_right(reply, label, texts) if label.get("gold") else not statements
            length = sum(len(statement.text) for statement in statements)
            rows.setdefault(kind, []).append((bool(statements), is_right, length))
        application.close()
    print("| kind | questions | answered | right | characters, median |\n|---|---|---|---|---|")
    for kind, found in rows.items():
        answered, right = (statistics.mean(row[column] for row in found) for column in (0, 1))
        lengths = [length for is_answered, _, length in found if is_answered]
        median = f"{statistics.median(lengths):.0f}" if lengths else "–"
        print(f"| {kind} | {len(found)} | {answered:.2f} | {right:.2f} | {median} |")


def _ask(application: Application, label: dict[str, Any]) -> AnyReply | None:
    history = tuple(Turn(**turn) for turn in label.get("history", ()))
    try:
        return application.assistant.reply(label["question"], history)
    except QuestionError:
        return None


def _is_right(reply: AnyReply | None, label: dict[str, Any], texts: dict[str, str]) -> bool:
    if reply is None:
        return False
    quotes = [
        (citation.document, citation.start, citation.end)
        for statement in statements_of(reply)
        for citation in statement.citations
    ]
    return all(
        any(_holds(quotes, texts, gold["doc"], gold["span"]) for gold in side)
        for side in label["gold"]
    )


def _holds(
    quotes: Iterable[tuple[str, int, int]], texts: dict[str, str], document: str, span: str
) -> bool:
    start = texts[document].find(span)
    while start != -1:
        end = start + len(span)
        for quoted, first, last in quotes:
            shared = min(last, end) - max(first, start)
            if quoted == document and shared >= _SHARE_OF_SPAN * len(span):
                return True
        start = texts[document].find(span, start + 1)
    return False


if __name__ == "__main__":
    main()
