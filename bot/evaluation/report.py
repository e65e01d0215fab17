"""An evaluation as one HTML page that needs nothing else: plots, tables, and every miss."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from bot.answers.reply_json import to_json
from bot.answers.reply_text import plain_text
from bot.evaluation.measures import ALL, ANSWERABLE, GROUPS, MEASURE, Group, group_results
from bot.evaluation.places import Place
from bot.evaluation.plots import bars, reliability, risk_coverage
from bot.evaluation.questions import Kind
from bot.evaluation.runs import Evaluation
from bot.evaluation.sampling import whole_sample
from bot.evaluation.scoring import Asked, Result, holds, quotes_of, relevance
from bot.evaluation.tables import Table, name_of, tables_of, write_value

# What a browser would not show, or would show as something else than is written.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_TILES = (
    (ALL, "correct", "correct, of all"),
    (ANSWERABLE, "correct", "of the answerable are answered rightly"),
    (Kind.UNANSWERABLE, "correct", "of the unanswerable are refused"),
    (ALL, "correct_when_answered", "of what is answered is right"),
    (ANSWERABLE, "recall_at_5", "recall@5 of the passages"),
    (ALL, "calibration_error", "calibration error"),
)
_LEGEND = """\
<ul class="legend"><li><i class="right"></i>correct</li>\
<li><i class="wrong"></i>answered wrongly</li>\
<li><i class="open"></i>not answered, though the guides do</li></ul>"""


def to_html(evaluation: Evaluation) -> str:
    """Return an evaluation as a page that refers to nothing outside itself."""
    style = files("bot.evaluation").joinpath("report.css").read_text(encoding="utf-8")
    title = f"{len(evaluation.results)} questions of {evaluation.file}"
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_safe(title)}</title><style>{style}</style></head><body>",
            f"<h1>{_safe(title)}</h1>",
            f'<p class="soft">Snapshot {_safe(evaluation.snapshot)}, encoder'
            f" {_safe(evaluation.encoder)}.</p>",
            _tiles(evaluation),
            _plots(evaluation),
            *(_table(table) for table in tables_of(evaluation)),
            *_misses(evaluation),
            "</body></html>\n",
        ]
    )


def _tiles(evaluation: Evaluation) -> str:
    tiles = []
    for group, name, words in _TILES:
        if group in evaluation.measures:
            value = write_value(evaluation.measures[group][name].value, MEASURE[name])
            tiles.append(f'<div class="card"><b>{value}</b><span>{words}</span></div>')
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _plots(evaluation: Evaluation) -> str:
    results = evaluation.results
    whole = whole_sample(results)
    rows = [
        (f"{name_of(group)} ({len(found)})", _parts(found))
        for group, found in group_results(results).items()
        if group not in {ANSWERABLE, Kind.UNANSWERABLE, ALL}
    ]
    replies = [(one.confidence, one.holds_answer) for one in results]
    return (
        '<h2>At a glance</h2><div class="plots">'
        f'<div class="card wide"><h3>What came of each kind</h3>'
        f"{bars(rows, 'What came of each kind')}{_LEGEND}</div>"
        '<div class="card"><h3>Is the confidence what it says?</h3>'
        f"{reliability(whole.reliability(), replies)}"
        '<p class="soft">Ten bins of equally many replies; on the dashed line they would be'
        " calibrated. The ticks are replies, those above hold the answer.</p></div>"
        '<div class="card"><h3>What would answering less spare?</h3>'
        f"{risk_coverage(whole.risk_coverage(), len(results))}"
        '<p class="soft">The answers taken from the most confident down; the dot is what is'
        " answered today. Dashed: no order at all, and the best order possible.</p></div></div>"
    )


def _parts(results: Sequence[Result]) -> list[tuple[str, int]]:
    right = sum(one.is_correct for one in results)
    wrong = sum(one.answered and not one.is_correct for one in results)
    return [("right", right), ("wrong", wrong), ("open", len(results) - right - wrong)]


def _table(table: Table) -> str:
    headers = "".join(f"<th>{_safe(header)}</th>" for header in table.headers)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td class="emphasised">{_safe(cell)}</td>'
            if (number, column) in table.emphasised
            else f"<td>{_safe(cell)}</td>"
            for column, cell in enumerate(row)
        )
        + "</tr>"
        for number, row in enumerate(table.rows)
    )
    notes = "".join(f'<p class="soft">{_safe(note)}</p>' for note in table.notes)
    return (
        f'<h2>{_safe(table.title)}</h2><div class="card scroll"><table><thead><tr>{headers}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div>{notes}"
    )


def _misses(evaluation: Evaluation) -> Iterator[str]:
    asked = {
        result.id: one for one, result in zip(evaluation.asked, evaluation.results, strict=True)
    }
    groups = group_results([one for one in evaluation.results if not one.is_correct])
    yield f"<h2>Misses ({len(groups.get(ALL, ()))})</h2>"
    yield '<p class="soft">Open a kind, then a question.</p>'
    for group in GROUPS:
        if group in groups and group not in {ANSWERABLE, Kind.UNANSWERABLE, ALL}:
            yield _kind_of_misses(group, [(asked[one.id], one) for one in groups[group]])


def _kind_of_misses(group: Group, misses: Sequence[tuple[Asked, Result]]) -> str:
    inside = "".join(_miss(asked, result) for asked, result in misses)
    return (
        f'<details class="kind"><summary>{name_of(group)} ({len(misses)})</summary>'
        f'<div class="inside">{inside}</div></details>'
    )


def _miss(asked: Asked, result: Result) -> str:
    question, reply = asked.question, asked.reply
    outcome = (result.refusal or result.outcome).replace("_", " ")
    style = "badge" if result.answered else "badge open"
    aspect = f" · {_safe(question.aspect)}" if question.aspect else ""
    turns = "".join(
        f'<div class="turn"><b>{turn.role}:</b> {_safe(turn.text)}</div>'
        for turn in question.conversation
    )
    understood = reply.standalone_question if reply else "It couldn't be asked."
    said = plain_text(reply) if reply else ""
    sides = "".join(_side(asked, number) for number in range(len(asked.sides)))
    passages = "".join(_passages(asked))
    parts = [
        f'<details class="miss"><summary><span class="id">{_safe(result.id)}</span>'
        f'<span class="{style}">{_safe(outcome)}</span> {_safe(question.question)}'
        f' <span class="number">confidence {result.confidence:.2f}{aspect}</span></summary>'
        '<div class="inside">',
        f"<h4>Said before</h4>{turns}" if turns else "",
        f"<h4>Understood as</h4><p>{_safe(understood)}</p>",
        f"<h4>Replied</h4><pre>{_safe(said)}</pre>" if said else "",
        f"<h4>What answers it</h4>{sides or '<p>Nothing: the guides do not say.</p>'}",
        f"<h4>Passages found</h4>{passages or '<p>None.</p>'}",
        "</div></details>",
    ]
    return "".join(parts)


def _side(asked: Asked, number: int) -> str:
    """Return one side's golds: which of them the reply quotes, and where it was found."""
    quotes = quotes_of(asked.statements)
    found = relevance(asked.hits, asked.sides[number])
    rank = f"in passage {found.index(True) + 1}" if any(found) else "in no passage found"
    told = f"Side {number + 1}, " if len(asked.sides) > 1 else "First "
    parts = [f'<p class="soft">{told}{rank}.</p>']
    for gold in asked.question.sides[number]:
        is_held = any(holds(quotes, one) for one in asked.sides[number] if one.gold == gold)
        style, words = ("held", "quoted") if is_held else ("missed", "not quoted")
        parts.append(
            f'<blockquote class="{style}">{_safe(gold.span)}'
            f'<span class="where">{_safe(gold.document)}, {words}</span></blockquote>'
        )
    return "".join(parts)


