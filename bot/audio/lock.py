"""What the worker gives up before it opens untrusted media, as far as the machine offers it."""

import os
import sys
from dataclasses import dataclass

from bot.audio import kernel, landlock, seccomp

if sys.platform != "win32":
    import resource

MEMORY_BYTES = 900 << 20
_NOBODY = 65_534
_FILTER, _RULES, _LIMITS, _USER = "seccomp", "Landlock", "rlimits", "own user"


@dataclass(frozen=True, slots=True)
class Lock:
    """How well the process is locked.

    Attributes:
        layers: what holds it.
        kept: rights that it could not give up.

    """

    layers: tuple[str, ...]
    kept: tuple[str, ...] = ()


def offered() -> tuple[str, ...]:
    """Name the layers that this machine offers, as far as it tells before they are tried."""
    if sys.platform == "win32":
        return ()
    layers = (
        (_FILTER, seccomp.is_offered()),
        (_RULES, landlock.version() > 0),
        (_LIMITS, True),
        (_USER, os.getuid() == 0),
    )
    return tuple(name for name, is_there in layers if is_there)


def lock_process(*, with_filter: bool = True) -> Lock:
    """Give up new files, sockets, processes and memory; tell what of it this machine grants.

    Everything that is opened lazily must have been used before: later imports fail.

    Args:
        with_filter: whether system calls are filtered, where that is offered.

    """
    if sys.platform == "win32":
        return Lock((), ("all of it: Windows has no resource limits",))
    is_bare = _renounce_privileges()
    has_rules = is_bare and landlock.enter()  # needs a file of its own, so it comes first
    was_root = os.getuid() == 0
    kept = (*_drop_root(), *_set_limits())
    has_filter = with_filter and is_bare and seccomp.enter()  # forbids all that came before
    layers = (
        (_FILTER, has_filter),
        (_RULES, has_rules),
        (_LIMITS, True),
        (_USER, was_root and "root" not in kept),
    )
    return Lock(
        tuple(name for name, is_there in layers if is_there),
        kept if has_filter else ("system calls", *kept),
    )


def _renounce_privileges() -> bool:
    if kernel.machine() is None:
        return False
    try:
        kernel.renounce_privileges()
    except OSError:
        return False
    return True


def _drop_root() -> tuple[str, ...]:
    """Stop being root, on whom a limit of processes has no effect."""
    if os.getuid() != 0:
        return ()
    try:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
    except OSError:
        return ("root",)
    return ()


def _set_limits() -> tuple[str, ...]:
    limits = {
        "memory": (resource.RLIMIT_AS, MEMORY_BYTES),
        "files and sockets": (resource.RLIMIT_NOFILE, 3),
        "file size": (resource.RLIMIT_FSIZE, 0),
        "core dumps": (resource.RLIMIT_CORE, 0),
        "processes": (resource.RLIMIT_NPROC, 0),
    }
    kept = []
    for name, (limit, most) in limits.items():
        try:
            resource.setrlimit(limit, (most, most))
        except (OSError, ValueError):
            kept.append(name)
    return tuple(kept)
