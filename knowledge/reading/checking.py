"""Whether guides can be read from where they should lie is checked; none of them is read."""

from collections.abc import Collection, Sequence
from pathlib import Path

from knowledge.checks import Check, Verdict
from knowledge.errors import KnowledgeError
from knowledge.reading.listing import printable_path
from knowledge.reading.reading import read_documents
from knowledge.settings import KnowledgeSettings

_MOST_SKIPPED_SAID = 3


def check_knowledge(
    paths: Sequence[Path], settings: KnowledgeSettings, left_out: Collection[Path] = ()
) -> list[Check]:
    """Check that there are guides under the paths, and say which files are left out."""
    where = ", ".join(printable_path(path) for path in paths)
    try:
        reading = read_documents(paths, settings, left_out=left_out)
    except KnowledgeError as error:
        return [Check(name="guides", verdict=Verdict.BAD, finding=str(error))]
    found = "1 guide" if reading.file_count == 1 else f"{reading.file_count:,} guides"
    checks = [Check(name="guides", verdict=Verdict.GOOD, finding=f"{found} in {where}")]
    if skipped := reading.skipped:
        said = "; ".join(f"{file.path}: {file.reason}" for file in skipped[:_MOST_SKIPPED_SAID])
        more = len(skipped) - _MOST_SKIPPED_SAID
        checks.append(
            Check(
                name="files left out",
                verdict=Verdict.NOTE,
                finding=f"{said}; and {more:,} more" if more > 0 else said,
            )
        )
    return checks
