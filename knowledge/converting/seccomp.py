"""System calls that a process forbids itself, through a filter that Linux keeps to.

The filter is a program of the kernel's own small language (BPF): each instruction has a code, two
distances to jump and a value. It looks at the number of the call and at its first argument.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Sequence

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_KILL_PROCESS = 0x80000000
_FAIL = 0x00050000
_FAIL_WITH_PERMISSION = _FAIL | errno.EPERM
_FAIL_AS_UNKNOWN = _FAIL | errno.ENOSYS

_LOAD = 0x20
_JUMP_IF_EQUAL = 0x15
_JUMP_IF_AT_LEAST = 0x35
_JUMP_IF_ANY_BIT = 0x45
_RETURN = 0x06

_OFFSET_OF_NUMBER = 0
_OFFSET_OF_PROCESSOR = 4
_OFFSET_OF_FIRST_ARGUMENT = 16  # its lower half: both processors are little-endian
_FIRST_NUMBER_OF_X32 = 0x40000000
_CLONE_THREAD = 0x00010000

# The kernel's name of each processor, and the numbers of the calls there.
_PROCESSORS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_FORBIDDEN = {
    # To speak to anyone: without a socket there is nothing to connect.
    "socket": {"x86_64": 41, "aarch64": 198},
    "io_uring_setup": {"x86_64": 425, "aarch64": 425},
    # To start programs and processes.
    "execve": {"x86_64": 59, "aarch64": 221},
    "execveat": {"x86_64": 322, "aarch64": 281},
    "fork": {"x86_64": 57},
    "vfork": {"x86_64": 58},
    # To reach into other processes of the same user.
    "ptrace": {"x86_64": 101, "aarch64": 117},
    "process_vm_readv": {"x86_64": 310, "aarch64": 270},
    "process_vm_writev": {"x86_64": 311, "aarch64": 271},
    "pidfd_open": {"x86_64": 434, "aarch64": 434},
    "pidfd_getfd": {"x86_64": 438, "aarch64": 438},
    "pidfd_send_signal": {"x86_64": 424, "aarch64": 424},
    "kill": {"x86_64": 62, "aarch64": 129},
    "tkill": {"x86_64": 200, "aarch64": 130},
    "tgkill": {"x86_64": 234, "aarch64": 131},
    "rt_sigqueueinfo": {"x86_64": 129, "aarch64": 138},
    "rt_tgsigqueueinfo": {"x86_64": 297, "aarch64": 240},
    # To look for faults of the kernel where programs rarely go.
    "unshare": {"x86_64": 272, "aarch64": 97},
    "setns": {"x86_64": 308, "aarch64": 268},
    "mount": {"x86_64": 165, "aarch64": 40},
    "bpf": {"x86_64": 321, "aarch64": 280},
    "userfaultfd": {"x86_64": 323, "aarch64": 282},
    "perf_event_open": {"x86_64": 298, "aarch64": 241},
    "add_key": {"x86_64": 248, "aarch64": 217},
    "request_key": {"x86_64": 249, "aarch64": 218},
    "keyctl": {"x86_64": 250, "aarch64": 219},
}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_PRLIMIT = {"x86_64": 302, "aarch64": 261}

_Instruction = tuple[int, int, int, int]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def forbid_system_calls(libc: ctypes.CDLL) -> None:
    """Forbid this process sockets, programs and reaching into others; threads are allowed.

    Privileges must have been given up before (PR_SET_NO_NEW_PRIVS).

    Raises:
        OSError: the processor is not known here, or the system has no such filters.
    """
    processor = os.uname().machine
    if processor not in _PROCESSORS or sys.maxsize <= 2**32:
        raise OSError(errno.ENOSYS, f"the system calls of {processor} are not known")
    instructions = _filter(processor)
    packed = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    buffer = ctypes.create_string_buffer(packed, len(packed))
    program = _Program(len(instructions), ctypes.addressof(buffer))
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls is not taken")


def _filter(processor: str) -> Sequence[_Instruction]:
    instructions: list[_Instruction] = [
        (_LOAD, 0, 0, _OFFSET_OF_PROCESSOR),
        (_JUMP_IF_EQUAL, 1, 0, _PROCESSORS[processor]),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _OFFSET_OF_NUMBER),
        (_JUMP_IF_AT_LEAST, 0, 1, _FIRST_NUMBER_OF_X32),
        (_RETURN, 0, 0, _FAIL_WITH_PERMISSION),
        # The C library falls back to clone, whose flags can be seen here.
        *_returning_if(_CLONE3, _FAIL_AS_UNKNOWN),
    ]
    for numbers in _FORBIDDEN.values():
        if processor in numbers:
            instructions += _returning_if(numbers[processor], _FAIL_WITH_PERMISSION)
    return [
        *instructions,
        # A new thread, but no new process.
        (_JUMP_IF_EQUAL, 0, 4, _CLONE[processor]),
        (_LOAD, 0, 0, _OFFSET_OF_FIRST_ARGUMENT),
        (_JUMP_IF_ANY_BIT, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FAIL_WITH_PERMISSION),
        # The limits of this process, but of no other.
        (_JUMP_IF_EQUAL, 0, 3, _PRLIMIT[processor]),
        (_LOAD, 0, 0, _OFFSET_OF_FIRST_ARGUMENT),
        (_JUMP_IF_EQUAL, 1, 0, 0),
        (_RETURN, 0, 0, _FAIL_WITH_PERMISSION),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _returning_if(number: int, result: int) -> Sequence[_Instruction]:
    return [(_JUMP_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, result)]
