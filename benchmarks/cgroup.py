"""A limit on memory, where this user may set one: a control group of its own."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_ROOTS = (
    (Path("/sys/fs/cgroup"), "memory.max"),
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
)


@contextlib.contextmanager
def limiting_memory(limit_bytes: int) -> Iterator[list[str] | None]:
    """Give what a command is begun with to run within a limit; none where it can't be set.

    The limit counts file pages too, as a small server has no others.
    """
    for root, name in _ROOTS:
        group = root / f"rolewise-{os.getpid()}"
        if not (root / "cgroup.procs").exists():
            continue
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / name).write_text(str(limit_bytes), encoding="ascii")
        except OSError:
            group.rmdir()
            continue
        try:
            yield ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]
        finally:
            group.rmdir()
        return
    yield None
