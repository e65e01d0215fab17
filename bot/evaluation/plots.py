"""Plots as inline SVG; colours and type come from the style of the page around them."""

from collections.abc import Iterable, Sequence
from html import escape

_PLOT = 300
_LEFT, _TOP, _RIGHT, _BOTTOM = 56, 14, 14, 44
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_BAR, _GAP, _LABELS, _BARS = 22, 12, 180, 560


def bars(rows: Sequence[tuple[str, Sequence[tuple[str, int]]]], title: str) -> str:
    """Return a stacked bar for each row, all equally long.

    Args:
        rows: Of each its name, and its parts: a class of the style, and how many.
        title: What is shown, for those who can't see it.
    """
    height = len(rows) * (_BAR + _GAP) + _GAP
    drawn = []
    for number, (name, parts) in enumerate(rows):
        top = _GAP + number * (_BAR + _GAP)
        middle = top + _BAR / 2 + 4.5
        drawn.append(_text(_LABELS - 10, middle, name, "end"))
        total = sum(count for _, count in parts)
        left = float(_LABELS)
        for style, count in parts:
            width = _BARS * count / max(total, 1)
            if count:
                drawn.append(
                    f'<rect class="{style}" x="{left:.1f}" y="{top}" width="{width:.1f}"'
                    f' height="{_BAR}"><title>{count} of {total}</title></rect>'
                )
                if width > 8 * len(str(count)) + 4:
                    drawn.append(_text(left + width / 2, middle, str(count), "middle", "on-bar"))
            left += width
    return _svg(_LABELS + _BARS + 10, height, title, drawn)


def reliability(
    bins: Sequence[tuple[float, float, int]], replies: Iterable[tuple[float, bool]]
) -> str:
    """Return a reliability diagram.

    Args:
        bins: Of each the mean confidence, the share that holds the answer, and the size.
        replies: Of each its confidence and whether it holds the answer; drawn as a rug.
    """
    drawn = _axes("confidence", "share that holds the answer")
    drawn.append(_line("reference", [(0, 0), (1, 1)]))
    for confidence, is_true in replies:
        first, last = (1.0, 0.975) if is_true else (0.0, 0.025)
        style = "rug right" if is_true else "rug wrong"
        drawn.append(_line(style, [(confidence, first), (confidence, last)]))
    drawn += [
        _line("gap", [(confidence, confidence), (confidence, share)])
        for confidence, share, _ in bins
    ]
    drawn.append(_line("curve", [(confidence, share) for confidence, share, _ in bins]))
    for confidence, share, size in bins:
        x, y = _at(confidence, share)
        told = f"{size} replies: confidence {confidence:.2f}, held {share:.2f}"
        drawn.append(
            f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="4.5">'
            f"<title>{told}</title></circle>"
        )
    return _plot("Reliability of the confidence", drawn)


def risk_coverage(risks: Sequence[float], questions: int) -> str:
    """Return a risk-coverage curve, with the best order possible and none beside it.

    Args:
        risks: The share wrong of the first 1, 2, … most confident answers.
        questions: How many were asked.
    """
    drawn = _axes("coverage: share of the questions that are answered", "risk: share wrong")
    if risks:
        answers = len(risks)
        right = round(answers * (1 - risks[-1]))
        coverage = [number / questions for number in range(1, answers + 1)]
        best = [max(0, number - right) / number for number in range(1, answers + 1)]
        drawn.append(_line("reference", [(coverage[0], risks[-1]), (coverage[-1], risks[-1])]))
        drawn.append(_line("reference", list(zip(coverage, best, strict=True))))
        drawn.append(_line("curve", list(zip(coverage, risks, strict=True))))
        x, y = _at(coverage[-1], risks[-1])
        told = f"answered {coverage[-1]:.2f}, of them wrong {risks[-1]:.2f}"
        drawn.append(
            f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="4.5">'
            f"<title>{told}</title></circle>"
        )
    return _plot("Risk and coverage", drawn)


def _axes(across: str, up: str) -> list[str]:
    drawn = []
    for tick in _TICKS:
        drawn.append(_line("grid", [(tick, 0), (tick, 1)]))
        drawn.append(_line("grid", [(0, tick), (1, tick)]))
        x, y = _at(tick, 0)
        drawn.append(_text(x, y + 16, f"{tick:g}", "middle", "tick"))
        x, y = _at(0, tick)
        drawn.append(_text(x - 7, y + 4, f"{tick:g}", "end", "tick"))
    drawn.append(_text(_LEFT + _PLOT / 2, _TOP + _PLOT + 36, across, "middle"))
    turned = f'transform="rotate(-90 12 {_TOP + _PLOT / 2:.0f})"'
    drawn.append(_text(12, _TOP + _PLOT / 2, up, "middle", "", turned))
    return drawn


def _plot(title: str, drawn: Sequence[str]) -> str:
    return _svg(_LEFT + _PLOT + _RIGHT, _TOP + _PLOT + _BOTTOM, title, drawn)


def _at(x: float, y: float) -> tuple[float, float]:
    return _LEFT + _PLOT * x, _TOP + _PLOT * (1 - y)


def _line(style: str, points: Sequence[tuple[float, float]]) -> str:
    placed = " ".join("{:.1f},{:.1f}".format(*_at(x, y)) for x, y in points)
    return f'<polyline class="{style}" points="{placed}"/>'


def _text(x: float, y: float, text: str, anchor: str, style: str = "", attributes: str = "") -> str:
    styled = f' class="{style}"' if style else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{styled} {attributes}>'
        f"{escape(text)}</text>"
    )


def _svg(width: int, height: int, title: str, drawn: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-label="{escape(title)}">{"".join(drawn)}</svg>'
    )