def _passages(asked: Asked) -> Iterator[str]:
    places = [place for side in asked.sides for place in side]
    found = to_json(asked.reply)["passages"] if asked.reply else []
    answers = relevance(asked.hits, places)
    for rank, (passage, is_relevant) in enumerate(zip(found, answers, strict=True), start=1):
        yield (
            f'<details class="passage{" relevant" if is_relevant else ""}"><summary>{rank}.'
            f" {_safe(passage['document'])} · {_safe(passage['heading'])}"
            f' <span class="number">score {passage["score"]:.2f}, dense {passage["dense"]:.2f},'
            f" lexical {passage['lexical']:.2f}</span></summary>"
            f"<pre>{_with_marks(passage, places)}</pre></details>"
        )


def _with_marks(passage: dict[str, Any], places: Sequence[Place]) -> str:
    """Return a passage's text with what answers the question marked."""
    text, first = passage["text"], passage["start"]
    marked = sorted(
        (max(place.start - first, 0), min(place.end - first, len(text)))
        for place in places
        if place.document == passage["document"]
    )
    parts, reached = [], 0
    for start, end in marked:
        begin = max(start, reached)
        if end > begin:
            parts.append(f"{_safe(text[reached:begin])}<mark>{_safe(text[begin:end])}</mark>")
            reached = end
    return "".join([*parts, _safe(text[reached:])])


def _safe(text: str) -> str:
    """Return a text that HTML shows as it is written, and nothing else."""
    return escape(_UNSHOWABLE.sub("\ufffd", text))
