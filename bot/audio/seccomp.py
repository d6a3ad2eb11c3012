"""A filter of system calls: memory, time and the pipes that are open; whoever asks for more dies.

It is a program of classic BPF as the kernel's `linux/filter.h` and `linux/seccomp.h` have it.
"""

import ctypes
import errno
import struct

from bot.audio import kernel

_X86_64 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "mprotect": 10,
    "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
    "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "clone": 56,
    "exit": 60, "gettimeofday": 96, "sigaltstack": 131, "gettid": 186, "futex": 202,
    "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228,
    "clock_nanosleep": 230, "exit_group": 231, "seccomp": 317, "getrandom": 318, "clone3": 435,
}  # fmt: skip
_AARCH64 = {
    "close": 57, "lseek": 62, "read": 63, "write": 64, "fstat": 80, "exit": 93, "exit_group": 94,
    "futex": 98, "nanosleep": 101, "clock_gettime": 113, "clock_nanosleep": 115,
    "sched_getaffinity": 123, "sched_yield": 124, "restart_syscall": 128, "sigaltstack": 132,
    "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "gettimeofday": 169,
    "getpid": 172, "gettid": 178, "brk": 214, "munmap": 215, "mremap": 216, "clone": 220,
    "mmap": 222, "mprotect": 226, "madvise": 233, "seccomp": 277, "getrandom": 278, "clone3": 435,
}  # fmt: skip
NUMBERS = {"x86_64": _X86_64, "aarch64": _AARCH64}
_AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

MEMORY = ("mmap", "mprotect")
"""Allowed as long as the memory is not to be executed."""

THREADS = ("clone", "clone3")
"""Refused as by a full table of processes: FFmpeg asks for threads, and does without."""

ALLOWED = tuple(name for name in _X86_64 if name not in (*MEMORY, *THREADS, "seccomp"))

_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2
_EVERY_THREAD = 1
_KILL_PROCESS, _REFUSE, _ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000
_LOAD, _IS, _HAS, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _THIRD_ARGUMENT_AT = 0, 4, 32
_PROT_EXEC = 4


def is_offered() -> bool:
    """Whether this machine filters system calls, as far as it tells beforehand."""
    numbers = NUMBERS.get(kernel.machine() or "")
    if numbers is None:
        return False
    action = ctypes.create_string_buffer(struct.pack("=I", _KILL_PROCESS), 4)
    try:
        kernel.call(numbers["seccomp"], _GET_ACTION_AVAIL, 0, action)
    except OSError:
        return False
    return True


def enter() -> bool:
    """Put the process, all its threads included, behind the filter for good; False when it is not.

    Privileges must have been renounced.
    """
    machine = kernel.machine() or ""
    if machine not in NUMBERS:
        return False
    code = ctypes.create_string_buffer(program(machine))
    head = struct.pack("@HP", len(code) // 8, ctypes.addressof(code))
    try:
        # The kernel answers with the thread that could not be put behind it, or 0.
        return not kernel.call(
            NUMBERS[machine]["seccomp"],
            _SET_MODE_FILTER,
            _EVERY_THREAD,
            ctypes.create_string_buffer(head, len(head)),
        )
    except OSError:
        return False


def program(machine: str) -> bytes:
    """Write the filter for a processor."""
    numbers = NUMBERS[machine]
    steps = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_IS, _AUDIT_ARCHITECTURES[machine], then=1),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _NUMBER_AT),
    ]
    for name in ALLOWED:
        steps += _when(numbers[name], _step(_RETURN, _ALLOW))
    for name in THREADS:
        steps += _when(numbers[name], _step(_RETURN, _REFUSE | errno.EAGAIN))
    for name in MEMORY:
        steps += _when(
            numbers[name],
            _step(_LOAD, _THIRD_ARGUMENT_AT),
            _step(_HAS, _PROT_EXEC, otherwise=1),
            _step(_RETURN, _REFUSE | errno.EPERM),
            _step(_RETURN, _ALLOW),
        )
    return b"".join((*steps, _step(_RETURN, _KILL_PROCESS)))


def _when(number: int, *steps: bytes) -> tuple[bytes, ...]:
    return (_step(_IS, number, otherwise=len(steps)), *steps)


def _step(code: int, operand: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction; `then` and `otherwise` are how many to skip."""
    return struct.pack("=HBBI", code, then, otherwise, operand)
