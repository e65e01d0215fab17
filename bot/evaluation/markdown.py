"""An evaluation as Markdown, for a terminal or a commit message."""

from bot.answers.reply_text import clean_text
from bot.evaluation.runs import Evaluation
from bot.evaluation.tables import Table, tables_of


def to_markdown(evaluation: Evaluation) -> str:
    """Return an evaluation as `rolewise evaluate` prints it."""
    heading = f"# {len(evaluation.results)} questions of {clean_text(evaluation.file)}"
    served = (
        f"Snapshot {clean_text(evaluation.snapshot)}, encoder {clean_text(evaluation.encoder)}."
    )
    parts = [heading, served, *(_write_table(table) for table in tables_of(evaluation))]
    return "\n\n".join(parts) + "\n"


def _write_table(table: Table) -> str:
    lines = [table.headers]
    lines += [
        tuple(
            f"**{cell}**" if (number, column) in table.emphasised else cell
            for column, cell in enumerate(row)
        )
        for number, row in enumerate(table.rows)
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    ruler = tuple(
        "-" * width if column == 0 else f"{'-' * (width - 1)}:"
        for column, width in enumerate(widths)
    )
    written = [
        "| "
        + " | ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in (lines[0], ruler, *lines[1:])
    ]
    notes = [clean_text(note) for note in table.notes]
    return "\n\n".join([f"## {table.title}", "\n".join(written), *notes])
