"""The cores that this process may really use."""

import math
import os
from pathlib import Path, PurePosixPath


def count_cores(root: Path = Path("/")) -> int:
    """Return the cores that the scheduler gives this process, at least one.

    In a container, and on a server that is rented by parts of a core, control groups give less
    than there is. A thread too many does harm: all are halted together when the share is spent.
    OMP_NUM_THREADS may ask for fewer.

    Args:
        root: Where /proc and /sys are.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    limits = [int(wanted)] if wanted.isdecimal() and int(wanted) else []
    return max(1, math.floor(min([cores, *limits, *_shares(root)])))


def _shares(root: Path) -> list[float]:
    """Return the limits that hold for this process, in cores; those of groups above it count too.

    Source: Linux, Documentation/admin-guide/cgroup-v2.rst (cpu.max) and
    Documentation/scheduler/sched-bwc.rst (cpu.cfs_quota_us).
    """
    shares = []
    for group in _groups(root):
        try:
            if (group / "cpu.max").is_file():
                quota, period = (group / "cpu.max").read_text(encoding="ascii").split()
            else:
                quota = (group / "cpu.cfs_quota_us").read_text(encoding="ascii")
                period = (group / "cpu.cfs_period_us").read_text(encoding="ascii")
            share = int(quota) / int(period)
        except (OSError, ValueError, ZeroDivisionError):
            continue  # "max" and no file at all both mean that there is no limit.
        if share > 0:
            shares.append(share)
    return shares


def _groups(root: Path) -> list[Path]:
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
    groups = []
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, name = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        mounts = [controllers, "cpu"] if controllers else ["", "unified"]
        inside = PurePosixPath(name.lstrip("/"))
        # A container may see its own group as the mount itself, under the name it has outside.
        for mount in mounts:
            folder = root / "sys/fs/cgroup" / mount
            groups += [folder / part for part in (inside, *inside.parents)]
    return groups
