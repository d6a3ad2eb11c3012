"""Linux's system calls for which Python has no name, by ctypes.

The packages that offer them are a binding that needs a system library (pyseccomp) and a
pre-release (landlock); the calls and their few constants have been stable since they came.
"""

import ctypes
import os
import platform
import sys
from ctypes import c_int, c_long, c_ulong, c_void_p
from functools import cache

_PR_SET_NO_NEW_PRIVS = 38


def machine() -> str | None:
    """Name the processor whose system calls we know; None elsewhere than on 64 bit Linux."""
    is_known = sys.platform == "linux" and sys.maxsize > 1 << 32 and sys.byteorder == "little"
    return platform.machine() if is_known else None


def call(number: int, *arguments: int | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call; None stands for no pointer.

    Raises:
        OSError: the kernel, or what guards it, refuses.

    """
    given = [
        c_long(each) if isinstance(each, int) else c_void_p(_address(each)) for each in arguments
    ]
    ctypes.set_errno(0)
    result = int(_libc().syscall(c_long(number), *given))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def renounce_privileges() -> None:
    """Let no program that is started gain rights: what filters and rules of one's own demand.

    Raises:
        OSError: the kernel refuses.

    """
    no_more = (c_int(_PR_SET_NO_NEW_PRIVS), c_ulong(1), c_ulong(0), c_ulong(0), c_ulong(0))
    if _libc().prctl(*no_more):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _address(buffer: ctypes.Array[ctypes.c_char] | None) -> int | None:
    return None if buffer is None else ctypes.addressof(buffer)


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = c_long
    return libc
