"""What the process that converts documents gives up before it reads a byte of one.

A document may be made to take over the program that reads it. So that program's process bounds its
memory and its processor time, and where the system lets an ordinary user: opens no sockets, starts
no programs, writes no files, and reads none but those of the Python installation. Each measure is
an effort of its own: where the system has not got one, the others stand. What holds on a system is
tried out by `knowledge.converting.trials`.
"""

import ctypes
import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from knowledge.converting.seccomp import forbid_system_calls

_MAX_OPEN_FILES = 64

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_SIGKILL = 9

# https://docs.kernel.org/userspace-api/landlock.html; the numbers are the same on all processors.
_SYS_LANDLOCK_CREATE_RULESET = 444
_SYS_LANDLOCK_ADD_RULE = 445
_SYS_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_CREATE_RULESET_VERSION = 1
_LANDLOCK_RULE_PATH_BENEATH = 1
_READ_FILE = 1 << 2
_READ_DIRECTORY = 1 << 3
# How many kinds of access to files each version knows; all of them are taken away.
_FILE_ACCESSES_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
_FILE_ACCESSES_OF_LATER_VERSIONS = 16
_ALL_TCP_ACCESSES = 0b11  # binding and connecting, since version 4
_ALL_SCOPES = 0b11  # abstract sockets and signals, since version 6


def confine(*, max_memory_bytes: int, max_processor_seconds: int, parent: int) -> None:
    """Give up, for good, all that converting doesn't need.

    Args:
        max_memory_bytes: Of address space, with what is used already.
        max_processor_seconds: In the whole life of the process.
        parent: The id of the process that this one dies with.
    """
    _limit_resources(max_memory_bytes, max_processor_seconds)
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before it was tied to this process
        os._exit(1)
    with suppress(OSError):  # if the system runs out of memory, this process is the one to end
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        with suppress(OSError):
            _restrict_files_and_network(libc)
        with suppress(OSError):
            forbid_system_calls(libc)


def _limit_resources(max_memory_bytes: int, max_processor_seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {
        "RLIMIT_AS": max_memory_bytes,
        "RLIMIT_CPU": max_processor_seconds,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": _MAX_OPEN_FILES,
        "RLIMIT_CORE": 0,
    }
    if sys.platform != "linux":  # where it counts threads too, so that libraries need it
        limits["RLIMIT_NPROC"] = 0
    for name, limit in limits.items():
        with suppress(OSError, ValueError, AttributeError):
            kind = getattr(resource, name)
            _, hard = resource.getrlimit(kind)
            most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (most, most))


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneathAttributes(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def _restrict_files_and_network(libc: ctypes.CDLL) -> None:
    """Allow reading the installation, and no other access to files, TCP or other processes."""
    version = libc.syscall(_SYS_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_CREATE_RULESET_VERSION)
    if version < 1:
        raise OSError(ctypes.get_errno(), "Landlock is not on this system")
    accesses = _FILE_ACCESSES_BY_VERSION.get(version, _FILE_ACCESSES_OF_LATER_VERSIONS)
    attributes = _RulesetAttributes(
        handled_access_fs=(1 << accesses) - 1,
        handled_access_net=_ALL_TCP_ACCESSES if version >= 4 else 0,
        scoped=_ALL_SCOPES if version >= 6 else 0,
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(
        _SYS_LANDLOCK_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), 0
    )
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "a Landlock ruleset can't be made")
    try:
        for path in set(_paths_of_installation()):
            with suppress(OSError):
                _allow_reading(libc, ruleset, path)
        if libc.syscall(_SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0) != 0:
            raise OSError(ctypes.get_errno(), "Landlock can't be put into force")
    finally:
        os.close(ruleset)


def _allow_reading(libc: ctypes.CDLL, ruleset: int, path: Path) -> None:
    file = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        access = _READ_FILE | (_READ_DIRECTORY if path.is_dir() else 0)
        rule = _PathBeneathAttributes(allowed_access=access, parent_fd=file)
        libc.syscall(
            _SYS_LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_RULE_PATH_BENEATH, ctypes.byref(rule), 0
        )
    finally:
        os.close(file)


def _paths_of_installation() -> Iterator[Path]:
    """Yield where modules and the shared libraries behind them may lie."""
    yield from (Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
    yield from (Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))
    # The folder of a working copy is among these too, and it may hold anything.
    yield from (
        path for path in map(Path, sys.path) if path.name in {"site-packages", "dist-packages"}
    )
    yield Path(__file__).parents[1]
    yield from map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store"))
    yield from map(Path, ("/etc/ld.so.cache", "/usr/share/zoneinfo", "/dev/null", "/dev/urandom"))
    # Wherever else the libraries lie that Python itself was started with.
    with suppress(OSError):
        for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
            path = line.partition("/")[2]
            if ".so" in path:
                yield Path(f"/{path}").parent
